// SPDX-License-Identifier: Apache-2.0
/*
 * check_port.c: what the fields of one port and of one ACL entry must be
 * together.
 *
 * Before this file: check.c, which walks. After it: none.
 */
#include "control/check_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/acl_extended.h"
#include "control/check.h"
#include "control/host_nouns.h"
#include "control/port_lane.h"
#include "control/port_vsids.h"
#include "control/schema.h"

static bool has(const struct vs_object *object, uint16_t field)
{
	return object_value(object, field)->present;
}

static const char *text_of(const struct vs_object *object, uint16_t field)
{
	return object_value(object, field)->text;
}

static int refuse(const struct vs_object *object, uint16_t field,
		  struct vs_error *error, const char *text)
{
	const char *name = object_noun(object)->noun->fields[field].name;

	vs_error_set(error, EINVAL, "", "%s", text);
	if (error)
		object_path(object, name, error->path, sizeof(error->path));
	return -EINVAL;
}

int check_device(const char *name, struct vs_error *error)
{
	size_t size = strlen(name);
	const char *why = NULL;

	if (size > 15)
		why = "is longer than the 15 bytes of a device name";
	else if (strchr(name, '%'))
		why = "has a '%', which makes the kernel choose another name";
	else if (strchr(name, '/') || strchr(name, ':'))
		why = "has a '/' or ':', which no device name has";
	else if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		why = "is no device name";
	else if (strpbrk(name, " \t"))
		why = "has a blank, which no device name has";
	else if (strcmp(name, "lo") == 0)
		why = "is the loopback device, which no VM is behind";
	if (!why)
		return 0;
	return vs_error_set(error, EINVAL, "", "'%.64s' %s: say another", name,
			    why);
}

static int check_device_field(const struct vs_object *object, uint16_t field,
			      struct vs_error *error)
{
	struct vs_error why = {.code = 0};

	if (!has(object, field) || !check_device(text_of(object, field), &why))
		return 0;
	return refuse(object, field, error, why.text);
}

static int check_driver(const struct vs_object *port, struct vs_error *error)
{
	static const uint16_t drivers[] = {VS_PORT_TAP, VS_PORT_PACKET,
					   VS_PORT_PCAP, VS_PORT_NULL};
	const struct vs_field *fields = object_noun(port)->noun->fields;
	int first = -1;
	size_t i;

	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (!has(port, drivers[i]))
			continue;
		if (first >= 0) {
			vs_error_set(error, EINVAL, "",
				     "port '%s' has two drivers, %s and %s: "
				     "say one",
				     object_key(port), fields[first].name,
				     fields[drivers[i]].name);
			object_path(port, fields[drivers[i]].name, error->path,
				    sizeof(error->path));
			return -EINVAL;
		}
		first = drivers[i];
	}
	if (first >= 0)
		return 0;
	vs_error_set(error, EINVAL, "",
		     "port '%s' has no driver: say one of tap, packet, pcap, "
		     "null",
		     object_key(port));
	object_path(port, NULL, error->path, sizeof(error->path));
	return -EINVAL;
}

static bool is_file(const char *path)
{
	return strcmp(path, "-") == 0 || path[0] == '/';
}

static int check_paths(const struct vs_object *port, struct vs_error *error)
{
	const char *netns;

	if (check_device_field(port, VS_PORT_TAP, error) ||
	    check_device_field(port, VS_PORT_PACKET, error))
		return -EINVAL;
	if (has(port, VS_PORT_NETNS)) {
		netns = text_of(port, VS_PORT_NETNS);
		if (!has(port, VS_PORT_TAP) && !has(port, VS_PORT_PACKET))
			return refuse(port, VS_PORT_NETNS, error,
				      "netns: only a tap or packet port has a "
				      "device to be in a namespace");
		if (strchr(netns, '/') || netns[0] == '.')
			return refuse(port, VS_PORT_NETNS, error,
				      "netns: a name under /run/netns, "
				      "without '/' or a leading '.'");
	}
	if (has(port, VS_PORT_PCAP) && !is_file(text_of(port, VS_PORT_PCAP)))
		return refuse(port, VS_PORT_PCAP, error,
			      "pcap: an absolute path, or - for no input");
	if (!has(port, VS_PORT_PCAP_OUT))
		return 0;
	if (!has(port, VS_PORT_PCAP))
		return refuse(port, VS_PORT_PCAP_OUT, error,
			      "pcap-out: belongs to a pcap port: say pcap=- "
			      "beside it");
	if (text_of(port, VS_PORT_PCAP_OUT)[0] != '/')
		return refuse(port, VS_PORT_PCAP_OUT, error,
			      "pcap-out: an absolute path");
	return 0;
}

