/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted per remote PA, and which place in the table each has while
 * states come and go (tally.h).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

/* -- what is counted ------------------------------------------------------- */

static struct frames udp(uint8_t *buffer, uint8_t from, uint8_t to)
{
	struct frames frame = lab_frame4(buffer, from, to, VS_IP_UDP);

	frames_udp(&frame);
	frame.size += 20;
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static struct tally_sum sum_of(const struct lab *lab, uint8_t host)
{
	const uint8_t bytes[4] = {192, 0, 2, host};
	const struct wnv_pa pa = {vs_ip_from_v4(bytes)};
	const struct wnv_peer *peer = wnv_peer_find(lab->state, &pa);

	ck_assert_uint_ne(peer->tally, 0);
	return tallies_sum(lab->provider->tallies, peer->tally);
}

static const char *send(struct lab *lab, uint8_t to)
{
	uint8_t buffer[256];
	struct frames frame = udp(buffer, 5, to);

	if (to == 255)
		memset(buffer, 0xff, 6);
	return lab_out(lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
}

START_TEST(frames_and_bytes_out_are_counted_per_peer)
{
	static const struct lab_options options = {.host = 1};
	struct lab lab = lab_open(&options);
	struct tally_sum b, c;

	lab_know(&lab);
	ck_assert_str_eq(send(&lab, 7), "sent");
	ck_assert_str_eq(send(&lab, 7), "sent");
	ck_assert_str_eq(send(&lab, 255), "sent"); /* a copy for each */
	b = sum_of(&lab, 2);
	c = sum_of(&lab, 3);
	ck_assert_uint_eq(b.count[TALLY_OUT_FRAMES], 3);
	ck_assert_uint_eq(b.count[TALLY_OUT_BYTES], 3 * (14 + 28 + 20));
	ck_assert_uint_eq(c.count[TALLY_OUT_FRAMES], 1);
	ck_assert_uint_eq(b.count[TALLY_DROPS] + c.count[TALLY_DROPS], 0);
	ck_assert_uint_eq(b.count[TALLY_IN_FRAMES], 0);
	ck_assert_uint_ne(b.heard_ns, 0); /* its answer to our ARP */
	lab.fake->call.tracing = true;
	ck_assert_str_eq(send(&lab, 7), "sent");
	ck_assert_uint_eq(sum_of(&lab, 2).count[TALLY_OUT_FRAMES], 3);
	lab_close(&lab);
}
END_TEST

START_TEST(frames_in_and_drops_are_counted_for_their_sender)
{
	static const struct lab_options options = {.host = 2};
	struct lab lab = lab_open(&options);
	uint8_t inner[256], wire[512];
	struct frames frame = udp(inner, 5, 7);
	uint32_t size = lab_wrap(wire, 1, 2, &frame);
	struct tally_sum a;
	unsigned int i;

	for (i = 0; i < 2; i++) /* the second knows the pair already */
		ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, wire, size, 0)),
				 "pass");
	a = sum_of(&lab, 1);
	ck_assert_uint_eq(a.count[TALLY_IN_FRAMES], 2);
	ck_assert_uint_eq(a.count[TALLY_IN_BYTES], 2 * frame.size);
	ck_assert_uint_eq(a.count[TALLY_DROPS], 0);
	ck_assert_uint_eq(a.heard_ns, lab.fake->call.now_ns);
	frame = udp(inner, 5, 9);
	inner[5] = 0x77;
	size = lab_wrap(wire, 1, 2, &frame);
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, wire, size, 0)),
			 "dst_not_local");
	a = sum_of(&lab, 1);
	ck_assert_uint_eq(a.count[TALLY_IN_FRAMES], 2);
	ck_assert_uint_eq(a.count[TALLY_DROPS], 1);
	size = lab_wrap(wire, 88, 2, &frame); /* nobody's */
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, wire, size, 0)),
			 "pa_src_unknown");
	ck_assert_uint_eq(sum_of(&lab, 1).count[TALLY_DROPS], 1);
	lab_close(&lab);
}
END_TEST

START_TEST(frame_that_waited_in_vain_is_its_peers_drop)
{
	static const struct lab_options options = {.host = 1};
	struct lab lab = lab_open(&options);

	ck_assert_str_eq(send(&lab, 7), "held");
	lab_tick(&lab, 1100);
	ck_assert_uint_eq(sum_of(&lab, 2).count[TALLY_DROPS], 1);
	ck_assert_str_eq(send(&lab, 7), "pa_unresolved");
	ck_assert_uint_eq(sum_of(&lab, 2).count[TALLY_DROPS], 2);
	ck_assert_str_eq(send(&lab, 255), "pa_unresolved"); /* both copies */
	ck_assert_uint_eq(sum_of(&lab, 2).count[TALLY_DROPS], 3);
	ck_assert_uint_eq(sum_of(&lab, 3).count[TALLY_DROPS], 1);
	lab_close(&lab);
}
END_TEST

