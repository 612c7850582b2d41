/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port_vsids.h: which VSIDs a port's object says that it stands in: one, or
 * those of its rdmap (core/rdmap.h).
 *
 * Before this file: store.h. After it: check.c, port_plan.c, the engine.
 */
#ifndef CONTROL_PORT_VSIDS_H
#define CONTROL_PORT_VSIDS_H

#include "control/store.h"
#include "core/switch.h"

/* port_vsids - all of them; how many, at least 1. VLANs are among them (those
 * that a trunk carries are not: port_lane.h). */
uint16_t port_vsids(const struct vs_object *port,
		    struct vs_vsid vsids[VS_PORT_VSIDS]);
/* port_vsid - the first of them; 0 = the provider's network. */
struct vs_vsid port_vsid(const struct vs_object *port);
/* port_tag - the VLAN that names the VSID of this index; 0: none does. */
uint16_t port_tag(const struct vs_object *port, uint16_t index);
/* port_is_tagged - has it an rdmap? */
bool port_is_tagged(const struct vs_object *port);
/* port_vsid_of_tag - what a frame of that VLAN (0: without) is in; 0 if
 * nothing. */
struct vs_vsid port_vsid_of_tag(const struct vs_object *port, uint16_t vlan);
/* port_vsids_share - is there a VSID that both stand in? */
bool port_vsids_share(const struct vs_object *a, const struct vs_object *b);

/* port_is_monitor - does it only see (its VSIDs are those of see=)? */
bool port_is_monitor(const struct vs_object *port);
/* port_check_see, port_check_rdmap - 0, or -errno with `error` filled, also its
 * path. */
int port_check_see(const struct vs_object *port, struct vs_error *error);
int port_check_rdmap(const struct vs_object *port, struct vs_error *error);

#endif
