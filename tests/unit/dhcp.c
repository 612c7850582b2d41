// SPDX-License-Identifier: Apache-2.0
/*
 * dhcp on the fake host: who is answered, with what, and who is not.
 */
#include "tests/support/suite.h"

#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM };
#define MESSAGE (VS_ETHERNET_SIZE + VS_IPV4_SIZE + 8u)
#define OPTIONS (MESSAGE + 240u)
#define SIZE	(OPTIONS + 20u)

static struct fake_host *fake;
static struct fake_settings *settings;
static struct vs_error error;
static uint8_t asked[SIZE];

static const char *const policy =
	"switch lab\n"
	"dhcp 5001 lease=600 dns=10.0.0.53 domain=blue.example\n"
	"subnet 5001 prefixes=10.0.0.0/24 mtu=1400\n"
	"ca 10.0.0.5 mac=02:00:00:00:00:05\n"
	"ca 10.0.0.9 mac=02:00:00:00:00:05\n"
	"ca fd00::5 mac=02:00:00:00:00:06\n"
	"subnet 5002 prefixes=10.0.0.0/24\n"
	"ca 10.0.0.66 mac=02:00:00:00:00:06\n"
	"port web vsid=5001 ca=10.0.0.7 mac=02:00:00:00:00:07\n";

/* Nouns like network virtualization's, in another order of fields. */
static const struct vs_field name[] = {{.name = "name", .kind = VS_KIND_NAME}};
static const struct vs_field subnet[] = {
	{.name = "vsid", .kind = VS_KIND_VSID},
	{.name = "mtu", .kind = VS_KIND_NUMBER, .maximum = 65535},
	{.name = "gateway", .kind = VS_KIND_TEXT, .flags = VS_FIELD_LIST},
	{.name = "prefixes", .kind = VS_KIND_PREFIX, .flags = VS_FIELD_LIST}};
static const struct vs_field ca[] = {{.name = "address", .kind = VS_KIND_IP},
				     {.name = "note", .kind = VS_KIND_TEXT},
				     {.name = "mac", .kind = VS_KIND_MAC}};
static struct vs_noun nouns[] = {
	{.name = "switch", .fields = name, .field_count = 1},
	{.name = "subnet", .fields = subnet, .field_count = 4},
	{.name = "ca", .parent = "subnet", .fields = ca, .field_count = 3},
	{0}};

static void set_up(void)
{
	memset(&error, 0, sizeof(error));
	fake = fake_host_open(&vs_extension);
	nouns[3] = vs_extension.nouns[0];
	settings = fake_settings_open(nouns, 4);
}

static void tear_down(void)
{
	fake_host_close(fake);
	fake_settings_close(settings);
}

static void configure(const char *lines)
{
	fake_settings_load(settings, lines);
	ck_assert_msg(fake_configure(fake, &settings->settings, &error) == 0,
		      "%s: %s", error.path, error.text);
}

/* A message of a VM, with option 50 if it wants an address. */
static void ask(uint8_t type, uint8_t vm, uint8_t wanted)
{
	static const uint8_t head[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
				       0,    0,	   0,	 0,    0,    0x08, 0};
	uint8_t *ip = asked + 14, *message = asked + MESSAGE;
	uint8_t *option = asked + OPTIONS;

	memset(asked, 0, sizeof(asked));
	memcpy(asked, head, sizeof(head));
	asked[11] = vm;
	ip[0] = 0x45;
	vs_store16(ip + 2, SIZE - 14);
	ip[8] = 64;
	ip[9] = VS_IP_UDP;
	memset(ip + 16, 0xff, 4);
	vs_store16(ip + 20, 68);
	vs_store16(ip + 22, 67);
	vs_store16(ip + 24, SIZE - 34);
	message[0] = 1;
	message[1] = 1;
	message[2] = 6;
	message[7] = 0x42; /* its id */
	message[28] = 0x02;
	message[33] = vm;
	vs_store32(message + 236, 0x63825363);
	memcpy(option, (uint8_t[]){53, 1, type}, 3);
	option += 3;
	if (wanted) {
		memcpy(option, (uint8_t[]){50, 4, 10, 0, 0, wanted}, 6);
		option += 6;
	}
	*option = 255;
}

