// SPDX-License-Identifier: Apache-2.0
/*
 * Stateful rules on a switch: who may answer whom, for how long, and what a
 * change of the rules does to flows; fragments; errors about flows; both kinds
 * of ACL together; limits per VSID. Everything for IPv4 and IPv6.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "core/reason.h"
#include "core/switch_state.h"
#include "core/xacl_saved.h"
#include "packet/packet.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define SECOND	UINT64_C(1000000000)
#define DENY	VS_REASON_ACL_EXTENDED_DENY
#define PASSED	VS_REASON_NONE
#define FAMILY	(_i ? 6 : 4)
#define MESSAGE 64u

static struct rig *rig;
static struct vs_port_plan *vm2, *vm3;
static uint8_t bytes[2000];
static struct vs_xacl_rule rules[8];
static uint32_t rule_count;

static struct vs_switch_params params(void)
{
	return (struct vs_switch_params){.workers = 2, .flows = 64};
}

static void setup(void)
{
	struct vs_switch_params made = params();

	rig = rig_open(&made);
	vm2 = rig_port(rig, "vm2", 2, 5001);
	vm3 = rig_port(rig, "vm3", 3, 5001);
	vm3->worker = 1;
	rig_port(rig, "vm4", 4, 5001);
	rule_count = 0;
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

/* -- rules of vm2 -----------------------------------------------------------
 */

static struct vs_xacl_rule *rule(bool inbound, uint16_t weight)
{
	struct vs_xacl_rule *added = &rules[rule_count++];

	*added = (struct vs_xacl_rule){
		.inbound = inbound,
		.weight = weight,
		.protocol = VS_XACL_PROTOCOL_ANY,
		.local_ports = {1, 0},
		.remote_ports = {1, 0},
		.idle_s = 60,
	};
	return added;
}

/* As an apply does: all ports again, vm2 with the rules as they are now. */
static void publish(void)
{
	struct vs_xacl *now = vs_switch_xacl(rig->sw, vm2->info.id);

	if (rule_count)
		vm2->xacl = now && vs_xacl_is(now, rules, rule_count)
				    ? vs_xacl_ref(now)
				    : vs_xacl_build(now, rules, rule_count, 2);
	rig_publish(rig);
}

/* vm2 may ask whom it likes, nobody may ask it. */
static void only_answers(void)
{
	struct vs_xacl_rule *out = rule(false, 10);

	out->allow = true;
	out->stateful = true;
	rule(true, 1);
	publish();
}

/* -- frames between vm2 and vm3 ---------------------------------------------
 */

struct packet {
	uint8_t protocol, from, to; /* octets */
	uint16_t source, target;
	uint16_t fragment, id; /* in 8 bytes, with 0x2000 = more */
};

static void put_ip(int family, const struct packet *packet,
		   struct frames *frame, uint32_t size)
{
	uint8_t *ip;

	if (family == 4) {
		frames_ipv4(frame, packet->protocol);
		ip = bytes + frame->l3;
		ip[15] = packet->from;
		ip[19] = packet->to;
		if (packet->fragment)
			vs_store16(ip + 6, packet->fragment);
		vs_store16(ip + 4, packet->id);
		return;
	}
	frames_ipv6(frame, packet->fragment ? 44 : packet->protocol);
	ip = bytes + frame->l3;
	ip[23] = packet->from;
	ip[39] = packet->to;
	if (packet->fragment) {
		uint8_t header[8] = {packet->protocol};

		vs_store16(header + 2, (uint16_t)(packet->fragment << 3 |
						  packet->fragment >> 13));
		vs_store16(header + 6, packet->id);
		frames_bytes(frame, header, 8);
		frame->l4 = frame->size;
	}
	(void)size;
}

static uint32_t build(int family, const struct packet *packet)
{
	struct frames frame = frames_ethernet(
		bytes, family == 4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6);

	bytes[5] = packet->to;
	bytes[11] = packet->from;
	put_ip(family, packet, &frame, MESSAGE);
	memset(bytes + frame.size, 0, MESSAGE);
	frame.size += MESSAGE;
	if (packet->protocol == VS_IP_TCP)
		bytes[frame.l4 + 12] = 0x50;
	if (packet->protocol == VS_IP_UDP)
		vs_store16(bytes + frame.l4 + 4, MESSAGE);
	if (!(packet->fragment & 0x1fff)) {
		vs_store16(bytes + frame.l4, packet->source);
		vs_store16(bytes + frame.l4 + 2, packet->target);
	}
	frames_finish_ip(&frame);
	return frame.size;
}

