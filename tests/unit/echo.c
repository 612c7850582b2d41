/* SPDX-License-Identifier: Apache-2.0 */
/* echo: what is written is read again; nothing is read beyond its end. */
#include <string.h>

#include <vswitch/echo.h>
#include <vswitch/wire.h>

#include "tests/support/suite.h"

static struct vs_echo make(bool v4, uint16_t size)
{
	struct vs_echo echo = {
		.cookie = 0x0123456789abcdefu,
		.id = 0xbeef,
		.sequence = 7,
		.size = size,
		.hop_limit = 64,
		.whole = v4,
	};

	vs_ip_parse(v4 ? "10.0.0.5" : "fd00::5", &echo.source);
	vs_ip_parse(v4 ? "10.0.0.7" : "fd00::7", &echo.target);
	return echo;
}

static void check_same(const struct vs_echo *a, const struct vs_echo *b)
{
	ck_assert(vs_ip_equal(&a->source, &b->source));
	ck_assert(vs_ip_equal(&a->target, &b->target));
	ck_assert(a->cookie == b->cookie);
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_uint_eq(a->sequence, b->sequence);
	ck_assert_uint_eq(a->size, b->size);
	ck_assert_uint_eq(a->hop_limit, b->hop_limit);
	ck_assert_int_eq(a->reply, b->reply);
	ck_assert_int_eq(a->whole, b->whole);
}

START_TEST(what_is_written_is_read_with_good_checksums)
{
	static const uint16_t sizes[] = {8, 9, 56, 1430, 8000};
	uint8_t bytes[9000];
	struct vs_echo echo, read;
	uint32_t size, icmp;
	size_t i;

	for (i = 0; i < 4 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		echo = make(i & 1, sizes[i / 4]);
		echo.reply = i & 2;
		size = vs_echo_size(&echo);
		vs_echo_write(&echo, bytes);
		ck_assert(vs_echo_read(bytes, size, &read));
		check_same(&echo, &read);
		icmp = i & 1 ? VS_IPV4_SIZE : VS_IPV6_SIZE;
		ck_assert_uint_eq(
			vs_sum_fold(
				vs_sum(i & 1 ? 0
					     : vs_sum_pseudo(bytes, VS_IP_ICMP6,
							     size - icmp),
				       bytes + icmp, size - icmp)),
			0xffff);
		if (i & 1)
			ck_assert_uint_eq(vs_sum_fold(vs_sum(0, bytes, 20)),
					  0xffff);
	}
}
END_TEST

START_TEST(request_turned_round_is_its_reply)
{
	struct vs_echo echo, read;
	uint8_t bytes[256];
	uint32_t v4, size, header;

	for (v4 = 0; v4 < 2; v4++) {
		echo = make(v4, 57);
		size = vs_echo_size(&echo);
		header = size - 57 - 8;
		vs_echo_write(&echo, bytes);
		vs_echo_turn(bytes, 33);
		ck_assert(vs_echo_read(bytes, size, &read));
		ck_assert(read.reply);
		ck_assert_uint_eq(read.hop_limit, 33);
		ck_assert(vs_ip_equal(&read.source, &echo.target));
		ck_assert(vs_ip_equal(&read.target, &echo.source));
		ck_assert(read.cookie == echo.cookie);
		ck_assert_uint_eq(vs_sum_fold(vs_sum(
					  v4 ? 0
					     : vs_sum_pseudo(bytes, VS_IP_ICMP6,
							     size - header),
					  bytes + header, size - header)),
				  0xffff);
		if (v4)
			ck_assert_uint_eq(vs_sum_fold(vs_sum(0, bytes, 20)),
					  0xffff);
	}
}
END_TEST

