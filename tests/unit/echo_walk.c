// SPDX-License-Identifier: Apache-2.0
/*
 * An echo in the name of a port's VM (core/echo.h): it walks like the VM's own
 * frames, its answer is told and never reaches the VM, and whoever drops one
 * of the two is named.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "core/echo.h"
#include "core/reason.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define VSID 5001u
#define NEWS 16u

static struct rig *rig;
static struct vs_echo_news news[NEWS];
static unsigned int news_count;
static bool ipv6;

static void told(struct vs_switch_owner *owner, struct vs_switch *sw,
		 const struct vs_echo_news *one)
{
	(void)owner;
	(void)sw;
	ck_assert_uint_lt(news_count, NEWS);
	news[news_count++] = *one;
}

static void setup(void)
{
	rig = rig_open(NULL);
	rig->owner.echoed = told;
	rig_port(rig, "near", 2, VSID);
	rig_port(rig, "far", 3, VSID);
	rig_port(rig, "other", 4, VSID);
	rig_publish(rig);
	news_count = 0;
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static struct vs_ip ip(unsigned int last)
{
	struct vs_ip ip;
	char text[VS_IP_TEXT];

	snprintf(text, sizeof(text), ipv6 ? "fd00::%u" : "10.0.0.%u", last);
	ck_assert_int_eq(vs_ip_parse(text, &ip), 0);
	return ip;
}

static struct vs_mac mac(uint8_t last)
{
	return (struct vs_mac){{2, 0, 0, 0, 0, last}};
}

/* From near to far. */
static struct vs_echo_question question(void)
{
	return (struct vs_echo_question){
		.echo = {.source = ip(2),
			 .target = ip(3),
			 .cookie = 0x1122334455667788u,
			 .id = 77,
			 .sequence = 1,
			 .size = VS_ECHO_PAYLOAD,
			 .hop_limit = 64},
		.vsid = {VSID},
		.port = {2},
		.source_mac = mac(2),
		.target_mac = mac(3),
		.serial = 9,
	};
}

static void ask(const struct vs_echo_question *what)
{
	ck_assert_int_eq(vs_switch_echo(rig->sw, what, rig->now), 0);
	rig_tick(rig);
}

static uint32_t sent_to(uint16_t port)
{
	uint32_t count = 0, i;

	for (i = 0; i < rig->sent_count; i++)
		count += rig->sent[i].port.value == port;
	return count;
}

