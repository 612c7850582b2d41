/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_ping.c: see engine_ping.h. It makes the question (engine_resolve.c
 * finds what a VM would find), has the core send it (core/echo.h) and says how
 * it ended. Before it: engine_methods.c. After it: the client.
 */
#include "engine_ping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <vswitch/wire.h>

#include "core/reason.h"
#include "engine_methods.h"
#include "engine_resolve.h"
#include "engine_switch.h"

#define MS_NS UINT64_C(1000000)

struct engine_ping {
	struct loop_timer timer; /* first */
	struct engine_ping *next;
	struct engine_switch *es;
	struct request_call *call;
	struct vs_echo_question question;
	uint64_t sent_ns;
	uint16_t dropped; /* a reason that is told if nothing better comes */
};

/* Like nobody's: a VM's own ping has another ID, and another cookie. */
static void draw(struct vs_echo_question *question)
{
	uint8_t bits[16];

	while (getrandom(bits, sizeof(bits), 0) != sizeof(bits))
		;
	memcpy(&question->echo.cookie, bits, 8);
	memcpy(&question->serial, bits + 8, 4);
	memcpy(&question->echo.id, bits + 12, 2);
	question->echo.id |= 1;
	question->serial |= 1;
}

/* -- the end ----------------------------------------------------------------
 */

static void unlink_ping(struct engine_ping *ping)
{
	struct engine_ping **at = &ping->es->engine->run.pings;

	while (*at != ping)
		at = &(*at)->next;
	*at = ping->next;
	loop_timer_remove(&ping->timer);
	vs_switch_echo_end(ping->es->sw, &ping->question);
}

static void reply_address(struct vs_reply *reply, const char *name,
			  const struct vs_ip *ip)
{
	char text[VS_IP_TEXT];

	reply->ops->text(reply, name, vs_ip_format(ip, text));
}

/* The members that every answer has. */
static struct vs_reply *begin(struct engine_ping *ping, const char *result)
{
	struct vs_reply *reply = request_reply(ping->call);
	const struct vs_echo *echo = &ping->question.echo;

	unlink_ping(ping);
	reply->ops->text(reply, "result", result);
	reply_address(reply, "source", &echo->source);
	reply_address(reply, "target", &echo->target);
	reply->ops->number(reply, "seq", echo->sequence);
	reply->ops->number(reply, "size", echo->size);
	return reply;
}

static void end(struct engine_ping *ping)
{
	request_finish(ping->call);
	free(ping);
}

static void end_dropped(struct engine_ping *ping, uint16_t reason,
			const char *result)
{
	const struct vs_reason_entry why =
		vs_switch_reason(ping->es->sw, reason);
	struct vs_reply *reply = begin(ping, result);

	reply->ops->text(reply, "reason", why.name);
	reply->ops->text(reply, "help", why.help);
	end(ping);
}

static void expired(struct loop_timer *timer)
{
	struct engine_ping *ping = (struct engine_ping *)timer;

	begin(ping, "silence");
	end(ping);
}

static void end_reply(struct engine_ping *ping, const struct vs_echo_news *news)
{
	struct vs_reply *reply = begin(ping, "reply");

	reply_address(reply, "from", &news->from);
	reply->ops->number(reply, "ttl", news->hop_limit);
	reply->ops->number(
		reply, "rtt_ns",
		news->at_ns > ping->sent_ns ? news->at_ns - ping->sent_ns : 0);
	end(ping);
}

static void end_error(struct engine_ping *ping, const struct vs_echo_news *news)
{
	bool v4 = vs_ip_is_v4(&ping->question.echo.source);
	struct vs_reply *reply = begin(ping, "error");
	const char *what = "unreachable";

	if (v4 ? news->type == 3 && news->code == 4 : news->type == 2)
		what = "too big";
	else if (news->type == (v4 ? 11 : 3))
		what = "time exceeded";
	else if (news->type != (v4 ? 3 : 1))
		what = "refused";
	reply_address(reply, "from", &news->from);
	reply->ops->text(reply, "what", what);
	reply->ops->number(reply, "type", news->type);
	reply->ops->number(reply, "code", news->code);
	if (news->mtu)
		reply->ops->number(reply, "mtu", news->mtu);
	end(ping);
}

void engine_ping_news(struct engine_switch *es, const struct vs_echo_news *news)
{
	struct engine_ping *ping = es->engine->run.pings;

	while (ping &&
	       (ping->es != es || ping->question.serial != news->serial))
		ping = ping->next;
	if (!ping)
		return; /* too late */
	switch ((enum vs_echo_event)news->event) {
	case VS_ECHO_SENT:
		ping->sent_ns = news->at_ns;
		break;
	case VS_ECHO_REPLY:
		end_reply(ping, news);
		break;
	case VS_ECHO_ERROR:
		end_error(ping, news);
		break;
	case VS_ECHO_DROPPED:
		end_dropped(ping, news->reason,
			    news->reply ? "reply dropped" : "dropped");
		break;
	}
}

void engine_ping_leave(struct engine_switch *es)
{
	struct engine_ping *ping = es->engine->run.pings, *next;

	for (; ping; ping = next) {
		next = ping->next;
		if (ping->es == es)
			end_dropped(ping, VS_REASON_PORT_DOWN, "dropped");
	}
}

