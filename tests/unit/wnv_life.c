// SPDX-License-Identifier: Apache-2.0
/*
 * Does a peer answer in the tunnel, only outside of it, or not at all (hnv.md
 * A12.5); and does its way carry what a router said? In all four shapes: NVGRE
 * and VXLAN, over IPv4 and IPv6.
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/path_mtu.h"
#include "wnv/tunnel_echo.h"

#define SHAPES 4

static struct lab near, far; /* hosts A and B */
static const struct wnv_peer *peer;

static void open_shape(int shape)
{
	struct lab_options options = {
		.host = 1,
		.owned = true,
		.vxlan = shape & 2,
		.ipv6 = shape & 1,
	};
	struct wnv_pa pa;
	unsigned int i;

	near = lab_open(&options);
	options.host = 2;
	far = lab_open(&options);
	for (i = 0; i < 100; i++) { /* until their PAs are preferred */
		lab_tick(&near, 100);
		lab_tick(&far, 100);
	}
	lab_know(&near);
	lab_know(&far);
	lab_clear(&near);
	lab_clear(&far);
	vs_ip_parse(shape & 1 ? "2001:db8::192.0.2.2" : "192.0.2.2", &pa.ip);
	peer = wnv_peer_find(near.state, &pa);
	ck_assert_ptr_nonnull(peer);
}

static void close_shape(void)
{
	lab_close(&near);
	lab_close(&far);
}

static struct life *life(void)
{
	return &near.provider->lives.life[peer->tally];
}

static void want(void)
{
	life_want(&near.fake->main, &near.provider->lives, peer);
	lab_tick(&near, 100);
}

static enum life_state state(void)
{
	return (enum life_state)atomic_load(&life()->state);
}

/* Is it an echo of tunnel_echo.h? */
static bool is_control(const struct vs_packet *packet, struct vs_echo *echo)
{
	enum wnv_reason reason = WNV_REASONS;
	struct codec_packet read;
	struct codec_outer outer;

	if (!codec_find(packet->view.data, packet->view.size, &outer))
		return false;
	ck_assert(!codec_read(&packet->view, &outer, &read, &reason));
	ck_assert_int_eq(reason, WNV_CONTROL_BAD);
	ck_assert(tunnel_echo_read(packet->view.data, &read, echo));
	return true;
}

/* What `from` sent to uplinks goes to `to`, but of echoes in the tunnel only
 * those of up to `most` bytes, if `tunnel`; how many were taken. */
static unsigned int carry(struct lab *from, struct lab *to, uint16_t most,
			  bool plain)
{
	unsigned int i, taken = 0, count = from->fake->seen.emitted_count;
	struct vs_packet *packet;
	struct vs_echo echo;

	for (i = 0; i < count; i++) {
		const struct vs_packet *sent =
			from->fake->seen.emitted[i].packet;
		bool tunnel = is_control(sent, &echo);

		if (tunnel ? echo.size > most : !plain)
			continue;
		packet = lab_packet(to, sent->view.data, sent->view.size, 0);
		packet->view.offload = sent->view.offload;
		packet->view.port.value = LAB_UPLINK;
		taken += !strcmp(lab_in(to, packet),
				 tunnel ? "redirect" : "neighbour");
	}
	lab_clear(from);
	return taken;
}

static void back_and_forth(uint16_t most, bool plain)
{
	lab_tick(&near, 100);
	carry(&near, &far, most, plain);
	carry(&far, &near, most, plain);
	lab_tick(&near, 1000);
}

START_TEST(who_answers_in_the_tunnel_is_reachable)
{
	open_shape(_i);
	want();
	/* in every encapsulation that policy has */
	ck_assert_uint_eq(carry(&near, &far, 1000, true), _i & 2 ? 2 : 1);
	ck_assert_uint_eq(carry(&far, &near, 1000, true), _i & 2 ? 2 : 1);
	lab_tick(&near, 100);
	ck_assert_int_eq(state(), LIFE_REACHABLE);
	ck_assert_uint_eq(near.fake->seen.events[0].event,
			  WNV_EVENT_PEER_STATE);
	close_shape();
}
END_TEST

