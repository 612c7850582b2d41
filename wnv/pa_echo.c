/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pa_echo.c: the workers' half of pa_echo.h.
 *
 * Before it: translate_in.c, with what is no tunnel; worker 0's tick. After
 * it: the uplink.
 */
#include "pa_echo.h"

#include <string.h>

#include <vswitch/wire.h>

#include "provider_slot.h"
#include "shard.h"

#define HOP_LIMIT 64u

static struct pa_echoes *echoes_of(struct provider *provider)
{
	return &provider->echoes;
}

/* -- send -------------------------------------------------------------------
 */

static void send(const struct vs_call *call, const struct provider_reach *reach,
		 const struct vs_echo *echo)
{
	const bool v4 = vs_ip_is_v4(&echo->source);
	const struct provider_speech speech = {
		.uplink = reach->hop.uplink,
		.vlan = reach->hop.vlan,
		.mac = reach->source_mac,
		.to = reach->hop_mac,
	};
	struct vs_frame *frame;
	uint8_t *ip;

	frame = provider_frame_new(call, &speech,
				   v4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6,
				   vs_echo_size(echo), &ip);
	if (!frame)
		return;
	vs_echo_write(echo, ip);
	provider_frame_send(call, frame, &speech);
}

bool pa_echo_send(const struct vs_call *call, struct provider *provider,
		  const struct wnv_provider *source,
		  const struct vs_echo *question)
{
	const struct wnv_pa target = {question->target};
	struct provider_reach reach;

	if (provider_reach(call, provider, source, &target, &reach) !=
	    PROVIDER_READY)
		return false;
	send(call, &reach, question);
	return true;
}

/* From one PA of ours; false: not by this one, and why is in the news. */
static bool try_from(const struct vs_call *call, struct provider *provider,
		     const struct wnv_provider *source, struct pa_echo *echo)
{
	uint32_t slot = (uint32_t)(echo - echoes_of(provider)->echo);
	uint32_t wanted = PA_ECHO_WANTED;
	struct provider_reach reach;
	struct vs_echo question = {
		.source = source->pa.ip,
		.target = echo->target.ip,
		.cookie = atomic_load(&echo->cookie),
		.id = VS_ECHO_ID,
		.sequence = (uint16_t)slot,
		.size = echo->size,
		.hop_limit = HOP_LIMIT,
		.whole = echo->whole,
	};

	if (provider_reach(call, provider, source, &echo->target, &reach) !=
	    PROVIDER_READY) {
		atomic_store(&echo->news, reach.reason == WNV_PA_NO_ROUTE
						  ? PA_ECHO_NO_WAY
						  : PA_ECHO_UNRESOLVED);
		return false;
	}
	echo->source = source->pa;
	echo->sent_ns = call->now_ns;
	atomic_store(&echo->news, PA_ECHO_WAITS);
	/* else it took too long */
	if (atomic_compare_exchange_strong(&echo->stage, &wanted, PA_ECHO_SENT))
		send(call, &reach, &question);
	return true;
}

static void try_to_send(const struct vs_call *call, struct provider *provider,
			struct pa_echo *echo)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_provider *source;
	uint16_t i;

	for (i = 0; i < wnv_provider_count(state); i++) {
		source = wnv_provider_at(state, i);
		if (vs_ip_is_v4(&source->pa.ip) !=
			    vs_ip_is_v4(&echo->target.ip) ||
		    (wnv_pa_is_set(&echo->wished) &&
		     !wnv_pa_equal(&echo->wished, &source->pa)))
			continue;
		if (try_from(call, provider, source, echo))
			return;
	}
}

void pa_echo_tick(const struct vs_call *call, struct provider *provider)
{
	struct pa_echo *echo = echoes_of(provider)->echo;
	uint32_t i;

	for (i = 0; i < PA_ECHOES; i++)
		if (atomic_load_explicit(&echo[i].stage,
					 memory_order_acquire) ==
		    PA_ECHO_WANTED)
			try_to_send(call, provider, &echo[i]);
}

/* -- hear -------------------------------------------------------------------
 */

