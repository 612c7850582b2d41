// SPDX-License-Identifier: Apache-2.0
/*
 * What an instance saves and its successor restores: by GUID, whatever it
 * grows to meanwhile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define GUID  "9a6b1c1e-4a0d-4c6f-b0a5-0e2d7f1f6a33"
#define LOUD  "9A6B1C1E-4A0D-4C6F-B0A5-0E2D7F1F6A33"
#define OTHER "11111111-2222-3333-4444-555555555555"

static struct vs_instance instance;
static uint32_t asked, size, growth;
static size_t got;
static char said[64];
static const char *port;
static struct rig *rig;
static struct vs_error error;

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *unused)
{
	(void)unused;
	instance.host = host;
	return &instance;
}

static void detach(struct vs_instance *gone)
{
	(void)gone;
}

static bool is_of_port(const char *named)
{
	return port ? named && strcmp(named, port) == 0 : !named;
}

static size_t save(struct vs_instance *own, const char *named, uint8_t *bytes,
		   size_t room)
{
	ck_assert_ptr_eq(own, &instance);
	ck_assert(is_of_port(named));
	size += growth;
	asked++;
	for (uint32_t i = 0; i < size && i < room; i++)
		bytes[i] = (uint8_t)i;
	return size;
}

static int restore(struct vs_instance *own, const struct vs_saved *saved,
		   struct vs_error *why)
{
	ck_assert_ptr_eq(own, &instance);
	ck_assert(is_of_port(saved->port));
	snprintf(said, sizeof(said), "%s of %s", saved->version, saved->guid);
	got = saved->size;
	for (size_t i = 0; i < saved->size; i++)
		ck_assert_uint_eq(saved->bytes[i], (uint8_t)i);
	return got == 13 ? vs_error_set(why, EINVAL, "", "13 is unlucky") : 0;
}

static const struct vs_filter_class filter;
#define KEEPER(version_, guid_)                                                \
	VS_EXTENSION_HEAD, .name = "keeper", .version = version_,              \
			   .guid = guid_, .filter = &filter, .attach = attach, \
			   .detach = detach
static const struct vs_extension older = {KEEPER("1", GUID), .save = save,
					  .restore = restore};
static const struct vs_extension newer = {KEEPER("2", GUID), .save = save,
					  .restore = restore};
static const struct vs_extension louder = {KEEPER("2", LOUD), .save = save,
					   .restore = restore};
static const struct vs_extension other = {KEEPER("3", OTHER), .save = save,
					  .restore = restore};
static const struct vs_extension plain = {KEEPER("4", GUID)};

static int64_t hand_over(const struct vs_extension *from,
			 const struct vs_extension *to)
{
	struct vs_attachment *before, *after;

	ck_assert(!vs_switch_attach(rig->sw, from, &before, &error));
	ck_assert(!vs_switch_attach(rig->sw, to, &after, &error));
	return vs_attachment_hand_over(before, after, &error);
}

static void set_up(void)
{
	rig = rig_open(&(struct vs_switch_params){.workers = 1});
	size = 1000;
	growth = 0;
	port = NULL;
}

static void tear_down(void)
{
	rig_close(rig);
}

START_TEST(successor_restores_what_was_saved_and_is_told_by_whom)
{
	ck_assert_int_eq(hand_over(&older, &newer), 1000);
	ck_assert_uint_eq(got, 1000);
	ck_assert_uint_eq(asked, 2);
	ck_assert_str_eq(said, "1 of " GUID);
}
END_TEST

START_TEST(what_grows_between_two_questions_is_asked_for_again)
{
	growth = 1;
	ck_assert_int_eq(hand_over(&older, &newer), -EAGAIN);
	ck_assert_ptr_nonnull(strstr(error.text, "could not save"));
	ck_assert_uint_eq(got, 0);
}
END_TEST

START_TEST(nobody_sees_what_another_guid_saved)
{
	ck_assert_int_eq(hand_over(&older, &other), -EPERM);
	ck_assert_uint_eq(asked, 0);
	ck_assert_uint_eq(got, 0);
}
END_TEST

START_TEST(guid_in_capitals_is_the_same)
{
	ck_assert_int_eq(hand_over(&older, &louder), (int64_t)size);
	ck_assert_uint_eq(got, size);
}
END_TEST

START_TEST(refusal_to_restore_is_the_answer)
{
	size = 13;
	ck_assert_int_eq(hand_over(&older, &newer), -EINVAL);
	ck_assert_str_eq(error.text, "13 is unlucky");
}
END_TEST

START_TEST(nothing_is_handed_over_without_hooks_or_bytes)
{
	ck_assert_int_eq(hand_over(&plain, &newer), 0);
	ck_assert_int_eq(hand_over(&older, &plain), 0);
	ck_assert_uint_eq(asked, 0);
	size = 0;
	ck_assert_int_eq(hand_over(&older, &newer), 0);
	ck_assert_str_eq(said, "");
}
END_TEST

static struct vs_attachment *attached(const struct vs_extension *ext)
{
	struct vs_attachment *attachment;

	ck_assert(!vs_switch_attach(rig->sw, ext, &attachment, &error));
	error = (struct vs_error){.code = 0};
	return attachment;
}

START_TEST(port_is_saved_and_restored_by_its_name_there)
{
	struct vs_attachment *here = attached(&older), *there;
	struct vs_saved saved = {.guid = GUID, .version = "1"};
	uint8_t *bytes;

	port = "web";
	ck_assert_int_eq(vs_attachment_save(here, "web", &bytes, &error), 1000);
	there = attached(&newer);
	port = saved.port = "other";
	saved.bytes = bytes;
	saved.size = 1000;
	ck_assert(!vs_attachment_restore(there, &saved, &error));
	ck_assert_uint_eq(got, 1000);
	saved.size = 13;
	ck_assert_int_eq(vs_attachment_restore(there, &saved, &error), -EINVAL);
	free(bytes);
}
END_TEST

START_TEST(nothing_is_saved_without_a_hook_or_bytes)
{
	uint8_t *bytes;

	port = "web";
	ck_assert(!vs_attachment_save(attached(&plain), port, &bytes, &error));
	ck_assert_ptr_null(bytes);
	size = 0;
	ck_assert(!vs_attachment_save(attached(&older), port, &bytes, &error));
	ck_assert_ptr_null(bytes);
}
END_TEST

START_TEST(port_is_restored_to_its_guid_alone)
{
	struct vs_saved saved = {.guid = OTHER, .version = "1", .port = "web"};

	got = 0;
	ck_assert_int_eq(
		vs_attachment_restore(attached(&newer), &saved, &error),
		-EPERM);
	saved.guid = GUID;
	ck_assert_int_eq(
		vs_attachment_restore(attached(&plain), &saved, &error),
		-ENOTSUP);
	ck_assert_uint_eq(got, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hand_over");
	TCase *tcase = tcase_create("hand_over");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase,
		       successor_restores_what_was_saved_and_is_told_by_whom);
	tcase_add_test(tcase,
		       what_grows_between_two_questions_is_asked_for_again);
	tcase_add_test(tcase, nobody_sees_what_another_guid_saved);
	tcase_add_test(tcase, guid_in_capitals_is_the_same);
	tcase_add_test(tcase, refusal_to_restore_is_the_answer);
	tcase_add_test(tcase, nothing_is_handed_over_without_hooks_or_bytes);
	tcase_add_test(tcase, port_is_saved_and_restored_by_its_name_there);
	tcase_add_test(tcase, nothing_is_saved_without_a_hook_or_bytes);
	tcase_add_test(tcase, port_is_restored_to_its_guid_alone);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