/* -- the beginning ----------------------------------------------------------
 */

static int describe(struct engine_port *port, struct request_call *call,
		    struct describe *d, struct vs_error *error)
{
	const struct vs_value *source = request_value(call, PING_SOURCE);
	const struct vs_value *vlan = request_value(call, PING_VLAN);

	*d = (struct describe){
		.kind = DESCRIBE_ICMP,
		.target_ip = request_value(call, PING_CA)->ip,
		.ttl = 64,
		.vlan = vlan->present ? (uint16_t)vlan->number : 0,
	};
	if (vs_ip_is_group(&d->target_ip) ||
	    vs_ip_is_unspecified(&d->target_ip))
		return vs_error_set(error, EINVAL, "ca",
				    "a group or unspecified address answers "
				    "nobody: name a VM's or the gateway's");
	if (source->present) {
		d->source_ip = source->ip;
		d->has_source_ip = true;
		if (vs_ip_is_v4(&source->ip) != vs_ip_is_v4(&d->target_ip))
			return vs_error_set(error, EINVAL, "src",
					    "source and target are of "
					    "different families");
	}
	d->vsid = engine_resolve_vsid(port, d);
	return engine_resolve(port, d, error);
}

static uint64_t number(const struct request_call *call, enum ping_param param,
		       uint64_t unset)
{
	const struct vs_value *value = request_value(call, (uint16_t)param);

	return value->present ? value->number : unset;
}

/* A VM would fragment what is larger; a question goes in one piece. */
static int check_size(const struct engine_port *port,
		      const struct vs_echo *echo, struct vs_error *error)
{
	uint16_t mtu = port->info.mtu ? port->info.mtu : port->dress.mtu;
	uint32_t size = vs_echo_size(echo);

	if (!mtu || size <= mtu)
		return 0;
	return vs_error_set(error, EINVAL, "size",
			    "with %u bytes the packet has %u, but the port's "
			    "MTU is %u: at most %u",
			    echo->size, size, mtu, mtu - (size - echo->size));
}

static int prepare(struct engine_ping *ping, struct engine_port *port,
		   struct vs_error *error)
{
	const struct vs_value *df = request_value(ping->call, PING_DF);
	struct vs_echo *echo = &ping->question.echo;
	struct describe d;
	int result = describe(port, ping->call, &d, error);

	if (result)
		return result;
	draw(&ping->question);
	ping->es = port->owner;
	ping->question.vsid = d.vsid;
	ping->question.port = port->info.id;
	ping->question.source_mac = d.source_mac;
	ping->question.target_mac = d.target_mac;
	echo->source = d.source_ip;
	echo->target = d.target_ip;
	echo->sequence = (uint16_t)number(ping->call, PING_SEQUENCE, 1);
	echo->size = (uint16_t)number(ping->call, PING_SIZE, VS_ECHO_PAYLOAD);
	echo->hop_limit = (uint8_t)number(ping->call, PING_TTL, 64);
	echo->whole = df->present && df->truth;
	return check_size(port, echo, error);
}

static int start(struct engine_ping *ping, struct vs_error *error)
{
	struct engine *engine = ping->es->engine;
	int result =
		vs_switch_echo(ping->es->sw, &ping->question, loop_now_ns());

	if (result) {
		bool busy = result == -EBUSY;

		vs_error_set(error, -result, busy ? "" : "port", "%s",
			     busy ? "too many pings at once: try again"
				  : "the port is not in force yet");
		return result;
	}
	ping->timer.expired = expired;
	ping->next = engine->run.pings;
	engine->run.pings = ping;
	engine_hurry(engine);
	if (loop_timer_set(engine->loop, &ping->timer,
			   number(ping->call, PING_WAIT, 1000) * MS_NS))
		expired(&ping->timer);
	return 0;
}

/* Nobody says where the target is: no frame would leave the VM. */
static void unresolved(struct engine_ping *ping, struct vs_error *error)
{
	struct vs_reply *reply = request_reply(ping->call);

	reply->ops->text(reply, "result", "unresolved");
	reply_address(reply, "target", &request_value(ping->call, PING_CA)->ip);
	reply->ops->text(reply, "help", error->text);
	end(ping);
}

void engine_ping(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_error error = {0};
	struct engine_port *port = engine_find_port(
		engine, request_value(call, PING_PORT)->text, &error);
	struct engine_ping *ping = calloc(1, sizeof(*ping));
	int result = -ENOENT;

	if (port && port->intent.driver == DRIVER_UPLINK)
		vs_error_set(&error, EINVAL, "port",
			     "%s is an uplink: between provider addresses it "
			     "is vsctl pa ping",
			     port->intent.name);
	else if (port && !ping)
		vs_error_set(&error, ENOMEM, "", "no memory");
	else if (port) {
		ping->call = call;
		result = prepare(ping, port, &error);
		if (result == -EHOSTUNREACH) {
			unresolved(ping, &error);
			return;
		}
		if (!result)
			result = start(ping, &error);
	}
	if (!result)
		return;
	free(ping);
	request_refuse(call, &error);
}
