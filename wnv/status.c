/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>

#include "group.h"
#include "learned.h"
#include "resolve.h"
#include "path_mtu.h"
#include "redirects.h"
#include "shared.h"
#include "state.h"
#include "wildcard.h"

#define NS_PER_SECOND (UINT64_C(1000) * 1000 * 1000)

static const char *const rule_names[] = {"encap", "none", "vxlan", "rewrite"};
_Static_assert(sizeof(rule_names) / sizeof(rule_names[0]) == WNV_RULES,
	       "one name per rule");

/* Can traffic use it, as seen from this host? */
static bool is_usable(const struct wnv_record *record)
{
	return record->flags & WNV_RECORD_USABLE;
}

static const char *unusable(const struct wnv_record *record)
{
	if (record->rule == WNV_RULE_NONE)
		return "rule=none, and the VM is not on this host";
	if (record->rule == WNV_RULE_REWRITE &&
	    record->flags & WNV_RECORD_LOCAL)
		return "rule=rewrite, and the kernel has the pa as an address "
		       "of its own";
	return "169.254.254.254 stands for no host";
}

/* Why it is not usable, or what is odd; NULL: nothing. */
static const char *why(const struct wnv_state *state,
		       const struct wnv_record *record)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, record->vsid);

	if (record->flags & WNV_RECORD_WAITS)
		return "a port here has the address, and waits until the pa "
		       "is on this host";
	if ((record->type == WNV_TYPE_L2ONLY ||
	     record->type == WNV_TYPE_GATEWAY) &&
	    record->flags & WNV_RECORD_USABLE)
		return NULL;
	if (!(record->flags & WNV_RECORD_USABLE))
		return unusable(record);
	if (subnet && !wnv_is_link_local6(&record->ca.ip) &&
	    !wnv_subnet_holds(subnet, &record->ca))
		return "outside every prefix of its subnet: nothing is routed "
		       "to it";
	return NULL;
}

/* How long a learned address has been silent. */
static void reply_age(const struct wnv_state *state, uint64_t now_ns,
		      const struct wnv_record *record, struct vs_reply *reply)
{
	const struct learned_key key = {record->vsid, record->ca};
	uint64_t age_ns;

	if (record->type == WNV_TYPE_DYNAMIC &&
	    learned_age(wnv_state_learned(state), &key, now_ns, &age_ns))
		reply->ops->number(reply, "age", age_ns / NS_PER_SECOND);
}

static void reply_record(const struct wnv_state *state,
			 const struct wnv_record *record,
			 struct vs_reply *reply)
{
	const char *text = why(state, record);
	struct vs_mac owner;
	char mac[VS_MAC_TEXT];

	reply->ops->truth(reply, "usable", is_usable(record));
	if (text)
		reply->ops->text(reply, "why", text);
	reply->ops->truth(reply, "local", record->flags & WNV_RECORD_LOCAL);
	reply->ops->truth(reply, "auto", record->flags & WNV_RECORD_AUTO);
	if (record->type == WNV_TYPE_SHARED) {
		owner = shared_name(state, record);
		owner = shared_own_mac(&owner);
		reply->ops->text(reply, "owner", vs_mac_format(&owner, mac));
	}
}

/* Of a record without a CA. */
static void reply_keyless(const struct wnv_state *state,
			  const struct wnv_record *record,
			  struct vs_reply *reply)
{
	const char *text = why(state, record);

	reply->ops->truth(reply, "usable", is_usable(record));
	if (text)
		reply->ops->text(reply, "why", text);
	reply->ops->truth(reply, "local", record->flags & WNV_RECORD_LOCAL);
}

void wnv_status_l2only(const struct wnv_state *state, const char *vsid,
		       const char *mac, struct vs_reply *reply)
{
	struct vs_vsid in = {(uint32_t)strtoul(vsid, NULL, 10)};
	const struct wnv_record *record = NULL;
	struct vs_mac key;

	if (vs_mac_parse(mac, &key) == 0)
		record = wnv_l2only_find(state, in, &key);
	if (record)
		reply_keyless(state, record, reply);
}

