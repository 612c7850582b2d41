// SPDX-License-Identifier: Apache-2.0
/*
 * The walk without extensions: learning by (VSID, MAC), flooding, deliver,
 * admit, the wire for VSID 0; the ledger balances after each.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

static struct rig *rig;
static uint8_t bytes[2048];

static void setup(void)
{
	rig = rig_open(NULL);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

/* Three ports in VSID 5001 (ids 2, 3, 4), one in 6001 (5). */
static void tenants(void)
{
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
	rig_port(rig, "red5", 5, 6001);
	rig_publish(rig);
}

static void send_udp(uint16_t port, uint8_t from, uint8_t to)
{
	rig_input(rig, port, bytes, rig_udp(bytes, 60, from, to));
}

static bool went_to(uint16_t port)
{
	uint32_t i;

	for (i = 0; i < rig->sent_count; i++)
		if (rig->sent[i].port.value == port)
			return true;
	return false;
}

START_TEST(configured_mac_is_reached_without_learning)
{
	tenants();
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(3));
	ck_assert_mem_eq(rig->sent[0].bytes, bytes, 60);
}
END_TEST

START_TEST(unknown_and_group_flood_inside_the_vsid_only)
{
	tenants();
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert(went_to(3) && went_to(4));
	rig_forget(rig);
	rig_udp(bytes, 60, 2, 0);
	memset(bytes, 0xff, 6);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert(!went_to(5) && !went_to(2));
	ck_assert_uint_eq(rig_total(rig).replicas, 2);
}
END_TEST

START_TEST(station_that_moves_is_learned_on_new_port)
{
	tenants();
	rig->plan[0].mac_guard = false;
	rig->plan[1].mac_guard = false;
	rig_publish(rig);
	send_udp(2, 77, 4);
	rig_forget(rig);
	send_udp(4, 4, 77);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(2));
	send_udp(3, 77, 4);
	rig_forget(rig);
	send_udp(4, 4, 77);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(3));
	send_udp(2, 77, 4);
	rig_forget(rig);
	send_udp(4, 4, 77);
	ck_assert(went_to(2));
}
END_TEST

START_TEST(learned_mac_ages_after_300_seconds)
{
	tenants();
	rig->plan[0].mac_guard = false;
	rig_publish(rig);
	send_udp(2, 77, 4);
	rig_advance(rig, 290000000000u);
	rig_forget(rig);
	send_udp(4, 4, 77);
	ck_assert_uint_eq(rig->sent_count, 1);
	rig_advance(rig, 20000000000u);
	rig_forget(rig);
	send_udp(4, 4, 77);
	ck_assert_uint_eq(rig->sent_count, 2);
}
END_TEST

START_TEST(port_that_left_is_flooded_around_not_sent_to)
{
	tenants();
	rig->plan[0].mac_guard = false;
	rig_publish(rig);
	send_udp(2, 77, 4);
	rig->plan[0] = rig->plan[3];
	rig->port_count = 3;
	rig_publish(rig);
	rig_forget(rig);
	send_udp(4, 4, 77);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(3));
}
END_TEST

START_TEST(mac_of_another_port_is_not_learned)
{
	tenants();
	rig->plan[0].mac_guard = false;
	rig_publish(rig);
	send_udp(2, 3, 4);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_PINNED), 1);
	send_udp(4, 4, 3);
	ck_assert(went_to(3) && !went_to(2));
}
END_TEST

START_TEST(destination_behind_the_source_is_hairpin)
{
	tenants();
	rig->plan[0].mac_guard = false;
	rig_publish(rig);
	send_udp(2, 77, 4);
	rig_forget(rig);
	send_udp(2, 78, 77);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_HAIRPIN), 1);
}
END_TEST