/* far answers with a frame made from the question. */
static void reply(const struct vs_echo_question *what)
{
	struct vs_echo echo = what->echo;
	uint8_t bytes[2048];

	echo.source = what->echo.target;
	echo.target = what->echo.source;
	echo.reply = true;
	memcpy(bytes, what->source_mac.octet, 6);
	memcpy(bytes + 6, what->target_mac.octet, 6);
	vs_store16(bytes + 12, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	vs_echo_write(&echo, bytes + 14);
	rig_input(rig, 3, bytes, 14 + vs_echo_size(&echo));
	rig_tick(rig);
}

static const struct vs_echo_news *last(enum vs_echo_event event)
{
	ck_assert_uint_gt(news_count, 0);
	ck_assert_uint_eq(news[news_count - 1].event, event);
	ck_assert_uint_eq(news[news_count - 1].serial, 9);
	return &news[news_count - 1];
}

START_TEST(request_walks_and_the_vm_never_sees_the_reply)
{
	const struct vs_echo_question what = question();
	const struct vs_echo_news *heard;
	struct vs_echo read;

	ask(&what);
	last(VS_ECHO_SENT);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(sent_to(3), 1);
	ck_assert(vs_echo_read(rig->sent[0].bytes + 14, rig->sent[0].size - 14,
			       &read));
	ck_assert_uint_eq(read.id, 77);
	rig_advance(rig, 5000000);
	reply(&what);
	heard = last(VS_ECHO_REPLY);
	ck_assert(vs_ip_equal(&heard->from, &what.echo.target));
	ck_assert_uint_eq(heard->size, VS_ECHO_PAYLOAD);
	ck_assert_uint_eq(heard->hop_limit, 64);
	ck_assert(heard->at_ns - news[0].at_ns >= 5000000);
	ck_assert_uint_eq(sent_to(2), 0);
	ck_assert_uint_eq(rig_total(rig).consumed[VS_CONSUMED_PING], 1);
	vs_switch_echo_end(rig->sw, &what);
}
END_TEST

START_TEST(replies_of_others_and_late_ones_reach_the_vm)
{
	struct vs_echo_question what = question(), forged;

	ask(&what);
	forged = what;
	forged.echo.cookie++;
	reply(&forged); /* the VM's own ping, of the same id */
	ck_assert_uint_eq(sent_to(2), 1);
	forged = what;
	forged.echo.sequence++;
	reply(&forged);
	ck_assert_uint_eq(sent_to(2), 2);
	vs_switch_echo_end(rig->sw, &what);
	reply(&what);
	ck_assert_uint_eq(sent_to(2), 3);
	last(VS_ECHO_SENT);
}
END_TEST

START_TEST(vm_that_is_gone_is_spoken_for)
{
	const struct vs_echo_question what = question();
	struct vs_ip asked = what.echo.source, asker = what.echo.target;
	uint8_t bytes[128] = {0};
	uint32_t size;

	rig->plan[0].link = NULL; /* its device is away */
	rig_publish(rig);
	ask(&what);
	ck_assert_uint_eq(sent_to(3), 1);
	memset(bytes, 0xff, 6);
	memcpy(bytes + 6, what.target_mac.octet, 6);
	if (ipv6) {
		vs_store16(bytes + 12, VS_TYPE_IPV6);
		bytes[14] = 0x60;
		vs_store16(bytes + 18, 24);
		bytes[20] = VS_IP_ICMP6;
		bytes[21] = 255;
		memcpy(bytes + 22, asker.octet, 16);
		bytes[38] = 0xff;
		bytes[39] = 2;
		bytes[49] = 1;
		bytes[50] = 0xff;
		memcpy(bytes + 51, asked.octet + 13, 3);
		memcpy(bytes, (uint8_t[]){0x33, 0x33, 0xff}, 3);
		memcpy(bytes + 3, asked.octet + 13, 3);
		bytes[54] = VS_ND_SOLICIT;
		memcpy(bytes + 62, asked.octet, 16);
		size = 78;
		vs_store16(bytes + 56,
			   vs_checksum(vs_sum(
				   vs_sum_pseudo(bytes + 14, VS_IP_ICMP6, 24),
				   bytes + 54, 24)));
	} else {
		vs_store16(bytes + 12, VS_TYPE_ARP);
		memcpy(bytes + 14, (uint8_t[]){0, 1, 8, 0, 6, 4, 0, 1}, 8);
		memcpy(bytes + 22, what.target_mac.octet, 6);
		memcpy(bytes + 28, asker.octet + 12, 4);
		memcpy(bytes + 38, asked.octet + 12, 4);
		size = 42;
	}
	rig_forget(rig);
	rig_input(rig, 3, bytes, size);
	ck_assert_uint_eq(sent_to(3), 1); /* and 1 to 4: the question */
	ck_assert_int_eq(memcmp(rig->sent[rig->sent_count - 1].bytes + 6,
				what.source_mac.octet, 6),
			 0);
	reply(&what);
	last(VS_ECHO_REPLY);
	vs_switch_echo_end(rig->sw, &what);
	rig_forget(rig);
	rig_input(rig, 3, bytes, size);
	ck_assert_uint_eq(sent_to(3), 0); /* nobody speaks for it now */
}
END_TEST

START_TEST(who_drops_one_of_the_two_is_named)
{
	struct vs_echo_question what = question();
	const struct vs_echo_news *heard;

	what.source_mac = mac(9); /* not the port's */
	ask(&what);
	heard = last(VS_ECHO_DROPPED);
	ck_assert_uint_eq(heard->reason, VS_REASON_MAC_SPOOF);
	ck_assert(!heard->reply);
	vs_switch_echo_end(rig->sw, &what);

	what = question();
	ask(&what);
	what.target_mac = mac(4); /* so that the reply is spoofed */
	reply(&what);
	heard = last(VS_ECHO_DROPPED);
	ck_assert_uint_eq(heard->reason, VS_REASON_MAC_SPOOF);
	ck_assert(heard->reply);
	vs_switch_echo_end(rig->sw, &what);
}
END_TEST

START_TEST(error_about_it_is_told_and_kept_from_the_vm)
{
	static const uint8_t too_big[2][2] = {{3, 4}, {2, 0}};
	const struct vs_echo_question what = question();
	const struct vs_echo_news *heard;
	uint32_t header = ipv6 ? 40 : 20, size;
	struct vs_echo outer = what.echo;
	uint8_t bytes[512];

	ask(&what);
	outer.source = what.echo.target;
	outer.target = what.echo.source;
	outer.size = (uint16_t)vs_echo_size(&what.echo);
	memcpy(bytes, what.source_mac.octet, 6);
	memcpy(bytes + 6, what.target_mac.octet, 6);
	vs_store16(bytes + 12, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	size = vs_echo_size(&outer);
	vs_echo_write(&outer, bytes + 14);
	memcpy(bytes + 14 + header, too_big[ipv6], 2);
	vs_store32(bytes + 14 + header + 4, 1400);
	vs_echo_write(&what.echo, bytes + 14 + header + 8);
	rig_input(rig, 3, bytes, 14 + size);
	rig_tick(rig);
	heard = last(VS_ECHO_ERROR);
	ck_assert_uint_eq(heard->mtu, 1400);
	ck_assert(vs_ip_equal(&heard->from, &what.echo.target));
	ck_assert_uint_eq(sent_to(2), 0);
	vs_switch_echo_end(rig->sw, &what);
}
END_TEST

START_TEST(port_that_waits_does_not_speak)
{
	const struct vs_echo_question what = question();
	struct vs_echo_question nowhere = what;

	rig->plan[0].waits = true;
	rig_publish(rig);
	ask(&what);
	ck_assert_uint_eq(last(VS_ECHO_DROPPED)->reason, VS_REASON_PORT_WAITS);
	ck_assert_uint_eq(rig->sent_count, 0);
	vs_switch_echo_end(rig->sw, &what);
	nowhere.port.value = 31;
	ck_assert_int_eq(vs_switch_echo(rig->sw, &nowhere, rig->now), -ENOENT);
}
END_TEST

START_TEST(so_many_at_once_and_no_more)
{
	struct vs_echo_question what = question();
	unsigned int asked = 0;

	while (asked < 2 * VS_ECHOES) {
		what.echo.sequence = (uint16_t)asked;
		if (vs_switch_echo(rig->sw, &what, rig->now))
			break;
		asked++;
	}
	ck_assert_uint_gt(asked, 16);
	ck_assert_uint_le(asked, VS_ECHOES);
	ck_assert_int_eq(vs_switch_echo(rig->sw, &what, rig->now), -EBUSY);
	while (asked--) {
		what.echo.sequence = (uint16_t)asked;
		vs_switch_echo_end(rig->sw, &what);
	}
	news_count = 0;
	rig->owner.echoed = NULL;
	rig_tick(rig);
	ck_assert_int_eq(vs_switch_echo(rig->sw, &what, rig->now), 0);
	vs_switch_echo_end(rig->sw, &what);
	rig_tick(rig);
}
END_TEST

static void with_ipv4(void)
{
	ipv6 = false;
	setup();
}

static void with_ipv6(void)
{
	ipv6 = true;
	setup();
}

int main(void)
{
	Suite *suite = suite_create("echo_walk");
	int i;

	for (i = 0; i < 2; i++) {
		TCase *tcase = tcase_create(i ? "IPv6" : "IPv4");

		tcase_add_checked_fixture(tcase, i ? with_ipv6 : with_ipv4,
					  teardown);
		tcase_add_test(tcase,
			       request_walks_and_the_vm_never_sees_the_reply);
		tcase_add_test(tcase,
			       replies_of_others_and_late_ones_reach_the_vm);
		tcase_add_test(tcase, vm_that_is_gone_is_spoken_for);
		tcase_add_test(tcase, who_drops_one_of_the_two_is_named);
		tcase_add_test(tcase,
			       error_about_it_is_told_and_kept_from_the_vm);
		tcase_add_test(tcase, port_that_waits_does_not_speak);
		tcase_add_test(tcase, so_many_at_once_and_no_more);
		suite_add_tcase(suite, tcase);
	}
	return suite_main(suite);
}
