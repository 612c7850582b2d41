// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a document: refused with a text, or a store whose dump parses
 * to the same store again. A glance objects to no document that is one.
 */
#include <stdint.h>

#include "control/check.h"
#include "control/json_text.h"
#include "tests/support/control_fixture.h"

static struct schema *schema_once(void)
{
	static struct schema *schema;
	const struct schema_config tables = {.extensions = fake_extensions,
					     .extension_count = 2,
					     .absent = fake_absent,
					     .absent_count = 1};
	struct vs_error error;

	if (!schema && schema_create(&schema, &tables, &error))
		abort();
	return schema;
}

static void check_round_trip(const struct schema *schema,
			     const struct store *store)
{
	json_t *json = document_dump(store);
	struct vs_error error;
	struct store *again;

	if (document_parse(schema, NULL, json, &again, &error) ||
	    !store_equal(store, again))
		abort();
	store_destroy(again);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct schema *schema = schema_once();
	struct vs_error error = {.code = 0};
	struct store *store = NULL;
	bool objects = document_glance(schema, (const char *)bytes, size, NULL);
	json_t *json;

	if (json_text_load((const char *)bytes, size, &json, &error) == 0)
		document_parse(schema, "a", json, &store, &error);
	json_decref(json);
	if (store && objects)
		abort();
	if (!store && (!error.code || !error.text[0]))
		abort();
	if (store) {
		error = (struct vs_error){.code = 0};
		if (check_store(store, &error) && !error.text[0])
			abort();
		check_round_trip(schema, store);
	}
	store_destroy(store);
	return 0;
}
