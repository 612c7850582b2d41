// SPDX-License-Identifier: Apache-2.0
/*
 * flowstats on the fake host: what workers tell is what is shown; and the
 * table, which keeps whoever sent much.
 */
#include "tests/support/suite.h"

#include <string.h>

#include "extensions/flowstats/talkers.h"
#include "tests/support/fake_host.h"

#define SECOND UINT64_C(1000000000)

static struct fake_host *fake;
static char shown[1024];

static void say(struct vs_reply *reply, const char *name, const char *text)
{
	(void)reply;
	(void)name;
	strncat(shown, text, sizeof(shown) - strlen(shown) - 2);
	strcat(shown, " ");
}

static void number(struct vs_reply *reply, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	say(reply, name, text);
}

static void open_one(struct vs_reply *reply, const char *name)
{
	(void)reply;
	(void)name;
}

static void close_one(struct vs_reply *reply)
{
	(void)reply;
}

static const struct vs_reply_ops ops = {.struct_size = sizeof(ops),
					.text = say,
					.number = number,
					.open_list = open_one,
					.open_row = open_one,
					.close = close_one};

static const char *ask(uint32_t vsid, uint64_t count)
{
	struct vs_value values[2] = {
		{.kind = VS_KIND_VSID, .present = vsid, .vsid = {vsid}},
		{.kind = VS_KIND_NUMBER, .present = count, .number = count}};
	struct vs_reply reply = {&ops};
	struct vs_error error;

	shown[0] = '\0';
	ck_assert_int_eq(vs_extension.methods[0].run(fake->instance, values,
						     &reply, &error),
			 0);
	return shown;
}

static void send(uint8_t host, uint32_t size, uint32_t vsid, uint16_t flags)
{
	uint8_t bytes[512] = {0x02, 0, 0, 0, 0, 9, 0x02, 0, 0, 0, 0, 1};
	struct vs_packet *packet;

	bytes[12] = 0x08;
	bytes[14] = 0x45;
	bytes[16] = (uint8_t)((size - 14) >> 8);
	bytes[17] = (uint8_t)(size - 14);
	bytes[22] = 64;
	bytes[23] = 17;
	bytes[26] = 10;
	bytes[29] = host;
	bytes[30] = 10;
	bytes[33] = 9;
	packet = fake_frame(fake, bytes, size, 5, vsid);
	packet->view.flags |= flags;
	fake_ingress(fake, packet);
}

/* As the host does it: tick, then what was posted to the main thread. */
static void tick(void)
{
	fake->call.now_ns += SECOND;
	vs_extension.tick(&fake->call);
	for (unsigned int i = 0; i < fake->seen.post_count; i++)
		vs_extension.noted(fake->instance, &fake->seen.posts[i].note);
	fake->seen.post_count = 0;
}

static void set_up(void)
{
	fake = fake_host_open(&vs_extension);
}

static void tear_down(void)
{
	fake_host_close(fake);
}

START_TEST(senders_are_shown_by_bytes_in_their_vsid)
{
	send(5, 100, 5001, 0);
	send(7, 300, 5001, 0);
	send(7, 300, 5001, 0);
	send(5, 100, 6001, 0);
	ck_assert_str_eq(ask(0, 0), "");
	tick();
	ck_assert_str_eq(ask(5001, 0), "5001 10.0.0.7 600 2 0 "
				       "5001 10.0.0.5 100 1 0 ");
	ck_assert_str_eq(ask(6001, 0), "6001 10.0.0.5 100 1 0 ");
	ck_assert_str_eq(ask(0, 1), "5001 10.0.0.7 600 2 0 ");
	send(5, 100, 5001, 0);
	tick();
	ck_assert_str_eq(ask(5001, 0), "5001 10.0.0.7 600 2 0 "
				       "5001 10.0.0.5 200 2 0 ");
}
END_TEST

START_TEST(what_the_switch_makes_is_nobodys_talk)
{
	send(5, 100, 5001, VS_FRAME_INJECTED);
	send(5, 100, 5001, VS_FRAME_REFLECTED);
	fake->call.tracing = true;
	send(5, 100, 5001, 0);
	fake->call.tracing = false;
	tick();
	ck_assert_str_eq(ask(0, 0), "");
}
END_TEST

START_TEST(sender_without_ip_is_shown_by_its_mac)
{
	static const uint8_t bytes[60] = {0x02, 0, 0, 0, 0, 2,	  0x02,
					  0,	0, 0, 0, 1, 0x88, 0xb5};

	fake_ingress(fake, fake_frame(fake, bytes, sizeof(bytes), 5, 5001));
	tick();
	ck_assert_str_eq(ask(0, 0), "5001 02:00:00:00:00:01 60 1 0 ");
}
END_TEST

/* Whoever sent more than a share of 1/size stands in it, and no line says too
 * little or is wrong by more than it says. */
START_TEST(whoever_sends_much_is_not_lost_among_many)
{
	struct talker place[16];
	struct talkers talkers = {.size = 16, .of = place};
	uint64_t random = 1, sent[3] = {0};
	uint32_t i, found = 0;

	for (i = 0; i < 200000; i++) {
		struct talker who = {.frames = 1, .bytes = 100};
		uint32_t id;

		random = random * UINT64_C(6364136223846793005) + 1;
		id = (uint32_t)(random >> 33);
		id = id % 10 < 3 ? id % 10 : 3 + id % 50000;
		memcpy(who.ip.octet, &id, sizeof(id));
		if (id < 3)
			sent[id] += who.bytes;
		talkers_add(&talkers, &who);
	}
	for (i = 0; i < talkers.count; i++) {
		uint32_t id;

		memcpy(&id, place[i].ip.octet, sizeof(id));
		if (id >= 3)
			continue;
		found++;
		ck_assert_uint_ge(place[i].bytes, sent[id]);
		ck_assert_uint_le(place[i].bytes - place[i].inherited,
				  sent[id]);
	}
	ck_assert_uint_eq(found, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flowstats");
	TCase *tcase = tcase_create("flowstats");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, senders_are_shown_by_bytes_in_their_vsid);
	tcase_add_test(tcase, what_the_switch_makes_is_nobodys_talk);
	tcase_add_test(tcase, sender_without_ip_is_shown_by_its_mac);
	tcase_add_test(tcase, whoever_sends_much_is_not_lost_among_many);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
