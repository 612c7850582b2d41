/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learned.h against a list that does the same slowly, its limits, and two
 * workers that learn at once (under ThreadSanitizer too).
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/support/suite.h"
#include "wnv/learned.h"

#define VSID	5001u
#define SECOND	UINT64_C(1000000000)
#define KEYS	24u
#define MACS	4u
#define LIMIT	5u
#define STEPS	40000u
#define THREADS 2u

static struct vs_mac mac_of(uint32_t number)
{
	return (struct vs_mac){{2, 0, 0, 0, 0, (uint8_t)(number + 1)}};
}

/* Odd keys are IPv6. */
static struct learned_key key_of(uint32_t number)
{
	struct learned_key key = {.vsid = {VSID}};
	uint8_t *octet = key.ca.ip.octet;

	if (number & 1)
		octet[0] = 0xfd;
	else
		memset(octet + 10, 0xff, 2);
	octet[13] = (uint8_t)(number >> 16);
	octet[14] = (uint8_t)(number >> 8);
	octet[15] = (uint8_t)number;
	return key;
}

static struct learned_claim claim_of(uint32_t key, uint32_t mac, uint16_t owner)
{
	return (struct learned_claim){key_of(key), mac_of(mac), owner};
}

/* -- the list -- */

struct entry {
	bool there;
	uint32_t mac;
	uint64_t seen;
};

struct list {
	struct entry entry[KEYS];
	uint64_t now;
};

static bool alive(const struct list *list, uint32_t key)
{
	const struct entry *entry = &list->entry[key];

	return entry->there &&
	       list->now - entry->seen <= LEARNED_IDLE_NS + 30 * SECOND;
}

static uint32_t count_of(const struct list *list, uint32_t mac)
{
	uint32_t i, count = 0;

	for (i = 0; i < KEYS; i++)
		count += list->entry[i].there && list->entry[i].mac == mac;
	return count;
}

static enum learned_result list_learn(struct list *list, uint32_t key,
				      uint32_t mac, bool limited)
{
	struct entry *entry = &list->entry[key];

	if (alive(list, key)) {
		if (entry->mac != mac)
			return LEARNED_HELD;
		entry->seen = list->now;
		return LEARNED_SAME;
	}
	if (limited && count_of(list, mac) >= LIMIT)
		return LEARNED_LIMIT;
	*entry = (struct entry){true, mac, list->now};
	return LEARNED_NEW;
}

/* One operation on both; they must agree. */
static void step(struct learned *learned, struct list *list, uint16_t owner,
		 struct prng *prng)
{
	uint32_t key = prng_below(prng, KEYS), mac = prng_below(prng, MACS);
	struct learned_claim claim = claim_of(key, mac, mac ? 0 : owner);
	struct learned_key at = key_of(key);
	struct vs_mac found;

	switch (prng_below(prng, 8)) {
	case 0: /* time, in ticks of the table */
		list->now += (uint64_t)prng_below(prng, 20000) << 20;
		break;
	case 1:
		ck_assert_int_eq(learned_forget(learned, &at),
				 list->entry[key].there);
		list->entry[key].there = false;
		break;
	case 2:
		if (alive(list, key) && mac) {
			learned_move(learned, &claim, list->now);
			list->entry[key] = (struct entry){true, mac, list->now};
		}
		break;
	case 3:
		ck_assert_int_eq(learned_find(learned, &at, list->now, &found),
				 alive(list, key));
		if (alive(list, key))
			ck_assert_uint_eq(found.octet[5],
					  list->entry[key].mac + 1);
		break;
	default:
		ck_assert_int_eq(learned_learn(learned, &claim, list->now),
				 list_learn(list, key, mac, !mac));
		break;
	}
}

