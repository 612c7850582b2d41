// SPDX-License-Identifier: Apache-2.0
/*
 * port.save and port.restore: a document that comes back as it went, and every
 * fault of one that does not fit with its place.
 */
#include <ctype.h>

#include "control/port_saved.h"
#include "tests/support/control_fixture.h"
#include "tests/support/suite.h"

#define GUID "8d1f6c2e-3a57-4c94-b0e2-77a1f5d30c61"

static struct bench bench;
static struct port_saved restored;

static int save_port(struct request_engine *engine, const char *name,
		     struct port_saved *saved, struct vs_error *error)
{
	struct port_state_saved *state = &saved->states[0];

	(void)engine;
	if (strcmp(name, "web") != 0)
		return vs_error_set(error, ENOENT, "name", "no port %s", name);
	strcpy(saved->port, name);
	saved->vsid.value = 5001;
	vs_mac_parse("02:00:00:00:00:05", &saved->mac);
	saved->count = 1;
	strcpy(state->guid, GUID);
	strcpy(state->name, "wnv");
	strcpy(state->version, "1");
	state->size = 256;
	state->bytes = malloc(256);
	ck_assert_ptr_nonnull(state->bytes);
	for (unsigned int i = 0; i < 256; i++)
		state->bytes[i] = (uint8_t)i;
	return 0;
}

static int restore_port(struct request_engine *engine, const char *name,
			const struct port_saved *saved, struct vs_reply *reply,
			struct vs_error *error)
{
	(void)engine;
	restored = *saved;
	for (uint16_t i = 0; i < saved->count; i++) {
		const struct port_state_saved *state = &saved->states[i];

		for (size_t k = 0; k < state->size; k++)
			ck_assert_uint_eq(state->bytes[k], (uint8_t)k);
	}
	if (strcmp(name, "full") == 0)
		return vs_error_set(error, EDQUOT, "state", "no room");
	reply->ops->text(reply, "port", name);
	return 0;
}

static void set_up(void)
{
	bench = (struct bench){.now_ns = 1000};
	bench_start(&bench, NULL);
	bench.engine.save_port = save_port;
	bench.engine.restore_port = restore_port;
	restored = (struct port_saved){.count = UINT16_MAX};
}

static void tear_down(void)
{
	bench_stop(&bench);
	disk_free(&bench.disk);
}

/* A call whose error, or result, is given back; the caller's. */
static json_t *ask(const char *method, const char *name, json_t *document)
{
	json_t *params = json_pack("{s:s}", "name", name), *answer;
	char *text;

	if (document)
		json_object_set_new(params, "document", document);
	text = json_dumps(params, 0);
	answer = bench_ask(&bench, method, text);
	free(text);
	json_decref(params);
	return answer;
}

static json_t *saved_document(void)
{
	json_t *answer = ask("port.save", "web", NULL);
	json_t *document = json_incref(
		json_object_get(json_object_get(answer, "result"), "document"));

	json_decref(answer);
	ck_assert_ptr_nonnull(document);
	return document;
}

static const char *text_of(const json_t *json, const char *member)
{
	return json_string_value(json_object_get(json, member));
}

START_TEST(document_says_whose_port_and_whose_bytes)
{
	json_t *document = saved_document();
	json_t *state =
		json_object_get(json_object_get(document, "state"), GUID);

	ck_assert_int_eq(
		json_integer_value(json_object_get(document, "format")), 1);
	ck_assert_str_eq(text_of(json_object_get(document, "port"), "mac"),
			 "02:00:00:00:00:05");
	ck_assert_str_eq(text_of(state, "name"), "wnv");
	ck_assert_uint_eq(strlen(text_of(state, "bytes")), 512);
	ck_assert_int_eq(strncmp(text_of(state, "bytes"), "000102", 6), 0);
	json_decref(document);
}
END_TEST

START_TEST(what_was_saved_is_restored_byte_by_byte)
{
	json_t *answer = ask("port.restore", "there", saved_document());

	ck_assert_str_eq(text_of(json_object_get(answer, "result"), "port"),
			 "there");
	ck_assert_uint_eq(restored.count, 1);
	ck_assert_uint_eq(restored.states[0].size, 256);
	ck_assert_str_eq(restored.states[0].guid, GUID);
	ck_assert_uint_eq(restored.vsid.value, 5001);
	ck_assert_uint_eq(restored.mac.octet[5], 5);
	ck_assert_str_eq(restored.port, "web");
	json_decref(answer);
}
END_TEST

