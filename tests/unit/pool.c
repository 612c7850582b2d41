// SPDX-License-Identifier: Apache-2.0
/*
 * Packet buffers: who has one, how many are left.
 */
#include <string.h>

#include "packet/pool.h"
#include "tests/support/suite.h"

static const struct vs_pool_params few = {.small_count = 3, .big_count = 1};

START_TEST(taken_packet_is_empty_with_headroom_and_knows_nothing)
{
	struct vs_pool *pool = vs_pool_create(&few);
	struct vs_packet *packet = vs_pool_take(pool, false);

	ck_assert_ptr_nonnull(packet);
	ck_assert_uint_eq(packet->view.size, 0);
	ck_assert_int_eq(packet->view.data - packet->buffer,
			 VS_PACKET_HEADROOM);
	ck_assert_uint_eq(packet->capacity, VS_PACKET_HEADROOM + VS_SMALL_SIZE);
	ck_assert_uint_eq(packet->view.struct_size, sizeof(struct vs_view));
	ck_assert_uint_eq(packet->view.offload.csum_start, VS_ABSENT);
	ck_assert_uint_eq(packet->view.l3, VS_ABSENT);
	ck_assert_uint_eq(packet->references, 1);
	ck_assert_uint_eq((uintptr_t)packet % 64, 0);
	vs_packet_unref(packet);
	vs_pool_destroy(pool);
}
END_TEST

START_TEST(metadata_of_the_last_owner_is_gone)
{
	struct vs_pool_params one = {.small_count = 1, .big_count = 1};
	struct vs_pool *pool = vs_pool_create(&one);
	struct vs_packet *packet = vs_pool_take(pool, false), *again;
	struct vs_walk walk = {0};

	packet->view.vsid.value = 5001;
	packet->view.flags = VS_FRAME_FROM_WIRE;
	packet->view.data += 40;
	packet->verdict.action = VS_DROP;
	packet->walk = &walk;
	packet->destination.value = 7;
	vs_packet_unref(packet);
	again = vs_pool_take(pool, false);
	ck_assert_ptr_eq(again, packet);
	ck_assert_uint_eq(again->view.vsid.value, 0);
	ck_assert_uint_eq(again->view.flags, 0);
	ck_assert_int_eq(again->view.data - again->buffer, VS_PACKET_HEADROOM);
	ck_assert_uint_eq(again->verdict.action, VS_PASS);
	ck_assert_ptr_null(again->walk);
	ck_assert_uint_eq(again->destination.value, 0);
	vs_packet_unref(again);
	vs_pool_destroy(pool);
}
END_TEST

START_TEST(pool_that_is_empty_says_so_and_counts_it)
{
	struct vs_pool *pool = vs_pool_create(&few);
	struct vs_packet *packet[3], *big;
	struct vs_pool_stats stats;
	int i;

	for (i = 0; i < 3; i++)
		packet[i] = vs_pool_take(pool, false);
	big = vs_pool_take(pool, true);
	ck_assert_ptr_nonnull(big);
	ck_assert_ptr_null(vs_pool_take(pool, false));
	ck_assert_ptr_null(vs_pool_take(pool, true));
	ck_assert_ptr_null(vs_pool_take(pool, true));
	vs_pool_stats(pool, &stats);
	ck_assert_uint_eq(stats.small_free, 0);
	ck_assert_uint_eq(stats.small_count, 3);
	ck_assert_uint_eq(stats.big_count, 1);
	ck_assert_uint_eq(stats.small_empty, 1);
	ck_assert_uint_eq(stats.big_empty, 2);
	vs_packet_unref(packet[1]);
	ck_assert_ptr_eq(vs_pool_take(pool, false), packet[1]);
	for (i = 0; i < 3; i++)
		vs_packet_unref(packet[i]);
	vs_packet_unref(big);
	vs_pool_stats(pool, &stats);
	ck_assert_uint_eq(stats.small_free, 3);
	ck_assert_uint_eq(stats.big_free, 1);
	vs_pool_destroy(pool);
}
END_TEST

START_TEST(packet_stays_until_its_last_reference_goes)
{
	struct vs_pool *pool = vs_pool_create(&few);
	struct vs_packet *packet = vs_pool_take(pool, false);
	struct vs_pool_stats stats;

	vs_packet_ref(packet);
	vs_packet_unref(packet);
	vs_pool_stats(pool, &stats);
	ck_assert_uint_eq(stats.small_free, 2);
	vs_packet_unref(packet);
	vs_pool_stats(pool, &stats);
	ck_assert_uint_eq(stats.small_free, 3);
	vs_pool_destroy(pool);
}
END_TEST

START_TEST(buffers_of_two_packets_never_meet)
{
	struct vs_pool *pool = vs_pool_create(&few);
	struct vs_packet *a = vs_pool_take(pool, false);
	struct vs_packet *b = vs_pool_take(pool, false);
	struct vs_packet *c = vs_pool_take(pool, true);
	uint32_t i;

	memset(a->buffer, 'a', a->capacity);
	memset(b->buffer, 'b', b->capacity);
	memset(c->buffer, 'c', c->capacity);
	for (i = 0; i < a->capacity; i++)
		ck_assert_uint_eq(a->buffer[i], 'a');
	for (i = 0; i < b->capacity; i++)
		ck_assert_uint_eq(b->buffer[i], 'b');
	ck_assert_ptr_eq(a->pool, pool);
	vs_packet_unref(a);
	vs_packet_unref(b);
	vs_packet_unref(c);
	vs_pool_destroy(pool);
}
END_TEST

START_TEST(no_pool_can_be_destroyed)
{
	vs_pool_destroy(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pool");
	TCase *tcase = tcase_create("pool");

	tcase_add_test(tcase,
		       taken_packet_is_empty_with_headroom_and_knows_nothing);
	tcase_add_test(tcase, metadata_of_the_last_owner_is_gone);
	tcase_add_test(tcase, pool_that_is_empty_says_so_and_counts_it);
	tcase_add_test(tcase, packet_stays_until_its_last_reference_goes);
	tcase_add_test(tcase, buffers_of_two_packets_never_meet);
	tcase_add_test(tcase, no_pool_can_be_destroyed);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
