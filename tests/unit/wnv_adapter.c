/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter: the descriptor's life cycle, the core's questions through it,
 * and the read-only columns, on a fake host.
 */
#include <errno.h>
#include <string.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"
#include "tests/support/suite.h"
#include "wnv/nouns.h"

#define LAB                                                                    \
	"uplink eth1\npa 192.0.2.1 prefix=24\nnetwork blue\n"                  \
	"subnet 5001 prefixes=10.0.0.0/24\n"                                   \
	"ca 10.0.0.1 mac=00:15:5d:00:00:01 pa=169.254.254.254\n"               \
	"ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"                     \
	"ca 10.0.0.7 mac=02:00:00:00:00:07 pa=192.0.2.2\n"                     \
	"ca 10.0.0.8 mac=02:00:00:00:00:08 rule=none\n"                        \
	"port web tap=t0 vsid=5001 ca=10.0.0.5\n"                              \
	"port db tap=t1 vsid=5001 ca=10.0.0.7\n"                               \
	"port new tap=t2 vsid=5001 ca=10.0.0.9\n"

struct bench {
	struct fake_host *host;
	struct fake_settings *settings;
	struct vs_error error;
};

static struct bench open_bench(const char *lines)
{
	struct bench bench = {
		.host = fake_host_open(&vs_extension),
		.settings = fake_settings_open(wnv_nouns, WNV_NOUNS),
	};

	fake_settings_load(bench.settings, lines);
	ck_assert_int_eq(fake_configure(bench.host, &bench.settings->settings,
					&bench.error),
			 0);
	return bench;
}

static void close_bench(struct bench *bench)
{
	fake_host_close(bench->host);
	fake_settings_close(bench->settings);
}

/* A reply as one line of text. */
struct text_reply {
	struct vs_reply reply;
	char text[2048];
};

static void append(struct vs_reply *reply, const char *name, const char *value)
{
	struct text_reply *to = (struct text_reply *)reply;
	size_t used = strlen(to->text);

	snprintf(to->text + used, sizeof(to->text) - used, "%s=%s ", name,
		 value);
}

static void append_number(struct vs_reply *reply, const char *name,
			  uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	append(reply, name, text);
}

static void append_truth(struct vs_reply *reply, const char *name, bool truth)
{
	append(reply, name, truth ? "yes" : "no");
}

static void open_any(struct vs_reply *reply, const char *name)
{
	append(reply, name, "{");
}

static void close_any(struct vs_reply *reply)
{
	append(reply, "", "}");
}

static const struct vs_reply_ops reply_ops = {
	.struct_size = sizeof(reply_ops),
	.text = append,
	.number = append_number,
	.truth = append_truth,
	.open_list = open_any,
	.open_row = open_any,
	.close = close_any,
};

static const char *status_of(const struct bench *bench, enum wnv_noun noun,
			     const char *parent, const char *key)
{
	static struct text_reply reply;

	reply = (struct text_reply){.reply = {&reply_ops}};
	vs_extension.status(bench->host->instance, &wnv_nouns[noun], parent,
			    key, &reply.reply);
	return reply.text;
}

START_TEST(record_columns_say_usable_local_and_why)
{
	struct bench bench = open_bench(LAB);

	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.5"),
			 "usable=yes local=yes auto=no ");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.7"),
			 "usable=yes why=a port here has the address, and "
			 "waits until the pa is on this host local=no auto=no "
			 "");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.8"),
			 "usable=no why=rule=none, and the VM is not on this "
			 "host local=no auto=no ");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.1"),
			 "why=gives the gateway its MAC ");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "4242", "10.0.0.1"),
			 "");
	close_bench(&bench);
}
END_TEST

START_TEST(provider_address_shows_its_state)
{
	struct vs_port_info info = {.struct_size = sizeof(info),
				    .kind = VS_PORT_UPLINK,
				    .id = {9},
				    .mtu = 1500,
				    .address_count = 1};
	struct bench bench = open_bench(LAB);

	ck_assert_str_eq(status_of(&bench, WNV_NOUN_PA, "eth1", "192.0.2.1"),
			 "state=new ");
	ck_assert_int_eq(vs_ip_parse("192.0.2.1", &info.addresses[0].ip), 0);
	info.addresses[0].length = 120;
	fake_settings_attach(bench.settings, "eth1", &info);
	ck_assert_int_eq(fake_configure(bench.host, &bench.settings->settings,
					&bench.error),
			 0);
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_PA, "eth1", "192.0.2.1"),
			 "state=shared ");
	close_bench(&bench);
}
END_TEST

/* Rows as lines: parent, key, fields. */
struct text_rows {
	struct vs_rows rows;
	struct text_reply reply;
};

static struct vs_reply *append_row(struct vs_rows *rows, const char *parent,
				   const char *key)
{
	struct text_rows *to = (struct text_rows *)rows;

	append(&to->reply.reply, parent ? parent : "-", key);
	return &to->reply.reply;
}

static const struct vs_rows_ops rows_ops = {.struct_size = sizeof(rows_ops),
					    .row = append_row};

static const char *list_of(const struct bench *bench, enum wnv_noun noun)
{
	static struct text_rows rows;

	rows = (struct text_rows){{&rows_ops}, {.reply = {&reply_ops}}};
	vs_extension.list(bench->host->instance, &wnv_nouns[noun], &rows.rows);
	return rows.reply.text;
}

