/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_port.c: the life of a port and its attachment, step by step; the
 * states are in engine_port.h. Every change of an attachment ends in `rebuild`:
 * the poll makes a new snapshot from the same policy. What a step asks for is
 * engine_port_request.c's, that a device came or went engine_watch.c's to say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine_allow.h"
#include "engine_closing.h"
#include "engine_fast.h"
#include "engine_switch.h"
#include "io/link.h"
#include "io/null_link.h"
#include "io/packet_socket.h"
#include "io/pcap_file.h"
#include "io/tap.h"
#include "log.h"

#define RETRY_NS      1000000000ull
#define NULL_LINK_MTU 65521u
#define LINK_SECOND   2 /* in held_fds */
#define HELD	      (sizeof(((struct engine_port *)0)->held_fds) / sizeof(int))

static void port_answer(struct priv_caller *caller,
			const struct priv_reply *reply, int fds[2]);

static struct engine_port *of_caller(struct priv_caller *caller)
{
	return (struct engine_port *)((char *)caller -
				      offsetof(struct engine_port, caller));
}

/* Ids go round, so that counters and learned MACs of a port that is gone are
 * not soon another's. */
static uint16_t free_id(struct engine_switch *es)
{
	uint64_t used[VS_PORTS_MAXIMUM / 64] = {3}; /* none, external */

	for (const struct engine_port *p = es->ports; p; p = p->next)
		used[p->info.id.value / 64] |= 1ull << p->info.id.value % 64;
	for (uint32_t i = 0; i < VS_PORTS_MAXIMUM; i++) {
		uint16_t id =
			(uint16_t)((es->last_id + 1 + i) % VS_PORTS_MAXIMUM);

		if (used[id / 64] >> id % 64 & 1)
			continue;
		es->last_id = id;
		return id;
	}
	return 0;
}

