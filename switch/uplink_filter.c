/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uplink_filter.c: see uplink_filter.h. Jumps name labels while the program is
 * written and get their distances at the end.
 */
#include "uplink_filter.h"

#include <string.h>

#include <linux/filter.h>

#include <vswitch/echo.h>
#include <vswitch/wire.h>

#define ACCEPT_SIZE	0x40000u /* more than any frame */
#define OFFSET_TYPE	12u
#define OFFSET_IPV4	14u
#define OFFSET_PROTOCOL 23u
#define OFFSET_TARGET	30u
#define OFFSET_NEXT	20u /* IPv6 */
#define OFFSET_TARGET6	38u
#define OFFSET_BEHIND	54u /* IPv6: of an extension header, the next one */
#define OFFSET_PORT6	56u /* IPv6: the UDP destination */
#define PORT_AT		2u
#define ICMP_NEEDED	0x0304u /* fragmentation needed: type, code */
#define ICMP_ECHO	0x0800u
#define ICMP_REPLY	0x0000u
#define ICMP_ID_AT	4u

#define IP_IGMP	      2u
#define IPV6_HOP      0u
#define IPV6_FRAGMENT 44u
#define IPV6_OPTIONS  60u

enum label {
	NEXT,
	ACCEPT,
	DROP,
	IPV4,
	TARGET,
	NEEDED,
	IPV6,
	EXTENSION,
	RANGE, /* and on: behind each range */
	LABELS = RANGE + 2 * UPLINK_FILTER_RANGES
};

struct program {
	struct sock_filter step[UPLINK_FILTER_SIZE];
	uint16_t count;
	uint16_t at[LABELS]; /* where each stands */
};

static void put(struct program *p, uint16_t code, uint32_t k)
{
	p->step[p->count++] = (struct sock_filter){.code = code, .k = k};
}

static void put_label(struct program *p, enum label label)
{
	p->at[label] = p->count;
}

/* if (A == k) goto yes; else goto no */
static void put_test(struct program *p, uint32_t k, enum label yes,
		     enum label no)
{
	p->step[p->count++] = (struct sock_filter){
		.code = BPF_JMP | BPF_JEQ | BPF_K,
		.jt = (uint8_t)yes,
		.jf = (uint8_t)no,
		.k = k,
	};
}

static uint8_t distance(const struct program *p, uint16_t from, uint8_t label)
{
	return label == NEXT ? 0 : (uint8_t)(p->at[label] - from - 1);
}

static void resolve(struct program *p)
{
	for (uint16_t i = 0; i < p->count; i++) {
		if (BPF_CLASS(p->step[i].code) != BPF_JMP)
			continue;
		p->step[i].jt = distance(p, i, p->step[i].jt);
		p->step[i].jf = distance(p, i, p->step[i].jf);
	}
}

static uint16_t count_v4(const struct uplink_filter_plan *plan)
{
	uint16_t v4 = 0;

	for (uint16_t i = 0; i < plan->count; i++)
		v4 = (uint16_t)(v4 + vs_ip_is_v4(&plan->addresses[i]));
	return v4;
}

/* To one of `v4` addresses; if they are too many, to anybody. */
static void put_targets(struct program *p,
			const struct uplink_filter_plan *plan, uint16_t v4)
{
	put_label(p, TARGET);
	if (v4 > UPLINK_FILTER_ADDRESSES) {
		put(p, BPF_RET | BPF_K, ACCEPT_SIZE);
		return;
	}
	put(p, BPF_LD | BPF_W | BPF_ABS, OFFSET_TARGET);
	for (uint16_t i = 0; v4; i++) {
		if (!vs_ip_is_v4(&plan->addresses[i]))
			continue;
		v4--;
		put_test(p, vs_load32(plan->addresses[i].octet + 12), ACCEPT,
			 v4 ? NEXT : DROP);
	}
}

static void put_jump(struct program *p, uint16_t code, uint32_t k,
		     enum label yes, enum label no)
{
	p->step[p->count++] = (struct sock_filter){
		.code = (uint16_t)(BPF_JMP | BPF_K | code),
		.jt = (uint8_t)yes,
		.jf = (uint8_t)no,
		.k = k,
	};
}

/* if (first <= A <= last) goto ACCEPT */
static void put_range(struct program *p, const struct address_range *range,
		      enum label behind)
{
	uint32_t first = vs_load32(range->first.octet + 12);
	uint32_t last = vs_load32(range->last.octet + 12);

	if (first == last) {
		put_test(p, first, ACCEPT, NEXT);
	} else {
		put_jump(p, BPF_JGE, first, NEXT, behind);
		put_jump(p, BPF_JGT, last, NEXT, ACCEPT);
	}
}

static uint16_t count_ranges(const struct uplink_filter_plan *plan, bool v4)
{
	uint16_t count = 0;

	for (uint16_t i = 0; i < plan->range_count; i++)
		count = (uint16_t)(count +
				   (vs_ip_is_v4(&plan->ranges[i].first) == v4));
	return count;
}

/* All IPv4 to one of the ranges. */
static void put_ranges4(struct program *p,
			const struct uplink_filter_plan *plan)
{
	uint16_t count = count_ranges(plan, true), done = 0;

	if (!count)
		return;
	if (count > UPLINK_FILTER_RANGES) {
		put(p, BPF_RET | BPF_K, ACCEPT_SIZE);
		return;
	}
	put(p, BPF_LD | BPF_W | BPF_ABS, OFFSET_TARGET);
	for (uint16_t i = 0; i < plan->range_count; i++) {
		enum label behind = (enum label)(RANGE + done);

		if (!vs_ip_is_v4(&plan->ranges[i].first))
			continue;
		put_range(p, &plan->ranges[i], behind);
		put_label(p, behind);
		done++;
	}
}

