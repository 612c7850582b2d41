// SPDX-License-Identifier: Apache-2.0
/*
 * Extensions that come and go while a policy holds: their nouns, and what a
 * switch's stack becomes.
 */
#include "control/host_nouns.h"
#include "control/port_plan.h"
#include "tests/support/control_fixture.h"
#include "tests/support/suite.h"

static const struct vs_field tag_fields[] = {
	{.name = "tag", .kind = VS_KIND_NAME, .help = "a tag"},
	{.name = "weight",
	 .kind = VS_KIND_NUMBER,
	 .maximum = 100,
	 .help = "how much it counts"},
};
static const struct vs_field wide_fields[] = {
	{.name = "tag", .kind = VS_KIND_NAME, .help = "a tag"},
	{.name = "weight",
	 .kind = VS_KIND_NUMBER,
	 .maximum = 200,
	 .help = "how much it counts"},
};

#define TAG_NOUNS(fields_, mark_)                                              \
	{                                                                      \
		{.name = "mark",                                               \
		 .member = mark_,                                              \
		 .fields = fields_,                                            \
		 .field_count = 2,                                             \
		 .help = "a mark of the host"},                                \
			{.name = "tag",                                        \
			 .member = "tags",                                     \
			 .parent = "network",                                  \
			 .fields = fields_,                                    \
			 .field_count = 2,                                     \
			 .help = "a mark of a tenant"},                        \
	}

static const struct vs_noun tag_nouns[] = TAG_NOUNS(tag_fields, "marks");
static const struct vs_noun same_nouns[] = TAG_NOUNS(tag_fields, "marks");
static const struct vs_noun wide_nouns[] = TAG_NOUNS(wide_fields, "marks");
static const struct vs_noun taken_nouns[] = TAG_NOUNS(tag_fields, "networks");

static const struct vs_capture_class capture;
static const struct vs_filter_class filter;

static const struct vs_extension tagger = {VS_EXTENSION_HEAD, .name = "tagger",
					   .filter = &filter,
					   .nouns = tag_nouns, .noun_count = 2};
static const struct vs_extension newer = {VS_EXTENSION_HEAD, .name = "tagger",
					  .filter = &filter,
					  .nouns = same_nouns, .noun_count = 2};
static const struct vs_extension wider = {VS_EXTENSION_HEAD, .name = "tagger",
					  .filter = &filter,
					  .nouns = wide_nouns, .noun_count = 2};
static const struct vs_extension taker = {
	VS_EXTENSION_HEAD, .name = "taker", .filter = &filter,
	.nouns = taken_nouns, .noun_count = 2};
static const struct vs_extension sniffer = {
	VS_EXTENSION_HEAD, .name = "sniffer", .capture = &capture};

static struct bench bench;
static struct vs_error error;

static void set_up(void)
{
	bench = (struct bench){.now_ns = 1000};
	error = (struct vs_error){.code = 0};
	bench_start(&bench, NULL);
}

static void tear_down(void)
{
	bench_stop(&bench);
	disk_free(&bench.disk);
}

static void expect(const char *method, const char *params, const char *want)
{
	json_decref(bench_ask(&bench, method, params));
	ck_assert_msg(strstr(bench.line, want), "%s %s: '%s' is not in %s",
		      method, params, want, bench.line);
}

static void expect_without(const char *method, const char *params,
			   const char *unwanted)
{
	json_decref(bench_ask(&bench, method, params));
	ck_assert_msg(!strstr(bench.line, unwanted), "%s %s: '%s' is in %s",
		      method, params, unwanted, bench.line);
}

static void load(const struct vs_extension *extension)
{
	ck_assert_msg(!schema_load(bench.schema, extension, &error), "%s",
		      error.text);
}

/* A network with children of what there was before. */
static void with_policy(void)
{
	expect("object.add", "{\"noun\":\"switch\",\"key\":\"lab\"}", "added");
	expect("object.add", "{\"noun\":\"network\",\"key\":\"blue\"}",
	       "added");
	expect("object.add",
	       "{\"noun\":\"subnet\",\"key\":5001,\"parent\":\"blue\","
	       "\"fields\":{\"prefixes\":[\"10.0.0.0/24\"]}}",
	       "added");
}

/* -- nouns ----------------------------------------------------------------- */

