/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uplink_filter.c: see uplink_filter.h. The program's tail is always
 * {accept, drop}; jumps count to it from where they stand.
 */
#include "uplink_filter.h"

#include <string.h>

#include <linux/filter.h>

#include <vswitch/wire.h>

#define ACCEPT_SIZE	0x40000u /* more than any frame */
#define OFFSET_TYPE	12u
#define OFFSET_PROTOCOL 23u
#define OFFSET_TARGET	30u
#define OFFSET_NEXT	20u /* IPv6 */
#define IPV6_STEPS	4u

struct program {
	struct sock_filter step[UPLINK_FILTER_SIZE];
	uint16_t count;
	uint16_t accept; /* index of the accepting return */
};

static void put(struct program *p, uint16_t code, uint32_t k)
{
	p->step[p->count++] = (struct sock_filter){.code = code, .k = k};
}

/* if (A == k) accept; else fall through (or drop) */
static void put_test(struct program *p, uint32_t k, bool accept_if_equal,
		     bool drop_if_not)
{
	uint16_t next = (uint16_t)(p->count + 1);
	uint16_t to_accept = (uint16_t)(p->accept - next);

	p->step[p->count++] = (struct sock_filter){
		.code = BPF_JMP | BPF_JEQ | BPF_K,
		.jt = (uint8_t)(accept_if_equal ? to_accept : 0),
		.jf = (uint8_t)(drop_if_not ? to_accept + 1 : 0),
		.k = k,
	};
}

static uint16_t count_v4(const struct vs_ip *addresses, uint16_t count)
{
	uint16_t v4 = 0;

	for (uint16_t i = 0; i < count; i++)
		v4 = (uint16_t)(v4 + vs_ip_is_v4(&addresses[i]));
	return v4;
}

/* IPv6: neighbour discovery, and GRE to anybody. What is none of both is
 * dropped; another type goes on behind these steps, or is dropped too. */
static void put_ipv6(struct program *p, bool is_last)
{
	p->step[p->count++] = (struct sock_filter){
		.code = BPF_JMP | BPF_JEQ | BPF_K,
		.jf = is_last ? IPV6_STEPS : IPV6_STEPS - 1,
		.k = VS_TYPE_IPV6,
	};
	put(p, BPF_LD | BPF_B | BPF_ABS, OFFSET_NEXT);
	put_test(p, VS_IP_ICMP6, true, false);
	put_test(p, VS_IP_GRE, true, true);
}

/* GRE over IPv4 to one of `v4` addresses; 0: to anybody. */
static void put_ipv4(struct program *p, const struct vs_ip *addresses,
		     uint16_t v4)
{
	put_test(p, VS_TYPE_IPV4, false, true);
	put(p, BPF_LD | BPF_B | BPF_ABS, OFFSET_PROTOCOL);
	put_test(p, VS_IP_GRE, v4 == 0, true);
	if (!v4)
		return;
	put(p, BPF_LD | BPF_W | BPF_ABS, OFFSET_TARGET);
	for (uint16_t i = 0; v4; i++) {
		if (!vs_ip_is_v4(&addresses[i]))
			continue;
		v4--;
		put_test(p, vs_load32(addresses[i].octet + 12), true, v4 == 0);
	}
}

uint16_t uplink_filter_build(const struct vs_ip *addresses, uint16_t count,
			     uint64_t program[UPLINK_FILTER_SIZE])
{
	uint16_t v4 = count_v4(addresses, count);
	bool has_v4 = v4, has_v6 = v4 < count;
	struct program p = {.count = 0};

	if (v4 > UPLINK_FILTER_ADDRESSES)
		v4 = 0;
	/* ARP: 2 steps; IPv4: 3 and the addresses */
	p.accept = (uint16_t)(2 + (has_v6 ? IPV6_STEPS : 0) + (has_v4 ? 3 : 0) +
			      (v4 ? 1 + v4 : 0));
	put(&p, BPF_LD | BPF_H | BPF_ABS, OFFSET_TYPE);
	put_test(&p, VS_TYPE_ARP, true, false);
	if (has_v6)
		put_ipv6(&p, !has_v4);
	if (has_v4)
		put_ipv4(&p, addresses, v4);
	put(&p, BPF_RET | BPF_K, ACCEPT_SIZE);
	put(&p, BPF_RET | BPF_K, 0);
	memcpy(program, p.step, p.count * sizeof(p.step[0]));
	return p.count;
}