/* The slot, now ours alone (HEARING), or NULL. */
static struct pa_echo *take(struct provider *provider,
			    const struct vs_echo *question, bool has_cookie)
{
	struct pa_echo *echo;
	uint32_t stage = PA_ECHO_SENT;

	if (question->id != VS_ECHO_ID || question->sequence >= PA_ECHOES)
		return NULL;
	echo = &echoes_of(provider)->echo[question->sequence];
	if (!atomic_compare_exchange_strong(&echo->stage, &stage,
					    PA_ECHO_HEARING))
		return NULL;
	if (vs_ip_equal(&echo->target.ip, &question->target) &&
	    vs_ip_equal(&echo->source.ip, &question->source) &&
	    (!has_cookie || atomic_load(&echo->cookie) == question->cookie))
		return echo;
	atomic_store(&echo->stage, PA_ECHO_SENT);
	return NULL;
}

static void heard(const struct vs_call *call, struct pa_echo *echo,
		  enum pa_echo_news news)
{
	echo->heard_ns = call->now_ns;
	atomic_store(&echo->news, news);
	atomic_store_explicit(&echo->stage, PA_ECHO_HEARD,
			      memory_order_release);
}

static bool hear_reply(const struct vs_call *call, struct provider *provider,
		       const struct vs_echo *reply)
{
	struct vs_echo question = *reply;
	struct pa_echo *echo;

	question.source = reply->target;
	question.target = reply->source;
	echo = take(provider, &question, true);
	if (!echo)
		return life_hear_plain(call, provider, reply);
	echo->hop_limit = reply->hop_limit;
	heard(call, echo, PA_ECHO_REPLY);
	return true;
}

static bool hear_error(const struct vs_call *call, struct provider *provider,
		       const struct vs_echo_error *error)
{
	struct pa_echo *echo = error->mtu ? take(provider, &error->request,
						 error->request.cookie != 0)
					  : NULL;

	if (!echo)
		return false;
	echo->error = *error;
	heard(call, echo, PA_ECHO_TOO_BIG);
	return true;
}

/* Back to where it came from, whoever that is (RFC 1122 3.2.2.6). */
static bool answer(const struct vs_call *call, const struct vs_frame *frame,
		   const struct provider_frame *at,
		   const struct vs_echo *question)
{
	const struct wnv_pa asked = {question->target};
	const struct wnv_provider *own =
		wnv_provider_find(wnv_state_of(call->state), &asked);
	struct provider_speech speech = {
		.uplink = vs_view(frame)->port,
		.vlan = at->vlan,
		.to = vs_frame_source_mac(frame),
	};
	struct vs_frame *answer;
	/* as the header says, options and all */
	uint32_t size = at->type == VS_TYPE_IPV4
				? vs_load16(at->bytes + at->l3 + 2)
				: vs_echo_size(question);
	uint8_t *ip;

	if (!own || !own->owned || own->vlan != at->vlan)
		return false;
	if (call->tracing || size > at->size - at->l3 ||
	    vs_mac_is_group(&speech.to) || vs_ip_is_group(&question->source) ||
	    !shard_punt(call, speech.uplink) ||
	    !provider_mac_on(call, own, speech.uplink, &speech.mac))
		return true;
	answer = provider_frame_new(call, &speech, at->type, size, &ip);
	if (!answer)
		return true;
	memcpy(ip, at->bytes + at->l3, size);
	vs_echo_turn(ip, HOP_LIMIT);
	provider_frame_send(call, answer, &speech);
	return true;
}

bool pa_echo_hear(const struct vs_call *call, struct provider *provider,
		  const struct vs_frame *frame)
{
	struct provider_frame at;
	struct vs_echo_error error;
	struct vs_echo echo;

	if (!provider_frame_of(frame, &at) ||
	    (at.type != VS_TYPE_IPV4 && at.type != VS_TYPE_IPV6))
		return false;
	if (vs_echo_read(at.bytes + at.l3, at.size - at.l3, &echo))
		return echo.reply ? hear_reply(call, provider, &echo)
				  : answer(call, frame, &at, &echo);
	return vs_echo_read_error(at.bytes + at.l3, at.size - at.l3, &error) &&
	       hear_error(call, provider, &error);
}