/* 0: it came to where it should; else the reason that it was dropped for. */
static uint16_t sent(const struct packet *packet, uint32_t size)
{
	static const uint16_t reasons[] = {DENY, VS_REASON_ACL_DENY,
					   VS_REASON_ACL_FLOW_LIMIT};
	uint64_t before[3];
	uint16_t i, answer = UINT16_MAX;

	for (i = 0; i < 3; i++)
		before[i] = rig_dropped(rig, reasons[i]);
	rig_forget(rig);
	rig_input(rig, packet->from, bytes, size);
	for (i = 0; i < 3; i++)
		if (rig_dropped(rig, reasons[i]) == before[i] + 1)
			answer = reasons[i];
	if (answer != UINT16_MAX) {
		ck_assert_uint_eq(rig->sent_count, 0);
		return answer;
	}
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, packet->to);
	return PASSED;
}

static uint16_t send(int family, struct packet packet)
{
	return sent(&packet, build(family, &packet));
}

static uint16_t ask(int family, uint16_t port)
{
	return send(family, (struct packet){.protocol = VS_IP_TCP,
					    .from = 2,
					    .to = 3,
					    .source = 40000,
					    .target = port});
}

static uint16_t answer(int family, uint16_t port)
{
	return send(family, (struct packet){.protocol = VS_IP_TCP,
					    .from = 3,
					    .to = 2,
					    .source = port,
					    .target = 40000});
}

static uint32_t flows(struct xacl_flow *last)
{
	struct xacl_flow flow;
	uint64_t cursor = 0;
	uint32_t count = 0;

	while (vs_switch_flow_next(rig->sw, vm2->info.id, &cursor, &flow)) {
		if (last)
			*last = flow;
		count++;
	}
	return count;
}

/* -- flows ------------------------------------------------------------------
 */

START_TEST(answers_pass_and_questions_do_not)
{
	struct xacl_flow flow = {0};

	only_answers();
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 81), DENY);
	ck_assert_uint_eq(send(FAMILY, (struct packet){.protocol = VS_IP_UDP,
						       .from = 3,
						       .to = 2,
						       .source = 80,
						       .target = 40000}),
			  DENY);
	ck_assert_uint_eq(send(FAMILY, (struct packet){.protocol = VS_IP_TCP,
						       .from = 4,
						       .to = 2,
						       .source = 80,
						       .target = 40000}),
			  DENY);
	ck_assert_uint_eq(flows(&flow), 1);
	ck_assert(!flow.inbound);
	ck_assert_uint_eq(flow.local.octet[15], 2);
	ck_assert_uint_eq(flow.remote.octet[15], 3);
	ck_assert_uint_eq(flow.local_port, 40000);
	ck_assert_uint_eq(flow.remote_port, 80);
	ck_assert_uint_eq(flow.vsid.value, 5001);
	ck_assert_uint_eq(flow.protocol, VS_IP_TCP);
	ck_assert_uint_eq(flow.idle_s, 60);
	ck_assert_uint_eq(
		vs_xacl_hits(vs_switch_xacl(rig->sw, vm2->info.id), 0), 1);
}
END_TEST

START_TEST(server_answers_though_nothing_may_leave)
{
	struct vs_xacl_rule *in = rule(true, 10);

	in->allow = true;
	in->stateful = true;
	in->protocol = VS_IP_TCP;
	in->local_ports = (struct vs_port_range){443, 443};
	rule(true, 5);
	rule(false, 5);
	publish();
	ck_assert_uint_eq(ask(FAMILY, 80), DENY);
	ck_assert_uint_eq(send(FAMILY, (struct packet){.protocol = VS_IP_TCP,
						       .from = 3,
						       .to = 2,
						       .source = 50000,
						       .target = 443}),
			  PASSED);
	ck_assert_uint_eq(send(FAMILY, (struct packet){.protocol = VS_IP_TCP,
						       .from = 2,
						       .to = 3,
						       .source = 443,
						       .target = 50000}),
			  PASSED);
	ck_assert_uint_eq(ask(FAMILY, 50000), DENY);
}
END_TEST

