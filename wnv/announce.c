/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announce.c: when, and the frames (announce.h): in at admit for the other
 * ports of the VSID here, and wrapped to each host that has some.
 *
 * Before it: shard.c's tick. After it: admit (core), wrapped.c.
 */
#include "announce.h"

#include <string.h>

#include "discovery.h"
#include "shard.h"
#include "wrapped.h"

#define MS_NS (UINT64_C(1000) * 1000)

/* -- what ------------------------------------------------------------------ */

static struct discovery claim_of(const struct wnv_arrival *arrival)
{
	static const struct vs_mac all_nodes = {{0x33, 0x33, 0, 0, 0, 1}};
	struct discovery said = {.from = arrival->mac,
				 .to = all_nodes,
				 .target = arrival->ca,
				 .claims = true};

	if (vs_ip_is_v4(&arrival->ca.ip))
		memset(said.to.octet, 0xff, 6);
	return said;
}

/* Who is not reached yet hears the next one. */
static void show_there(const struct vs_call *call,
		       const struct wnv_subnet *subnet,
		       const struct wnv_record *record,
		       const struct wrapped *frame)
{
	const struct wnv_provider *source =
		wnv_provider_find(wnv_state_of(call->state), &record->pa);
	struct shard_target target;
	struct shard_way way;
	uint32_t i;

	for (i = 0; source && i < subnet->replica_count; i++) {
		target.peer = subnet->replicas[i].peer;
		target.kind = (enum codec_kind)subnet->replicas[i].kind;
		if (shard_path(call, source, &target, &way) == PROVIDER_READY)
			wrapped_emit(call, way.path, subnet->vsid, frame);
	}
}

static void show(const struct vs_call *call, const struct wnv_arrival *arrival)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_subnet *subnet = wnv_subnet_find(state, arrival->vsid);
	const struct wnv_record *record =
		wnv_record_find(state, arrival->vsid, &arrival->ca);
	const struct discovery said = claim_of(arrival);
	uint8_t bytes[DISCOVERY_SIZE];
	const struct wrapped frame = {bytes, discovery_write(&said, bytes)};

	if (!subnet || !record)
		return;
	wrapped_here(call, arrival->vsid, &frame);
	show_there(call, subnet, record, &frame);
}

/* -- when ------------------------------------------------------------------ */

void announce_tick(const struct vs_call *call, struct announce *announce)
{
	static const uint64_t after[] = {0, 500 * MS_NS, 2000 * MS_NS};
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_arrivals *arrivals = wnv_state_arrivals(state);
	bool news = announce->serial != wnv_state_serial(state);
	const struct wnv_arrival *arrival;
	uint64_t done, due;
	uint32_t i, k;

	for (i = 0; i < arrivals->count; i++) {
		arrival = &arrivals->list[i];
		/* a state is published some time after it was made */
		done = news && arrival->news ? 0 : announce->done_ns;
		for (k = 0; k < sizeof(after) / sizeof(after[0]); k++) {
			due = arrival->since_ns + after[k];
			if (due > done && due <= call->now_ns)
				show(call, arrival);
		}
	}
	announce->serial = wnv_state_serial(state);
	announce->done_ns = call->now_ns;
}