static enum vs_action say(uint16_t flags, uint32_t vsid)
{
	struct vs_packet *packet =
		fake_frame(fake, asked, sizeof(asked), 5, vsid);

	packet->view.flags |= flags;
	return (enum vs_action)fake_ingress(fake, packet).action;
}

static const uint8_t *answer(void)
{
	ck_assert_uint_ge(fake->seen.emitted_count, 1);
	return fake->seen.emitted[fake->seen.emitted_count - 1]
		.packet->view.data;
}

/* An option's bytes behind its size, or NULL. */
static const uint8_t *option(uint8_t wanted)
{
	const uint8_t *at = answer() + OPTIONS;

	while (*at != 255 && *at != wanted)
		at += 2u + at[1];
	return *at == wanted ? at + 2 : NULL;
}

static uint8_t type(void)
{
	return *option(53);
}

START_TEST(vm_gets_its_records_address_gateway_and_mtu)
{
	const struct fake_emitted *emitted;
	const uint8_t *frame;

	configure(policy);
	ask(DISCOVER, 5, 0);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
	emitted = &fake->seen.emitted[0];
	ck_assert_int_eq(emitted->where, VS_EMIT_PORT);
	ck_assert_uint_eq(emitted->to.value, 5);
	ck_assert_uint_eq(emitted->packet->view.vsid.value, 5001);
	frame = answer();
	ck_assert_uint_eq(type(), OFFER);
	ck_assert_uint_eq(frame[5], 5); /* to its MAC */
	ck_assert_mem_eq(frame + 14 + 12, ((uint8_t[]){10, 0, 0, 1}), 4);
	ck_assert_mem_eq(frame + 14 + 16, ((uint8_t[]){10, 0, 0, 5}), 4);
	ck_assert_uint_eq(frame[MESSAGE + 7], 0x42);
	ck_assert_mem_eq(frame + MESSAGE + 16, ((uint8_t[]){10, 0, 0, 5}), 4);
	ck_assert_mem_eq(option(1), ((uint8_t[]){255, 255, 255, 0}), 4);
	ck_assert_mem_eq(option(3), ((uint8_t[]){10, 0, 0, 1}), 4);
	ck_assert_uint_eq(vs_load16(option(26)), 1400);
	ck_assert_mem_eq(option(6), ((uint8_t[]){10, 0, 0, 53}), 4);
	ck_assert_mem_eq(option(15), "blue.example", 12);
	ck_assert_uint_eq(vs_load32(option(51)), 600);
	ck_assert_uint_eq(fake->seen.counters[0], 1);
}
END_TEST

START_TEST(answer_is_a_frame_that_parses)
{
	struct vs_packet *packet;
	uint32_t sum = 0;

	configure(policy);
	ask(DISCOVER, 5, 0);
	say(0, 5001);
	packet = fake->seen.emitted[0].packet;
	vs_packet_parse(packet);
	ck_assert(packet->view.flags & VS_FRAME_IPV4);
	ck_assert_uint_eq(packet->view.protocol, VS_IP_UDP);
	ck_assert_uint_ne(packet->view.payload, VS_ABSENT);
	for (uint32_t i = 0; i < 20; i += 2)
		sum += vs_load16(answer() + 14 + i);
	ck_assert_uint_eq((sum & 0xffff) + (sum >> 16), 0xffff);
}
END_TEST

START_TEST(request_is_acknowledged_or_refused)
{
	configure(policy);
	ask(REQUEST, 5, 5);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
	ck_assert_uint_eq(type(), ACK);
	ask(REQUEST, 5, 6);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
	ck_assert_uint_eq(type(), NAK);
	ck_assert_ptr_null(option(51));
	ck_assert_uint_eq(answer()[0], 0xff); /* to all */
	/* renewing: by the address that it has */
	ask(REQUEST, 5, 0);
	memcpy(asked + MESSAGE + 12, (uint8_t[]){10, 0, 0, 5}, 4);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
	ck_assert_uint_eq(type(), ACK);
	ask(INFORM, 5, 0);
	memcpy(asked + MESSAGE + 12, (uint8_t[]){10, 0, 0, 77}, 4);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
	ck_assert_uint_eq(type(), ACK);
	ck_assert_uint_eq(answer()[MESSAGE + 19], 0);
	ck_assert_ptr_null(option(51));
}
END_TEST

