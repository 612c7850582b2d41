/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.h: why WNV drops a frame, and what it reports.
 *
 * An enum value is the index in the descriptor's table (VS_REASON(index)); the
 * number in the table is the stable one. New reasons go to the end of both.
 */
#ifndef WNV_REASON_H
#define WNV_REASON_H

#include <vswitch/extension.h>

enum wnv_reason {
	/* from the wire: the outer headers */
	WNV_PA_SRC_UNKNOWN,
	WNV_PA_SRC_MISMATCH,
	WNV_PA_SRC_MARTIAN,
	WNV_PA_DST,
	WNV_OUTER_CSUM,
	WNV_OUTER_LENGTH,
	WNV_OUTER_FRAGMENT,
	WNV_GRE_TRUNCATED,
	WNV_GRE_NO_KEY,
	WNV_GRE_CSUM_BIT,
	WNV_GRE_SEQ_BIT,
	WNV_GRE_RESERVED,
	WNV_GRE_VERSION,
	WNV_GRE_PROTO,
	WNV_VSID_RESERVED,
	WNV_VSID_UNKNOWN,
	WNV_CONTROL_BAD,
	/* from the wire: the customer frame */
	WNV_INNER_SHORT,
	WNV_INNER_VLAN,
	WNV_INNER_SRC_MCAST,
	WNV_INNER_BAD_IP,
	WNV_LINK_LOCAL_MCAST,
	WNV_MAC_SPOOF_REMOTE,
	WNV_CA_SPOOF_REMOTE,
	WNV_DST_NOT_LOCAL,
	WNV_GROUP_PA,
	/* both directions */
	WNV_NON_IP,
	WNV_PUNT_RATE,
	/* to the wire */
	WNV_NO_LOOKUP_RECORD,
	WNV_NO_ROUTE,
	WNV_NOT_ROUTED,
	WNV_RULE_NONE_REMOTE,
	WNV_LOCAL_ONLY,
	WNV_NO_REMOTE,
	WNV_NO_SOURCE_PA,
	WNV_PA_NO_ROUTE,
	WNV_PA_UNRESOLVED,
	WNV_HOLD_FULL,
	WNV_TOO_BIG,
	/* added later */
	WNV_ECN_DROP,
	WNV_OFFLOAD_BAD,
	WNV_PA_DUPLICATE,
	WNV_RECORD_UNUSABLE,
	WNV_GATEWAY_SERVICE,
	WNV_ANSWER_LOST,
	WNV_POLICY_CHANGED,
	WNV_UPLINK_DOWN,
	WNV_UDP_LENGTH,
	WNV_UDP_CSUM,
	WNV_UDP_NO_CSUM,
	WNV_VXLAN_TRUNCATED,
	WNV_VXLAN_NO_VNI,
	WNV_VXLAN_RESERVED,
	WNV_TTL_EXPIRED,
	WNV_NEXT_HOP_UNUSABLE,
	WNV_LINK_LOCAL_SOURCE,
	WNV_PA_FAMILY,
	WNV_PA_ND_BAD,
	WNV_PA_WRONG_VLAN,
	WNV_REASONS
};

extern const struct vs_reason_entry wnv_reasons[WNV_REASONS];

enum wnv_event {
	WNV_EVENT_POLICY_MISMATCH,
	WNV_EVENT_PA_STATE,
	WNV_EVENT_PA_CONFLICT,
	WNV_EVENTS
};

extern const struct vs_named wnv_events[WNV_EVENTS];

#endif
