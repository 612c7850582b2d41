/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.c: a worker's memory of WNV, and its clock.
 *
 * Before it: the adapter's hooks. After it: hold.c, provider_pa.c.
 */
#include "shard.h"

#include <string.h>

#include "learn.h"

#define PAIR_NS	      (UINT64_C(100) * 1000 * 1000)
#define TICK_NS	      (UINT64_C(100) * 1000 * 1000)
#define PUNT_NS	      (UINT64_C(1000) * 1000)
#define PUNT_BURST_NS (200 * PUNT_NS)

void shard_open(struct wnv_shard *shard, struct provider *provider,
		uint16_t worker)
{
	shard->provider = provider;
	shard->worker = worker;
}

void shard_close(struct wnv_shard *shard)
{
	memset(shard, 0, sizeof(*shard));
}

/*
 * The deadline is never further away than a tick, held frames or not: the
 * host asks for it only after a tick, and a hold may begin right after one.
 */
uint64_t shard_tick(const struct vs_call *call)
{
	struct wnv_shard *shard = wnv_shard_of(call);
	uint64_t next;

	if (!call->state) /* none yet: nobody tells us when there is one */
		return call->now_ns + TICK_NS;
	if (shard->worker == 0) {
		provider_watch(call, shard->provider);
		provider_tick(call, shard->provider);
		provider_advance(call, shard->provider, &shard->advance);
		membership_tick(call, &shard->provider->queries,
				&shard->memberships);
		advertise_tick(call, &shard->advertise);
		announce_tick(call, &shard->announce);
		learn_tick(call, shard->ticked_ns);
		pa_echo_tick(call, shard->provider);
		life_tick(call, shard->provider);
		shard->ticked_ns = call->now_ns;
	}
	next = wnv_hold_tick(call, shard->holds, shard->provider);
	return next < call->now_ns + TICK_NS ? next : call->now_ns + TICK_NS;
}

void shard_noted(const struct vs_call *call, const struct vs_note *note)
{
	struct provider_hop hop;

	if (note->kind == LEARN_NOTE_PROBE && call->state)
		learn_noted(call, note);
	if (note->kind == PA_ECHO_NOTE && call->state)
		pa_echo_tick(call, wnv_shard_of(call)->provider);
	if (note->kind == LIFE_NOTE && call->state)
		life_tick(call, wnv_shard_of(call)->provider);
	if (note->kind != SHARD_NOTE_RESOLVED || note->size != sizeof(hop) ||
	    !call->state)
		return;
	memcpy(&hop, note->bytes, sizeof(hop));
	wnv_hold_release(call, wnv_shard_of(call)->holds, &hop);
}

void shard_resolved(const struct vs_call *call, const struct provider_hop *hop)
{
	struct wnv_shard *shard = wnv_shard_of(call);
	struct vs_note note = {.kind = SHARD_NOTE_RESOLVED,
			       .size = sizeof(*hop)};
	uint16_t worker;

	wnv_hold_release(call, shard->holds, hop);
	memcpy(note.bytes, hop, sizeof(*hop));
	for (worker = 0; worker < shard->provider->workers; worker++)
		if (worker != shard->worker)
			call->host->kick(call, worker, &note);
}

/* The caches of a state that is no longer in force are emptied. */
static struct wnv_shard *shard_now(const struct vs_call *call)
{
	struct wnv_shard *shard = wnv_shard_of(call);

	uint64_t serial = wnv_state_serial(wnv_state_of(call->state));

	if (shard->serial != serial) {
		memset(shard->paths, 0, sizeof(shard->paths));
		memset(shard->pairs, 0, sizeof(shard->pairs));
		shard->serial = serial;
	}
	return shard;
}

/* Eight bytes of addresses, in whatever order: only for hash and equality. */
static uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static struct shard_pair *pair_of(const struct vs_call *call,
				  const struct codec_outer *outer)
{
	uint64_t mixed = word_at(outer->addresses);

	if (outer->ipv6)
		mixed ^= word_at(outer->addresses + 8) ^
			 word_at(outer->addresses + 16) * 3 ^
			 word_at(outer->addresses + 24) * 3;
	mixed *= 0x9e3779b97f4a7c15u;
	return &shard_now(call)->pairs[(mixed >> 32) % SHARD_PAIRS];
}

const struct shard_pair *shard_pair_find(const struct vs_call *call,
					 const struct codec_outer *outer)
{
	const struct shard_pair *pair = pair_of(call, outer);

	if (pair->ipv6 != outer->ipv6 || pair->vlan != outer->vlan ||
	    call->now_ns >= pair->expires_ns ||
	    word_at(pair->addresses) != word_at(outer->addresses))
		return NULL;
	return !outer->ipv6 || memcmp(pair->addresses + 8, outer->addresses + 8,
				      24) == 0
		       ? pair
		       : NULL;
}

void shard_pair_keep(const struct vs_call *call,
		     const struct codec_outer *outer, uint16_t tally)
{
	struct shard_pair *pair = pair_of(call, outer);

	memcpy(pair->addresses, outer->addresses, outer->ipv6 ? 32 : 8);
	pair->ipv6 = outer->ipv6;
	pair->vlan = outer->vlan;
	pair->tally = tally;
	pair->expires_ns = call->now_ns + PAIR_NS;
}

enum provider_answer shard_path(const struct vs_call *call,
				const struct wnv_provider *source,
				const struct shard_target *target,
				struct shard_way *way)
{
	struct wnv_shard *shard = shard_now(call);
	struct provider_path *entry =
		&shard->paths[(target->peer * CODEC_KINDS +
			       (unsigned int)target->kind) %
			      SHARD_PATHS];

	way->path = entry;
	if (entry->source == source && entry->peer == target->peer &&
	    entry->kind == target->kind && call->now_ns < entry->expires_ns)
		return PROVIDER_READY;
	entry->source = source;
	entry->peer = target->peer;
	entry->kind = (uint8_t)target->kind;
	entry->expires_ns = 0;
	return provider_resolve(call, shard->provider, entry, &way->hop,
				&way->reason);
}

bool shard_punt(const struct vs_call *call, struct vs_port_id port)
{
	uint64_t *due =
		&wnv_shard_of(call)->punt_ns[port.value % VS_PORTS_MAXIMUM];

	if (call->tracing)
		return true;
	if (*due > call->now_ns + PUNT_BURST_NS)
		return false;
	*due = (*due > call->now_ns ? *due : call->now_ns) + PUNT_NS;
	return true;
}
