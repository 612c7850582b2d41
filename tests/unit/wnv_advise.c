/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who sends to the wrong host is told, and what a host is told it believes from
 * the right one only (hnv.md A8.3 to A8.6): through the hooks, over IPv4 and
 * IPv6.
 */
#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/control.h"
#include "wnv/status.h"

#define ROOM 4096u

static struct lab lab;
static bool over_ipv6;

static struct wnv_pa pa(uint8_t host)
{
	uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8, [12] = 192, 0, 2, host};

	return (struct wnv_pa){over_ipv6 ? vs_ip_from_v6(v6)
					 : vs_ip_from_v4(v6 + 12)};
}

static bool is_pa(const struct wnv_pa *it, uint8_t host)
{
	const struct wnv_pa wanted = pa(host);

	return wnv_pa_equal(it, &wanted);
}

static void open_host(uint8_t host, uint8_t redirect, bool ipv6)
{
	const struct lab_options options = {.host = host,
					    .advises = true,
					    .redirect = redirect,
					    .l2only = true,
					    .ipv6 = ipv6};

	over_ipv6 = ipv6;
	lab = lab_open(&options);
	lab_know(&lab);
}

/* From host to host, under blue's VSID. */
static uint32_t wrap(uint8_t *bytes, uint8_t from, uint8_t to,
		     const struct frames *inner)
{
	const struct codec_frame frame = {.vsid = {LAB_BLUE},
					  .size = inner->size};
	const struct codec_ends ends = {
		.source_mac = lab_host_mac(from),
		.hop_mac = lab_host_mac(to),
		.source = pa(from),
		.target = pa(to),
	};
	struct codec_path path;
	uint8_t lead[CODEC_LEAD];

	codec_path_make(&path, &ends);
	codec_write(&path, &frame, lead);
	memcpy(bytes, lead, path.size);
	memcpy(bytes + path.size, inner->bytes, inner->size);
	return path.size + inner->size;
}

/* -- told: host B gets what is not for it -----------------------------------
 */

/* UDP of the VM 5 on A to another one, wrapped for B. */
struct stray {
	uint8_t inner[ROOM], bytes[ROOM];
	struct frames frame;
	uint32_t size;
};

static void make_stray(struct stray *stray, uint8_t to)
{
	stray->frame = lab_frame4(stray->inner, 5, to, VS_IP_UDP);
	frames_udp(&stray->frame);
	frames_bytes(&stray->frame, "stray", 5);
	frames_finish(&stray->frame, VS_IP_UDP);
	stray->size = wrap(stray->bytes, 1, 2, &stray->frame);
}

static uint32_t gre(void)
{
	return over_ipv6 ? 54 : 34;
}

static const char *arrives(const struct stray *stray)
{
	return lab_in(&lab, lab_packet(&lab, stray->bytes, stray->size, 0));
}

static unsigned int told(void)
{
	unsigned int i, count = 0;

	for (i = 0; i < lab.fake->seen.emitted_count; i++)
		count += lab.fake->seen.emitted[i].where == VS_EMIT_UPLINK;
	return count;
}

/* What was said last, as it stands on the wire. */
static struct control_message said(void)
{
	const struct fake_emitted *emitted =
		&lab.fake->seen.emitted[lab.fake->seen.emitted_count - 1];
	const struct vs_view *view = &emitted->packet->view;
	struct control_message message;
	struct codec_packet packet;
	struct codec_outer outer;
	struct control_bytes frame;
	enum wnv_reason reason = WNV_REASONS;

	ck_assert_int_eq(emitted->where, VS_EMIT_UPLINK);
	ck_assert(codec_find(view->data, view->size, &outer));
	ck_assert(!codec_read(view, &outer, &packet, &reason));
	ck_assert_int_eq(reason, WNV_CONTROL_BAD);
	ck_assert_uint_eq(packet.vsid.value, VS_VSID_CONTROL);
	ck_assert(is_pa(&packet.source, 2));
	ck_assert(is_pa(&packet.target, 1));
	frame = (struct control_bytes){view->data + packet.inner,
				       packet.end - packet.inner};
	ck_assert(control_read(&frame, &message));
	return message;
}

