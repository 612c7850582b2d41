/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider side on a virtual clock: duplicate detection of owned PAs,
 * next hops, and the frames that wait for them (provider.h, hold.h).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

static const struct lab_options shared_a = {.host = 1};
static const struct lab_options owned_a = {.host = 1, .owned = true};

static struct vs_packet *data_of(struct lab *lab, uint32_t vsid, uint8_t to,
				 uint32_t payload)
{
	static uint8_t buffer[4096];
	struct frames frame = lab_frame4(buffer, 5, to, VS_IP_UDP);

	frames_udp(&frame);
	frame.size += payload;
	frames_finish(&frame, VS_IP_UDP);
	return lab_packet(lab, buffer, frame.size, vsid);
}

static struct vs_packet *data(struct lab *lab, uint8_t to, uint32_t payload)
{
	return data_of(lab, LAB_BLUE, to, payload);
}

/* A super-frame of TCP with so many bytes. */
static struct vs_packet *much(struct lab *lab, uint32_t vsid, uint8_t to,
			      uint32_t size)
{
	static uint8_t buffer[65536];
	struct frames frame = lab_frame4(buffer, 5, to, VS_IP_TCP);
	struct vs_packet *packet;

	frames_tcp(&frame, 1, 0x10);
	frame.size = size;
	frames_finish(&frame, VS_IP_TCP);
	packet = lab_packet(lab, buffer, size, vsid);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1400,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	return packet;
}

/* An ARP packet of host `from` (its MAC ends in `mac`) arrives. */
static const char *hear(struct lab *lab, uint8_t from, uint8_t mac,
			uint8_t target, uint16_t operation)
{
	struct lab_arp arp = {.sender_mac = lab_host_mac(mac),
			      .sender = {192, 0, 2, from},
			      .target = {192, 0, 2, target},
			      .operation = operation};
	uint8_t buffer[64];
	uint32_t size;

	if (!from)
		memset(arp.sender, 0, 4);
	size = lab_arp(buffer, &arp);
	return lab_in(lab, lab_packet(lab, buffer, size, 0));
}

/* The ARP packet that was emitted last. */
static const uint8_t *said(const struct lab *lab)
{
	unsigned int count = lab->fake->seen.emitted_count;

	ck_assert_uint_gt(count, 0);
	ck_assert_int_eq(lab->fake->seen.emitted[count - 1].where,
			 VS_EMIT_UPLINK);
	ck_assert_uint_eq(lab->fake->seen.emitted[count - 1].to.value,
			  LAB_UPLINK);
	return lab->fake->seen.emitted[count - 1].packet->view.data;
}

static unsigned int said_count(const struct lab *lab)
{
	return lab->fake->seen.emitted_count;
}

static const char *pa_state(const struct lab *lab)
{
	return provider_pa_state_names[provider_pa_state(
		wnv_provider_at(lab->state, 0))];
}

/* -- next hops and holds ----------------------------------------------------
 */

START_TEST(first_frame_waits_and_leaves_on_the_answer)
{
	struct lab lab = lab_open(&shared_a);
	struct vs_mac own = lab_host_mac(1);
	const uint8_t *request;

	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 10)), "held");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 20)), "held");
	ck_assert_uint_eq(said_count(&lab), 1);
	request = said(&lab);
	ck_assert_mem_eq(request, "\xff\xff\xff\xff\xff\xff", 6);
	ck_assert_mem_eq(request + 22, own.octet, 6);
	ck_assert_mem_eq(request + 28, "\xc0\0\2\1", 4);
	ck_assert_mem_eq(request + 38, "\xc0\0\2\2", 4);
	ck_assert_str_eq(hear(&lab, 2, 2, 1, 2), "neighbour");
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	ck_assert_uint_eq(lab.fake->seen.sent[0].slice_size, 14 + 28 + 10);
	ck_assert_int_eq(lab.fake->seen.released[1].action, VS_SENT);
	ck_assert_uint_eq(lab.fake->seen.kick_count, 1); /* the other worker */
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 30)), "sent");
	lab_close(&lab);
}
END_TEST

