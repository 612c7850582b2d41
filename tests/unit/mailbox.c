// SPDX-License-Identifier: Apache-2.0
/*
 * The ring of notes: in order, full is refused and counted, nothing is lost
 * or doubled with two writers at once.
 */
#include <errno.h>
#include <pthread.h>

#include "core/mailbox.h"
#include "tests/support/suite.h"

static struct mailbox mailbox;

static void setup(void)
{
	mailbox_init(&mailbox);
}

START_TEST(notes_come_out_in_order_and_full_is_refused)
{
	struct mail mail = {0};
	uint32_t round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < VS_MAILBOX_SIZE; i++) {
			mail.attachment = i;
			ck_assert_int_eq(mailbox_put(&mailbox, &mail), 0);
		}
		ck_assert_int_eq(mailbox_put(&mailbox, &mail), -ENOBUFS);
		for (i = 0; i < VS_MAILBOX_SIZE; i++) {
			ck_assert(mailbox_take(&mailbox, &mail));
			ck_assert_uint_eq(mail.attachment, i);
		}
		ck_assert(!mailbox_take(&mailbox, &mail));
		ck_assert(mailbox_empty(&mailbox));
	}
	ck_assert_uint_eq(mailbox.refused, 3);
}
END_TEST

#define EACH 20000u

static void *write_all(void *data)
{
	struct mail mail = {.event = *(uint16_t *)data};
	uint32_t i;

	for (i = 0; i < EACH;) {
		mail.attachment = i;
		if (mailbox_put(&mailbox, &mail) == 0)
			i++;
	}
	return NULL;
}

START_TEST(two_writers_lose_and_double_nothing)
{
	uint16_t who[2] = {0, 1};
	uint32_t next[2] = {0, 0};
	pthread_t id[2];
	struct mail mail;
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&id[i], NULL, write_all, &who[i]);
	while (next[0] < EACH || next[1] < EACH) {
		if (!mailbox_take(&mailbox, &mail))
			continue;
		ck_assert_uint_eq(mail.attachment, next[mail.event]);
		next[mail.event]++;
	}
	for (i = 0; i < 2; i++)
		pthread_join(id[i], NULL);
	ck_assert(mailbox_empty(&mailbox));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mailbox");
	TCase *tcase = tcase_create("mailbox");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, notes_come_out_in_order_and_full_is_refused);
	tcase_add_test(tcase, two_writers_lose_and_double_nothing);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
