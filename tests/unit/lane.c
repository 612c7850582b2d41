// SPDX-License-Identifier: Apache-2.0
/*
 * VLANs of ports: what came beside a frame when its tag comes and goes, which
 * lane is booked; and, with random ports and frames, that exactly those get a
 * frame whom a model of 802.1Q and private VLANs says, in its form.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/reason.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define PORTS 8u /* ids 2..9; the uplink is 10 */

static struct rig *rig;
static uint8_t bytes[6000];
static struct vs_recipe taken;

static struct vs_lane_plan *lane(uint16_t id)
{
	return &rig->plan[id - 2].lane;
}

static void lanes_ready(void)
{
	uint16_t i;

	for (i = 0; i < rig->port_count; i++)
		if (rig->plan[i].lane.mode != VS_LANE_NONE)
			rig->plan[i].vsid_count = lane_vsids(
				&rig->plan[i].lane, rig->plan[i].vsids);
	rig_publish(rig);
}

static void setup(void)
{
	char name[8];
	uint16_t i;

	rig = rig_open(NULL);
	for (i = 2; i < 2 + PORTS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		rig_port(rig, name, i, 0);
	}
	rig_uplink(rig, "wire", 2 + PORTS);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static uint32_t tagged(uint8_t from, uint8_t to, uint16_t tci)
{
	uint32_t size = rig_udp(bytes, 100, from, to);

	if (!tci)
		return size;
	memmove(bytes + 16, bytes + 12, size - 12);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, tci);
	return size + 4;
}

static uint16_t tag_of(const struct rig_frame *frame)
{
	return vs_load16(frame->bytes + 12) == VS_TYPE_VLAN
		       ? vs_load16(frame->bytes + 14)
		       : 0;
}

static void take(struct rig *of, const struct vs_outbox_entry *entry)
{
	(void)of;
	taken = entry->recipe;
}

/* A TCP super-frame with a tag comes in on a trunk and leaves by another. */
START_TEST(super_frame_keeps_its_offload_from_tag_to_tag)
{
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);
	struct vs_packet *packet;

	lane(2)->mode = lane(3)->mode = VS_LANE_TRUNK;
	lane_set_add(lane(2)->set, 100);
	lane_set_add(lane(3)->set, 100);
	lanes_ready();
	bytes[5] = 3;
	bytes[11] = 2;
	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, 1, 0x10);
	memset(bytes + frame.size, 0x5a, 5000);
	frame.size += 5000;
	frames_finish(&frame, VS_IP_TCP);
	memmove(bytes + 16, bytes + 12, frame.size - 12);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, 100);
	packet = rig_packet(rig, 2, bytes, frame.size + 4);
	packet->view.offload = (struct vs_offload){
		.gso = VS_GSO_TCP4,
		.gso_size = 1000,
		.header_size = 58,
		.csum_start = 38,
		.csum_offset = 16,
	};
	rig->taker = take;
	rig_walk(rig, 2, packet);
	ck_assert_uint_eq(taken.port.value, 3);
	ck_assert_uint_eq(taken.lead_size + taken.slice_size, frame.size + 4);
	ck_assert_uint_eq(vs_load16(taken.lead + 12), VS_TYPE_VLAN);
	ck_assert_uint_eq(vs_load16(taken.lead + 14), 100);
	ck_assert_uint_eq(taken.offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(taken.offload.gso_size, 1000);
	ck_assert_uint_eq(taken.offload.csum_start, 38);
	ck_assert_uint_eq(taken.offload.header_size, 58);
}
END_TEST

START_TEST(tag_cut_short_is_in_no_vlan)
{
	lane(2)->mode = VS_LANE_TRUNK;
	lane_set_add(lane(2)->set, 100);
	lanes_ready();
	tagged(2, 3, 100);
	rig_input(rig, 2, bytes, 17);
	rig_input(rig, 10, bytes, 17);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VLAN_NOT_ALLOWED), 2);
	rig_input(rig, 2, bytes, 13);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_RUNT), 1);
	vs_store16(bytes + 12, VS_TYPE_QINQ);
	rig_input(rig, 2, bytes, 104);
	rig_input(rig, 10, bytes, 104);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VLAN_NOT_ALLOWED), 4);
}
END_TEST

