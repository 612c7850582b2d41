// SPDX-License-Identifier: Apache-2.0
/*
 * Changes of the policy: diff and inverse, persist before commit, confirm and
 * undo, and a journal torn at every byte.
 */
#include "control/change.h"
#include "control/journal.h"
#include "control/json_text.h"
#include "tests/support/control_fixture.h"
#include "tests/support/suite.h"

static struct bench bench;

static void set_up(void)
{
	bench = (struct bench){.now_ns = 1000};
	bench_start(&bench, NULL);
}

static void tear_down(void)
{
	bench_stop(&bench);
	disk_free(&bench.disk);
}

static json_t *ask(const char *method, const char *params)
{
	return bench_ask(&bench, method, params);
}

/* The member of the result, as compact text in a static buffer. */
static const char *result(json_t *answer, const char *member)
{
	static char text[4000];
	json_t *found =
		json_object_get(json_object_get(answer, "result"), member);
	char *dumped;

	ck_assert_msg(found, "no %s in %s", member, bench.line);
	dumped = json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY);
	snprintf(text, sizeof(text), "%s", dumped);
	free(dumped);
	json_decref(answer);
	return text;
}

static int error_code(json_t *answer)
{
	int code = (int)json_integer_value(
		json_object_get(json_object_get(answer, "error"), "code"));

	ck_assert_msg(code, "no error in %s", bench.line);
	json_decref(answer);
	return code;
}

static const char *dump(void)
{
	return result(ask("policy.dump", "{}"), "document");
}

#define ONE                                                                    \
	"{\"format\":1,\"networks\":{\"blue\":{\"subnets\":{\"5001\":{"        \
	"\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{\"10.0.0.5\":{\"mac\":"        \
	"\"02:00:00:00:00:05\",\"pa\":\"192.0.2.1\"}}}}}}}"
#define TWO                                                                    \
	"{\"format\":1,\"networks\":{\"blue\":{\"subnets\":{\"5001\":{"        \
	"\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{\"10.0.0.5\":{\"mac\":"        \
	"\"02:00:00:00:00:05\",\"pa\":\"192.0.2.2\",\"note\":\"moved\"}}}}},"  \
	"\"green\":{}}}"

START_TEST(apply_lists_what_it_changes_by_path_and_field)
{
	ck_assert_str_eq(
		result(ask("policy.apply", "{\"document\":" ONE "}"), "result"),
		"\"added\"");
	ck_assert_str_eq(
		result(ask("policy.apply", "{\"document\":" TWO "}"),
		       "changes"),
		"[{\"op\":\"set\",\"path\":\"networks.blue.subnets.5001.ca"
		"[\\\"10.0.0.5\\\"].pa\",\"before\":\"192.0.2.1\",\"after\":"
		"\"192.0.2.2\"},{\"op\":\"set\",\"path\":\"networks.blue."
		"subnets.5001.ca[\\\"10.0.0.5\\\"].note\",\"before\":null,"
		"\"after\":\"moved\"},{\"op\":\"add\",\"path\":"
		"\"networks.green\",\"before\":null,\"after\":{}}]");
	ck_assert_str_eq(dump(), TWO);
}
END_TEST

START_TEST(warnings_of_an_extension_reach_the_answer)
{
	ck_assert_str_eq(
		result(ask("policy.apply", "{\"document\":" TWO "}"),
		       "warnings"),
		"[{\"path\":\"networks.blue.subnets.5001.ca[\\\"10.0.0.5\\\"]"
		"\",\"text\":\"has a note\"}]");
}
END_TEST

/* One record, and another whose members are given. */
#define NOTED(five, six)                                                       \
	"{\"document\":{\"format\":1,\"networks\":{\"blue\":{\"subnets\":{"    \
	"\"5001\":{"                                                           \
	"\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{"                              \
	"\"10.0.0.5\":{\"mac\":\"02:00:00:00:00:05\"," five                    \
	"\"pa\":\"192.0.2.2\"},"                                               \
	"\"10.0.0.6\":{\"mac\":\"02:00:00:00:00:06\"," six                     \
	"\"pa\":\"192.0.2.2\"}}}}}}}}"
