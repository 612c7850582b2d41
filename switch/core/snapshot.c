// SPDX-License-Identifier: Apache-2.0
/*
 * snapshot.c: build what a walk reads, check it as a whole, give it back.
 * Main thread only. Refuses two ports of one id, or of one (VSID, MAC), and a
 * stack out of order. Before: control/, which plans; after:
 * switch_publish.c.
 */
#include "core/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "core/flow_stamp.h"
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

/* -- the MACs that ports are configured with --------------------------------
 */

static void mac_place(struct vs_snapshot *snapshot,
		      const struct vs_static_mac *mac)
{
	uint32_t at = snapshot_mac_slot(snapshot, mac->vsid, mac->mac.octet);

	while (snapshot->macs[at].port.value)
		at = (at + 1) & (snapshot->mac_slots - 1);
	snapshot->macs[at] = *mac;
}

static int macs_grow(struct vs_snapshot *snapshot)
{
	struct vs_static_mac *old = snapshot->macs;
	uint32_t slots = snapshot->mac_slots, i;

	snapshot->macs = calloc((size_t)slots * 2, sizeof(*old));
	if (!snapshot->macs) {
		snapshot->macs = old;
		return -ENOMEM;
	}
	snapshot->mac_slots = slots * 2;
	for (i = 0; i < slots; i++)
		if (old[i].port.value)
			mac_place(snapshot, &old[i]);
	free(old);
	return 0;
}

static int refuse_twin(const struct vs_snapshot *snapshot,
		       const struct vs_port *port, struct vs_vsid vsid,
		       struct vs_port_id owner, struct vs_error *error)
{
	const struct vs_port *twin = snapshot->port[owner.value];
	char mac[VS_MAC_TEXT], path[192] = "ports.";

	strncat(path, port->plan.info.name, VS_PORT_NAME_SIZE);
	return vs_error_set(
		error, EEXIST, path,
		"%s and %s both have MAC %s in VSID %u; give one another mac=",
		twin ? twin->plan.info.name : "a port refused before",
		port->plan.info.name, vs_mac_format(&port->mac, mac),
		vsid.value);
}

static int macs_add(struct vs_snapshot *snapshot, const struct vs_port *port,
		    struct vs_error *error)
{
	struct vs_static_mac mac = {.mac = port->mac, .port = port->id};
	uint32_t cursor = 0;

	if (vs_mac_is_zero(&port->mac) || port->monitor)
		return 0;
	while (lane_next(&port->plan, &cursor, &mac.vsid)) {
		struct vs_port_id owner =
			snapshot_mac(snapshot, mac.vsid, mac.mac.octet);

		if (vs_port_equal(owner, port->id))
			continue;
		if (owner.value)
			return refuse_twin(snapshot, port, mac.vsid, owner,
					   error);
		if (++snapshot->mac_count * 4 > snapshot->mac_slots &&
		    macs_grow(snapshot) < 0)
			return vs_error_set(error, ENOMEM, "", "out of memory");
		mac_place(snapshot, &mac);
	}
	return 0;
}

/* -- the VSIDs' members -------------------------------------------------------
 */

static struct vs_subnet *subnet_place(struct vs_snapshot *snapshot,
				      struct vs_vsid vsid)
{
	uint32_t mask = snapshot->subnet_slots - 1;
	uint32_t at = (vsid.value * 0x9e3779b1u) >> 8 & mask;

	while (snapshot->subnets[at].used &&
	       !vs_vsid_equal(snapshot->subnets[at].vsid, vsid))
		at = (at + 1) & mask;
	return &snapshot->subnets[at];
}

static int subnets_grow(struct vs_snapshot *snapshot)
{
	struct vs_subnet *old = snapshot->subnets;
	uint32_t slots = snapshot->subnet_slots, i;

	snapshot->subnets = calloc((size_t)slots * 2, sizeof(*old));
	if (!snapshot->subnets) {
		snapshot->subnets = old;
		return -ENOMEM;
	}
	snapshot->subnet_slots = slots * 2;
	for (i = 0; i < slots; i++)
		if (old[i].used)
			*subnet_place(snapshot, old[i].vsid) = old[i];
	free(old);
	return 0;
}

static struct vs_subnet *subnet_make(struct vs_snapshot *snapshot,
				     struct vs_vsid vsid)
{
	struct vs_subnet *subnet = subnet_place(snapshot, vsid);

	if (subnet->used)
		return subnet;
	if (++snapshot->subnet_count * 2 > snapshot->subnet_slots) {
		if (subnets_grow(snapshot) < 0)
			return NULL;
		subnet = subnet_place(snapshot, vsid);
	}
	subnet->used = true;
	subnet->vsid = vsid;
	subnet->group = VS_GROUPS - 1;
	return subnet;
}

/* Thousands of VLANs on a trunk share one quota of learned MACs; what a port
 * names by itself has its own. */
