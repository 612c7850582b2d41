/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_frame.c: see fast_frame.h. Before it: fast.c; it calls nobody.
 */
#include "io/fast_frame.h"

#include <string.h>

#include <vswitch/wire.h>

#define MACS	     12u
#define PADDED	     60u
#define AT_TTL	     (VS_ETHERNET_SIZE + 8u)
#define AT_CHECKSUM  (VS_ETHERNET_SIZE + 10u)
#define AT_SOURCE4   (VS_ETHERNET_SIZE + 12u)
#define AT_HOP	     (VS_ETHERNET_SIZE + 7u)
#define AT_SOURCE6   (VS_ETHERNET_SIZE + 8u)
#define IPV4_PLAIN   0x45u
#define IPV4_CUT     0x3fffu /* more fragments, offset */
#define TCP_RARE     0x27u   /* FIN, SYN, RST, URG */
#define TCP_READ     14u
#define UDP_READ     6u
#define TCP_CHECKSUM 16u
#define UDP_CHECKSUM 6u

static bool reaches(const struct fast_head *head, uint32_t end)
{
	return end <= head->size && end <= FAST_HEAD;
}

static bool read_transport(const struct fast_head *head, uint32_t at,
			   uint32_t length, struct fast_key *key,
			   struct fast_seen *seen)
{
	const uint8_t *bytes = head->bytes + at;
	uint32_t header;

	if (key->protocol == VS_IP_TCP) {
		if (!reaches(head, at + TCP_READ))
			return false;
		header = (uint32_t)(bytes[12] >> 4) * 4u;
		if (bytes[13] & TCP_RARE || header < 20 || header > length)
			return false;
	} else if (key->protocol == VS_IP_UDP) {
		if (!reaches(head, at + UDP_READ))
			return false;
		header = 8;
		if (header > length ||
		    (!head->gso_size && vs_load16(bytes + 4) != length))
			return false;
	} else {
		return false;
	}
	memcpy(key->ports, bytes, sizeof(key->ports));
	if (head->gso_size)
		seen->size = at - VS_ETHERNET_SIZE + header + head->gso_size;
	return true;
}

/* The packet ends where the frame does, but for padding. */
static bool is_whole(const struct fast_head *head, uint32_t end)
{
	return end == head->size || (end < head->size && head->size <= PADDED);
}

static bool read_ipv4(const struct fast_head *head, struct fast_key *key,
		      struct fast_seen *seen)
{
	const uint8_t *ip = head->bytes + VS_ETHERNET_SIZE;
	uint32_t total = vs_load16(ip + 2);

	if (!reaches(head, VS_ETHERNET_SIZE + VS_IPV4_SIZE) ||
	    ip[0] != IPV4_PLAIN || vs_load16(ip + 6) & IPV4_CUT ||
	    total < VS_IPV4_SIZE || !is_whole(head, total + VS_ETHERNET_SIZE))
		return false;
	seen->hops = ip[8];
	seen->size = total;
	key->protocol = ip[9];
	memcpy(key->addresses, ip + 12, 8);
	return read_transport(head, VS_ETHERNET_SIZE + VS_IPV4_SIZE,
			      total - VS_IPV4_SIZE, key, seen);
}

static bool read_ipv6(const struct fast_head *head, struct fast_key *key,
		      struct fast_seen *seen)
{
	const uint8_t *ip = head->bytes + VS_ETHERNET_SIZE;
	uint32_t payload = vs_load16(ip + 4);

	if (!reaches(head, VS_ETHERNET_SIZE + VS_IPV6_SIZE) ||
	    ip[0] >> 4 != 6 || !payload ||
	    !is_whole(head, payload + VS_ETHERNET_SIZE + VS_IPV6_SIZE))
		return false;
	seen->hops = ip[7];
	seen->size = payload + VS_IPV6_SIZE;
	key->ipv6 = 1;
	key->protocol = ip[6];
	memcpy(key->addresses, ip + 8, 32);
	return read_transport(head, VS_ETHERNET_SIZE + VS_IPV6_SIZE, payload,
			      key, seen);
}

bool fast_frame_read(const struct fast_head *head, uint32_t if_index,
		     struct fast_key *key, struct fast_seen *seen)
{
	*key = (struct fast_key){.if_index = if_index};
	*seen = (struct fast_seen){0};
	if (!reaches(head, VS_ETHERNET_SIZE))
		return false;
	memcpy(key->macs, head->bytes, MACS);
	switch (vs_load16(head->bytes + MACS)) {
	case VS_TYPE_IPV4:
		return read_ipv4(head, key, seen);
	case VS_TYPE_IPV6:
		return read_ipv6(head, key, seen);
	default:
		return false;
	}
}

