// SPDX-License-Identifier: Apache-2.0
/*
 * The log: what passes, what one site may say, and how a line looks. The
 * tests read back what was written to stderr through a pipe.
 */
#include "tests/support/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static char output[32768];

/* Runs `say` with stderr in a pipe; `output` gets what it wrote. */
static void capture(void (*say)(void))
{
	int saved = dup(STDERR_FILENO);
	int ends[2];
	ssize_t size;

	ck_assert_int_eq(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	dup2(ends[1], STDERR_FILENO);
	say();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	size = read(ends[0], output, sizeof(output) - 1);
	close(ends[0]);
	output[size > 0 ? size : 0] = '\0';
}

static unsigned int lines(void)
{
	unsigned int count = 0;
	const char *c;

	for (c = output; *c; c++)
		count += *c == '\n';
	return count;
}

static void warn_with_errno(void)
{
	errno = ENOENT;
	log_warn(LOG_IO, "open %s", "/x");
	ck_assert_int_eq(errno, ENOENT);
}

START_TEST(warn_names_module_and_errno)
{
	capture(warn_with_errno);
	ck_assert_str_eq(
		output,
		"vswitchd: io: warning: open /x: No such file or directory\n");
}
END_TEST

static void talk(void)
{
	log_debug(LOG_CORE, "debug");
	log_info(LOG_CORE, "info");
	log_warnx(LOG_CORE, "warn");
}

START_TEST(level_of_a_module_decides)
{
	capture(talk);
	ck_assert_uint_eq(lines(), 2);
	ck_assert_int_eq(log_set_level("core", LOG_LEVEL_DEBUG), 0);
	capture(talk);
	ck_assert_uint_eq(lines(), 3);
	ck_assert_int_eq(log_set_level("core", LOG_LEVEL_FATAL), 0);
	capture(talk);
	ck_assert_uint_eq(lines(), 0);
	ck_assert_int_eq(log_set_level("io", LOG_LEVEL_DEBUG), 0);
	capture(talk);
	ck_assert_uint_eq(lines(), 0);
	ck_assert_int_eq(log_set_level("all", LOG_LEVEL_WARN), 0);
	capture(talk);
	ck_assert_uint_eq(lines(), 1);
}
END_TEST

START_TEST(unknown_names_are_refused)
{
	enum log_level level = LOG_LEVEL_WARN;

	ck_assert_int_eq(log_set_level("nobody", LOG_LEVEL_INFO), -ENOENT);
	ck_assert_int_eq(log_level_parse("loud", &level), -EINVAL);
	ck_assert_int_eq(log_level_parse("debug", &level), 0);
	ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
}
END_TEST

START_TEST(added_module_has_its_own_level)
{
	unsigned int module = log_module_add("wnv");

	ck_assert_uint_ge(module, LOG_OWN_MODULES);
	ck_assert_uint_eq(log_module_add("wnv"), module);
	ck_assert_uint_eq(log_module_add("io"), LOG_IO);
	ck_assert_int_eq(log_set_level("wnv", LOG_LEVEL_DEBUG), 0);
	ck_assert(log_passes(module, LOG_LEVEL_DEBUG));
	ck_assert(!log_passes(LOG_CORE, LOG_LEVEL_DEBUG));
	ck_assert_str_eq(log_module_name(module), "wnv");
	ck_assert_ptr_null(log_module_name(module + 1));
}
END_TEST

START_TEST(level_waits_for_a_module_that_comes_later)
{
	unsigned int module;

	ck_assert_int_eq(log_await("io", LOG_LEVEL_DEBUG), 0);
	ck_assert_ptr_null(log_awaited());
	ck_assert_int_eq(log_await("later", LOG_LEVEL_DEBUG), 0);
	ck_assert_str_eq(log_awaited(), "later");
	module = log_module_add("later");
	ck_assert_ptr_null(log_awaited());
	ck_assert_uint_eq(log_module_find("later", LOG_IO), module);
	ck_assert_uint_eq(log_module_find("nobody", LOG_IO), LOG_IO);
	ck_assert(log_passes(module, LOG_LEVEL_DEBUG));
}
END_TEST

START_TEST(more_modules_than_room_share_the_engines)
{
	char name[16];
	unsigned int i, module = 0;

	for (i = 0; i < 2 * LOG_MODULES; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		module = log_module_add(name);
		ck_assert_uint_lt(module, LOG_MODULES);
	}
	ck_assert_uint_eq(module, LOG_ENGINE);
}
END_TEST

static struct log_site site;

static void flood(void)
{
	struct log_line line = {LOG_IO, LOG_LEVEL_WARN, 0};
	int i;

	for (i = 0; i < 25; i++)
		log_write(&site, line, "again");
}

START_TEST(site_is_limited_and_says_how_many_it_held_back)
{
	capture(flood);
	ck_assert_uint_eq(lines(), LOG_BURST);
	ck_assert_ptr_null(strstr(output, "suppressed"));
	atomic_store(&site.window, 0); /* as if the window had passed */
	capture(flood);
	ck_assert_uint_eq(lines(), LOG_BURST);
	ck_assert_ptr_nonnull(strstr(output, "again (15 suppressed)\n"));
}
END_TEST

static void talk_too_long(void)
{
	static char text[3 * LOG_LINE];

	memset(text, 'a', sizeof(text) - 1);
	log_warnx(LOG_IO, "%s", text);
}

START_TEST(long_line_is_cut_and_still_one_line)
{
	capture(talk_too_long);
	ck_assert_uint_eq(lines(), 1);
	ck_assert_uint_lt(strlen(output), LOG_LINE);
	ck_assert_int_eq(output[strlen(output) - 1], '\n');
}
END_TEST

static void forge(void)
{
	log_warnx(LOG_IO, "name %s", "a\nvswitchd: io: all is well\x1b[2J");
}

START_TEST(text_from_outside_cannot_forge_a_line)
{
	capture(forge);
	ck_assert_uint_eq(lines(), 1);
	ck_assert_ptr_null(strchr(output, 0x1b));
}
END_TEST

START_TEST(fatal_ends_the_process_with_1)
{
	fatalx("no %s", "way");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_test(tcase, warn_names_module_and_errno);
	tcase_add_test(tcase, level_of_a_module_decides);
	tcase_add_test(tcase, unknown_names_are_refused);
	tcase_add_test(tcase, added_module_has_its_own_level);
	tcase_add_test(tcase, level_waits_for_a_module_that_comes_later);
	tcase_add_test(tcase, more_modules_than_room_share_the_engines);
	tcase_add_test(tcase, site_is_limited_and_says_how_many_it_held_back);
	tcase_add_test(tcase, long_line_is_cut_and_still_one_line);
	tcase_add_test(tcase, text_from_outside_cannot_forge_a_line);
	tcase_add_exit_test(tcase, fatal_ends_the_process_with_1, 1);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
