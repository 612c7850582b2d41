// SPDX-License-Identifier: Apache-2.0
/*
 * An extension's objects as JSON Schema, from a canned answer to schema.list.
 */
#include <string.h>

#include "cli/json_schema.h"
#include "tests/support/suite.h"

static const char answer[] =
	"{\"nouns\": ["
	"{\"name\": \"port\", \"member\": \"ports\", \"parent\": \"switch\","
	" \"extension\": \"core\", \"help\": \"a port\", \"fields\": []},"
	"{\"name\": \"net\", \"member\": \"nets\", \"parent\": null,"
	" \"extension\": \"x\", \"help\": \"a net\", \"fields\": ["
	"{\"name\": \"name\", \"kind\": \"name\", \"help\": \"its name\"},"
	"{\"name\": \"mtu\", \"kind\": \"number\", \"minimum\": 68,"
	" \"maximum\": 9000, \"unset\": \"1500\", \"help\": \"how large\"},"
	"{\"name\": \"tags\", \"kind\": \"text\", \"list\": true,"
	" \"required\": true, \"help\": \"words\"},"
	"{\"name\": \"seen\", \"kind\": \"number\", \"status\": true,"
	" \"help\": \"frames\"}]},"
	"{\"name\": \"rule\", \"member\": \"rules\", \"parent\": \"net\","
	" \"extension\": \"x\", \"help\": \"a rule\", \"fields\": ["
	"{\"name\": \"number\", \"kind\": \"number\", \"help\": \"which\"},"
	"{\"name\": \"on\", \"kind\": \"bool\", \"help\": \"does it act\"},"
	"{\"name\": \"way\", \"kind\": \"choice\", \"choices\": [\"in\","
	" \"out\"], \"help\": \"whither\"}]},"
	"{\"name\": \"mark\", \"member\": \"marks\", \"parent\": \"port\","
	" \"extension\": \"x\", \"help\": \"a mark\", \"fields\": ["
	"{\"name\": \"mark\", \"kind\": \"name\", \"help\": \"it\"}]}]}";

static const char wanted[] =
	"{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
	" \"title\": \"x\", \"type\": \"object\","
	" \"properties\": {\"nets\": {\"type\": \"object\","
	" \"additionalProperties\": {\"$ref\": \"#/$defs/net\"}}},"
	" \"$defs\": {"
	"\"net\": {\"description\": \"a net\", \"type\": \"object\","
	" \"x-member\": \"nets\", \"required\": [\"tags\"], \"properties\": {"
	"\"mtu\": {\"type\": \"integer\", \"minimum\": 68, \"maximum\": 9000,"
	" \"x-unset\": \"1500\", \"description\": \"how large\"},"
	"\"tags\": {\"type\": \"array\", \"items\": {\"type\": \"string\"},"
	" \"description\": \"words\"},"
	"\"rules\": {\"type\": \"object\", \"additionalProperties\":"
	" {\"$ref\": \"#/$defs/rule\"}}}},"
	"\"rule\": {\"description\": \"a rule\", \"type\": \"object\","
	" \"x-member\": \"rules\", \"x-parent\": \"net\", \"required\": [],"
	" \"properties\": {"
	"\"on\": {\"type\": \"boolean\", \"description\": \"does it act\"},"
	"\"way\": {\"enum\": [\"in\", \"out\"],"
	" \"description\": \"whither\"}}},"
	"\"mark\": {\"description\": \"a mark\", \"type\": \"object\","
	" \"x-member\": \"marks\", \"x-parent\": \"port\", \"required\": [],"
	" \"properties\": {}}}}";

START_TEST(tables_of_an_extension_become_a_json_schema)
{
	json_t *schema = json_loads(answer, 0, NULL);
	json_t *want = json_loads(wanted, 0, NULL);
	json_t *got = json_schema(schema, "x");
	char *text = json_dumps(got, JSON_INDENT(1) | JSON_SORT_KEYS);

	ck_assert_ptr_nonnull(want);
	ck_assert_msg(json_equal(got, want), "%s", text);
	free(text);
	json_decref(got);
	json_decref(want);
	json_decref(schema);
}
END_TEST

START_TEST(extension_without_objects_has_none)
{
	json_t *schema = json_loads(answer, 0, NULL);

	ck_assert_ptr_null(json_schema(schema, "y"));
	json_decref(schema);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli_json_schema");
	TCase *tcase = tcase_create("json_schema");

	tcase_add_test(tcase, tables_of_an_extension_become_a_json_schema);
	tcase_add_test(tcase, extension_without_objects_has_none);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
