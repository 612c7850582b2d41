// SPDX-License-Identifier: Apache-2.0
/*
 * echo.c: echoes in the name of a port's VM; see echo.h. Before it: the main
 * thread's mail, deliver, book.c. After it: the inbox of the main thread.
 */
#include "core/echo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/walk_echo.h"

#define ARP_REQUEST  1u
#define ARP_REPLY    2u
#define ND_SIZE	     32u
#define HOP_LIMIT_ND 255u
#define ND_ANSWER    0x60u /* solicited, override */

/* Of an echo: `vsid` 0, so that it is known wherever it is routed. Of the VM
 * in whose name it is sent: only `vsid` and `source`. */
struct echo_key {
	struct vs_vsid vsid;
	uint16_t id, sequence;
	struct vs_ip source, target;
};
_Static_assert(sizeof(struct echo_key) == 40, "a key of vs_table, no padding");

struct echo_value {
	uint64_t cookie;
	uint32_t serial;
	struct vs_vsid vsid;
	struct vs_port_id port;
	struct vs_mac mac; /* the VM's */
};

static struct echo_key key_of(const struct vs_echo *echo)
{
	return (struct echo_key){
		.id = echo->id,
		.sequence = echo->sequence,
		.source = echo->reply ? echo->target : echo->source,
		.target = echo->reply ? echo->source : echo->target,
	};
}

static struct echo_key key_of_vm(struct vs_vsid vsid, const struct vs_ip *ca)
{
	return (struct echo_key){.vsid = vsid, .source = *ca};
}

static const struct vs_table_params parameters = {
	.capacity = 2 * VS_ECHOES,
	.key_size = sizeof(struct echo_key),
	.value_size = sizeof(struct echo_value),
	.groups = 1,
};

int echoes_create(struct echoes *echoes, uint64_t seed)
{
	struct vs_table_params params = parameters;

	params.seed = seed;
	echoes->table = vs_table_new(&params);
	return echoes->table ? 0 : -ENOMEM;
}

void echoes_destroy(struct echoes *echoes)
{
	vs_table_free(echoes->table);
	*echoes = (struct echoes){0};
}

/* -- main thread ------------------------------------------------------------
 */

static bool await(struct vs_switch *sw, const struct echo_key *key,
		  const struct echo_value *value, uint64_t now)
{
	const struct vs_table_item item = {.key = key, .value = value};

	switch (vs_table_learn(sw->echoes.table, &item, now, NULL)) {
	case VS_TABLE_NEW:
	case VS_TABLE_SAME:
	case VS_TABLE_CHANGED:
		return true;
	default:
		return false;
	}
}

int vs_switch_echo(struct vs_switch *sw,
		   const struct vs_echo_question *question, uint64_t now)
{
	const struct vs_port *port = switch_port(sw, question->port);
	struct mail mail = {.kind = MAIL_ECHO, .note.size = sizeof(*question)};
	struct echo_key key = key_of(&question->echo);
	struct echo_key vm = key_of_vm(question->vsid, &question->echo.source);
	struct echo_value value = {
		.cookie = question->echo.cookie,
		.serial = question->serial,
		.vsid = question->vsid,
		.port = question->port,
		.mac = question->source_mac,
	};

	_Static_assert(sizeof(*question) <= VS_NOTE_SIZE, "fits a mail");
	if (!port || port->uplink)
		return -ENOENT;
	if (atomic_load(&sw->echoes.waiting) >= VS_ECHOES ||
	    !await(sw, &key, &value, now) || !await(sw, &vm, &value, now))
		return -EBUSY;
	atomic_fetch_add(&sw->echoes.waiting, 1);
	memcpy(mail.note.bytes, question, sizeof(*question));
	if (mailbox_put(&sw->worker[port->plan.worker]->inbox, &mail)) {
		vs_switch_echo_end(sw, question);
		return -EBUSY;
	}
	switch_wake(sw, port->plan.worker);
	return 0;
}

