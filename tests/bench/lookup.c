// SPDX-License-Identifier: Apache-2.0
/*
 * lookup.c: what finding one of many lookup records costs: by (VSID, CA), the
 * question that every routed or answered frame asks, in bursts of 64 whose
 * addresses are all over the policy.
 *
 *   vs_bench_lookup [COUNT ...]      (1000 10000 100000 1000000)
 *
 * Prints ns per lookup, the best of several runs; exit code 1 if one fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/prng.h"
#include "wnv/state.h"

#define SUBNETS 16u
#define PEERS	200u
#define BURST	64u
#define LOOKUPS (BURST * 50000u)
#define RUNS	7u
#define VSID	5001u

static double clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct wnv_ca ca_of(uint32_t i)
{
	uint32_t host = i / SUBNETS + 2;
	const uint8_t octets[4] = {10, (uint8_t)(i % SUBNETS << 4 | host >> 16),
				   (uint8_t)(host >> 8), (uint8_t)host};

	return (struct wnv_ca){vs_ip_from_v4(octets)};
}

static struct wnv_record record_of(uint32_t i)
{
	const uint8_t pa[4] = {192, 0, 2, (uint8_t)(10 + i % PEERS)};
	const struct wnv_ca ca = ca_of(i);

	return (struct wnv_record){
		.vsid = {VSID + i % SUBNETS},
		.ca = ca,
		.pa = {vs_ip_from_v4(pa)},
		.mac = {{2, (uint8_t)(i % SUBNETS), ca.ip.octet[13],
			 ca.ip.octet[14], ca.ip.octet[15], 1}},
	};
}

static struct wnv_state *state_of(uint32_t count)
{
	static const struct wnv_network_plan networks[1] = {{.rdid = {{{1}}}}};
	struct wnv_subnet_plan subnets[SUBNETS] = {{.network = 0}};
	struct wnv_record *records = calloc(count, sizeof(*records));
	struct wnv_plan plan = {
		.networks = networks,
		.subnets = subnets,
		.records = records,
		.network_count = 1,
		.subnet_count = SUBNETS,
		.record_count = count,
		.seed = 7,
	};
	struct wnv_state *state = NULL;
	uint32_t i;

	if (!records)
		abort();
	for (i = 0; i < SUBNETS; i++)
		subnets[i].vsid.value = VSID + i;
	for (i = 0; i < count; i++)
		records[i] = record_of(i);
	if (wnv_state_build(&plan, &state))
		abort();
	free(records);
	return state;
}

/* As the walk asks for the targets of a burst. */
static uint32_t ask(const struct wnv_state *state, struct wnv_seek *questions)
{
	uint32_t i, missed = 0;

	if (wnv_records_are_many(state)) {
		wnv_records_seek(state, questions, BURST);
		for (i = 0; i < BURST; i++)
			missed += !questions[i].record;
		return missed;
	}
	for (i = 0; i < BURST; i++)
		missed += !wnv_record_find(state, questions[i].vsid,
					   &questions[i].ca);
	return missed;
}

/* ns per lookup, of one run. */
static double run(const struct wnv_state *state, uint32_t count,
		  uint32_t *missed)
{
	struct prng prng = prng_start(count);
	struct wnv_seek questions[BURST];
	double begun, took = 0;
	uint32_t i, k, at;

	for (i = 0; i < LOOKUPS; i += BURST) {
		for (k = 0; k < BURST; k++) {
			at = prng_below(&prng, count);
			questions[k] = (struct wnv_seek){
				.vsid = {VSID + at % SUBNETS}, .ca = ca_of(at)};
		}
		begun = clock_s();
		*missed += ask(state, questions);
		took += clock_s() - begun;
	}
	return took * 1e9 / LOOKUPS;
}

static uint32_t measure(uint32_t count)
{
	struct wnv_state *state = state_of(count);
	double best = 0, took;
	uint32_t i, missed = 0;

	for (i = 0; i < RUNS; i++) {
		took = run(state, count, &missed);
		if (!i || took < best)
			best = took;
	}
	printf("%8u records  %6.1f ns\n", count, best);
	wnv_state_free(state);
	return missed;
}

int main(int argc, char **argv)
{
	static const uint32_t counts[] = {1000, 10000, 100000, 1000000};
	uint32_t missed = 0;
	int i;

	for (i = 1; i < argc; i++)
		missed += measure((uint32_t)strtoul(argv[i], NULL, 10));
	for (i = 0; argc == 1 && i < 4; i++)
		missed += measure(counts[i]);
	return missed != 0;
}
