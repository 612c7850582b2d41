/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What DHCP teaches, and what it must not (hnv.md A7.5, A7.12): only the
 * acknowledgement of what an L2Only VM asked for itself, of an address that
 * policy gives to nobody. ARP and ND have scenarios.
 */
#include <check.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/learn.h"

#define DHCP	42u /* offset in the frame */
#define XID	0x01020304u
#define REQUEST 3u
#define OFFER	2u
#define ACK	5u
#define HERE	12u /* the L2Only VM on A */
#define THERE	13u /* on B */
#define LEASE	90u
#define FLOOD	2000u

static struct lab lab;
static struct learned *learned;

static void open_lab(void)
{
	static const struct lab_options options = {.host = 1, .l2only = true};

	lab = lab_open(&options);
	learned = learned_create(5);
	ck_assert_ptr_nonnull(learned);
	wnv_state_set_learned(lab.state, learned);
	lab_know(&lab);
}

static void close_lab(void)
{
	lab_close(&lab);
	learned_destroy(learned);
}

/* A message of `client`, or to it if it comes from another VM. */
static struct frames dhcp(uint8_t *buffer, uint8_t from, uint8_t client,
			  uint8_t type, uint8_t lease)
{
	bool asks = from == client;
	struct frames frame =
		lab_frame4(buffer, from, asks ? 255 : client, VS_IP_UDP);
	struct vs_mac mac = lab_vm_mac(client);
	uint8_t *udp = buffer + 34, *at = buffer + DHCP;

	memset(udp, 0, 8 + 244);
	if (asks) {
		memset(buffer, 0xff, 6);
		memset(buffer + 26, 0, 4);
		memset(buffer + 30, 0xff, 4);
	}
	vs_store16(udp, asks ? 68 : 67);
	vs_store16(udp + 2, asks ? 67 : 68);
	vs_store16(udp + 4, 8 + 244);
	at[0] = asks ? 1 : 2;
	at[1] = 1;
	at[2] = 6;
	vs_store32(at + 4, XID);
	if (!asks)
		vs_store32(at + 16, 0x0a000000u + lease);
	memcpy(at + 28, mac.octet, 6);
	vs_store32(at + 236, 0x63825363);
	at[240] = 53;
	at[241] = 1;
	at[242] = type;
	at[243] = 255;
	frame.size = DHCP + 244;
	frames_finish_ip(&frame);
	return frame;
}

static void out(const struct frames *frame)
{
	lab_out(&lab, lab_packet(&lab, frame->bytes, frame->size, LAB_BLUE));
	lab_clear(&lab);
}

static const char *in(const struct frames *frame)
{
	uint8_t wire[1024];
	const char *answer;

	answer = lab_in(&lab,
			lab_packet(&lab, wire, lab_wrap(wire, 2, 1, frame), 0));
	lab_clear(&lab);
	return answer;
}

/* Whose is the address? 0: nobody's. */
static uint8_t holder(uint8_t number)
{
	struct learned_key key = {.vsid = {LAB_BLUE}};
	const uint8_t bytes[4] = {10, 0, 0, number};
	struct vs_mac mac;

	key.ca.ip = vs_ip_from_v4(bytes);
	return learned_find(learned, &key, lab.fake->call.now_ns, &mac)
		       ? mac.octet[5]
		       : 0;
}

START_TEST(acknowledgement_from_the_wire_teaches_a_client_here)
{
	uint8_t buffer[512];
	struct frames frame = dhcp(buffer, HERE, HERE, REQUEST, 0);

	open_lab();
	out(&frame);
	frame = dhcp(buffer, 7, HERE, ACK, LEASE);
	ck_assert_str_eq(in(&frame), "pass");
	ck_assert_uint_eq(holder(LEASE), HERE);
	close_lab();
}
END_TEST

START_TEST(acknowledgement_of_a_server_here_teaches_a_client_there)
{
	uint8_t buffer[512];
	struct frames frame = dhcp(buffer, THERE, THERE, REQUEST, 0);

	open_lab();
	ck_assert_str_eq(in(&frame), "pass");
	frame = dhcp(buffer, 5, THERE, ACK, LEASE);
	out(&frame);
	ck_assert_uint_eq(holder(LEASE), THERE);
	close_lab();
}
END_TEST

