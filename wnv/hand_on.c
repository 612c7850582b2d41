/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hand_on.c: a frame goes to the VM of a lookup record in the frame's own
 * VSID: to its host, or, by the gateway, to a neighbour on this one.
 *
 * Before it: translate_out.c, and router.c for a next hop beside the sender.
 * After it: outbound.c.
 */
#include <stdio.h>
#include <string.h>

#include "router.h"

/*
 * A frame for the gateway's MAC whose destination is a neighbour on this very
 * host: the gateway hands it on, in at admit, with the neighbour's MAC.
 */
static void hand_on_here(struct outbound *out, const struct wnv_record *record)
{
	if (!router_addressed(out)) {
		outbound_drop(out, WNV_LOCAL_ONLY);
		return;
	}
	out->action = OUTBOUND_REFLECT;
	out->header_size = 14;
	memcpy(out->header, record->mac.octet, 6);
	memcpy(out->header + 6, out->subnet->gateway_mac.octet, 6);
	memcpy(out->header + 12, out->view->data + 12, 2);
}

static void trace_record(const struct outbound *out,
			 const struct wnv_record *record)
{
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT], text[128];

	if (record->type == WNV_TYPE_GATEWAY)
		vs_mac_format(&record->mac, ca);
	else
		vs_ip_format(&record->ca.ip, ca);
	snprintf(text, sizeof(text), "%s %s in %u: pa %s",
		 record->type == WNV_TYPE_GATEWAY ? "gateway" : "record", ca,
		 record->vsid.value,
		 wnv_pa_is_set(&record->pa) ? vs_ip_format(&record->pa.ip, pa)
					    : "none");
	out->call->host->trace(out->call, text);
}

void outbound_hand_on(struct outbound *out, const struct wnv_record *record)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);

	if (out->call->tracing)
		trace_record(out, record);
	if (record->flags & WNV_RECORD_LOCAL) {
		hand_on_here(out, record);
		return;
	}
	if (record->rule == WNV_RULE_NONE) {
		outbound_drop(out, WNV_RULE_NONE_REMOTE);
		return;
	}
	if (!(record->flags & WNV_RECORD_USABLE) || record->peer == WNV_NONE) {
		outbound_drop(out, WNV_RECORD_UNUSABLE);
		return;
	}
	/* A5.6: found by address; the MAC follows the record (A5.7). */
	if (!vs_mac_equal(&target, &record->mac))
		out->target_mac = &record->mac;
	outbound_unicast(out, record);
}