/* As the device gave it, with its tag; what no port has goes under "none". */
START_TEST(each_frame_is_booked_under_its_vlan)
{
	struct vs_ledger_row *row = calloc(1, sizeof(*row));
	uint64_t known = 0, none = 0;
	uint32_t cursor = 0;

	ck_assert_ptr_nonnull(row);
	lane(2)->mode = VS_LANE_ACCESS;
	lane(2)->vlan = 100;
	lanes_ready();
	rig_input(rig, 10, bytes, tagged(0x50, 2, 100));
	rig_input(rig, 10, bytes, tagged(0x50, 2, 101));
	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, row)) {
		known += row->vsid == VS_VSID_VLAN + 100 ? row->received : 0;
		none += row->vsid == VS_LEDGER_NONE ? row->received : 0;
	}
	ck_assert_uint_eq(known, 1);
	ck_assert_uint_eq(none, 1);
	free(row);
}
END_TEST

START_TEST(switch_without_vlans_leaves_tags_alone)
{
	lanes_ready();
	rig_input(rig, 2, bytes, tagged(2, 3, 100));
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 3);
	ck_assert_uint_eq(tag_of(&rig->sent[0]), 100);
}
END_TEST

/* -- random ports against a model -------------------------------------------
 */

/* 10 and 11 are primaries: 20 isolated and 21, 22 communities of 10, 23
 * isolated and 24 a community of 11; 30 to 33 are ordinary ones. */
static uint16_t primary_of(uint16_t vlan)
{
	return vlan >= 20 && vlan <= 22	  ? 10
	       : vlan >= 23 && vlan <= 24 ? 11
					  : 0;
}

static void random_lane(struct prng *prng, struct vs_lane_plan *plan)
{
	static const uint16_t isolated[] = {20, 23}, community[] = {21, 22, 24};
	uint16_t i;

	*plan = (struct vs_lane_plan){
		.mode = (uint8_t)prng_below(prng, VS_LANE_MODES)};
	switch ((enum vs_lane_mode)plan->mode) {
	case VS_LANE_ACCESS:
		plan->vlan = (uint16_t)(30 + prng_below(prng, 4));
		return;
	case VS_LANE_TRUNK:
		for (i = 10; i < 34; i++)
			if (prng_below(prng, 2))
				lane_set_add(plan->set, i);
		plan->untagged = prng_below(prng, 2);
		if (plan->untagged)
			plan->vlan = prng_below(prng, 2) ? 0 : 31;
		return;
	case VS_LANE_ISOLATED:
		plan->secondary = isolated[prng_below(prng, 2)];
		break;
	case VS_LANE_COMMUNITY:
		plan->secondary = community[prng_below(prng, 3)];
		break;
	case VS_LANE_PROMISCUOUS:
		plan->vlan = (uint16_t)(10 + prng_below(prng, 2));
		for (i = 20; i < 25; i++)
			if (primary_of(i) == plan->vlan && prng_below(prng, 2))
				lane_set_add(plan->set, i);
		return;
	default:
		return;
	}
	plan->vlan = primary_of(plan->secondary);
}

/* The VLAN of a frame with this tag from a port: 0 = the network without
 * tags, -1 = it is refused. */
static int sent_in(const struct vs_lane_plan *plan, uint16_t tag)
{
	switch ((enum vs_lane_mode)plan->mode) {
	case VS_LANE_TRUNK:
		if (tag)
			return lane_set_has(plan->set, tag) ? tag : -1;
		return plan->untagged ? plan->vlan : -1;
	case VS_LANE_ISOLATED:
	case VS_LANE_COMMUNITY:
		return tag ? -1 : plan->secondary;
	default:
		return tag ? -1 : plan->vlan;
	}
}