#define NOTE "\"note\":\"n\","
#define WARNING(ca)                                                            \
	"{\"path\":\"networks.blue.subnets.5001.ca[\\\"" ca                    \
	"\\\"]\",\"text\":\"has a note\"}"

START_TEST(warning_is_said_by_the_change_that_brings_it)
{
	static const struct {
		const char *params, *warnings;
	} steps[] = {
		{NOTED(NOTE, ""), "[" WARNING("10.0.0.5") "]"},
		{NOTED(NOTE, NOTE), "[" WARNING("10.0.0.6") "]"},
		{NOTED("", NOTE), "[]"},
		{NOTED("", ""), "[]"},
		{NOTED(NOTE, NOTE),
		 "[" WARNING("10.0.0.5") "," WARNING("10.0.0.6") "]"},
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		ck_assert_str_eq(result(ask("policy.apply", steps[i].params),
					"warnings"),
				 steps[i].warnings);
}
END_TEST

START_TEST(equal_document_is_unchanged_and_not_written)
{
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	bench.persisted = bench.prepared = 0;
	ck_assert_str_eq(
		result(ask("policy.apply", "{\"document\":" ONE "}"), "result"),
		"\"unchanged\"");
	ck_assert_int_eq(bench.persisted + bench.prepared, 0);
}
END_TEST

START_TEST(dry_run_and_diff_prepare_and_abort_and_change_nothing)
{
	json_decref(
		ask("policy.apply", "{\"document\":" ONE ",\"dry_run\":true}"));
	json_decref(ask("policy.diff", "{\"document\":" ONE "}"));
	ck_assert_int_eq(bench.prepared, 2);
	ck_assert_int_eq(bench.aborted, 2);
	ck_assert_int_eq(bench.persisted + bench.committed, 0);
	ck_assert_str_eq(dump(), "{\"format\":1}");
}
END_TEST

START_TEST(force_reaches_who_judges_and_every_way_back_is_forced)
{
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	ck_assert(!bench.forced);
	json_decref(ask("policy.undo", "{}"));
	ck_assert(bench.forced);
	json_decref(
		ask("policy.apply", "{\"document\":" ONE ",\"force\":true}"));
	ck_assert(bench.forced);
	json_decref(
		ask("object.add", "{\"noun\":\"network\",\"key\":\"red\"}"));
	ck_assert(!bench.forced);
	json_decref(ask("object.del", "{\"noun\":\"network\",\"key\":"
				      "\"red\",\"force\":true}"));
	ck_assert(bench.forced);
}
END_TEST

START_TEST(refusal_of_the_owner_changes_nothing)
{
	bench.refusal = "10.0.0.0/24 overlaps";
	ck_assert_int_eq(
		error_code(ask("policy.apply", "{\"document\":" ONE "}")),
		VS_RPC_REFUSED);
	ck_assert_ptr_nonnull(strstr(bench.line, "overlaps"));
	ck_assert_ptr_nonnull(strstr(bench.line, "\"path\":\"networks\""));
	ck_assert_int_eq(bench.persisted + bench.committed + bench.aborted, 0);
	ck_assert_str_eq(dump(), "{\"format\":1}");
}
END_TEST

START_TEST(full_disk_aborts_and_the_next_write_replaces_all)
{
	bench.broken = true;
	ck_assert_int_eq(
		error_code(ask("policy.apply", "{\"document\":" ONE "}")),
		VS_RPC_STORAGE);
	ck_assert_int_eq(bench.aborted, 1);
	ck_assert_str_eq(dump(), "{\"format\":1}");
	bench.broken = false;
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	ck_assert_ptr_nonnull(bench.disk.document);
	ck_assert_str_eq(dump(), ONE);
}
END_TEST

START_TEST(nothing_is_true_or_answered_before_it_is_durable)
{
	json_t *second;

	bench.slow = true;
	ck_assert_ptr_null(ask("policy.apply", "{\"document\":" ONE "}"));
	ck_assert_int_eq(bench.committed, 0);
	ck_assert_str_eq(dump(), "{\"format\":1}");
	/* a second change waits for the first one's end */
	second = ask("policy.apply", "{\"document\":" TWO "}");
	ck_assert_ptr_null(second);
	policy_persisted(bench.policy, NULL);
	ck_assert_int_eq(bench.committed, 1);
	ck_assert_str_eq(dump(), ONE);
	policy_persisted(bench.policy, NULL);
	ck_assert_str_eq(dump(), TWO);
}
END_TEST

START_TEST(part_replaces_only_that_part)
{
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	json_decref(ask("policy.apply", "{\"part\":\"networks.green\","
					"\"document\":" TWO "}"));
	ck_assert_ptr_nonnull(strstr(dump(), "green"));
	ck_assert_ptr_null(strstr(dump(), "moved"));
	ck_assert_str_eq(
		result(ask("policy.dump",
			   "{\"part\":\"networks.blue.subnets[\\\"5001\\\"].ca"
			   "\"}"),
		       "document"),
		ONE);
	/* absent in the document: deleted */
	json_decref(ask("policy.apply", "{\"part\":\"networks.green\","
					"\"document\":" ONE "}"));
	ck_assert_str_eq(dump(), ONE);
	ck_assert_int_eq(
		error_code(ask("policy.apply", "{\"part\":\"networks.none\","
					       "\"document\":" ONE "}")),
		VS_RPC_REFUSED);
	ck_assert_int_eq(
		error_code(ask("policy.dump", "{\"part\":\"networks[\"}")),
		VS_RPC_PARAMS);
}
END_TEST

START_TEST(undo_walks_back_and_the_log_names_who_and_what)
{
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	json_decref(ask("policy.apply", "{\"document\":" TWO "}"));
	json_decref(ask("policy.undo", "{}"));
	ck_assert_str_eq(dump(), ONE);
	json_decref(ask("policy.undo", "{}"));
	ck_assert_str_eq(dump(), "{\"format\":1}");
	ck_assert_int_eq(error_code(ask("policy.undo", "{}")), VS_RPC_ABSENT);
	ck_assert_str_eq(result(ask("policy.log", "{}"), "generations"),
			 "[{\"generation\":4,\"time\":1700000000,\"uid\":1000,"
			 "\"summary\":\"undo generation 1\"},"
			 "{\"generation\":3,\"time\":1700000000,\"uid\":1000,"
			 "\"summary\":\"undo generation 2\"},"
			 "{\"generation\":2,\"time\":1700000000,\"uid\":1000,"
			 "\"summary\":\"apply\"},"
			 "{\"generation\":1,\"time\":1700000000,\"uid\":1000,"
			 "\"summary\":\"apply\"}]");
}
END_TEST

START_TEST(unconfirmed_apply_goes_back_at_its_deadline)
{
	const uint64_t deadline = 1000 + 60 * 1000000000ull;

	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	json_decref(
		ask("policy.apply", "{\"document\":" TWO ",\"confirm\":60}"));
	ck_assert_uint_eq(policy_tick(bench.policy, 2000, 0), deadline);
	ck_assert_str_eq(dump(), TWO);
	ck_assert_int_eq(
		error_code(ask("policy.apply", "{\"document\":" ONE "}")),
		VS_RPC_BUSY);
	ck_assert_uint_eq(policy_tick(bench.policy, deadline, 0), UINT64_MAX);
	ck_assert_str_eq(dump(), ONE);
	ck_assert_int_eq(error_code(ask("policy.confirm", "{}")),
			 VS_RPC_ABSENT);
}
END_TEST

START_TEST(confirmed_apply_stays)
{
	json_decref(
		ask("policy.apply", "{\"document\":" TWO ",\"confirm\":60}"));
	json_decref(ask("policy.confirm", "{}"));
	ck_assert_uint_eq(policy_tick(bench.policy, UINT64_MAX - 1, 0),
			  UINT64_MAX);
	ck_assert_str_eq(dump(), TWO);
	json_decref(ask("policy.undo", "{}"));
	ck_assert_str_eq(dump(), "{\"format\":1}");
}
END_TEST

/* -- restarts
 * ----------------------------------------------------------------------- */

/* Loads the disk into a new policy; its dump, the caller's. */
static char *reload(const char *journal, size_t size,
		    struct policy_loaded *loaded)
{
	struct bench other = {.now_ns = 1};
	struct policy_files files = {.document = bench.disk.document,
				     .document_size = bench.disk.document_size,
				     .journal = journal,
				     .journal_size = size};
	struct vs_error error = {.code = 0};
	json_t *json;
	char *text;

	bench_start(&other, NULL);
	ck_assert_msg(policy_load(other.policy, &files, loaded, &error) == 0,
		      "%s: %s", error.path, error.text);
	ck_assert_int_eq(other.committed, 1);
	json = document_dump(policy_store(other.policy));
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	bench_stop(&other);
	return text;
}

START_TEST(journal_torn_at_every_byte_gives_old_or_new)
{
	static const char *const states[] = {"{\"format\":1}", ONE, TWO};
	struct policy_loaded loaded;
	size_t ends[3] = {0}, i;
	char *text, *bytes;
	int state;

	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	ends[1] = bench.disk.journal_size;
	json_decref(ask("policy.apply", "{\"document\":" TWO "}"));
	ends[2] = bench.disk.journal_size;
	for (i = 0; i <= ends[2]; i++) {
		bytes = copy_bytes(bench.disk.journal, i);
		text = reload(bytes, i, &loaded);
		state = i == ends[2] ? 2 : i >= ends[1] ? 1 : 0;
		ck_assert_str_eq(text, states[state]);
		ck_assert_uint_eq(loaded.journal_size, ends[state]);
		ck_assert_uint_eq(loaded.torn_size, i - ends[state]);
		ck_assert_uint_eq(loaded.generation, (uint64_t)state);
		free(text);
		free(bytes);
	}
}
END_TEST

/* As reload(), where it must be refused; `error` says where and what to do. */
static void refused(const char *document, size_t document_size,
		    const char *journal, size_t size, struct vs_error *error)
{
	struct bench other = {.now_ns = 1};
	struct policy_files files = {.document = document,
				     .document_size = document_size,
				     .journal = journal,
				     .journal_size = size};
	struct policy_loaded loaded;

	bench_start(&other, NULL);
	ck_assert_int_eq(policy_load(other.policy, &files, &loaded, error),
			 -EINVAL);
	ck_assert_int_eq(other.committed, 0);
	ck_assert_uint_eq(policy_generation(other.policy), 0);
	bench_stop(&other);
}

static void apply_three(size_t ends[3])
{
	static const char *const documents[] = {ONE, TWO, ONE};
	char params[512];
	int i;

	for (i = 0; i < 3; i++) {
		snprintf(params, sizeof(params), "{\"document\":%s}",
			 documents[i]);
		json_decref(ask("policy.apply", params));
		ends[i] = bench.disk.journal_size;
	}
}

/* Also in the last line: it was whole, so the change was accepted. */
START_TEST(damaged_byte_anywhere_in_the_journal_is_refused)
{
	struct vs_error error;
	size_t ends[3], i, good, line;
	char place[32], cut[64];

	apply_three(ends);
	for (i = 0; i < ends[2] - 1; i++) {
		line = i < ends[0] ? 1 : i < ends[1] ? 2 : 3;
		good = line > 1 ? ends[line - 2] : 0;
		bench.disk.journal[i] ^= 0x04;
		refused(NULL, 0, bench.disk.journal, ends[2], &error);
		bench.disk.journal[i] ^= 0x04;
		snprintf(place, sizeof(place), "journal: line %zu", line);
		ck_assert_str_eq(error.path, place);
		snprintf(cut, sizeof(cut), "from byte %zu on", good + 1);
		ck_assert_ptr_nonnull(strstr(error.text, cut));
		snprintf(cut, sizeof(cut), "generation %zu", line - 1);
		ck_assert_ptr_nonnull(strstr(error.text, cut));
		snprintf(cut, sizeof(cut), "truncate -s %zu journal", good);
		ck_assert_ptr_nonnull(strstr(error.text, cut));
	}
}
END_TEST

/* Not the line's beginning but its end reached the disk. */
START_TEST(hole_in_the_last_line_of_the_journal_is_torn)
{
	struct policy_loaded loaded;
	struct vs_error error;
	size_t ends[3], i;
	char *text;

	apply_three(ends);
	for (i = ends[1]; i < ends[2]; i++) {
		bench.disk.journal[i] = '\0';
		text = reload(bench.disk.journal, ends[2], &loaded);
		ck_assert_str_eq(text, TWO);
		ck_assert_uint_eq(loaded.journal_size, ends[1]);
		ck_assert_uint_eq(loaded.torn_size, ends[2] - ends[1]);
		free(text);
	}
	bench.disk.journal[ends[0]] = '\0'; /* with another line behind */
	refused(NULL, 0, bench.disk.journal, ends[2], &error);
	ck_assert_str_eq(error.path, "journal: line 2");
}
END_TEST

START_TEST(bytes_that_never_were_a_journal_are_refused)
{
	static const char bytes[] = "\x7f"
				    "ELF\n or\0whatever";
	struct vs_error error;

	refused(NULL, 0, bytes, sizeof(bytes), &error);
	ck_assert_str_eq(error.path, "journal: line 1");
	ck_assert_ptr_nonnull(strstr(error.text, "truncate -s 0 journal"));
}
END_TEST

/* What was changed while the document was written is behind it. */
START_TEST(damage_behind_the_document_is_refused)
{
	char *journal, *whole;
	size_t ends[3], size, i, document;
	struct vs_error error;
	char cut[64];

	apply_three(ends);
	journal = copy_bytes(bench.disk.journal, ends[2]);
	bench.broken = true; /* then the next one writes all anew */
	json_decref(ask("policy.apply", "{\"document\":" TWO "}"));
	bench.broken = false;
	json_decref(ask("policy.apply", "{\"document\":" TWO "}"));
	document = bench.disk.document_size;
	ck_assert_uint_gt(document, 0);
	size = document + ends[2];
	whole = malloc(size);
	memcpy(whole, bench.disk.document, document);
	memcpy(whole + document, journal, ends[2]);
	for (i = document + ends[0]; i < size; i++) {
		whole[i] ^= 0x04;
		refused(whole, size, NULL, 0, &error);
		whole[i] ^= 0x04;
		snprintf(cut, sizeof(cut), "truncate -s %zu policy.json",
			 document +
				 (i < document + ends[1] ? ends[0] : ends[1]));
		ck_assert_ptr_nonnull(strstr(error.text, cut));
	}
	ck_assert_str_eq(error.path, "policy.json: line 4");
	refused(whole, size - 1, NULL, 0, &error); /* no crash tears it */
	free(whole);
	free(journal);
}
END_TEST

START_TEST(compaction_replaces_the_journal_and_keeps_the_log)
{
	struct policy_loaded loaded;
	struct bench other = {.now_ns = 1};
	struct policy_files files;
	struct vs_error error;
	char *old, *text;
	size_t old_size;

	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	old_size = bench.disk.journal_size;
	old = copy_bytes(bench.disk.journal, old_size);
	bench.broken = true; /* the next write is a compaction */
	json_decref(ask("policy.apply", "{\"document\":" TWO "}"));
	bench.broken = false;
	json_decref(ask("policy.apply", "{\"document\":" TWO "}"));
	ck_assert_uint_eq(bench.disk.journal_size, 0);
	/* a crash before the journal was cut: its lines are in the document */
	text = reload(old, old_size, &loaded);
	ck_assert_str_eq(text, TWO);
	ck_assert_uint_eq(loaded.generation, 2);
	ck_assert_uint_eq(loaded.records, 0);
	free(text);
	free(old);
	/* and undo still knows the way */
	files = (struct policy_files){.document = bench.disk.document,
				      .document_size =
					      bench.disk.document_size};
	bench_start(&other, NULL);
	ck_assert_int_eq(policy_load(other.policy, &files, &loaded, &error), 0);
	json_decref(bench_ask(&other, "policy.undo", "{}"));
	text = other.line;
	ck_assert_ptr_nonnull(strstr(text, "192.0.2.1"));
	bench_stop(&other);
	disk_free(&other.disk);
}
END_TEST

START_TEST(damaged_document_file_is_refused)
{
	struct policy_files files;
	struct policy_loaded loaded;
	struct bench other = {.now_ns = 1};
	struct vs_error error;
	char *at;

	bench.broken = true;
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	bench.broken = false;
	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	at = strstr(bench.disk.document, "192.0.2.1");
	ck_assert_ptr_nonnull(at);
	at[8] = '7';
	files = (struct policy_files){.document = bench.disk.document,
				      .document_size =
					      bench.disk.document_size};
	bench_start(&other, NULL);
	ck_assert_int_lt(policy_load(other.policy, &files, &loaded, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "checksum"));
	bench_stop(&other);
}
END_TEST

START_TEST(restart_before_confirm_goes_back_and_after_it_does_not)
{
	struct policy_loaded loaded;
	char *text;

	json_decref(ask("policy.apply", "{\"document\":" ONE "}"));
	json_decref(
		ask("policy.apply", "{\"document\":" TWO ",\"confirm\":60}"));
	text = reload(bench.disk.journal, bench.disk.journal_size, &loaded);
	ck_assert_str_eq(text, ONE);
	ck_assert(loaded.reverted);
	free(text);
	json_decref(ask("policy.confirm", "{}"));
	text = reload(bench.disk.journal, bench.disk.journal_size, &loaded);
	ck_assert_str_eq(text, TWO);
	ck_assert(!loaded.reverted);
	free(text);
}
END_TEST

/* -- the property
 * ----------------------------------------------------------------- */

static json_t *random_document(struct prng *prng)
{
	json_t *networks = json_object(), *subnet;
	uint32_t i, j, count = prng_below(prng, 4);
	char name[16], vsid[16];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "n%u", prng_below(prng, 5));
		subnet = json_object();
		for (j = 0; j < prng_below(prng, 3); j++) {
			snprintf(vsid, sizeof(vsid), "%u",
				 5000 + (uint32_t)(name[1] - '0') * 10 +
					 prng_below(prng, 4));
			json_object_set_new(
				subnet, vsid,
				json_pack("{s:[s], s:i}", "prefixes",
					  "10.0.0.0/24", "mtu",
					  1400 + prng_below(prng, 3)));
		}
		json_object_set_new(networks, name,
				    json_pack("{s:o}", "subnets", subnet));
	}
	return json_pack("{s:i, s:o}", "format", 1, "networks", networks);
}