/* Each differs from what teaches in one thing. */
START_TEST(what_does_not_answer_a_request_teaches_nothing)
{
	uint8_t buffer[512];
	struct frames frame;

	open_lab();
	/* nobody asked */
	frame = dhcp(buffer, 7, HERE, ACK, LEASE);
	in(&frame);
	ck_assert_uint_eq(holder(LEASE), 0);
	/* only a request asks, not in another's name, not by another xid */
	frame = dhcp(buffer, HERE, HERE, OFFER, 0);
	out(&frame);
	frame = dhcp(buffer, HERE, HERE, REQUEST, 0);
	buffer[DHCP + 33] = THERE;
	out(&frame);
	frame = dhcp(buffer, HERE, HERE, REQUEST, 0);
	buffer[DHCP + 7]++;
	out(&frame);
	frame = dhcp(buffer, 7, HERE, ACK, LEASE);
	in(&frame);
	ck_assert_uint_eq(holder(LEASE), 0);
	/* an offer is no acknowledgement; broken options are none either */
	frame = dhcp(buffer, HERE, HERE, REQUEST, 0);
	out(&frame);
	frame = dhcp(buffer, 7, HERE, OFFER, LEASE);
	in(&frame);
	frame = dhcp(buffer, 7, HERE, ACK, LEASE);
	buffer[DHCP + 241] = 200;
	in(&frame);
	frame = dhcp(buffer, 7, HERE, ACK, LEASE);
	buffer[DHCP + 236]++;
	in(&frame);
	ck_assert_uint_eq(learned_count(learned), 0);
	close_lab();
}
END_TEST

START_TEST(address_of_policy_is_not_leased)
{
	/* a VM's, the gateway's, the network's outside */
	static const uint8_t taken[] = {5, 7, 1};
	uint8_t buffer[512];
	struct frames frame = dhcp(buffer, HERE, HERE, REQUEST, 0);
	size_t i;

	open_lab();
	out(&frame);
	for (i = 0; i < sizeof(taken); i++) {
		frame = dhcp(buffer, 7, HERE, ACK, taken[i]);
		in(&frame);
	}
	frame = dhcp(buffer, 7, HERE, ACK, LEASE);
	vs_store32(buffer + DHCP + 16, 0xc0a80001);
	in(&frame);
	ck_assert_uint_eq(learned_count(learned), 0);
	close_lab();
}
END_TEST

/* A VM that claims all addresses: each once, what others have never. */
START_TEST(flood_of_claims_is_bounded_and_takes_nothing)
{
	struct vs_claim claim = {
		.vsid = {LAB_BLUE},
		.mac = lab_vm_mac(HERE),
		.kind = VS_CLAIM_ARP,
	};
	uint8_t bytes[4] = {10, 0, 0, 0};
	uint32_t i, passed = 0;

	open_lab();
	for (i = 0; i < FLOOD; i++) {
		bytes[3] = (uint8_t)i;
		claim.ip = vs_ip_from_v4(bytes);
		passed += learn_may_send(&lab.fake->call, &claim);
		lab_clear(&lab);
	}
	/* 256 addresses; 0 and 255 are none of its subnet's business here */
	ck_assert_uint_le(learned_count(learned), 256);
	ck_assert_uint_gt(passed, 0);
	for (i = 5; i <= 10; i++)
		ck_assert_uint_eq(holder((uint8_t)i), 0);
	ck_assert_uint_eq(holder(1), 0);
	ck_assert_uint_eq(holder(77), HERE);
	close_lab();
}
END_TEST

START_TEST(traced_frames_teach_nothing)
{
	const uint8_t bytes[4] = {10, 0, 0, 77};
	struct vs_claim claim = {
		.vsid = {LAB_BLUE},
		.mac = lab_vm_mac(HERE),
		.kind = VS_CLAIM_ARP,
		.ip = vs_ip_from_v4(bytes),
	};

	open_lab();
	lab.fake->call.tracing = true;
	ck_assert(learn_may_send(&lab.fake->call, &claim));
	ck_assert_uint_eq(holder(77), 0);
	lab.fake->call.tracing = false;
	ck_assert(learn_may_send(&lab.fake->call, &claim));
	ck_assert_uint_eq(holder(77), HERE);
	close_lab();
}
END_TEST

/* -- who is told that something changed ---------------------------------------
 */

/* The VSIDs of whose frames answers are no longer; a bit each. */
enum { BLUE = 1, NEAR = 2, RED = 4, ELSE = 8 };