static bool gets(const struct vs_lane_plan *plan, uint16_t vlan)
{
	switch ((enum vs_lane_mode)plan->mode) {
	case VS_LANE_TRUNK:
		return (vlan && lane_set_has(plan->set, vlan)) ||
		       (plan->untagged && plan->vlan == vlan);
	case VS_LANE_COMMUNITY:
		return vlan == plan->vlan || vlan == plan->secondary;
	case VS_LANE_PROMISCUOUS:
		return vlan == plan->vlan || lane_set_has(plan->set, vlan);
	default:
		return vlan == plan->vlan;
	}
}

static uint16_t tag_on(const struct vs_lane_plan *plan, uint16_t vlan)
{
	if (plan->mode != VS_LANE_TRUNK ||
	    (plan->untagged && plan->vlan == vlan))
		return 0;
	return vlan;
}

static const struct rig_frame *sent_to(uint16_t port)
{
	uint32_t k;

	for (k = 0; k < rig->sent_count; k++)
		if (rig->sent[k].port.value == port)
			return &rig->sent[k];
	return NULL;
}

static bool anybody_has(uint16_t vlan)
{
	uint16_t id;

	for (id = 2; id < 2 + PORTS; id++)
		if (gets(lane(id), vlan))
			return true;
	return !vlan;
}

/* A broadcast: who gets it, and how. */
static void check_broadcast(uint16_t from, int vlan, uint32_t *copies)
{
	uint16_t id;

	for (id = 2; id <= 2 + PORTS; id++) {
		bool uplink = id == 2 + PORTS;
		bool wanted = vlan >= 0 && id != from &&
			      (uplink ? anybody_has((uint16_t)vlan)
				      : gets(lane(id), (uint16_t)vlan));
		const struct rig_frame *frame = sent_to(id);

		ck_assert_msg(!frame == !wanted, "VLAN %d from %u to %u: %s",
			      vlan, from, id, wanted ? "lost" : "leaked");
		if (!frame)
			continue;
		++*copies;
		ck_assert_uint_eq(tag_of(frame),
				  uplink ? (uint16_t)vlan
					 : tag_on(lane(id), (uint16_t)vlan));
	}
}

/* The lane to which two ports' MACs belong is one: then unicast goes there
 * and only there. */
static void check_unicast(uint16_t from, uint16_t to, int vlan)
{
	bool wanted = vlan >= 0 && from != to && to < 2 + PORTS &&
		      gets(lane(to), (uint16_t)vlan);

	ck_assert_msg(!sent_to(to) == !wanted, "VLAN %d from %u to %u: %s",
		      vlan, from, to, wanted ? "lost" : "leaked");
}

static void random_frame(struct prng *prng, uint32_t *copies)
{
	static const uint16_t tags[] = {0,  0,	0,  10, 11, 20,
					21, 23, 24, 31, 32};
	uint16_t from = (uint16_t)(2 + prng_below(prng, PORTS + 1));
	uint16_t to = (uint16_t)(2 + prng_below(prng, PORTS));
	uint16_t tag = tags[prng_below(prng, 11)];
	bool uplink = from == 2 + PORTS, all = prng_below(prng, 2);
	uint32_t size = tagged(uplink ? 0x50 : (uint8_t)from, (uint8_t)to, tag);
	int vlan = uplink ? tag : sent_in(lane(from), tag);

	if (all)
		memset(bytes, 0xff, 6);
	rig_forget(rig);
	rig_input(rig, from, bytes, size);
	if (all)
		check_broadcast(from, vlan, copies);
	else
		check_unicast(from, to, vlan);
}

START_TEST(frames_go_where_a_model_of_vlans_says)
{
	struct prng prng = prng_start(prng_seed());
	uint32_t copies = 0;

	for (int round = 0; round < 300; round++) {
		/* always one, so that the switch has VLANs */
		lane(2)->mode = VS_LANE_ACCESS;
		lane(2)->vlan = 30;
		for (uint16_t id = 3; id < 2 + PORTS; id++)
			random_lane(&prng, lane(id));
		for (uint16_t id = 2; id < 2 + PORTS; id++)
			if (lane(id)->mode == VS_LANE_NONE) {
				rig->plan[id - 2].vsid_count = 1;
				rig->plan[id - 2].vsids[0].value = 0;
			}
		lanes_ready();
		vs_table_flush(vs_switch_macs(rig->sw), UINT32_MAX);
		for (int i = 0; i < 60; i++)
			random_frame(&prng, &copies);
		rig_tick(rig);
	}
	ck_assert_uint_gt(copies, 5000);
}
END_TEST