START_TEST(nouns_of_a_loaded_extension_take_objects_in_a_policy_that_holds)
{
	with_policy();
	expect("object.add", "{\"noun\":\"tag\",\"key\":\"x\"}",
	       "no noun 'tag'");
	load(&tagger);
	expect("schema.list", "{}", "\"tags\"");
	expect("object.list", "{\"noun\":\"tag\"}", "\"objects\":[]");
	expect("object.add",
	       "{\"noun\":\"tag\",\"key\":\"x\",\"parent\":\"blue\","
	       "\"fields\":{\"weight\":7}}",
	       "added");
	expect("object.add", "{\"noun\":\"mark\",\"key\":\"y\"}", "added");
	expect("policy.dump", "{}", "\"tags\":{\"x\":{\"weight\":7}}");
	expect("policy.dump", "{}", "\"marks\":{\"y\":{}}");
	expect("policy.undo", "{}", "marks.y");
	expect("object.del", "{\"noun\":\"tag\",\"key\":\"x\"}", "deleted");
	expect("object.del",
	       "{\"noun\":\"network\",\"key\":\"blue\",\"all\":true}",
	       "deleted");
}
END_TEST

START_TEST(nouns_of_an_unloaded_extension_are_nobodys)
{
	with_policy();
	load(&tagger);
	expect("object.add",
	       "{\"noun\":\"tag\",\"key\":\"x\",\"parent\":\"blue\"}", "added");
	expect("object.del", "{\"noun\":\"tag\",\"key\":\"x\"}", "deleted");
	schema_unload(bench.schema, &tagger);
	expect_without("schema.list", "{}", "\"tags\"");
	expect("object.list", "{\"noun\":\"tag\"}", "no noun 'tag'");
	expect("ext.enable", "{\"name\":\"tagger\"}", "not loaded");
	/* and comes back into the same places */
	for (int i = 0; i < 100; i++) {
		load(i % 2 ? &tagger : &newer);
		expect("object.list", "{\"noun\":\"tag\"}", "\"objects\":[]");
		schema_unload(bench.schema, i % 2 ? &tagger : &newer);
	}
	load(&wider);
	expect("object.add",
	       "{\"noun\":\"tag\",\"key\":\"x\",\"parent\":\"blue\","
	       "\"fields\":{\"weight\":150}}",
	       "added");
}
END_TEST

START_TEST(extension_whose_nouns_do_not_fit_leaves_no_trace)
{
	with_policy();
	ck_assert_int_eq(schema_load(bench.schema, &taker, &error), -EEXIST);
	ck_assert_ptr_nonnull(strstr(error.text, "taken"));
	expect("object.list", "{\"noun\":\"mark\"}", "no noun 'mark'");
	load(&tagger);
	expect("object.add", "{\"noun\":\"mark\",\"key\":\"y\"}", "added");
	ck_assert_int_eq(schema_load(bench.schema, &newer, &error), -EEXIST);
	ck_assert_ptr_nonnull(strstr(error.text, "belongs to tagger"));
	expect("policy.dump", "{}", "\"marks\":{\"y\":{}}");
}
END_TEST

START_TEST(objects_stay_when_a_new_version_takes_the_place_of_the_old)
{
	with_policy();
	load(&tagger);
	expect("object.add",
	       "{\"noun\":\"tag\",\"key\":\"x\",\"parent\":\"blue\","
	       "\"fields\":{\"weight\":7}}",
	       "added");
	ck_assert_int_eq(schema_exchange(bench.schema, &tagger, &wider, &error),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "another table"));
	ck_assert(!schema_exchange(bench.schema, &tagger, &newer, &error));
	expect("object.list", "{\"noun\":\"tag\"}", "\"weight\":7");
	ck_assert_ptr_eq(schema_find(bench.schema, "tag")->extension, &newer);
	ck_assert_ptr_eq(schema_find(bench.schema, "tag")->noun,
			 &same_nouns[1]);
}
END_TEST

/* -- the stack ------------------------------------------------------------- */

START_TEST(enable_puts_an_extension_below_its_class_and_disable_takes_it_off)
{
	with_policy();
	load(&tagger);
	load(&sniffer);
	/* nothing said: wnv is usual */
	expect("ext.enable", "{\"name\":\"hello\"}", "changed");
	expect("policy.dump", "{}", "\"stack\":[\"hello\",\"wnv\"]");
	expect("ext.enable", "{\"name\":\"tagger\",\"switch\":\"lab\"}",
	       "changed");
	expect("ext.enable", "{\"name\":\"sniffer\"}", "changed");
	expect("policy.dump", "{}",
	       "\"stack\":[\"sniffer\",\"hello\",\"tagger\",\"wnv\"]");
	expect("ext.enable", "{\"name\":\"tagger\"}", "unchanged");
	expect("ext.disable", "{\"name\":\"hello\"}", "changed");
	expect("ext.disable", "{\"name\":\"hello\"}", "unchanged");
	expect("policy.dump", "{}",
	       "\"stack\":[\"sniffer\",\"tagger\",\"wnv\"]");
	expect("policy.undo", "{}", "stack");
	expect("policy.log", "{}", "ext disable hello switch=lab");
}
END_TEST

