// SPDX-License-Identifier: Apache-2.0
/*
 * snapshot.c: build what a walk reads, check it as a whole, give it back.
 * Main thread only. Refuses two ports of one id, and a stack out of order; whom
 * MACs and VSIDs name is snapshot_index.c's. Before: control/, which plans;
 * after: switch_publish.c.
 */
#include "core/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "core/flow_stamp.h"
#include "core/snapshot_index.h"
#include "core/steady.h"
#include "core/switch_state.h"

#define FIRST_SLOTS 16u

struct vs_snapshot *vs_snapshot_begin(struct vs_switch *sw)
{
	struct vs_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	snapshot->sw = sw;
	snapshot->mac_slots = FIRST_SLOTS;
	snapshot->subnet_slots = FIRST_SLOTS;
	snapshot->macs = calloc(FIRST_SLOTS, sizeof(*snapshot->macs));
	snapshot->subnets = calloc(FIRST_SLOTS, sizeof(*snapshot->subnets));
	if (!snapshot->macs || !snapshot->subnets) {
		vs_snapshot_free(snapshot);
		return NULL;
	}
	return snapshot;
}

/* -- ports --------------------------------------------------------------------
 */

static int check_plan(const struct vs_snapshot *snapshot,
		      const struct vs_port_plan *plan, struct vs_error *error)
{
	const struct vs_port_info *info = &plan->info;
	bool uplink = info->kind == VS_PORT_UPLINK;

	if (info->id.value <= VS_PORT_EXTERNAL ||
	    info->id.value >= VS_PORTS_MAXIMUM)
		return vs_error_set(
			error, EINVAL, "", "port %s: id %u is not one of 2..%u",
			info->name, info->id.value, VS_PORTS_MAXIMUM - 1);
	if (snapshot->port[info->id.value])
		return vs_error_set(
			error, EEXIST, "", "ports %s and %s have one id, %u",
			snapshot->port[info->id.value]->plan.info.name,
			info->name, info->id.value);
	if (!plan->vsid_count || plan->vsid_count > VS_PORT_VSIDS)
		return vs_error_set(error, EINVAL, "",
				    "port %s: a port has 1 to %u VSIDs",
				    info->name, VS_PORT_VSIDS);
	if (uplink && snapshot->uplink_count == VS_UPLINKS)
		return vs_error_set(error, ENOSPC, "",
				    "uplink %s: a switch has at most %u",
				    info->name, VS_UPLINKS);
	return 0;
}

static struct vs_port *port_make(const struct vs_port_plan *plan)
{
	struct vs_port *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	port->plan = *plan;
	port->id = plan->info.id;
	port->uplink = plan->info.kind == VS_PORT_UPLINK;
	port->monitor = plan->monitor;
	port->attached = plan->link && plan->info.up;
	port->plan.info.up = port->attached; /* what an extension is told */
	port->waits = plan->waits;
	port->mac_guard = plan->mac_guard;
	port->ca_guard = plan->ca_guard;
	if (plan->tagged)
		port->tags = PORT_TAGS_TENANT;
	if (plan->lane.mode != VS_LANE_NONE)
		port->tags = PORT_TAGS_VLAN;
	port->wanders = plan->wandering.count;
	port->policed = police_flags(&plan->police);
	if (plan->mac_guard || port->uplink)
		port->policed &= (uint16_t)~POLICED_LOOP;
	police_rates(&plan->police, &port->storm, port->bandwidth);
	port->vsid_count = plan->vsid_count;
	port->vsid = plan->vsids[0];
	port->mac = vs_mac_is_zero(&plan->mac) ? plan->info.mac : plan->mac;
	if (plan->info.mtu)
		port->oversize = (uint32_t)plan->info.mtu + VS_ETHERNET_SIZE;
	port->link = plan->link;
	return port;
}

int vs_snapshot_add_port(struct vs_snapshot *snapshot,
			 const struct vs_port_plan *plan,
			 struct vs_error *error)
{
	int code = check_plan(snapshot, plan, error);
	struct vs_port *port;

	if (code < 0)
		return code;
	port = port_make(plan);
	if (!port)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	if (!port->uplink) {
		code = snapshot_macs_add(snapshot, port, error);
		if (code < 0)
			goto fail;
	}
	if (port->policed & POLICED_SNOOP &&
	    groups_open(&snapshot->sw->members, VS_GROUPS,
			snapshot->sw->params.seed) < 0) {
		code = vs_error_set(error, ENOMEM, "", "out of memory");
		goto fail;
	}
	if (snapshot_subnets_join(snapshot, port) < 0) {
		code = vs_error_set(error, ENOMEM, "", "out of memory");
		goto fail;
	}
	if (plan->xacl) {
		code = flow_stamp_take(snapshot, port, plan->xacl, error);
		if (code < 0)
			goto fail;
	}
	snapshot->port[port->id.value] = port;
	if (port->uplink)
		snapshot->uplinks[snapshot->uplink_count++] = port;
	snapshot->policed |= port->policed;
	port->acl = plan->acl; /* from here the snapshot's */
	port->xacl = plan->xacl;
	snapshot->steady_acls |= port->xacl && !xacl_is_stateful(port->xacl);
	if (port->acl || port->xacl) {
		snapshot->acls = true;
		port_set_add(&snapshot->acl_ports, port->id);
	}
	return 0;
fail:
	free(port);
	return code;
}

