// SPDX-License-Identifier: Apache-2.0
/*
 * abi.c: what a number promises, shown on an ABI that does not exist yet: one
 * in which the descriptor and the filter's table have grown.
 */
#include "abi.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

#define OLD_DESCRIPTOR offsetof(struct vs_extension, save)
#define OLD_FILTER     offsetof(struct vs_filter_class, egress)

static const struct abi_sizes sizes[] = {
	[0] = {1, 1, 1, 1, 1},
	[1] = {OLD_DESCRIPTOR, sizeof(struct vs_capture_class), OLD_FILTER,
	       sizeof(struct vs_forward_class),
	       sizeof(struct vs_translate_class)},
	[2] = {sizeof(struct vs_extension), sizeof(struct vs_capture_class),
	       sizeof(struct vs_filter_class), sizeof(struct vs_forward_class),
	       sizeof(struct vs_translate_class)},
};
static const struct abi_rules later = {
	.current = 2, .build = "later", .sizes = sizes};

static struct vs_error error;

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	(void)call;
	(void)burst;
}

static size_t save(struct vs_instance *instance, const char *port,
		   uint8_t *bytes, size_t room)
{
	(void)instance;
	(void)port;
	(void)bytes;
	return room;
}

/* Both end, on the heap, where they ended then: a sanitizer sees who reads
 * further. */
static struct vs_extension *old_extension(struct vs_filter_class **filter)
{
	struct vs_extension whole = {.abi = 1,
				     .size = OLD_DESCRIPTOR,
				     .build = "before",
				     .name = "old"};
	struct vs_filter_class table = {.ingress = ingress};
	struct vs_extension *old = malloc(OLD_DESCRIPTOR);

	*filter = malloc(OLD_FILTER);
	ck_assert_ptr_nonnull(old);
	ck_assert_ptr_nonnull(*filter);
	memcpy(*filter, &table, OLD_FILTER);
	whole.filter = *filter;
	memcpy(old, &whole, OLD_DESCRIPTOR);
	return old;
}

START_TEST(older_descriptor_is_read_to_its_own_end)
{
	struct vs_filter_class *filter;
	struct vs_extension *old = old_extension(&filter);
	const struct vs_extension *read;

	ck_assert_int_eq(abi_check(&later, old, &error), 0);
	read = abi_adopt(&later, old);
	ck_assert_ptr_nonnull(read);
	ck_assert_str_eq(read->name, "old");
	ck_assert_uint_eq(read->abi, 1);
	ck_assert_ptr_eq(read->filter->ingress, ingress);
	ck_assert_ptr_null(read->filter->egress);
	ck_assert_ptr_null(read->save);
	ck_assert_ptr_null(read->restore);
	ck_assert_ptr_null(read->check);
	free((void *)(uintptr_t)read);
	free(filter);
	free(old);
}
END_TEST

START_TEST(descriptor_of_now_is_taken_as_it_is)
{
	const struct vs_extension now = {
		.abi = 2, .size = sizeof(now), .save = save};

	ck_assert_int_eq(abi_check(&later, &now, &error), 0);
	ck_assert_ptr_eq(abi_adopt(&later, &now), &now);
}
END_TEST

START_TEST(newer_numbers_and_0_are_refused_from_1_on)
{
	struct vs_extension other = {.abi = 3, .size = sizeof(other)};

	ck_assert_int_lt(abi_check(&later, &other, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "ABI 3"));
	ck_assert_ptr_nonnull(strstr(error.text, "ABI 2"));
	other.abi = 0;
	ck_assert_int_lt(abi_check(&later, &other, &error), 0);
}
END_TEST

START_TEST(size_must_be_that_of_its_number)
{
	struct vs_extension other = {.abi = 1, .size = sizeof(other)};

	ck_assert_int_lt(abi_check(&later, &other, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "bytes"));
	other.abi = 2;
	ck_assert_int_eq(abi_check(&later, &other, &error), 0);
}
END_TEST

START_TEST(build_matters_while_the_number_is_0)
{
	static const struct abi_sizes first[] = {
		{.descriptor = sizeof(struct vs_extension)}};
	const struct abi_rules rules = {0, "this", first};
	struct vs_extension other = {
		.abi = 0, .size = sizeof(other), .build = "that"};

	ck_assert_int_lt(abi_check(&rules, &other, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "that"));
	other.build = NULL;
	ck_assert_int_lt(abi_check(&rules, &other, &error), 0);
	other.build = "this";
	ck_assert_int_eq(abi_check(&rules, &other, &error), 0);
}
END_TEST

START_TEST(rules_of_this_switch_are_those_of_its_headers)
{
	const struct vs_extension own = {VS_EXTENSION_HEAD, .name = "own"};

	ck_assert_uint_eq(abi_rules.current, VS_ABI);
	ck_assert_int_eq(abi_check(&abi_rules, &own, &error), 0);
	ck_assert_ptr_eq(abi_adopt(&abi_rules, &own), &own);
	ck_assert_uint_eq(abi_rules.sizes[VS_ABI].filter,
			  sizeof(struct vs_filter_class));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("abi");
	TCase *tcase = tcase_create("abi");

	tcase_add_test(tcase, older_descriptor_is_read_to_its_own_end);
	tcase_add_test(tcase, descriptor_of_now_is_taken_as_it_is);
	tcase_add_test(tcase, newer_numbers_and_0_are_refused_from_1_on);
	tcase_add_test(tcase, size_must_be_that_of_its_number);
	tcase_add_test(tcase, build_matters_while_the_number_is_0);
	tcase_add_test(tcase, rules_of_this_switch_are_those_of_its_headers);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