START_TEST(vsid_0_passes_to_the_uplink_and_back)
{
	rig_port(rig, "vm2", 2, 0);
	rig_port(rig, "vm3", 3, 0);
	rig_uplink(rig, "wire", 9);
	rig_publish(rig);
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert(went_to(3) && went_to(9));
	rig_forget(rig);
	send_udp(9, 99, 2);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(2));
	rig_forget(rig);
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(9));
	rig_forget(rig);
	send_udp(9, 99, 98);
	ck_assert(!went_to(9));
	ck_assert_uint_eq(rig->sent_count, 2);
	/* nobody behind the wire may take a local port's MAC */
	send_udp(9, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_PINNED), 1);
}
END_TEST

START_TEST(tenant_frame_without_translate_never_reaches_the_wire)
{
	rig_port(rig, "vm2", 2, 5001);
	rig_uplink(rig, "wire", 9);
	rig_publish(rig);
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_DESTINATION), 1);
}
END_TEST

/* -- admit
 * --------------------------------------------------------------------- */

START_TEST(broken_frames_have_their_reasons)
{
	tenants();
	rig_input(rig, 2, bytes, 0);
	rig_udp(bytes, 60, 2, 3);
	rig_input(rig, 2, bytes, 13);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_RUNT), 2);
	rig_udp(bytes, 60, 2, 3);
	bytes[14] = 0x44;
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_BAD_IP), 1);
	send_udp(2, 3, 4);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_SPOOF), 1);
	rig_udp(bytes, 60, 2, 3);
	bytes[6] = 3;
	rig_input(rig, 2, bytes, 60);
	rig_udp(bytes, 60, 2, 3);
	memset(bytes + 6, 0, 6);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_SOURCE_GROUP), 2);
	rig_udp(bytes, 60, 2, 3);
	memcpy(bytes, (uint8_t[]){1, 0x80, 0xc2, 0, 0, 0xe}, 6);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_LINK_LOCAL_MCAST), 1);
	ck_assert_uint_eq(rig->sent_count, 0);
}
END_TEST

START_TEST(size_is_judged_on_the_segment)
{
	struct vs_packet *packet;

	tenants();
	rig_input(rig, 2, bytes, rig_udp(bytes, 1514, 2, 3));
	ck_assert_uint_eq(rig->sent_count, 1);
	rig_input(rig, 2, bytes, rig_udp(bytes, 1515, 2, 3));
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_OVERSIZE), 1);
	rig_udp(bytes, 2000, 2, 3);
	packet = rig_packet(rig, 2, bytes, 2000);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_UDP,
						   .gso_size = 1400,
						   .header_size = 42,
						   .csum_start = 34,
						   .csum_offset = 6};
	rig_walk(rig, 2, packet);
	ck_assert_uint_eq(rig->sent_count, 2);
	packet = rig_packet(rig, 2, bytes, 2000);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_UDP,
						   .gso_size = 1480,
						   .header_size = 42,
						   .csum_start = 34,
						   .csum_offset = 6};
	rig_walk(rig, 2, packet);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_OVERSIZE), 2);
}
END_TEST

static uint32_t tag(uint16_t tci)
{
	rig_udp(bytes, 60, 2, 3);
	memmove(bytes + 16, bytes + 12, 48);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, tci);
	return 64;
}

START_TEST(priority_tag_goes_and_any_other_is_refused)
{
	tenants();
	rig_input(rig, 2, bytes, tag(5 << 13));
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].size, 60);
	ck_assert_uint_eq(vs_load16(rig->sent[0].bytes + 12), VS_TYPE_IPV4);
	rig_input(rig, 2, bytes, tag(100));
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VLAN_NOT_ALLOWED), 1);
}
END_TEST

START_TEST(tag_beside_the_bytes_counts)
{
	struct vs_packet *packet;

	tenants();
	rig_port(rig, "p6", 6, 0);
	rig_port(rig, "p7", 7, 0);
	rig_publish(rig);
	rig_udp(bytes, 60, 2, 3);
	packet = rig_packet(rig, 2, bytes, 60);
	packet->view.vlan = 100;
	packet->view.tags = 1;
	rig_walk(rig, 2, packet);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VLAN_NOT_ALLOWED), 1);
	rig_udp(bytes, 60, 6, 7);
	packet = rig_packet(rig, 6, bytes, 60);
	packet->view.vlan = 100;
	packet->view.tags = 1;
	rig_walk(rig, 6, packet);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].size, 64);
	ck_assert_uint_eq(vs_load16(rig->sent[0].bytes + 12), VS_TYPE_VLAN);
	ck_assert_uint_eq(vs_load16(rig->sent[0].bytes + 14), 100);
	ck_assert_uint_eq(vs_load16(rig->sent[0].bytes + 16), VS_TYPE_IPV4);
}
END_TEST

