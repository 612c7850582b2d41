/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h: what the trust tests share: one fabric, what was seen on its
 * ports, hostile frames built from good ones.
 *
 * A customer frame is UDP with the tenant's VSID as its payload, so that a
 * frame on a port tells whose it is.
 */
#ifndef TESTS_SUPPORT_TRUST_H
#define TESTS_SUPPORT_TRUST_H

#include "tests/support/fabric.h"
#include "tests/support/fabric_lab.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

#define TRUST_LEAD 42u
#define TRUST_MARK 42u /* offset of the tenant's number in trust_udp */

static struct fabric *trust;
static struct {
	uint32_t ports, uplinks; /* frames that left */
	struct fabric_seen last; /* on a port; bytes below */
	uint8_t bytes[2048];
	struct fabric_seen last_uplink;
	uint8_t uplink_bytes[2048];
} trust_seen;

static inline void trust_look(struct fabric *fabric,
			      const struct fabric_seen *seen)
{
	uint32_t size = seen->size < 2048 ? seen->size : 2048;

	(void)fabric;
	if (seen->uplink) {
		trust_seen.uplinks++;
		trust_seen.last_uplink = *seen;
		memcpy(trust_seen.uplink_bytes, seen->bytes, size);
		return;
	}
	trust_seen.ports++;
	trust_seen.last = *seen;
	memcpy(trust_seen.bytes, seen->bytes, size);
}

/* `more`: what host a's tenant ports say besides. */
static inline void trust_open(const char *more)
{
	const struct lab_variant variant = {"5001", "6001", more, false};
	struct lab_text text;

	trust = fabric_open(lab_document(&text, &variant), 1);
	trust->seen = trust_look;
	memset(&trust_seen, 0, sizeof(trust_seen));
}

static inline void trust_close(void)
{
	fabric_check(trust);
	fabric_close(trust);
}

/* -- frames -- */

/* A finished UDP frame of 60 bytes between two VMs of a tenant. */
static inline struct frames trust_udp(uint8_t *buffer, uint8_t from, uint8_t to,
				      uint32_t vsid)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);

	buffer[5] = to;
	buffer[11] = from;
	frames_ipv4(&frame, VS_IP_UDP);
	buffer[29] = from;
	buffer[33] = to;
	frames_udp(&frame);
	vs_store32(buffer + frame.size, vsid);
	memset(buffer + frame.size + 4, 0x5a, 14);
	frame.size += 18;
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

/* An ARP packet to everybody (`to` 0xff) or to a VM. */
static inline struct frames trust_arp(uint8_t *buffer, uint16_t operation,
				      uint8_t from, uint8_t to, uint8_t target)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_ARP);

	memset(buffer + 14, 0, 46);
	if (to == 0xff)
		memset(buffer, 0xff, 6);
	buffer[5] = to;
	buffer[11] = from;
	memcpy(buffer + 14, head, sizeof(head));
	vs_store16(buffer + 20, operation);
	memcpy(buffer + 22, buffer + 6, 6);
	vs_store32(buffer + 28, 0x0a000000u + from);
	vs_store32(buffer + 38, 0x0a000000u + target);
	frame.size = 60;
	return frame;
}

/* An advertisement for fd00::`target` from fd00::`from`. */
static inline struct frames trust_advert(uint8_t *buffer, uint8_t from,
					 uint8_t to, uint8_t target)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	uint8_t *ip = buffer + 14, *nd = ip + 40;
	uint64_t sum;

	buffer[5] = to;
	buffer[11] = from;
	frames_ipv6(&frame, VS_IP_ICMP6);
	memset(ip + 8, 0, 64);
	ip[7] = 255;
	ip[8] = ip[24] = nd[8] = 0xfd;
	ip[23] = from;
	ip[39] = to;
	nd[0] = VS_ND_ADVERT;
	nd[23] = target;
	nd[24] = 2;
	nd[25] = 1;
	memcpy(nd + 26, buffer + 6, 6);
	frame.size += 32;
	frames_finish_ip(&frame);
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, 32);
	vs_store16(nd + 2, vs_checksum(vs_sum(sum, nd, 32)));
	return frame;
}