START_TEST(absent_port_and_refusing_engine_are_errors)
{
	json_decref(ask("port.save", "mail", NULL));
	ck_assert_ptr_nonnull(strstr(bench.line, "no port mail"));
	ck_assert_ptr_nonnull(strstr(bench.line, "\"exit\":2"));
	json_decref(ask("port.restore", "full", saved_document()));
	ck_assert_ptr_nonnull(strstr(bench.line, "no room"));
	ck_assert_ptr_nonnull(strstr(bench.line, "\"exit\":4"));
	json_decref(bench_ask(&bench, "port.save", "{}"));
	ck_assert_ptr_nonnull(strstr(bench.line, "name: missing"));
	json_decref(ask("port.restore", "web", NULL));
	ck_assert_ptr_nonnull(strstr(bench.line, "document: missing"));
}
END_TEST

/* The place, a value for it (NULL: nothing), and what is said. */
static const struct {
	const char *member, *below, *value, *path, *want;
} faults[] = {
	{"format", NULL, NULL, "format", "not 1"},
	{"format", NULL, "2", "format", "not 1"},
	{"formt", NULL, "1", "formt", "did you mean 'format'"},
	{"port", NULL, NULL, "port", "no object"},
	{"port", "vsid", "17", "port.vsid", "no VSID"},
	{"port", "vsid", "\"5001\"", "port.vsid", "no VSID"},
	{"port", "mac", "\"02:00\"", "port.mac", "no MAC"},
	{"port", "name", "\"\"", "port.name", "missing"},
	{"port", "nme", "1", "port.nme", "did you mean 'name'"},
	{"state", NULL, NULL, "state", "missing"},
	{"state", NULL, "[]", "state", "missing"},
	{"state", "x", "{}", "state[\\\"x\\\"]", "no GUID"},
	{"state", GUID, "7", "state[\\\"" GUID "\\\"]", "no object"},
	{"state", GUID, "{\"name\":\"a\",\"version\":\"1\"}",
	 "state[\\\"" GUID "\\\"].bytes", "missing"},
	{"state", GUID, "{\"name\":\"a\",\"version\":\"1\",\"bytes\":\"\"}",
	 "state[\\\"" GUID "\\\"].bytes", "two make a byte"},
	{"state", GUID, "{\"name\":\"a\",\"version\":\"1\",\"bytes\":\"abc\"}",
	 "state[\\\"" GUID "\\\"].bytes", "two make a byte"},
	{"state", GUID, "{\"name\":\"a\",\"version\":\"1\",\"bytes\":\"0g\"}",
	 "state[\\\"" GUID "\\\"].bytes", "character 2"},
	{"state", GUID, "{\"name\":\"a\",\"version\":1,\"bytes\":\"00\"}",
	 "state[\\\"" GUID "\\\"].version", "missing"},
	{"state", GUID,
	 "{\"name\":\"a\",\"version\":\"1\",\"bytes\":\"00\",\"more\":1}",
	 "state[\\\"" GUID "\\\"].more", "unknown member"},
};

START_TEST(document_that_is_none_is_refused_with_its_place)
{
	json_t *document = saved_document(), *place = document, *value = NULL;
	const char *member = faults[_i].member;
	char path[160];

	if (faults[_i].below) {
		place = json_object_get(document, member);
		member = faults[_i].below;
	}
	if (faults[_i].value)
		value = json_loads(faults[_i].value, JSON_DECODE_ANY, NULL);
	if (value)
		json_object_set_new(place, member, value);
	else
		json_object_del(place, member);
	json_decref(ask("port.restore", "web", document));
	snprintf(path, sizeof(path), "\"path\":\"%s\"", faults[_i].path);
	ck_assert_msg(
		strstr(bench.line, path) && strstr(bench.line, faults[_i].want),
		"%s, '%s' are not in %s", path, faults[_i].want, bench.line);
	ck_assert_uint_eq(restored.count, UINT16_MAX);
}
END_TEST

/* Who looks for it later, by what it read, finds it. */
START_TEST(guid_has_one_form_in_a_document)
{
	struct port_saved saved = {.count = 0};
	struct vs_error error;
	json_t *document;

	ck_assert_int_eq(save_port(NULL, "web", &saved, &error), 0);
	for (char *at = saved.states[0].guid; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	document = port_saved_write(&saved);
	ck_assert_ptr_nonnull(
		json_object_get(json_object_get(document, "state"), GUID));
	json_decref(document);
	port_saved_clear(&saved);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control_port");
	TCase *tcase = tcase_create("control_port");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, guid_has_one_form_in_a_document);
	tcase_add_test(tcase, document_says_whose_port_and_whose_bytes);
	tcase_add_test(tcase, what_was_saved_is_restored_byte_by_byte);
	tcase_add_test(tcase, absent_port_and_refusing_engine_are_errors);
	tcase_add_loop_test(tcase,
			    document_that_is_none_is_refused_with_its_place, 0,
			    (int)(sizeof(faults) / sizeof(faults[0])));
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
