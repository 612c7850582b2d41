// SPDX-License-Identifier: Apache-2.0
/*
 * What admit holds every frame to beside its sources: the offload metadata
 * that came with it, and the priority tags that go.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/reason.h"
#include "tests/support/frames.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define BIG 60000u

static struct rig *rig;
static uint8_t bytes[BIG + 64];

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "plain4", 4, 0);
	rig_port(rig, "plain5", 5, 0);
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static void macs(uint8_t to, uint8_t from)
{
	bytes[5] = to;
	bytes[11] = from;
}

/* A TCP frame from port 2 to port 3 with `payload` bytes. */
static struct frames tcp(uint32_t payload)
{
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);

	macs(3, 2);
	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, 1, 0x10);
	memset(bytes + frame.size, 0x5a, payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_TCP);
	return frame;
}

static struct vs_offload super(void)
{
	return (struct vs_offload){.gso = VS_GSO_TCP4,
				   .gso_size = 1000,
				   .header_size = 54,
				   .csum_start = 34,
				   .csum_offset = 16};
}

static void walk(uint16_t port, uint32_t size, const struct vs_offload *offload)
{
	struct vs_packet *packet = rig_packet(rig, port, bytes, size);

	packet->view.offload = *offload;
	rig_forget(rig);
	rig_walk(rig, port, packet);
}

static void refused(uint32_t size, const struct vs_offload *offload,
		    uint16_t reason)
{
	uint64_t before = rig_dropped(rig, reason);

	walk(2, size, offload);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, reason), before + 1);
}

static unsigned int mismatches(void)
{
	unsigned int count = 0, i;

	rig_tick(rig);
	for (i = 0; i < rig->event_count; i++)
		count += !strcmp(rig->event[i].name, "guest_mismatch");
	return count;
}

static const char *shown(uint16_t port, uint32_t index)
{
	return vs_switch_mismatch(rig->sw, (struct vs_port_id){port}, index);
}

START_TEST(guest_that_differs_is_told_once_until_something_changes)
{
	struct frames frame = tcp(100);
	unsigned int i;

	bytes[11] = 99; /* not its MAC */
	for (i = 0; i < 5; i++)
		rig_input(rig, 2, bytes, frame.size);
	ck_assert_uint_eq(mismatches(), 1);
	ck_assert_ptr_nonnull(strstr(rig->event[0].text, "port vm2"));
	ck_assert_ptr_nonnull(strstr(rig->event[0].text, "02:00:00:00:00:63"));
	ck_assert_ptr_nonnull(strstr(rig->event[0].text, "02:00:00:00:00:02"));
	rig_input(rig, 3, bytes, frame.size); /* another port */
	ck_assert_uint_eq(mismatches(), 2);
	/* and shown with its port */
	ck_assert_str_eq(shown(2, 0), "the guest uses MAC 02:00:00:00:00:63, "
				      "policy gives 02:00:00:00:00:02");
	ck_assert_ptr_null(shown(2, 1));
	ck_assert_ptr_nonnull(shown(3, 0));
	ck_assert_ptr_null(shown(4, 0));
	/* another one of this kind is news from the next change on */
	rig_publish(rig);
	bytes[11] = 98;
	rig_input(rig, 2, bytes, frame.size);
	ck_assert_uint_eq(mismatches(), 3);
	ck_assert_ptr_nonnull(strstr(shown(2, 0), "02:00:00:00:00:62"));
	ck_assert_ptr_null(shown(2, 1));
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_SPOOF), 7);
}
END_TEST

START_TEST(what_a_change_does_not_mend_is_shown_and_not_told_again)
{
	struct frames frame = tcp(100);

	bytes[11] = 99;
	rig_input(rig, 2, bytes, frame.size);
	rig_input(rig, 3, bytes, frame.size);
	ck_assert_uint_eq(mismatches(), 2);
	rig_publish(rig);
	ck_assert_ptr_nonnull(shown(2, 0));
	rig_input(rig, 2, bytes, frame.size);
	ck_assert_uint_eq(mismatches(), 2);
	ck_assert_ptr_nonnull(shown(2, 0));
	ck_assert_ptr_null(shown(2, 1));
	/* its device may be gone meanwhile */
	rig->plan[0].link = NULL;
	rig_publish(rig);
	ck_assert_ptr_nonnull(shown(2, 0));
	/* mended: by this MAC, by no guard, by no port */
	rig->plan[0].mac.octet[5] = 99;
	rig_publish(rig);
	ck_assert_ptr_null(shown(2, 0));
	ck_assert_ptr_nonnull(shown(3, 0));
	rig->plan[1].mac_guard = false;
	rig_publish(rig);
	ck_assert_ptr_null(shown(3, 0));
	/* the walk again is nobody's frame */
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_SPOOF), 3);
}
END_TEST

START_TEST(what_was_not_seen_again_for_long_goes_with_a_change)
{
	struct frames frame = tcp(100);

	bytes[11] = 99;
	rig_input(rig, 2, bytes, frame.size);
	rig_input(rig, 3, bytes, frame.size);
	ck_assert_uint_eq(mismatches(), 2);
	rig_publish(rig);
	rig->now += UINT64_C(400000000000);
	rig_input(rig, 2, bytes, frame.size); /* seen again, port 3's is not */
	ck_assert_uint_eq(mismatches(), 2);
	rig_publish(rig);
	ck_assert_ptr_nonnull(shown(3, 0));
	rig->now += UINT64_C(200000000000);
	rig_tick(rig);
	rig_publish(rig);
	ck_assert_ptr_nonnull(shown(2, 0));
	ck_assert_ptr_null(shown(3, 0));
	rig_input(rig, 3, bytes, frame.size);
	ck_assert_uint_eq(mismatches(), 3);
}
END_TEST

