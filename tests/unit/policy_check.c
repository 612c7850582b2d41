// SPDX-License-Identifier: Apache-2.0
/*
 * The policy linter: one faulty document per finding, made from a clean one
 * by a patch (a member that is null is taken away), and what must be found at
 * which place; the clean one finds nothing. What applies on every host is
 * what has no error.
 */
#include <string.h>

#include "control/check.h"
#include "control/document.h"
#include "control/inspect.h"
#include "control/json_text.h"
#include "control/settings_cursor.h"
#include "tests/support/suite.h"
#include "wnv/configure.h"
#include "wnv/state.h"

extern const struct vs_extension vs_extension; /* WNV */

static const char clean[] =
	"{\"format\":1,\"networks\":{\"blue\":{\"subnets\":{\"5001\":{"
	"\"prefixes\":[\"10.0.0.0/24\",\"fd00::/64\"],\"ca\":{"
	"\"10.0.0.5\":{\"mac\":\"02:00:00:00:00:05\",\"pa\":\"192.0.2.1\"},"
	"\"fd00::5\":{\"mac\":\"02:00:00:00:00:05\",\"pa\":\"192.0.2.1\"},"
	"\"10.0.0.7\":{\"mac\":\"02:00:00:00:00:07\",\"pa\":\"192.0.2.2\"},"
	"\"fd00::7\":{\"mac\":\"02:00:00:00:00:07\",\"pa\":\"192.0.2.2\"}}}}}},"
	"\"hosts\":{"
	"\"a\":{\"switches\":{\"lab\":{\"stack\":[\"wnv\"],"
	"\"uplinks\":{\"wire\":{\"pa\":{\"192.0.2.1\":{\"prefix\":24}}}},"
	"\"ports\":{\"p5\":{\"tap\":\"t5\",\"vsid\":5001,"
	"\"ca\":[\"10.0.0.5\",\"fd00::5\"]}}}}},"
	"\"b\":{\"switches\":{\"lab\":{\"stack\":[\"wnv\"],"
	"\"uplinks\":{\"wire\":{\"pa\":{\"192.0.2.2\":{\"prefix\":24}}}},"
	"\"ports\":{\"p7\":{\"tap\":\"t7\",\"vsid\":5001,"
	"\"ca\":[\"10.0.0.7\",\"fd00::7\"]}}}}}}}";

#define BLUE(x)	  "{\"networks\":{\"blue\":{" x "}}}"
#define SUBNET(x) BLUE("\"subnets\":{\"5001\":{" x "}}")
#define CA(x)	  SUBNET("\"ca\":{" x "}")
#define B(x)	  "{\"hosts\":{\"b\":{\"switches\":{\"lab\":{" x "}}}}}"
#define WIRE(x)	  B("\"uplinks\":{\"wire\":{" x "}}")
#define PORT(x)	  B("\"ports\":{" x "}")
#define NET	  "networks.blue"
#define SUB	  NET ".subnets.5001"
#define B_LAB	  "hosts.b.switches.lab"
#define MAC(n)	  "\"mac\":\"02:00:00:00:00:" n "\""

