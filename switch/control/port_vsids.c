// SPDX-License-Identifier: Apache-2.0
/*
 * port_vsids.c: the VSIDs of a port, and what a map of them must be.
 */
#include "control/port_vsids.h"

#include <errno.h>

#include "control/host_nouns.h"
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

uint16_t port_vsid_count(const struct vs_object *port)
{
	if (port_is_monitor(port))
		return object_value(port, VS_PORT_SEE)->count;
	return port_is_tagged(port) ? map_of(port)->count : 1;
}

struct vs_vsid port_vsid(const struct vs_object *port, uint16_t index)
{
	const struct vs_value *vsid = object_value(port, VS_PORT_VSID);

	if (port_is_monitor(port))
		return object_value(port, VS_PORT_SEE)->list[index].vsid;
	if (port_is_tagged(port))
		return map_of(port)->list[index].tag.vsid;
	return vsid->present ? vsid->vsid : (struct vs_vsid){0};
}

uint16_t port_tag(const struct vs_object *port, uint16_t index)
{
	return port_is_tagged(port) ? map_of(port)->list[index].tag.vlan : 0;
}

struct vs_vsid port_vsid_of_tag(const struct vs_object *port, uint16_t vlan)
{
	uint16_t i, count = port_vsid_count(port);

	for (i = 0; i < count; i++)
		if (port_tag(port, i) == vlan)
			return port_vsid(port, i);
	return (struct vs_vsid){0};
}

bool port_vsids_share(const struct vs_object *a, const struct vs_object *b)
{
	uint16_t i, j, count_a = port_vsid_count(a),
		       count_b = port_vsid_count(b);

	for (i = 0; i < count_a; i++)
		for (j = 0; j < count_b; j++)
			if (vs_vsid_equal(port_vsid(a, i), port_vsid(b, j)))
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
					  VS_PORT_CA};
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