START_TEST(sender_learns_where_the_vm_is)
{
	struct control_message message;
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, _i);
	make_stray(&stray, 8); /* lives on C */
	ck_assert_str_eq(arrives(&stray), "dst_not_local");
	ck_assert_uint_eq(told(), 1);
	message = said();
	ck_assert_uint_eq(message.kind, CONTROL_REDIRECT);
	ck_assert(is_pa(&message.from, 2));
	ck_assert(is_pa(&message.to, 3));
	ck_assert_uint_eq(message.quote.vsid.value, LAB_BLUE);
	ck_assert_uint_eq(message.quote.target_ca.ip.octet[15], 8);
	lab_close(&lab);
}
END_TEST

START_TEST(sender_learns_that_nobody_knows_the_vm)
{
	struct control_message message;
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, _i);
	make_stray(&stray, 200);
	ck_assert_str_eq(arrives(&stray), "dst_not_local");
	message = said();
	ck_assert_uint_eq(message.kind, CONTROL_UNREACHABLE);
	ck_assert(is_pa(&message.to, 1));
	lab_close(&lab);
}
END_TEST

START_TEST(vsid_without_policy_is_unreachable_and_a_mismatch)
{
	struct control_message message;
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, _i);
	make_stray(&stray, 7);
	vs_store16(stray.bytes + gre() + 5, 0x1000);
	ck_assert_str_eq(arrives(&stray), "vsid_unknown");
	message = said();
	ck_assert_uint_eq(message.kind, CONTROL_UNREACHABLE);
	ck_assert_uint_eq(message.quote.vsid.value, 0x1000);
	ck_assert_uint_eq(lab.fake->seen.event_count, 1);
	ck_assert_uint_eq(lab.fake->seen.events[0].event,
			  WNV_EVENT_POLICY_MISMATCH);
	lab_close(&lab);
}
END_TEST

static void to_everybody(struct stray *stray)
{
	memset(stray->bytes + gre() + 8, 0xff, 6);
}

static void not_ip(struct stray *stray)
{
	vs_store16(stray->bytes + gre() + 8 + 12, 0x88b5);
}

static void of_nobody(struct stray *stray)
{
	/* not vouched for: a MAC of C's from A */
	stray->bytes[gre() + 8 + 6 + 5] = 8;
}

static void for_us(struct stray *stray)
{
	struct vs_mac mac = lab_vm_mac(7);

	memcpy(stray->bytes + gre() + 8, mac.octet, 6);
	stray->bytes[gre() + 8 + 33] = 7;
}

START_TEST(nobody_is_told_of_what_is_no_vms_unicast)
{
	static void (*const changes[])(struct stray *) = {to_everybody, not_ip,
							  of_nobody, for_us};
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, false);
	make_stray(&stray, 8);
	changes[_i](&stray);
	arrives(&stray);
	ck_assert_uint_eq(told(), 0);
	lab_close(&lab);
}
END_TEST

START_TEST(off_says_nothing)
{
	struct stray stray;

	open_host(2, WNV_REDIRECT_OFF, false);
	make_stray(&stray, 8);
	ck_assert_str_eq(arrives(&stray), "dst_not_local");
	ck_assert_uint_eq(told(), 0);
	lab_close(&lab);
}
END_TEST

START_TEST(same_news_is_told_once_a_second)
{
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, false);
	make_stray(&stray, 8);
	for (unsigned int i = 0; i < 100; i++)
		arrives(&stray);
	ck_assert_uint_eq(told(), 1);
	lab.fake->call.now_ns += 1000000000;
	arrives(&stray);
	ck_assert_uint_eq(told(), 2);
	lab_close(&lab);
}
END_TEST

START_TEST(peer_is_told_ten_times_a_second_at_most)
{
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, _i);
	for (unsigned int i = 0; i < 60; i++) {
		make_stray(&stray, (uint8_t)(150 + i));
		ck_assert_str_eq(arrives(&stray), "dst_not_local");
	}
	ck_assert_uint_eq(told(), 10);
	lab_close(&lab);
}
END_TEST

