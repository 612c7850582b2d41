// SPDX-License-Identifier: Apache-2.0
/*
 * Internet checksums against the plainest way to add words.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/suite.h"

#define BYTES_MAXIMUM 3000u

static uint16_t plain_checksum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

START_TEST(sum_of_any_size_at_any_address_is_the_plain_sum)
{
	struct prng prng = prng_start(prng_seed());
	static uint8_t bytes[BYTES_MAXIMUM + 16];
	uint32_t size, at;
	int i;

	prng_fill(&prng, bytes, sizeof(bytes));
	for (size = 0; size < 300; size++)
		ck_assert_uint_eq(vs_checksum(vs_sum(0, bytes + 1, size)),
				  plain_checksum(bytes + 1, size));
	for (i = 0; i < 2000; i++) {
		size = prng_below(&prng, BYTES_MAXIMUM + 1);
		at = prng_below(&prng, 16);
		ck_assert_uint_eq(vs_checksum(vs_sum(0, bytes + at, size)),
				  plain_checksum(bytes + at, size));
	}
}
END_TEST

START_TEST(sum_of_all_ones_does_not_overflow)
{
	static uint8_t bytes[69632];

	memset(bytes, 0xff, sizeof(bytes));
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, bytes, sizeof(bytes))), 0xffff);
	ck_assert_uint_eq(vs_sum_fold(UINT64_MAX), 0xffff);
}
END_TEST

START_TEST(sum_can_be_taken_in_even_pieces)
{
	struct prng prng = prng_start(prng_seed());
	uint8_t bytes[1499];
	uint64_t sum;
	uint32_t cut;
	int i;

	for (i = 0; i < 500; i++) {
		prng_fill(&prng, bytes, sizeof(bytes));
		cut = prng_below(&prng, sizeof(bytes) / 2) * 2;
		sum = vs_sum(0, bytes, cut);
		sum = vs_sum(sum, bytes + cut, sizeof(bytes) - cut);
		ck_assert_uint_eq(vs_checksum(sum),
				  plain_checksum(bytes, sizeof(bytes)));
	}
}
END_TEST

START_TEST(updated_checksum_is_the_recomputed_one)
{
	struct prng prng = prng_start(prng_seed());
	uint8_t bytes[64], was[8];
	uint16_t checksum;
	uint32_t at;
	int i;

	for (i = 0; i < 20000; i++) {
		prng_fill(&prng, bytes, sizeof(bytes));
		/* Sparse bytes meet the two zeros of ones' complement. */
		if (i % 4 == 0)
			memset(bytes, i % 8 ? 0 : 0xff, sizeof(bytes) - 2);
		checksum = vs_checksum(vs_sum(0, bytes, sizeof(bytes)));
		at = prng_below(&prng, 28) * 2;
		memcpy(was, bytes + at, 8);
		prng_fill(&prng, bytes + at, 8);
		checksum = vs_checksum_update(checksum, vs_sum(0, was, 8),
					      vs_sum(0, bytes + at, 8));
		/* Equal as ones' complement numbers: what stands in a header
		 * verifies. */
		ck_assert_uint_eq(
			vs_sum_fold(vs_sum(checksum, bytes, sizeof(bytes))),
			0xffff);
	}
}
END_TEST

START_TEST(pseudo_header_has_addresses_protocol_and_size)
{
	static const uint8_t v4[20] = {0x45, [12] = 10, 0, 0, 1, 10, 0, 0, 2};
	static const uint8_t same4[12] = {10, 0, 0, 1, 10, 0,
					  0,  2, 0, 6, 0,  20};
	uint8_t v6[40] = {0x60},
		same6[40] = {[34] = 0x01, [35] = 0x23, [39] = 17};
	size_t i;

	for (i = 0; i < 32; i++)
		v6[8 + i] = same6[i] = (uint8_t)(i * 7 + 1);
	ck_assert_uint_eq(vs_sum_fold(vs_sum_pseudo(v4, VS_IP_TCP, 20)),
			  vs_sum_fold(vs_sum(0, same4, 12)));
	ck_assert_uint_eq(vs_sum_fold(vs_sum_pseudo(v6, VS_IP_UDP, 0x123)),
			  vs_sum_fold(vs_sum(0, same6, 40)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("checksum");
	TCase *tcase = tcase_create("checksum");

	tcase_add_test(tcase, sum_of_any_size_at_any_address_is_the_plain_sum);
	tcase_add_test(tcase, sum_of_all_ones_does_not_overflow);
	tcase_add_test(tcase, sum_can_be_taken_in_even_pieces);
	tcase_add_test(tcase, updated_checksum_is_the_recomputed_one);
	tcase_add_test(tcase, pseudo_header_has_addresses_protocol_and_size);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
