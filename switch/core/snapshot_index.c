// SPDX-License-Identifier: Apache-2.0
/*
 * snapshot_index.c: whom a (VSID, MAC) and a VSID name in a snapshot that is
 * being built. Refuses a MAC that two ports have in one VSID. Before:
 * snapshot.c; after: forward.c, which looks.
 */
#include "core/snapshot_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/lane.h"
#include "core/switch_state.h"

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

int snapshot_macs_add(struct vs_snapshot *snapshot, const struct vs_port *port,
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

void snapshot_macs_seal(struct vs_snapshot *snapshot)
{
	macs_leave(snapshot);
	if (snapshot->primary)
		macs_follow_primaries(snapshot);
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

int snapshot_subnets_join(struct vs_snapshot *snapshot,
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

static bool reaches_wire(const struct vs_snapshot *snapshot,
			 struct vs_vsid vsid)
{
	const struct vs_stack_member *translate = snapshot->translate;

	if (!vsid.value || vs_vsid_is_vlan(vsid))
		return snapshot->uplink_count > 0;
	return translate && translate->ext->translate->serves &&
	       translate->ext->translate->serves(translate->state, vsid);
}

void snapshot_subnets_seal(struct vs_snapshot *snapshot)
{
	uint32_t i;

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
