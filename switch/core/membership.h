/* SPDX-License-Identifier: Apache-2.0 */
/*
 * membership.h: what IGMP (RFC 1112, 2236, 3376) and MLD (RFC 2710, 3810) say,
 * from a frame's bytes: who asks, who joins or leaves which group. Knows no
 * ports; whose words these are and what follows is groups.h's.
 *
 * Sources are not told apart: who wants a group from some sources only is a
 * member like others. A message is taken only from where it may come: whole,
 * not forwarded (TTL or hop limit 1), of MLD from a link-local address. Its
 * checksum is not judged; a wrong one harms its sender alone.
 */
#ifndef CORE_MEMBERSHIP_H
#define CORE_MEMBERSHIP_H

#include <vswitch/packet.h>

enum membership_kind {
	MEMBERSHIP_NONE, /* not such a message, or a bad one */
	MEMBERSHIP_QUERY,
	MEMBERSHIP_REPORT, /* and leave, and done */
};

/* A message that is read; members are membership.c's. */
struct membership_message {
	const uint8_t *at, *end;
	uint32_t left;	/* records that are not read yet */
	uint8_t family; /* 4 or 6 */
	uint8_t single; /* the type of a message with one group; else 0 */
	bool querier;	/* the query is a router's: it has an address */
};

enum membership_kind membership_read(const struct vs_view *view,
				     struct membership_message *message);
/*
 * membership_next - the next group that a report names: does who sent it join,
 * or leave? false: no more, or the rest is broken.
 */
bool membership_next(struct membership_message *message, struct vs_ip *group,
		     bool *joins);
/*
 * membership_group - the group of routed multicast that a frame is for: false
 * for broadcast, for groups of one link (224.0.0.0/24, ff01::/16, ff02::/16),
 * and if its destination MAC is another one than its destination address
 * makes.
 */
bool membership_group(const struct vs_view *view, struct vs_ip *group);

#endif
