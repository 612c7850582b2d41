/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdmap.h: a multi-tenant port: one device, several VSIDs, each named by a
 * VLAN tag (hnv.md A11.4, A11.5).
 *
 * Theory of operation
 * -------------------
 * The tag exists between the device and the port only. What comes in loses it
 * before it is booked and gets the VSID that the port's map gives the tag, so
 * that every station behind sees an ordinary frame of that VSID: guards,
 * learning, floods and deliver need to know nothing of it. What leaves gets
 * the tag in the lead of its recipe; the packet is never touched. A tag that
 * the map lacks, and no tag where the map has none for that (VLAN 0), is
 * vlan_not_allowed: nothing on such a port has a VSID by omission.
 *
 * The map is one to one, so a tag cannot lead into two tenants, nor two tags
 * into one. The tag's priority ends here: a VSID has none, and a tag that is
 * written has priority 0.
 *
 * Example: rdmap=100:5001,200:6001. A frame with VLAN 100 walks in VSID 5001;
 * its answer leaves with VLAN 100; one with VLAN 300 is dropped.
 *
 * Before it in the walk: worker.c (in), deliver (out). After: admit; the link.
 */
#ifndef CORE_RDMAP_H
#define CORE_RDMAP_H

#include <vswitch/host.h>

#include "core/snapshot.h"

/*
 * rdmap_take - the frame's tag becomes its VSID: sets view.vsid and takes the
 * tag out of the bytes. 0, or the reason to drop it (VSID 0, bytes as they
 * were). The frame has not been parsed yet.
 */
uint16_t rdmap_take(const struct vs_port *port, struct vs_packet *packet);
/* rdmap_give - the recipe of a whole frame of one of the port's VSIDs, now
 * with its tag. */
void rdmap_give(const struct vs_port *port, struct vs_recipe *recipe);

#endif
