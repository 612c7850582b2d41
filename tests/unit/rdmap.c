// SPDX-License-Identifier: Apache-2.0
/*
 * A multi-tenant port: what its tags do to frames, to what came beside them,
 * to the books and to the MAC table; and, with random frames, that no tag ever
 * leads into another tenant.
 */
#include <string.h>

#include <vswitch/table.h>
#include <vswitch/wire.h>

#include "core/reason.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define BIG 60000u

static struct rig *rig;
static uint8_t bytes[BIG + 64];
static struct vs_recipe taken;

static struct vs_port_plan *map(const char *name, uint16_t id)
{
	struct vs_port_plan *plan = rig_port(rig, name, id, 5001);

	plan->tagged = true;
	plan->vsid_count = 2;
	plan->vsids[1].value = 6001;
	plan->tags[0] = 100;
	plan->tags[1] = 200;
	return plan;
}

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "blue2", 2, 5001);
	rig_port(rig, "red3", 3, 6001);
	map("gw4", 4);
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static void put_tag(uint8_t *frame, uint32_t size, uint16_t tci)
{
	memmove(frame + 16, frame + 12, size - 12);
	vs_store16(frame + 12, VS_TYPE_VLAN);
	vs_store16(frame + 14, tci);
}

/* A UDP frame of 100 bytes from port `from` to `to`; the tag makes it 104. */
static uint32_t udp(uint8_t from, uint8_t to, uint16_t tci)
{
	uint32_t size = rig_udp(bytes, 100, from, to);

	put_tag(bytes, size, tci);
	return size + 4;
}

static void take(struct rig *of, const struct vs_outbox_entry *entry)
{
	(void)of;
	taken = entry->recipe;
}

/* A TCP super-frame of 5000 bytes of payload, with its partial checksum. */
static struct vs_packet *super(uint16_t port, uint8_t from, uint8_t to,
			       uint16_t tci)
{
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);
	uint32_t more = tci ? 4 : 0;
	struct vs_packet *packet;

	bytes[5] = to;
	bytes[11] = from;
	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, 1, 0x10);
	memset(bytes + frame.size, 0x5a, 5000);
	frame.size += 5000;
	frames_finish(&frame, VS_IP_TCP);
	if (tci)
		put_tag(bytes, frame.size, tci);
	packet = rig_packet(rig, port, bytes, frame.size + more);
	packet->view.offload = (struct vs_offload){
		.gso = VS_GSO_TCP4,
		.gso_size = 1000,
		.header_size = (uint16_t)(54 + more),
		.csum_start = (uint16_t)(34 + more),
		.csum_offset = 16,
	};
	return packet;
}

START_TEST(super_frame_loses_its_tag_and_keeps_its_offload)
{
	rig->taker = take;
	rig_walk(rig, 4, super(4, 4, 2, 100));
	ck_assert_uint_eq(taken.port.value, 2);
	ck_assert_uint_eq(taken.lead_size, 0);
	ck_assert_uint_eq(taken.slice_size, 5054);
	ck_assert_uint_eq(taken.offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(taken.offload.csum_start, 34);
	ck_assert_uint_eq(taken.offload.header_size, 54);
}
END_TEST

START_TEST(super_frame_gets_its_tag_and_keeps_its_offload)
{
	rig->taker = take;
	rig_walk(rig, 3, super(3, 3, 4, 0));
	ck_assert_uint_eq(taken.port.value, 4);
	ck_assert_uint_eq(taken.lead_size + taken.slice_size, 5058);
	ck_assert_uint_eq(vs_load16(taken.lead + 12), VS_TYPE_VLAN);
	ck_assert_uint_eq(vs_load16(taken.lead + 14), 200);
	ck_assert_uint_eq(vs_load16(taken.lead + 16), VS_TYPE_IPV4);
	ck_assert_uint_eq(taken.offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(taken.offload.gso_size, 1000);
	ck_assert_uint_eq(taken.offload.csum_start, 38);
	ck_assert_uint_eq(taken.offload.header_size, 58);
}
END_TEST

START_TEST(tag_cut_short_names_nothing)
{
	uint32_t size = udp(4, 2, 100);

	ck_assert_uint_gt(size, 17);
	rig_input(rig, 4, bytes, 17);
	ck_assert_uint_eq(rig_dropped_of(rig, 4, VS_REASON_VLAN_NOT_ALLOWED),
			  1);
	rig_input(rig, 4, bytes, 13);
	ck_assert_uint_eq(rig_dropped_of(rig, 4, VS_REASON_RUNT), 1);
}
END_TEST

/* Received is counted with the tag, as the device gave it. */
START_TEST(each_frame_is_booked_under_the_vsid_of_its_tag)
{
	struct vs_ledger_row *row = calloc(1, sizeof(*row));
	uint64_t blue = 0, red = 0, none = 0;
	uint32_t cursor = 0;

	ck_assert_ptr_nonnull(row);
	rig_input(rig, 4, bytes, udp(4, 2, 100));
	rig_input(rig, 4, bytes, udp(4, 3, 200));
	rig_input(rig, 4, bytes, udp(4, 3, 200));
	rig_input(rig, 4, bytes, udp(4, 3, 300));
	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, row)) {
		if (row->port.value != 4)
			continue;
		blue += row->vsid == 5001 ? row->received : 0;
		red += row->vsid == 6001 ? row->received : 0;
		none += row->vsid == VS_LEDGER_NONE ? row->received : 0;
		ck_assert_uint_eq(row->received_bytes, row->received * 104);
	}
	ck_assert_uint_eq(blue, 1);
	ck_assert_uint_eq(red, 2);
	ck_assert_uint_eq(none, 1);
	free(row);
}
END_TEST

