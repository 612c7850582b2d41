/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.c: see life.h. Before it: worker 0's tick; translate_in.c and pa_echo.c
 * with what came. After it: tunnel_echo.c, the uplink.
 */
#include "life.h"

#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "pa_echo.h"
#include "path_mtu.h"
#include "provider.h"
#include "shard.h"
#include "state.h"
#include "tunnel_echo.h"

#define SECOND_NS (UINT64_C(1000) * 1000 * 1000)
#define LONELY_NS (20 * SECOND_NS)
#define PAUSE_NS  (10 * SECOND_NS) /* between two verdicts */
#define TRY_NS	  SECOND_NS
#define TRIES	  3u
#define PEERS	  128u /* a tick */
#define ANSWER_NS (SECOND_NS / 10)
#define ANSWERS	  10u /* at once */
#define HOP_LIMIT 64u

const char *const life_names[LIFE_STATES] = {
	[LIFE_UNASKED] = "unasked",	[LIFE_ASKING] = "asking",
	[LIFE_REACHABLE] = "reachable", [LIFE_PING_ONLY] = "ping only",
	[LIFE_SILENT] = "silent",	[LIFE_UNRESOLVED] = "not resolved",
};

static uint64_t name_of(const struct wnv_peer *peer)
{
	uint64_t high, low;

	memcpy(&high, peer->pa.ip.octet, 8);
	memcpy(&low, peer->pa.ip.octet + 8, 8);
	return (high * 0x9e3779b97f4a7c15u ^ low) | 1;
}

static uint64_t load(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static bool came(const struct life *life, enum life_question question)
{
	uint64_t heard = load(&life->heard_ns[question]);

	return heard && heard >= life->began_ns;
}

/* -- ask --------------------------------------------------------------------
 */

/* The way to a peer by the first of our PAs that has one. */
static bool find_way(const struct vs_call *call, uint32_t peer,
		     enum codec_kind kind, struct shard_way *way)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct shard_target target = {peer, kind};
	const struct wnv_pa *pa = &wnv_peer_at(state, peer)->pa;
	uint16_t i;

	for (i = 0; i < wnv_provider_count(state); i++) {
		const struct wnv_provider *own = wnv_provider_at(state, i);

		if (vs_ip_is_v4(&own->pa.ip) != vs_ip_is_v4(&pa->ip) ||
		    shard_path(call, own, &target, way) != PROVIDER_READY)
			continue;
		return true;
	}
	return false;
}

static struct vs_echo question_of(const struct wnv_pa *source,
				  const struct wnv_peer *peer,
				  const struct life *life,
				  enum life_question question)
{
	return (struct vs_echo){
		.source = source->ip,
		.target = peer->pa.ip,
		.cookie = load(&life->cookie),
		.id = VS_ECHO_ID,
		.sequence = (uint16_t)(LIFE_SEQUENCE + question),
		.size = VS_ECHO_COOKIE,
		.hop_limit = HOP_LIMIT,
		.whole = true,
	};
}

/* So large that the outer packet has `bytes`. */
static void send_sized(const struct vs_call *call, const struct shard_way *way,
		       struct vs_echo *echo, uint32_t bytes)
{
	uint32_t least = vs_echo_size(echo) +
			 codec_overhead((enum codec_kind)way->path->codec.kind,
					way->path->codec.ipv6);

	if (bytes < least)
		return;
	echo->size = (uint16_t)(echo->size + bytes - least);
	tunnel_echo_send(call, way->path, echo);
}

static void send_proofs(const struct vs_call *call, const struct shard_way *way,
			const struct wnv_peer *to, const struct life *life)
{
	const struct wnv_pa *source = &way->path->source->pa;
	const struct vs_port_info *uplink =
		call->host->port(call, way->path->uplink);
	struct vs_echo full = question_of(source, to, life, LIFE_FULL);
	struct vs_echo beyond = question_of(source, to, life, LIFE_BEYOND);

	send_sized(call, way, &full, life->claim);
	if (uplink && uplink->mtu > life->claim)
		send_sized(call, way, &beyond, uplink->mtu);
}

