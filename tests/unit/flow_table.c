// SPDX-License-Identifier: Apache-2.0
/*
 * The flow cache's table: what is found is what was kept under the same key
 * and generation, frame by frame or for a burst; a VSID takes no more than its
 * share, whatever it sends.
 */
#include <string.h>

#include "core/flow_table.h"
#include "packet/packet.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

#define SECOND	UINT64_C(1000000000)
#define ENTRIES 16384u

START_TEST(each_vsid_has_its_share_of_the_table)
{
	struct flow_table *table = flow_table_create(4, 99);
	struct flow_verdicts verdicts = {.to = {3}};
	const struct flow_verdicts *found;
	struct flow_key key = {{0}};
	struct flow_item item = {
		.key = &key, .generation = 1, .now_ns = SECOND};
	uint32_t i, kept = 0;

	for (i = 0; i < 40000; i++) {
		key.word[4] = i;
		item.hash = flow_hash(table, &key);
		item.group = 1;
		kept += flow_table_keep(table, &item, &verdicts);
	}
	ck_assert_uint_ge(kept, ENTRIES / 4);
	ck_assert_uint_eq(flow_table_owned(table, 1), ENTRIES / 4);
	for (i = 0; i < 1000; i++) {
		key.word[4] = 100000 + i;
		item.hash = flow_hash(table, &key);
		item.group = 2;
		ck_assert(flow_table_keep(table, &item, &verdicts));
		found = flow_table_find(table, &item);
		ck_assert(found && found->to.value == 3);
	}
	item.generation = 2;
	ck_assert(!flow_table_find(table, &item));
	flow_table_destroy(table);
}
END_TEST

START_TEST(entry_is_found_by_all_of_its_key)
{
	struct flow_table *table = flow_table_create(4, 7);
	struct flow_verdicts verdicts = {.to = {9}};
	const struct flow_verdicts *found;
	struct flow_key key = {{1, 2, 3, 4, 5, 6, 7, 8}};
	struct flow_item item = {.key = &key,
				 .hash = flow_hash(table, &key),
				 .generation = 5,
				 .now_ns = SECOND};
	int word, bit;

	ck_assert(!flow_table_find(table, &item));
	ck_assert(flow_table_keep(table, &item, &verdicts));
	found = flow_table_find(table, &item);
	ck_assert(found && found->to.value == 9);
	verdicts.to.value = 10;
	ck_assert(flow_table_keep(table, &item, &verdicts));
	found = flow_table_find(table, &item);
	ck_assert(found && found->to.value == 10);
	ck_assert_uint_eq(flow_table_owned(table, 0), 1);
	/* the hash of the entry, and another key: it is not believed */
	for (word = 0; word < 8; word++)
		for (bit = 0; bit < 64; bit++) {
			key.word[word] ^= UINT64_C(1) << bit;
			ck_assert(!flow_table_find(table, &item));
			ck_assert_uint_ne(flow_hash(table, &key), item.hash);
			key.word[word] ^= UINT64_C(1) << bit;
		}
	flow_table_destroy(table);
}
END_TEST

/* -- bursts of all kinds of frames -- */

#define ROUNDS	100u
#define KINDS	6u
#define UNICAST (VS_BURST_FRAMES - 2)

static uint8_t bytes[VS_BURST_FRAMES][128];
static struct vs_packet packets[VS_BURST_FRAMES];
static struct flow_run run;

/* A frame of its own flow for each number; the last two of a burst are a
 * group's. */
static void write_frame(uint8_t *buffer, uint32_t number, struct vs_view *view)
{
	uint32_t kind = number / 2 % KINDS, even = number * 2;
	struct frames frame =
		frames_ethernet(buffer, kind == 4   ? VS_TYPE_IPV6
					: kind == 5 ? 0x88b5
						    : VS_TYPE_IPV4);

	if (kind == 4)
		frames_ipv6(&frame, VS_IP_TCP);
	else if (kind < 4)
		frames_ipv4(&frame, kind == 0	? VS_IP_UDP
				    : kind == 1 ? VS_IP_TCP
				    : kind == 2 ? VS_IP_ICMP
						: 89);
	frames_udp(&frame);
	frames_bytes(&frame, bytes[0] + 100, 20);
	if (kind < 5)
		frames_finish_ip(&frame);
	memcpy(buffer + 6, &even, 4);
	buffer[0] = 2;
	buffer[1] = (uint8_t)(number >> 8);
	if (number % VS_BURST_FRAMES >= UNICAST)
		buffer[0] |= 1;
	if (kind < 4)
		memcpy(buffer + VS_ETHERNET_SIZE + 16, &number, 4);
	view->data = buffer;
	view->size = frame.size;
}