START_TEST(worker_that_hears_nothing_releases_on_the_note)
{
	struct lab lab = lab_open(&shared_a);
	struct lab_arp arp = {.sender_mac = lab_host_mac(2),
			      .sender = {192, 0, 2, 2},
			      .target = {192, 0, 2, 1},
			      .operation = 2};
	struct provider_heard heard;
	struct vs_note note = {.kind = SHARD_NOTE_RESOLVED,
			       .size = sizeof(heard.resolved)};
	uint8_t buffer[64];
	struct vs_packet *packet;

	lab_out(&lab, data(&lab, 7, 1));
	lab_out(&lab, data(&lab, 8, 1));
	/* another worker reads the uplink: the table learns, we are not told */
	packet = lab_packet(&lab, buffer, lab_arp(buffer, &arp), 0);
	ck_assert_int_eq(provider_hear(&lab.fake->call, lab.provider,
				       vs_packet_frame(packet), &heard),
			 PROVIDER_TAKE);
	ck_assert_uint_eq(lab.fake->seen.held_count, 2);
	memcpy(note.bytes, &heard.resolved, sizeof(heard.resolved));
	shard_noted(&lab.fake->call, &note);
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	hear(&lab, 3, 3, 1, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(lost_note_only_delays_until_the_tick)
{
	struct lab lab = lab_open(&shared_a);
	struct provider_hop hop;
	struct vs_note none = {.kind = 99};

	lab_out(&lab, data(&lab, 7, 1));
	shard_noted(&lab.fake->call, &none);
	hop = lab.shard->holds[0].hop;
	lab.shard->holds[0].hop.hop.ip.octet[15] = 99; /* hear passes it by */
	hear(&lab, 2, 2, 1, 2);
	lab.shard->holds[0].hop = hop;
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	lab_tick(&lab, 100);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(silence_is_asked_again_then_dropped_then_suppressed)
{
	struct lab lab = lab_open(&shared_a);

	lab_out(&lab, data(&lab, 7, 1));
	lab_tick(&lab, 310);
	ck_assert_uint_eq(said_count(&lab), 2);
	lab_tick(&lab, 310);
	lab_tick(&lab, 310);
	ck_assert_uint_eq(said_count(&lab), 4);
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	lab_tick(&lab, 100);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_int_eq(lab.fake->seen.released[0].action, VS_DROP);
	ck_assert_uint_eq(lab.fake->seen.released[0].reason,
			  VS_REASON(WNV_PA_UNRESOLVED));
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "pa_unresolved");
	ck_assert_uint_eq(said_count(&lab), 4);
	lab_tick(&lab, 1000);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	ck_assert_uint_eq(said_count(&lab), 5);
	hear(&lab, 2, 2, 1, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(held_frames_are_bounded_in_number_and_bytes)
{
	struct lab lab = lab_open(&shared_a);
	unsigned int i;

	for (i = 0; i < HOLD_FRAMES; i++)
		ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "hold_full");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 8, 1)), "held");
	hear(&lab, 2, 2, 1, 2);
	hear(&lab, 3, 3, 1, 2);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	lab_close(&lab);
	lab = lab_open(&shared_a);
	ck_assert_str_eq(lab_out(&lab, much(&lab, LAB_BLUE, 7, 60000)), "held");
	ck_assert_str_eq(lab_out(&lab, much(&lab, LAB_BLUE, 7, 60000)), "held");
	ck_assert_str_eq(
		lab_out(&lab, much(&lab, LAB_BLUE, 7, HOLD_BYTES - 120000 + 1)),
		"hold_full");
	ck_assert_str_eq(
		lab_out(&lab, much(&lab, LAB_BLUE, 7, HOLD_BYTES - 120000)),
		"held");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "hold_full");
	/* what has left is forgotten */
	hear(&lab, 2, 2, 1, 2);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	lab_close(&lab);
}
END_TEST

START_TEST(frames_of_one_vsid_for_a_hop_leave_room_for_the_other_s)
{
	struct lab lab = lab_open(&shared_a);
	unsigned int i;

	for (i = 0; i < HOLD_FRAMES; i++)
		ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "hold_full");
	ck_assert_str_eq(lab_out(&lab, data_of(&lab, LAB_RED, 7, 1)), "held");
	/* one hop, one question */
	ck_assert_uint_eq(said_count(&lab), 1);
	lab_tick(&lab, 310);
	ck_assert_uint_eq(said_count(&lab), 2);
	hear(&lab, 2, 2, 1, 2);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_uint_eq(lab.fake->seen.sent_count, HOLD_FRAMES + 1);
	lab_close(&lab);
}
END_TEST

