// SPDX-License-Identifier: Apache-2.0
/*
 * What keeps tenants apart, barrier by barrier, and all together. Each barrier
 * has a test of its own, by its name, in the order of the walk: the first that
 * fails is the one that is missing (tests/mutants takes each away). The last
 * test is isolation itself: it stays true with any one of them gone.
 */
#include "core/reason.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/trust.h"

static uint8_t buffer[2048], wire[4096];

/* -- the barriers -----------------------------------------------------------
 */

START_TEST(stamp)
{
	struct frames frame;

	trust_open("");
	frame = trust_udp(buffer, 5, 6, LAB_RED);
	trust_arrives(0, fabric_port(trust, 0, "red5"), &frame, 0, "red6");
	ck_assert_uint_eq(trust_seen.last.vsid.value, LAB_RED);
	trust_close();
}
END_TEST

/* equal MACs in two tenants: each has its own port, configured or learned */
START_TEST(mac_key)
{
	struct rig *rig = rig_open(NULL);
	uint8_t bytes[60];

	rig_port(rig, "blue2", 2, 5001);
	rig_port(rig, "blue3", 3, 5001);
	rig_port(rig, "red4", 4, 6001);
	rig_port(rig, "red5", 5, 6001)->mac = rig->plan[1].info.mac;
	rig_port(rig, "blue6", 6, 5001)->mac_guard = false;
	rig_port(rig, "red7", 7, 6001)->mac_guard = false;
	rig_publish(rig);
	rig_input(rig, 4, bytes, rig_udp(bytes, 60, 4, 3));
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 5);
	rig_input(rig, 6, bytes, rig_udp(bytes, 60, 77, 2));
	rig_input(rig, 7, bytes, rig_udp(bytes, 60, 77, 4));
	rig_forget(rig);
	rig_input(rig, 2, bytes, rig_udp(bytes, 60, 2, 77));
	rig_input(rig, 4, bytes, rig_udp(bytes, 60, 4, 77));
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert_uint_eq(rig->sent[0].port.value, 6);
	ck_assert_uint_eq(rig->sent[1].port.value, 7);
	rig_close(rig);
}
END_TEST

/* blue's VM .9 is on another host; red has no .9 */
START_TEST(lookup)
{
	const struct lab_variant variant = {"5001", "6001", "", false};
	struct frames frame;
	struct lab_text text;
	char *red;

	lab_document(&text, &variant);
	red = strstr(text.bytes, "\"red\"");
	red = strstr(red, "\"10.0.0.9\"");
	memcpy(red, "\"10.0.9.9\"", 10);
	red = strstr(text.bytes, "\"red\"");
	red = strstr(red, "10.0.0.0/24");
	memcpy(red, "10.0.0.0/16", 11);
	trust = fabric_open(text.bytes, 1);
	trust->seen = trust_look;
	memset(&trust_seen, 0, sizeof(trust_seen));
	frame = trust_udp(buffer, 5, 9, LAB_RED);
	trust_refused(0, fabric_port(trust, 0, "red5"), frame.bytes, frame.size,
		      "no_lookup_record");
	frame = trust_udp(buffer, 5, 9, LAB_BLUE);
	fabric_in(trust, 0, fabric_port(trust, 0, "blue5"), frame.bytes,
		  frame.size);
	trust_close();
}
END_TEST

/* host b says that it is the VM of the third host */
START_TEST(inbound_check)
{
	struct frames frame;
	uint32_t size;

	trust_open("");
	frame = trust_udp(buffer, 9, 5, LAB_BLUE);
	size = trust_wrap(wire, &frame, LAB_BLUE);
	trust_refused(0, fabric_uplink(trust, 0), wire, size,
		      "pa_src_mismatch");
	trust_close();
}
END_TEST

/* Every frame to port 4, whoever that is. */
static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		vs_decision_add(decision, (struct vs_port_id){4});
}

static const struct vs_forward_class forwards = {.decide = decide};
static const struct vs_extension chooser = {
	VS_EXTENSION_HEAD, .name = "chooser", .forward = &forwards};

START_TEST(deliver)
{
	struct rig *rig = rig_open(NULL);
	uint8_t bytes[60];

	rig_port(rig, "blue2", 2, 5001);
	rig_port(rig, "red4", 4, 6001);
	rig_attach(rig, &chooser);
	rig_publish(rig);
	rig_input(rig, 2, bytes, rig_udp(bytes, 60, 2, 4));
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VSID_ACL), 1);
	rig_close(rig);
}
END_TEST

/* -- isolation --------------------------------------------------------------
 */

static uint32_t crossed;

/* A frame of the VMs carries its tenant's number; a port's name tells whose
 * it is. */
static void look(struct fabric *fabric, const struct fabric_seen *seen)
{
	const struct fabric_host *host = &fabric->host[seen->host];
	uint32_t owner = 0, mark;

	if (seen->uplink || seen->size < TRUST_MARK + 4)
		return;
	for (uint16_t i = 0; i < host->port_count; i++)
		if (host->info[i].id.value == seen->port)
			owner = host->info[i].name[0] == 'b'   ? LAB_BLUE
				: host->info[i].name[0] == 'r' ? LAB_RED
							       : 0;
	mark = vs_load32(seen->bytes + TRUST_MARK);
	if ((mark == LAB_BLUE || mark == LAB_RED) && mark != owner)
		crossed++;
}

/* From everybody to everybody, known and unknown, one and all. */
START_TEST(isolation)
{
	static const char *const names[2][4] = {
		{"blue5", "blue6", "red5", "red6"},
		{"blue7", "blue8", "red7", "red8"}};
	struct prng prng = prng_start(prng_seed());
	const struct lab_variant variant = {"5001", "6001", "", false};
	struct lab_text text;

	trust = fabric_open(lab_document(&text, &variant), 1);
	trust->seen = look;
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t random = (uint32_t)prng_u32(&prng);
		unsigned int host = random & 1, who = random >> 1 & 3;
		uint32_t tenant = who < 2 ? LAB_BLUE : LAB_RED;
		uint8_t from = (uint8_t)(5 + 2 * host + (who & 1));
		uint8_t to = (uint8_t)(4 + (random >> 3) % 8);
		struct frames frame = trust_udp(buffer, from, to, tenant);

		if (!(random >> 8 & 7))
			memset(buffer, 0xff, 6);
		fabric_in(trust, host,
			  fabric_port(trust, host, names[host][who]),
			  frame.bytes, frame.size);
	}
	ck_assert_msg(!crossed, "%u frames crossed", crossed);
	fabric_close(trust);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("barriers");
	TCase *tcase = tcase_create("barriers");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, stamp);
	tcase_add_test(tcase, mac_key);
	tcase_add_test(tcase, lookup);
	tcase_add_test(tcase, inbound_check);
	tcase_add_test(tcase, deliver);
	tcase_add_test(tcase, isolation);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