struct engine_port *engine_port_create(struct engine_switch *es,
				       const struct port_intent *intent)
{
	uint16_t id = free_id(es);
	struct engine_port *port = id ? calloc(1, sizeof(*port)) : NULL;

	if (!port)
		return NULL;
	port->owner = es;
	port->caller.answer = port_answer;
	port->intent = *intent;
	port->pending = true;
	port->fd = -1;
	for (size_t i = 0; i < HELD; i++)
		port->held_fds[i] = -1;
	port->worker = (uint16_t)(id % es->engine->config.workers);
	port->info.struct_size = sizeof(port->info);
	port->info.kind = intent->driver == DRIVER_UPLINK ? VS_PORT_UPLINK
							  : VS_PORT_ORDINARY;
	port->info.id.value = id;
	snprintf(port->info.name, sizeof(port->info.name), "%s", intent->name);
	snprintf(port->why, sizeof(port->why), "not opened yet");
	port->next = es->ports;
	es->ports = port;
	return port;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool engine_port_counts(const struct engine_port *port,
			struct link_counts *counts)
{
	*counts = port->before.counts;
	for (const struct vs_link *link = port->before.links; link;
	     link = link->older)
		link_add_counts(link, counts);
	if (port->link)
		link_add_counts(port->link, counts);
	return port->link || counts->sent || counts->received;
}

/* What the port holds of a device. A link that a snapshot names is closed by
 * the core's link_retired, any other here. */
static void let_go(struct engine_port *port)
{
	privileged_cancel(port->owner->engine->privileged, &port->caller);
	engine_groups_leave(port);
	port->asking = port->redo = false;
	engine_closing_fd(port, port->fd);
	port->fd = -1;
	engine_fast_leave(port);
	for (size_t i = 0; i < HELD; i++)
		close_fd(&port->held_fds[i]);
	if (port->link)
		engine_closing_announce(port);
	if (port->link && port->named) {
		port->link->older = port->before.links;
		port->before.links = port->link;
	} else if (port->link) {
		engine_closing_link(port, port->link);
	}
	port->link = NULL;
	port->named = false;
}

void engine_port_destroy(struct engine_port *port)
{
	struct engine_switch *es = port->owner;

	for (struct engine_port **at = &es->ports; *at; at = &(*at)->next) {
		if (*at == port) {
			*at = port->next;
			break;
		}
	}
	let_go(port);
	engine_groups_destroy(port);
	if (port->watched)
		watch_remove(es->engine->watch, port->intent.netns);
	free(port);
}

void engine_port_changed(struct engine_port *port)
{
	port->owner->rebuild = true;
	engine_hurry(port->owner->engine);
}

void engine_port_lost(struct engine_port *port, const char *why)
{
	bool was = port->state == PORT_ATTACHED;

	let_go(port);
	port->state = PORT_WAITING;
	snprintf(port->why, sizeof(port->why), "%s", why);
	port->info.up = false;
	port->info.mtu = 0;
	port->info.if_index = 0;
	port->info.mac = (struct vs_mac){{0}};
	port->info.address_count = 0;
	port->retry_ns =
		engine_port_makes_device(port) ? loop_now_ns() + RETRY_NS : 0;
	if (!was)
		return;
	engine_port_event(port, VS_PORT_DETACHED);
	engine_event(port->owner->engine,
		     &(struct event_said){LOG_IO, port->owner->name,
					  port->intent.name, "port_lost", why});
	engine_port_changed(port);
}

/* -- requests ----------------------------------------------------------------
 */

static void ask(struct engine_port *port, enum port_step step)
{
	struct engine *engine = port->owner->engine;
	struct priv_request request = {0};
	int fd = -1, result;

	port->step = (uint8_t)step;
	engine_port_request(port, &request);
	if (step == STEP_FILTER || step == STEP_FAST)
		fd = port->link ? port->link->fd : port->fd;
	result =
		privileged_ask(engine->privileged, &request, fd, &port->caller);
	if (result) {
		engine_port_lost(port, "too many requests; trying again");
		port->retry_ns = loop_now_ns() + RETRY_NS;
	} else {
		port->asking = true;
	}
}

/* -- attaching ---------------------------------------------------------------
 */

static void attached(struct engine_port *port)
{
	bool again = port->state == PORT_ATTACHED;

	port->state = PORT_ATTACHED;
	port->why[0] = port->said[0] = '\0';
	port->retry_ns = 0;
	engine_port_event(port, VS_PORT_ATTACHED);
	engine_groups_join(port);
	log_debug(LOG_IO, "switch %s: port %s: interface %u, MTU %u",
		  port->owner->name, port->intent.name, port->info.if_index,
		  port->info.mtu);
	if (!again)
		engine_event(port->owner->engine,
			     &(struct event_said){LOG_IO, port->owner->name,
						  port->intent.name,
						  "port_attached",
						  "its device is there"});
	engine_port_changed(port);
	/* what the steps were told may be older than what was missed */
	if (port->device.missed)
		watch_repeat(port->owner->engine->watch, port->intent.netns,
			     port->intent.device);
	port->device.missed = false;
}

static int make_link(struct engine_port *port, int output,
		     struct vs_error *error)
{
	uint16_t mtu = port->info.mtu;

	switch (port->intent.driver) {
	case DRIVER_TAP:
	case DRIVER_HOST:
		return tap_link_create(&port->link, port->fd, mtu,
				       port->features & PRIV_HAS_USO);
	case DRIVER_PACKET:
	case DRIVER_UPLINK:
		return packet_socket_create(&port->link, port->fd,
					    port->held_fds[LINK_SECOND], mtu);
	case DRIVER_PCAP:
		return pcap_link_create(&port->link, port->fd, output,
					port->owner->engine->writer, error);
	default:
		return null_link_create(&port->link, mtu);
	}
}

/* Until that is over; the log is told once. */
static void wait_for(struct engine_port *port, const char *why)
{
	if (strcmp(why, port->said) != 0)
		log_info(LOG_IO, "switch %s: port %s waits: %s",
			 port->owner->name, port->intent.name, why);
	snprintf(port->said, sizeof(port->said), "%s", why);
	engine_port_lost(port, why);
}

/* Does every extension let it in? Else it waits and is asked about again. */
static bool allowed(struct engine_port *port)
{
	char why[PRIV_TEXT];

	if (engine_allow_nic(port, why, sizeof(why)))
		return true;
	wait_for(port, why);
	port->retry_ns = loop_now_ns() + RETRY_NS;
	return false;
}

static void finish(struct engine_port *port, int output)
{
	struct vs_error error = {0};
	int result;

	if (!engine_port_makes_device(port) && !allowed(port)) {
		close_fd(&output);
		return;
	}
	result = make_link(port, output, &error);
	if (result) {
		close_fd(&output);
		engine_port_lost(port,
				 error.code ? error.text : strerror(-result));
		port->retry_ns = loop_now_ns() + RETRY_NS;
		return;
	}
	port->fd = port->held_fds[LINK_SECOND] = -1;
	engine_fast_enter(port);
	attached(port);
}

/* The fast path is the last step, of devices that it can reach. */
static void finish_netdev(struct engine_port *port)
{
	if (engine_fast_reaches(port))
		ask(port, STEP_FAST);
	else if (!port->link)
		finish(port, -1);
}

static void begin(struct engine_port *port)
{
	if (engine_closing_has(port)) {
		engine_port_lost(port, "its device is still being closed");
		port->retry_ns = 0; /* it will be told */
		return;
	}
	port->retry_ns = 0;
	if (port->intent.driver == DRIVER_NULL ||
	    port->intent.driver == DRIVER_PCAP) {
		port->info.mtu = NULL_LINK_MTU;
		port->info.up = true;
	}
	if (port->intent.driver == DRIVER_NULL) {
		finish(port, -1);
		return;
	}
	port->state = PORT_OPENING;
	snprintf(port->why, sizeof(port->why), "being opened");
	if (port->intent.driver == DRIVER_PCAP &&
	    (!port->intent.device[0] || !strcmp(port->intent.device, "-")))
		ask(port, STEP_OUTPUT);
	else
		ask(port, STEP_OPEN);
}

static void redress(struct engine_port *port)
{
	if (memcmp(&port->dress, &port->next_dress, sizeof(port->dress)) != 0) {
		port->dress = port->next_dress;
		if (engine_port_makes_device(port)) {
			ask(port, STEP_DRESS);
			return;
		}
	}
	if (port->intent.driver == DRIVER_UPLINK &&
	    (port->filter.promiscuous != port->next_filter.promiscuous ||
	     port->filter.groups != port->next_filter.groups)) {
		port->filter = port->next_filter;
		engine_port_lost(port, "being opened again: its mode changed");
		begin(port);
	} else if (memcmp(&port->filter, &port->next_filter,
			  sizeof(port->filter)) != 0) {
		port->filter = port->next_filter;
		ask(port, STEP_FILTER);
	}
}

/* It was tried, and the watch would have said if the device had come. */
static bool known_absent(const struct engine_port *port)
{
	return engine_port_uses_netdev(port) && port->said[0] &&
	       !watch_find(port->owner->engine->watch, port->intent.netns,
			   port->intent.device);
}

void engine_port_attach(struct engine_port *port)
{
	struct engine *engine = port->owner->engine;

	snprintf(port->refused, sizeof(port->refused), "%s",
		 port->next_refused);
	if (!port->watched && port->intent.driver != DRIVER_NULL &&
	    port->intent.driver != DRIVER_PCAP)
		port->watched =
			watch_add(engine->watch, port->intent.netns) == 0;
	if (port->asking) {
		port->redo = true;
	} else if (port->state == PORT_ATTACHED) {
		redress(port);
		if (port->state == PORT_ATTACHED)
			engine_groups_join(port);
	} else if (port->state == PORT_WAITING && !port->retry_ns &&
		   !known_absent(port)) {
		port->dress = port->next_dress;
		port->filter = port->next_filter;
		begin(port);
	}
}

uint64_t engine_port_retry(struct engine_switch *es, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct engine_port *p = es->ports; p; p = p->next) {
		if (!p->retry_ns || p->pending || p->state != PORT_WAITING)
			continue;
		if (now >= p->retry_ns) {
			p->dress = p->next_dress;
			p->filter = p->next_filter;
			begin(p);
		} else if (p->retry_ns < next) {
			next = p->retry_ns;
		}
	}
	return next;
}