START_TEST(cut_or_foreign_packets_are_no_echo)
{
	struct vs_echo echo, read;
	uint8_t bytes[256], *exact;
	uint32_t size, i, v4;

	for (v4 = 0; v4 < 2; v4++) {
		echo = make(v4, 56);
		size = vs_echo_size(&echo);
		vs_echo_write(&echo, bytes);
		for (i = 0; i < (v4 ? VS_IPV4_SIZE : VS_IPV6_SIZE) + 8; i++) {
			exact = malloc(i ? i : 1);
			memcpy(exact, bytes, i);
			ck_assert(!vs_echo_read(exact, i, &read));
			free(exact);
		}
		bytes[v4 ? VS_IPV4_SIZE : VS_IPV6_SIZE] = 13;
		ck_assert(!vs_echo_read(bytes, size, &read));
		bytes[v4 ? 9 : 6] = VS_IP_UDP;
		ck_assert(!vs_echo_read(bytes, size, &read));
	}
	echo = make(true, 56);
	vs_echo_write(&echo, bytes);
	vs_store16(bytes + 6, 0x0001); /* a later fragment */
	ck_assert(!vs_echo_read(bytes, vs_echo_size(&echo), &read));
}
END_TEST

/* An error of `type` and `code` about `echo`, quoting `quote` bytes. */
static uint32_t write_error(const struct vs_echo *echo, uint8_t *bytes,
			    const uint8_t type_code[2], uint32_t quote)
{
	struct vs_echo outer = *echo;
	bool v4 = vs_ip_is_v4(&echo->source);
	uint32_t header = v4 ? VS_IPV4_SIZE : VS_IPV6_SIZE;
	uint8_t whole[512];

	vs_echo_write(echo, whole);
	vs_ip_parse(v4 ? "10.0.0.1" : "fd00::1", &outer.source);
	outer.target = echo->source;
	outer.size = (uint16_t)quote;
	vs_echo_write(&outer, bytes);
	memcpy(bytes + header, type_code, 2);
	vs_store32(bytes + header + 4, 1280);
	memcpy(bytes + header + 8, whole, quote);
	return vs_echo_size(&outer);
}

START_TEST(error_names_the_request_and_what_fits)
{
	static const uint8_t too_big[2][2] = {{2, 0}, {3, 4}};
	struct vs_echo_error error;
	struct vs_echo echo;
	uint8_t bytes[1024];
	uint32_t size, v4;

	for (v4 = 0; v4 < 2; v4++) {
		echo = make(v4, 100);
		size = write_error(&echo, bytes, too_big[v4], 148 - v4 * 20);
		ck_assert(vs_echo_read_error(bytes, size, &error));
		check_same(&error.request, &echo);
		ck_assert_uint_eq(error.type, too_big[v4][0]);
		ck_assert_uint_eq(error.code, too_big[v4][1]);
		ck_assert_uint_eq(error.mtu, 1280);
		/* the least that a router may quote: no cookie */
		size = write_error(&echo, bytes, too_big[v4], 48 - v4 * 20);
		ck_assert(vs_echo_read_error(bytes, size, &error));
		ck_assert_uint_eq(error.request.id, echo.id);
		ck_assert(error.request.cookie == 0);
		ck_assert(!vs_echo_read_error(bytes, size - 1, &error));
		/* an error about a reply is nobody's answer */
		echo.reply = true;
		size = write_error(&echo, bytes, too_big[v4], 100);
		ck_assert(!vs_echo_read_error(bytes, size, &error));
	}
}
END_TEST

START_TEST(other_errors_have_no_mtu)
{
	static const uint8_t exceeded[2][2] = {{3, 0}, {11, 0}};
	struct vs_echo_error error;
	uint8_t bytes[1024];
	uint32_t v4;

	for (v4 = 0; v4 < 2; v4++) {
		struct vs_echo echo = make(v4, 100);
		uint32_t size = write_error(&echo, bytes, exceeded[v4], 100);

		ck_assert(vs_echo_read_error(bytes, size, &error));
		ck_assert_uint_eq(error.mtu, 0);
		ck_assert_uint_eq(error.type, exceeded[v4][0]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("echo");
	TCase *cases = tcase_create("echo");

	tcase_add_test(cases, what_is_written_is_read_with_good_checksums);
	tcase_add_test(cases, request_turned_round_is_its_reply);
	tcase_add_test(cases, cut_or_foreign_packets_are_no_echo);
	tcase_add_test(cases, error_names_the_request_and_what_fits);
	tcase_add_test(cases, other_errors_have_no_mtu);
	suite_add_tcase(suite, cases);
	return suite_main(suite);
}
