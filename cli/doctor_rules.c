// SPDX-License-Identifier: Apache-2.0
/*
 * doctor_rules.c: facts in, findings out. One function a rule; the table at
 * the end is all of them.
 */
#include "doctor.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

#define NVGRE_OVERHEAD 42
#define VXLAN_OVERHEAD 50
#define MTU_DEFAULT    1458
#define VXLAN_PORT     4789
#define TEXT_SIZE      400
#define RECORDS_SHOWN  5

/* Where a finding goes; the cure is the text behind the first '#'. */
struct chart {
	const json_t *facts;
	json_t *findings;
};

__attribute__((format(printf, 4, 5))) static void
find(const struct chart *chart, const char *severity, const char *about,
     const char *format, ...)
{
	char text[TEXT_SIZE], *cure;
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	cure = strchr(text, '#');
	if (cure)
		*cure++ = '\0';
	json_array_append_new(chart->findings,
			      json_pack("{s:s, s:s, s:s, s:s}", "severity",
					severity, "about", about, "what", text,
					"cure", cure ? cure : ""));
}

static const json_t *host(const struct chart *chart, const char *name)
{
	return json_object_get(json_object_get(chart->facts, "host"), name);
}

static long sysctl(const struct chart *chart, const char *name)
{
	const char *text = member_text(host(chart, "sysctl"), name);

	return *text ? strtol(text, NULL, 10) : -1;
}

/* Walks every uplink or port of every switch. */
#define EACH(chart, kind, sw, item, i, k)                                      \
	json_array_foreach(                                                    \
		json_object_get(json_object_get((chart)->facts, "show"),       \
				"switches"),                                   \
		i, sw) json_array_foreach(json_object_get(sw, kind), k, item)

/* -- the switch -------------------------------------------------------------
 */

/* The kernel's own word on a device; NULL: it has none, or was not asked. */
static const json_t *link_of(const struct chart *chart, const char *name)
{
	json_t *link;
	size_t i;

	json_array_foreach(host(chart, "links"), i, link)
	{
		if (strcmp(member_text(link, "ifname"), name) == 0)
			return link;
	}
	return NULL;
}

static bool has_flag(const json_t *link, const char *name)
{
	json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(link, "flags"), i, flag)
	{
		if (strcmp(json_string_value(flag), name) == 0)
			return true;
	}
	return false;
}

/* What cures a device depends on what is wrong with it. */
static void find_unused(const struct chart *chart, const char *name,
			const char *why)
{
	const json_t *link = link_of(chart, name);

	if (host(chart, "links") && !link)
		find(chart, "error", name,
		     "the uplink is not in use: %s#ip -br link", why);
	else if (has_flag(link, "UP"))
		find(chart, "error", name,
		     "the uplink is not in use: the device is up but has no "
		     "carrier: look at its cable and the other end#ethtool %s",
		     name);
	else
		find(chart, "error", name,
		     "the uplink is not in use: %s#ip link set %s up", why,
		     name);
}

static void uplinks_up(const struct chart *chart)
{
	json_t *sw, *uplink;
	size_t i, k;

	EACH(chart, "uplinks", sw, uplink, i, k)
	if (strcmp(member_text(uplink, "state"), "up") != 0)
		find_unused(chart, member_text(uplink, "name"),
			    member_text(uplink, "why"));
}

static void ports_up(const struct chart *chart)
{
	json_t *sw, *port;
	size_t i, k;

	EACH(chart, "ports", sw, port, i, k)
	if (strcmp(member_text(port, "state"), "up") != 0)
		find(chart, "warning", member_text(port, "name"),
		     "the port is not in use: %s#vsctl port show %s",
		     member_text(port, "why"), member_text(port, "name"));
}

static void switch_warnings(const struct chart *chart)
{
	json_t *sw, *warning;
	size_t i, k;

	EACH(chart, "warnings", sw, warning, i, k)
	find(chart, "warning", member_text(sw, "name"), "%s",
	     json_is_string(warning) ? json_string_value(warning)
				     : member_text(warning, "text"));
}