START_TEST(diff_applied_gives_the_other_and_inverted_gives_it_back)
{
	struct prng prng = prng_start(prng_seed() ^ (uint64_t)_i << 20);
	json_t *x = random_document(&prng), *y = random_document(&prng);
	struct journal_bytes text = {.bytes = NULL};
	json_t *operations, *inverse;
	struct change_list list;
	struct store *a, *b, *c;
	struct vs_error error;

	ck_assert_int_eq(document_parse(bench.schema, NULL, x, &a, &error), 0);
	ck_assert_int_eq(document_parse(bench.schema, NULL, y, &b, &error), 0);
	ck_assert_int_eq(change_diff(a, b, &list), 0);
	ck_assert_int_eq(change_write(&text, &list), 0);
	operations = json_loadb(text.bytes, text.size, 0, NULL);
	ck_assert_ptr_nonnull(operations);
	change_list_clear(&list);
	journal_free(&text);
	inverse = change_invert(operations);
	c = store_copy(a);
	ck_assert_msg(change_apply(c, operations, &error) == 0, "%s",
		      error.text);
	ck_assert(store_equal(b, c));
	ck_assert_msg(change_apply(c, inverse, &error) == 0, "%s", error.text);
	ck_assert(store_equal(a, c));
	json_decref(operations);
	json_decref(inverse);
	json_decref(x);
	json_decref(y);
	store_destroy(a);
	store_destroy(b);
	store_destroy(c);
}
END_TEST

