/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Books of records against lists under random changes: books that share with
 * each other answer as their own list does, and none is changed by another.
 */
#include <errno.h>
#include <string.h>

#include "tests/support/suite.h"
#include "wnv/book.h"

#define ADDRESSES 3000u
#define MACS	  900u
#define PAS	  5u
#define BOOKS	  4u
#define STEPS	  60000u

/* Which record each address has; `there` 0: none. */
struct list {
	struct wnv_book book;
	bool there[ADDRESSES];
	struct wnv_record records[ADDRESSES];
};

static struct list lists[BOOKS];

static struct wnv_record record_of(uint32_t address, struct prng *prng)
{
	struct wnv_record record = {
		.vsid = {5000 + address % 3},
		.rule = (uint8_t)(prng_below(prng, 4) ? WNV_RULE_ENCAP
						      : WNV_RULE_NONE),
		.flags = (uint8_t)(prng_below(prng, 4)),
		.peer = address,
	};
	uint32_t mac = prng_below(prng, MACS);

	record.ca.ip.octet[13] = (uint8_t)(address >> 8);
	record.ca.ip.octet[14] = (uint8_t)address;
	record.pa.ip.octet[15] = (uint8_t)(1 + prng_below(prng, PAS));
	record.mac.octet[4] = (uint8_t)(mac >> 8);
	record.mac.octet[5] = (uint8_t)mac;
	return record;
}

static unsigned int rank(const struct wnv_record *record)
{
	return (record->flags & WNV_RECORD_LOCAL ? 2u : 0u) +
	       (record->flags & WNV_RECORD_USABLE ? 1u : 0u);
}

/* The best of a (VSID, MAC), and of a PA if it is not NULL. */
static const struct wnv_record *best(const struct list *list,
				     const struct wnv_record *like,
				     const struct wnv_pa *pa)
{
	const struct wnv_record *found = NULL, *each;
	uint32_t i;

	for (i = 0; i < ADDRESSES; i++) {
		each = &list->records[i];
		if (!list->there[i] || !vs_vsid_equal(each->vsid, like->vsid) ||
		    !vs_mac_equal(&each->mac, &like->mac))
			continue;
		if (pa && (each->rule == WNV_RULE_NONE ||
			   !wnv_pa_equal(&each->pa, pa)))
			continue;
		if (!found || rank(each) > rank(found))
			found = each; /* addresses come in order */
	}
	return found;
}

static void check_same(const struct wnv_record *a, const struct wnv_record *b)
{
	ck_assert_int_eq(!a, !b);
	if (a)
		ck_assert_uint_eq(a->peer, b->peer);
}

static void check(const struct list *list, uint32_t address, struct prng *prng)
{
	struct wnv_record like = record_of(address, prng);
	uint32_t at = wnv_book_find(&list->book, like.vsid, &like.ca);

	ck_assert_int_eq(at != WNV_NONE, list->there[address]);
	if (at != WNV_NONE)
		ck_assert_int_eq(memcmp(wnv_book_at(&list->book, at),
					&list->records[address], sizeof(like)),
				 0);
	check_same(wnv_book_by_mac(&list->book, like.vsid, &like.mac),
		   best(list, &like, NULL));
	check_same(
		wnv_book_by_mac_pa(&list->book, like.vsid, &like.mac, &like.pa),
		best(list, &like, &like.pa));
}

/* Asked at once, questions have the answers that they have one by one. */
static void check_seek(const struct list *list, struct prng *prng)
{
	struct wnv_record like;
	struct wnv_seek seeks[64];
	uint32_t i, at;

	for (i = 0; i < 64; i++) {
		like = record_of(prng_below(prng, ADDRESSES), prng);
		seeks[i] = (struct wnv_seek){.vsid = like.vsid, .ca = like.ca};
	}
	wnv_book_seek(&list->book, seeks, 64);
	for (i = 0; i < 64; i++) {
		at = wnv_book_find(&list->book, seeks[i].vsid, &seeks[i].ca);
		ck_assert_ptr_eq(seeks[i].record,
				 at == WNV_NONE ? NULL
						: wnv_book_at(&list->book, at));
	}
}

static void change(struct list *list, uint32_t address, struct prng *prng)
{
	struct wnv_record record = record_of(address, prng);
	uint32_t at = wnv_book_find(&list->book, record.vsid, &record.ca);

	if (at != WNV_NONE && prng_below(prng, 2)) {
		ck_assert_int_eq(wnv_book_remove(&list->book, at), 0);
		list->there[address] = false;
		return;
	}
	ck_assert_int_eq(wnv_book_add(&list->book, &record, &at),
			 list->there[address] ? -EEXIST : 0);
	if (list->there[address])
		return;
	list->there[address] = true;
	list->records[address] = record;
}

START_TEST(books_that_share_answer_as_their_own_lists_do)
{
	struct prng prng = prng_start(prng_seed());
	struct list *from, *to;
	uint32_t i;

	for (i = 0; i < BOOKS; i++)
		ck_assert_int_eq(wnv_book_create(&lists[i].book, 7), 0);
	for (i = 0; i < STEPS; i++) {
		from = &lists[prng_below(&prng, BOOKS)];
		change(from, prng_below(&prng, ADDRESSES), &prng);
		if (i % 16 == 0)
			check(from, prng_below(&prng, ADDRESSES), &prng);
		if (i % 64 == 0)
			check_seek(from, &prng);
		to = &lists[prng_below(&prng, BOOKS)];
		if (from == to || prng_below(&prng, 500))
			continue;
		wnv_book_destroy(&to->book);
		*to = *from;
		ck_assert_int_eq(wnv_book_share(&to->book, &from->book), 0);
	}
	for (i = 0; i < BOOKS; i++) {
		check(&lists[i], prng_below(&prng, ADDRESSES), &prng);
		wnv_book_destroy(&lists[i].book);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_book");
	TCase *tests = tcase_create("book");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, books_that_share_answer_as_their_own_lists_do);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