/* -- answers -----------------------------------------------------------------
 */

static void learn_device(struct engine_port *port,
			 const struct priv_reply *reply)
{
	struct vs_port_info *info = &port->info;

	info->mtu =
		(uint16_t)(reply->mtu > UINT16_MAX ? UINT16_MAX : reply->mtu);
	info->up = reply->up;
	info->if_index = reply->if_index;
	memcpy(info->mac.octet, reply->mac, 6);
	if (engine_port_makes_device(port))
		port->device.last_mac = info->mac;
	info->address_count = 0;
	for (uint16_t i = 0; i < reply->address_count &&
			     info->address_count < VS_PORT_ADDRESSES;
	     i++) {
		struct vs_prefix *to = &info->addresses[info->address_count++];

		memcpy(to->ip.octet, reply->addresses[i].octet, 16);
		to->length = reply->addresses[i].length;
	}
}

static void take_fds(struct engine_port *port, size_t at, int fds[2])
{
	for (size_t i = 0; i < 2; i++) {
		close_fd(&port->held_fds[at + i]);
		port->held_fds[at + i] = priv_take_fd(&fds[i]);
	}
}

static void step_failed(struct engine_port *port,
			const struct priv_reply *reply, int fds[2])
{
	bool was_made = fds[0] >= 0;
	char why[PRIV_TEXT];

	engine_closing_fd(port, priv_take_fd(&fds[0]));
	snprintf(why, sizeof(why), "%s",
		 reply->text[0] ? reply->text : strerror(reply->error));
	if (port->step == STEP_HOLD || port->step == STEP_FILTER ||
	    port->step == STEP_FAST) {
		/* slower, not wrong: the switch drops what it must itself */
		log_warnx(LOG_IO, "port %s: %s", port->intent.name, why);
		if (port->step != STEP_FAST)
			finish_netdev(port);
		else if (!port->link)
			finish(port, -1);
		return;
	}
	wait_for(port, why);
	if (!was_made && (reply->error == ENOENT || reply->error == ENODEV))
		port->retry_ns = 0; /* the watch will tell */
	else if (reply->error == EMFILE || reply->error == ENFILE)
		port->retry_ns = loop_now_ns() + RETRY_NS;
}