static void guests(const struct chart *chart)
{
	json_t *sw, *port, *text;
	size_t i, k, at;

	EACH(chart, "ports", sw, port, i, k)
	json_array_foreach(json_object_get(port, "mismatches"), at, text)
		find(chart, "warning", member_text(port, "name"),
		     "%s#vsctl port show %s", json_string_value(text),
		     member_text(port, "name"));
}

static json_int_t largest_mtu(const struct chart *chart)
{
	json_int_t largest = 0;
	json_t *subnet;
	size_t i;

	json_array_foreach(json_object_get(chart->facts, "subnet"), i, subnet)
	{
		json_int_t mtu =
			member_number(json_object_get(subnet, "fields"), "mtu");

		mtu = mtu ? mtu : MTU_DEFAULT;
		largest = mtu > largest ? mtu : largest;
	}
	return largest;
}

static bool uses_vxlan(const struct chart *chart)
{
	return json_array_size(json_object_get(chart->facts, "vxlan")) > 0;
}

static void mtus(const struct chart *chart)
{
	json_int_t need = largest_mtu(chart);
	json_t *sw, *uplink;
	size_t i, k;

	if (!need)
		return;
	need += uses_vxlan(chart) ? VXLAN_OVERHEAD : NVGRE_OVERHEAD;
	EACH(chart, "uplinks", sw, uplink, i, k)
	{
		const char *name = member_text(uplink, "name");
		json_int_t mtu = member_number(uplink, "mtu");

		if (mtu && mtu < need)
			find(chart, "error", name,
			     "its MTU is %d, but a full packet of a subnet "
			     "needs %d on the wire#ip link set %s mtu %d",
			     (int)mtu, (int)need, name, (int)need);
	}
}

static void addresses(const struct chart *chart)
{
	json_t *pa;
	size_t i;

	json_array_foreach(json_object_get(chart->facts, "pa"), i, pa)
	{
		const json_t *status = json_object_get(pa, "status");
		const char *state = member_text(status, "state");
		const char *rival = member_text(status, "claimed-by");
		const char *uplink =
			member_text(json_object_get(pa, "parent"), "key");
		const char *key = member_text(pa, "key");

		if (strcmp(state, "duplicate") == 0)
			find(chart, "error", key,
			     "another machine%s%s has this provider address, "
			     "so it is not used#arping -D -c 3 -I %s %s",
			     *rival ? ", MAC " : "", rival, uplink, key);
		else if (*rival)
			find(chart, "error", key,
			     "the machine with MAC %s uses this provider "
			     "address too: what other hosts send here may go "
			     "there#arping -D -c 3 -I %s %s",
			     rival, uplink, key);
		else if (strcmp(state, "new") == 0)
			find(chart, "warning", key,
			     "it waits for its uplink to come up#vsctl uplink "
			     "list");
	}
}

static void records(const struct chart *chart)
{
	const json_t *all = json_object_get(chart->facts, "unusable");
	size_t i, count = json_array_size(all);
	json_t *record;

	json_array_foreach(all, i, record)
	{
		if (i == RECORDS_SHOWN)
			break;
		find(chart, "warning", member_text(record, "key"),
		     "no traffic can use the record: %s#vsctl ca show %s "
		     "vsid=%s",
		     member_text(json_object_get(record, "status"), "why"),
		     member_text(record, "key"),
		     member_text(json_object_get(record, "parent"), "key"));
	}
	if (count > RECORDS_SHOWN)
		find(chart, "warning", "ca",
		     "%zu more records that no traffic can use#vsctl ca list "
		     "usable=no",
		     count - RECORDS_SHOWN);
}

static void find_peer(const struct chart *chart, const char *key,
		      const char *state, const char *reach)
{
	if (strcmp(state, "silent") == 0)
		find(chart, "warning", key,
		     "no machine answers for this provider address: what its "
		     "records send there is lost#vsctl ca list pa=%s",
		     key);
	else if (strcmp(reach, "ping only") == 0)
		find(chart, "warning", key,
		     "the host answers ping, but not in the tunnel: no "
		     "vswitchd is there, or something between drops its "
		     "packets#vsctl peer probe %s",
		     key);
	else if (strcmp(reach, "silent") == 0)
		find(chart, "warning", key,
		     "the host did not answer when it was last asked#vsctl "
		     "peer probe %s",
		     key);
}