START_TEST(retransmitted_syn_of_a_denied_flow_stays_denied)
{
	int i;

	only_answers();
	for (i = 0; i < 5; i++) {
		ck_assert_uint_eq(answer(FAMILY, 80), DENY);
		rig_advance(rig, SECOND);
	}
	ck_assert_uint_eq(flows(NULL), 0);
	/* nor does it once the basic ACL is what denied it */
	vm2->acl = vs_acl_build(&(struct vs_acl_rule){.outbound = true,
						      .by_mac = true,
						      .any_mac = true,
						      .side = VS_ACL_REMOTE},
				1, 2);
	publish();
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(ask(FAMILY, 80), VS_REASON_ACL_DENY);
		ck_assert_uint_eq(answer(FAMILY, 80), DENY);
	}
	ck_assert_uint_eq(flows(NULL), 0);
}
END_TEST

START_TEST(flow_ends_after_its_own_idle_time)
{
	int i;

	only_answers();
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	for (i = 0; i < 4; i++) { /* frames of both sides keep it */
		rig_advance(rig, 50 * SECOND);
		ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	}
	rig_advance(rig, 61 * SECOND);
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
	ck_assert_uint_eq(flows(NULL), 0);
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
}
END_TEST

/* As many days as ages are kept for, and one: what nobody took away by then
 * would look as if it were new. */
#define DAYS (27 * 86400 * SECOND)

static uint64_t entries(const struct vs_table *table)
{
	struct vs_table_stats stats;

	vs_table_stats(table, &stats);
	return stats.entries;
}

START_TEST(flow_of_the_longest_time_ends_and_does_not_return)
{
	only_answers();
	rules[0].idle_s = UINT16_MAX;
	publish();
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	rig_advance(rig, (UINT16_MAX - 1) * SECOND);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	rig_advance(rig, (UINT16_MAX + 1) * SECOND);
	rig_tick(rig);
	ck_assert_uint_eq(entries(rig->sw->xacl.flows), 0);
	rig_advance(rig, DAYS);
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
}
END_TEST

START_TEST(answer_to_a_first_fragment_does_not_return)
{
	int i;

	only_answers();
	ck_assert_uint_eq(send(FAMILY, (struct packet){.protocol = VS_IP_UDP,
						       .from = 2,
						       .to = 3,
						       .fragment = 0x2000,
						       .id = 1}),
			  PASSED);
	ck_assert_uint_eq(entries(rig->sw->xacl.fragments), 1);
	for (i = 0; i < 120; i++)
		rig_advance(rig, SECOND);
	ck_assert_uint_eq(entries(rig->sw->xacl.fragments), 0);
}
END_TEST

START_TEST(basic_acl_is_asked_for_each_frame_of_a_flow)
{
	only_answers();
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	vm2->acl = vs_acl_build(&(struct vs_acl_rule){.inbound = true,
						      .by_mac = true,
						      .any_mac = true,
						      .side = VS_ACL_REMOTE},
				1, 2);
	publish();
	ck_assert_uint_eq(answer(FAMILY, 80), VS_REASON_ACL_DENY);
	publish();
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
}
END_TEST

START_TEST(changed_rules_end_the_flows_that_they_would_not_let_in)
{
	only_answers();
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(ask(FAMILY, 81), PASSED);
	rule(false, 20)->remote_ports = (struct vs_port_range){81, 81};
	rules[rule_count - 1].protocol = VS_IP_TCP;
	publish();
	/* the answer is judged by what its question would be now */
	ck_assert_uint_eq(answer(FAMILY, 81), DENY);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	ck_assert_uint_eq(ask(FAMILY, 81), DENY);
	/* all rules go and come again: flows of before are no flows */
	rule_count = 0;
	publish();
	ck_assert_uint_eq(answer(FAMILY, 81), PASSED);
	only_answers();
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
}
END_TEST

START_TEST(flows_of_a_port_are_not_those_of_its_successor)
{
	only_answers();
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	vm2->vsids[0].value = 5002;
	vm3->vsids[0].value = 5002;
	publish();
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	strcpy(vm2->info.name, "other");
	publish();
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
}
END_TEST

/* -- what has no ports ------------------------------------------------------
 */

static uint16_t echo(int family, bool reply, uint8_t from, uint16_t id)
{
	struct packet packet = {.protocol =
					family == 4 ? VS_IP_ICMP : VS_IP_ICMP6,
				.from = from,
				.to = (uint8_t)(5 - from)};
	uint32_t size = build(family, &packet);
	uint8_t *icmp = bytes + size - MESSAGE;

	icmp[0] =
		(uint8_t)(family == 4 ? (reply ? 0 : 8) : (reply ? 129 : 128));
	vs_store16(icmp + 4, id);
	return sent(&packet, size);
}

