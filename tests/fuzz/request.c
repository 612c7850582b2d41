// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as request lines of one client: each line gets exactly one answer
 * with one newline at its end, and what was accepted can be read back.
 */
#include <stdint.h>

#include "tests/support/control_fixture.h"

static void check_answer(const struct bench *bench, int before)
{
	json_t *json;

	if (bench->lines != before + 1)
		abort();
	json = json_loads(bench->line, 0, NULL);
	if (!json || strchr(bench->line, '\n')[1] ||
	    !json_object_get(json, "result") == !json_object_get(json, "error"))
		abort();
	json_decref(json);
}

static void check_disk(struct bench *bench)
{
	const struct policy_files files = {
		.document = bench->disk.document,
		.document_size = bench->disk.document_size,
		.journal = bench->disk.journal,
		.journal_size = bench->disk.journal_size};
	struct bench other = {.now_ns = 1};
	struct policy_loaded loaded;
	struct vs_error error;
	json_t *now, *read_back;

	bench_start(&other, NULL);
	if (policy_load(other.policy, &files, &loaded, &error))
		abort();
	now = document_dump(policy_store(bench->policy));
	read_back = document_dump(policy_store(other.policy));
	if (!loaded.reverted && !json_equal(now, read_back))
		abort();
	json_decref(now);
	json_decref(read_back);
	bench_stop(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct bench bench = {.now_ns = 1000,
			      .mapped = "{\"format\":1,\"networks\":{}}"};
	const char *line = (const char *)bytes, *end;
	int before;

	bench_start(&bench, NULL);
	while (size) {
		end = memchr(line, '\n', size);
		if (!end)
			end = line + size;
		before = bench.lines;
		bench_send(&bench, line, (size_t)(end - line), 3);
		check_answer(&bench, before);
		size -= (size_t)(end - line);
		line = end;
		if (size) {
			line++;
			size--;
		}
	}
	check_disk(&bench);
	bench_stop(&bench);
	disk_free(&bench.disk);
	return 0;
}
