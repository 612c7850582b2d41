// SPDX-License-Identifier: Apache-2.0
/*
 * deliver's VSID sets against a forward extension that chooses wrongly.
 */
#include "core/reason.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

/* Every frame to port 4, whoever that is. */
static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		vs_decision_add(decision, (struct vs_port_id){4});
}

static const struct vs_forward_class forward_class = {.decide = decide};
static const struct vs_extension chooser = {
	VS_EXTENSION_HEAD,
	.name = "chooser",
	.forward = &forward_class,
};

/* Port 4 in `vsid`; a frame from 2 to 3, both in 5001. */
static struct rig *choose(uint32_t vsid)
{
	struct rig *rig = rig_open(NULL);
	uint8_t bytes[60];

	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, vsid);
	rig_attach(rig, &chooser);
	rig_publish(rig);
	rig_input(rig, 2, bytes, rig_udp(bytes, 60, 2, 3));
	ck_assert_int_eq(rig_balance(rig), 0);
	return rig;
}

START_TEST(port_of_the_same_vsid_gets_the_frame)
{
	struct rig *rig = choose(5001);

	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 4);
	ck_assert_uint_eq(vs_switch_kept_out(rig->sw, (struct vs_port_id){4}),
			  0);
	rig_close(rig);
}
END_TEST

START_TEST(port_of_another_vsid_never_does)
{
	struct rig *rig = choose(5002);

	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_VSID_ACL), 1);
	ck_assert_uint_eq(vs_switch_kept_out(rig->sw, (struct vs_port_id){4}),
			  1);
	ck_assert_uint_eq(vs_switch_kept_out(rig->sw, (struct vs_port_id){3}),
			  0);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vsid_set");
	TCase *tcase = tcase_create("vsid_set");

	tcase_add_test(tcase, port_of_the_same_vsid_gets_the_frame);
	tcase_add_test(tcase, port_of_another_vsid_never_does);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