static void ask_in(const struct vs_call *call, struct provider *provider,
		   uint32_t peer, struct life *life, enum codec_kind kind)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_peer *to = wnv_peer_at(state, peer);
	struct shard_way way;
	struct vs_echo echo;

	if (!wnv_takes(state, kind) || !find_way(call, peer, kind, &way))
		return;
	life->sent = true;
	echo = question_of(&way.path->source->pa, to, life, LIFE_TUNNEL);
	tunnel_echo_send(call, way.path, &echo);
	if (life->claim)
		send_proofs(call, &way, to, life);
	if (life->tries && kind == CODEC_NVGRE) {
		echo = question_of(&way.path->source->pa, to, life, LIFE_PLAIN);
		pa_echo_send(call, provider, way.path->source, &echo);
	}
}

static void ask(const struct vs_call *call, struct provider *provider,
		uint32_t peer, struct life *life)
{
	life->asked_ns = call->now_ns;
	ask_in(call, provider, peer, life, CODEC_NVGRE);
	ask_in(call, provider, peer, life, CODEC_VXLAN);
	life->tries++;
}

static void begin(const struct vs_call *call, struct provider *provider,
		  uint32_t peer, struct life *life)
{
	atomic_store(&life->cookie, call->host->random(call) | 1);
	atomic_store(&life->state, LIFE_ASKING);
	life->began_ns = call->now_ns;
	life->tries = 0;
	life->sent = false;
	ask(call, provider, peer, life);
}

/* -- verdict ----------------------------------------------------------------
 */

static void tell(const struct vs_call *call, const struct wnv_peer *peer,
		 const char *what)
{
	char text[160], pa[VS_IP_TEXT];

	snprintf(text, sizeof(text), "%s: %s", vs_ip_format(&peer->pa.ip, pa),
		 what);
	call->host->event(call, WNV_EVENT_PEER_STATE, text);
}

static void judge_claim(const struct vs_call *call, struct provider *provider,
			const struct wnv_peer *peer, struct life *life)
{
	char words[96];

	if (!life->claim)
		return;
	if (came(life, LIFE_BEYOND)) {
		atomic_store(&provider->tallies->path_mtu[peer->tally], 0);
		snprintf(words, sizeof(words),
			 "carries more than %u bytes, whatever a router said",
			 life->claim);
		tell(call, peer, words);
	}
	atomic_store(&life->proven, came(life, LIFE_FULL));
	atomic_store(&life->proof, life->claim);
	life->claim = 0;
}

/* What was said of the peer before, for the event. */
static void judge(const struct vs_call *call, struct provider *provider,
		  const struct wnv_peer *peer, struct life *life)
{
	static const char *const words[LIFE_STATES] = {
		[LIFE_REACHABLE] = "reachable",
		[LIFE_PING_ONLY] =
			("answers ping, but not in the tunnel: is GRE (or UDP "
			 "4789) dropped on the way? Does a vswitch run there?"),
		[LIFE_SILENT] = "silent",
		[LIFE_UNRESOLVED] = "no way to it, or nobody says its MAC",
	};
	enum life_state verdict = came(life, LIFE_TUNNEL)  ? LIFE_REACHABLE
				  : came(life, LIFE_PLAIN) ? LIFE_PING_ONLY
				  : life->sent		   ? LIFE_SILENT
							   : LIFE_UNRESOLVED;

	if (verdict == LIFE_REACHABLE)
		atomic_store(&life->rtt_ns, load(&life->heard_ns[LIFE_TUNNEL]) -
						    life->asked_ns);
	judge_claim(call, provider, peer, life);
	atomic_store(&life->verdict_ns, call->now_ns);
	atomic_store(&life->state, verdict);
	if (verdict != life->told) {
		life->told = (uint8_t)verdict;
		tell(call, peer, words[verdict]);
	}
}