START_TEST(last_extension_leaves_an_empty_stack_and_not_the_usual_one)
{
	with_policy();
	expect("ext.disable", "{\"name\":\"wnv\"}", "changed");
	expect("policy.dump", "{}", "\"stack\":[\"none\"]");
	expect("ext.enable", "{\"name\":\"hello\"}", "changed");
	expect("policy.dump", "{}", "\"stack\":[\"hello\"]");
}
END_TEST

START_TEST(order_is_the_whole_stack)
{
	with_policy();
	load(&tagger);
	expect("ext.order", "{\"names\":\"hello tagger wnv\"}", "changed");
	expect("ext.order", "{\"names\":\"tagger,hello wnv\"}", "changed");
	expect("policy.dump", "{}", "\"stack\":[\"tagger\",\"hello\",\"wnv\"]");
	expect("ext.order", "{\"names\":\"tagger wnv\"}",
	       "vsctl ext disable hello");
	expect("ext.order", "{\"names\":\"tagger wnv wnv hello\"}",
	       "wnv is said twice");
	expect("ext.order", "{\"names\":\"wnv tagger hello\"}",
	       "wnv can't stand above tagger");
	expect("ext.order", "{\"names\":\"tagger helo wnv\"}",
	       "did you mean 'hello'");
	expect("ext.order", "{\"names\":\"hello tagger wnv\",\"dry_run\":true}",
	       "changes");
	expect("policy.dump", "{}", "\"stack\":[\"tagger\",\"hello\",\"wnv\"]");
}
END_TEST

START_TEST(switch_must_be_said_where_there_are_several)
{
	expect("ext.enable", "{\"name\":\"hello\"}", "there is no switch");
	with_policy();
	expect("object.add", "{\"noun\":\"switch\",\"key\":\"two\"}", "added");
	expect("ext.enable", "{\"name\":\"hello\"}", "say which");
	expect("ext.enable", "{\"name\":\"hello\",\"switch\":\"tow\"}",
	       "no switch 'tow'");
	expect("ext.enable", "{\"name\":\"hello\",\"switch\":\"two\"}",
	       "changed");
	expect("ext.enable", "{}", "name: missing");
	expect("ext.disable", "{\"name\":\"helo\",\"switch\":\"two\"}",
	       "did you mean 'hello'");
}
END_TEST

START_TEST(port_waits_for_the_extensions_that_it_requires)
{
	struct vs_port_profile profile = {.waits = ""};
	const struct vs_object *port;

	with_policy();
	expect("object.add",
	       "{\"noun\":\"port\",\"key\":\"web\",\"fields\":{"
	       "\"null\":true,\"require\":[\"wnv\",\"hello\"]}}",
	       "added");
	port = store_next(policy_store(bench.policy),
			  schema_host(bench.schema, HOST_PORT), NULL, NULL);
	port_plan_require(policy_store(bench.policy), port, &profile);
	ck_assert_msg(strstr(profile.waits, "requires hello") &&
			      strstr(profile.waits, "vsctl ext enable hello"),
		      "%s", profile.waits);
	expect("ext.enable", "{\"name\":\"hello\"}", "changed");
	profile.waits[0] = '\0';
	port = store_next(policy_store(bench.policy),
			  schema_host(bench.schema, HOST_PORT), NULL, NULL);
	port_plan_require(policy_store(bench.policy), port, &profile);
	ck_assert_str_eq(profile.waits, "");
}
END_TEST

int main(void)
{
	TCase *nouns = tcase_create("nouns"), *stack = tcase_create("stack");
	Suite *suite = suite_create("control_ext");

	tcase_add_checked_fixture(nouns, set_up, tear_down);
	tcase_add_test(
		nouns,
		nouns_of_a_loaded_extension_take_objects_in_a_policy_that_holds);
	tcase_add_test(nouns, nouns_of_an_unloaded_extension_are_nobodys);
	tcase_add_test(nouns, extension_whose_nouns_do_not_fit_leaves_no_trace);
	tcase_add_test(
		nouns,
		objects_stay_when_a_new_version_takes_the_place_of_the_old);
	tcase_add_checked_fixture(stack, set_up, tear_down);
	tcase_add_test(
		stack,
		enable_puts_an_extension_below_its_class_and_disable_takes_it_off);
	tcase_add_test(
		stack,
		last_extension_leaves_an_empty_stack_and_not_the_usual_one);
	tcase_add_test(stack, order_is_the_whole_stack);
	tcase_add_test(stack, switch_must_be_said_where_there_are_several);
	tcase_add_test(stack, port_waits_for_the_extensions_that_it_requires);
	suite_add_tcase(suite, nouns);
	suite_add_tcase(suite, stack);
	return suite_main(suite);
}
