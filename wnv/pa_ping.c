/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pa_ping.c: `vsctl pa ping ADDRESS`: the main thread's half of pa_echo.h.
 *
 * Before it: the adapter's method. After it: worker 0, then the client.
 */
#include <errno.h>
#include <string.h>

#include "pa_echo.h"

#define MS_NS	UINT64_C(1000000)
#define LOOK_NS (2 * MS_NS)

const struct vs_field pa_ping_arguments[PA_PING_ARGUMENTS] = {
	[PA_PING_TARGET] = {.name = "address",
			    .kind = VS_KIND_IP,
			    .flags = VS_FIELD_REQUIRED,
			    .help = "the provider address that is asked"},
	[PA_PING_SOURCE] = {.name = "src",
			    .kind = VS_KIND_IP,
			    .unset = "the first that has a way to it",
			    .help = "provider address of this host"},
	[PA_PING_SIZE] = {.name = "size",
			  .kind = VS_KIND_NUMBER,
			  .minimum = VS_ECHO_COOKIE,
			  .maximum = 9000,
			  .unset = "56",
			  .help = "bytes of payload; 28 more are the packet, "
				  "48 in IPv6"},
	[PA_PING_DF] = {.name = "df",
			.kind = VS_KIND_BOOL,
			.unset = "on",
			.help = "IPv4: must not be fragmented on its way"},
	[PA_PING_SEQUENCE] = {.name = "seq",
			      .kind = VS_KIND_NUMBER,
			      .maximum = 65535,
			      .unset = "1",
			      .help = "which one of a series, for the answer"},
	[PA_PING_WAIT] = {.name = "wait",
			  .kind = VS_KIND_NUMBER,
			  .minimum = 1,
			  .maximum = 60000,
			  .unset = "1000",
			  .help = "ms to wait for the reply"},
};

static uint64_t number(const struct vs_value *value, uint64_t unset)
{
	return value->present ? value->number : unset;
}

static struct pa_echo *free_one(struct pa_echoes *echoes)
{
	uint32_t i;

	for (i = 0; i < PA_ECHOES; i++)
		if (atomic_load(&echoes->echo[i].stage) == PA_ECHO_FREE)
			return &echoes->echo[i];
	return NULL;
}

int pa_ping_run(const struct vs_main_host *host, struct pa_echoes *echoes,
		const struct vs_value *values, struct vs_error *error)
{
	const struct vs_value *wished = &values[PA_PING_SOURCE];
	const struct vs_value *df = &values[PA_PING_DF];
	struct vs_note note = {.kind = PA_ECHO_NOTE};
	struct pa_echo *echo = free_one(echoes);
	int token;

	if (vs_ip_is_group(&values[PA_PING_TARGET].ip) ||
	    vs_ip_is_unspecified(&values[PA_PING_TARGET].ip))
		return vs_error_set(error, EINVAL, "address",
				    "a group or unspecified address answers "
				    "nobody: name a peer or a router");
	token = echo ? host->defer(host) : -EBUSY;
	if (token < 0)
		return vs_error_set(error, -token, "",
				    "too many pings at once: try again");
	echo->target.ip = values[PA_PING_TARGET].ip;
	echo->wished = (struct wnv_pa){0};
	if (wished->present)
		echo->wished.ip = wished->ip;
	echo->size = (uint16_t)number(&values[PA_PING_SIZE], VS_ECHO_PAYLOAD);
	echo->whole = !df->present || df->truth;
	echo->sequence = (uint16_t)number(&values[PA_PING_SEQUENCE], 1);
	echo->token = token;
	echo->deadline_ns = host->now_ns(host) +
			    number(&values[PA_PING_WAIT], 1000) * MS_NS;
	atomic_store(&echo->cookie, host->random(host) | 1);
	atomic_store(&echo->news, PA_ECHO_NO_SOURCE);
	atomic_store_explicit(&echo->stage, PA_ECHO_WANTED,
			      memory_order_release);
	host->kick(host, 0, &note);
	return 0;
}

/* -- the answer -------------------------------------------------------------
 */

static void address(struct vs_reply *reply, const char *name,
		    const struct vs_ip *ip)
{
	char text[VS_IP_TEXT];

	reply->ops->text(reply, name, vs_ip_format(ip, text));
}

static void tell(struct vs_reply *reply, const struct pa_echo *echo,
		 enum pa_echo_news news)
{
	static const char *const help[PA_ECHO_ALL_NEWS] = {
		[PA_ECHO_NO_SOURCE] = "no provider address of this host, of "
				      "that family, may send now: see vsctl "
				      "pa list",
		[PA_ECHO_NO_WAY] = "no way to it: it is on no link of ours, "
				   "and no route leads there; see vsctl "
				   "paroute list",
		[PA_ECHO_UNRESOLVED] = ("its next hop does not say its MAC, or "
					"the uplink is down"),
	};

	if (news < PA_ECHO_WAITS) {
		reply->ops->text(reply, "result", "unresolved");
		reply->ops->text(reply, "help", help[news]);
		return;
	}
	reply->ops->text(reply, "result",
			 news == PA_ECHO_REPLY	   ? "reply"
			 : news == PA_ECHO_TOO_BIG ? "error"
						   : "silence");
	address(reply, "source", &echo->source.ip);
	if (news == PA_ECHO_REPLY) {
		address(reply, "from", &echo->target.ip);
		reply->ops->number(reply, "ttl", echo->hop_limit);
		reply->ops->number(reply, "rtt_ns",
				   echo->heard_ns > echo->sent_ns
					   ? echo->heard_ns - echo->sent_ns
					   : 0);
	} else if (news == PA_ECHO_TOO_BIG) {
		address(reply, "from", &echo->error.from);
		reply->ops->text(reply, "what", "too big");
		reply->ops->number(reply, "mtu", echo->error.mtu);
	}
}

static void finish(const struct vs_main_host *host, struct pa_echo *echo,
		   enum pa_echo_news news)
{
	struct vs_reply *reply = host->deferred(host, echo->token);

	if (reply) {
		tell(reply, echo, news);
		address(reply, "target", &echo->target.ip);
		reply->ops->number(reply, "seq", echo->sequence);
		reply->ops->number(reply, "size", echo->size);
		host->answer(host, echo->token, NULL);
	}
	atomic_store(&echo->stage, PA_ECHO_FREE);
}

/* False: it is still waited for. */
static bool look(const struct vs_main_host *host, struct pa_echo *echo,
		 uint64_t now_ns)
{
	uint32_t stage =
		atomic_load_explicit(&echo->stage, memory_order_acquire);
	enum pa_echo_news news;

	if (stage == PA_ECHO_FREE)
		return true;
	if (stage != PA_ECHO_HEARD &&
	    (now_ns < echo->deadline_ns || stage == PA_ECHO_HEARING ||
	     !atomic_compare_exchange_strong(&echo->stage, &stage,
					     PA_ECHO_HEARD)))
		return false;
	news = (enum pa_echo_news)atomic_load(&echo->news);
	finish(host, echo, news);
	return true;
}

uint64_t pa_ping_poll(const struct vs_main_host *host, struct pa_echoes *echoes,
		      uint64_t now_ns)
{
	bool waits = false;
	uint32_t i;

	for (i = 0; i < PA_ECHOES; i++)
		waits |= !look(host, &echoes->echo[i], now_ns);
	return waits ? now_ns + LOOK_NS : UINT64_MAX;
}
