/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What DHCPv6 teaches, and what it must not (RFC 8415): only the reply to what
 * an L2Only VM asked for itself, the addresses in it that are granted, and none
 * that policy gives to anybody.
 */
#include <check.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/learn.h"

#define HERE  12u /* the L2Only VM on A */
#define THERE 13u /* on B */
#define XID   0x010203u
#define DHCP  62u /* offset of the message in a frame */

enum { SOLICIT = 1, ADVERTISE, REQUEST, RENEW = 5, REBIND, REPLY, RELEASE };

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

/* -- messages -- */

struct message {
	uint8_t bytes[512];
	uint32_t size;
};

static void put16(struct message *message, unsigned int value)
{
	vs_store16(message->bytes + message->size, (uint16_t)value);
	message->size += 2;
}

static void put32(struct message *message, uint32_t value)
{
	vs_store32(message->bytes + message->size, value);
	message->size += 4;
}

static struct message message_of(uint8_t type, uint32_t xid)
{
	struct message message = {.size = 0};

	put32(&message, (uint32_t)type << 24 | xid);
	put16(&message, 1); /* client id */
	put16(&message, 4);
	put32(&message, 0x00030001);
	return message;
}

static void put_status(struct message *message, unsigned int status)
{
	put16(message, 13);
	put16(message, 2);
	put16(message, status);
}

/* An association with `inside` behind its head. */
static void put_association(struct message *message, unsigned int code,
			    const struct message *inside)
{
	uint32_t head = code == 3 ? 12 : 4;

	put16(message, code);
	put16(message, head + inside->size);
	memset(message->bytes + message->size, 0, head);
	message->size += head;
	memcpy(message->bytes + message->size, inside->bytes, inside->size);
	message->size += inside->size;
}

/* fd00::NUMBER, valid for so many seconds; what follows stands in it too. */
static void put_address(struct message *message, uint8_t number, uint32_t valid,
			uint32_t more)
{
	const uint8_t address[16] = {0xfd, [15] = number};

	put16(message, 5);
	put16(message, 24 + more);
	memcpy(message->bytes + message->size, address, 16);
	message->size += 16;
	put32(message, valid);
	put32(message, valid);
}

/* The reply that gives one address by an association of `code`. */
static struct message reply(uint8_t number, unsigned int code)
{
	struct message message = message_of(REPLY, XID), inside = {.size = 0};

	put_address(&inside, number, 3600, 0);
	put_association(&message, code, &inside);
	return message;
}

static const uint8_t servers[16] = {0xff, 2, [13] = 1, [15] = 2};

/* From a VM to all servers, or, with `to`, from a server to a client. */
static struct frames wrap(uint8_t *buffer, uint8_t from, uint8_t to,
			  const struct message *message)
{
	struct frames frame = lab_frame6(buffer, from, to ? to : 7, VS_IP_UDP);
	uint8_t udp[8] = {2, 0x22, 2, 0x23};

	memset(buffer + 22, 0, 32);
	buffer[22] = buffer[38] = 0xfe; /* link-local: from VM to VM */
	buffer[23] = buffer[39] = 0x80;
	buffer[37] = from;
	buffer[53] = to;
	if (to) {
		udp[1] = 0x23;
		udp[3] = 0x22;
	} else {
		memcpy(buffer, "\x33\x33\0\1\0\2", 6);
		memcpy(buffer + 38, servers, 16);
	}
	vs_store16(udp + 4, (uint16_t)(8 + message->size));
	frames_bytes(&frame, udp, 8);
	frames_bytes(&frame, message->bytes, message->size);
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static void out(uint8_t from, uint8_t to, const struct message *message)
{
	uint8_t buffer[1024];
	struct frames frame = wrap(buffer, from, to, message);

	lab_out(&lab, lab_packet(&lab, frame.bytes, frame.size, LAB_BLUE));
	lab_clear(&lab);
}

static const char *in(uint8_t from, uint8_t to, const struct message *message)
{
	uint8_t buffer[1024], wire[1024];
	struct frames frame = wrap(buffer, from, to, message);
	const char *answer;

	answer = lab_in(
		&lab, lab_packet(&lab, wire, lab_wrap(wire, 2, 1, &frame), 0));
	lab_clear(&lab);
	return answer;
}

/* Whose is fd00::NUMBER? 0: nobody's. */
static uint8_t holder(uint8_t number)
{
	const uint8_t bytes[16] = {0xfd, [15] = number};
	const struct learned_key key = {.vsid = {LAB_BLUE},
					.ca.ip = vs_ip_from_v6(bytes)};
	struct vs_mac mac;

	return learned_find(learned, &key, lab.fake->call.now_ns, &mac)
		       ? mac.octet[5]
		       : 0;
}

/* -- what teaches -- */

static const uint8_t asking[] = {SOLICIT, REQUEST, RENEW, REBIND};

START_TEST(reply_from_the_wire_teaches_a_client_here)
{
	struct message ask = message_of(asking[_i], XID), answer = reply(90, 3);

	open_lab();
	out(HERE, 0, &ask);
	ck_assert_str_eq(in(7, HERE, &answer), "pass");
	ck_assert_uint_eq(holder(90), HERE);
	close_lab();
}
END_TEST

START_TEST(reply_of_a_server_here_teaches_a_client_there)
{
	struct message ask = message_of(REQUEST, XID), answer = reply(90, 3);

	open_lab();
	ck_assert_str_eq(in(THERE, 0, &ask), "pass");
	out(5, THERE, &answer);
	ck_assert_uint_eq(holder(90), THERE);
	close_lab();
}
END_TEST

START_TEST(temporary_and_several_addresses_teach_too)
{
	struct message ask = message_of(REQUEST, XID), answer = reply(90, 4);
	struct message inside = {.size = 0};
	uint8_t i;

	open_lab();
	out(HERE, 0, &ask);
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(90), HERE);
	/* eight of a reply, not more */
	for (i = 0; i < 10; i++)
		put_address(&inside, (uint8_t)(100 + i), 60, 0);
	answer = message_of(REPLY, XID);
	put_association(&answer, 3, &inside);
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(107), HERE);
	ck_assert_uint_eq(holder(108), 0);
	close_lab();
}
END_TEST

