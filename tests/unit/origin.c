// SPDX-License-Identifier: Apache-2.0
/*
 * Where frames come from and what holds for them (hnv.md C3, C4.9, C5): what
 * an extension originates or clones, whose policies it meets, and in which
 * order stations and extensions see a frame.
 */
#include <string.h>

#include "core/acl.h"
#include "core/reason.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

enum deed {
	NOTHING,
	NEW,	   /* from nobody */
	NEW_FROM,  /* as if vm2 had sent it */
	NEW_TO,	   /* to vm3 alone, from nobody */
	COPY,	   /* the source goes with it */
	COPY_TO,   /* to vm3 alone, from vm2 */
	COPY_WIRE, /* of what came from the wire, to a MAC there */
	SPLIT,	   /* vm3 alone gets another frame */
	EXCLUDE,
};

static struct rig *rig;
static struct {
	enum deed deed;
	char order[16];
	struct vs_port_id copied; /* the source of a copy */
	uint16_t flags;
} seen;
static uint8_t bytes[60];

static const struct vs_port_id nobody = {0}, vm2 = {2}, vm3 = {3};

static void saw(char who)
{
	size_t end = strlen(seen.order);

	if (end < sizeof(seen.order) - 1)
		seen.order[end] = who;
}

static void emit_new(const struct vs_call *call)
{
	struct vs_frame *frame =
		call->host->frame_new(call, 60, (struct vs_vsid){5001});

	rig_udp(vs_frame_edit(frame, 0, 60), 60, 2, 3);
	ck_assert_uint_eq(vs_view(frame)->port.value, 0);
	call->host->emit(call, frame,
			 seen.deed == NEW_TO ? VS_EMIT_PORT : VS_EMIT_INGRESS,
			 seen.deed == NEW_TO ? vm3 : nobody,
			 seen.deed == NEW_FROM ? vm2 : nobody);
}

static void emit_copy(const struct vs_call *call, const struct vs_frame *frame)
{
	struct vs_frame *copy = call->host->frame_copy(call, frame);

	seen.copied = vs_view(copy)->port;
	seen.flags = vs_view(copy)->flags;
	if (seen.deed == SPLIT)
		*vs_frame_edit(copy, 50, 1) = 0x77;
	if (seen.deed == COPY || seen.deed == COPY_WIRE)
		call->host->emit(call, copy, VS_EMIT_INGRESS, nobody, nobody);
	else
		call->host->emit(call, copy, VS_EMIT_PORT, vm3,
				 vs_view(frame)->port);
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	saw('f');
	VS_FOR_EACH (frame, burst) {
		if (vs_view(frame)->flags & VS_FRAME_INJECTED)
			continue;
		if (seen.deed >= NEW && seen.deed <= NEW_TO)
			emit_new(call);
		if (seen.deed >= COPY && seen.deed <= COPY_WIRE)
			emit_copy(call, frame);
	}
}

static void egress(const struct vs_call *call, struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	saw('F');
	VS_FOR_EACH (delivery, burst) {
		const struct vs_frame *frame = vs_delivery_frame(delivery);

		if (vs_view(frame)->flags & VS_FRAME_INJECTED ||
		    seen.deed < SPLIT)
			continue;
		vs_delivery_exclude(delivery, vm3, VS_REASON_NONE);
		ck_assert(!vs_delivery_has(delivery, vm3));
		if (seen.deed == SPLIT)
			emit_copy(call, frame);
	}
}

static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	saw('d');
	VS_FOR_EACH (decision, burst)
		vs_decision_learn(decision);
}

static void decided(const struct vs_call *call, struct vs_delivery_burst *burst)
{
	(void)call;
	(void)burst;
	saw('D');
}

static const struct vs_filter_class filters = {.ingress = ingress,
					       .egress = egress};
static const struct vs_extension filter = {VS_EXTENSION_HEAD, .name = "sieve",
					   .filter = &filters};
static const struct vs_forward_class forwards = {.decide = decide,
						 .egress = decided};
static const struct vs_extension forward = {
	VS_EXTENSION_HEAD, .name = "chooser", .forward = &forwards};

static void set_up(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
	rig_port(rig, "red", 6, 6001);
}

static void tear_down(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

/* A port denies all that it sends, or all that comes to it. */
static void deny(uint16_t port, bool inbound)
{
	struct vs_acl_rule rule = {.inbound = inbound,
				   .outbound = !inbound,
				   .side = VS_ACL_REMOTE,
				   .by_mac = true,
				   .any_mac = true};

	rig->plan[port - 2].acl = vs_acl_build(&rule, 1, 1);
}

static void send(enum deed deed, uint8_t to)
{
	seen.deed = deed;
	seen.order[0] = '\0';
	memset(seen.order, 0, sizeof(seen.order));
	rig_forget(rig);
	rig_input(rig, 2, bytes, rig_udp(bytes, sizeof(bytes), 2, to));
}

static uint32_t got(uint16_t port)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < rig->sent_count; i++)
		count += rig->sent[i].port.value == port;
	return count;
}

/* -- whose policies ---------------------------------------------------------
 */

START_TEST(frame_of_port_0_meets_no_policy_of_a_port)
{
	rig_attach(rig, &filter);
	deny(3, true);
	rig_publish(rig);
	send(NEW, 4);
	ck_assert_uint_eq(got(3), 1);
	send(NEW_TO, 4);
	ck_assert_uint_eq(got(3), 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 0);
	send(NOTHING, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 1);
}
END_TEST