START_TEST(trace_says_nothing_to_anybody)
{
	struct stray stray;

	open_host(2, WNV_REDIRECT_NOTIFY, false);
	lab.fake->call.tracing = true;
	make_stray(&stray, 8);
	ck_assert_str_eq(arrives(&stray), "dst_not_local");
	ck_assert_uint_eq(told(), 0);
	lab_close(&lab);
}
END_TEST

/* -- heard: host A sent to VM 7 on B, which says that it is on C ------------
 */

/* A message from a host to A, about what A sent to B. */
struct advice {
	uint8_t kind, from, to;
	uint8_t vm;	/* 7 */
	uint8_t sender; /* the VM that sent, 5 */
	uint32_t vsid;	/* LAB_BLUE */
	bool ca6;
};

static const struct advice redirect = {CONTROL_REDIRECT, 2,    3, 7, 5,
				       LAB_BLUE,	 false};

static struct frames packet_of(const struct advice *advice, uint8_t *buffer)
{
	struct frames frame = advice->ca6 ? lab_frame6(buffer, advice->sender,
						       advice->vm, VS_IP_UDP)
					  : lab_frame4(buffer, advice->sender,
						       advice->vm, VS_IP_UDP);

	frames_udp(&frame);
	frames_bytes(&frame, "payload", 7);
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static uint32_t write_advice(const struct advice *advice, uint8_t *bytes)
{
	static const struct control_macs macs = {{{2, 0xbb}}, {{2, 0xaa}}};
	const struct control_message message = {.kind = advice->kind,
						.from = pa(advice->from),
						.to = pa(advice->to)};
	uint8_t buffer[ROOM], wrapped[ROOM], made[CONTROL_FRAME];
	struct frames sent = packet_of(advice, buffer);
	uint32_t size = wrap(wrapped, 1, advice->from, &sent);
	struct frames frame = {.bytes = made};

	vs_store32(wrapped + gre() + 4, advice->vsid << 8);
	frame.size = control_write(
		&message, &macs,
		&(struct control_bytes){wrapped + 14, size - 14}, made);
	size = wrap(bytes, advice->from, 1, &frame);
	memset(bytes + gre() + 4, 0xff, 3);
	return size;
}

static const char *hears(const struct advice *advice)
{
	uint8_t bytes[ROOM];
	uint32_t size = write_advice(advice, bytes);

	return lab_in(&lab, lab_packet(&lab, bytes, size, 0));
}

/* The last byte of the PA that a packet to VM 7 goes to. */
static uint8_t goes_to(bool ca6)
{
	struct advice advice = redirect;
	uint8_t buffer[ROOM], bytes[ROOM];
	struct frames frame;
	uint8_t last;

	advice.ca6 = ca6;
	frame = packet_of(&advice, buffer);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"sent");
	fake_sent_bytes(lab.fake, 0, bytes, sizeof(bytes));
	last = bytes[over_ipv6 ? 14 + 39 : 14 + 19];
	lab.fake->seen.sent_count = 0;
	return last;
}

/* A packet of VM 7 from a host. */
static const char *comes_from(uint8_t host)
{
	uint8_t buffer[ROOM], bytes[ROOM];
	struct frames frame = lab_frame4(buffer, 7, 5, VS_IP_UDP);
	uint32_t size;

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	size = wrap(bytes, host, 1, &frame);
	return lab_in(&lab, lab_packet(&lab, bytes, size, 0));
}

START_TEST(notify_tells_and_changes_nothing)
{
	open_host(1, WNV_REDIRECT_NOTIFY, _i);
	ck_assert_str_eq(hears(&redirect), "redirect");
	ck_assert_uint_eq(lab.fake->seen.event_count, 1);
	ck_assert_uint_eq(lab.fake->seen.events[0].event, WNV_EVENT_REDIRECT);
	ck_assert_str_eq(lab.fake->seen.events[0].text,
			 _i ? "10.0.0.7 in 5001 is at 2001:db8::c000:203, says "
			      "2001:db8::c000:202"
			    : "10.0.0.7 in 5001 is at 192.0.2.3, says "
			      "192.0.2.2");
	ck_assert_uint_eq(goes_to(false), 2);
	ck_assert_str_eq(comes_from(2), "pass");
	ck_assert_str_eq(comes_from(3), "pa_src_mismatch");
	ck_assert_uint_eq(told(), 0);
	lab_close(&lab);
}
END_TEST