/* Does another echo go out in the VM's name? */
static bool speaks(struct vs_switch *sw, const struct echo_key *vm)
{
	struct vs_table_entry entry;
	struct echo_value value;
	struct echo_key key;
	uint64_t cursor = 0;

	while (vs_table_next(sw->echoes.table, &cursor, sw->now, &entry)) {
		memcpy(&key, entry.key, sizeof(key));
		memcpy(&value, entry.value, sizeof(value));
		if (key.id && vs_vsid_equal(value.vsid, vm->vsid) &&
		    vs_ip_equal(&key.source, &vm->source))
			return true;
	}
	return false;
}

void vs_switch_echo_end(struct vs_switch *sw,
			const struct vs_echo_question *question)
{
	struct echo_key key = key_of(&question->echo);
	struct echo_key vm = key_of_vm(question->vsid, &question->echo.source);

	vs_table_forget(sw->echoes.table, &key);
	if (!speaks(sw, &vm))
		vs_table_forget(sw->echoes.table, &vm);
	atomic_fetch_sub(&sw->echoes.waiting, 1);
}

void echo_tell(struct vs_switch *sw, const struct mail *mail)
{
	struct vs_echo_news news;

	memcpy(&news, mail->note.bytes, sizeof(news));
	if (sw->owner && sw->owner->echoed)
		sw->owner->echoed(sw->owner, sw, &news);
}

/* -- worker: send -----------------------------------------------------------
 */

static void tell(struct vs_worker *worker, struct vs_echo_news *news)
{
	struct mail mail = {.kind = MAIL_ECHO, .note.size = sizeof(*news)};

	_Static_assert(sizeof(*news) <= VS_NOTE_SIZE, "fits a mail");
	news->at_ns = worker->now;
	memcpy(mail.note.bytes, news, sizeof(*news));
	mailbox_put(&worker->sw->inbox, &mail);
}

/* A frame of the port's VM, as if it had just been read; NULL: no buffer. */
static struct vs_packet *begin(struct vs_worker *worker,
			       const struct echo_value *vm, uint32_t size,
			       const struct vs_mac *to)
{
	struct vs_packet *packet =
		vs_pool_take(worker->pool, size > VS_SMALL_SIZE);
	uint8_t *bytes;

	if (!packet)
		return NULL;
	packet->view.size = size;
	packet->view.vsid = vm->vsid;
	packet->view.port = vm->port;
	packet->view.flags = 0;
	packet->ledger_row = walk_row(worker, vm->port, vm->vsid);
	bytes = packet->buffer + VS_PACKET_HEADROOM;
	memcpy(bytes, to->octet, 6);
	memcpy(bytes + 6, vm->mac.octet, 6);
	return packet;
}

/* What keeps the port from being spoken for; 0: nothing. */
static uint16_t judge(const struct vs_worker *worker,
		      const struct vs_echo_question *question)
{
	const struct vs_port *port =
		snapshot_port(worker->snapshot, question->port);

	if (!port || port->monitor)
		return VS_REASON_PORT_DOWN;
	return port->waits ? VS_REASON_PORT_WAITS : VS_REASON_NONE;
}

void echo_send(struct vs_worker *worker, const struct mail *mail)
{
	struct vs_echo_question question;
	struct vs_echo_news news = {.event = VS_ECHO_DROPPED};
	struct vs_packet *packet = NULL;
	struct echo_value vm;
	uint8_t *bytes;

	memcpy(&question, mail->note.bytes, sizeof(question));
	vm = (struct echo_value){
		.vsid = question.vsid,
		.port = question.port,
		.mac = question.source_mac,
	};
	news.serial = question.serial;
	news.reason = judge(worker, &question);
	if (!news.reason) {
		news.reason = VS_REASON_NO_BUFFER;
		packet = begin(worker, &vm,
			       VS_ETHERNET_SIZE + vs_echo_size(&question.echo),
			       &question.target_mac);
	}
	if (packet)
		news.event = VS_ECHO_SENT;
	tell(worker, &news);
	if (!packet)
		return;
	bytes = packet->buffer + VS_PACKET_HEADROOM;
	vs_store16(bytes + 12, vs_ip_is_v4(&question.echo.source)
				       ? VS_TYPE_IPV4
				       : VS_TYPE_IPV6);
	vs_echo_write(&question.echo, bytes + VS_ETHERNET_SIZE);
	inject(worker, packet, ENTRY_ADMIT);
}

