/* SPDX-License-Identifier: Apache-2.0 */
/*
 * police.h: the built-in policies of a port beside its ACL (hnv.md C8).
 *
 * Theory of operation
 * -------------------
 * What an operator sets (struct vs_police) is part of a port's plan. A
 * snapshot keeps of it one word of flags per port, and their union for the
 * switch, so that a port without policies costs a test of one bit; the rates
 * stand beside, ready to compute with.
 *
 * A rate is a bucket that many workers may fill at once: one atomic number
 * per port and kind, the time at which all that was let through has been paid
 * for. A frame costs some time; it passes while that time is not further
 * ahead than the bucket is deep, else it is dropped and costs nothing. So a
 * frame of any size passes a bucket that is not in debt, and a bucket needs
 * no timer: it is full again by itself.
 *
 * Example: storm-limit=100 makes a frame cost 10 ms and the bucket 990 ms
 * deep: 100 at once, then one every 10 ms.
 */
#ifndef CORE_POLICE_H
#define CORE_POLICE_H

#include <stdatomic.h>

#include <vswitch/packet.h>

struct vs_packet;
struct vs_port_set;
struct vs_worker;

#define VS_PORT_MONITORS 4u
#define VS_PORT_HOSTS	 2u

/* What is set for a port; zero = nothing. */
struct vs_police {
	bool dhcp_guard, router_guard;
	bool priority_tag; /* keep what the VM says in 802.1p (admit.c) */
	bool snooping;	   /* its switch's (groups.h) */
	bool loop_guard;   /* of a port that learns (flap.h) */
	uint64_t team;	   /* equal on the ports of a team (team.h); 0: none */
	uint16_t weight;   /* beside others where a worker is short; 0: all */
	uint32_t storm_limit;  /* frames a second, 0 = any */
	uint64_t bandwidth[2]; /* bits a second, [inbound], 0 = any */
	/* monitor ports that get copies, [inbound]; 0 = no more */
	struct vs_port_id monitors[2][VS_PORT_MONITORS];
	/* hosts of the provider network that do, [inbound]; :: = no more */
	struct vs_ip hosts[2][VS_PORT_HOSTS];
};

/* Flags of a port, and of a switch: does any port have them? */
enum vs_policed {
	POLICED_DHCP = 1 << 0,
	POLICED_ROUTER = 1 << 1,
	POLICED_STORM = 1 << 2,
	POLICED_OUT = 1 << 3, /* bandwidth from the VM */
	POLICED_IN = 1 << 4,
	POLICED_PRIORITY = 1 << 5, /* not: what the VM says is kept */
	POLICED_MIRROR_OUT = 1 << 6,
	POLICED_MIRROR_IN = 1 << 7,
	POLICED_LOOP = 1 << 8,
	POLICED_TEAM = 1 << 9,
	POLICED_SNOOP = 1 << 10,
	POLICED_INGRESS =
		POLICED_DHCP | POLICED_ROUTER | POLICED_STORM | POLICED_OUT,
};

/* Time in sixteenths of ns; `cost` of one byte or frame has 16 bits more. */
struct vs_rate {
	uint64_t cost, depth;
};

/* The buckets of a port. They outlive snapshots: the switch's. Written by any
 * worker. */
struct vs_buckets {
	_Alignas(64) _Atomic uint64_t storm;
	_Atomic uint64_t bandwidth[2]; /* [inbound] */
};

/* police_rate - so many a second; `burst` of them may come at once. */
struct vs_rate police_rate(uint64_t per_second, uint64_t burst);
/* police_take - is there room for `amount` now? Then it is taken. */
bool police_take(_Atomic uint64_t *bucket, const struct vs_rate *rate,
		 uint64_t now_ns, uint64_t amount);
/* police_flags - enum vs_policed of these settings. */
uint16_t police_flags(const struct vs_police *police);
/* police_rates - storm, bandwidth out and in, as far as they are set. */
void police_rates(const struct vs_police *police, struct vs_rate *storm,
		  struct vs_rate bandwidth[2]);
/* police_segments - frames that it is once it is cut. */
static inline uint64_t police_segments(const struct vs_view *view)
{
	const struct vs_offload *offload = &view->offload;

	if (offload->gso == VS_GSO_NONE || !offload->gso_size ||
	    view->size <= offload->header_size)
		return 1;
	return (view->size - offload->header_size + offload->gso_size - 1u) /
	       offload->gso_size;
}

/* police_wire_bytes - of those frames: each segment repeats the headers. */
static inline uint64_t police_wire_bytes(const struct vs_view *view)
{
	return view->size +
	       (police_segments(view) - 1) * view->offload.header_size;
}

/* -- the stations' part, called only where a flag is set -- */

/* police_ingress - guards, storm limit of group frames, bandwidth. */
void police_ingress(struct vs_worker *worker);
/* police_egress - bandwidth to a port, per copy. */
void police_egress(struct vs_worker *worker);
/* police_unknown - a frame for a MAC that nobody has: may it be flooded? Else
 * it is dropped. */
bool police_unknown(struct vs_worker *worker, struct vs_packet *packet);

/* -- mirrors (mirror.c) -- */

/* mirror_sent - its monitors join the destinations of what a port sends. */
void mirror_sent(struct vs_worker *worker);
/* mirror_received - the monitors of those who get this frame; false: none. */
bool mirror_received(struct vs_worker *worker, struct vs_packet *packet,
		     struct vs_port_set *to);

/* -- the guards (server_guard.c) -- */

/* guard_dhcp_server - does this speak as a DHCP server, of IPv4 or IPv6? */
bool guard_dhcp_server(const struct vs_view *view);
/* guard_dhcp - of DHCP at all, in either family: addresses are learned from it.
 */
bool guard_dhcp(const struct vs_view *view);
/* guard_router - is it a router's advertisement or redirect, of IPv4 or
 * IPv6? */
bool guard_router(const struct vs_view *view);

#endif