/* -- deliver
 * ------------------------------------------------------------------- */

START_TEST(ports_that_cannot_take_a_frame_say_why)
{
	tenants();
	rig->plan[1].waits = true;
	rig->plan[2].link = NULL;
	rig_publish(rig);
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_PORT_WAITS), 1);
	send_udp(2, 2, 4);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_PORT_DOWN), 1);
	send_udp(3, 3, 2);
	ck_assert_uint_eq(rig_dropped_of(rig, 3, VS_REASON_PORT_WAITS), 1);
	send_udp(4, 4, 2);
	ck_assert_uint_eq(rig_dropped_of(rig, 4, VS_REASON_PORT_DOWN), 1);
	send_udp(99, 4, 2);
	/* no port of ours: the switch's own row */
	ck_assert_uint_eq(rig_dropped_of(rig, 0, VS_REASON_PORT_DOWN), 1);
	ck_assert_uint_eq(rig->sent_count, 0);
}
END_TEST

START_TEST(acl_takes_one_copy_of_a_flood_away)
{
	struct vs_acl_rule rule = {.inbound = true,
				   .side = VS_ACL_REMOTE,
				   .by_mac = true,
				   .any_mac = true};

	tenants();
	rig->plan[2].acl = vs_acl_build(&rule, 1, 1);
	rig_publish(rig);
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(3));
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 1);
	send_udp(2, 2, 4);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 2);
}
END_TEST

/* -- snapshots
 * ------------------------------------------------------------------ */

START_TEST(two_ports_of_one_mac_in_a_vsid_are_refused)
{
	struct vs_snapshot *snapshot;
	struct vs_error error = {0};

	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001)->mac =
		(struct vs_mac){{2, 0, 0, 0, 0, 2}};
	ck_assert_int_eq(rig_build(rig, &snapshot, &error), -EEXIST);
	ck_assert_ptr_nonnull(strstr(error.text, "vm2"));
	ck_assert_ptr_nonnull(strstr(error.text, "vm3"));
	rig->plan[1].vsids[0].value = 5002;
	rig_publish(rig);
}
END_TEST

START_TEST(two_ports_of_one_id_are_refused)
{
	struct vs_snapshot *snapshot;
	struct vs_error error = {0};

	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "again", 2, 5002);
	ck_assert_int_eq(rig_build(rig, &snapshot, &error), -EEXIST);
	rig->plan[1].info.id.value = VS_PORT_EXTERNAL;
	ck_assert_int_eq(rig_build(rig, &snapshot, &error), -EINVAL);
	rig->port_count = 1;
}
END_TEST

START_TEST(many_ports_of_many_vsids_are_all_found)
{
	uint16_t i;

	for (i = 0; i < RIG_PORTS; i++)
		rig_port(rig, "p", (uint16_t)(2 + i), 5000u + i / 2);
	rig_publish(rig);
	for (i = 0; i < RIG_PORTS; i += 2)
		send_udp((uint16_t)(2 + i), (uint8_t)(2 + i), (uint8_t)(3 + i));
	ck_assert_uint_eq(rig->sent_count, RIG_PORTS / 2);
}
END_TEST