static const struct fault {
	const char *patch, *severity, *path, *words;
} faults[] = {
	/* A4.1 */
	{BLUE("\"subnets\":{\"100\":{\"prefixes\":[\"10.1.0.0/24\"]}}"),
	 "error", NET ".subnets", "4096"},
	/* A4.2 */
	{CA("\"10.0.0.7\":{\"use-vm-mac\":true}"), "error", SUB, "rewrite"},
	/* A4.3, A4.4: a record of no address; gateways have nouns */
	{CA("\"0.0.0.0\":{" MAC("09") ",\"pa\":\"192.0.2.2\"}"), "error", SUB,
	 "gateways"},
	{CA("\"10.0.0.7\":{\"type\":\"gateway\"}"), "error", SUB, "gateway"},
	/* A4.5 */
	{"{\"networks\":{\"red\":{\"subnets\":{\"5001\":{\"prefixes\":[\"10.9."
	 "0.0/24\"]}}}}}",
	 "error", SUB, "must be unique"},
	/* A4.6 */
	{BLUE("\"subnets\":{\"5002\":{\"prefixes\":[\"10.0.0.128/25\"]}}"),
	 "error", NET ".subnets.5002", "overlaps"},
	/* A4.7: one PA for two addresses */
	{CA("\"10.0.0.5\":{\"rule\":\"rewrite\"},\"fd00::5\":null,"
	    "\"10.0.0.6\":{" MAC("05") ",\"pa\":\"192.0.2.1\",\"rule\":"
				       "\"rewrite\"}"),
	 "error", SUB, "192.0.2.1"},
	/* A4.8 */
	{CA("\"10.0.0.5\":{\"rule\":\"rewrite\"}"), "warning", SUB,
	 "also stands for"},
	/* A4.9 */
	{CA("\"10.0.0.1\":{" MAC("01") ",\"pa\":\"192.0.2.9\"}"), "error", SUB,
	 "is the gateway"},
	/* A4.10 */
	{BLUE("\"routes\":{\"out\":{\"prefix\":\"0.0.0.0/0\",\"next-hop\":"
	      "\"10.0.0.9\"}}"),
	 "warning", NET ".routes", "no record"},
	/* A4.11 */
	{BLUE("\"routes\":{\"out\":{\"prefix\":\"0.0.0.0/0\",\"next-hop\":"
	      "\"10.0.0.7\"}}"),
	 "warning", NET ".routes", "subnet of its own"},
	/* A4.12 */
	{CA("\"10.7.0.7\":{" MAC("07") ",\"pa\":\"192.0.2.2\"}"), "warning",
	 SUB ".ca", "in no prefix"},
	/* A4.13 */
	{CA("\"10.0.0.7\":{\"pa\":\"192.0.2.1\"}"), "warning",
	 B_LAB ".ports.p7",
	 "the port waits: the record of 10.0.0.7 names PA 192.0.2.1, which is "
	 "on a"},
	/* A4.14 */
	{CA("\"fd00::7\":{\"rule\":\"rewrite\"}"), "error", SUB, "same family"},
	/* A4.15: a port has no vlan */
	{PORT("\"p7\":{\"vlan\":7}"), "error", B_LAB ".ports.p7", "vlan"},
	/* A4.16 */
	{CA("\"10.0.0.7\":{\"pa\":\"239.1.1.1\"}"), "error", SUB, "239.1.1.1"},
	/* A4.17: legal for a gateway, useless for a VM */
	{CA("\"10.0.0.7\":{\"pa\":\"169.254.254.254\"}"), "warning", SUB,
	 "unusable"},
	/* between hosts */
	{WIRE("\"pa\":{\"192.0.2.1\":{\"prefix\":24}}"), "error",
	 B_LAB ".uplinks.wire.pa", "a has 192.0.2.1 too"},
	{CA("\"10.0.0.8\":{" MAC("08") ",\"pa\":\"192.0.2.8\"}"), "error",
	 SUB ".ca[\"10.0.0.8\"].pa", "no host has PA 192.0.2.8"},
	{CA("\"10.0.0.8\":{" MAC("08") ",\"pa\":\"192.0.2.2\"}"), "warning",
	 SUB ".ca[\"10.0.0.8\"]", "no port has 10.0.0.8, though b"},
	{CA("\"fd00::7\":{\"pa\":\"192.0.2.1\"}"), "warning", SUB ".ca[\"",
	 "a VM is on one host"},
	{CA("\"10.0.0.7\":null,\"fd00::7\":null"), "warning",
	 B_LAB ".ports.p7.ca", "10.0.0.7 has no record"},
	{PORT("\"q\":{\"tap\":\"q\",\"vsid\":5001,\"ca\":[\"10.0.0.5\"]}"),
	 "warning", B_LAB ".ports.q.ca", "plugged in on a too"},
	{PORT("\"p7\":{\"mtu\":1400}"), "warning", B_LAB ".ports.p7.mtu",
	 "subnet 5001 has 1458"},
	{CA("\"10.0.0.7\":{\"rule\":\"vxlan\"}"), "warning", SUB ".mtu",
	 "write mtu=1450"},
	{WIRE("\"pa\":{\"192.0.2.2\":{\"vlan\":7}}"), "warning",
	 B_LAB ".uplinks.wire.pa[\"192.0.2.2\"].vlan", "one vlan in both"},
	{WIRE("\"pa\":{\"192.0.2.2\":{\"prefix\":25}}"), "warning",
	 B_LAB ".uplinks.wire.pa[\"192.0.2.2\"].prefix", "prefix length 24"},
	{WIRE("\"pa\":{\"192.0.2.2\":{\"prefix\":32}}"), "error",
	 B_LAB ".uplinks.wire.pa[\"192.0.2.2\"]",
	 "no way to PA 192.0.2.1 of a, which has one back"},
	/* one record, one PA: families do not meet */
	{"{\"networks\":{\"blue\":{\"subnets\":{\"5001\":{\"ca\":{\"10.0.0.7\":"
	 "{\"pa\":\"2001:db8::2\"}}}}}},\"hosts\":{\"b\":{\"switches\":{"
	 "\"lab\":{\"uplinks\":{\"wire\":{\"pa\":{\"2001:db8::2\":{"
	 "\"prefix\":64}}}}}}}}}",
	 "error", SUB ".ca[\"10.0.0.7\"].pa", "of two families"},
	{"{\"peers\":{\"192.0.2.77\":{\"flowid\":false}}}", "warning", "peers",
	 "no record names PA 192.0.2.77"},
	/* groups of the provider network */
	{SUBNET("\"groups\":{\"10.0.0.9\":{\"pa\":\"239.1.0.1\"}}"), "error",
	 SUB ".groups", "no group address"},
	{SUBNET("\"groups\":{\"all\":{\"pa\":\"192.0.2.2\"}}"), "error",
	 SUB ".groups.all.pa", "no group that a provider network carries"},
	{SUBNET("\"groups\":{\"all\":{\"pa\":\"ff08::1\"}}"), "warning",
	 SUB ".groups.all", "of another family"},
	{"{\"networks\":{\"blue\":{\"subnets\":{\"5001\":{\"groups\":{\"all\":{"
	 "\"pa\":\"239.1.0.1\"}}}}},\"red\":{\"subnets\":{\"6001\":{"
	 "\"prefixes\":[\"10.9.0.0/24\"],\"groups\":{\"all\":{\"pa\":"
	 "\"239.1.0.1\"}}}}}}}",
	 "warning", "networks.", "uses 239.1.0.1 too"},
	/* black holes and loops */
	{BLUE("\"subnets\":{\"5002\":{\"prefixes\":[\"10.2.0.0/24\"]}}"),
	 "warning", NET ".subnets.5002.prefixes", "nobody lives in"},
	{SUBNET("\"gateways\":{\"02:00:00:00:00:07\":{\"pa\":\"192.0.2.1\"}}"),
	 "error", SUB ".ca", "write one PA in both"},
	{"{\"hosts\":{\"b\":{\"switches\":{\"lab\":{\"nonsense\":1}}}}}",
	 "error", "hosts.b.switches.lab.nonsense", "unknown member"},
};

