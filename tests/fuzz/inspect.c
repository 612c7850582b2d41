// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a document that is judged: an answer whose counts and findings
 * agree, each finding with a text; what has no error applies on its hosts.
 */
#include <stdint.h>

#include "control/check.h"
#include "control/document.h"
#include "control/inspect.h"
#include "control/json_text.h"

extern const struct vs_extension vs_extension; /* WNV */

static struct schema *schema_once(void)
{
	static struct schema *schema;
	static const struct vs_extension *const extensions[] = {&vs_extension};
	const struct schema_config tables = {.extensions = extensions,
					     .extension_count = 1};
	struct vs_error error;

	if (!schema && schema_create(&schema, &tables, &error))
		abort();
	return schema;
}

static void look_at(const json_t *answer)
{
	const json_t *findings = json_object_get(answer, "findings");
	json_int_t errors =
		json_integer_value(json_object_get(answer, "errors"));
	json_int_t warnings =
		json_integer_value(json_object_get(answer, "warnings"));
	json_t *each;
	size_t i;

	json_array_foreach(findings, i, each)
	{
		if (!json_string_length(json_object_get(each, "text")))
			abort();
	}
	if (!answer || (json_int_t)i > errors + warnings ||
	    (i == 0) != (errors + warnings == 0))
		abort();
}

/* Does the first host of the document parse and hold together? */
static void must_apply(const json_t *document)
{
	json_t *hosts = json_object_get(document, "hosts");
	const char *host = json_object_iter_key(json_object_iter(hosts));
	struct vs_error error;
	struct store *store;

	if (document_parse(schema_once(), host, document, &store, &error) ||
	    check_store(store, &error))
		abort();
	store_destroy(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct vs_error error;
	json_t *json, *answer;

	if (json_text_load((const char *)bytes, size, &json, &error))
		return 0;
	answer = inspect_document(schema_once(), json);
	look_at(answer);
	if (!json_integer_value(json_object_get(answer, "errors")))
		must_apply(json);
	json_decref(answer);
	json_decref(json);
	return 0;
}