START_TEST(frame_that_names_a_source_meets_its_policies)
{
	rig_attach(rig, &filter);
	deny(2, false);
	rig_publish(rig);
	send(NEW_FROM, 4);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_ACL_DENY), 2);
	send(NEW, 4);
	ck_assert_uint_eq(got(3), 1);
}
END_TEST

START_TEST(frame_of_port_0_stays_in_its_vsid)
{
	rig_attach(rig, &filter);
	rig->plan[1].vsids[0].value = 6001;
	rig_publish(rig);
	send(NEW_TO, 4);
	ck_assert_uint_eq(got(3), 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VSID_ACL), 1);
}
END_TEST

START_TEST(copy_has_the_source_and_meets_its_policies)
{
	rig_attach(rig, &filter);
	deny(3, true);
	rig_publish(rig);
	send(COPY, 3);
	ck_assert_uint_eq(seen.copied.value, 2);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_ACL_DENY), 2);
	send(COPY_TO, 4);
	ck_assert_uint_eq(got(3), 0);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_ACL_DENY), 3);
	ck_assert_uint_eq(got(4), 1);
}
END_TEST

START_TEST(copy_of_what_came_from_the_wire_does_not_go_back)
{
	rig_port(rig, "host", 5, 0);
	rig_uplink(rig, "wire", 9);
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.deed = COPY_WIRE;
	rig_input(rig, 9, bytes, rig_udp(bytes, sizeof(bytes), 98, 99));
	ck_assert(seen.flags & VS_FRAME_FROM_WIRE);
	ck_assert_uint_eq(got(5), 2);
	ck_assert_uint_eq(got(9), 0);
}
END_TEST

/* -- clones -----------------------------------------------------------------
 */

START_TEST(copy_has_no_destinations)
{
	rig_attach(rig, &filter);
	rig_attach(rig, &forward);
	rig_publish(rig);
	send(COPY, 3);
	ck_assert_uint_eq(got(3), 2);
	/* the copy is decided on as any other */
	ck_assert_str_eq(seen.order, "fdDFdDF");
}
END_TEST

START_TEST(one_port_of_many_gets_another_frame)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(SPLIT, 99);
	ck_assert_uint_eq(rig->sent_count, 2);
	for (uint32_t i = 0; i < 2; i++)
		ck_assert_uint_eq(rig->sent[i].bytes[50],
				  rig->sent[i].port.value == 3 ? 0x77
							       : bytes[50]);
	ck_assert_uint_eq(got(3), 1);
	ck_assert_uint_eq(got(4), 1);
}
END_TEST

START_TEST(excluded_destination_stays_so_and_the_last_is_a_drop)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(EXCLUDE, 99);
	ck_assert_uint_eq(got(4), 1);
	ck_assert_uint_eq(got(3), 0);
	send(EXCLUDE, 3);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_EXCLUDED), 2);
}
END_TEST

/* -- the order --------------------------------------------------------------
 */

START_TEST(ingress_policy_stands_between_filters_and_forwarding)
{
	rig_attach(rig, &filter);
	rig_attach(rig, &forward);
	deny(2, false);
	rig_publish(rig);
	send(NOTHING, 3);
	ck_assert_str_eq(seen.order, "f");
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 1);
}
END_TEST

START_TEST(egress_policy_comes_before_filters)
{
	rig_attach(rig, &filter);
	rig_attach(rig, &forward);
	deny(3, true);
	rig_publish(rig);
	send(NOTHING, 3);
	ck_assert_str_eq(seen.order, "fd");
	send(NOTHING, 4);
	ck_assert_str_eq(seen.order, "fdDF");
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 1);
}
END_TEST

START_TEST(frames_of_ports_and_of_the_wire_go_one_way)
{
	rig_port(rig, "host", 5, 0);
	rig_uplink(rig, "wire", 9);
	rig_attach(rig, &filter);
	rig_attach(rig, &forward);
	rig_publish(rig);
	rig_input(rig, 9, bytes, rig_udp(bytes, sizeof(bytes), 99, 5));
	ck_assert_str_eq(seen.order, "fdDF");
	memset(seen.order, 0, sizeof(seen.order));
	rig_input(rig, 5, bytes, rig_udp(bytes, sizeof(bytes), 5, 99));
	ck_assert_str_eq(seen.order, "fdDF");
	ck_assert_uint_eq(got(5), 1);
	ck_assert_uint_eq(got(9), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("origin");
	TCase *tcase = tcase_create("origin");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, frame_of_port_0_meets_no_policy_of_a_port);
	tcase_add_test(tcase, frame_that_names_a_source_meets_its_policies);
	tcase_add_test(tcase, frame_of_port_0_stays_in_its_vsid);
	tcase_add_test(tcase, copy_has_the_source_and_meets_its_policies);
	tcase_add_test(tcase, copy_of_what_came_from_the_wire_does_not_go_back);
	tcase_add_test(tcase, copy_has_no_destinations);
	tcase_add_test(tcase, one_port_of_many_gets_another_frame);
	tcase_add_test(tcase,
		       excluded_destination_stays_so_and_the_last_is_a_drop);
	tcase_add_test(tcase,
		       ingress_policy_stands_between_filters_and_forwarding);
	tcase_add_test(tcase, egress_policy_comes_before_filters);
	tcase_add_test(tcase, frames_of_ports_and_of_the_wire_go_one_way);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
