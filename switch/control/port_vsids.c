// SPDX-License-Identifier: Apache-2.0
/*
 * port_vsids.c: the VSIDs of a port, and what a map of them must be.
 */
#include "control/port_vsids.h"

#include <errno.h>

#include "control/host_nouns.h"
#include "control/port_lane.h"
#include "core/switch.h"

static const struct vs_value *map_of(const struct vs_object *port)
{
	return object_value(port, VS_PORT_RDMAP);
}

bool port_is_tagged(const struct vs_object *port)
{
	return map_of(port)->present;
}

bool port_is_monitor(const struct vs_object *port)
{
	return object_value(port, VS_PORT_SEE)->present;
}

uint16_t port_vsids(const struct vs_object *port,
		    struct vs_vsid vsids[VS_PORT_VSIDS])
{
	const struct vs_value *list = NULL, *vsid;
	struct vs_lane_plan lane;
	uint16_t i;

	if (port_is_monitor(port))
		list = object_value(port, VS_PORT_SEE);
	else if (port_is_tagged(port))
		list = map_of(port);
	else if (port_lane(port, &lane))
		return lane_vsids(&lane, vsids);
	if (!list) {
		vsid = object_value(port, VS_PORT_VSID);
		vsids[0].value = vsid->present ? vsid->vsid.value : 0;
		return 1;
	}
	for (i = 0; i < list->count && i < VS_PORT_VSIDS; i++)
		vsids[i] = list->kind == VS_KIND_TAG ? list->list[i].tag.vsid
						     : list->list[i].vsid;
	return i;
}

struct vs_vsid port_vsid(const struct vs_object *port)
{
	struct vs_vsid vsids[VS_PORT_VSIDS];

	port_vsids(port, vsids);
	return vsids[0];
}

uint16_t port_tag(const struct vs_object *port, uint16_t index)
{
	return port_is_tagged(port) ? map_of(port)->list[index].tag.vlan : 0;
}

struct vs_vsid port_vsid_of_tag(const struct vs_object *port, uint16_t vlan)
{
	struct vs_vsid vsids[VS_PORT_VSIDS];
	uint16_t i, count = port_vsids(port, vsids);

	for (i = 0; i < count; i++)
		if (port_tag(port, i) == vlan)
			return vsids[i];
	return (struct vs_vsid){0};
}

bool port_vsids_share(const struct vs_object *a, const struct vs_object *b)
{
	struct vs_vsid vsids_a[VS_PORT_VSIDS], vsids_b[VS_PORT_VSIDS];
	uint16_t i, j, count_a = port_vsids(a, vsids_a),
		       count_b = port_vsids(b, vsids_b);
	struct vs_lane_plan lane_a, lane_b;

	for (i = 0; i < count_a; i++)
		for (j = 0; j < count_b; j++)
			if (vs_vsid_equal(vsids_a[i], vsids_b[j]))
				return true;
	port_lane(a, &lane_a);
	port_lane(b, &lane_b);
	for (i = 0; i < count_a; i++)
		if (lane_trunk_has(&lane_b, vsids_a[i]))
			return true;
	for (j = 0; j < count_b; j++)
		if (lane_trunk_has(&lane_a, vsids_b[j]))
			return true;
	for (i = 0; lane_a.mode == VS_LANE_TRUNK && i < VS_LANE_WORDS; i++)
		if (lane_b.mode == VS_LANE_TRUNK &&
		    lane_a.set[i] & lane_b.set[i])
			return true;
	return false;
}

/* The error's place, after its text. */
static int at(const struct vs_object *port, const char *field,
	      struct vs_error *error)
{
	object_path(port, field, error->path, sizeof(error->path));
	return -error->code;
}

static bool check_pair(const struct vs_tag *a, const struct vs_tag *b,
		       struct vs_error *error)
{
	if (a->vlan == b->vlan)
		vs_error_set(error, EINVAL, "",
			     "rdmap: VLAN %u names the VSIDs %u and %u: a tag "
			     "names one",
			     a->vlan, a->vsid.value, b->vsid.value);
	else if (vs_vsid_equal(a->vsid, b->vsid))
		vs_error_set(error, EINVAL, "",
			     "rdmap: VSID %u has the VLANs %u and %u: give it "
			     "one",
			     a->vsid.value, a->vlan, b->vlan);
	else
		return true;
	return false;
}

/* The tag is the VSID's name on this port: one to one, and no other way to
 * say a VSID beside it. */
int port_check_rdmap(const struct vs_object *port, struct vs_error *error)
{
	const struct vs_value *map = map_of(port);
	uint16_t i, j;

	if (object_value(port, VS_PORT_VSID)->present) {
		vs_error_set(error, EINVAL, "",
			     "rdmap: the port has a vsid too: say one of them; "
			     "0:VSID in rdmap is for frames without a tag");
		return at(port, "rdmap", error);
	}
	if (object_value(port, VS_PORT_CA)->present) {
		vs_error_set(error, EINVAL, "",
			     "ca: behind a port with rdmap an address does not "
			     "say its subnet: write its record there (ca add "
			     "ADDRESS vsid=VSID)");
		return at(port, "ca", error);
	}
	if (map->count > VS_PORT_VSIDS) {
		vs_error_set(error, E2BIG, "",
			     "rdmap: a port carries at most %u subnets",
			     VS_PORT_VSIDS);
		return at(port, "rdmap", error);
	}
	for (i = 0; i < map->count; i++)
		for (j = 0; j < i; j++)
			if (!check_pair(&map->list[j].tag, &map->list[i].tag,
					error))
				return at(port, "rdmap", error);
	return 0;
}

int port_check_see(const struct vs_object *port, struct vs_error *error)
{
	static const uint16_t others[] = {VS_PORT_VSID, VS_PORT_RDMAP,
					  VS_PORT_CA, VS_PORT_VLAN,
					  VS_PORT_TRUNK};
	const struct vs_field *fields = host_nouns[HOST_PORT].fields;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!object_value(port, others[i])->present)
			continue;
		vs_error_set(error, EINVAL, "",
			     "see: a monitor port sends nothing and stands in "
			     "no subnet: leave out %s",
			     fields[others[i]].name);
		return at(port, "see", error);
	}
	if (object_value(port, VS_PORT_SEE)->count > VS_PORT_VSIDS) {
		vs_error_set(error, E2BIG, "",
			     "see: a port sees at most %u VSIDs",
			     VS_PORT_VSIDS);
		return at(port, "see", error);
	}
	return 0;
}