/* -- the change ---------------------------------------------------------------
 */

/* RFC 1624: what was summed as `before` is `after` now. `sum` is in its
 * one's-complement form, inverted or not. */
static uint16_t exchange(uint16_t sum, const uint8_t *before,
			 const uint8_t *after, uint32_t size)
{
	uint32_t total = sum;

	for (uint32_t i = 0; i < size; i += 2)
		total += (uint32_t)vs_load16(after + i) +
			 (uint16_t)~vs_load16(before + i);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

static void exchange_at(uint8_t *field, bool inverted, const uint8_t *before,
			const uint8_t *after, uint32_t size)
{
	uint16_t sum = vs_load16(field);

	sum = exchange(inverted ? (uint16_t)~sum : sum, before, after, size);
	vs_store16(field, inverted ? (uint16_t)~sum : sum);
}

static uint32_t ip_size(const struct fast_change *change)
{
	return change->ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE;
}

static uint32_t checksum_at(const struct fast_change *change)
{
	return VS_ETHERNET_SIZE + ip_size(change) +
	       (change->protocol == VS_IP_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
}

static void readdress(const struct fast_change *change, struct fast_head *head)
{
	uint32_t size = change->ipv6 ? 32 : 8;
	uint8_t *at = head->bytes + (change->ipv6 ? AT_SOURCE6 : AT_SOURCE4);
	uint8_t *sum = head->bytes + checksum_at(change);
	bool udp = change->protocol == VS_IP_UDP;

	if (head->partial || !udp || vs_load16(sum)) {
		exchange_at(sum, !head->partial, at, change->addresses, size);
		if (udp && !head->partial && !vs_load16(sum))
			vs_store16(sum, UINT16_MAX);
	}
	if (!change->ipv6)
		exchange_at(head->bytes + AT_CHECKSUM, true, at,
			    change->addresses, size);
	memcpy(at, change->addresses, size);
}

static void hop(const struct fast_change *change, struct fast_head *head)
{
	uint8_t *bytes = head->bytes, before[2];

	if (change->ipv6) {
		bytes[AT_HOP]--;
		return;
	}
	memcpy(before, bytes + AT_TTL, 2);
	bytes[AT_TTL]--;
	exchange_at(bytes + AT_CHECKSUM, true, before, bytes + AT_TTL, 2);
}

void fast_frame_apply(const struct fast_change *change, struct fast_head *head)
{
	if (change->readdress)
		readdress(change, head);
	if (change->hop)
		hop(change, head);
	memcpy(head->bytes, change->macs, MACS);
}

/* One's complement has two zeros. */
static void forget_zero(uint8_t *sum)
{
	if (vs_load16(sum) == UINT16_MAX)
		vs_store16(sum, 0);
}

static bool is_same(const struct fast_change *change,
		    const struct fast_head *left, const struct fast_head *right)
{
	struct fast_head a = *left, b = *right;
	uint32_t size = a.size < FAST_HEAD ? a.size : FAST_HEAD;
	uint32_t at = checksum_at(change);

	/* in UDP, a zero that is complete says that there is none */
	if (change->protocol == VS_IP_TCP || a.partial) {
		forget_zero(a.bytes + at);
		forget_zero(b.bytes + at);
	}
	if (!change->ipv6) {
		forget_zero(a.bytes + AT_CHECKSUM);
		forget_zero(b.bytes + AT_CHECKSUM);
	}
	return memcmp(a.bytes, b.bytes, size) == 0;
}

bool fast_frame_change(const struct fast_key *key,
		       const struct fast_head *before,
		       const struct fast_head *after,
		       struct fast_change *change)
{
	uint32_t at = key->ipv6 ? AT_SOURCE6 : AT_SOURCE4;
	uint32_t hops = key->ipv6 ? AT_HOP : AT_TTL;
	struct fast_head made = *before;

	*change = (struct fast_change){.ipv6 = key->ipv6,
				       .protocol = key->protocol};
	if (before->size != after->size ||
	    before->gso_size != after->gso_size ||
	    before->partial != after->partial ||
	    !reaches(before, checksum_at(change) + 2))
		return false;
	memcpy(change->macs, after->bytes, MACS);
	memcpy(change->addresses, after->bytes + at, key->ipv6 ? 32 : 8);
	change->readdress = memcmp(change->addresses, key->addresses,
				   sizeof(change->addresses)) != 0;
	change->hop = after->bytes[hops] != before->bytes[hops];
	fast_frame_apply(change, &made);
	return is_same(change, &made, after);
}
