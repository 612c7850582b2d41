/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h: multicast inside of a VSID or a VLAN goes to who joined it: IGMP
 * and MLD snooping (RFC 4541), on switches that have snooping=on.
 *
 * Theory of operation
 * -------------------
 * One vs_table holds, each under (VSID, group, port), that a port has a member
 * of a group; under the group :: that a router is behind a port; and under no
 * port that a router asks at all. Each entry is gone GROUPS_IDLE_NS after it
 * was last heard. A frame for a group goes to the ports that have it, to
 * routers, and to the wire; reports go to routers and the wire only, as hosts
 * that hear each other's may keep silent.
 *
 * It only ever takes copies away while it knows who listens. Everything goes
 * everywhere, as without snooping: in a VSID where no router asks (nobody
 * would repeat his report), groups of one link (membership.h), what is not IP,
 * and for a while a VSID that has more memberships than it may.
 *
 * A port that leaves has GROUPS_LEAVE_NS, in which the router asks and another
 * host behind the port may answer. The wire is never narrowed: the translate
 * class replicates to the hosts that have the VSID.
 *
 * What is known of VLANs of one private VLAN is known together (lane_key).
 *
 * Example: web joins 239.1.1.1, the VM router asks every 125 s. A frame of db
 * for 239.1.1.1 goes to web, router and the wire, to nobody else.
 *
 * Before it in the walk: forward_flood. After: policy_egress.
 */
#ifndef CORE_GROUPS_H
#define CORE_GROUPS_H

#include <stdatomic.h>

#include <vswitch/table.h>

#define GROUPS_CAPACITY 16384u
#define GROUPS_PER_VSID 4096u
#define GROUPS_IDLE_NS	UINT64_C(260000000000) /* RFC 3376 8.4 */
#define GROUPS_LEAVE_NS UINT64_C(2000000000)   /* RFC 3376 8.8 */
#define GROUPS_OVERFULL 256u		       /* VSIDs, by their hash */

struct vs_packet;
struct vs_switch;
struct vs_worker;

/* Made for the first snapshot that snoops. */
struct groups_memory {
	struct vs_table *table;
	uint32_t sweep; /* the main thread's */
	/* nothing is narrowed before (ns) */
	_Atomic uint64_t overfull[GROUPS_OVERFULL];
};

/* groups_open - 0 or -ENOMEM; does nothing if it is open. */
int groups_open(struct groups_memory *memory, uint32_t quota_groups,
		uint64_t seed);
void groups_close(struct groups_memory *memory);
/* groups_sweep - forget what is idle, a piece at a time. Main thread. */
void groups_sweep(struct groups_memory *memory, uint64_t now);

/*
 * groups_narrow - the frame is for a group and has the destinations of a
 * flood: learn what it says if it is IGMP or MLD, and take ports away that have
 * no part in it. Called only where a port's flags say so.
 */
void groups_narrow(struct vs_worker *worker, struct vs_packet *packet);

/* What is known, for show. */
struct vs_group_member {
	struct vs_vsid vsid;
	struct vs_ip group; /* :: = a router is there */
	struct vs_port_id port;
	uint64_t age_ns; /* since it was last heard */
};

/* vs_switch_group_next - one by one: *cursor from 0; false: no more. Main
 * thread. */
bool vs_switch_group_next(struct vs_switch *sw, uint64_t *cursor,
			  struct vs_group_member *member);

#endif
