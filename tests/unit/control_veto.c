// SPDX-License-Identifier: Apache-2.0
/*
 * What a candidate adds or changes below a switch is shown to the extensions
 * of its stack, once each and no more than that; the first no is the answer.
 */
#include "control/change.h"
#include "control/json_text.h"
#include "control/settings_cursor.h"
#include "control/veto.h"
#include "tests/support/control_fixture.h"
#include "tests/support/suite.h"

static struct schema *schema;
static struct store *before, *after;
static struct change_list changes;
static struct vs_error error;
static char shown[512];
static const char *no; /* to this path */

static int allow(struct vs_instance *instance,
		 const struct vs_settings *settings,
		 const struct vs_object *was, const struct vs_object *is,
		 struct vs_error *why)
{
	struct vs_error place = {.code = 0};

	(void)instance;
	settings->ops->place(is, NULL, &place);
	snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s%s ",
		 was ? "~" : "+", place.path);
	if (no && strcmp(no, place.path) == 0)
		return vs_error_set(why, EPERM, "", "not here");
	return 0;
}

static int shrug(struct vs_instance *instance,
		 const struct vs_settings *settings,
		 const struct vs_object *was, const struct vs_object *is,
		 struct vs_error *why)
{
	(void)instance;
	(void)settings;
	(void)was;
	(void)is;
	(void)why;
	return -EPERM;
}

static const struct vs_extension judge = {.name = "judge",
					  .allow_change = allow};
static const struct vs_extension mute = {.name = "mute"};
static const struct vs_extension sullen = {.name = "sullen",
					   .allow_change = shrug};

static struct store *parse(const char *text, uint64_t version)
{
	struct store *store;
	json_t *json;

	ck_assert_int_eq(json_text_load(text, strlen(text), &json, &error), 0);
	ck_assert_msg(!document_parse(schema, NULL, json, &store, &error),
		      "%s: %s", error.path, error.text);
	json_decref(json);
	store_set_version(store, version);
	return store;
}

#define D(rest)	   "{\"format\":1,\"switches\":{\"s\":{" rest "}}}"
#define PORT(rest) D("\"ports\":{\"p\":{\"null\":true" rest "}}")

static void set_up(void)
{
	const struct schema_config tables = {.extensions = fake_extensions,
					     .extension_count = 2,
					     .absent = fake_absent,
					     .absent_count = 1};

	ck_assert_int_eq(schema_create(&schema, &tables, &error), 0);
	error = (struct vs_error){.code = 0};
	shown[0] = '\0';
	no = NULL;
}

static void tear_down(void)
{
	change_list_clear(&changes);
	store_destroy(before);
	store_destroy(after);
	schema_destroy(schema);
}

/* From one document to another, with `extension` below one without a word. */
static int ask(const char *from, const char *to,
	       const struct vs_extension *extension)
{
	const struct veto_seat seats[] = {{&mute, NULL}, {extension, NULL}};
	struct cursor_maker maker = {.ops = NULL};
	struct settings_cursor cursor;
	const struct vs_object *sw;

	before = from ? parse(from, 1) : NULL;
	after = parse(to, 2);
	if (before)
		ck_assert_int_eq(change_diff(before, after, &changes), 0);
	maker.before = before;
	maker.changes = before ? &changes : NULL;
	sw = store_next(after, schema_find(schema, "switch"), NULL, NULL);
	settings_cursor_open(&cursor, after, sw, &maker);
	return veto_ask(schema, &cursor.settings, seats, 2, &error);
}

START_TEST(what_is_added_and_changed_is_shown_and_nothing_else)
{
	ck_assert_int_eq(
		ask(D("\"ports\":{\"stays\":{\"null\":true},"
		      "\"goes\":{\"null\":true},\"p\":{\"null\":true}}"),
		    D("\"ports\":{\"stays\":{\"null\":true},"
		      "\"new\":{\"null\":true},"
		      "\"p\":{\"null\":true,\"mtu\":1400}}"),
		    &judge),
		0);
	ck_assert_str_eq(shown, "+switches.s.ports.new ~switches.s.ports.p ");
}
END_TEST

START_TEST(what_comes_with_its_switch_is_shown_too)
{
	ck_assert_int_eq(ask("{\"format\":1}", PORT(""), &judge), 0);
	ck_assert_str_eq(shown, "+switches.s +switches.s.ports.p ");
}
END_TEST

START_TEST(first_no_is_the_answer_and_names_who_says_it)
{
	no = "switches.s.ports.p";
	ck_assert_int_eq(ask(PORT(""), PORT(",\"mtu\":1400"), &judge), -EPERM);
	ck_assert_str_eq(error.path, "switches.s.ports.p");
	ck_assert_str_eq(error.text,
			 "extension judge does not allow it: not here");
}
END_TEST

START_TEST(no_without_a_word_is_a_no)
{
	ck_assert_int_eq(ask(PORT(""), PORT(",\"mtu\":1400"), &sullen), -EPERM);
	ck_assert_str_eq(
		error.text,
		"extension sullen does not allow it: it does not say why");
}
END_TEST

START_TEST(what_was_there_before_is_not_asked_about)
{
	ck_assert_int_eq(ask(NULL, PORT(""), &sullen), 0);
}
END_TEST

START_TEST(what_belongs_to_no_switch_is_not_shown)
{
	ck_assert_int_eq(ask(PORT(""),
			     "{\"format\":1,\"networks\":{\"blue\":{}},"
			     "\"switches\":{\"s\":{\"ports\":{\"p\":"
			     "{\"null\":true}}}}}",
			     &sullen),
			 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control_veto");
	TCase *tcase = tcase_create("veto");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase,
		       what_is_added_and_changed_is_shown_and_nothing_else);
	tcase_add_test(tcase, what_comes_with_its_switch_is_shown_too);
	tcase_add_test(tcase, first_no_is_the_answer_and_names_who_says_it);
	tcase_add_test(tcase, no_without_a_word_is_a_no);
	tcase_add_test(tcase, what_was_there_before_is_not_asked_about);
	tcase_add_test(tcase, what_belongs_to_no_switch_is_not_shown);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