/* -- what does not -- */

START_TEST(what_does_not_answer_a_request_teaches_nothing)
{
	struct message ask = message_of(REQUEST, XID), answer = reply(90, 3);
	struct message other = message_of(REQUEST, XID + 1);

	open_lab();
	in(7, HERE, &answer); /* nobody asked */
	ck_assert_uint_eq(holder(90), 0);
	out(HERE, 0, &other); /* something else */
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(90), 0);
	other = message_of(RELEASE, XID); /* no question */
	out(HERE, 0, &other);
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(90), 0);
	out(HERE, 0, &ask);
	answer.bytes[0] = ADVERTISE; /* no answer */
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(90), 0);
	answer.bytes[0] = REPLY;
	in(7, 5, &answer); /* to another VM */
	ck_assert_uint_eq(learned_count(learned), 0);
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(90), HERE);
	close_lab();
}
END_TEST

START_TEST(what_is_not_granted_is_not_learned)
{
	struct message ask = message_of(REQUEST, XID), answer, inside;

	open_lab();
	out(HERE, 0, &ask);
	/* taken back */
	inside.size = 0;
	put_address(&inside, 90, 0, 0);
	answer = message_of(REPLY, XID);
	put_association(&answer, 3, &inside);
	in(7, HERE, &answer);
	/* refused as an address, as an association, as a whole */
	inside.size = 0;
	put_address(&inside, 90, 60, 6);
	put_status(&inside, 2);
	answer = message_of(REPLY, XID);
	put_association(&answer, 3, &inside);
	in(7, HERE, &answer);
	inside.size = 0;
	put_address(&inside, 90, 60, 0);
	put_status(&inside, 2);
	answer = message_of(REPLY, XID);
	put_association(&answer, 3, &inside);
	in(7, HERE, &answer);
	answer = reply(90, 3);
	put_status(&answer, 1);
	in(7, HERE, &answer);
	ck_assert_uint_eq(learned_count(learned), 0);
	answer = reply(90, 3);
	put_status(&answer, 0);
	in(7, HERE, &answer);
	ck_assert_uint_eq(holder(90), HERE);
	close_lab();
}
END_TEST

START_TEST(address_of_policy_is_not_leased)
{
	/* a VM's, another's, the gateway's */
	static const uint8_t taken[] = {5, 7, 1};
	struct message ask = message_of(REQUEST, XID), answer;
	size_t i;

	open_lab();
	out(HERE, 0, &ask);
	for (i = 0; i < sizeof(taken); i++) {
		answer = reply(taken[i], 3);
		in(7, HERE, &answer);
	}
	answer = reply(90, 3);
	answer.bytes[answer.size - 24]--; /* fc00::90 is in no prefix */
	in(7, HERE, &answer);
	ck_assert_uint_eq(learned_count(learned), 0);
	close_lab();
}
END_TEST

/* Every cut of a reply is read within its bounds, and says nothing false. */
START_TEST(cut_replies_teach_nothing)
{
	struct message ask = message_of(REQUEST, XID), whole = reply(90, 3);
	struct message cut;

	open_lab();
	out(HERE, 0, &ask);
	for (cut = whole; cut.size-- > 0;) {
		in(7, HERE, &cut);
		ck_assert_uint_eq(learned_count(learned), 0);
	}
	close_lab();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_dhcp6");
	TCase *tests = tcase_create("DHCPv6");

	tcase_add_loop_test(tests, reply_from_the_wire_teaches_a_client_here, 0,
			    sizeof(asking));
	tcase_add_test(tests, reply_of_a_server_here_teaches_a_client_there);
	tcase_add_test(tests, temporary_and_several_addresses_teach_too);
	tcase_add_test(tests, what_does_not_answer_a_request_teaches_nothing);
	tcase_add_test(tests, what_is_not_granted_is_not_learned);
	tcase_add_test(tests, address_of_policy_is_not_leased);
	tcase_add_test(tests, cut_replies_teach_nothing);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