START_TEST(way_to_a_peer_is_shown_as_it_is)
{
	static const struct lab_options options = {.host = 1, .odd = true};
	struct lab lab = lab_open(&options);
	const uint8_t far[4] = {198, 51, 100, 9}, near[4] = {192, 0, 2, 2};
	const struct wnv_pa pas[2] = {{vs_ip_from_v4(far)},
				      {vs_ip_from_v4(near)}};
	const struct wnv_peer *no_way = wnv_peer_find(lab.state, &pas[0]);
	const struct wnv_peer *peer = wnv_peer_find(lab.state, &pas[1]);
	struct vs_mac mac = lab_host_mac(2);
	struct provider_sight sight;
	unsigned int i;
	static const char *const want[] = {"unasked", "asking", "silent",
					   "asking", "resolved"};

	for (i = 0; i < 5; i++) {
		if (i == 1 || i == 3)
			ck_assert_str_eq(send(&lab, 7), "held");
		if (i == 2)
			lab_tick(&lab, 1100);
		if (i == 4)
			lab_know(&lab);
		sight = provider_look(lab.provider, lab.state, peer,
				      lab.fake->call.now_ns);
		ck_assert_str_eq(sight.state, want[i]);
		if (i == 2)
			lab_tick(&lab, 1000);
	}
	ck_assert(vs_mac_equal(&sight.mac, &mac));
	sight = provider_look(lab.provider, lab.state, no_way,
			      lab.fake->call.now_ns);
	ck_assert_str_eq(sight.state, "no way");
	lab_close(&lab);
}
END_TEST

/* -- places ---------------------------------------------------------------- */

/* A state that names `count` peers, 192.0.2.0 + first and on. */
static struct wnv_state *state_of(uint32_t first, uint32_t count)
{
	struct wnv_peer_plan *peers = calloc(count + 1, sizeof(*peers));
	struct wnv_plan plan = {.peers = peers, .peer_count = count};
	struct wnv_state *state;
	uint8_t bytes[4];
	uint32_t i;

	for (i = 0; i < count; i++) {
		vs_store32(bytes, 0xc0000200u + first + i);
		peers[i].pa.ip = vs_ip_from_v4(bytes);
	}
	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	free(peers);
	return state;
}

static void count_one(struct tallies *tallies, uint16_t worker, uint16_t place)
{
	const struct vs_call call = {.worker = worker, .now_ns = 7};

	tally_in(&call, tallies, place, 100);
}

START_TEST(peer_keeps_its_place_from_state_to_state)
{
	struct tallies *tallies = tallies_create(2);
	struct wnv_state *one = state_of(1, 3), *two = state_of(2, 3);
	struct wnv_state *three = state_of(1, 1);
	uint16_t place;

	ck_assert_int_eq(tallies_take(tallies, one), 0);
	place = wnv_peer_at(one, 1)->tally;
	count_one(tallies, 0, place);
	count_one(tallies, 1, place);
	ck_assert_int_eq(tallies_take(tallies, two), 0);
	tallies_give(tallies, one);
	ck_assert_uint_eq(wnv_peer_at(two, 0)->tally, place);
	ck_assert_uint_eq(tallies_sum(tallies, place).count[TALLY_IN_FRAMES],
			  2);
	ck_assert_uint_eq(tallies_sum(tallies, place).count[TALLY_IN_BYTES],
			  200);
	/* 192.0.2.1 was gone, and comes back to its numbers */
	count_one(tallies, 0, wnv_peer_at(one, 0)->tally);
	ck_assert_int_eq(tallies_take(tallies, three), 0);
	ck_assert_uint_eq(wnv_peer_at(three, 0)->tally,
			  wnv_peer_at(one, 0)->tally);
	wnv_state_free(one);
	wnv_state_free(two);
	wnv_state_free(three);
	tallies_destroy(tallies);
}
END_TEST

START_TEST(place_is_given_away_only_when_no_state_names_its_peer)
{
	struct tallies *tallies = tallies_create(1);
	struct wnv_state *full = state_of(1, TALLIES + 5);
	struct wnv_state *other = state_of(5000, 2);
	uint32_t i, without = 0;

	ck_assert_int_eq(tallies_take(tallies, full), 0);
	for (i = 0; i < wnv_peer_count(full); i++)
		without += wnv_peer_at(full, i)->tally == 0;
	ck_assert_uint_eq(without, 6); /* place 0 is nobody's */
	count_one(tallies, 0, wnv_peer_at(full, 0)->tally);
	ck_assert_int_eq(tallies_take(tallies, other), 0);
	ck_assert_uint_eq(wnv_peer_at(other, 0)->tally, 0);
	tallies_give(tallies, other);
	tallies_give(tallies, full);
	ck_assert_int_eq(tallies_take(tallies, other), 0);
	ck_assert_uint_ne(wnv_peer_at(other, 0)->tally, 0);
	ck_assert_uint_ne(wnv_peer_at(other, 0)->tally,
			  wnv_peer_at(other, 1)->tally);
	ck_assert_uint_eq(tallies_sum(tallies, wnv_peer_at(other, 0)->tally)
				  .count[TALLY_IN_FRAMES],
			  0);
	wnv_state_free(full);
	wnv_state_free(other);
	tallies_destroy(tallies);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_tally");
	TCase *tests = tcase_create("tally");

	tcase_add_test(tests, frames_and_bytes_out_are_counted_per_peer);
	tcase_add_test(tests, frames_in_and_drops_are_counted_for_their_sender);
	tcase_add_test(tests, frame_that_waited_in_vain_is_its_peers_drop);
	tcase_add_test(tests, way_to_a_peer_is_shown_as_it_is);
	tcase_add_test(tests, peer_keeps_its_place_from_state_to_state);
	tcase_add_test(tests,
		       place_is_given_away_only_when_no_state_names_its_peer);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