static inline void trust_outer_sum(uint8_t *bytes)
{
	uint8_t *ip = bytes + 14;

	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, (ip[0] & 15u) * 4)));
}

/* NVGRE from host b (192.0.2.2) to host a, around a frame. Written by hand:
 * not by what is tested. */
static inline uint32_t trust_wrap(uint8_t *bytes, const struct frames *inner,
				  uint32_t vsid)
{
	static const uint8_t head[] = {0x45, 0,	 0, 0, 0,    7, 0x40, 0,
				       128,  47, 0, 0, 192,  0, 2,    2,
				       192,  0,	 2, 1, 0x20, 0, 0x65, 0x58};

	memcpy(bytes, trust->host[0].info[0].mac.octet, 6);
	memcpy(bytes + 6, trust->host[1].info[0].mac.octet, 6);
	vs_store16(bytes + 12, VS_TYPE_IPV4);
	memcpy(bytes + 14, head, sizeof(head));
	vs_store16(bytes + 16, (uint16_t)(28 + inner->size));
	vs_store32(bytes + 38, vsid << 8);
	memcpy(bytes + TRUST_LEAD, inner->bytes, inner->size);
	trust_outer_sum(bytes);
	return TRUST_LEAD + inner->size;
}

/* -- one frame in, what came of it -- */

struct trust_books {
	uint32_t ports, uplinks;
	uint64_t drops[FABRIC_HOSTS], named;
};

static inline struct trust_books trust_count(unsigned int host,
					     const char *reason)
{
	return (struct trust_books){
		.ports = trust_seen.ports,
		.uplinks = trust_seen.uplinks,
		.drops = {fabric_dropped(trust, 0, FABRIC_ANY, NULL),
			  fabric_dropped(trust, 1, FABRIC_ANY, NULL)},
		.named = fabric_dropped(trust, host, FABRIC_ANY, reason),
	};
}

/* The frame is dropped at `host` by this name, once; nothing leaves any port
 * or uplink, nothing else is dropped anywhere; the books balance. */
static inline void trust_walk_refused(unsigned int host, uint16_t port,
				      struct vs_packet *packet,
				      const char *reason)
{
	struct trust_books before = trust_count(host, reason), after;

	fabric_walk(trust, host, port, packet);
	after = trust_count(host, reason);
	ck_assert_msg(after.named == before.named + 1, "not dropped as %s",
		      reason);
	ck_assert_uint_eq(after.drops[host], before.drops[host] + 1);
	ck_assert_uint_eq(after.drops[1 - host], before.drops[1 - host]);
	ck_assert_uint_eq(after.ports, before.ports);
	ck_assert_uint_eq(after.uplinks, before.uplinks);
	fabric_check(trust);
}

static inline void trust_refused(unsigned int host, uint16_t port,
				 const uint8_t *bytes, uint32_t size,
				 const char *reason)
{
	trust_walk_refused(host, port,
			   fabric_packet(trust, host, port, bytes, size),
			   reason);
}

/* It leaves on exactly this port of this host, and nothing is dropped. */
static inline void trust_arrives(unsigned int host, uint16_t port,
				 const struct frames *frame, unsigned int at,
				 const char *name)
{
	struct trust_books before = trust_count(0, ""), after;

	fabric_in(trust, host, port, frame->bytes, frame->size);
	after = trust_count(0, "");
	ck_assert_uint_eq(after.ports, before.ports + 1);
	ck_assert_uint_eq(after.drops[0], before.drops[0]);
	ck_assert_uint_eq(after.drops[1], before.drops[1]);
	ck_assert_uint_eq(trust_seen.last.host, at);
	ck_assert_uint_eq(trust_seen.last.port, fabric_port(trust, at, name));
	fabric_check(trust);
}

#endif
