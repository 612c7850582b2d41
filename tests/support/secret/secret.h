/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h: the lab's tool: a tenant's secret in every payload, and sniffers
 * that look for the other tenant's.
 *
 * A secret is 32 hexadecimal digits in a file. serve.c hands it out, talk.c
 * asks for it and makes noise with it, sniff.c looks for it, forge.c attacks.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_SIZE	 32u
#define SECRET_TCP_PORT	 7000
#define SECRET_UDP_PORT	 7001
#define SECRET_FROM_PORT 7002 /* of those who ask over UDP */
#define SECRET_BLOCK	 (64u * 1024)

struct secret {
	char digits[SECRET_SIZE];
	uint8_t bytes[SECRET_SIZE / 2]; /* the same as ping -p sends it */
};

/* secret_read - from a file; exits with a message if it is not one. */
struct secret secret_read(const char *file);
/* secret_fill - `size` bytes of the secret over and over. */
void secret_fill(const struct secret *secret, char *bytes, uint32_t size);
/* secret_holds - are these `size` bytes the secret over and over? */
bool secret_holds(const struct secret *secret, const char *bytes,
		  uint32_t size);

/* secret_within - is it anywhere in these bytes, in either form? */
bool secret_within(const struct secret *secret, const uint8_t *bytes,
		   size_t size);

/* packet_open - a packet socket on a device, every protocol. */
int packet_open(const char *device);
/* device_mac, device_ip4 - of a device in this namespace. */
void device_mac(const char *device, uint8_t mac[6]);
uint32_t device_ip4(const char *device); /* network order; 0 = none */

int serve_main(int argc, char **argv);
int talk_main(int argc, char **argv);
int noise_main(int argc, char **argv);
int sniff_main(int argc, char **argv);
int forge_main(int argc, char **argv);

#endif