static void peers(const struct chart *chart)
{
	json_t *peer;
	size_t i;

	json_array_foreach(json_object_get(chart->facts, "peer"), i, peer)
	{
		const json_t *status = json_object_get(peer, "status");

		find_peer(chart, member_text(peer, "key"),
			  member_text(status, "state"),
			  member_text(status, "reach"));
	}
}

/* What another host sends here and policy does not know: the policies of the
 * two differ, or somebody tries. */
static void strangers(const struct chart *chart)
{
	static const char *const reasons[] = {
		"pa_src_unknown", "pa_src_mismatch", "vsid_unknown"};
	json_t *drop;
	size_t i, k;

	json_array_foreach(json_object_get(chart->facts, "drops"), i, drop)
	{
		const char *reason = member_text(drop, "reason");

		for (k = 0; k < sizeof(reasons) / sizeof(reasons[0]); k++)
			if (strcmp(reason, reasons[k]) == 0)
				find(chart, "warning",
				     member_text(drop, "port"),
				     "%lld frames of other hosts were dropped, "
				     "%s: %s#vsctl drops reason=%s",
				     (long long)member_number(drop, "count"),
				     reason, member_text(drop, "help"), reason);
	}
}

/* -- the host ---------------------------------------------------------------
 */

/* Of what is not known it may be said that it is there. */
static bool has_bridge(const struct chart *chart)
{
	json_t *link;
	size_t i;

	json_array_foreach(host(chart, "links"), i, link)
	{
		if (strcmp(member_text(json_object_get(link, "linkinfo"),
				       "info_kind"),
			   "bridge") == 0)
			return true;
	}
	return !json_array_size(host(chart, "links"));
}

static void bridge_filters(const struct chart *chart)
{
	static const char *const names[] = {
		"net.bridge.bridge-nf-call-iptables",
		"net.bridge.bridge-nf-call-ip6tables",
	};

	for (size_t i = 0; i < 2; i++)
		if (sysctl(chart, names[i]) == 1 && has_bridge(chart))
			find(chart, "warning", names[i],
			     "the kernel's bridges hand their frames to "
			     "iptables: provider frames that cross one may be "
			     "filtered#sysctl -w %s=0",
			     names[i]);
}

/* Only with several uplinks do answers come in elsewhere. */
static void reverse_path(const struct chart *chart)
{
	long all = sysctl(chart, "net.ipv4.conf.all.rp_filter"), own;
	json_t *sw, *uplink;
	char name[96];
	size_t i, k;

	EACH(chart, "uplinks", sw, uplink, i, k)
	{
		const char *device = member_text(uplink, "name");

		snprintf(name, sizeof(name), "net.ipv4.conf.%s.rp_filter",
			 device);
		own = sysctl(chart, name);
		if (json_array_size(json_object_get(sw, "uplinks")) > 1 &&
		    (own == 1 || (own == 0 && all == 1)))
			find(chart, "warning", device,
			     "strict reverse path filtering, but the switch "
			     "has several uplinks: what comes in by another "
			     "one than answers take is dropped by the "
			     "kernel#sysctl -w %s=2",
			     name);
	}
}

static void device_offloads(const struct chart *chart)
{
	json_t *one;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)host(chart, "offloads"), name,
			    one)
	{
		if (member_true(one, "lro"))
			find(chart, "warning", name,
			     "LRO merges packets so that they can't be cut "
			     "again#ethtool -K %s lro off",
			     name);
		if (json_is_false(json_object_get(one, "gro")))
			find(chart, "note", name,
			     "GRO is off: many packets where few would "
			     "do#ethtool -K %s gro on",
			     name);
	}
}

static bool is_own_pa(const struct chart *chart, const char *address)
{
	json_t *pa;
	size_t i;

	json_array_foreach(json_object_get(chart->facts, "pa"), i, pa)
	{
		if (strcmp(member_text(pa, "key"), address) == 0)
			return true;
	}
	return false;
}