static uint16_t learned_at(uint32_t vsid, uint8_t last)
{
	struct vs_mac_key key = {.vsid = {vsid},
				 .mac = {{2, 0, 0, 0, 0, last}}};
	struct vs_mac_value value;

	return vs_table_find(vs_switch_macs(rig->sw), &key, rig->now, &value)
		       ? value.port.value
		       : 0;
}

START_TEST(station_behind_it_is_learned_in_its_tags_vsid_only)
{
	rig->plan[2].mac_guard = false;
	rig_publish(rig);
	rig_input(rig, 4, bytes, udp(9, 2, 100));
	ck_assert_uint_eq(learned_at(5001, 9), 4);
	ck_assert_uint_eq(learned_at(6001, 9), 0);
	rig_input(rig, 4, bytes, udp(9, 3, 200));
	ck_assert_uint_eq(learned_at(6001, 9), 4);
}
END_TEST

/* The VSID of an ordinary port, or of the tag that the frame left with. */
static uint32_t vsid_of(const struct rig_frame *frame)
{
	uint16_t tag;

	if (frame->port.value == 2)
		return 5001;
	if (frame->port.value == 3)
		return 6001;
	if (frame->port.value == 6)
		return 7001;
	tag = vs_load16(frame->bytes + 12) == VS_TYPE_VLAN
		      ? vs_load16(frame->bytes + 14)
		      : 0;
	if (frame->port.value == 4)
		return tag == 100 ? 5001 : tag == 200 ? 6001 : 0;
	return tag == 5 ? 6001 : tag == 0 ? 7001 : 0;
}

static uint32_t expected(uint16_t port, uint16_t tag)
{
	struct rig_frame frame = {.port = {port}};

	vs_store16(frame.bytes + 12, tag ? VS_TYPE_VLAN : 0);
	vs_store16(frame.bytes + 14, tag);
	return vsid_of(&frame);
}

START_TEST(no_tag_ever_leads_into_another_tenant)
{
	static const uint16_t tags[] = {0, 5, 100, 200, 300, 4095};
	struct prng prng = prng_start(prng_seed());
	struct vs_port_plan *plan = rig_port(rig, "gw5", 5, 6001);
	uint64_t crossed = 0;

	plan->tagged = true;
	plan->vsid_count = 2;
	plan->tags[0] = 5;
	plan->vsids[1].value = 7001;
	plan->tags[1] = 0;
	plan->mac_guard = rig->plan[2].mac_guard = false;
	rig_port(rig, "green6", 6, 7001)->mac_guard = false;
	rig_publish(rig);
	for (int i = 0; i < 20000; i++) {
		uint16_t from = (uint16_t)(2 + prng_below(&prng, 5));
		uint16_t tag = tags[prng_below(&prng, 6)];
		uint8_t to = (uint8_t)(prng_below(&prng, 8) + 1);
		bool tagged = from == 4 || from == 5;
		uint8_t source = tagged || from == 6
					 ? (uint8_t)(prng_below(&prng, 8) + 20)
					 : (uint8_t)from;
		uint32_t size = tag && tagged ? udp(source, to, tag)
					      : rig_udp(bytes, 100, source, to);

		if (to == 8)
			memset(bytes, 0xff, 6);
		rig_forget(rig);
		rig_input(rig, from, bytes, size);
		for (uint32_t k = 0; k < rig->sent_count; k++)
			ck_assert_uint_eq(vsid_of(&rig->sent[k]),
					  expected(from, tagged ? tag : 0));
		crossed += rig->sent_count;
	}
	ck_assert_uint_gt(crossed, 10000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rdmap");
	TCase *tcase = tcase_create("rdmap");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, super_frame_loses_its_tag_and_keeps_its_offload);
	tcase_add_test(tcase, super_frame_gets_its_tag_and_keeps_its_offload);
	tcase_add_test(tcase, tag_cut_short_names_nothing);
	tcase_add_test(tcase, each_frame_is_booked_under_the_vsid_of_its_tag);
	tcase_add_test(tcase,
		       station_behind_it_is_learned_in_its_tags_vsid_only);
	tcase_add_test(tcase, no_tag_ever_leads_into_another_tenant);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