START_TEST(honest_super_frame_passes)
{
	struct frames frame = tcp(20000);
	struct vs_offload offload = super();

	walk(2, frame.size, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
	/* no partial checksum: every piece gets its own */
	offload.csum_start = VS_ABSENT;
	walk(2, frame.size, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
}
END_TEST

START_TEST(super_frame_must_be_what_it_says)
{
	struct frames frame = tcp(20000);
	struct vs_offload offload = super();

	offload.gso = VS_GSO_TCP6;
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	offload.gso = VS_GSO_UDP;
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	offload = super();
	offload.csum_start = 38;
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	offload = super();
	bytes[14 + 9] = VS_IP_ICMP; /* what only claims to be cut later */
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	frame = tcp(20000);
	vs_store16(bytes + 20, 0x2000); /* no fragment is a super-frame */
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	vs_store16(bytes + 12, 0x88b5);
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
}
END_TEST

/* Cutting is work that one frame orders: it has a bound. */
START_TEST(frame_is_not_cut_into_crumbs)
{
	struct frames frame = tcp(BIG);
	struct vs_offload offload = super();

	offload.gso_size = 8;
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	offload.gso_size = 64;
	walk(2, frame.size, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
	/* few crumbs are fine */
	frame = tcp(100);
	offload.gso_size = 8;
	walk(2, frame.size, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
}
END_TEST

/* The link writes the checksum where the sender says: behind the addresses
 * that the guards have read, or nowhere. */
START_TEST(partial_checksum_can_not_rewrite_the_source)
{
	struct frames frame = tcp(100);
	struct vs_offload offload = {.csum_start = 14, .csum_offset = 12};
	uint16_t start;

	for (start = 0; start < 34; start++) {
		offload.csum_start = start;
		offload.csum_offset = (uint16_t)(26 - start % 27);
		refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
	}
	offload = (struct vs_offload){.csum_start = 34, .csum_offset = 16};
	walk(2, frame.size, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
	/* a tunnel of the guest's own: further inside */
	offload.csum_start = 60;
	walk(2, frame.size, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
}
END_TEST

START_TEST(arp_has_no_checksum_to_complete)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct vs_offload offload = {.csum_start = 14, .csum_offset = 14};

	frames_ethernet(bytes, VS_TYPE_ARP);
	macs(3, 2);
	memset(bytes + 14, 0, 46);
	memcpy(bytes + 14, head, sizeof(head));
	refused(60, &offload, VS_REASON_BAD_OFFLOAD);
}
END_TEST

START_TEST(later_fragment_has_no_checksum_to_complete)
{
	struct frames frame = tcp(100);
	struct vs_offload offload = {.csum_start = 34, .csum_offset = 16};

	vs_store16(bytes + 20, 0x0010);
	refused(frame.size, &offload, VS_REASON_BAD_OFFLOAD);
}
END_TEST

START_TEST(protocol_that_is_not_read_keeps_its_checksum_request)
{
	struct vs_offload offload = {.csum_start = 30, .csum_offset = 16};

	tcp(100);
	macs(5, 4);
	vs_store16(bytes + 12, 0x8864);
	walk(4, 150, &offload);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 5);
}
END_TEST

static void push_tags(uint32_t tags)
{
	uint32_t i;

	for (i = 0; i < tags; i++) {
		vs_store16(bytes + 12 + 4 * i, VS_TYPE_VLAN);
		vs_store16(bytes + 14 + 4 * i, 0xe000);
	}
	vs_store16(bytes + 12 + 4 * tags, 0x88b5);
}

START_TEST(priority_tags_go_two_at_the_most)
{
	static const struct vs_offload none = {.csum_start = VS_ABSENT};

	tcp(100);
	push_tags(2);
	walk(2, 150, &none);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].size, 142);
	push_tags(3);
	refused(150, &none, VS_REASON_VLAN_NOT_ALLOWED);
}
END_TEST

START_TEST(tag_in_front_of_nothing_is_a_runt)
{
	static const struct vs_offload none = {.csum_start = VS_ABSENT};

	tcp(100);
	push_tags(1);
	refused(16, &none, VS_REASON_RUNT);
	refused(17, &none, VS_REASON_RUNT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("admit");
	TCase *tcase = tcase_create("admit");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
		       guest_that_differs_is_told_once_until_something_changes);
	tcase_add_test(tcase,
		       what_a_change_does_not_mend_is_shown_and_not_told_again);
	tcase_add_test(tcase,
		       what_was_not_seen_again_for_long_goes_with_a_change);
	tcase_add_test(tcase, honest_super_frame_passes);
	tcase_add_test(tcase, super_frame_must_be_what_it_says);
	tcase_add_test(tcase, frame_is_not_cut_into_crumbs);
	tcase_add_test(tcase, partial_checksum_can_not_rewrite_the_source);
	tcase_add_test(tcase, arp_has_no_checksum_to_complete);
	tcase_add_test(tcase, later_fragment_has_no_checksum_to_complete);
	tcase_add_test(tcase,
		       protocol_that_is_not_read_keeps_its_checksum_request);
	tcase_add_test(tcase, priority_tags_go_two_at_the_most);
	tcase_add_test(tcase, tag_in_front_of_nothing_is_a_runt);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
