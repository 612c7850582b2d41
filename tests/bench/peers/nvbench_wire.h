/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvbench_wire.h: whole UDP frames for nvbench to write past the IP stack,
 * for more than that can send, or into a pcap file.
 */
#ifndef NVBENCH_WIRE_H
#define NVBENCH_WIRE_H

#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>

#define PORT0 20000

/* What UDP hands eth0: its checksum is the device's to finish. */
struct wire_head {
	struct virtio_net_hdr vnet;
	struct ether_header ether;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

/* wire_open - bind the raw packet socket to its namespace's eth0, past the
 * queueing discipline. Exits with a message if it can't. */
void wire_open(int fd);
/* wire_head - the headers of frames with `size` bytes of data, from that eth0
 * to `ip`, a neighbour that is known there. Exits with a message if not. */
void wire_head(struct wire_head *head, int fd, const char *ip, uint16_t size);
/* wire_number - the next n frames' identifications, one up each. */
void wire_number(struct wire_head head[], unsigned n, uint16_t *id);
/* wire_pcap - `flows` frames of `len` bytes into the file `out`, one per flow,
 * in NVGRE with a VSID that is not 0; `reverse` swaps the ends. 0, or 1 with a
 * message. */
int wire_pcap(const char *out, int flows, int len, int vsid, int reverse);

#endif
