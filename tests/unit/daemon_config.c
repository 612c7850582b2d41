/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vswitchd.json: what it says holds, what it gets wrong is refused with the
 * member's name, and a refused file changes nothing.
 */
#include <string.h>

#include "control/daemon_config.h"
#include "tests/support/suite.h"

static int parse(struct daemon_config *config, const char *text,
		 struct vs_error *error)
{
	memset(error, 0, sizeof(*error));
	return daemon_config_parse(config, text, strlen(text), error);
}

START_TEST(every_member_is_read)
{
	struct daemon_config config;
	struct vs_error error;

	daemon_config_default(&config);
	ck_assert_int_eq(parse(&config,
			       "{\"rundir\":\"/r\",\"statedir\":\"/s\","
			       "\"extension-dir\":\"/x\",\"group\":\"net\","
			       "\"host\":\"a\",\"document\":\"/d.json\","
			       "\"workers\":3,\"spin-us\":20,"
			       "\"fast-path\":true,"
			       "\"log\":{\"io\":\"debug\"}}",
			       &error),
			 0);
	ck_assert_str_eq(config.rundir, "/r");
	ck_assert_str_eq(config.statedir, "/s");
	ck_assert_str_eq(config.extension_dir, "/x");
	ck_assert_str_eq(config.group, "net");
	ck_assert_str_eq(config.host, "a");
	ck_assert_str_eq(config.document, "/d.json");
	ck_assert_uint_eq(config.workers, 3);
	ck_assert_int_eq(config.spin_us, 20);
	ck_assert(config.fast_path);
	ck_assert_uint_eq(config.log_count, 1);
	ck_assert_str_eq(config.log[0].module, "io");
	ck_assert_str_eq(config.log[0].level, "debug");
}
END_TEST

START_TEST(spin_may_be_auto)
{
	struct daemon_config config;
	struct vs_error error;

	daemon_config_default(&config);
	config.spin_us = 7;
	ck_assert_int_eq(parse(&config, "{\"spin-us\":\"auto\"}", &error), 0);
	ck_assert_int_eq(config.spin_us, -1);
}
END_TEST

START_TEST(fast_path_is_off_unless_it_is_said)
{
	struct daemon_config config;
	struct vs_error error;

	daemon_config_default(&config);
	ck_assert(!config.fast_path);
	ck_assert_int_eq(parse(&config, "{\"fast-path\":true}", &error), 0);
	ck_assert(config.fast_path);
	ck_assert_int_eq(parse(&config, "{}", &error), 0);
	ck_assert(config.fast_path); /* as it was */
	ck_assert_int_eq(parse(&config, "{\"fast-path\":false}", &error), 0);
	ck_assert(!config.fast_path);
}
END_TEST

START_TEST(what_is_wrong_is_named_and_nothing_changes)
{
	static const char *const wrong[][2] = {
		{"{\"workers\":0}", "workers"},
		{"{\"workers\":16}", "workers"},
		{"{\"workers\":\"2\"}", "workers"},
		{"{\"spin-us\":51}", "spin-us"},
		{"{\"fast-path\":1}", "fast-path"},
		{"{\"fast-path\":\"true\"}", "fast-path"},
		{"{\"fast-path\":null}", "fast-path"},
		{"{\"rundir\":\"run\"}", "rundir"},
		{"{\"group\":\"\"}", "group"},
		{"{\"switches\":{}}", "switches"},
		{"{\"log\":{\"io\":7}}", "log"},
		{"{\"workers\":2,\"workers\":3}", ""},
		{"[]", ""},
		{"{", ""},
	};
	struct daemon_config before, config;
	struct vs_error error;

	daemon_config_default(&before);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		config = before;
		ck_assert_int_lt(parse(&config, wrong[i][0], &error), 0);
		ck_assert_str_eq(error.path, wrong[i][1]);
		ck_assert(error.text[0]);
		ck_assert_mem_eq(&config, &before, sizeof(config));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("daemon_config");
	TCase *tests = tcase_create("daemon_config");

	tcase_add_test(tests, every_member_is_read);
	tcase_add_test(tests, spin_may_be_auto);
	tcase_add_test(tests, fast_path_is_off_unless_it_is_said);
	tcase_add_test(tests, what_is_wrong_is_named_and_nothing_changes);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