START_TEST(apply_follows_both_ways_for_all_addresses_of_the_vm)
{
	open_host(1, WNV_REDIRECT_APPLY, _i);
	ck_assert_str_eq(comes_from(3), "pa_src_mismatch");
	ck_assert_str_eq(hears(&redirect), "redirect");
	ck_assert_ptr_nonnull(strstr(
		lab.fake->seen.events[lab.fake->seen.event_count - 1].text,
		": followed"));
	ck_assert_uint_eq(goes_to(false), 3);
	ck_assert_uint_eq(goes_to(true), 3);
	ck_assert_str_eq(comes_from(3), "pass");
	ck_assert_str_eq(comes_from(2), "pass"); /* under way */
	lab_close(&lab);
}
END_TEST

/* What `ca list` says of a record beside its fields: only "why" is kept. */
static char why[160];

static void reply_text(struct vs_reply *reply, const char *name,
		       const char *text)
{
	(void)reply;
	if (strcmp(name, "why") == 0)
		snprintf(why, sizeof(why), "%s", text);
}

static void reply_truth(struct vs_reply *reply, const char *name, bool truth)
{
	(void)reply;
	(void)name;
	(void)truth;
}

static const char *why_of(const char *ca)
{
	static const struct vs_reply_ops ops = {.struct_size = sizeof(ops),
						.text = reply_text,
						.truth = reply_truth};
	struct vs_reply reply = {&ops};

	why[0] = '\0';
	wnv_status_ca(lab.state, lab.fake->call.now_ns, "5001", ca, &reply);
	return why;
}

START_TEST(record_says_that_it_is_not_what_is_followed)
{
	open_host(1, WNV_REDIRECT_APPLY, false);
	ck_assert_str_eq(why_of("10.0.0.7"), "");
	ck_assert_str_eq(hears(&redirect), "redirect");
	ck_assert_str_eq(why_of("10.0.0.7"),
			 "its host said that it is at 192.0.2.3, and is "
			 "believed for now");
	ck_assert_str_eq(why_of("10.0.0.8"), "");
	lab_close(&lab);
}
END_TEST

START_TEST(what_is_followed_ends_by_itself)
{
	open_host(1, WNV_REDIRECT_APPLY, false);
	ck_assert_str_eq(hears(&redirect), "redirect");
	lab.fake->call.now_ns += REDIRECTS_LIFE_NS - 1000000000;
	lab_know(&lab);
	ck_assert_uint_eq(goes_to(false), 3);
	lab.fake->call.now_ns += 2000000000;
	lab_know(&lab);
	ck_assert_uint_eq(goes_to(false), 2);
	ck_assert_str_eq(comes_from(3), "pa_src_mismatch");
	lab_close(&lab);
}
END_TEST

static const struct wnv_record *record_7(void)
{
	struct wnv_ca ca;

	ck_assert(!vs_ip_parse("10.0.0.7", &ca.ip));
	return wnv_record_find(lab.state, (struct vs_vsid){LAB_BLUE}, &ca);
}

START_TEST(policy_that_changed_is_followed_instead)
{
	struct wnv_record record;

	open_host(1, WNV_REDIRECT_APPLY, false);
	ck_assert_str_eq(hears(&redirect), "redirect");
	record = *record_7();
	ck_assert_ptr_nonnull(
		wnv_redirected(lab.state, &record, lab.fake->call.now_ns));
	record.pa = pa(3);
	ck_assert_ptr_null(
		wnv_redirected(lab.state, &record, lab.fake->call.now_ns));
	lab_close(&lab);
}
END_TEST

/* Nothing goes there, is taken from there or is said to be there. */
START_TEST(place_that_left_policy_is_not_followed)
{
	const struct wnv_pa gone = pa(77);

	open_host(1, WNV_REDIRECT_APPLY, false);
	redirects_put(lab.redirects, record_7(), &gone, lab.fake->call.now_ns);
	ck_assert_uint_eq(goes_to(false), 2);
	ck_assert_str_eq(comes_from(2), "pass");
	ck_assert_str_eq(comes_from(77), "pa_src_unknown");
	ck_assert_str_eq(why_of("10.0.0.7"), "");
	lab_close(&lab);
}
END_TEST