static struct schema *schema;

static void set_up(void)
{
	static const struct vs_extension *const extensions[] = {&vs_extension};
	const struct schema_config tables = {.extensions = extensions,
					     .extension_count = 1};
	struct vs_error error;

	ck_assert_int_eq(schema_create(&schema, &tables, &error), 0);
}

static void tear_down(void)
{
	schema_destroy(schema);
}

static json_t *text_json(const char *text)
{
	struct vs_error error;
	json_t *json;

	ck_assert_msg(!json_text_load(text, strlen(text), &json, &error), "%s",
		      error.text);
	return json;
}

static void patch(json_t *whole, const json_t *with)
{
	const char *member;
	json_t *each, *old;

	json_object_foreach((json_t *)(uintptr_t)with, member, each)
	{
		old = json_object_get(whole, member);
		if (json_is_null(each))
			json_object_del(whole, member);
		else if (json_is_object(each) && json_is_object(old))
			patch(old, each);
		else
			json_object_set(whole, member, each);
	}
}

static json_t *patched(const char *text)
{
	json_t *document = text_json(clean), *with = text_json(text);

	patch(document, with);
	json_decref(with);
	return document;
}

static bool has(const json_t *findings, const struct fault *fault)
{
	const char *severity, *path, *text;
	json_t *each;
	size_t i;

	json_array_foreach(findings, i, each)
	{
		severity = json_string_value(json_object_get(each, "severity"));
		path = json_string_value(json_object_get(each, "path"));
		text = json_string_value(json_object_get(each, "text"));
		if (!strcmp(severity, fault->severity) &&
		    !strncmp(path, fault->path, strlen(fault->path)) &&
		    strstr(text, fault->words))
			return true;
	}
	return false;
}