/* -- the visit --------------------------------------------------------------
 */

/* Do frames leave for it, and none come back? */
static bool is_lonely(const struct vs_call *call, struct provider *provider,
		      const struct wnv_peer *peer, struct life *life)
{
	struct tally_sum sum = tallies_sum(provider->tallies, peer->tally);
	uint64_t in = sum.count[TALLY_IN_FRAMES];
	uint64_t out = sum.count[TALLY_OUT_FRAMES];

	if (in != life->in) {
		life->in = in;
		life->out = out;
		life->lonely_ns = 0;
	} else if (out != life->out && !life->lonely_ns) {
		life->lonely_ns = call->now_ns;
	}
	return life->lonely_ns && out != life->out &&
	       call->now_ns - life->lonely_ns >= LONELY_NS &&
	       call->now_ns - load(&life->verdict_ns) >= PAUSE_NS;
}

/* Has a router said something that nobody has proven yet? */
static bool has_claim(const struct vs_call *call, struct provider *provider,
		      const struct wnv_peer *peer, struct life *life)
{
	uint16_t mtu =
		path_mtu_of(provider->tallies, peer->tally, call->now_ns);

	if (!mtu || mtu == atomic_load(&life->proof))
		return false;
	life->claim = mtu;
	return true;
}

static bool is_done(const struct life *life)
{
	return came(life, LIFE_TUNNEL) &&
	       (!life->claim || came(life, LIFE_BEYOND) ||
		(came(life, LIFE_FULL) && life->tries > 1));
}

/* The place has another peer now, or its first; it may be wanted already. */
static void begin_anew(struct life *life, const struct wnv_peer *peer)
{
	uint32_t i;

	atomic_store(&life->of, 0);
	atomic_store(&life->cookie, 0);
	for (i = 0; i < LIFE_QUESTIONS; i++)
		atomic_store(&life->heard_ns[i], 0);
	atomic_store(&life->rtt_ns, 0);
	atomic_store(&life->verdict_ns, 0);
	atomic_store(&life->state, LIFE_UNASKED);
	atomic_store(&life->proof, 0);
	atomic_store(&life->proven, false);
	life->began_ns = life->asked_ns = life->lonely_ns = 0;
	life->in = life->out = 0;
	life->claim = 0;
	life->tries = life->told = 0;
	atomic_store(&life->of, name_of(peer));
}

static void visit(const struct vs_call *call, struct provider *provider,
		  uint32_t index)
{
	const struct wnv_peer *peer =
		wnv_peer_at(wnv_state_of(call->state), index);
	struct life *life = &provider->lives.life[peer->tally];

	if (!peer->tally || vs_ip_is_group(&peer->pa.ip))
		return;
	if (load(&life->of) != name_of(peer))
		begin_anew(life, peer);
	if (atomic_load(&life->state) == LIFE_ASKING) {
		if (is_done(life) || (life->tries >= TRIES &&
				      call->now_ns - life->asked_ns >= TRY_NS))
			judge(call, provider, peer, life);
		else if (call->now_ns - life->asked_ns >= TRY_NS)
			ask(call, provider, index, life);
		return;
	}
	if (atomic_exchange(&life->wanted, false) ||
	    has_claim(call, provider, peer, life) ||
	    is_lonely(call, provider, peer, life))
		begin(call, provider, index, life);
}

void life_tick(const struct vs_call *call, struct provider *provider)
{
	uint32_t count = wnv_peer_count(wnv_state_of(call->state)), i;
	struct lives *lives = &provider->lives;

	for (i = 0; i < count && i < PEERS; i++) {
		if (lives->next >= count)
			lives->next = 0;
		visit(call, provider, lives->next++);
	}
}

/* -- hear -------------------------------------------------------------------
 */

static struct life *life_of(struct provider *provider,
			    const struct wnv_peer *peer)
{
	struct life *life = &provider->lives.life[peer->tally];

	return peer->tally && load(&life->of) == name_of(peer) ? life : NULL;
}