START_TEST(dead_hops_of_one_vsid_leave_room_for_the_first_frame_of_another)
{
	static const struct lab_options options = {.host = 1,
						   .more_hosts = HOLDS + 1};
	struct lab lab = lab_open(&options);
	unsigned int i, held = 0;

	for (i = 0; i < HOLDS + 1; i++) {
		const char *what =
			lab_out(&lab, data(&lab, (uint8_t)(100 + i), 1));

		if (!strcmp(what, "held"))
			held++;
		else
			ck_assert_str_eq(what, "hold_share");
	}
	/* two of three are left */
	ck_assert_uint_eq(held, (HOLDS + 2) / 3);
	/* its own hops still take frames, the other's are as good as first */
	ck_assert_str_eq(lab_out(&lab, data(&lab, 100, 1)), "held");
	ck_assert_str_eq(lab_out(&lab, data_of(&lab, LAB_RED, 7, 1)), "held");
	ck_assert_str_eq(lab_out(&lab, data_of(&lab, LAB_RED, 8, 1)), "held");
	lab_tick(&lab, 1001);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	/* and has its share again */
	lab_tick(&lab, 1000);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 100 + HOLDS, 1)), "held");
	lab_tick(&lab, 1001);
	lab_close(&lab);
}
END_TEST

START_TEST(one_vsid_has_a_share_of_all_frames_and_of_the_large_ones)
{
	static const struct lab_options options = {.host = 1, .more_hosts = 9};
	struct lab lab = lab_open(&options);
	unsigned int i, held = 0;

	for (i = 0; i < 200; i++) {
		const char *what = lab_out(
			&lab, data(&lab, (uint8_t)(100 + i / HOLD_FRAMES), 1));

		if (!strcmp(what, "held"))
			held++;
		else
			ck_assert_str_eq(what, "hold_share");
		lab_clear(&lab);
	}
	ck_assert_uint_eq(held, (HOLD_ALL + 2) / 3);
	ck_assert_str_eq(lab_out(&lab, data_of(&lab, LAB_RED, 7, 1)), "held");
	lab_tick(&lab, 1001);
	lab_close(&lab);
	lab = lab_open(&options);
	for (i = 0, held = 0; i < HOLD_LARGE; i++) {
		const char *what = lab_out(
			&lab, much(&lab, LAB_BLUE, (uint8_t)(100 + i), 9000));

		if (!strcmp(what, "held"))
			held++;
		else
			ck_assert_str_eq(what, "hold_share");
	}
	ck_assert_uint_eq(held, (HOLD_LARGE + 2) / 3);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 108, 1)), "held");
	ck_assert_str_eq(lab_out(&lab, much(&lab, LAB_RED, 7, 9000)), "held");
	lab_tick(&lab, 1001);
	lab_close(&lab);
}
END_TEST

START_TEST(nothing_is_asked_while_the_uplink_is_down)
{
	static const struct lab_options options = {
		.host = 1, .owned = true, .advance = true};
	struct lab lab = lab_open(&options);
	struct vs_port_info *uplink = &lab.fake->ports[0];

	ck_assert_uint_eq(uplink->id.value, LAB_UPLINK);
	uplink->up = false;
	lab_tick(&lab, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "uplink_down");
	ck_assert_str_eq(pa_state(&lab), "new");
	ck_assert_uint_eq(said_count(&lab), 0);
	uplink->up = true;
	lab_tick(&lab, 1000);
	ck_assert_str_eq(pa_state(&lab), "tentative");
	ck_assert_uint_eq(said_count(&lab), 1); /* the first probe */
	lab_tick(&lab, 1000);
	lab_tick(&lab, 1000);
	ck_assert_uint_eq(said_count(&lab), 5); /* probes and both hops */
	lab_close(&lab);
}
END_TEST

