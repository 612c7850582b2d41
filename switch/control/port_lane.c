// SPDX-License-Identifier: Apache-2.0
/*
 * port_lane.c: see port_lane.h.
 */
#include "control/port_lane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/host_nouns.h"
#include "control/schema.h"
#include "core/switch.h"

#define VLANS (VS_LANE_WORDS * 64)

static bool has(const struct vs_object *port, uint16_t field)
{
	return object_value(port, field)->present;
}

static uint16_t number(const struct vs_object *port, uint16_t field)
{
	const struct vs_value *value = object_value(port, field);

	return value->present ? (uint16_t)value->number : 0;
}

/* How many VLANs the ranges of a list name; into `set`. */
static unsigned int add_ranges(uint64_t *set, const struct vs_value *list)
{
	unsigned int count = 0;
	uint32_t vlan;
	uint16_t i;

	for (i = 0; i < list->count; i++)
		for (vlan = list->list[i].range.first;
		     vlan <= list->list[i].range.last; vlan++, count++)
			lane_set_add(set, (uint16_t)vlan);
	return count;
}

static void private_lane(const struct vs_object *port,
			 struct vs_lane_plan *lane)
{
	static const uint8_t modes[] = {
		[PORT_PRIVATE_ISOLATED] = VS_LANE_ISOLATED,
		[PORT_PRIVATE_COMMUNITY] = VS_LANE_COMMUNITY,
		[PORT_PRIVATE_PROMISCUOUS] = VS_LANE_PROMISCUOUS,
	};
	const struct vs_value *secondary =
		object_value(port, VS_PORT_SECONDARY);

	lane->mode = modes[object_value(port, VS_PORT_PRIVATE)->choice];
	if (lane->mode == VS_LANE_PROMISCUOUS)
		add_ranges(lane->set, secondary);
	else if (secondary->count)
		lane->secondary = secondary->list[0].range.first;
}

bool port_lane(const struct vs_object *port, struct vs_lane_plan *lane)
{
	*lane = (struct vs_lane_plan){.mode = VS_LANE_NONE};
	if (has(port, VS_PORT_TRUNK)) {
		lane->mode = VS_LANE_TRUNK;
		add_ranges(lane->set, object_value(port, VS_PORT_TRUNK));
		lane->untagged = has(port, VS_PORT_NATIVE);
		lane->vlan = number(port, VS_PORT_NATIVE);
		return true;
	}
	if (!has(port, VS_PORT_VLAN))
		return false;
	lane->mode = VS_LANE_ACCESS;
	lane->vlan = number(port, VS_PORT_VLAN);
	if (has(port, VS_PORT_PRIVATE))
		private_lane(port, lane);
	return true;
}

bool port_has_lane(const struct vs_object *port)
{
	return has(port, VS_PORT_TRUNK) || has(port, VS_PORT_VLAN);
}

bool port_is_external(const struct vs_object *port)
{
	const struct vs_value *mode = object_value(port, VS_PORT_ISOLATION);

	return mode->present && mode->choice == PORT_ISOLATION_EXTERNAL;
}

/* -- for people -------------------------------------------------------------
 */

static size_t list_text(const struct vs_value *list, char *text, size_t room)
{
	size_t used = 0;
	uint16_t i;

	for (i = 0; i < list->count && used < room; i++) {
		const struct vs_range *range = &list->list[i].range;

		used += (size_t)snprintf(text + used, room - used, "%s%u",
					 i ? "," : "", range->first);
		if (range->last != range->first && used < room)
			used += (size_t)snprintf(text + used, room - used,
						 "-%u", range->last);
	}
	return used < room ? used : room - 1;
}

const char *port_lane_text(const struct vs_object *port,
			   char text[PORT_LANE_TEXT])
{
	static const char *const words[VS_LANE_MODES] = {
		[VS_LANE_NONE] = "none",
		[VS_LANE_ACCESS] = "",
		[VS_LANE_TRUNK] = "trunk ",
		[VS_LANE_ISOLATED] = "isolated ",
		[VS_LANE_COMMUNITY] = "community ",
		[VS_LANE_PROMISCUOUS] = "promiscuous ",
	};
	struct vs_lane_plan lane;
	size_t used;

	port_lane(port, &lane);
	used = (size_t)snprintf(text, PORT_LANE_TEXT, "%s", words[lane.mode]);
	if (lane.mode == VS_LANE_TRUNK) {
		used += list_text(object_value(port, VS_PORT_TRUNK),
				  text + used, PORT_LANE_TEXT - used);
		if (lane.untagged)
			snprintf(text + used, PORT_LANE_TEXT - used,
				 " native %u", lane.vlan);
		return text;
	}
	if (lane.mode == VS_LANE_NONE)
		return text;
	used += (size_t)snprintf(text + used, PORT_LANE_TEXT - used, "%u%s",
				 lane.vlan,
				 lane.mode == VS_LANE_ACCESS ? "" : ":");
	list_text(object_value(port, VS_PORT_SECONDARY), text + used,
		  PORT_LANE_TEXT - used);
	return text;
}