static void after_open(struct engine_port *port, int fds[2])
{
	port->fd = priv_take_fd(&fds[0]);
	port->held_fds[LINK_SECOND] = priv_take_fd(&fds[1]);
	if (engine_port_makes_device(port) && !allowed(port))
		return;
	if (engine_port_makes_device(port))
		ask(port, STEP_DRESS);
	else if (port->intent.driver == DRIVER_UPLINK)
		ask(port, STEP_FILTER);
	else if (port->intent.driver == DRIVER_PCAP && port->intent.output[0])
		ask(port, STEP_OUTPUT);
	else if (port->intent.driver == DRIVER_PACKET)
		finish_netdev(port);
	else
		finish(port, -1);
}

static void step_done(struct engine_port *port, const struct priv_reply *reply,
		      int fds[2])
{
	switch (port->step) {
	case STEP_OPEN:
		if (port->intent.driver != DRIVER_PCAP)
			learn_device(port, reply);
		port->features = reply->features;
		after_open(port, fds);
		break;
	case STEP_DRESS:
		learn_device(port, reply);
		if (port->link) {
			link_set_mtu(port->link, port->info.mtu);
			attached(port);
		} else {
			finish(port, -1);
		}
		break;
	case STEP_FILTER:
		ask(port, STEP_HOLD);
		break;
	case STEP_HOLD:
		take_fds(port, 0, fds);
		finish_netdev(port);
		break;
	case STEP_FAST:
		take_fds(port, HELD_FAST, fds);
		if (port->link)
			engine_fast_enter(port);
		else
			finish(port, -1);
		break;
	default:
		finish(port, priv_take_fd(&fds[0]));
	}
}

static void port_answer(struct priv_caller *caller,
			const struct priv_reply *reply, int fds[2])
{
	struct engine_port *port = of_caller(caller);

	port->asking = false;
	if (reply->error)
		step_failed(port, reply, fds);
	else
		step_done(port, reply, fds);
	if (!port->asking && port->redo) {
		port->redo = false;
		engine_port_attach(port);
	}
}
