/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noise.c: `secret noise DEVICE FILE ADDRESS SECONDS FRAMES`: what a VM says
 * beside talking, with the secret in every payload: broadcast and multicast
 * UDP, unknown unicast, ARP requests with a trailer, neighbour solicitations
 * with an option of an unknown type, and UDP to ADDRESS: FRAMES frames, spread
 * evenly over SECONDS so that they fill no queue. Prints frames=N.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "secret.h"

struct noise {
	int raw, udp;
	uint8_t mac[6];
	uint32_t ip;
	struct secret secret;
	unsigned long sent;
};

static void send_raw(struct noise *noise, const struct frame *frame)
{
	if (send(noise->raw, frame->bytes, frame->size, 0) > 0)
		noise->sent++;
}

static void say_ip(struct noise *noise, const uint8_t *target, uint32_t address)
{
	struct frame frame;

	frame_udp4(&frame,
		   &(struct frame_ends){
			   .source_mac = noise->mac,
			   .target_mac = target,
			   .source = noise->ip,
			   .target = address,
		   },
		   &noise->secret);
	send_raw(noise, &frame);
}

/* One of each kind; `turn` varies the unknown address. */
static void say_all(struct noise *noise, uint32_t turn)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	static const uint8_t group[6] = {1, 0, 0x5e, 1, 2, 3};
	uint8_t nobody[6] = {
		2, 0xee, 0, 0, (uint8_t)(turn >> 8), (uint8_t)turn};
	struct frame frame;

	say_ip(noise, all, 0xffffffff);
	say_ip(noise, group, inet_addr("239.1.2.3"));
	say_ip(noise, nobody, noise->ip ^ htonl(0x40));
	frame_arp(&frame, noise->mac, noise->ip,
		  noise->ip ^ htonl(0x10 + turn % 8), &noise->secret);
	send_raw(noise, &frame);
	frame_solicit(&frame, noise->mac, turn, &noise->secret);
	send_raw(noise, &frame);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int open_udp(const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(2, "%s", address);
	return fd;
}

/* Sixteen datagrams; every eighth time one of each kind first. */
static void say_some(struct noise *noise, uint32_t turn)
{
	char payload[256];

	secret_fill(&noise->secret, payload, sizeof(payload));
	if (turn % 8 == 0)
		say_all(noise, turn / 8);
	for (int i = 0; i < 16; i++)
		if (send(noise->udp, payload, sizeof(payload), MSG_DONTWAIT) >
		    0)
			noise->sent++;
}

int noise_main(int argc, char **argv)
{
	struct noise noise = {0};
	double start, length, frames, passed = 0;
	uint32_t turn = 0;

	if (argc != 6)
		errx(2, "usage: secret noise DEVICE FILE ADDRESS SECONDS "
			"FRAMES");
	noise.raw = packet_open(argv[1]);
	noise.secret = secret_read(argv[2]);
	noise.udp = open_udp(argv[3]);
	device_mac(argv[1], noise.mac);
	noise.ip = device_ip4(argv[1]);
	length = atof(argv[4]);
	frames = atof(argv[5]);
	start = seconds();
	while (passed < length && (double)noise.sent < frames) {
		if ((double)noise.sent <= frames * passed / length)
			say_some(&noise, turn++);
		else
			usleep(300);
		passed = seconds() - start;
	}
	printf("frames=%lu\n", noise.sent);
	return 0;
}