/* Would the host take its part? The extension's configure, as in the daemon. */
static bool applies(const json_t *document, const char *host)
{
	struct settings_cursor cursor;
	struct wnv_state *state = NULL;
	struct vs_error error;
	struct store *store;
	bool ok;

	if (document_parse(schema, host, document, &store, &error))
		return false;
	settings_cursor_open(
		&cursor, store,
		store_next(store, schema_find(schema, "switch"), NULL, NULL),
		NULL);
	ok = check_store(store, &error) == 0 &&
	     wnv_configure(&cursor.settings, WNV_OCCASION_CHANGE, 1, &state,
			   &error) == 0;
	wnv_state_free(state);
	store_destroy(store);
	return ok;
}

static void judge(const json_t *document, const struct fault *fault)
{
	json_t *answer = inspect_document(schema, document);
	json_t *findings = json_object_get(answer, "findings");
	char *text = json_dumps(findings, JSON_INDENT(1));
	json_int_t errors =
		json_integer_value(json_object_get(answer, "errors"));

	ck_assert_ptr_nonnull(answer);
	ck_assert_msg(has(findings, fault), "not found: %s at %s, in:\n%s",
		      fault->words, fault->path, text);
	ck_assert_msg(
		errors || (applies(document, "a") && applies(document, "b")),
		"no error, and yet it does not apply:\n%s", text);
	free(text);
	json_decref(answer);
}

START_TEST(clean_document_of_two_hosts_has_no_finding)
{
	json_t *document = text_json(clean);
	json_t *answer = inspect_document(schema, document);
	char *text = json_dumps(answer, 0);

	ck_assert_str_eq(text,
			 "{\"findings\": [], \"errors\": 0, \"warnings\": 0}");
	free(text);
	json_decref(answer);
	json_decref(document);
}
END_TEST

/* A VM's port may name its MAC only, and a subnet's port be one by tag. */
START_TEST(ports_by_mac_and_by_tag_count)
{
	static const struct {
		const char *patch;
		struct fault fault;
	} spared[] = {
		{"{\"networks\":{\"blue\":{\"subnets\":{\"5001\":{\"ca\":{"
		 "\"10.0.0.8\":{" MAC("08") ",\"pa\":\"192.0.2.2\"}}}}}},"
					    "\"hosts\":{\"b\":{\"switches\":{"
					    "\"lab\":{\"ports\":{\"q\":{"
					    "\"tap\":\"q\",\"vsid\":5001," MAC(
						    "08") "}}}}}}}",
		 {NULL, "warning", SUB, "no port has 10.0.0.8"}},
		{"{\"networks\":{\"blue\":{\"subnets\":{\"5002\":{\"prefixes\":"
		 "["
		 "\"10.2.0.0/24\"]},\"5003\":{\"prefixes\":[\"10.3.0.0/"
		 "24\"]}}}},"
		 "\"hosts\":{\"b\":{\"switches\":{\"lab\":{\"ports\":{\"q\":{"
		 "\"tap\":\"q\",\"rdmap\":[\"7:5003\",\"9:5002\"]}}}}}}}",
		 {NULL, "warning", NET, "nobody lives in"}},
	};
	size_t i;

	for (i = 0; i < sizeof(spared) / sizeof(spared[0]); i++) {
		json_t *document = patched(spared[i].patch);
		json_t *answer = inspect_document(schema, document);

		ck_assert_int_eq(
			json_integer_value(json_object_get(answer, "errors")),
			0);
		ck_assert(!has(json_object_get(answer, "findings"),
			       &spared[i].fault));
		json_decref(answer);
		json_decref(document);
	}
}
END_TEST