START_TEST(frame_whose_destination_came_home_meanwhile_says_so)
{
	static const struct lab_options options_b = {.host = 2};
	struct lab lab = lab_open(&shared_a), b = lab_open(&options_b);
	struct vs_packet *packet = data(&lab, 7, 1);
	struct vs_mac gateway = wnv_gateway_mac((struct vs_vsid){LAB_BLUE});
	struct provider_hop hop;

	memcpy(vs_frame_edit(vs_packet_frame(packet), 0, 6), gateway.octet, 6);
	ck_assert_str_eq(lab_out(&lab, packet), "held");
	lab.fake->call.state = (const struct vs_state *)b.state;
	hop = lab.shard->holds[0].hop; /* what is released forgets its own */
	wnv_hold_release(&lab.fake->call, lab.shard->holds, &hop);
	ck_assert_int_eq(lab.fake->seen.released[0].action, VS_DROP);
	ck_assert_uint_eq(lab.fake->seen.released[0].reason,
			  VS_REASON(WNV_POLICY_CHANGED));
	lab_close(&lab);
	lab_close(&b);
}
END_TEST

START_TEST(group_copy_never_waits)
{
	struct lab lab = lab_open(&shared_a);
	struct vs_packet *packet = data(&lab, 255, 1);

	hear(&lab, 2, 2, 1, 2); /* unknown yet: not kept */
	memset((uint8_t *)(uintptr_t)packet->view.data, 0xff, 6);
	packet->view.flags |= VS_FRAME_GROUP | VS_FRAME_BROADCAST;
	ck_assert_str_eq(lab_out(&lab, packet), "pa_unresolved");
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	hear(&lab, 3, 3, 1, 2);
	packet->verdict.action = VS_PASS;
	ck_assert_str_eq(lab_out(&lab, packet), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(only_what_was_asked_for_is_learned)
{
	struct lab lab = lab_open(&shared_a);

	hear(&lab, 2, 2, 2, 1); /* gratuitous, from a stranger */
	hear(&lab, 2, 2, 1, 2); /* and a reply that nobody wanted */
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	hear(&lab, 2, 2, 1, 2);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "sent");
	hear(&lab, 2, 77, 2, 1); /* gratuitous, of a known one: it moved */
	lab_tick(&lab, 101);
	lab_clear(&lab);
	lab_out(&lab, data(&lab, 7, 1));
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead[5], 77);
	lab_close(&lab);
}
END_TEST

START_TEST(old_neighbour_is_checked_in_use_and_forgotten_when_silent)
{
	struct lab lab = lab_open(&shared_a);
	struct vs_mac mac = lab_host_mac(2);
	unsigned int i;

	lab_know(&lab);
	lab_tick(&lab, 30001);
	ck_assert_uint_eq(said_count(&lab), 0); /* nobody uses it */
	for (i = 0; i < 5; i++) {
		ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "sent");
		ck_assert_uint_eq(said_count(&lab), i + 1);
		if (i == 0)
			ck_assert_mem_eq(said(&lab), mac.octet, 6);
		lab_tick(&lab, 1001);
	}
	ck_assert_uint_eq(said(&lab)[0], 0xff);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	hear(&lab, 2, 2, 1, 2);
	lab_close(&lab);
}
END_TEST

/* -- in advance -------------------------------------------------------------
 */

static struct vs_packet *broadcast(struct lab *lab)
{
	struct vs_packet *packet = data(lab, 255, 1);

	memset((uint8_t *)(uintptr_t)packet->view.data, 0xff, 6);
	packet->view.flags |= VS_FRAME_GROUP | VS_FRAME_BROADCAST;
	return packet;
}