START_TEST(port_without_a_record_gets_its_own_address)
{
	configure(policy);
	ask(DISCOVER, 7, 0);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
	ck_assert_uint_eq(answer()[MESSAGE + 19], 7);
}
END_TEST

START_TEST(who_has_no_ipv4_address_here_is_let_be)
{
	configure(policy);
	ask(DISCOVER, 6, 0); /* an IPv6 address, and one in another subnet */
	ck_assert_int_eq(say(0, 5001), VS_PASS);
	ask(DISCOVER, 66, 0);
	ck_assert_int_eq(say(0, 5001), VS_PASS);
	ask(DISCOVER, 5, 0);
	ck_assert_int_eq(say(0, 5002), VS_PASS);
	ck_assert_int_eq(say(VS_FRAME_FROM_WIRE, 5001), VS_PASS);
	ck_assert_uint_eq(fake->seen.emitted_count, 0);
}
END_TEST

START_TEST(client_that_chose_another_server_is_let_be)
{
	configure(policy);
	ask(REQUEST, 5, 5);
	memcpy(asked + OPTIONS + 9, (uint8_t[]){54, 4, 10, 0, 0, 2, 255}, 7);
	ck_assert_int_eq(say(0, 5001), VS_PASS);
	memcpy(asked + OPTIONS + 9, (uint8_t[]){54, 4, 10, 0, 0, 1, 255}, 7);
	ck_assert_int_eq(say(0, 5001), VS_CONSUME);
}
END_TEST

START_TEST(gateway_is_as_written_or_none)
{
	configure(
		"switch lab\n"
		"dhcp 5001\n"
		"dhcp 5003\n"
		"subnet 5001 prefixes=10.0.0.0/24 gateway=none\n"
		"ca 10.0.0.5 mac=02:00:00:00:00:05\n"
		"subnet 5003 prefixes=10.0.0.0/24 gateway=fe80::1,10.0.0.254\n"
		"ca 10.0.0.5 mac=02:00:00:00:00:05\n");
	ask(DISCOVER, 5, 0);
	say(0, 5001);
	ck_assert_ptr_null(option(3));
	ck_assert_mem_eq(option(54), ((uint8_t[]){10, 0, 0, 1}), 4);
	ck_assert_uint_eq(vs_load16(option(26)), 1458);
	say(0, 5003);
	ck_assert_mem_eq(option(3), ((uint8_t[]){10, 0, 0, 254}), 4);
}
END_TEST

START_TEST(subnet_that_is_not_there_is_refused)
{
	fake_settings_load(settings, "switch lab\ndhcp 5009\n");
	ck_assert_int_eq(fake_configure(fake, &settings->settings, &error),
			 -ENOENT);
	ck_assert_msg(strstr(error.text, "vsctl subnet add 5009"), "%s",
		      error.text);
}
END_TEST

/* Every cut, and every byte changed: nothing is read beyond the frame. */
START_TEST(no_message_is_read_beyond_its_end)
{
	configure(policy);
	for (uint32_t size = 14; size < SIZE; size++) {
		ask(REQUEST, 5, 5);
		fake_ingress(fake, fake_frame(fake, asked, size, 5, 5001));
		if (size % 100 == 0) {
			tear_down();
			set_up();
			configure(policy);
		}
	}
	for (uint32_t at = OPTIONS; at < SIZE; at++) {
		ask(REQUEST, 5, 5);
		asked[at] = 0xfe;
		say(0, 5001);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dhcp");
	TCase *tcase = tcase_create("dhcp");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, vm_gets_its_records_address_gateway_and_mtu);
	tcase_add_test(tcase, answer_is_a_frame_that_parses);
	tcase_add_test(tcase, request_is_acknowledged_or_refused);
	tcase_add_test(tcase, port_without_a_record_gets_its_own_address);
	tcase_add_test(tcase, who_has_no_ipv4_address_here_is_let_be);
	tcase_add_test(tcase, client_that_chose_another_server_is_let_be);
	tcase_add_test(tcase, gateway_is_as_written_or_none);
	tcase_add_test(tcase, subnet_that_is_not_there_is_refused);
	tcase_add_test(tcase, no_message_is_read_beyond_its_end);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