/* The same for IPv6: its first three words, then the fourth. */
static void put_ranges6(struct program *p,
			const struct uplink_filter_plan *plan)
{
	uint16_t count = count_ranges(plan, false), done = 0;

	if (count > UPLINK_FILTER_RANGES / 2) {
		put(p, BPF_RET | BPF_K, ACCEPT_SIZE);
		return;
	}
	for (uint16_t i = 0; i < plan->range_count; i++) {
		const uint8_t *octet = plan->ranges[i].first.octet;
		enum label behind =
			(enum label)(RANGE + UPLINK_FILTER_RANGES + done);

		if (vs_ip_is_v4(&plan->ranges[i].first))
			continue;
		for (uint32_t word = 0; word < 3; word++) {
			put(p, BPF_LD | BPF_W | BPF_ABS,
			    OFFSET_TARGET6 + 4 * word);
			put_test(p, vs_load32(octet + 4 * word), NEXT, behind);
		}
		put(p, BPF_LD | BPF_W | BPF_ABS, OFFSET_TARGET6 + 12);
		put_range(p, &plan->ranges[i], behind);
		put_label(p, behind);
		done++;
	}
}

static void put_ipv4(struct program *p, const struct uplink_filter_plan *plan,
		     uint16_t v4)
{
	put_label(p, IPV4);
	put_ranges4(p, plan);
	if (!v4) { /* no address that takes tunnels only */
		put(p, BPF_RET | BPF_K, 0);
		return;
	}
	put(p, BPF_LD | BPF_B | BPF_ABS, OFFSET_PROTOCOL);
	if (plan->queries)
		put_test(p, IP_IGMP, ACCEPT, NEXT);
	put_test(p, VS_IP_GRE, TARGET, NEXT);
	put_test(p, VS_IP_ICMP, NEEDED, plan->vxlan ? NEXT : DROP);
	if (plan->vxlan) {
		put_test(p, VS_IP_UDP, NEXT, DROP);
		put(p, BPF_LDX | BPF_MSH | BPF_B, OFFSET_IPV4);
		put(p, BPF_LD | BPF_H | BPF_IND, OFFSET_IPV4 + PORT_AT);
		put_test(p, VS_UDP_VXLAN, TARGET, DROP);
	}
	put_label(p, NEEDED); /* a router's word about a tunnel packet */
	put(p, BPF_LDX | BPF_MSH | BPF_B, OFFSET_IPV4);
	put(p, BPF_LD | BPF_H | BPF_IND, OFFSET_IPV4);
	put_test(p, ICMP_NEEDED, TARGET, NEXT);
	if (plan->echoes)
		put_test(p, ICMP_ECHO, TARGET, NEXT);
	put_test(p, ICMP_REPLY, NEXT, DROP);
	put(p, BPF_LD | BPF_H | BPF_IND, OFFSET_IPV4 + ICMP_ID_AT);
	put_test(p, VS_ECHO_ID, TARGET, DROP);
	put_targets(p, plan, v4);
}

/* Neighbour discovery, and tunnels to anybody, also behind the one extension
 * header that a tunnel's sender may write, or a fragment's. */
static void put_ipv6(struct program *p, const struct uplink_filter_plan *plan)
{
	put_label(p, IPV6);
	put_ranges6(p, plan);
	put(p, BPF_LD | BPF_B | BPF_ABS, OFFSET_NEXT);
	put_test(p, VS_IP_ICMP6, ACCEPT, NEXT);
	put_test(p, VS_IP_GRE, ACCEPT, NEXT);
	put_test(p, IPV6_HOP, EXTENSION, NEXT);
	put_test(p, IPV6_FRAGMENT, EXTENSION, NEXT);
	put_test(p, IPV6_OPTIONS, EXTENSION, plan->vxlan ? NEXT : DROP);
	if (plan->vxlan) {
		put_test(p, VS_IP_UDP, NEXT, DROP);
		put(p, BPF_LD | BPF_H | BPF_ABS, OFFSET_PORT6);
		put_test(p, VS_UDP_VXLAN, ACCEPT, DROP);
	}
	put_label(p, EXTENSION);
	put(p, BPF_LD | BPF_B | BPF_ABS, OFFSET_BEHIND);
	if (plan->queries)
		put_test(p, VS_IP_ICMP6, ACCEPT, NEXT);
	if (plan->vxlan)
		put_test(p, VS_IP_UDP, ACCEPT, NEXT);
	put_test(p, VS_IP_GRE, ACCEPT, DROP);
}

uint16_t uplink_filter_build(const struct uplink_filter_plan *plan,
			     uint64_t program[UPLINK_FILTER_SIZE])
{
	uint16_t v4 = count_v4(plan);
	bool has_v4 = v4 || count_ranges(plan, true);
	bool has_v6 = v4 < plan->count || count_ranges(plan, false);
	struct program p = {.count = 0};

	put(&p, BPF_LD | BPF_H | BPF_ABS, OFFSET_TYPE);
	put_test(&p, VS_TYPE_ARP, ACCEPT, NEXT);
	if (has_v6)
		put_test(&p, VS_TYPE_IPV6, IPV6, has_v4 ? NEXT : DROP);
	if (has_v4) {
		put_test(&p, VS_TYPE_IPV4, IPV4, DROP);
		put_ipv4(&p, plan, v4);
	}
	if (has_v6)
		put_ipv6(&p, plan);
	put_label(&p, ACCEPT);
	put(&p, BPF_RET | BPF_K, ACCEPT_SIZE);
	put_label(&p, DROP);
	put(&p, BPF_RET | BPF_K, 0);
	resolve(&p);
	memcpy(program, p.step, p.count * sizeof(p.step[0]));
	return p.count;
}