START_TEST(echo_is_a_flow_of_its_identifier)
{
	only_answers();
	ck_assert_uint_eq(echo(FAMILY, true, 3, 7), DENY);
	ck_assert_uint_eq(echo(FAMILY, false, 2, 7), PASSED);
	ck_assert_uint_eq(echo(FAMILY, true, 3, 7), PASSED);
	ck_assert_uint_eq(echo(FAMILY, true, 3, 8), DENY);
}
END_TEST

/* An ICMP error from vm4, a router say, about a packet from vm2 to vm3. */
static uint16_t error_about(int family, uint16_t target)
{
	struct packet quoted = {.protocol = VS_IP_TCP,
				.from = 2,
				.to = 3,
				.source = 40000,
				.target = target};
	struct packet packet = {.protocol =
					family == 4 ? VS_IP_ICMP : VS_IP_ICMP6,
				.from = 4,
				.to = 2};
	uint32_t size = build(family, &quoted), at;
	uint8_t quote[MESSAGE - 8];

	memcpy(quote, bytes + VS_ETHERNET_SIZE, sizeof(quote));
	size = build(family, &packet);
	at = size - MESSAGE;
	bytes[at] = family == 4 ? 3 : 2;
	bytes[at + 1] = family == 4 ? 4 : 0;
	memcpy(bytes + at + 8, quote, sizeof(quote));
	return sent(&packet, size);
}

START_TEST(error_about_a_flow_passes_and_no_other)
{
	only_answers();
	ck_assert_uint_eq(error_about(FAMILY, 80), DENY);
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(error_about(FAMILY, 80), PASSED);
	ck_assert_uint_eq(error_about(FAMILY, 81), DENY);
}
END_TEST

static uint16_t piece(int family, uint16_t target, uint16_t fragment,
		      uint16_t id)
{
	return send(family, (struct packet){.protocol = VS_IP_UDP,
					    .from = 3,
					    .to = 2,
					    .source = 1000,
					    .target = target,
					    .fragment = fragment,
					    .id = id});
}

START_TEST(fragments_follow_their_first)
{
	struct vs_xacl_rule *in = rule(true, 10);

	in->allow = true;
	in->protocol = VS_IP_UDP;
	in->local_ports = (struct vs_port_range){53, 53};
	rule(true, 1);
	publish();
	/* without its first, it has no port and meets no rule that names one */
	ck_assert_uint_eq(piece(FAMILY, 53, 8, 1), DENY);
	ck_assert_uint_eq(piece(FAMILY, 53, 0x2000, 1), PASSED);
	ck_assert_uint_eq(piece(FAMILY, 53, 8, 1), PASSED);
	ck_assert_uint_eq(piece(FAMILY, 53, 8, 2), DENY);
	ck_assert_uint_eq(piece(FAMILY, 54, 0x2000, 2), DENY);
	ck_assert_uint_eq(piece(FAMILY, 54, 8, 2), DENY);
	rig_advance(rig, 31 * SECOND);
	ck_assert_uint_eq(piece(FAMILY, 53, 8, 1), DENY);
	/* what is denied stays so for its rest, though no rule denies that */
	rules[1].local_ports = (struct vs_port_range){1, 52};
	publish();
	ck_assert_uint_eq(piece(FAMILY, 20, 0x2000, 3), DENY);
	ck_assert_uint_eq(piece(FAMILY, 20, 8, 3), DENY);
	ck_assert_uint_eq(piece(FAMILY, 20, 8, 4), PASSED);
}
END_TEST

START_TEST(what_is_no_ip_meets_no_rule)
{
	struct frames frame = frames_ethernet(bytes, 0x88b5);

	rule(true, 1);
	rule(false, 1);
	publish();
	bytes[5] = 3;
	bytes[11] = 2;
	memset(bytes + frame.size, 0, 46);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(ask(4, 80), DENY);
}
END_TEST