/* -- the stack
 * ------------------------------------------------------------------ */

enum class_rank { RANK_CAPTURE, RANK_FILTER, RANK_FORWARD, RANK_TRANSLATE };

static enum class_rank rank_of(const struct vs_extension *ext)
{
	if (ext->capture)
		return RANK_CAPTURE;
	if (ext->filter)
		return RANK_FILTER;
	return ext->forward ? RANK_FORWARD : RANK_TRANSLATE;
}

static int check_order(const struct vs_snapshot *snapshot,
		       const struct vs_extension *ext, struct vs_error *error)
{
	enum class_rank rank = rank_of(ext), above;
	const struct vs_extension *last;

	if (snapshot->members == VS_STACK_MAXIMUM)
		return vs_error_set(error, ENOSPC, "stack",
				    "a stack has at most %u extensions",
				    VS_STACK_MAXIMUM);
	if (!snapshot->members)
		return 0;
	last = snapshot->member[snapshot->members - 1].ext;
	above = rank_of(last);
	if (rank > above || (rank == above && rank < RANK_FORWARD))
		return 0;
	return vs_error_set(error, EINVAL, "stack",
			    "%s stands below %s; from the top: captures, "
			    "filters, at most one forward, at most one "
			    "translate",
			    ext->name, last->name);
}

static bool has_ingress(const struct vs_extension *ext)
{
	return (ext->capture && ext->capture->ingress) ||
	       (ext->filter && ext->filter->ingress);
}

static bool is_idle(const struct vs_stack_member *member)
{
	const struct vs_capture_class *capture = member->ext->capture;

	return capture && capture->looks && !capture->looks(member->state);
}

static bool has_egress(const struct vs_extension *ext)
{
	return (ext->capture && ext->capture->egress) ||
	       (ext->filter && ext->filter->egress) ||
	       (ext->forward && ext->forward->egress);
}

int vs_snapshot_add_extension(struct vs_snapshot *snapshot,
			      struct vs_attachment *attachment,
			      const struct vs_state *state,
			      struct vs_error *error)
{
	struct vs_stack_member *member = &snapshot->member[snapshot->members];
	int code;

	if (vs_snapshot_has(snapshot, attachment))
		return vs_error_set(error, EEXIST, "stack",
				    "%s stands in the stack twice",
				    attachment->ext->name);
	code = check_order(snapshot, attachment->ext, error);
	if (code < 0)
		return code;
	assert(snapshot->members < VS_STACK_MAXIMUM);
	if (attachment_state_take(attachment, state) < 0)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	*member = (struct vs_stack_member){.attachment = attachment,
					   .ext = attachment->ext,
					   .state = state};
	if (member->ext->forward)
		snapshot->forward = member;
	if (member->ext->translate)
		snapshot->translate = member;
	if (is_idle(member))
		snapshot->idle |= UINT32_C(1) << snapshot->members;
	else if (member->ext->capture && member->ext->capture->wire)
		snapshot->captures = true;
	if (has_ingress(member->ext))
		snapshot->ingress |= UINT32_C(1) << snapshot->members;
	if (has_egress(member->ext))
		snapshot->egress |= UINT32_C(1) << snapshot->members;
	snapshot->members++;
	return 0;
}

bool vs_snapshot_has(const struct vs_snapshot *snapshot,
		     const struct vs_attachment *attachment)
{
	uint16_t i;

	for (i = 0; i < snapshot->members; i++)
		if (snapshot->member[i].attachment == attachment)
			return true;
	return false;
}

/* -- the whole
 * -------------------------------------------------------------------- */

void vs_snapshot_seal(struct vs_snapshot *snapshot)
{
	uint32_t i;

	snapshot_macs_seal(snapshot);
	for (i = 0; snapshot->vlans && i < snapshot->uplink_count; i++)
		snapshot->uplinks[i]->tags = PORT_TAGS_VLAN;
	snapshot->steady = steady_snapshot(snapshot);
	snapshot_subnets_seal(snapshot);
}

/* Behind the first one: of several, or a trunk's. */
bool port_has_more(const struct vs_port *port, struct vs_vsid vsid)
{
	uint16_t i;

	for (i = 1; i < port->vsid_count; i++)
		if (vs_vsid_equal(port->plan.vsids[i], vsid))
			return true;
	return lane_trunk_has(&port->plan.lane, vsid);
}

bool vs_snapshot_names_link(const struct vs_snapshot *snapshot,
			    const struct vs_link *link)
{
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		if (snapshot->port[i] && snapshot->port[i]->link == link)
			return true;
	return false;
}

void vs_snapshot_free(struct vs_snapshot *snapshot)
{
	uint32_t i;

	if (!snapshot)
		return;
	for (i = 0; i < snapshot->members; i++)
		attachment_state_give(snapshot->member[i].attachment,
				      snapshot->member[i].state);
	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		if (snapshot->port[i])
			vs_acl_unref(snapshot->port[i]->acl);
		if (snapshot->port[i])
			vs_xacl_unref(snapshot->port[i]->xacl);
		free(snapshot->port[i]);
	}
	free(snapshot->macs);
	free(snapshot->primary);
	free(snapshot->subnets);
	free(snapshot);
}

void vs_snapshot_discard(struct vs_snapshot *snapshot)
{
	vs_snapshot_free(snapshot);
}