static int outdated(void)
{
	struct fake_records *seen = &lab.fake->seen;
	int of = 0;

	for (unsigned int i = 0; i < seen->outdated_count; i++) {
		uint32_t vsid = seen->outdated[i].value;
		int bit = vsid == LAB_BLUE   ? BLUE
			  : vsid == LAB_NEAR ? NEAR
			  : vsid == LAB_RED  ? RED
					     : ELSE;

		ck_assert_int_eq(of & bit, 0); /* each once */
		of |= bit;
	}
	seen->outdated_count = 0;
	ck_assert_uint_eq(seen->invalidations, 0);
	return of;
}

static void open_with_neighbours(void)
{
	static const struct lab_options options = {
		.host = 1, .l2only = true, .shared = true, .routed = true};

	lab = lab_open(&options);
	learned = learned_create(5);
	ck_assert_ptr_nonnull(learned);
	wnv_state_set_learned(lab.state, learned);
	lab_know(&lab);
	lab.fake->seen.invalidations = 0;
}

static void claims(uint32_t vsid, uint8_t client, enum wnv_vouch vouch)
{
	const uint8_t bytes[4] = {10, 0, 0, 77};
	struct wnv_sight sight = {
		.source_mac = lab_vm_mac(client),
		.has_ca = true,
		.ca = {vs_ip_from_v4(bytes)},
	};

	learn_arrival(&lab.fake->call, (struct vs_vsid){vsid}, &sight, vouch,
		      true);
}

/* A routed frame bears the VSID of its other end. */
START_TEST(contest_concerns_its_routing_domain_and_no_other)
{
	open_with_neighbours();
	claims(LAB_BLUE, HERE, WNV_VOUCH_FREE);
	ck_assert_uint_eq(holder(77), HERE);
	ck_assert_int_eq(outdated(), 0);
	claims(LAB_BLUE, THERE, WNV_VOUCH_HELD);
	ck_assert_int_eq(outdated(), BLUE | NEAR);
	claims(LAB_NEAR, THERE, WNV_VOUCH_HELD);
	ck_assert_int_eq(outdated(), BLUE | NEAR);
	claims(LAB_RED, THERE, WNV_VOUCH_HELD);
	ck_assert_int_eq(outdated(), RED);
	close_lab();
}
END_TEST

static void takes(uint8_t owner)
{
	const uint8_t bytes[4] = {10, 0, 0, 80};
	const struct vs_claim claim = {
		.vsid = {LAB_BLUE},
		.mac = lab_vm_mac(owner),
		.kind = VS_CLAIM_ARP,
		.ip = vs_ip_from_v4(bytes),
	};

	ck_assert(learn_may_send(&lab.fake->call, &claim));
}

START_TEST(shared_address_that_goes_over_concerns_its_routing_domain)
{
	open_with_neighbours();
	takes(14); /* whose it is while nobody says so */
	ck_assert_int_eq(outdated(), 0);
	takes(15);
	ck_assert_uint_eq(holder(80), 15);
	ck_assert_int_eq(outdated(), BLUE | NEAR);
	takes(15);
	ck_assert_int_eq(outdated(), 0);
	takes(14);
	ck_assert_int_eq(outdated(), BLUE | NEAR);
	close_lab();
}
END_TEST

START_TEST(address_that_moves_concerns_its_routing_domain)
{
	uint64_t before;

	open_with_neighbours();
	claims(LAB_BLUE, HERE, WNV_VOUCH_FREE);
	claims(LAB_BLUE, THERE, WNV_VOUCH_HELD);
	outdated();
	before = lab.fake->call.now_ns;
	lab.fake->call.now_ns += LEARNED_CONTEST_NS;
	learn_tick(&lab.fake->call, before);
	ck_assert_uint_eq(holder(77), THERE);
	ck_assert_int_eq(outdated(), BLUE | NEAR);
	close_lab();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_learn");
	TCase *tests = tcase_create("learn");

	tcase_add_test(tests,
		       acknowledgement_from_the_wire_teaches_a_client_here);
	tcase_add_test(tests,
		       acknowledgement_of_a_server_here_teaches_a_client_there);
	tcase_add_test(tests, what_does_not_answer_a_request_teaches_nothing);
	tcase_add_test(tests, address_of_policy_is_not_leased);
	tcase_add_test(tests, flood_of_claims_is_bounded_and_takes_nothing);
	tcase_add_test(tests, traced_frames_teach_nothing);
	tcase_add_test(tests, contest_concerns_its_routing_domain_and_no_other);
	tcase_add_test(tests, address_that_moves_concerns_its_routing_domain);
	tcase_add_test(
		tests,
		shared_address_that_goes_over_concerns_its_routing_domain);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