static void kernel_tunnels(const struct chart *chart)
{
	json_t *link;
	size_t i;

	json_array_foreach(host(chart, "links"), i, link)
	{
		const json_t *info = json_object_get(link, "linkinfo");
		const json_t *data = json_object_get(info, "info_data");
		const char *kind = member_text(info, "info_kind");
		const char *name = member_text(link, "ifname");

		if (strcmp(kind, "vxlan") == 0 && uses_vxlan(chart) &&
		    member_number(data, "port") == VXLAN_PORT)
			find(chart, "error", name,
			     "the kernel's own vxlan device has UDP port %d, "
			     "which records with rule=vxlan need: its packets "
			     "go to the switch#ip link del %s",
			     VXLAN_PORT, name);
		if (strstr(kind, "gre") &&
		    is_own_pa(chart, member_text(data, "local")))
			find(chart, "error", name,
			     "a kernel tunnel has a provider address of ours "
			     "as its end: its packets go to the switch#ip "
			     "link del %s",
			     name);
	}
}

static void connections(const struct chart *chart)
{
	long count = sysctl(chart, "net.netfilter.nf_conntrack_count");
	long most = sysctl(chart, "net.netfilter.nf_conntrack_max");

	if (most > 0 && count > most / 10 * 9)
		find(chart, "warning", "conntrack",
		     "%ld of %ld connections are tracked: the kernel will "
		     "drop new ones#sysctl -w net.netfilter.nf_conntrack_max="
		     "%ld",
		     count, most, most * 2);
}

static void open_files(const struct chart *chart)
{
	json_int_t limit = json_integer_value(host(chart, "nofile"));
	json_int_t need = 64;
	json_t *sw, *item;
	size_t i, k;

	EACH(chart, "ports", sw, item, i, k)
	need += 4;
	EACH(chart, "uplinks", sw, item, i, k)
	need += 16;
	if (limit && limit < need)
		find(chart, "warning", "vswitchd",
		     "it may open %d files, which is few for its ports#prlimit "
		     "--pid %d --nofile=%d",
		     (int)limit, (int)json_integer_value(host(chart, "daemon")),
		     (int)need * 4);
}

static void clock_synchronised(const struct chart *chart)
{
	if (json_is_false(host(chart, "clock")))
		find(chart, "note", "clock",
		     "it is not synchronised: captures and logs of hosts "
		     "can't be laid side by side#timedatectl set-ntp true");
}

static void namespaces(const struct chart *chart)
{
	if (json_is_false(host(chart, "entered")))
		find(chart, "note", "host",
		     "the daemon's network namespace can't be entered, so its "
		     "devices and settings were not looked at#sudo vsctl "
		     "doctor");
}

static void kernel_features(const struct chart *chart)
{
	const json_t *probes = json_object_get(
		json_object_get(chart->facts, "version"), "probes");

	if (json_is_false(json_object_get(probes, "vnet_hdr")) ||
	    json_is_false(json_object_get(probes, "tcp_segmentation")))
		find(chart, "warning", "kernel",
		     "its TAP devices take no super-frames: TCP is several "
		     "times slower#modprobe tun");
	else if (json_is_false(json_object_get(probes, "udp_segmentation")))
		find(chart, "note", "kernel",
		     "its TAP devices take no UDP segments (Linux 6.2 and "
		     "later do)");
}

/* -- all of them ------------------------------------------------------------
 */

static void (*const rules[])(const struct chart *) = {
	uplinks_up,
	ports_up,
	switch_warnings,
	guests,
	mtus,
	addresses,
	records,
	peers,
	strangers,
	bridge_filters,
	reverse_path,
	device_offloads,
	kernel_tunnels,
	connections,
	open_files,
	kernel_features,
	clock_synchronised,
	namespaces,
};

json_t *doctor_findings(const json_t *facts)
{
	static const char *const order[] = {"error", "warning", "note"};
	struct chart chart = {.facts = facts, .findings = json_array()};
	json_t *sorted = json_array(), *finding;
	size_t i, k;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](&chart);
	for (k = 0; k < 3; k++)
		json_array_foreach(
			chart.findings, i,
			finding) if (strcmp(member_text(finding, "severity"),
					    order[k]) == 0)
			json_array_append(sorted, finding);
	json_decref(chart.findings);
	return sorted;
}