START_TEST(link_is_retired_when_no_worker_can_see_it)
{
	struct vs_worker *worker;

	tenants();
	worker = vs_switch_worker(rig->sw, 0);
	vs_worker_enter(worker);
	rig->plan[3].link = NULL;
	rig_publish(rig);
	vs_switch_poll(rig->sw, rig->now);
	ck_assert_uint_eq(rig->link[5].retired, 0);
	vs_switch_poll(rig->sw, rig->now + 2000000000u);
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_str_eq(rig->event[0].name, "worker_pins_snapshot");
	vs_worker_park(worker);
	vs_switch_poll(rig->sw, rig->now);
	ck_assert_uint_eq(rig->link[5].retired, 1);
	ck_assert_uint_eq(rig->link[2].retired, 0);
}
END_TEST

/* The clock ran long before the switch was made. */
START_TEST(what_is_published_before_the_first_poll_is_not_pinned_for_long)
{
	rig_publish(rig);
	vs_worker_enter(vs_switch_worker(rig->sw, 0));
	rig_publish(rig);
	vs_switch_poll(rig->sw, rig->now + 2000000000u);
	ck_assert_uint_eq(rig->event_count, 0);
	vs_switch_poll(rig->sw, rig->now + 4000000000u);
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_str_eq(rig->event[0].name, "worker_pins_snapshot");
	vs_worker_park(vs_switch_worker(rig->sw, 0));
}
END_TEST

/* -- quotas
 * ---------------------------------------------------------------------- */

START_TEST(flood_of_macs_takes_nothing_from_another_vsid)
{
	struct vs_ledger_row total;
	uint32_t i;

	rig_port(rig, "noisy", 2, 5001)->mac_guard = false;
	rig_port(rig, "quiet", 3, 6001)->mac_guard = false;
	rig_port(rig, "peer", 4, 6001);
	rig_publish(rig);
	rig->drop_sent = true;
	rig_udp(bytes, 60, 77, 4);
	rig_input(rig, 3, bytes, 60);
	for (i = 0; i < 50000; i++) {
		rig_udp(bytes, 60, 0, 99);
		vs_store32(bytes + 8, 0x10000000u + i);
		rig_input(rig, 2, bytes, 60);
	}
	rig->drop_sent = false;
	send_udp(4, 4, 77);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert(went_to(3));
	total = rig_total(rig);
	ck_assert_uint_eq(total.received, 50002);
}
END_TEST

static Suite *forward_suite(void)
{
	Suite *suite = suite_create("forward");
	TCase *tcase = tcase_create("walk");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, configured_mac_is_reached_without_learning);
	tcase_add_test(tcase, unknown_and_group_flood_inside_the_vsid_only);
	tcase_add_test(tcase, station_that_moves_is_learned_on_new_port);
	tcase_add_test(tcase, learned_mac_ages_after_300_seconds);
	tcase_add_test(tcase, port_that_left_is_flooded_around_not_sent_to);
	tcase_add_test(tcase, mac_of_another_port_is_not_learned);
	tcase_add_test(tcase, destination_behind_the_source_is_hairpin);
	tcase_add_test(tcase, vsid_0_passes_to_the_uplink_and_back);
	tcase_add_test(tcase,
		       tenant_frame_without_translate_never_reaches_the_wire);
	tcase_add_test(tcase, broken_frames_have_their_reasons);
	tcase_add_test(tcase, size_is_judged_on_the_segment);
	tcase_add_test(tcase, priority_tag_goes_and_any_other_is_refused);
	tcase_add_test(tcase, tag_beside_the_bytes_counts);
	tcase_add_test(tcase, ports_that_cannot_take_a_frame_say_why);
	tcase_add_test(tcase, acl_takes_one_copy_of_a_flood_away);
	tcase_add_test(tcase, two_ports_of_one_mac_in_a_vsid_are_refused);
	tcase_add_test(tcase, two_ports_of_one_id_are_refused);
	tcase_add_test(tcase, many_ports_of_many_vsids_are_all_found);
	tcase_add_test(tcase, link_is_retired_when_no_worker_can_see_it);
	tcase_add_test(
		tcase,
		what_is_published_before_the_first_poll_is_not_pinned_for_long);
	tcase_add_test(tcase, flood_of_macs_takes_nothing_from_another_vsid);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_main(forward_suite());
}
