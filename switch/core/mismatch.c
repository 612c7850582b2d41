// SPDX-License-Identifier: Apache-2.0
/*
 * mismatch.c: what a worker finds; see mismatch.h. Before it: admit.c. After
 * it: the main thread's inbox, and mismatch_shown.c.
 */
#include "core/mismatch.h"

#include <stdio.h>
#include <string.h>

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
	bool speaks;

	vs_mac_format(&mac, used);
	if (kind == MISMATCH_MAC) {
		snprintf(found->text, sizeof(found->text),
			 "the guest uses MAC %s, policy gives %s", used,
			 vs_mac_format(&port->mac, own));
		return;
	}
	speaks = claimed(packet, &ip);
	if (speaks)
		vs_ip_format(&ip, ca);
	/* who has no address yet claims none: its MAC is what is not known */
	if (speaks && kind == MISMATCH_IP && vs_ip_is_unspecified(&ip)) {
		snprintf(found->text, sizeof(found->text),
			 "policy has no address for MAC %s in VSID %u", used,
			 packet->view.vsid.value);
		return;
	}
	snprintf(found->text, sizeof(found->text),
		 "the guest uses %s%s; policy does not give it", ca,
		 kind == MISMATCH_ARP ? " in ARP or ND" : "");
}

/* The guest's port, if this kind was not told of it. A probe tells nobody, but
 * may be asked (mismatch_again). */
static const struct vs_port *news_of(const struct vs_worker *worker,
				     struct vs_port_id source,
				     enum mismatch_kind kind)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, source);
	const struct mismatches *all = &worker->sw->mismatches;

	if (!port || port->uplink)
		return NULL;
	if (worker->probe)
		return all->again ? port : NULL;
	return atomic_load_explicit(&all->told[port->id.value],
				    memory_order_relaxed) &
			       1u << kind
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
	mail->mismatch.kind = (uint8_t)kind;
	return worker->probe ||
	       !(atomic_fetch_or(&worker->sw->mismatches.told[port->id.value],
				 bit) &
		 bit);
}

/* The IP packet ends where its frame was cut. */
static void shorten(const struct vs_view *view, uint8_t *ip, uint32_t size)
{
	uint16_t before = vs_load16(ip + 2);

	if (view->flags & VS_FRAME_IPV4) {
		vs_store16(ip + 2, (uint16_t)size);
		vs_store16(ip + 10, vs_checksum_update(vs_load16(ip + 10),
						       before, size));
	} else if (view->flags & VS_FRAME_IPV6) {
		vs_store16(ip + 4, (uint16_t)(size - VS_IPV6_SIZE));
	}
}

/* The frame, cut to what fits. None of a port on which a tag names the lane or
 * the tenant: it is gone. */
static uint8_t cut(const struct vs_port *port, const struct vs_view *view,
		   uint8_t bytes[MISMATCH_FRAME])
{
	uint32_t size =
		view->size < MISMATCH_FRAME ? view->size : MISMATCH_FRAME;

	if (port->tags == PORT_TAGS_TENANT ||
	    port->plan.lane.mode == VS_LANE_TRUNK)
		return 0;
	memcpy(bytes, view->data, size);
	if (size < view->size && view->l3 != VS_ABSENT)
		shorten(view, bytes + view->l3, size - view->l3);
	return (uint8_t)size;
}

static void say_again(struct mismatch_again *again,
		      const struct mismatch_found *found)
{
	again->same |= found->kind == again->found->kind &&
		       strcmp(found->text, again->found->text) == 0;
}

static void finish(struct vs_worker *worker, const struct vs_port *port,
		   const struct vs_packet *packet, const struct mail *mail)
{
	const struct mismatch_found *found = &mail->mismatch;
	struct mail more = {.kind = MAIL_MISMATCH_FRAME};
	struct mismatch_frame *frame = &more.mismatch_frame;

	if (worker->probe) { /* the main thread's */
		say_again(worker->sw->mismatches.again, found);
		return;
	}
	if (mailbox_put(&worker->sw->inbox, mail))
		return;
	frame->port = found->port;
	frame->kind = found->kind;
	frame->size = cut(port, &packet->view, frame->bytes);
	mailbox_put(&worker->sw->inbox, &more);
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
	finish(worker, port, packet, &mail);
}

bool mismatch_say(struct vs_worker *worker, const struct vs_packet *packet,
		  const char *text)
{
	const struct vs_port *port =
		news_of(worker, packet->view.port, MISMATCH_WAY);
	struct mail mail = {0};

	if (!text || !port || !begin(worker, port, MISMATCH_WAY, &mail))
		return port;
	snprintf(mail.mismatch.text, sizeof(mail.mismatch.text), "%s", text);
	finish(worker, port, packet, &mail);
	return true;
}
