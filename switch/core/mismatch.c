// SPDX-License-Identifier: Apache-2.0
/*
 * mismatch.c: see mismatch.h. Before it: admit.c. After it: the main thread's
 * inbox, and the owner's events.
 */
#include "core/mismatch.h"

#include <stdio.h>
#include <stdlib.h>

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
		     enum mismatch_kind kind, struct mismatch_found *found)
{
	struct vs_mac mac =
		vs_frame_source_mac((const struct vs_frame *)packet);
	char used[VS_MAC_TEXT], own[VS_MAC_TEXT],
		ca[VS_IP_TEXT] = "an unreadable address";
	struct vs_ip ip;

	vs_mac_format(&mac, used);
	if (kind == MISMATCH_MAC) {
		snprintf(found->text, sizeof(found->text),
			 "the guest uses MAC %s, policy gives %s", used,
			 vs_mac_format(&port->mac, own));
		return;
	}
	if (claimed(packet, &ip))
		vs_ip_format(&ip, ca);
	snprintf(found->text, sizeof(found->text),
		 "the guest uses %s%s; policy does not give it", ca,
		 kind == MISMATCH_ARP ? " in ARP or ND" : "");
}

/* The guest's port, if this kind was not told of it. */
static const struct vs_port *news_of(const struct vs_worker *worker,
				     struct vs_port_id source,
				     enum mismatch_kind kind)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, source);
	const _Atomic uint8_t *told;

	if (worker->probe || !port || port->uplink)
		return NULL;
	told = &worker->sw->mismatches.told[port->id.value];
	return atomic_load_explicit(told, memory_order_relaxed) & 1u << kind
		       ? NULL
		       : port;
}

/* False: another worker was first. */
static bool begin(struct vs_worker *worker, const struct vs_port *port,
		  enum mismatch_kind kind, struct mail *mail)
{
	uint8_t bit = (uint8_t)(1u << kind);

	mail->kind = MAIL_MISMATCH;
	mail->mismatch.port = port->id;
	return !(atomic_fetch_or(&worker->sw->mismatches.told[port->id.value],
				 bit) &
		 bit);
}

void mismatch_note(struct vs_worker *worker, const struct vs_packet *packet,
		   uint16_t reason)
{
	enum mismatch_kind kind = kind_of(reason);
	const struct vs_port *port;
	struct mail mail = {0};

	if (kind == MISMATCH_KINDS)
		return;
	port = news_of(worker, packet->view.port, kind);
	if (!port || !begin(worker, port, kind, &mail))
		return;
	describe(port, packet, kind, &mail.mismatch);
	mailbox_put(&worker->sw->inbox, &mail);
}

bool mismatch_say(struct vs_worker *worker, struct vs_port_id source,
		  const char *text)
{
	const struct vs_port *port = news_of(worker, source, MISMATCH_WAY);
	struct mail mail = {0};

	if (!text || !port || !begin(worker, port, MISMATCH_WAY, &mail))
		return port;
	snprintf(mail.mismatch.text, sizeof(mail.mismatch.text), "%s", text);
	mailbox_put(&worker->sw->inbox, &mail);
	return true;
}

/* -- the main thread ------------------------------------------------------- */

static void keep(struct mismatches *all, const struct mismatch_found *found)
{
	uint32_t room = all->room ? all->room * 2 : 4;
	struct mismatch_found *list;

	if (all->count == all->room) {
		list = realloc(all->list, room * sizeof(*list));
		if (!list)
			return; /* told, not shown */
		all->list = list;
		all->room = room;
	}
	all->list[all->count++] = *found;
}

void mismatch_tell(struct vs_switch *sw, const struct mismatch_found *found)
{
	const struct vs_port *port = switch_port(sw, found->port);
	char text[sizeof(found->text) + VS_PORT_NAME_SIZE + 8];

	if (!port)
		return;
	snprintf(text, sizeof(text), "port %s: %s", port->plan.info.name,
		 found->text);
	keep(&sw->mismatches, found);
	switch_event(sw, "switch", "guest_mismatch", text);
}

const char *vs_switch_mismatch(const struct vs_switch *sw,
			       struct vs_port_id port, uint32_t index)
{
	const struct mismatches *all = &sw->mismatches;
	uint32_t i;

	for (i = 0; i < all->count; i++)
		if (vs_port_equal(all->list[i].port, port) && !index--)
			return all->list[i].text;
	return NULL;
}

void mismatch_forget(struct vs_switch *sw)
{
	uint32_t i;

	sw->mismatches.count = 0;
	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		atomic_store_explicit(&sw->mismatches.told[i], 0,
				      memory_order_relaxed);
}

void mismatches_close(struct mismatches *mismatches)
{
	free(mismatches->list);
}
