// SPDX-License-Identifier: Apache-2.0
/*
 * The flow cache's table: what is found is what was kept under the same key
 * and generation; a VSID takes no more than its share, whatever it sends.
 */
#include "core/flow_table.h"
#include "tests/support/suite.h"

#define SECOND	UINT64_C(1000000000)
#define ENTRIES 16384u

START_TEST(each_vsid_has_its_share_of_the_table)
{
	struct flow_table *table = flow_table_create(4, 99);
	struct flow_verdicts verdicts = {.to = {3}};
	const struct flow_verdicts *found;
	struct flow_key key = {{0}};
	struct flow_item item = {
		.key = &key, .generation = 1, .now_ns = SECOND};
	uint32_t i, kept = 0;

	for (i = 0; i < 40000; i++) {
		key.word[4] = i;
		item.hash = flow_hash(table, &key);
		item.group = 1;
		kept += flow_table_keep(table, &item, &verdicts);
	}
	ck_assert_uint_ge(kept, ENTRIES / 4);
	ck_assert_uint_eq(flow_table_owned(table, 1), ENTRIES / 4);
	for (i = 0; i < 1000; i++) {
		key.word[4] = 100000 + i;
		item.hash = flow_hash(table, &key);
		item.group = 2;
		ck_assert(flow_table_keep(table, &item, &verdicts));
		found = flow_table_find(table, &item);
		ck_assert(found && found->to.value == 3);
	}
	item.generation = 2;
	ck_assert(!flow_table_find(table, &item));
	flow_table_destroy(table);
}
END_TEST

START_TEST(entry_is_found_by_all_of_its_key)
{
	struct flow_table *table = flow_table_create(4, 7);
	struct flow_verdicts verdicts = {.to = {9}};
	const struct flow_verdicts *found;
	struct flow_key key = {{1, 2, 3, 4, 5, 6, 7, 8}};
	struct flow_item item = {.key = &key,
				 .hash = flow_hash(table, &key),
				 .generation = 5,
				 .now_ns = SECOND};
	int word, bit;

	ck_assert(!flow_table_find(table, &item));
	ck_assert(flow_table_keep(table, &item, &verdicts));
	found = flow_table_find(table, &item);
	ck_assert(found && found->to.value == 9);
	verdicts.to.value = 10;
	ck_assert(flow_table_keep(table, &item, &verdicts));
	found = flow_table_find(table, &item);
	ck_assert(found && found->to.value == 10);
	ck_assert_uint_eq(flow_table_owned(table, 0), 1);
	/* the hash of the entry, and another key: it is not believed */
	for (word = 0; word < 8; word++)
		for (bit = 0; bit < 64; bit++) {
			key.word[word] ^= UINT64_C(1) << bit;
			ck_assert(!flow_table_find(table, &item));
			ck_assert_uint_ne(flow_hash(table, &key), item.hash);
			key.word[word] ^= UINT64_C(1) << bit;
		}
	flow_table_destroy(table);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow_table");
	TCase *tcase = tcase_create("flow_table");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, each_vsid_has_its_share_of_the_table);
	tcase_add_test(tcase, entry_is_found_by_all_of_its_key);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
