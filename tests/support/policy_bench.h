/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_bench.h: WNV's configure() on a policy written as lines, for tests
 * that say what must come of it: run, accepted, refused.
 */
#ifndef TESTS_SUPPORT_POLICY_BENCH_H
#define TESTS_SUPPORT_POLICY_BENCH_H

#include <errno.h>
#include <string.h>

#include "tests/support/fake_settings.h"
#include "tests/support/suite.h"
#include "wnv/configure.h"
#include "wnv/nouns.h"
#include "wnv/state.h"
#include "wnv/uuid5.h"

#define UPLINK "uplink eth1\npa 192.0.2.1 prefix=24\n"
#define BLUE   "network blue\nsubnet 5001 prefixes=10.0.0.0/24\n"
#define VM5    "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
#define VM7    "ca 10.0.0.7 mac=02:00:00:00:00:07 pa=192.0.2.2\n"

struct bench {
	struct fake_settings *fake;
	struct wnv_state *state;
	struct vs_error error;
	int result;
};

static inline const struct vs_port_info *device(const char *name, uint16_t mtu)
{
	static struct vs_port_info info;

	info = (struct vs_port_info){.struct_size = sizeof(info),
				     .kind = VS_PORT_UPLINK,
				     .id = {9},
				     .mtu = mtu,
				     .up = true,
				     .mac = {{2, 0, 0, 0, 0xee, 1}}};
	strcpy(info.name, name);
	return &info;
}

static inline struct bench load(const char *lines)
{
	struct bench bench = {.fake = fake_settings_open(wnv_nouns, WNV_NOUNS)};

	fake_settings_load(bench.fake, lines);
	return bench;
}

static inline void configure(struct bench *bench, enum wnv_occasion occasion)
{
	bench->result = wnv_configure(&bench->fake->settings, occasion, 42,
				      &bench->state, &bench->error);
}

static inline struct bench run(const char *lines)
{
	struct bench bench = load(lines);

	configure(&bench, WNV_OCCASION_CHANGE);
	return bench;
}

static inline void done(struct bench *bench)
{
	wnv_state_free(bench->state);
	fake_settings_close(bench->fake);
}

/* Refused with this code, at this place, and words of the message. */
static inline void refused(const char *lines, int code, const char *place,
			   const char *words)
{
	struct bench bench = run(lines);

	ck_assert_int_eq(bench.result, -code);
	ck_assert_int_eq(bench.error.code, code);
	ck_assert_str_eq(bench.error.path, place);
	ck_assert_msg(strstr(bench.error.text, words) != NULL, "%s",
		      bench.error.text);
	ck_assert_ptr_null(bench.state);
	done(&bench);
}

/* Accepted; warned once with these words, or, with NULL, not at all. */
static inline struct bench accepted(const char *lines, const char *words)
{
	struct bench bench = run(lines);

	ck_assert_msg(!bench.result, "%s: %s", bench.error.path,
		      bench.error.text);
	ck_assert_uint_eq(bench.fake->warning_count, words ? 1 : 0);
	if (words)
		ck_assert_msg(strstr(bench.fake->warnings[0], words) != NULL,
			      "%s", bench.fake->warnings[0]);
	return bench;
}

static inline struct wnv_ca ca(const char *text)
{
	struct wnv_ca value;

	ck_assert_int_eq(vs_ip_parse(text, &value.ip), 0);
	return value;
}

#endif
