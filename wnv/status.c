/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <stdlib.h>

#include "state.h"

static const char *const rule_names[] = {"encap", "none"};
_Static_assert(sizeof(rule_names) / sizeof(rule_names[0]) == WNV_RULES,
	       "one name per rule");

/* Can traffic use it, as seen from this host? */
static bool is_usable(const struct wnv_record *record)
{
	return (record->flags & (WNV_RECORD_USABLE | WNV_RECORD_WAITS)) ==
	       WNV_RECORD_USABLE;
}

/* Why it is not usable, or what is odd; NULL: nothing. */
static const char *why(const struct wnv_state *state,
		       const struct wnv_record *record)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, record->vsid);

	if (record->flags & WNV_RECORD_WAITS)
		return "a port here has the address, but the pa is not on "
		       "this host";
	if (!(record->flags & WNV_RECORD_USABLE))
		return record->rule == WNV_RULE_NONE
			       ? "rule=none, and the VM is not on this host"
			       : "169.254.254.254 stands for no host";
	if (subnet && !wnv_is_link_local6(&record->ca.ip) &&
	    !wnv_subnet_holds(subnet, &record->ca))
		return "outside every prefix of its subnet: nothing is routed "
		       "to it";
	return NULL;
}

static void reply_record(const struct wnv_state *state,
			 const struct wnv_record *record,
			 struct vs_reply *reply)
{
	const char *text = why(state, record);

	reply->ops->truth(reply, "usable", is_usable(record));
	if (text)
		reply->ops->text(reply, "why", text);
	reply->ops->truth(reply, "local", record->flags & WNV_RECORD_LOCAL);
}

void wnv_status_ca(const struct wnv_state *state, const char *vsid,
		   const char *ca, struct vs_reply *reply)
{
	struct vs_vsid in = {(uint32_t)strtoul(vsid, NULL, 10)};
	const struct wnv_subnet *subnet = wnv_subnet_find(state, in);
	const struct wnv_record *record;
	struct wnv_ca key;

	if (!subnet || vs_ip_parse(ca, &key.ip))
		return;
	record = wnv_record_find(state, in, &key);
	if (record)
		reply_record(state, record, reply);
	else if (wnv_subnet_is_gateway(subnet, &key))
		reply->ops->text(reply, "why", "gives the gateway its MAC");
}

void wnv_status_records(const struct wnv_state *state, struct vs_reply *reply)
{
	const struct wnv_record *record;
	char text[VS_IP_TEXT];
	uint32_t i;

	reply->ops->open_list(reply, "records");
	for (i = 0; i < wnv_record_count(state); i++) {
		record = wnv_record_at(state, i);
		reply->ops->open_row(reply, "record");
		reply->ops->number(reply, "vsid", record->vsid.value);
		reply->ops->text(reply, "address",
				 vs_ip_format(&record->ca.ip, text));
		reply->ops->text(reply, "mac",
				 vs_mac_format(&record->mac, text));
		if (wnv_pa_is_set(&record->pa))
			reply->ops->text(reply, "pa",
					 vs_ip_format(&record->pa.ip, text));
		reply->ops->text(reply, "rule", rule_names[record->rule]);
		reply->ops->truth(reply, "auto",
				  record->flags & WNV_RECORD_AUTO);
		reply_record(state, record, reply);
		reply->ops->close(reply);
	}
	reply->ops->close(reply);
}
