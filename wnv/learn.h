/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn.h: what ARP, ND and DHCP teach about L2Only VMs (hnv.md A7.5 to A7.8),
 * and what becomes of an address that two of them want (design 8).
 *
 * Only frames that a guard let pass teach: the source MAC has an L2Only record
 * of the VSID, and its port, or the outer source PA, is that record's. An
 * address of policy is never learned. The packet path only notes a contest;
 * worker 0 probes the holder by the clock and decides.
 *
 * Before it: guard.c judged. After it: learned.c, probe.c.
 */
#ifndef WNV_LEARN_H
#define WNV_LEARN_H

#include "guard.h"
#include "learned.h"

/* A note of the main thread to worker 0: ask who has this learned_key. */
enum learn_note { LEARN_NOTE_PROBE = 2 };

/* learn_may_send - the may_send hook: judge, and learn from ARP and ND. */
bool learn_may_send(const struct vs_call *call, const struct vs_claim *claim);

/*
 * learn_arrival - a source from the wire that `vouch` was said of. `teaches`:
 * it is the sender of ARP or ND that is true to its MAC.
 */
void learn_arrival(const struct vs_call *call, struct vs_vsid vsid,
		   const struct wnv_sight *sight, enum wnv_vouch vouch,
		   bool teaches);

/* learn_lease - a DHCP server gave the address to the VM that had asked for
 * one: it is learned if the VM has an L2Only record and nobody the address. */
void learn_lease(const struct vs_call *call, struct vs_vsid vsid,
		 const struct wnv_ca *ca, const struct vs_mac *client);

/* A frame that learn_is_dhcp() is true of, from its UDP header on. */
struct learn_message {
	struct vs_vsid vsid;
	struct vs_mac source, target; /* the frame's */
	const uint8_t *udp;
	uint32_t size;
};

/*
 * learn_dhcp - DHCP (RFC 2131) and DHCPv6 (RFC 8415): a client's request is
 * noted, the server's answer to it teaches (learn_dhcp.c).
 */
void learn_dhcp(const struct vs_call *call,
		const struct learn_message *message);

/* learn_is_dhcp - is a UDP header between ports 67 and 68? learn_is_dhcp6 -
 * between 546 and 547? */
static inline bool learn_is_dhcp(const uint8_t *udp)
{
	return udp[0] == 0 && udp[2] == 0 &&
	       ((udp[1] == 67 && udp[3] == 68) ||
		(udp[1] == 68 && udp[3] == 67));
}

static inline bool learn_is_dhcp6(const uint8_t *udp)
{
	return udp[0] == 0x02 && udp[2] == 0x02 &&
	       ((udp[1] == 0x22 && udp[3] == 0x23) ||
		(udp[1] == 0x23 && udp[3] == 0x22));
}

/* learn_tick - worker 0: contests. `before_ns`: when it was last called. */
void learn_tick(const struct vs_call *call, uint64_t before_ns);
/* learn_noted - worker 0: LEARN_NOTE_PROBE. */
void learn_noted(const struct vs_call *call, const struct vs_note *note);

/* learn_age - main thread: end what is silent, ask before. Returns when it
 * wants to be called again. */
uint64_t learn_age(struct learned *learned, const struct wnv_state *state,
		   const struct vs_main_host *host, uint64_t now_ns);

#endif