/* -- worker: speak for a VM that does not -----------------------------------
 */

static bool find(struct vs_worker *worker, const struct echo_key *key,
		 struct echo_value *value)
{
	return vs_table_find(worker->sw->echoes.table, key, worker->now, value);
}

static void answer_arp(struct vs_worker *worker, const struct echo_value *vm,
		       const uint8_t *question)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, ARP_REPLY};
	struct vs_mac to;
	struct vs_packet *packet;
	uint8_t *arp;

	memcpy(to.octet, question + 8, 6);
	packet = begin(worker, vm, VS_ETHERNET_SIZE + VS_ARP_SIZE, &to);
	if (!packet)
		return;
	arp = packet->buffer + VS_PACKET_HEADROOM + VS_ETHERNET_SIZE;
	vs_store16(arp - 2, VS_TYPE_ARP);
	memcpy(arp, head, sizeof(head));
	memcpy(arp + 8, vm->mac.octet, 6);
	memcpy(arp + 14, question + 24, 4);
	memcpy(arp + 18, question + 8, 10);
	inject(worker, packet, ENTRY_ADMIT);
}

static void answer_nd(struct vs_worker *worker, const struct echo_value *vm,
		      const struct vs_packet *question)
{
	const uint8_t *asked = question->view.data + question->view.l4;
	const uint8_t *asker = question->view.data + question->view.l3 + 8;
	struct vs_mac to;
	struct vs_packet *packet;
	uint8_t *ip, *nd;

	memcpy(to.octet, question->view.data + 6, 6);
	packet = begin(worker, vm, VS_ETHERNET_SIZE + VS_IPV6_SIZE + ND_SIZE,
		       &to);
	if (!packet)
		return;
	ip = packet->buffer + VS_PACKET_HEADROOM + VS_ETHERNET_SIZE;
	nd = ip + VS_IPV6_SIZE;
	vs_store16(ip - 2, VS_TYPE_IPV6);
	memset(ip, 0, VS_IPV6_SIZE + ND_SIZE);
	ip[0] = 0x60;
	vs_store16(ip + 4, ND_SIZE);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOP_LIMIT_ND;
	memcpy(ip + 8, asked + 8, 16);
	memcpy(ip + 24, asker, 16);
	nd[0] = VS_ND_ADVERT;
	nd[4] = ND_ANSWER;
	memcpy(nd + 8, asked + 8, 16);
	nd[24] = 2; /* the target's link-layer address, 8 bytes */
	nd[25] = 1;
	memcpy(nd + 26, vm->mac.octet, 6);
	vs_store16(nd + 2,
		   vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, ND_SIZE),
				      nd, ND_SIZE)));
	inject(worker, packet, ENTRY_ADMIT);
}

/* Somebody looks for the VM's MAC: the VM, if it is up, says the same. */
static void speak_for_vm(struct vs_worker *worker,
			 const struct vs_packet *packet)
{
	const struct vs_frame *frame = (const struct vs_frame *)packet;
	const struct vs_view *view = &packet->view;
	struct echo_value vm;
	struct echo_key key;
	const uint8_t *asked;
	struct vs_ip ca;

	if (view->flags & VS_FRAME_ARP) {
		asked = vs_frame_at(frame, view->l3, VS_ARP_SIZE);
		if (!asked || vs_load16(asked + 6) != ARP_REQUEST)
			return;
		ca = vs_ip_from_v4(asked + 24);
	} else {
		asked = vs_frame_at(frame, view->l4, 24);
		if (!asked || asked[0] != VS_ND_SOLICIT)
			return;
		ca = vs_ip_from_v6(view->data + view->l3 + 8);
		if (vs_ip_is_unspecified(&ca))
			return; /* a probe is answered by who is there */
		ca = vs_ip_from_v6(asked + 8);
	}
	key = key_of_vm(view->vsid, &ca);
	/* a port without a device is no destination of floods */
	if (!find(worker, &key, &vm) || vs_port_equal(view->port, vm.port))
		return;
	if (view->flags & VS_FRAME_ARP)
		answer_arp(worker, &vm, asked);
	else
		answer_nd(worker, &vm, packet);
}