START_TEST(each_vsid_has_a_limit_of_flows)
{
	uint32_t refused = 0, i, passed = 0;

	only_answers();
	for (i = 1; i <= 200; i++) {
		uint16_t reason = ask(FAMILY, (uint16_t)i);

		passed += reason == PASSED;
		refused += reason == VS_REASON_ACL_FLOW_LIMIT;
	}
	ck_assert_uint_eq(passed + refused, 200);
	ck_assert_uint_le(flows(NULL), 16); /* a quarter of 64 */
	ck_assert_uint_gt(flows(NULL), 8);
	/* another VSID is not concerned */
	vm2->vsids[0].value = 5002;
	vm3->vsids[0].value = 5002;
	publish();
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
}
END_TEST

START_TEST(flows_go_with_their_vm_to_another_host)
{
	struct vs_switch_params made = params();
	struct vs_error error = {0};
	struct rig *there;
	uint8_t *saved, *none;
	int64_t size;

	only_answers();
	ck_assert_int_eq(xacl_save(rig->sw, vm2->info.id, &none), 0);
	ck_assert_uint_eq(ask(FAMILY, 80), PASSED);
	ck_assert_uint_eq(ask(FAMILY, 81), PASSED);
	rig_advance(rig, 10 * SECOND);
	size = xacl_save(rig->sw, vm2->info.id, &saved);
	ck_assert_int_eq(size, 8 + 2 * 44);
	/* the other host's rules do not let 81 out */
	there = rig;
	rig = rig_open(&made);
	vm2 = rig_port(rig, "vm2", 2, 5001);
	vm3 = rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
	rig->now = there->now + 1000 * SECOND;
	rule_count = 0;
	rule(false, 20)->remote_ports = (struct vs_port_range){81, 81};
	only_answers();
	rig_tick(rig);
	ck_assert_uint_eq(answer(FAMILY, 80), DENY);
	ck_assert_int_eq(xacl_restore(rig->sw, vm2->info.id, saved,
				      (size_t)size, &error),
			 1);
	ck_assert_uint_eq(flows(NULL), 1);
	ck_assert_uint_eq(answer(FAMILY, 80), PASSED);
	ck_assert_uint_eq(answer(FAMILY, 81), DENY);
	/* what is cut, or something else, is refused and changes nothing */
	ck_assert_int_eq(xacl_restore(rig->sw, vm2->info.id, saved,
				      (size_t)size - 1, &error),
			 -EINVAL);
	saved[0] ^= 1;
	ck_assert_int_eq(xacl_restore(rig->sw, vm2->info.id, saved,
				      (size_t)size, &error),
			 -EINVAL);
	free(saved);
	ck_assert_int_eq(rig_balance(there), 0);
	rig_close(there);
}
END_TEST

START_TEST(flow_takes_less_than_128_bytes)
{
	size_t size = xacl_flows_size(1000000, VS_GROUPS);

	ck_assert_uint_gt(size, 0);
	ck_assert_uint_lt(size, 120 * 1000000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xacl_flow");
	TCase *tcase = tcase_create("xacl_flow");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, answers_pass_and_questions_do_not, 0, 2);
	tcase_add_loop_test(tcase, server_answers_though_nothing_may_leave, 0,
			    2);
	tcase_add_loop_test(
		tcase, retransmitted_syn_of_a_denied_flow_stays_denied, 0, 2);
	tcase_add_loop_test(tcase, flow_ends_after_its_own_idle_time, 0, 2);
	tcase_add_loop_test(
		tcase, flow_of_the_longest_time_ends_and_does_not_return, 0, 2);
	tcase_add_loop_test(tcase, answer_to_a_first_fragment_does_not_return,
			    0, 2);
	tcase_add_loop_test(tcase, basic_acl_is_asked_for_each_frame_of_a_flow,
			    0, 2);
	tcase_add_loop_test(
		tcase, changed_rules_end_the_flows_that_they_would_not_let_in,
		0, 2);
	tcase_add_loop_test(
		tcase, flows_of_a_port_are_not_those_of_its_successor, 0, 2);
	tcase_add_loop_test(tcase, echo_is_a_flow_of_its_identifier, 0, 2);
	tcase_add_loop_test(tcase, error_about_a_flow_passes_and_no_other, 0,
			    2);
	tcase_add_loop_test(tcase, fragments_follow_their_first, 0, 2);
	tcase_add_test(tcase, what_is_no_ip_meets_no_rule);
	tcase_add_loop_test(tcase, each_vsid_has_a_limit_of_flows, 0, 2);
	tcase_add_loop_test(tcase, flows_go_with_their_vm_to_another_host, 0,
			    2);
	tcase_add_test(tcase, flow_takes_less_than_128_bytes);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