START_TEST(list_names_automatic_records_and_derived_peers)
{
	struct bench bench = open_bench(LAB);

	ck_assert_str_eq(list_of(&bench, WNV_NOUN_CA),
			 "5001=10.0.0.9 mac=02:fd:ef:a3:12:b5 pa=192.0.2.1 "
			 "rule=encap ");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.9"),
			 "usable=yes local=yes auto=yes ");
	ck_assert_str_eq(list_of(&bench, WNV_NOUN_PEER), "-=192.0.2.2 ");
	ck_assert_str_eq(list_of(&bench, WNV_NOUN_PA), "");
	close_bench(&bench);
}
END_TEST

START_TEST(peer_columns_say_what_came_and_went)
{
	struct bench bench = open_bench(LAB);

	ck_assert_str_eq(status_of(&bench, WNV_NOUN_PEER, "", "192.0.2.2"),
			 "state=down in=0 in-bytes=0 out=0 out-bytes=0 "
			 "drops=0 ");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_PEER, "", "192.0.2.1"), "");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_PEER, "", "nonsense"), "");
	close_bench(&bench);
}
END_TEST

START_TEST(discarded_state_leaves_the_one_in_force)
{
	struct bench bench = open_bench(LAB);
	struct fake_settings *other = fake_settings_open(wnv_nouns, WNV_NOUNS);
	const struct vs_state *state;

	fake_settings_load(other, "network blue\n"
				  "subnet 5001 prefixes=10.0.0.0/24\n");
	state = vs_extension.configure(bench.host->instance, &other->settings,
				       &bench.error);
	ck_assert_ptr_nonnull(state);
	vs_extension.retire(bench.host->instance, state);
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.5"),
			 "usable=yes local=yes auto=no ");
	fake_settings_close(other);
	close_bench(&bench);
}
END_TEST

START_TEST(core_gets_profile_providers_and_answers)
{
	const struct vs_translate_class *ask = vs_extension.translate;
	struct bench bench = open_bench(LAB);
	const struct vs_state *state = bench.host->state;
	struct vs_port_profile profile;
	struct vs_provider list[4];
	struct vs_claim claim = {.vsid = {5001},
				 .mac = {{2, 0, 0, 0, 0, 5}},
				 .kind = VS_CLAIM_ARP};
	char text[VS_IP_TEXT];

	ask->profile(state, "db", &profile);
	ck_assert_ptr_nonnull(strstr(profile.waits, "192.0.2.2"));
	ask->profile(state, "nobody", &profile);
	ck_assert_uint_eq(profile.struct_size, sizeof(profile));
	ck_assert(!profile.has_mac);
	ck_assert_uint_eq(ask->providers(state, list, 4), 1);
	ck_assert_str_eq(vs_ip_format(&list[0].ip, text), "192.0.2.1");
	ck_assert(list[0].owned);
	ck_assert(ask->serves(state, claim.vsid));
	ck_assert(!ask->serves(state, (struct vs_vsid){5002}));
	ck_assert_int_eq(vs_ip_parse("10.0.0.5", &claim.ip), 0);
	bench.host->call.state = state;
	ck_assert(ask->may_send(&bench.host->call, &claim));
	ck_assert_int_eq(vs_ip_parse("10.0.0.7", &claim.ip), 0);
	ck_assert(!ask->may_send(&bench.host->call, &claim));
	ck_assert(ask->is_provider_ip(state, &list[0].ip));
	close_bench(&bench);
}
END_TEST

START_TEST(uplink_that_changes_asks_for_configure)
{
	struct bench bench = open_bench(LAB);

	fake_port(bench.host, VS_PORT_UPLINK, 9, "eth1");
	ck_assert_uint_eq(bench.host->seen.reconfigures, 1);
	/* a port that policy gave no MAC has nothing to say */
	fake_port(bench.host, VS_PORT_ORDINARY, 3, "stranger");
	ck_assert_uint_eq(bench.host->seen.reconfigures, 1);
	close_bench(&bench);
}
END_TEST

START_TEST(refusal_leaves_the_state_and_names_the_place)
{
	struct bench bench = open_bench(LAB);
	struct fake_settings *other = fake_settings_open(wnv_nouns, WNV_NOUNS);

	fake_settings_load(other, "port a vsid=5002\n");
	ck_assert_ptr_null(vs_extension.configure(
		bench.host->instance, &other->settings, &bench.error));
	ck_assert_int_eq(bench.error.code, ENOENT);
	ck_assert_str_eq(bench.error.path, "port a vsid");
	ck_assert_str_eq(status_of(&bench, WNV_NOUN_CA, "5001", "10.0.0.5"),
			 "usable=yes local=yes auto=no ");
	fake_settings_close(other);
	close_bench(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_adapter");
	TCase *tcase = tcase_create("adapter");

	tcase_add_test(tcase, record_columns_say_usable_local_and_why);
	tcase_add_test(tcase, provider_address_shows_its_state);
	tcase_add_test(tcase, list_names_automatic_records_and_derived_peers);
	tcase_add_test(tcase, peer_columns_say_what_came_and_went);
	tcase_add_test(tcase, discarded_state_leaves_the_one_in_force);
	tcase_add_test(tcase, core_gets_profile_providers_and_answers);
	tcase_add_test(tcase, uplink_that_changes_asks_for_configure);
	tcase_add_test(tcase, refusal_leaves_the_state_and_names_the_place);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
