/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document file written anew in pieces while changes go on: a crash at any
 * moment loses nothing that was answered, and undo still knows the way.
 */
#include "tests/support/control_fixture.h"
#include "tests/support/prng.h"
#include "tests/support/suite.h"

#define RECORDS 2500u
#define STEPS	80u

/* The new document file, as far as it is written. */
struct paper {
	struct bench bench; /* the first member */
	struct policy_owner_ops ops;
	char *bytes;
	size_t size;
	struct policy_part part; /* is to be written */
	bool waiting;
	unsigned int finished;
};

static struct paper paper;

static void take_part(struct policy_owner *owner,
		      const struct policy_part *part)
{
	ck_assert_ptr_eq(owner, &paper.bench.owner);
	ck_assert(!paper.waiting);
	paper.part = *part;
	paper.waiting = true;
}

static json_t *dump_of(const struct policy *policy)
{
	return document_dump(policy_store(policy));
}

/* What a restart would find in these files is the policy, undo included. */
static void check_files(const char *document, size_t document_size,
			const char *journal, size_t journal_size)
{
	const struct policy_files files = {document, document_size, journal,
					   journal_size};
	struct bench other = {.now_ns = 1};
	struct policy_loaded loaded;
	struct vs_error error;
	const json_t *one, *two;
	json_t *a, *b;

	bench_start(&other, NULL);
	ck_assert_msg(policy_load(other.policy, &files, &loaded, &error) == 0,
		      "%s", error.text);
	ck_assert_uint_eq(loaded.generation,
			  policy_generation(paper.bench.policy));
	a = dump_of(other.policy);
	b = dump_of(paper.bench.policy);
	ck_assert(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	a = bench_ask(&other, "policy.undo", "{\"dry_run\":true}");
	b = bench_ask(&paper.bench, "policy.undo", "{\"dry_run\":true}");
	ck_assert_ptr_nonnull(a);
	one = json_object_get(a, "result");
	two = json_object_get(b, "result");
	if (b) /* NULL: a compaction is being finished, it waits */
		ck_assert_msg(json_equal(one, two) || (!one && !two), "%s\n%s",
			      other.line, paper.bench.line);
	json_decref(a);
	json_decref(b);
	bench_stop(&other);
}

static void write_part(void)
{
	struct bench *bench = &paper.bench;
	struct vs_error none = {.code = 0};
	bool last = paper.part.last;

	if (paper.part.first)
		paper.size = 0;
	paper.bytes = realloc(paper.bytes, paper.size + paper.part.size + 1);
	ck_assert_ptr_nonnull(paper.bytes);
	memcpy(paper.bytes + paper.size, paper.part.bytes, paper.part.size);
	paper.size += paper.part.size;
	if (last) {
		free(bench->disk.document);
		bench->disk.document = copy_bytes(paper.bytes, paper.size);
		bench->disk.document_size = paper.size;
		/* a crash before the journal is cut */
		check_files(bench->disk.document, bench->disk.document_size,
			    bench->disk.journal, bench->disk.journal_size);
		bench->disk.journal_size = 0;
		paper.finished++;
	}
	paper.waiting = false;
	policy_compacted(bench->policy, &none);
}

/* A document of many records, of which `number` says where they live. */
static char *document_of(unsigned int number)
{
	char *text = malloc(RECORDS * 80 + 400);
	size_t at;
	unsigned int i;

	ck_assert_ptr_nonnull(text);
	at = (size_t)sprintf(text,
			     "{\"document\":{\"format\":1,\"networks\":{\"n\":"
			     "{\"subnets\":{\"5001\":{\"prefixes\":"
			     "[\"10.0.0.0/8\"],\"ca\":{");
	for (i = 0; i < RECORDS; i++)
		at += (size_t)sprintf(
			text + at,
			"%s\"10.0.%u.%u\":{\"mac\":\"02:00:00:00:%02x:%02x\","
			"\"pa\":\"192.0.2.%u\"}",
			i ? "," : "", i / 250, 1 + i % 250, i / 250, i % 250,
			1 + number % 250);
	sprintf(text + at, "}}}}}}}");
	return text;
}

static void change(struct prng *prng, unsigned int number)
{
	char params[200], *document;
	json_t *answer;

	switch (prng_below(prng, 4)) {
	case 0:
		document = document_of(number);
		answer = bench_ask(&paper.bench, "policy.apply", document);
		/* NULL: it waits for the end of a compaction */
		ck_assert_msg(!json_object_get(answer, "error"), "%s",
			      paper.bench.line);
		json_decref(answer);
		free(document);
		break;
	case 1:
		json_decref(bench_ask(&paper.bench, "policy.undo", "{}"));
		break;
	default:
		snprintf(params, sizeof(params),
			 "{\"noun\":\"ca\",\"key\":\"10.0.1.%u\","
			 "\"parent\":\"5001\","
			 "\"fields\":{\"pa\":\"192.0.2.%u\"}}",
			 1 + prng_below(prng, 250), 1 + number % 250);
		json_decref(bench_ask(&paper.bench, "object.set", params));
		break;
	}
}

START_TEST(crash_at_any_piece_of_a_compaction_loses_nothing)
{
	struct bench *bench = &paper.bench;
	struct prng prng = prng_start(prng_seed() ^ (uint64_t)_i << 20);
	unsigned int i;

	bench_start(bench, NULL);
	paper.ops = bench_owner_ops;
	paper.ops.compact = take_part;
	bench->owner.ops = &paper.ops;
	for (i = 0; i < STEPS || paper.waiting; i++) {
		if (paper.waiting && (i >= STEPS || prng_below(&prng, 4)))
			write_part();
		else
			change(&prng, i);
		if (i % 32 == 0 || (paper.waiting && !prng_below(&prng, 6)))
			check_files(
				bench->disk.document, bench->disk.document_size,
				bench->disk.journal, bench->disk.journal_size);
	}
	ck_assert_uint_gt(paper.finished, 0);
	bench_stop(bench);
	disk_free(&bench->disk);
	free(paper.bytes);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("control_compact");
	TCase *tc = tcase_create("compact");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(
		tc, crash_at_any_piece_of_a_compaction_loses_nothing, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return suite_main(suite());
}
