/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steady.h: which frames stand for all of their flow: what was done with one
 * of them will be done with the next, so that somebody else (io/fast.h) may do
 * it.
 *
 * Theory of operation
 * -------------------
 * An entry of the outbox is steady if nothing that the frame met looks at
 * anything but the flow's key (vs_frame_cacheable in vswitch/packet.h) and
 * what changes with notice:
 *
 *   - it came from a device and leaves by one, once, and carries no tag;
 *   - neither port has a policy that counts, meters, limits or copies frames,
 *     nor rules, whose counters its user reads;
 *   - it is no DHCP, from which addresses are learned;
 *   - each filter of the stack has said so of the flow; no capture looks
 *     (vs_capture_class.looks);
 *   - what the translate class did with it is steady as well: its recipe says
 *     so (vs_recipe.steady), or, from the wire, vs_frame_cacheable.
 *
 * Notice are numbers, vs_switch_params.changes (changes.h): one grows after a
 * snapshot was published and when an extension calls invalidate, another one
 * when a MAC of the frame's VSID is learned or moves, or an extension says so
 * of that VSID (invalidate_vsid). Read them before vs_worker_enter: an entry is
 * steady while they stay the same.
 * Sizes, hop counts and TCP flags are not of the key: who acts on a steady
 * entry leaves to the switch what is larger than the entry allows, has no hop
 * left, or begins or ends a connection.
 *
 * Before this file: pipeline.c and services.c, which fill the outbox; after
 * it: the pump.
 */
#ifndef CORE_STEADY_H
#define CORE_STEADY_H

#include <stdbool.h>
#include <stdint.h>

struct vs_packet;
struct vs_port;
struct vs_snapshot;
struct vs_worker;

/* steady_snapshot - may anything of it be? Of a sealed snapshot. */
bool steady_snapshot(const struct vs_snapshot *snapshot);
/* steady_leaves - of the frame as it leaves by `to`: up to how many bytes of an
 * IP packet or a segment; 0: it is not. Only if worker->snapshot->steady. */
uint16_t steady_leaves(const struct vs_worker *worker,
		       const struct vs_packet *packet,
		       const struct vs_port *to);

#endif