/* -- bursts ------------------------------------------------------------------
 */

#define VLANS	 3u
#define IDENTITY 80u /* where each frame says who it is */

/* A trunk, 2; in each of VLANs 10, 11, 12 the same two MACs, 3 and 6. */
static void twins(void)
{
	uint16_t i;

	*lane(2) = (struct vs_lane_plan){.mode = VS_LANE_TRUNK};
	for (i = 0; i < VLANS; i++) {
		uint16_t vlan = (uint16_t)(10 + i);

		lane_set_add(lane(2)->set, vlan);
		*lane((uint16_t)(3 + i)) = (struct vs_lane_plan){
			.mode = VS_LANE_ACCESS, .vlan = vlan};
		*lane((uint16_t)(6 + i)) = (struct vs_lane_plan){
			.mode = VS_LANE_ACCESS, .vlan = vlan};
		rig->plan[1 + i].info.mac.octet[5] = 3;
		rig->plan[4 + i].info.mac.octet[5] = 6;
	}
	lanes_ready();
}

/* To a twin, to nobody or to all, in one of the VLANs. */
static struct vs_packet *twin_frame(struct prng *prng, uint8_t identity)
{
	static const uint8_t targets[] = {3, 3, 3, 6, 6, 99};
	uint16_t vlan = (uint16_t)(10 + prng_below(prng, VLANS));
	uint32_t size = tagged(2, targets[prng_below(prng, 6)], vlan);

	if (!prng_below(prng, 10))
		memset(bytes, 0xff, 6);
	bytes[IDENTITY] = identity;
	return rig_packet(rig, 2, bytes, size);
}

/* Which frames each port got. */
static void note_arrivals(uint64_t arrived[2 + PORTS + 1])
{
	memset(arrived, 0, (2 + PORTS + 1) * sizeof(arrived[0]));
	for (uint32_t i = 0; i < rig->sent_count; i++) {
		const struct rig_frame *frame = &rig->sent[i];
		uint32_t tag = tag_of(frame) ? 4 : 0;

		arrived[frame->port.value] |=
			UINT64_C(1) << frame->bytes[IDENTITY - 4 + tag];
	}
	rig_forget(rig);
}

START_TEST(frames_of_a_burst_go_where_they_go_alone)
{
	struct prng prng = prng_start(prng_seed());
	uint64_t together[2 + PORTS + 1], alone[2 + PORTS + 1];

	twins();
	for (int round = 0; round < 200; round++) {
		struct vs_packet *packets[VS_BURST_FRAMES];
		uint16_t count =
			(uint16_t)(1 + prng_below(&prng, VS_BURST_FRAMES));
		struct prng same = prng;

		for (uint16_t i = 0; i < count; i++)
			packets[i] = twin_frame(&prng, (uint8_t)i);
		rig_burst(rig, 2, packets, count);
		note_arrivals(together);
		for (uint16_t i = 0; i < count; i++)
			rig_walk(rig, 2, twin_frame(&same, (uint8_t)i));
		note_arrivals(alone);
		ck_assert_mem_eq(together, alone, sizeof(alone));
		ck_assert_uint_ne(alone[3] | alone[4] | alone[5] | alone[6] |
					  alone[7] | alone[8],
				  0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lane");
	TCase *tcase = tcase_create("lane");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, super_frame_keeps_its_offload_from_tag_to_tag);
	tcase_add_test(tcase, tag_cut_short_is_in_no_vlan);
	tcase_add_test(tcase, each_frame_is_booked_under_its_vlan);
	tcase_add_test(tcase, switch_without_vlans_leaves_tags_alone);
	tcase_add_test(tcase, frames_go_where_a_model_of_vlans_says);
	tcase_add_test(tcase, frames_of_a_burst_go_where_they_go_alone);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