/* An answer to a question that is out? */
static bool note(const struct vs_call *call, struct life *life,
		 const struct vs_echo *reply)
{
	uint32_t question = reply->sequence - LIFE_SEQUENCE;

	if (reply->id != VS_ECHO_ID || question >= LIFE_QUESTIONS ||
	    !reply->cookie || reply->cookie != load(&life->cookie))
		return false;
	if (!call->tracing)
		atomic_store_explicit(&life->heard_ns[question], call->now_ns,
				      memory_order_relaxed);
	return true;
}

/* Ten a second, ten at once. */
static bool may_answer(const struct vs_call *call, struct life *life)
{
	uint64_t due = load(&life->answer_due_ns);

	if (call->tracing || due > call->now_ns + ANSWERS * ANSWER_NS)
		return false;
	atomic_store_explicit(&life->answer_due_ns,
			      (due > call->now_ns ? due : call->now_ns) +
				      ANSWER_NS,
			      memory_order_relaxed);
	return true;
}

/* The cookie alone comes back: what is asked is how much fits one way. */
static void answer(const struct vs_call *call, struct provider *provider,
		   const struct wnv_peer *peer, enum codec_kind kind,
		   const struct vs_echo *echo)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_pa asked = {echo->target};
	const struct wnv_provider *own = wnv_provider_find(state, &asked);
	/* peers lie in one array */
	const struct shard_target target = {wnv_peer_index(state, peer), kind};
	struct vs_echo reply = *echo;
	struct shard_way way;

	if (!own || !peer->tally ||
	    !may_answer(call, &provider->lives.life[peer->tally]) ||
	    shard_path(call, own, &target, &way) != PROVIDER_READY)
		return;
	reply.source = echo->target;
	reply.target = echo->source;
	reply.size = VS_ECHO_COOKIE;
	reply.hop_limit = HOP_LIMIT;
	reply.reply = true;
	tunnel_echo_send(call, way.path, &reply);
}

void life_hear(const struct vs_call *call, const struct codec_packet *packet,
	       uint8_t kind, const struct vs_echo *echo)
{
	struct provider *provider = wnv_shard_of(call)->provider;
	const struct wnv_peer *peer =
		wnv_peer_find(wnv_state_of(call->state), &packet->source);
	struct life *life = peer ? life_of(provider, peer) : NULL;

	if (echo->reply && life)
		note(call, life, echo);
	else if (!echo->reply && peer)
		answer(call, provider, peer, (enum codec_kind)kind, echo);
}

bool life_hear_plain(const struct vs_call *call, struct provider *provider,
		     const struct vs_echo *reply)
{
	const struct wnv_pa from = {reply->source};
	const struct wnv_peer *peer =
		wnv_peer_find(wnv_state_of(call->state), &from);
	struct life *life = peer ? life_of(provider, peer) : NULL;

	return life && note(call, life, reply);
}

/* -- main thread ------------------------------------------------------------
 */

bool life_look(const struct lives *lives, const struct wnv_peer *peer,
	       uint64_t now_ns, struct life_sight *sight)
{
	const struct life *life = &lives->life[peer->tally];
	uint64_t verdict = load(&life->verdict_ns);

	if (!peer->tally || load(&life->of) != name_of(peer))
		return false;
	*sight = (struct life_sight){
		.state = (enum life_state)atomic_load(&life->state),
		.age_ns = now_ns > verdict ? now_ns - verdict : 0,
		.rtt_ns = load(&life->rtt_ns),
		.proof = (uint16_t)atomic_load(&life->proof),
		.proven = atomic_load(&life->proven),
	};
	return true;
}

void life_want(const struct vs_main_host *host, struct lives *lives,
	       const struct wnv_peer *peer)
{
	const struct vs_note wake = {.kind = LIFE_NOTE};

	atomic_store(&lives->life[peer->tally].wanted, true);
	host->kick(host, 0, &wake);
}