START_TEST(first_group_frame_finds_its_next_hops_known)
{
	static const struct lab_options options = {.host = 1, .advance = true};
	struct lab lab = lab_open(&options);

	lab_tick(&lab, 1);
	ck_assert_uint_eq(said_count(&lab), 2);
	hear(&lab, 2, 2, 1, 2);
	hear(&lab, 3, 3, 1, 2);
	ck_assert_str_eq(lab_out(&lab, broadcast(&lab)), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(next_hops_are_asked_as_soon_as_an_owned_pa_may_send)
{
	static const struct lab_options options = {
		.host = 1, .owned = true, .advance = true};
	struct lab lab = lab_open(&options);

	lab_tick(&lab, 1);
	ck_assert_uint_eq(said_count(&lab), 1); /* the probe */
	lab_tick(&lab, 1000);
	ck_assert_uint_eq(said_count(&lab), 4); /* the next, and both hops */
	hear(&lab, 2, 2, 1, 2);
	ck_assert_str_eq(lab_out(&lab, broadcast(&lab)), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(silent_next_hop_is_asked_again_ever_more_rarely)
{
	static const struct lab_options options = {.host = 1, .advance = true};
	struct lab lab = lab_open(&options);
	unsigned int i, asked = 0;

	lab_tick(&lab, 1);
	hear(&lab, 2, 2, 1, 2);
	lab_clear(&lab);
	for (i = 0; i < 60; i++) {
		lab_tick(&lab, 1000);
		asked += said_count(&lab);
		if (said_count(&lab) && i > 35) /* host 2 is fresh: only 3 */
			ck_assert_uint_eq(said(&lab)[41], 3);
		lab_clear(&lab);
		hear(&lab, 2, 2, 1, 2);
	}
	ck_assert_uint_ge(asked, 4);
	ck_assert_uint_le(asked, 7);
	hear(&lab, 3, 3, 1, 2); /* it lives at last */
	ck_assert_str_eq(lab_out(&lab, broadcast(&lab)), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(unused_next_hop_is_kept_fresh)
{
	static const struct lab_options options = {.host = 1, .advance = true};
	struct lab lab = lab_open(&options);
	struct vs_mac mac = lab_host_mac(3);
	unsigned int i;

	lab_tick(&lab, 1);
	hear(&lab, 2, 2, 1, 2);
	hear(&lab, 3, 3, 1, 2);
	lab_tick(&lab, 1000);	   /* the round after a round with silence */
	for (i = 0; i < 60; i++) { /* half an hour: nothing is forgotten */
		lab_clear(&lab);
		lab_tick(&lab, 30100);
		ck_assert_uint_eq(said_count(&lab), 2);
		ck_assert_mem_eq(said(&lab), mac.octet, 6);
		hear(&lab, 2, 2, 1, 2);
		hear(&lab, 3, 3, 1, 2);
	}
	ck_assert_str_eq(lab_out(&lab, broadcast(&lab)), "sent");
	lab_close(&lab);
}
END_TEST

START_TEST(new_state_begins_a_round_and_a_tick_has_a_limit)
{
	static const struct lab_options options = {
		.host = 1, .advance = true, .more_hosts = 70};
	struct lab lab = lab_open(&options);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		lab_tick(&lab, 1);
		ck_assert_uint_eq(said_count(&lab), 32);
		lab_tick(&lab, 1);
		ck_assert_uint_eq(said_count(&lab), 64);
		lab_tick(&lab, 1);
		ck_assert_uint_eq(said_count(&lab), 72);
		lab_tick(&lab, 900);
		ck_assert_uint_eq(said_count(&lab), 72);
		lab_tick(&lab, 300); /* silence, not asked before 2 s */
		lab_tick(&lab, 300);
		lab_tick(&lab, 300);
		ck_assert_uint_eq(said_count(&lab), 72);
		wnv_state_set_serial(lab.state, 77 + i);
		lab_clear(&lab);
		lab.fake->call.now_ns += UINT64_C(1000000000);
	}
	lab_close(&lab);
}
END_TEST

/* -- owned addresses --------------------------------------------------------
 */

START_TEST(owned_pa_is_probed_then_announced)
{
	struct lab lab = lab_open(&owned_a);
	unsigned int i;

	ck_assert_str_eq(pa_state(&lab), "new");
	for (i = 1; i <= 3; i++) {
		lab_tick(&lab, i == 1 ? 1 : 1000);
		ck_assert_str_eq(pa_state(&lab), "tentative");
		ck_assert_uint_eq(said_count(&lab), i);
		ck_assert_mem_eq(said(&lab) + 28, "\0\0\0\0", 4);
		ck_assert_mem_eq(said(&lab) + 38, "\xc0\0\2\1", 4);
	}
	lab_tick(&lab, 1999);
	ck_assert_str_eq(pa_state(&lab), "tentative");
	lab_tick(&lab, 1);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	ck_assert_mem_eq(said(&lab) + 28, "\xc0\0\2\1", 4);
	ck_assert_uint_eq(said_count(&lab), 4);
	lab_tick(&lab, 2000);
	ck_assert_uint_eq(said_count(&lab), 5);
	lab_tick(&lab, 60000);
	ck_assert_uint_eq(said_count(&lab), 5);
	ck_assert_str_eq(lab.fake->seen.events[0].text, "192.0.2.1: preferred");
	lab_close(&lab);
}
END_TEST

START_TEST(tentative_pa_receives_and_answers_and_sends_from_one_second_on)
{
	struct lab lab = lab_open(&owned_a);
	struct vs_mac own = lab_host_mac(1);

	lab_tick(&lab, 1);
	ck_assert_str_eq(hear(&lab, 2, 2, 1, 1), "neighbour");
	ck_assert_uint_eq(vs_load16(said(&lab) + 20), 2);
	ck_assert_mem_eq(said(&lab) + 22, own.octet, 6);
	lab_clear(&lab);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	ck_assert_uint_eq(said_count(&lab), 0); /* no request yet */
	lab_tick(&lab, 900);
	ck_assert_uint_eq(said_count(&lab), 0);
	lab_tick(&lab, 301);
	ck_assert_uint_eq(said_count(&lab), 2); /* probe and request */
	ck_assert_str_eq(hear(&lab, 2, 2, 1, 2), "neighbour");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(conflict_while_tentative_takes_the_pa_out_of_use)
{
	struct lab lab = lab_open(&owned_a);

	lab_tick(&lab, 1);
	if (_i)
		hear(&lab, 0, 44, 1, 1); /* a probe of another for it */
	else
		hear(&lab, 1, 44, 1, 2); /* its owner answers */
	ck_assert_str_eq(pa_state(&lab), "duplicate");
	ck_assert_str_eq(lab.fake->seen.events[0].text,
			 "192.0.2.1 is also claimed by 02:aa:00:00:00:2c");
	ck_assert_uint_eq(lab.fake->seen.events[0].event,
			  WNV_EVENT_PA_CONFLICT);
	ck_assert_uint_eq(lab.fake->seen.events[1].event, WNV_EVENT_PA_STATE);
	ck_assert_str_eq(lab.fake->seen.events[1].text, "192.0.2.1: duplicate");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "pa_duplicate");
	lab_clear(&lab);
	hear(&lab, 2, 2, 1, 1);
	ck_assert_uint_eq(said_count(&lab), 0);
	lab_tick(&lab, 60000); /* it is tried again later */
	ck_assert_str_eq(pa_state(&lab), "tentative");
	lab_close(&lab);
}
END_TEST

START_TEST(preferred_pa_is_defended_not_given_up)
{
	struct lab lab = lab_open(&owned_a);
	unsigned int i;

	for (i = 0; i < 8; i++)
		lab_tick(&lab, 1000);
	lab_clear(&lab);
	hear(&lab, 1, 44, 1, 1);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	ck_assert_uint_eq(said_count(&lab), 1);
	ck_assert_mem_eq(said(&lab) + 28, "\xc0\0\2\1\0\0\0\0\0\0\xc0\0\2\1",
			 14);
	ck_assert_uint_eq(lab.fake->seen.event_count, 1);
	hear(&lab, 1, 44, 1, 1);
	ck_assert_uint_eq(said_count(&lab), 1); /* once in ten seconds */
	lab_tick(&lab, 10001);
	hear(&lab, 1, 44, 1, 1);
	ck_assert_uint_eq(said_count(&lab), 2);
	hear(&lab, 1, 1, 1, 1); /* our own, heard back */
	ck_assert_uint_eq(said_count(&lab), 2);
	lab_close(&lab);
}
END_TEST

static bool has_rival(struct lab *lab, uint8_t host)
{
	struct vs_mac mac, wanted = lab_host_mac(host);

	return provider_rival(wnv_provider_at(lab->state, 0),
			      lab->fake->call.now_ns, &mac) &&
	       vs_mac_equal(&mac, &wanted);
}

START_TEST(who_uses_our_pa_is_known_until_he_was_silent_for_long)
{
	struct lab lab = lab_open(&owned_a);
	unsigned int i;

	for (i = 0; i < 8; i++)
		lab_tick(&lab, 1000);
	hear(&lab, 1, 1, 1, 1); /* our own, heard back */
	ck_assert(!has_rival(&lab, 1));
	hear(&lab, 1, 44, 1, 1);
	ck_assert(has_rival(&lab, 44));
	lab_tick(&lab, 299000);
	hear(&lab, 1, 45, 1, 1);
	ck_assert(has_rival(&lab, 45));
	lab_tick(&lab, 299000);
	ck_assert(has_rival(&lab, 45));
	lab_tick(&lab, 1001);
	ck_assert(!has_rival(&lab, 45));
	lab_close(&lab);
}
END_TEST

START_TEST(duplicate_names_who_has_it_until_it_was_verified)
{
	struct lab lab = lab_open(&owned_a);
	unsigned int i;

	lab_tick(&lab, 1);
	hear(&lab, 1, 44, 1, 2);
	ck_assert_str_eq(pa_state(&lab), "duplicate");
	ck_assert(has_rival(&lab, 44));
	lab_tick(&lab, 60000);
	ck_assert(has_rival(&lab, 44));
	for (i = 0; i < 8; i++)
		lab_tick(&lab, 1000);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	ck_assert(!has_rival(&lab, 44));
	lab_close(&lab);
}
END_TEST

START_TEST(traced_packet_changes_nothing)
{
	struct lab lab = lab_open(&owned_a);
	unsigned int i;

	for (i = 0; i < 8; i++)
		lab_tick(&lab, 1000);
	lab_clear(&lab);
	lab.fake->call.tracing = true;
	hear(&lab, 1, 44, 1, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "pa_unresolved");
	ck_assert_uint_eq(lab.fake->seen.event_count, 0);
	ck_assert_uint_eq(said_count(&lab), 0);
	lab.fake->call.tracing = false;
	hear(&lab, 2, 2, 1, 2); /* nobody asked: the trace did not */
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	hear(&lab, 2, 2, 1, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(shared_pa_leaves_answering_to_the_kernel)
{
	struct lab lab = lab_open(&shared_a);

	lab_tick(&lab, 1);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	ck_assert_str_eq(hear(&lab, 2, 2, 1, 1), "pass");
	ck_assert_uint_eq(said_count(&lab), 0);
	ck_assert_str_eq(hear(&lab, 2, 2, 200, 1), "pass");
	lab_close(&lab);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_provider");
	TCase *tests = tcase_create("provider");

	tcase_add_test(tests, first_frame_waits_and_leaves_on_the_answer);
	tcase_add_test(tests, worker_that_hears_nothing_releases_on_the_note);
	tcase_add_test(tests, lost_note_only_delays_until_the_tick);
	tcase_add_test(tests,
		       silence_is_asked_again_then_dropped_then_suppressed);
	tcase_add_test(tests, held_frames_are_bounded_in_number_and_bytes);
	tcase_add_test(tests,
		       frames_of_one_vsid_for_a_hop_leave_room_for_the_other_s);
	tcase_add_test(
		tests,
		dead_hops_of_one_vsid_leave_room_for_the_first_frame_of_another);
	tcase_add_test(
		tests,
		one_vsid_has_a_share_of_all_frames_and_of_the_large_ones);
	tcase_add_test(tests, nothing_is_asked_while_the_uplink_is_down);
	tcase_add_test(tests,
		       frame_whose_destination_came_home_meanwhile_says_so);
	tcase_add_test(tests, group_copy_never_waits);
	tcase_add_test(tests, only_what_was_asked_for_is_learned);
	tcase_add_test(
		tests,
		old_neighbour_is_checked_in_use_and_forgotten_when_silent);
	tcase_add_test(tests, first_group_frame_finds_its_next_hops_known);
	tcase_add_test(tests,
		       next_hops_are_asked_as_soon_as_an_owned_pa_may_send);
	tcase_add_test(tests, silent_next_hop_is_asked_again_ever_more_rarely);
	tcase_add_test(tests, unused_next_hop_is_kept_fresh);
	tcase_add_test(tests, new_state_begins_a_round_and_a_tick_has_a_limit);
	tcase_add_test(tests, owned_pa_is_probed_then_announced);
	tcase_add_test(
		tests,
		tentative_pa_receives_and_answers_and_sends_from_one_second_on);
	tcase_add_loop_test(
		tests, conflict_while_tentative_takes_the_pa_out_of_use, 0, 2);
	tcase_add_test(tests, preferred_pa_is_defended_not_given_up);
	tcase_add_test(tests,
		       who_uses_our_pa_is_known_until_he_was_silent_for_long);
	tcase_add_test(tests, duplicate_names_who_has_it_until_it_was_verified);
	tcase_add_test(tests, traced_packet_changes_nothing);
	tcase_add_test(tests, shared_pa_leaves_answering_to_the_kernel);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