/* -- worker: catch ----------------------------------------------------------
 */

static bool is_icmp(const struct vs_view *view)
{
	return view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6) &&
	       !(view->flags & VS_FRAME_LATER) &&
	       (view->protocol == VS_IP_ICMP || view->protocol == VS_IP_ICMP6);
}

static bool catch_reply(struct vs_worker *worker, const struct vs_view *view,
			struct echo_value *value, struct vs_echo_news *news)
{
	struct vs_echo echo;
	struct echo_key key;

	if (!vs_echo_read(view->data + view->l3, view->size - view->l3,
			  &echo) ||
	    !echo.reply)
		return false;
	key = key_of(&echo);
	if (!find(worker, &key, value) || value->cookie != echo.cookie)
		return false;
	*news = (struct vs_echo_news){
		.serial = value->serial,
		.event = VS_ECHO_REPLY,
		.hop_limit = echo.hop_limit,
		.size = echo.size,
		.from = echo.source,
	};
	return true;
}

static bool catch_error(struct vs_worker *worker, const struct vs_view *view,
			struct echo_value *value, struct vs_echo_news *news)
{
	struct vs_echo_error error;
	struct echo_key key;

	if (!vs_echo_read_error(view->data + view->l3, view->size - view->l3,
				&error))
		return false;
	key = key_of(&error.request);
	if (!find(worker, &key, value))
		return false;
	*news = (struct vs_echo_news){
		.serial = value->serial,
		.event = VS_ECHO_ERROR,
		.type = error.type,
		.code = error.code,
		.mtu = error.mtu,
		.from = error.from,
	};
	return true;
}

/* One copy less, and it is in the books. */
static void take(struct vs_worker *worker, struct vs_packet *packet,
		 struct vs_port_id port)
{
	vs_ledger_consume(worker->ledger, worker->ledger_index,
			  packet->ledger_row, VS_CONSUMED_PING);
	if (packet->destinations)
		port_set_remove(packet->destinations, port);
	else
		walk_answer(worker, packet, VS_SENT);
}

void echo_catch(struct vs_worker *worker)
{
	struct vs_packet *packet;
	struct vs_echo_news news;
	struct echo_value value;

	if (worker->probe)
		return;
	WALK_EACH (packet, worker) {
		const struct vs_view *view = &packet->view;

		if (view->flags & (VS_FRAME_ARP | VS_FRAME_ND))
			speak_for_vm(worker, packet);
		if (!is_icmp(view) ||
		    !(catch_reply(worker, view, &value, &news) ||
		      catch_error(worker, view, &value, &news)) ||
		    !vs_vsid_equal(view->vsid, value.vsid) ||
		    !vs_delivery_has(vs_packet_delivery(packet), value.port))
			continue;
		tell(worker, &news);
		take(worker, packet, value.port);
	}
	walk_settle(worker, NULL);
}

void echo_dropped(struct vs_worker *worker, const struct vs_packet *packet,
		  uint16_t reason)
{
	const struct vs_view *view = &packet->view;
	struct echo_value value;
	struct vs_echo echo;
	struct echo_key key;

	if (worker->probe || !is_icmp(view) ||
	    !vs_echo_read(view->data + view->l3, view->size - view->l3, &echo))
		return;
	key = key_of(&echo);
	if (find(worker, &key, &value) && value.cookie == echo.cookie)
		tell(worker, &(struct vs_echo_news){
				     .serial = value.serial,
				     .event = VS_ECHO_DROPPED,
				     .reason = reason,
				     .reply = echo.reply,
			     });
}