/* Does an uplink of the port's switch have a provider address? */
static bool fabric_is_near(const struct store *store,
			   const struct vs_object *port)
{
	const struct schema_noun *pa = schema_find(store_schema(store), "pa");

	if (!pa || !pa->parent ||
	    pa->parent != schema_host(store_schema(store), HOST_UPLINK))
		return false;
	return store_next(store, pa, object_parent(port), NULL);
}

static int check_vsid(const struct store *store, const struct vs_object *port,
		      struct vs_error *error)
{
	const struct vs_value *vsid = object_value(port, VS_PORT_VSID);

	if (port_check_lane(port, error) || port_check_isolation(port, error))
		return -EINVAL;
	if (port_is_monitor(port))
		return port_check_see(port, error);
	if (has(port, VS_PORT_RDMAP))
		return port_check_rdmap(port, error);
	if (has(port, VS_PORT_VLAN) || has(port, VS_PORT_TRUNK))
		return 0;
	if (!vsid->present && fabric_is_near(store, port))
		return refuse(port, VS_PORT_VSID, error,
			      "vsid: the switch's uplink has a provider "
			      "address, and without a VSID the port would "
			      "stand in the provider network: say its VSID, "
			      "or vsid=0 (or vlan=) if that is meant");
	if (has(port, VS_PORT_CA) && (!vsid->present || !vsid->vsid.value))
		return refuse(port, VS_PORT_CA, error,
			      "ca: a customer address needs a VSID other than "
			      "0");
	return 0;
}

static int check_bandwidth(const struct vs_object *port, uint16_t field,
			   struct vs_error *error)
{
	const struct vs_value *value = object_value(port, field);

	if (!value->present || !value->number ||
	    value->number >= HOST_BANDWIDTH_MINIMUM)
		return 0;
	return refuse(port, field, error,
		      "a bandwidth is in bits a second: say 8000 (8k) or more, "
		      "or 0 for any");
}

int check_port(const struct store *store, const struct vs_object *port,
	       struct vs_error *error)
{
	if (check_driver(port, error) || check_paths(port, error))
		return -EINVAL;
	if (check_bandwidth(port, VS_PORT_BANDWIDTH_OUT, error) ||
	    check_bandwidth(port, VS_PORT_BANDWIDTH_IN, error))
		return -EINVAL;
	if (acl_extended_check_port(store, port, error))
		return -EINVAL;
	return check_vsid(store, port, error);
}

int check_acl(const struct vs_object *acl, struct vs_error *error)
{
	uint16_t field;
	int sides = 0;

	if (acl_extended_check(acl, error))
		return -EINVAL;
	if (acl_is_extended(acl))
		return 0;
	for (field = HOST_ACL_LOCAL; field < HOST_ACL_WEIGHT; field++)
		sides += has(acl, field);
	if (sides == 1 &&
	    object_value(acl, HOST_ACL_ACTION)->choice == HOST_ACL_METER &&
	    (has(acl, HOST_ACL_LOCAL_MAC) || has(acl, HOST_ACL_REMOTE_MAC)))
		return refuse(acl, HOST_ACL_ACTION, error,
			      "action: a meter counts by IP address: say local "
			      "or remote, or remote=any");
	if (sides == 1)
		return 0;
	vs_error_set(error, EINVAL, "",
		     sides ? "an entry has one side, this one has %d: write an "
			     "entry for each of local, remote, local-mac, "
			     "remote-mac; all of them must allow"
			   : "the entry names %d sides: say one of local, "
			     "remote, local-mac, remote-mac (or remote=any)",
		     sides);
	if (error)
		object_path(acl, NULL, error->path, sizeof(error->path));
	return -EINVAL;
}