START_TEST(vm_that_moves_again_is_followed_again)
{
	struct advice again = redirect;

	open_host(1, WNV_REDIRECT_APPLY, false);
	again.from = 3;
	again.to = 2;
	ck_assert_str_eq(hears(&again), "control_bad");
	ck_assert_str_eq(hears(&redirect), "redirect");
	ck_assert_uint_eq(goes_to(false), 3);
	ck_assert_str_eq(hears(&again), "redirect");
	ck_assert_uint_eq(goes_to(false), 2);
	lab_close(&lab);
}
END_TEST

/* Followed only to where a record of the tenant is. */
START_TEST(stranger_is_named_and_not_followed)
{
	struct advice advice = redirect;

	open_host(1, WNV_REDIRECT_APPLY, false);
	advice.to = 77;
	ck_assert_str_eq(hears(&advice), "redirect");
	ck_assert_str_eq(lab.fake->seen.events[0].text,
			 "10.0.0.7 in 5001 is at 192.0.2.77, says 192.0.2.2");
	ck_assert_uint_eq(goes_to(false), 2);
	advice.to = 1; /* this very host */
	ck_assert_str_eq(hears(&advice), "redirect");
	ck_assert_uint_eq(goes_to(false), 2);
	lab_close(&lab);
}
END_TEST

START_TEST(unreachable_is_an_event)
{
	struct advice advice = redirect;

	open_host(1, WNV_REDIRECT_APPLY, _i);
	advice.kind = CONTROL_UNREACHABLE;
	advice.to = 1;
	ck_assert_str_eq(hears(&advice), "redirect");
	ck_assert_uint_eq(lab.fake->seen.events[0].event,
			  WNV_EVENT_UNREACHABLE);
	ck_assert_uint_eq(goes_to(false), 2);
	lab_close(&lab);
}
END_TEST

/* Each differs from what is believed in one thing. */
static const struct advice lies[] = {
	{CONTROL_REDIRECT, 3, 2, 7, 5, LAB_BLUE, false},   /* from C */
	{CONTROL_REDIRECT, 2, 2, 7, 5, LAB_BLUE, false},   /* to itself */
	{CONTROL_REDIRECT, 2, 3, 8, 5, LAB_BLUE, false},   /* C's VM */
	{CONTROL_REDIRECT, 2, 3, 6, 5, LAB_BLUE, false},   /* ours */
	{CONTROL_REDIRECT, 2, 3, 200, 5, LAB_BLUE, false}, /* nobody's */
	{CONTROL_REDIRECT, 2, 3, 7, 8, LAB_BLUE, false},   /* we sent it not */
	{CONTROL_REDIRECT, 2, 3, 7, 5, 4711, false},	   /* no such VSID */
	{CONTROL_REDIRECT, 2, 3, 7, 5, VS_VSID_CONTROL, false},
	{CONTROL_UNREACHABLE, 2, 3, 7, 5, LAB_BLUE, false}, /* told C */
};

START_TEST(lies_are_refused_by_name)
{
	open_host(1, WNV_REDIRECT_APPLY, false);
	ck_assert_str_eq(hears(&lies[_i]), "control_bad");
	ck_assert_uint_eq(lab.fake->seen.event_count, 0);
	ck_assert_uint_eq(goes_to(false), 2);
	lab_close(&lab);
}
END_TEST

START_TEST(off_hears_nothing)
{
	open_host(1, WNV_REDIRECT_OFF, _i);
	ck_assert_str_eq(hears(&redirect), "control_bad");
	lab_close(&lab);
}
END_TEST

START_TEST(unknown_sender_and_other_frames_are_refused)
{
	uint8_t bytes[ROOM];
	uint32_t size;

	open_host(1, WNV_REDIRECT_APPLY, false);
	size = write_advice(&redirect, bytes);
	bytes[14 + 15] = 99; /* the outer source */
	vs_store16(bytes + 24, 0);
	vs_store16(bytes + 24, vs_checksum(vs_sum(0, bytes + 14, 20)));
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, bytes, size, 0)),
			 "pa_src_unknown");
	size = write_advice(&redirect, bytes);
	bytes[34 + 8 + 14 + 20] = 8; /* an echo */
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, bytes, size, 0)),
			 "control_bad");
	lab_close(&lab);
}
END_TEST

