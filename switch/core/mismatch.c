// SPDX-License-Identifier: Apache-2.0
/*
 * mismatch.c: see mismatch.h. Before it: admit.c. After it: the main thread's
 * inbox, and the owner's events.
 */
#include "core/mismatch.h"

#include <stdio.h>

#include <vswitch/wire.h>

#include "core/walk.h"

/* The kind, or MISMATCH_KINDS. */
static enum mismatch_kind kind_of(uint16_t reason)
{
	switch (reason) {
	case VS_REASON_MAC_SPOOF:
		return MISMATCH_MAC;
	case VS_REASON_CA_SPOOF:
		return MISMATCH_IP;
	case VS_REASON_ARP_SPOOF:
	case VS_REASON_ND_SPOOF:
		return MISMATCH_ARP;
	default:
		return MISMATCH_KINDS;
	}
}

/* The address that the frame speaks for; false: it is hard to say. */
static bool claimed(const struct vs_packet *packet, struct vs_ip *ip)
{
	const struct vs_view *view = &packet->view;

	if (view->flags & VS_FRAME_ARP)
		*ip = vs_ip_from_v4(view->data + view->l3 + 14);
	else if (view->flags & VS_FRAME_IPV4)
		*ip = vs_ip_from_v4(view->data + view->l3 + 12);
	else if (view->flags & VS_FRAME_IPV6)
		*ip = vs_ip_from_v6(view->data + view->l3 + 8);
	else
		return false;
	return true;
}

static void describe(const struct vs_port *port, const struct vs_packet *packet,
		     enum mismatch_kind kind, struct mail *mail)
{
	struct vs_mac mac =
		vs_frame_source_mac((const struct vs_frame *)packet);
	char used[VS_MAC_TEXT], own[VS_MAC_TEXT], ca[VS_IP_TEXT] = "?";
	struct vs_ip ip;

	vs_mac_format(&mac, used);
	if (kind == MISMATCH_MAC) {
		snprintf(mail->text, sizeof(mail->text),
			 "port %.30s: the guest uses MAC %s, policy gives %s",
			 port->plan.info.name, used,
			 vs_mac_format(&port->mac, own));
		return;
	}
	if (claimed(packet, &ip))
		vs_ip_format(&ip, ca);
	snprintf(mail->text, sizeof(mail->text),
		 "port %.20s: uses %s%s; policy does not give it",
		 port->plan.info.name,
		 kind == MISMATCH_ARP ? "in ARP or ND " : "", ca);
}

void mismatch_note(struct vs_worker *worker, const struct vs_packet *packet,
		   uint16_t reason)
{
	struct mail mail = {.kind = MAIL_MISMATCH};
	enum mismatch_kind kind = kind_of(reason);
	const struct vs_port *port = walk_source(worker, packet);
	_Atomic uint8_t *told;
	uint8_t bit;

	if (kind == MISMATCH_KINDS || worker->probe || !port || port->uplink)
		return;
	told = &worker->sw->mismatches.told[port->id.value];
	bit = (uint8_t)(1u << kind);
	if (atomic_load_explicit(told, memory_order_relaxed) & bit ||
	    atomic_fetch_or(told, bit) & bit)
		return;
	describe(port, packet, kind, &mail);
	mailbox_put(&worker->sw->inbox, &mail);
}

void mismatch_tell(struct vs_switch *sw, const struct mail *mail)
{
	switch_event(sw, "switch", "guest_mismatch", mail->text);
}

void mismatch_forget(struct vs_switch *sw)
{
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		atomic_store_explicit(&sw->mismatches.told[i], 0,
				      memory_order_relaxed);
}