static bool has_quota(const struct vs_port *port, struct vs_vsid vsid)
{
	return port->plan.lane.mode != VS_LANE_TRUNK ||
	       vs_vsid_equal(port->plan.vsids[0], vsid);
}

static int subnets_join(struct vs_snapshot *snapshot,
			const struct vs_port *port)
{
	struct vs_vsid vsid;
	uint32_t cursor = 0;

	if (lane_join(snapshot, port) < 0)
		return -ENOMEM;
	while (lane_next(&port->plan, &cursor, &vsid)) {
		struct vs_subnet *subnet;

		/* a monitor is nobody's member */
		if (port->monitor && vs_vsid_is_vlan(vsid))
			continue;
		subnet = subnet_make(snapshot, vsid);
		if (!subnet)
			return -ENOMEM;
		if (has_quota(port, vsid))
			subnet->group = switch_group(snapshot->sw, vsid);
		/* nothing is flooded to a port that cannot take it */
		if (!port->uplink && !port->monitor && port->attached &&
		    !port->waits)
			port_set_add(&subnet->ports, port->id);
	}
	return 0;
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
		code = macs_add(snapshot, port, error);
		if (code < 0)
			goto fail;
	}
	if (port->policed & POLICED_SNOOP &&
	    groups_open(&snapshot->sw->members, VS_GROUPS,
			snapshot->sw->params.seed) < 0) {
		code = vs_error_set(error, ENOMEM, "", "out of memory");
		goto fail;
	}
	if (subnets_join(snapshot, port) < 0) {
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

static bool reaches_wire(const struct vs_snapshot *snapshot,
			 struct vs_vsid vsid)
{
	const struct vs_stack_member *translate = snapshot->translate;

	if (!vsid.value || vs_vsid_is_vlan(vsid))
		return snapshot->uplink_count > 0;
	return translate && translate->ext->translate->serves &&
	       translate->ext->translate->serves(translate->state, vsid);
}

/* A trunk may carry a private VLAN that another port made one later: its MAC
 * is known under the primary too. Without memory it is flooded to. */
static void macs_follow_primaries(struct vs_snapshot *snapshot)
{
	uint32_t slots = snapshot->mac_slots, i;

	for (i = 0; i < slots; i++) {
		struct vs_static_mac mac = snapshot->macs[i];

		mac.vsid = lane_key(snapshot, mac.vsid);
		if (!mac.port.value ||
		    snapshot_mac(snapshot, mac.vsid, mac.mac.octet).value ||
		    snapshot->mac_count * 2 > slots)
			continue;
		snapshot->mac_count++;
		mac_place(snapshot, &mac);
	}
}

/* Its port waits here, and policy has the VM at another host as yet. */
static bool is_elsewhere(const struct vs_snapshot *snapshot,
			 const struct vs_static_mac *mac)
{
	const struct vs_stack_member *translate = snapshot->translate;
	const struct vs_port *port = snapshot->port[mac->port.value];

	return port && port->waits && vs_vsid_is_tenant(mac->vsid) &&
	       translate && translate->ext->translate->is_remote &&
	       translate->ext->translate->is_remote(translate->state, mac->vsid,
						    &mac->mac);
}

/* Those MACs are not the ports' as long as they wait: frames for them go by
 * policy, and come from the wire. Without memory they are dropped here. */
static void macs_leave(struct vs_snapshot *snapshot)
{
	struct vs_static_mac *old = snapshot->macs;
	uint32_t slots = snapshot->mac_slots, i = 0;

	while (i < slots && !is_elsewhere(snapshot, &old[i]))
		i++;
	if (i == slots)
		return;
	snapshot->macs = calloc(slots, sizeof(*old));
	if (!snapshot->macs) {
		snapshot->macs = old;
		return;
	}
	snapshot->mac_count = 0;
	for (i = 0; i < slots; i++) {
		if (!old[i].port.value || is_elsewhere(snapshot, &old[i]))
			continue;
		snapshot->mac_count++;
		mac_place(snapshot, &old[i]);
	}
	free(old);
}

void vs_snapshot_seal(struct vs_snapshot *snapshot)
{
	uint32_t i;

	macs_leave(snapshot);
	if (snapshot->primary)
		macs_follow_primaries(snapshot);
	for (i = 0; snapshot->vlans && i < snapshot->uplink_count; i++)
		snapshot->uplinks[i]->tags = PORT_TAGS_VLAN;
	snapshot->steady = steady_snapshot(snapshot);
	for (i = 0; i < snapshot->subnet_slots; i++) {
		struct vs_subnet *subnet = &snapshot->subnets[i];

		if (!subnet->used)
			continue;
		subnet->members = subnet->ports;
		subnet->external = reaches_wire(snapshot, subnet->vsid);
		if (subnet->external)
			port_set_add(&subnet->members,
				     (struct vs_port_id){VS_PORT_EXTERNAL});
	}
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