START_TEST(table_of_addresses_equals_a_list)
{
	struct prng prng = prng_start(prng_seed());
	struct learned *learned = learned_create(prng_u64(&prng));
	struct vs_mac limited = mac_of(0);
	struct list list = {.now = SECOND};
	uint16_t owner = learned_owner(learned, 1, (struct vs_vsid){VSID},
				       &limited, LIMIT);
	uint32_t i;

	ck_assert_uint_ne(owner, 0);
	list.now = (UINT64_C(1) << 20) * 1000;
	for (i = 0; i < STEPS; i++)
		step(learned, &list, owner, &prng);
	learned_destroy(learned);
}
END_TEST

START_TEST(vsid_that_is_full_learns_no_more_and_forgets_nobody)
{
	struct learned *learned = learned_create(7);
	struct learned_claim claim = claim_of(0, 1, 0);
	enum learned_result result = LEARNED_NEW;
	struct vs_mac mac;
	uint32_t i, count = 0;

	for (i = 0; result != LEARNED_QUOTA; i++) {
		claim.key = key_of(2 * i);
		result = learned_learn(learned, &claim, SECOND);
		count += result == LEARNED_NEW;
		ck_assert_uint_lt(i, LEARNED_ADDRESSES);
	}
	ck_assert_uint_eq(learned_count(learned), count);
	claim.key = key_of(0);
	ck_assert(learned_find(learned, &claim.key, SECOND, &mac));
	/* another VSID is not touched */
	claim.key.vsid.value = VSID + 1;
	ck_assert_int_eq(learned_learn(learned, &claim, SECOND), LEARNED_NEW);
	learned_destroy(learned);
}
END_TEST

START_TEST(owner_keeps_its_place_and_gives_it_back_when_it_is_gone)
{
	struct learned *learned = learned_create(7);
	const struct vs_vsid vsid = {VSID};
	struct vs_mac one = mac_of(0), mac;
	uint16_t first = learned_owner(learned, 1, vsid, &one, 1), i;
	struct learned_claim claim = claim_of(0, 0, first);

	ck_assert_uint_ne(first, 0);
	ck_assert_uint_eq(learned_owner(learned, 2, vsid, &one, 1), first);
	ck_assert_uint_eq(learned_owner(learned, 2, vsid, &one, 0), 0);
	ck_assert_int_eq(learned_learn(learned, &claim, SECOND), LEARNED_NEW);
	ck_assert(!learned_has_room(learned, first));
	/* all places are taken; one of the last state's is not given away */
	for (i = 1; i < LEARNED_OWNERS; i++) {
		mac = (struct vs_mac){
			{4, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}};
		ck_assert_int_eq(learned_owner(learned, 3, vsid, &mac, 1) != 0,
				 i < LEARNED_OWNERS - 1);
	}
	/* `one` is in no state now, but its address is still there */
	mac = mac_of(9);
	ck_assert_uint_eq(learned_owner(learned, 3, vsid, &mac, 1), 0);
	ck_assert(learned_forget(learned, &claim.key));
	ck_assert_uint_eq(learned_owner(learned, 3, vsid, &mac, 1), first);
	learned_destroy(learned);
}
END_TEST

START_TEST(contest_is_kept_for_ten_seconds_and_then_over)
{
	struct learned *learned = learned_create(7);
	struct learned_claim claim = claim_of(4, 2, 0);
	struct learned_contest contest;

	ck_assert(!learned_contested(learned, &claim.key, SECOND, &contest));
	ck_assert(learned_contest(learned, &claim, SECOND));
	ck_assert(!learned_contest(learned, &claim, SECOND));
	ck_assert(learned_contested(learned, &claim.key, SECOND, &contest));
	ck_assert(!contest.kept);
	ck_assert_uint_eq(contest.since_ns, SECOND);
	learned_keep(learned, &contest, 2 * SECOND);
	ck_assert(
		learned_contested(learned, &claim.key, 11 * SECOND, &contest));
	ck_assert(contest.kept);
	ck_assert(!learned_contest(learned, &claim, 11 * SECOND));
	ck_assert(
		!learned_contested(learned, &claim.key, 12 * SECOND, &contest));
	ck_assert(learned_contest(learned, &claim, 12 * SECOND));
	learned_settle(learned, &claim.key);
	ck_assert(
		!learned_contested(learned, &claim.key, 12 * SECOND, &contest));
	learned_destroy(learned);
}
END_TEST