START_TEST(who_answers_outside_of_the_tunnel_only_is_told_apart)
{
	unsigned int i;

	open_shape(_i);
	want();
	for (i = 0; i < 5; i++)
		back_and_forth(0, true);
	ck_assert_int_eq(state(), LIFE_PING_ONLY);
	want();
	for (i = 0; i < 5; i++)
		back_and_forth(0, false);
	ck_assert_int_eq(state(), LIFE_SILENT);
	close_shape();
}
END_TEST

START_TEST(answers_without_the_cookie_or_for_others_are_none)
{
	struct vs_packet *sent, *packet;
	struct vs_echo echo;
	uint8_t *bytes;
	uint32_t size;

	open_shape(_i);
	want();
	sent = near.fake->seen.emitted[0].packet;
	size = sent->view.size;
	ck_assert(is_control(sent, &echo));
	/* another address inside than outside */
	packet = lab_packet(&far, sent->view.data, size, 0);
	packet->view.offload = sent->view.offload;
	bytes = vs_frame_edit(vs_packet_frame(packet), 0, size);
	bytes[size - VS_ECHO_COOKIE - 8 - 1] ^= 1;
	ck_assert_str_eq(lab_in(&far, packet), "control_bad");
	/* the right answer, to another question */
	ck_assert_uint_ge(carry(&near, &far, 1000, true), 1);
	atomic_fetch_add(&life()->cookie, 2);
	carry(&far, &near, 1000, true);
	lab_tick(&near, 100);
	ck_assert_int_eq(state(), LIFE_ASKING);
	close_shape();
}
END_TEST

START_TEST(questions_are_answered_ten_times_a_second)
{
	unsigned int i, answers = 0;

	open_shape(_i);
	want();
	for (i = 0; i < 100; i++) {
		struct vs_packet *sent = near.fake->seen.emitted[0].packet;
		struct vs_packet *packet =
			lab_packet(&far, sent->view.data, sent->view.size, 0);

		packet->view.offload = sent->view.offload;
		ck_assert_str_eq(lab_in(&far, packet), "redirect");
		answers += far.fake->seen.emitted_count;
		lab_clear(&far);
	}
	ck_assert_uint_ge(answers, 10);
	ck_assert_uint_le(answers, 12);
	close_shape();
}
END_TEST

static void claim(uint16_t mtu)
{
	atomic_store(&near.provider->tallies->path_mtu[peer->tally],
		     (near.fake->call.now_ns / 1000000 + 600000) << 16 | mtu);
	lab_tick(&near, 100);
}

START_TEST(path_mtu_that_a_router_claims_is_put_to_the_proof)
{
	unsigned int i;

	open_shape(_i);
	claim(1400);
	ck_assert_int_eq(state(), LIFE_ASKING);
	for (i = 0; i < 5; i++) /* what is larger than 1400 gets lost */
		back_and_forth(1350, true);
	ck_assert_int_eq(state(), LIFE_REACHABLE);
	ck_assert_uint_eq(atomic_load(&life()->proof), 1400);
	ck_assert(atomic_load(&life()->proven));
	ck_assert_uint_eq(path_mtu_of(near.provider->tallies, peer->tally,
				      near.fake->call.now_ns),
			  1400);
	claim(1300); /* and this is a lie */
	for (i = 0; i < 5; i++)
		back_and_forth(2000, true);
	ck_assert_uint_eq(path_mtu_of(near.provider->tallies, peer->tally,
				      near.fake->call.now_ns),
			  0);
	close_shape();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_life");
	TCase *tcase = tcase_create("life");

	tcase_add_loop_test(tcase, who_answers_in_the_tunnel_is_reachable, 0,
			    SHAPES);
	tcase_add_loop_test(
		tcase, who_answers_outside_of_the_tunnel_only_is_told_apart, 0,
		SHAPES);
	tcase_add_loop_test(tcase,
			    answers_without_the_cookie_or_for_others_are_none,
			    0, SHAPES);
	tcase_add_loop_test(tcase, questions_are_answered_ten_times_a_second, 0,
			    SHAPES);
	tcase_add_loop_test(tcase,
			    path_mtu_that_a_router_claims_is_put_to_the_proof,
			    0, SHAPES);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