/* -- one port ---------------------------------------------------------------
 */

static int refuse(const struct vs_object *port, uint16_t field, int code,
		  struct vs_error *error)
{
	object_path(port, host_nouns[HOST_PORT].fields[field].name, error->path,
		    sizeof(error->path));
	return code;
}

#define REFUSE(port, field, error, ...)                                        \
	refuse(port, field, vs_error_set(error, EINVAL, "", __VA_ARGS__), error)

static int check_alone(const struct vs_object *port, struct vs_error *error)
{
	static const uint16_t others[] = {VS_PORT_VSID, VS_PORT_RDMAP,
					  VS_PORT_CA};
	uint16_t mine = has(port, VS_PORT_TRUNK) ? VS_PORT_TRUNK : VS_PORT_VLAN;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has(port, others[i]))
			return REFUSE(
				port, mine, error,
				"%s: the port has %s too, and is in a VLAN of "
				"the provider's network or in a virtual "
				"subnet: leave out one",
				host_nouns[HOST_PORT].fields[mine].name,
				host_nouns[HOST_PORT].fields[others[i]].name);
	if (has(port, VS_PORT_TRUNK) && has(port, VS_PORT_VLAN))
		return REFUSE(port, VS_PORT_VLAN, error,
			      "vlan: the port is a trunk: say native= for "
			      "frames without a tag");
	return 0;
}

static int check_private(const struct vs_object *port, struct vs_error *error)
{
	const struct vs_value *list = object_value(port, VS_PORT_SECONDARY);
	struct vs_lane_plan lane = {.mode = VS_LANE_NONE};
	unsigned int count = add_ranges(lane.set, list);

	if (!has(port, VS_PORT_VLAN))
		return REFUSE(port, VS_PORT_PRIVATE, error,
			      "private: say the primary VLAN too: vlan=");
	if (lane_set_has(lane.set, number(port, VS_PORT_VLAN)))
		return REFUSE(port, VS_PORT_SECONDARY, error,
			      "secondary: VLAN %u is the primary one",
			      number(port, VS_PORT_VLAN));
	if (object_value(port, VS_PORT_PRIVATE)->choice !=
		    PORT_PRIVATE_PROMISCUOUS &&
	    count != 1)
		return REFUSE(port, VS_PORT_SECONDARY, error,
			      "secondary: an isolated port, or one of a "
			      "community, has one secondary VLAN: say it");
	if (!count || count >= VS_PORT_VSIDS)
		return REFUSE(port, VS_PORT_SECONDARY, error,
			      "secondary: a promiscuous port has 1 to %u "
			      "secondary VLANs",
			      VS_PORT_VSIDS - 1);
	return 0;
}

int port_check_lane(const struct vs_object *port, struct vs_error *error)
{
	if (has(port, VS_PORT_NATIVE) && !has(port, VS_PORT_TRUNK))
		return REFUSE(port, VS_PORT_NATIVE, error,
			      "native: belongs to a trunk: say trunk= too, or "
			      "vlan= instead");
	if (has(port, VS_PORT_SECONDARY) && !has(port, VS_PORT_PRIVATE))
		return REFUSE(port, VS_PORT_SECONDARY, error,
			      "secondary: belongs to a private VLAN: say "
			      "private= too");
	if (has(port, VS_PORT_TRUNK) && has(port, VS_PORT_PRIVATE))
		return REFUSE(port, VS_PORT_PRIVATE, error,
			      "private: the port is a trunk: list the primary "
			      "and the secondary VLANs in trunk=");
	if ((has(port, VS_PORT_TRUNK) || has(port, VS_PORT_VLAN)) &&
	    check_alone(port, error))
		return -EINVAL;
	return has(port, VS_PORT_PRIVATE) ? check_private(port, error) : 0;
}

static bool is_tenants(const struct vs_object *port)
{
	const struct vs_value *vsid = object_value(port, VS_PORT_VSID);

	return vsid->present && vsid->vsid.value;
}