START_TEST(peer_is_believed_ten_times_a_second_at_most)
{
	open_host(1, WNV_REDIRECT_NOTIFY, _i);
	for (unsigned int i = 0; i < 10; i++)
		ck_assert_str_eq(hears(&redirect), "redirect");
	ck_assert_str_eq(hears(&redirect), "control_rate");
	ck_assert_uint_eq(lab.fake->seen.event_count, 10);
	lab.fake->call.now_ns += 1000000000;
	ck_assert_str_eq(hears(&redirect), "redirect");
	lab_close(&lab);
}
END_TEST

/* From a VM the same bytes are its own business, both ways. */
START_TEST(same_types_from_a_vm_are_payload)
{
	uint8_t buffer[ROOM], bytes[ROOM];
	struct frames frame;
	uint32_t size;

	open_host(1, WNV_REDIRECT_APPLY, false);
	frame = lab_frame4(buffer, 5, 7, VS_IP_ICMP);
	frames_bytes(&frame, "\x05\x0a\0\0\xc0\0\x02\x03", 8);
	vs_store16(buffer + 36, vs_checksum(vs_sum(0, buffer + 34, 8)));
	frames_finish_ip(&frame);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"sent");
	frame = lab_frame4(buffer, 7, 5, VS_IP_ICMP);
	frames_bytes(&frame, "\x05\x0a\0\0\xc0\0\x02\x03", 8);
	frames_finish_ip(&frame);
	size = wrap(bytes, 2, 1, &frame);
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, bytes, size, 0)),
			 "pass");
	ck_assert_uint_eq(lab.fake->seen.event_count, 0);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_advise");
	TCase *tell = tcase_create("told"), *hear = tcase_create("heard");

	tcase_add_loop_test(tell, sender_learns_where_the_vm_is, 0, 2);
	tcase_add_loop_test(tell, sender_learns_that_nobody_knows_the_vm, 0, 2);
	tcase_add_loop_test(
		tell, vsid_without_policy_is_unreachable_and_a_mismatch, 0, 2);
	tcase_add_loop_test(tell, nobody_is_told_of_what_is_no_vms_unicast, 0,
			    4);
	tcase_add_test(tell, off_says_nothing);
	tcase_add_test(tell, same_news_is_told_once_a_second);
	tcase_add_loop_test(tell, peer_is_told_ten_times_a_second_at_most, 0,
			    2);
	tcase_add_test(tell, trace_says_nothing_to_anybody);
	suite_add_tcase(suite, tell);
	tcase_add_loop_test(hear, notify_tells_and_changes_nothing, 0, 2);
	tcase_add_loop_test(hear,
			    apply_follows_both_ways_for_all_addresses_of_the_vm,
			    0, 2);
	tcase_add_test(hear, record_says_that_it_is_not_what_is_followed);
	tcase_add_test(hear, what_is_followed_ends_by_itself);
	tcase_add_test(hear, policy_that_changed_is_followed_instead);
	tcase_add_test(hear, place_that_left_policy_is_not_followed);
	tcase_add_test(hear, vm_that_moves_again_is_followed_again);
	tcase_add_test(hear, stranger_is_named_and_not_followed);
	tcase_add_loop_test(hear, unreachable_is_an_event, 0, 2);
	tcase_add_loop_test(hear, lies_are_refused_by_name, 0,
			    (int)(sizeof(lies) / sizeof(lies[0])));
	tcase_add_loop_test(hear, off_hears_nothing, 0, 2);
	tcase_add_test(hear, unknown_sender_and_other_frames_are_refused);
	tcase_add_loop_test(hear, peer_is_believed_ten_times_a_second_at_most,
			    0, 2);
	tcase_add_test(hear, same_types_from_a_vm_are_payload);
	suite_add_tcase(suite, hear);
	return suite_main(suite);
}