void wnv_status_gateway(const struct wnv_state *state, const char *vsid,
			const char *mac, struct vs_reply *reply)
{
	struct vs_vsid in = {(uint32_t)strtoul(vsid, NULL, 10)};
	const struct wnv_subnet *subnet = wnv_subnet_find(state, in);
	const struct wnv_record *record = NULL;
	struct vs_mac key;

	if (subnet && vs_mac_parse(mac, &key) == 0)
		record = wnv_wildcard_of(state, subnet, &key);
	if (record)
		reply_keyless(state, record, reply);
}

/* Traffic goes elsewhere than the record says: its host said so. */
static void reply_followed(const struct wnv_state *state, uint64_t now_ns,
			   const struct wnv_record *record,
			   struct vs_reply *reply)
{
	const struct wnv_peer *peer = wnv_redirected(state, record, now_ns);
	char ip[VS_IP_TEXT], text[VS_IP_TEXT + 80];

	if (!peer || record->flags & WNV_RECORD_LOCAL)
		return;
	snprintf(text, sizeof(text),
		 "its host said that it is at %s, and is believed for now",
		 vs_ip_format(&peer->pa.ip, ip));
	reply->ops->text(reply, "why", text);
}

void wnv_status_ca(const struct wnv_state *state, uint64_t now_ns,
		   const char *vsid, const char *ca, struct vs_reply *reply)
{
	struct wnv_dynamic dynamic = {.now_ns = now_ns};
	struct vs_vsid in = {(uint32_t)strtoul(vsid, NULL, 10)};
	const struct wnv_subnet *subnet = wnv_subnet_find(state, in);
	const struct wnv_record *record;
	struct wnv_ca key;

	if (!subnet || vs_ip_parse(ca, &key.ip))
		return;
	record = wnv_resolve(state, in, &key, &dynamic);
	if (record) {
		reply_record(state, record, reply);
		reply_age(state, now_ns, record, reply);
		reply_followed(state, now_ns, record, reply);
	} else if (wnv_subnet_is_gateway(subnet, &key))
		reply->ops->text(reply, "why", "gives the gateway its MAC");
}

void wnv_status_group(const struct wnv_state *state, const char *vsid,
		      const char *address, struct vs_reply *reply)
{
	struct vs_vsid in = {(uint32_t)strtoul(vsid, NULL, 10)};
	const struct wnv_subnet *subnet = wnv_subnet_find(state, in);
	const struct wnv_group *group = NULL;
	struct wnv_ca key = {0};
	bool heard;

	/* what is not written as an address is "all" */
	if (vs_ip_parse(address, &key.ip))
		key = (struct wnv_ca){0};
	if (subnet)
		group = wnv_group_find(subnet, &key);
	if (!group)
		return;
	heard = wnv_group_home(state, subnet, !vs_ip_is_v4(&group->pa.ip));
	reply->ops->truth(reply, "heard", heard);
	if (!heard)
		reply->ops->text(reply, "why",
				 subnet->port_count
					 ? "no VM here has a pa of its family"
					 : "no port here stands in the subnet");
}

void wnv_status_pa(const struct wnv_state *state, uint64_t now_ns,
		   const char *pa, struct vs_reply *reply)
{
	const struct wnv_provider *own;
	char text[VS_MAC_TEXT];
	struct vs_mac rival;
	struct wnv_pa key;

	if (vs_ip_parse(pa, &key.ip))
		return;
	own = wnv_provider_find(state, &key);
	if (!own)
		return;
	reply->ops->text(
		reply, "state",
		own->owned ? provider_pa_state_names[provider_pa_state(own)]
			   : "shared");
	if (provider_rival(own, now_ns, &rival))
		reply->ops->text(reply, "claimed-by",
				 vs_mac_format(&rival, text));
}

void wnv_status_paroute(const struct wnv_state *state,
			const struct provider *provider, const char *uplink,
			const char *prefix, struct vs_reply *reply)
{
	const struct wnv_provider_route *route;
	struct vs_prefix key;

	if (vs_prefix_parse(prefix, &key))
		return;
	route = wnv_provider_route_find(state, uplink, &key);
	if (route)
		reply->ops->text(reply, "state",
				 provider_uplink_up(provider, route->uplink)
					 ? "up"
					 : "down");
}

