/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.c: see frame.h. On purpose without the product's code: what checks it
 * must not share its mistakes.
 */
#include "frame.h"

#include <arpa/inet.h>
#include <string.h>

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static uint32_t add(uint32_t sum, const uint8_t *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t finish(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint8_t *put_ethernet(struct frame *frame, const struct frame_ends *ends,
			     uint16_t type)
{
	uint8_t *p = frame->bytes;

	memset(frame, 0, sizeof(*frame));
	memcpy(p, ends->target_mac, 6);
	memcpy(p + 6, ends->source_mac, 6);
	p += 12;
	if (ends->vlan) {
		put16(p, 0x8100);
		put16(p + 2, ends->vlan);
		p += 4;
	}
	put16(p, type);
	return p + 2;
}

static void put_ipv4(uint8_t *ip, const struct frame_ends *ends,
		     uint8_t protocol, uint32_t payload)
{
	ip[0] = 0x45;
	put16(ip + 2, 20 + payload);
	ip[8] = 64;
	ip[9] = protocol;
	memcpy(ip + 12, &ends->source, 4);
	memcpy(ip + 16, &ends->target, 4);
	put16(ip + 10, finish(add(0, ip, 20)));
}

void frame_udp4(struct frame *frame, const struct frame_ends *ends,
		const struct secret *secret)
{
	uint8_t *ip = put_ethernet(frame, ends, 0x0800), *udp = ip + 20;
	const uint32_t payload = 2 * SECRET_SIZE;

	put16(udp, 40000);
	put16(udp + 2, 9);
	put16(udp + 4, 8 + payload);
	secret_fill(secret, (char *)udp + 8, payload);
	put_ipv4(ip, ends, 17, 8 + payload);
	frame->size = (uint32_t)(udp + 8 + payload - frame->bytes);
}

void frame_arp(struct frame *frame, const uint8_t mac[6], uint32_t source,
	       uint32_t target, const struct secret *secret)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};
	uint8_t *arp = put_ethernet(
		frame,
		&(struct frame_ends){.source_mac = mac, .target_mac = all},
		0x0806);

	memcpy(arp, head, 8);
	memcpy(arp + 8, mac, 6);
	memcpy(arp + 14, &source, 4);
	memcpy(arp + 24, &target, 4);
	secret_fill(secret, (char *)arp + 28, SECRET_SIZE);
	frame->size = (uint32_t)(arp + 28 + SECRET_SIZE - frame->bytes);
}

void frame_solicit(struct frame *frame, const uint8_t mac[6], uint32_t turn,
		   const struct secret *secret)
{
	uint8_t group[6] = {0x33, 0x33, 0xff, 0, 0, (uint8_t)(turn % 8 + 9)};
	uint8_t *ip = put_ethernet(
		frame,
		&(struct frame_ends){.source_mac = mac, .target_mac = group},
		0x86dd);
	uint8_t *nd = ip + 40, pseudo[8] = {[3] = 72, [7] = 58};
	const uint32_t size = 24 + 8 + 40; /* options: source, unknown */

	ip[0] = 0x60;
	put16(ip + 4, size);
	ip[6] = 58;
	ip[7] = 255;
	ip[8] = 0xfe;
	ip[9] = 0x80;
	memcpy(ip + 16, mac, 3);
	ip[16] ^= 2;
	ip[19] = 0xff;
	ip[20] = 0xfe;
	memcpy(ip + 21, mac + 3, 3);
	memcpy(ip + 24, "\xff\x02", 2);
	ip[35] = 1;
	ip[36] = 0xff;
	ip[39] = group[5];
	nd[0] = 135;
	memcpy(nd + 8, ip + 8, 8); /* fe80:: and the group's last bytes */
	nd[23] = group[5];
	nd[24] = 1;
	nd[25] = 1;
	memcpy(nd + 26, mac, 6);
	nd[32] = 253; /* an option of no known type, 40 bytes */
	nd[33] = 5;
	secret_fill(secret, (char *)nd + 34, SECRET_SIZE);
	put16(nd + 2,
	      finish(add(add(add(0, ip + 8, 32), pseudo, 8), nd, size)));
	frame->size = (uint32_t)(nd + size - frame->bytes);
}

void frame_nvgre(struct frame *frame, const struct frame_ends *outer,
		 uint32_t vsid, const struct frame *inner)
{
	uint8_t *ip = put_ethernet(frame, outer, 0x0800), *gre = ip + 20;

	put16(gre, 0x2000);
	put16(gre + 2, 0x6558);
	put16(gre + 4, vsid >> 8);
	put16(gre + 6, (vsid & 0xff) << 8);
	memcpy(gre + 8, inner->bytes, inner->size);
	put_ipv4(ip, outer, 47, 8 + inner->size);
	frame->size = (uint32_t)(gre + 8 + inner->size - frame->bytes);
}