int port_check_isolation(const struct vs_object *port, struct vs_error *error)
{
	const struct vs_value *mode = object_value(port, VS_PORT_ISOLATION);
	bool vlan = has(port, VS_PORT_VLAN) || has(port, VS_PORT_TRUNK);
	const char *fix = NULL;

	if (!mode->present)
		return 0;
	switch ((enum port_isolation)mode->choice) {
	case PORT_ISOLATION_NONE:
		if (vlan || is_tenants(port) || has(port, VS_PORT_RDMAP))
			fix = "the port has a VLAN or a virtual subnet: leave "
			      "it out";
		break;
	case PORT_ISOLATION_NATIVE:
		if (!is_tenants(port) && !has(port, VS_PORT_RDMAP))
			fix = "say in which virtual subnet: vsid=";
		break;
	case PORT_ISOLATION_EXTERNAL:
		if (!is_tenants(port) || has(port, VS_PORT_CA))
			fix = "say vsid=, and no ca=: whose addresses these "
			      "are is not WNV's to know";
		break;
	default:
		if (!vlan)
			fix = "say which VLAN: vlan= or trunk=";
		break;
	}
	return fix ? REFUSE(port, VS_PORT_ISOLATION, error, "isolation: %s",
			    fix)
		   : 0;
}

/* -- the ports of a switch --------------------------------------------------
 */

/* What a VLAN is to the ports seen so far. */
struct use {
	uint16_t primary;	      /* of a secondary one; else 0 */
	uint8_t kind;		      /* ISOLATED, COMMUNITY; 0 = not known */
	bool own;		      /* an access port's, a primary */
	const struct vs_object *port; /* who said so */
};

static int clash(const struct vs_object *port, uint16_t field, uint16_t vlan,
		 const struct use *use, struct vs_error *error)
{
	if (!use->primary)
		return REFUSE(port, field, error,
			      "VLAN %u is the own one of port %s, and a "
			      "secondary one here: take another",
			      vlan, object_key(use->port));
	return REFUSE(port, field, error,
		      "VLAN %u is a secondary one of %u on port %s: a "
		      "secondary VLAN has one primary and is isolated or a "
		      "community",
		      vlan, use->primary, object_key(use->port));
}

static int note_own(struct use *uses, const struct vs_object *port,
		    uint16_t vlan, struct vs_error *error)
{
	struct use *use = &uses[vlan];

	if (use->primary)
		return clash(port, VS_PORT_VLAN, vlan, use, error);
	*use = (struct use){.own = true, .port = port};
	return 0;
}

static int note_secondary(struct use *uses, const struct vs_object *port,
			  const struct vs_lane_plan *lane, uint16_t vlan,
			  struct vs_error *error)
{
	struct use *use = &uses[vlan];
	uint8_t kind =
		lane->mode == VS_LANE_PROMISCUOUS ? use->kind : lane->mode;

	if (use->own || (use->primary && use->primary != lane->vlan) ||
	    (use->kind && use->kind != kind))
		return clash(port, VS_PORT_SECONDARY, vlan, use, error);
	*use = (struct use){.primary = lane->vlan, .kind = kind, .port = port};
	return 0;
}

static int note_port(struct use *uses, const struct vs_object *port,
		     struct vs_error *error)
{
	struct vs_lane_plan lane;
	uint16_t vlan;

	/* a trunk carries both kinds; who is behind it tells them apart */
	if (!port_lane(port, &lane) || lane.mode == VS_LANE_TRUNK)
		return 0;
	if (note_own(uses, port, lane.vlan, error))
		return -EINVAL;
	if (lane.secondary)
		lane_set_add(lane.set, lane.secondary);
	if (lane_set_has(lane.set, lane.vlan))
		return 0; /* check_private refuses it */
	for (vlan = 1; vlan <= VS_VLAN_MAXIMUM; vlan++)
		if (lane_set_has(lane.set, vlan) &&
		    note_secondary(uses, port, &lane, vlan, error))
			return -EINVAL;
	return 0;
}

static bool any_private(const struct store *store, const struct vs_object *sw)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), HOST_PORT);
	const struct vs_object *port = NULL;

	while ((port = store_next(store, noun, sw, port)))
		if (has(port, VS_PORT_PRIVATE))
			return true;
	return false;
}

int port_check_lanes(const struct store *store, const struct vs_object *sw,
		     struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), HOST_PORT);
	const struct vs_object *port = NULL;
	struct use *uses;
	int code = 0;

	if (!any_private(store, sw))
		return 0;
	uses = calloc(VLANS, sizeof(*uses));
	if (!uses)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	while (!code && (port = store_next(store, noun, sw, port)))
		code = note_port(uses, port, error);
	free(uses);
	return code;
}