static void write_burst(struct vs_burst *burst, uint32_t round)
{
	uint32_t i;

	*burst =
		(struct vs_burst){.count = VS_BURST_FRAMES, .live = UINT64_MAX};
	for (i = 0; i < VS_BURST_FRAMES; i++) {
		struct vs_view *view = &packets[i].view;

		memset(&packets[i], 0, sizeof(packets[i]));
		write_frame(bytes[i], round * VS_BURST_FRAMES + i, view);
		view->port.value = 5;
		view->vsid.value = 5000 + round % 7;
		view->offload.csum_start = VS_ABSENT;
		vs_packet_parse(&packets[i]);
		burst->frame[i] = vs_packet_frame(&packets[i]);
	}
}

static void keep_burst(struct flow_table *table, uint32_t round)
{
	uint32_t i;

	ck_assert_uint_eq(run.all[FLOW_IN] | run.all[FLOW_OUT], 0);
	for (i = 0; i < UNICAST; i++) {
		struct flow_own *own = &run.own[i];
		struct flow_item item = {.key = &own->key,
					 .hash = own->hash,
					 .group = round % 4,
					 .generation = run.generation,
					 .now_ns = SECOND};

		ck_assert_ptr_eq(run.now[i], &own->verdicts);
		ck_assert_uint_eq(own->verdicts.passes[FLOW_IN], 0);
		ck_assert_uint_eq(flow_vsid(&own->key).value, 5000 + round % 7);
		own->verdicts.passes[FLOW_IN] = 6;
		own->verdicts.passes[FLOW_OUT] = round;
		own->verdicts.to.value = (uint16_t)(100 + i);
		flow_table_keep(table, &item, &own->verdicts);
	}
}

/* How many of the burst have an entry; it is the right one. */
static uint32_t check_burst(struct flow_table *table, uint32_t round)
{
	uint32_t i, count = 0;

	for (i = 0; i < UNICAST; i++) {
		struct flow_own own;

		if (run.now[i] == &run.own[i].verdicts)
			continue;
		count++;
		ck_assert_uint_eq(run.to[i].value, 100 + i);
		ck_assert_uint_eq(run.now[i]->to.value, 100 + i);
		ck_assert_uint_eq(run.now[i]->passes[FLOW_OUT], round);
		flow_table_copy(table, run.now[i], &own);
		ck_assert_uint_eq(own.hash, flow_hash(table, &own.key));
		ck_assert_uint_eq(flow_vsid(&own.key).value, 5000 + round % 7);
		ck_assert_uint_eq(own.verdicts.passes[FLOW_IN], 6);
	}
	if (count == UNICAST) {
		ck_assert_uint_eq(run.all[FLOW_IN], 6);
		ck_assert_uint_eq(run.all[FLOW_OUT], round);
	} else {
		ck_assert_uint_eq(run.all[FLOW_IN], 0);
	}
	return count;
}

START_TEST(burst_finds_each_frame_wherever_its_entry_lives)
{
	struct flow_table *table = flow_table_create(4, 21);
	struct vs_burst burst;
	uint32_t round, found = 0;

	run.generation = 3;
	for (round = 1; round <= ROUNDS; round++) {
		write_burst(&burst, round);
		flow_table_look(table, &burst, &run, SECOND);
		ck_assert(run.known == UINT64_MAX >> 2);
		keep_burst(table, round);
	}
	for (round = 1; round <= ROUNDS; round++) {
		write_burst(&burst, round);
		flow_table_look(table, &burst, &run, 2 * SECOND);
		found += check_burst(table, round);
	}
	/* more than one in four lives elsewhere than at home */
	ck_assert_uint_ge(found, ROUNDS * UNICAST * 9 / 10);
	run.generation = 4;
	flow_table_look(table, &burst, &run, 2 * SECOND);
	ck_assert_uint_eq(check_burst(table, ROUNDS), 0);
	flow_table_destroy(table);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow_table");
	TCase *tcase = tcase_create("flow_table");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, each_vsid_has_its_share_of_the_table);
	tcase_add_test(tcase, entry_is_found_by_all_of_its_key);
	tcase_add_test(tcase, burst_finds_each_frame_wherever_its_entry_lives);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