START_TEST(only_the_answer_to_the_last_request_answers)
{
	struct learned *learned = learned_create(7);
	const struct learned_request first = {
		.vsid = {VSID}, .client = mac_of(1), .xid = 1};
	struct learned_request other = first, second = first;

	ck_assert(!learned_answers(learned, &first, SECOND));
	learned_asked(learned, &first, SECOND);
	ck_assert(learned_answers(learned, &first, SECOND));
	second.xid = 2;
	ck_assert(!learned_answers(learned, &second, SECOND));
	other.client = mac_of(2);
	ck_assert(!learned_answers(learned, &other, SECOND));
	other = first;
	other.vsid.value++;
	ck_assert(!learned_answers(learned, &other, SECOND));
	/* DHCPv6 counts for itself */
	other = first;
	other.ipv6 = true;
	ck_assert(!learned_answers(learned, &other, SECOND));
	learned_asked(learned, &other, SECOND);
	learned_asked(learned, &second, SECOND);
	ck_assert(learned_answers(learned, &other, SECOND));
	ck_assert(!learned_answers(learned, &first, SECOND));
	ck_assert(!learned_answers(learned, &second, 70 * SECOND));
	learned_destroy(learned);
}
END_TEST

/* -- two workers -- */

struct job {
	pthread_t thread;
	struct learned *learned;
	uint64_t seed;
	uint32_t taken[KEYS]; /* times that NEW was said */
};

/* Each is a MAC of its own; both want the same addresses. */
static void *work(void *argument)
{
	struct job *job = argument;
	struct prng prng = prng_start(job->seed);
	struct learned_contest contest;
	uint32_t i, key, mac = (uint32_t)(job->seed & 1);
	struct learned_claim claim;
	struct vs_mac found;

	for (i = 0; i < STEPS; i++) {
		key = prng_below(&prng, KEYS);
		claim = claim_of(key, mac, 0);
		switch (learned_learn(job->learned, &claim, SECOND)) {
		case LEARNED_NEW:
			job->taken[key]++;
			break;
		case LEARNED_HELD:
			learned_contest(job->learned, &claim, SECOND);
			if (learned_contested(job->learned, &claim.key, SECOND,
					      &contest))
				learned_keep(job->learned, &contest, SECOND);
			break;
		default:
			break;
		}
		if (learned_find(job->learned, &claim.key, SECOND, &found))
			ck_assert_uint_le(found.octet[5], THREADS);
	}
	return NULL;
}

START_TEST(two_workers_learn_each_address_for_one_of_them)
{
	struct learned *learned = learned_create(7);
	struct job job[THREADS] = {0};
	struct learned_key key;
	struct vs_mac mac;
	uint32_t i;

	for (i = 0; i < THREADS; i++) {
		job[i].learned = learned;
		job[i].seed = (prng_seed() & ~UINT64_C(1)) | i;
		ck_assert(!pthread_create(&job[i].thread, NULL, work, &job[i]));
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(job[i].thread, NULL);
	for (i = 0; i < KEYS; i++) {
		key = key_of(i);
		ck_assert(learned_find(learned, &key, SECOND, &mac));
		ck_assert_uint_ge(job[0].taken[i] + job[1].taken[i], 1);
	}
	ck_assert_uint_eq(learned_count(learned), KEYS);
	learned_destroy(learned);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_learned");
	TCase *tests = tcase_create("learned");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, table_of_addresses_equals_a_list);
	tcase_add_test(tests,
		       vsid_that_is_full_learns_no_more_and_forgets_nobody);
	tcase_add_test(tests,
		       owner_keeps_its_place_and_gives_it_back_when_it_is_gone);
	tcase_add_test(tests, contest_is_kept_for_ten_seconds_and_then_over);
	tcase_add_test(tests, only_the_answer_to_the_last_request_answers);
	tcase_add_test(tests, two_workers_learn_each_address_for_one_of_them);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
