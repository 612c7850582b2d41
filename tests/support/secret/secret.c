/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.c: the tool's main and what its parts share; see secret.h.
 */
#include "secret.h"

#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>

struct secret secret_read(const char *file)
{
	struct secret secret;
	FILE *stream = fopen(file, "r");

	if (!stream ||
	    fread(secret.digits, 1, SECRET_SIZE, stream) != SECRET_SIZE)
		errx(2, "%s: not a secret of %u digits", file, SECRET_SIZE);
	fclose(stream);
	for (unsigned int i = 0; i < sizeof(secret.bytes); i++) {
		char pair[3] = {secret.digits[2 * i], secret.digits[2 * i + 1],
				0};

		secret.bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return secret;
}

void secret_fill(const struct secret *secret, char *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		bytes[i] = secret->digits[i % SECRET_SIZE];
}

bool secret_holds(const struct secret *secret, const char *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (bytes[i] != secret->digits[i % SECRET_SIZE])
			return false;
	return size >= SECRET_SIZE;
}

bool secret_within(const struct secret *secret, const uint8_t *bytes,
		   size_t size)
{
	return memmem(bytes, size, secret->digits, SECRET_SIZE) ||
	       memmem(bytes, size, secret->bytes, sizeof(secret->bytes));
}

int packet_open(const char *device)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(device),
	};
	int size = 64 << 20;

	if (fd < 0)
		err(2, "packet socket");
	if (!where.sll_ifindex)
		err(2, "%s", device);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&where, sizeof(where)))
		err(2, "bind to %s", device);
	return fd;
}

static void ask_device(const char *device, unsigned long what,
		       struct ifreq *answer)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memset(answer, 0, sizeof(*answer));
	snprintf(answer->ifr_name, sizeof(answer->ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, what, answer))
		memset(&answer->ifr_addr, 0, sizeof(answer->ifr_addr));
	if (fd >= 0)
		close(fd);
}

void device_mac(const char *device, uint8_t mac[6])
{
	struct ifreq answer;

	ask_device(device, SIOCGIFHWADDR, &answer);
	memcpy(mac, answer.ifr_hwaddr.sa_data, 6);
}

uint32_t device_ip4(const char *device)
{
	struct sockaddr_in address;
	struct ifreq answer;

	ask_device(device, SIOCGIFADDR, &answer);
	memcpy(&address, &answer.ifr_addr, sizeof(address));
	return address.sin_addr.s_addr;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} parts[] = {
		{"serve", serve_main}, {"talk", talk_main},
		{"noise", noise_main}, {"sniff", sniff_main},
		{"forge", forge_main},
	};

	for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(parts[0]);
	     i++)
		if (!strcmp(argv[1], parts[i].name))
			return parts[i].run(argc - 1, argv + 1);
	errx(2, "usage: secret serve|talk|noise|sniff|forge ...");
}