void wnv_status_peer(const struct wnv_state *state, struct provider *provider,
		     uint64_t now_ns, const char *pa, struct vs_reply *reply)
{
	static const char *const names[TALLY_COUNTS] = {
		[TALLY_IN_FRAMES] = "in",   [TALLY_IN_BYTES] = "in-bytes",
		[TALLY_OUT_FRAMES] = "out", [TALLY_OUT_BYTES] = "out-bytes",
		[TALLY_DROPS] = "drops",
	};
	const struct wnv_peer *peer = NULL;
	struct provider_sight sight;
	struct life_sight life = {.state = LIFE_UNASKED};
	struct tally_sum sum;
	char text[VS_MAC_TEXT];
	struct wnv_pa key;
	unsigned int i;
	uint16_t mtu;

	if (vs_ip_parse(pa, &key.ip) == 0)
		peer = wnv_peer_find(state, &key);
	if (!peer)
		return;
	sight = provider_look(provider, state, peer, now_ns);
	reply->ops->text(reply, "state", sight.state);
	if (!vs_mac_is_zero(&sight.mac))
		reply->ops->text(reply, "mac", vs_mac_format(&sight.mac, text));
	if (!peer->tally) /* more peers than can be counted */
		return;
	mtu = path_mtu_of(provider->tallies, peer->tally, now_ns);
	if (life_look(&provider->lives, peer, now_ns, &life) && life.state)
		reply->ops->text(reply, "reach", life_names[life.state]);
	if (mtu) {
		reply->ops->number(reply, "mtu", mtu);
		reply->ops->text(reply, "mtu-proof",
				 life.proven && life.proof == mtu ? "proven"
								  : "claimed");
	}
	sum = tallies_sum(provider->tallies, peer->tally);
	if (sum.heard_ns)
		reply->ops->number(reply, "heard",
				   now_ns > sum.heard_ns
					   ? (now_ns - sum.heard_ns) /
						     NS_PER_SECOND
					   : 0);
	for (i = 0; i < TALLY_COUNTS; i++)
		reply->ops->number(reply, names[i], sum.count[i]);
}

static void list_record(const struct wnv_record *record, struct vs_rows *rows)
{
	char ca[VS_IP_TEXT], text[VS_IP_TEXT], vsid[16];
	struct vs_reply *reply;

	snprintf(vsid, sizeof(vsid), "%u", record->vsid.value);
	reply = rows->ops->row(rows, vsid, vs_ip_format(&record->ca.ip, ca));
	reply->ops->text(reply, "mac", vs_mac_format(&record->mac, text));
	if (wnv_pa_is_set(&record->pa))
		reply->ops->text(reply, "pa",
				 vs_ip_format(&record->pa.ip, text));
	reply->ops->text(reply, "rule", rule_names[record->rule]);
	if (record->type == WNV_TYPE_DYNAMIC)
		reply->ops->text(reply, "type", "dynamic");
}

void wnv_list_records(const struct wnv_state *state, uint64_t now_ns,
		      struct vs_rows *rows)
{
	struct learned *learned = wnv_state_learned(state);
	struct wnv_dynamic dynamic = {.now_ns = now_ns};
	const struct wnv_record *record;
	struct learned_entry entry;
	uint64_t cursor = 0;
	uint32_t i;

	for (i = 0; i < wnv_record_count(state); i++)
		if (wnv_record_at(state, i)->flags & WNV_RECORD_AUTO)
			list_record(wnv_record_at(state, i), rows);
	while (learned && learned_next(learned, &cursor, now_ns, &entry)) {
		record = wnv_resolve(state, entry.key.vsid, &entry.key.ca,
				     &dynamic);
		if (record && record->type == WNV_TYPE_DYNAMIC)
			list_record(record, rows);
	}
}

void wnv_list_peers(const struct wnv_state *state, struct vs_rows *rows)
{
	char text[VS_IP_TEXT];
	uint32_t i;

	for (i = 0; i < wnv_peer_count(state); i++)
		rows->ops->row(
			rows, NULL,
			vs_ip_format(&wnv_peer_at(state, i)->pa.ip, text));
}