#define MANY 250000
#define EACH 16 /* bytes of a member, and more */

/* As a document; the caller's. */
static char *many_networks(void)
{
	char *text = malloc((size_t)MANY * EACH + 200), *at = text;
	int i;

	at += sprintf(at, "{\"format\":1,\"networks\":{");
	for (i = 0; i < MANY; i++)
		at += sprintf(at, "%s\"n%d\":{}", i ? "," : "", i);
	sprintf(at, "}}");
	return text;
}

/* With the document in a file: it is no line any more. */
static json_t *ask_mapped(const char *method, const char *params,
			  const char *document)
{
	char text[200];

	bench.mapped = document;
	snprintf(text, sizeof(text),
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\","
		 "\"params\":{%s\"fd\":true}}",
		 method, params);
	bench_send(&bench, text, strlen(text), 5);
	return json_loads(bench.line, 0, NULL);
}

/* Each object costs the same, however many are beside it: else the time that
 * the test has runs out. */
START_TEST(large_part_is_replaced_and_read_back)
{
	char *whole = many_networks();
	struct policy_loaded loaded;
	char *text;

	json_decref(ask_mapped("policy.apply", "", whole));
	ck_assert_uint_eq(store_count(policy_store(bench.policy)), MANY);
	ck_assert_str_eq(result(ask_mapped("policy.diff",
					   "\"part\":\"networks\",", whole),
				"changes"),
			 "[]");
	json_decref(ask("policy.apply",
			"{\"part\":\"networks\",\"document\":{\"format\":1,"
			"\"networks\":{\"n7\":{},\"x\":{}}}}"));
	text = reload(bench.disk.journal, bench.disk.journal_size, &loaded);
	ck_assert_str_eq(text, "{\"format\":1,\"networks\":{\"n7\":{},"
			       "\"x\":{}}}");
	ck_assert_str_eq(text, dump());
	ck_assert_uint_eq(loaded.generation, 2);
	free(text);
	free(whole);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control_policy");
	TCase *tcase = tcase_create("policy");
	TCase *large = tcase_create("large");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(large, set_up, tear_down);
	tcase_set_timeout(large, 120);
	tcase_add_test(large, large_part_is_replaced_and_read_back);
	tcase_add_test(tcase, apply_lists_what_it_changes_by_path_and_field);
	tcase_add_test(tcase, warnings_of_an_extension_reach_the_answer);
	tcase_add_test(tcase, warning_is_said_by_the_change_that_brings_it);
	tcase_add_test(tcase, equal_document_is_unchanged_and_not_written);
	tcase_add_test(tcase,
		       force_reaches_who_judges_and_every_way_back_is_forced);
	tcase_add_test(tcase,
		       dry_run_and_diff_prepare_and_abort_and_change_nothing);
	tcase_add_test(tcase, refusal_of_the_owner_changes_nothing);
	tcase_add_test(tcase, full_disk_aborts_and_the_next_write_replaces_all);
	tcase_add_test(tcase, nothing_is_true_or_answered_before_it_is_durable);
	tcase_add_test(tcase, part_replaces_only_that_part);
	tcase_add_test(tcase, undo_walks_back_and_the_log_names_who_and_what);
	tcase_add_test(tcase, unconfirmed_apply_goes_back_at_its_deadline);
	tcase_add_test(tcase, confirmed_apply_stays);
	tcase_add_test(tcase, journal_torn_at_every_byte_gives_old_or_new);
	tcase_add_test(tcase, damaged_byte_anywhere_in_the_journal_is_refused);
	tcase_add_test(tcase, hole_in_the_last_line_of_the_journal_is_torn);
	tcase_add_test(tcase, bytes_that_never_were_a_journal_are_refused);
	tcase_add_test(tcase, damage_behind_the_document_is_refused);
	tcase_add_test(tcase,
		       compaction_replaces_the_journal_and_keeps_the_log);
	tcase_add_test(tcase, damaged_document_file_is_refused);
	tcase_add_test(tcase,
		       restart_before_confirm_goes_back_and_after_it_does_not);
	tcase_add_loop_test(
		tcase, diff_applied_gives_the_other_and_inverted_gives_it_back,
		0, 100);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, large);
	return suite_main(suite);
}