START_TEST(each_fault_is_found_at_its_place)
{
	json_t *document = patched(faults[_i].patch);

	judge(document, &faults[_i]);
	json_decref(document);
}
END_TEST

/* A route inside a subnet leads back to the VM that forwards. */
START_TEST(route_that_holds_its_own_next_hop_is_a_loop)
{
	json_t *document =
		patched(BLUE("\"routes\":{\"in\":{\"prefix\":\"10.0.0.0/28\","
			     "\"next-hop\":\"10.0.0.7\"}}"));
	const struct fault fault = {NULL, "error", NET ".routes",
				    "leads to its own next hop"};

	judge(document, &fault);
	json_decref(document);
}
END_TEST

/* A fabric's other hosts may stand elsewhere: one host's own document is not
 * blamed for addresses that it does not have. */
START_TEST(document_of_one_host_may_name_others)
{
	json_t *document = text_json(clean);
	json_t *hosts = json_object_get(document, "hosts");
	json_t *answer;

	json_object_update(document, json_object_get(hosts, "a"));
	json_object_del(document, "hosts");
	answer = inspect_document(schema, document);
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "findings")),
			  0);
	json_decref(answer);
	json_decref(document);
}
END_TEST

START_TEST(whatever_is_no_document_is_a_finding)
{
	static const char *const texts[] = {"{}", "[]",
					    "{\"format\":1,"
					    "\"hosts\":[]}",
					    "{\"format\":1,\"hosts\":{\"a\":"
					    "7}}"};
	json_t *document, *answer;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		document = text_json(texts[i]);
		answer = inspect_document(schema, document);
		ck_assert_int_ge(
			json_integer_value(json_object_get(answer, "errors")),
			1);
		json_decref(answer);
		json_decref(document);
	}
}
END_TEST

/* Any few of the patches together. */
START_TEST(document_without_error_applies_on_every_host)
{
	struct prng prng = prng_start(prng_seed());
	size_t n = sizeof(faults) / sizeof(faults[0]);
	json_t *document, *with, *answer;
	unsigned int round, i;

	for (round = 0; round < 300; round++) {
		document = text_json(clean);
		for (i = 0; i < 3; i++) {
			with = text_json(
				faults[prng_below(&prng, (uint32_t)n)].patch);
			patch(document, with);
			json_decref(with);
		}
		answer = inspect_document(schema, document);
		ck_assert_ptr_nonnull(answer);
		if (!json_integer_value(json_object_get(answer, "errors")))
			ck_assert(applies(document, "a") &&
				  applies(document, "b"));
		json_decref(answer);
		json_decref(document);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_check");
	TCase *tests = tcase_create("check");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, clean_document_of_two_hosts_has_no_finding);
	tcase_add_test(tests, ports_by_mac_and_by_tag_count);
	tcase_add_loop_test(tests, each_fault_is_found_at_its_place, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tests, route_that_holds_its_own_next_hop_is_a_loop);
	tcase_add_test(tests, document_of_one_host_may_name_others);
	tcase_add_test(tests, whatever_is_no_document_is_a_finding);
	tcase_add_test(tests, document_without_error_applies_on_every_host);
	tcase_set_timeout(tests, 120);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
