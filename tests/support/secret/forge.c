/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge.c: `secret forge DEVICE FILE KIND COUNT [VSID]`: an attacker's frames,
 * each with FILE's secret, so that a sniffer knows them. From a red VM (MACs
 * and addresses are the lab's):
 *     mac      from another's MAC              ca    from another's address
 *     arp      an ARP reply for another        tag   with an 802.1Q tag
 *     nvgre    own NVGRE to the other host, for VSID
 * From a box on the wire:
 *     wire-unknown    NVGRE from a PA that policy doesn't know
 *     wire-mismatch   from host B's PA, for a VM of a third host
 *     wire-local      from host B's PA, as if from a VM of host A
 *     wire-vsid       for a VSID that nobody has
 *     wire-tag        with a tag inside
 *     wire-plain      the tenant's frame, bare
 *     wire-short      a GRE header cut short
 * Prints frames=N.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "secret.h"

#define PA_A	    "192.0.2.1"
#define PA_B	    "192.0.2.2"
#define PA_STRANGER "192.0.2.66"

static const uint8_t mac5[6] = {2, 0, 0, 0, 0, 5};
static const uint8_t mac6[6] = {2, 0, 0, 0, 0, 6};
static const uint8_t mac7[6] = {2, 0, 0, 0, 0, 7};
static const uint8_t mac8[6] = {2, 0, 0, 0, 0, 8};
static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t box[6] = {2, 0xbb, 0, 0, 0, 1};

struct forger {
	const struct secret *secret;
	uint8_t own[6];
	uint32_t own_ip, vsid;
};

static uint32_t ca(int host)
{
	return htonl(0x0a000000u + (uint32_t)host);
}

static void from(struct frame *frame, const struct forger *f,
		 const uint8_t *mac, uint32_t address, uint16_t vlan)
{
	frame_udp4(frame, &(struct frame_ends){mac, mac6, address, ca(6), vlan},
		   f->secret);
}

static void from_vm(struct frame *frame, const struct forger *f,
		    const char *kind)
{
	struct frame inner;

	if (!strcmp(kind, "mac")) {
		from(frame, f, mac7, ca(7), 0);
	} else if (!strcmp(kind, "ca")) {
		from(frame, f, f->own, ca(7), 0);
	} else if (!strcmp(kind, "tag")) {
		from(frame, f, f->own, f->own_ip, 100);
	} else if (!strcmp(kind, "arp")) {
		frame_arp(frame, f->own, ca(7), ca(6), f->secret);
		frame->bytes[14 + 7] = 2; /* a reply */
	} else if (!strcmp(kind, "nvgre")) {
		from(&inner, f, mac5, ca(5), 0);
		memcpy(inner.bytes, mac7, 6);
		frame_nvgre(frame,
			    &(struct frame_ends){f->own, all, inet_addr(PA_A),
						 inet_addr(PA_B), 0},
			    f->vsid, &inner);
	} else {
		errx(2, "%s: no such attack", kind);
	}
}

static void from_wire(struct frame *frame, const struct forger *f,
		      const char *kind)
{
	struct frame_ends outer = {box, all, inet_addr(PA_B), inet_addr(PA_A),
				   0};
	uint32_t vsid = f->vsid;
	struct frame inner;

	/* as if 10.0.0.7 of host B spoke to 10.0.0.6 of host A */
	from(&inner, f, mac7, ca(7), 0);
	if (!strcmp(kind, "wire-plain")) {
		*frame = inner;
		return;
	}
	if (!strcmp(kind, "wire-unknown"))
		outer.source = inet_addr(PA_STRANGER);
	else if (!strcmp(kind, "wire-mismatch"))
		from(&inner, f, mac8, ca(8), 0);
	else if (!strcmp(kind, "wire-local"))
		from(&inner, f, mac5, ca(5), 0);
	else if (!strcmp(kind, "wire-vsid"))
		vsid = 7777;
	else if (!strcmp(kind, "wire-tag"))
		from(&inner, f, mac7, ca(7), 100);
	else if (strcmp(kind, "wire-short") != 0)
		errx(2, "%s: no such attack", kind);
	frame_nvgre(frame, &outer, vsid, &inner);
	if (!strcmp(kind, "wire-short")) {
		frame->bytes[16] = 0; /* total length: IP and half a GRE */
		frame->bytes[17] = 24;
		frame->bytes[24] = frame->bytes[25] = 0;
		frame->size = 14 + 24;
	}
}

/* The outer header checksum of a frame that was changed by hand. */
static void mend(struct frame *frame)
{
	uint32_t sum = 0;

	if (frame->bytes[23] != 47 || frame->bytes[24] || frame->bytes[25])
		return;
	for (int i = 14; i < 34; i += 2)
		sum += (uint32_t)frame->bytes[i] << 8 | frame->bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame->bytes[24] = (uint8_t)(~sum >> 8);
	frame->bytes[25] = (uint8_t)~sum;
}

int forge_main(int argc, char **argv)
{
	struct secret secret;
	struct forger forger = {.secret = &secret};
	struct frame frame;
	unsigned long sent = 0;
	int fd;

	if (argc < 5)
		errx(2, "usage: secret forge DEVICE FILE KIND COUNT [VSID]");
	secret = secret_read(argv[2]);
	fd = packet_open(argv[1]);
	device_mac(argv[1], forger.own);
	forger.own_ip = device_ip4(argv[1]);
	forger.vsid = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 0;
	if (!strncmp(argv[3], "wire-", 5))
		from_wire(&frame, &forger, argv[3]);
	else
		from_vm(&frame, &forger, argv[3]);
	mend(&frame);
	for (long i = 0; i < atol(argv[4]); i++) {
		if (send(fd, frame.bytes, frame.size, 0) > 0)
			sent++;
		if (i % 32 == 31)
			usleep(500);
	}
	printf("frames=%lu\n", sent);
	return 0;
}
