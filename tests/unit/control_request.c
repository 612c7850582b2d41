// SPDX-License-Identifier: Apache-2.0
/*
 * Requests: what is no request, what a person may type for objects, what the
 * answers look like.
 */
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

/* Asks, and wants this in the answer's line. */
static void expect(const char *method, const char *params, const char *want)
{
	json_decref(bench_ask(&bench, method, params));
	ck_assert_msg(strstr(bench.line, want), "%s %s: '%s' is not in %s",
		      method, params, want, bench.line);
}

static const struct {
	const char *line;
	const char *want;
} bad_lines[] = {
	{"", "-32700"},
	{"{", "-32700"},
	{"{\"a\":1,\"a\":1}", "-32700"},
	{"{\"a\":\"\\u0000\"}", "-32700"},
	{"{\"a\":\"\xc0\x80\"}", "-32700"},
	{"{\"a\":1e400}", "-32700"},
	{"{\"a\":NaN}", "-32700"},
	{"[]", "a batch"},
	{"7", "-32700"},
	{"{\"id\":1,\"method\":\"x\"}", "jsonrpc: must be"},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", "id: missing"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"x\"}", "id: must be"},
	{"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"x\"}", "\"id\":null"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", "method: must be"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":[]}",
	 "params: must be"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"more\":1}",
	 "nothing else"},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"x\"}",
	 "\"id\":\"i\",\"error\":{\"code\":-32601"},
};

START_TEST(line_that_is_no_request_is_answered_with_the_reason)
{
	bench_send(&bench, bad_lines[_i].line, strlen(bad_lines[_i].line), -1);
	ck_assert_int_eq(bench.lines, 1);
	ck_assert_msg(strstr(bench.line, bad_lines[_i].want), "%s", bench.line);
	ck_assert_ptr_nonnull(strstr(bench.line, "\"error\""));
}
END_TEST

START_TEST(size_and_depth_are_limited)
{
	char *text = malloc(VS_RPC_LINE_SIZE + 1);

	memset(text, '[', VS_RPC_LINE_SIZE + 1);
	bench_send(&bench, text, VS_RPC_LINE_SIZE + 1, -1);
	ck_assert_ptr_nonnull(strstr(bench.line, "\"code\":4"));
	bench_send(&bench, text, VS_RPC_LINE_SIZE, -1);
	ck_assert_ptr_nonnull(strstr(bench.line, "deeper"));
	bench_send(&bench, text, VS_RPC_DEPTH, -1);
	ck_assert_ptr_nonnull(strstr(bench.line, "-32700"));
	free(text);
}
END_TEST

START_TEST(fifteen_tasks_begin_with_one_line_each)
{
	expect("object.add",
	       "{\"noun\":\"switch\",\"key\":\"vs0\",\"fields\":{\"uplink\":"
	       "\"eth1\"}}",
	       "\"result\":\"added\"");
	expect("object.add",
	       "{\"noun\":\"pa\",\"key\":\"192.0.2.1/24\",\"fields\":{"
	       "\"uplink\":\"eth1\"}}",
	       "switches.vs0.uplinks.eth1.pa[\\\"192.0.2.1\\\"]");
	expect("object.add", "{\"noun\":\"network\",\"key\":\"blue\"}",
	       "added");
	expect("object.add",
	       "{\"noun\":\"subnet\",\"key\":\"5001\",\"fields\":{\"network\":"
	       "\"blue\",\"prefix\":\"10.0.0.0/24,10.1.0.0/24\"}}",
	       "\"prefixes\":[\"10.0.0.0/24\",\"10.1.0.0/24\"]");
	expect("object.add",
	       "{\"noun\":\"port\",\"key\":\"web\",\"fields\":{\"tap\":"
	       "\"eth0\",\"netns\":\"web\",\"vsid\":\"5001\",\"ca\":"
	       "\"10.0.0.5\",\"ca-guard\":\"off\"}}",
	       "\"vsid\":5001,\"ca\":[\"10.0.0.5\"],\"ca-guard\":false");
	expect("object.add",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.7\",\"fields\":{\"vsid\":"
	       "5001,\"mac\":\"02:00:00:00:00:07\",\"pa\":\"192.0.2.2\"}}",
	       "networks.blue.subnets.5001.ca[\\\"10.0.0.7\\\"]");
	expect("object.add",
	       "{\"noun\":\"acl\",\"parent\":\"web\",\"fields\":{\"action\":"
	       "\"deny\",\"direction\":\"in\",\"remote\":\"ANY\"}}",
	       "switches.vs0.ports.web.acl[\\\"deny in remote any\\\"]");
	/* what can never have an effect is said at once */
	expect("object.add",
	       "{\"noun\":\"acl\",\"parent\":\"web\",\"fields\":{\"action\":"
	       "\"allow\",\"direction\":\"in\",\"remote\":\"10.0.0.0/24\","
	       "\"proto\":\"tcp\",\"lport\":\"443\",\"weight\":\"100\","
	       "\"stateful\":\"on\",\"timeout\":\"60\"}}",
	       "\"deny in remote any\\\" denies all that this rule allows");
	expect("object.set",
	       "{\"noun\":\"acl\",\"parent\":\"web\",\"key\":\"allow in "
	       "remote 10.0.0.0/24 weight 100\",\"fields\":{\"lport\":"
	       "\"440-443\"}}",
	       "440-443");
	expect("object.add",
	       "{\"noun\":\"acl\",\"parent\":\"web\",\"fields\":{\"action\":"
	       "\"deny\",\"direction\":\"out\",\"weight\":\"100\"}}",
	       "\"warnings\":[]");
	expect("object.list", "{\"noun\":\"ca\",\"where\":{\"vsid\":\"5001\"}}",
	       "{\"key\":\"10.0.0.7\",\"parent\":{\"noun\":\"subnet\",\"key\":"
	       "\"5001\"},\"fields\":{\"mac\":\"02:00:00:00:00:07\",\"pa\":"
	       "\"192.0.2.2\"},\"status\":{\"seen\":false}}");
	expect("method.call",
	       "{\"noun\":\"ca\",\"verb\":\"move\",\"key\":\"10.0.0.7\","
	       "\"arguments\":{\"pa\":\"192.0.2.3\"}}",
	       "\"to\":\"192.0.2.3\"");
	expect("policy.log", "{}", "\"summary\":\"ca add 10.0.0.7\"");
}
END_TEST

static void plug(void)
{
	expect("policy.apply",
	       "{\"document\":{\"format\":1,\"switches\":{\"s\":{\"ports\":{"
	       "\"p\":{\"null\":true}}}},\"networks\":{\"b\":{\"subnets\":{"
	       "\"5001\":{\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{\"10.0.0.5\":"
	       "{\"mac\":\"02:00:00:00:00:05\",\"pa\":\"192.0.2.1\"}}},"
	       "\"6001\":{\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{\"10.0.0.5\":"
	       "{\"mac\":\"02:00:00:00:00:05\",\"pa\":\"192.0.2.1\"},"
	       "\"10.0.0.6\":{\"mac\":\"02:00:00:00:00:06\",\"pa\":"
	       "\"192.0.2.1\"}}}}}}}}",
	       "\"result\"");
}

START_TEST(list_shows_what_holds_without_standing_in_the_document)
{
	plug();
	bench.derives = true;
	expect("object.list", "{\"noun\":\"network\"}",
	       "\"objects\":[{\"key\":\"b\",\"parent\":null,\"fields\":{},"
	       "\"status\":{\"seen\":true}},{\"key\":\"made\",");
	expect("object.list", "{\"noun\":\"ca\",\"where\":{\"vsid\":5001}}",
	       "\"key\":\"10.0.0.99\",\"parent\":{\"noun\":\"subnet\","
	       "\"key\":\"5001\"},\"fields\":{\"mac\":\"02:00:00:00:00:99\","
	       "\"pa\":\"192.0.2.9\"}");
	ck_assert_ptr_null(strstr(bench.line, "10.0.0.98"));
	ck_assert_ptr_null(strstr(bench.line, "10.0.0.97"));
	ck_assert_ptr_null(strstr(bench.line, "02:00:00:00:00:95"));
	expect("object.list",
	       "{\"noun\":\"ca\",\"where\":{\"pa\":\"192.0.2.1\",\"vsid\":"
	       "5001}}",
	       "\"10.0.0.5\"");
	ck_assert_ptr_null(strstr(bench.line, "10.0.0.99"));
	expect("object.del", "{\"noun\":\"ca\",\"key\":\"10.0.0.99\"}",
	       "there is no ca '10.0.0.99'; vsctl ca lists them");
	expect("policy.dump", "{}", "10.0.0.5");
	ck_assert_ptr_null(strstr(bench.line, "10.0.0.99"));
}
END_TEST

START_TEST(list_filters_by_what_is_reported)
{
	plug();
	expect("object.list",
	       "{\"noun\":\"ca\",\"where\":{\"unusable\":\"too far\"}}",
	       "\"objects\":[{\"key\":\"10.0.0.6\"");
	ck_assert_ptr_null(strstr(bench.line, "10.0.0.5"));
	expect("object.list",
	       "{\"noun\":\"ca\",\"where\":{\"unusable\":\"other\"}}",
	       "\"objects\":[]");
	expect("object.del",
	       "{\"noun\":\"ca\",\"where\":{\"unusable\":\"too far\"}}",
	       "filter for list only");
}
END_TEST

START_TEST(rule_is_deleted_by_what_it_says_and_no_other)
{
	expect("policy.apply",
	       "{\"document\":{\"format\":1,\"switches\":{\"s\":{\"ports\":{"
	       "\"p\":{\"null\":true,\"acl\":{\"deny in remote any\":{"
	       "\"action\":\"deny\",\"direction\":\"in\",\"remote\":"
	       "\"any\"},\"a\":{\"action\":\"deny\",\"direction\":\"in\","
	       "\"remote\":\"any\",\"weight\":5},\"b\":{"
	       "\"action\":\"deny\",\"direction\":\"in\",\"remote\":\"any\","
	       "\"weight\":6,\"proto\":\"tcp\"}}}}}}}}",
	       "\"result\"");
	/* three are of that direction, none says only that */
	expect("object.del",
	       "{\"noun\":\"acl\",\"where\":{\"port\":\"p\",\"direction\":"
	       "\"in\"}}",
	       "3 acl match ('a', 'b', 'deny in remote any'): name one");
	expect("object.del",
	       "{\"noun\":\"acl\",\"where\":{\"port\":\"p\",\"action\":"
	       "\"deny\",\"direction\":\"in\",\"remote\":\"any\"}}",
	       "acl[\\\"deny in remote any\\\"]");
	expect("policy.dump", "{}", "\"weight\":5");
	ck_assert_ptr_nonnull(strstr(bench.line, "\"weight\":6"));
	ck_assert_ptr_null(strstr(bench.line, "deny in remote any"));
	expect("policy.log", "{}", "acl del deny in remote any");
	expect("object.del",
	       "{\"noun\":\"acl\",\"where\":{\"port\":\"p\",\"weight\":6}}",
	       "acl.b");
	/* an object with a key of its own is named, or --all is said */
	plug();
	expect("object.add",
	       "{\"noun\":\"port\",\"key\":\"q\",\"fields\":{\"null\":true,"
	       "\"mtu\":1400}}",
	       "added");
	expect("object.del", "{\"noun\":\"port\",\"where\":{\"null\":true}}",
	       "2 ports match ('p', 'q')");
}
END_TEST

START_TEST(add_of_an_equal_object_is_unchanged_and_of_another_refused)
{
	plug();
	expect("object.add",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"mac\":\"02-00-00-00-00-05\",\"pa\":\"192.0.2.1\""
	       "}}",
	       "-32602");
	expect("object.add",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"mac\":\"02:00:00:00:00:05\",\"pa\":\"192.0.2.1\","
	       "\"rule\":\"encap\"}}",
	       "\"result\":\"unchanged\"");
	expect("object.add",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"mac\":\"02:00:00:00:00:05\",\"pa\":\"192.0.2.9\""
	       "}}",
	       "pa is \\\"192.0.2.1\\\", not \\\"192.0.2.9\\\": say set");
}
END_TEST

START_TEST(set_changes_unsets_and_refuses_what_is_immutable)
{
	plug();
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"fields\":{\"vsid\":"
	       "\"5001\",\"pa\":\"192.0.2.7\",\"note\":\"x\"}}",
	       "\"result\":\"changed\"");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"note\":\"\"}}",
	       "\"before\":\"x\",\"after\":null");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"mac\":\"02:00:00:00:00:09\"}}",
	       "can't be changed: delete the ca and add it again");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"pa\":null}}",
	       "pa: must be there");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"fields\":{\"pa\":"
	       "\"192.0.2.7\"}}",
	       "say vsid=");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.9\",\"parent\":\"5001\","
	       "\"fields\":{}}",
	       "\"code\":1,");
}
END_TEST

START_TEST(edit_sets_and_clears_under_its_own_name)
{
	plug();
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"note\":\"x\"}}",
	       "\"result\":\"changed\"");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"pa\":\"192.0.2.7\"},\"as\":\"rehost\"}",
	       "\"before\":\"x\",\"after\":null");
	expect("policy.log", "{}", "ca rehost 10.0.0.5");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{},\"as\":\"rehost\"}",
	       "pa: missing: its host");
	expect("object.set",
	       "{\"noun\":\"ca\",\"key\":\"10.0.0.5\",\"parent\":\"5001\","
	       "\"fields\":{\"pa\":\"192.0.2.7\"},\"as\":\"list\"}",
	       "ca has no verb 'list'");
}
END_TEST

START_TEST(del_names_what_is_below_and_of_several_wants_all)
{
	plug();
	expect("object.del", "{\"noun\":\"subnet\",\"key\":\"6001\"}",
	       "has 2 below it (ca 10.0.0.5, ca 10.0.0.6)");
	expect("object.del",
	       "{\"noun\":\"ca\",\"where\":{\"mac\":\"02:00:00:00:00:05\"}}",
	       "2 ca match");
	expect("object.del",
	       "{\"noun\":\"ca\",\"where\":{\"mac\":\"02:00:00:00:00:05\"},"
	       "\"all\":true,\"dry_run\":true}",
	       "\"op\":\"del\"");
	expect("object.del",
	       "{\"noun\":\"ca\",\"where\":{\"network\":\"b\",\"vsid\":6001},"
	       "\"all\":true}",
	       "\"result\":\"changed\"");
	expect("object.del", "{\"noun\":\"subnet\",\"key\":\"6001\"}",
	       "\"result\":\"deleted\"");
	expect("object.del", "{\"noun\":\"subnet\",\"key\":\"6001\"}",
	       "there is no subnet '6001'; vsctl subnet lists");
	expect("object.del",
	       "{\"noun\":\"network\",\"key\":\"b\",\"all\":true}",
	       "\"result\":\"deleted\"");
	expect("object.list", "{\"noun\":\"ca\"}", "\"objects\":[]");
}
END_TEST

static const struct {
	const char *method, *params, *want;
} refusals[] = {
	{"object.add", "{}", "noun: missing"},
	{"object.add", "{\"noun\":\"prot\"}", "did you mean 'port'?"},
	{"object.list", "{\"noun\":\"beacon\"}",
	 "belongs to extension span, which is not loaded"},
	{"object.add", "{\"noun\":\"port\",\"keey\":\"x\"}",
	 "did you mean 'key'?"},
	{"object.add", "{\"noun\":\"port\"}", "there is no switch yet"},
	{"object.add",
	 "{\"noun\":\"subnet\",\"key\":\"7001\",\"parent\":\"nobody\"}",
	 "there is no network 'nobody': add it first; vsctl network lists"},
	{"object.add", "{\"noun\":\"switch\"}", "key: missing: the name"},
	{"object.add",
	 "{\"noun\":\"switch\",\"key\":\"s\",\"fields\":{\"agein\":\"5\"}}",
	 "did you mean 'ageing'?"},
	{"object.add",
	 "{\"noun\":\"switch\",\"key\":\"s\",\"fields\":{\"ageing\":\"-5\"}}",
	 "whole number without sign"},
	{"object.add",
	 "{\"noun\":\"switch\",\"key\":\"s\",\"fields\":{\"host-port\":"
	 "\"maybe\"}}",
	 "say yes or no"},
	{"object.add", "{\"noun\":\"switch\",\"key\":\"s\",\"parent\":\"x\"}",
	 "it has no parent"},
	{"object.add", "{\"noun\":\"switch\",\"key\":\"../s\"}", "is no name"},
	{"object.list", "{\"noun\":\"ca\",\"where\":{\"paa\":1}}",
	 "has no field 'paa'; did you mean 'pa'?"},
	{"policy.apply", "{}", "document: missing"},
	{"policy.apply", "{\"document\":{},\"confirm\":0}", "say 1 to 86400"},
	{"policy.apply", "{\"fd\":true}", "no file descriptor came"},
	{"policy.apply", "{\"docment\":{}}", "did you mean 'document'?"},
	{"policy.confirm", "{}", "nothing waits"},
	{"method.call", "{\"noun\":\"ca\",\"verb\":\"fly\"}",
	 "no verb 'fly' of ca"},
	{"method.call", "{\"noun\":\"ca\",\"verb\":\"move\"}", "ca: missing"},
	{"drops", "{\"prot\":\"x\"}", "did you mean 'port'?"},
	{"drops", "{\"port\":\"%\"}", "is no name"},
};

START_TEST(refusal_says_what_is_wrong_and_has_an_exit_code)
{
	expect(refusals[_i].method, refusals[_i].params, refusals[_i].want);
	ck_assert_ptr_nonnull(strstr(bench.line, "\"exit\":"));
}
END_TEST

START_TEST(document_comes_by_descriptor)
{
	static const char line[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"policy.apply\","
		"\"params\":{\"fd\":true}}";

	bench.mapped = "{\"format\":1,\"networks\":{\"blue\":{}}}";
	bench_send(&bench, line, strlen(line), 5);
	ck_assert_ptr_nonnull(strstr(bench.line, "networks.blue"));
}
END_TEST

/* Behind what is wrong the text breaks off: who parses it first says so. */
START_TEST(large_document_is_refused_before_it_is_parsed)
{
	static const char line[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"policy.apply\","
		"\"params\":{\"fd\":true}}";
	static const struct {
		const char *text, *want;
	} texts[] = {
		{" {\"nonsense\":1,", "unknown member 'nonsense'"},
		{"{\"format\":1,\n \"switches\" : {\"a\\\"}\":[{},1]} ,\t"
		 "\"networcs\":",
		 "did you mean 'networks'?"},
		{"{\"hosts\":{},\"x\":", "\"path\":\"x\""},
		{"[1,", "a document is a JSON object"},
		{"\n", "a document is a JSON object"},
		{"{\"format\":1,\"networks\":{\"x\":1,\"switches\":{",
		 "line 1, column "},
		{"{\"format\":1,\"n\\u0065w\":1,", "line 1, column "},
		{"{\"format\":1]", "line 1, column "},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bench.mapped = texts[i].text;
		bench_send(&bench, line, strlen(line), 5);
		ck_assert_msg(strstr(bench.line, texts[i].want), "%s: %s",
			      texts[i].text, bench.line);
	}
}
END_TEST

START_TEST(method_of_the_engine_gets_values_and_builds_rows)
{
	expect("drops", "{\"port\":\"web\"}",
	       "{\"drops\":[{\"reason\":\"runt\",\"count\":7}],\"port\":"
	       "\"web\"}");
}
END_TEST

START_TEST(event_reaches_subscribers_only)
{
	struct vs_reply *event;

	ck_assert(!request_listened(bench.server));
	expect("monitor", "{}", "\"result\":{}");
	ck_assert(request_listened(bench.server));
	event = request_event(bench.server, "port_down");
	event->ops->text(event, "port", "w\xff");
	request_event_send(bench.server, NULL);
	ck_assert_str_eq(bench.line,
			 "{\"jsonrpc\":\"2.0\",\"method\":\"event\","
			 "\"params\":{\"event\":\"port_down\",\"port\":"
			 "\"w?\"}}\n");
}
END_TEST

START_TEST(client_that_leaves_is_not_answered_and_its_change_stands)
{
	bench.slow = true;
	json_decref(bench_ask(&bench, "object.add",
			      "{\"noun\":\"network\",\"key\":\"blue\"}"));
	request_client_close(&bench.client);
	policy_persisted(bench.policy, NULL);
	ck_assert_int_eq(bench.lines, 0);
	ck_assert_uint_eq(policy_generation(bench.policy), 1);
	request_client_open(bench.server, &bench.client);
}
END_TEST

START_TEST(client_waits_for_an_answer)
{
	ck_assert(!request_client_waits(&bench.client));
	bench.slow = true;
	json_decref(bench_ask(&bench, "object.add",
			      "{\"noun\":\"network\",\"key\":\"blue\"}"));
	ck_assert(request_client_waits(&bench.client));
	policy_persisted(bench.policy, NULL);
	ck_assert_int_eq(bench.lines, 1);
	ck_assert(!request_client_waits(&bench.client));
}
END_TEST

START_TEST(client_waits_for_events)
{
	expect("monitor", "{}", "\"result\":{}");
	ck_assert(request_client_waits(&bench.client));
}
END_TEST

START_TEST(client_waits_behind_its_descriptor)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,"
				   "\"method\":\"stream\",\"params\":{}}";

	bench_send(&bench, line, strlen(line), -1);
	ck_assert(!request_client_waits(&bench.client));
	bench_send(&bench, line, strlen(line), 5);
	ck_assert_ptr_nonnull(strstr(bench.line, "\"result\":{}"));
	ck_assert(request_client_waits(&bench.client));
}
END_TEST

START_TEST(schema_tells_nouns_methods_and_who_has_the_rest)
{
	expect("schema.list", "{}",
	       "\"unavailable\":[{\"noun\":\"beacon\",\"extension\":\"span\"}]"
	       "");
	ck_assert_ptr_nonnull(strstr(
		bench.line, "{\"name\":\"ca\",\"member\":\"ca\",\"parent\":"
			    "\"subnet\",\"parent_field\":\"vsid\","
			    "\"positional\":[],"));
	ck_assert_ptr_nonnull(
		strstr(bench.line, "\"noun\":\"ca\",\"verb\":\"move\""));
	ck_assert_ptr_nonnull(
		strstr(bench.line, "\"positional\":[\"^\",\"action\","));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control_request");
	TCase *tcase = tcase_create("request");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase,
			    line_that_is_no_request_is_answered_with_the_reason,
			    0, sizeof(bad_lines) / sizeof(bad_lines[0]));
	tcase_add_test(tcase, size_and_depth_are_limited);
	tcase_add_test(tcase, fifteen_tasks_begin_with_one_line_each);
	tcase_add_test(tcase, rule_is_deleted_by_what_it_says_and_no_other);
	tcase_add_test(
		tcase,
		add_of_an_equal_object_is_unchanged_and_of_another_refused);
	tcase_add_test(tcase,
		       list_shows_what_holds_without_standing_in_the_document);
	tcase_add_test(tcase, list_filters_by_what_is_reported);
	tcase_add_test(tcase, set_changes_unsets_and_refuses_what_is_immutable);
	tcase_add_test(tcase, edit_sets_and_clears_under_its_own_name);
	tcase_add_test(tcase, del_names_what_is_below_and_of_several_wants_all);
	tcase_add_loop_test(tcase,
			    refusal_says_what_is_wrong_and_has_an_exit_code, 0,
			    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tcase, document_comes_by_descriptor);
	tcase_add_test(tcase, large_document_is_refused_before_it_is_parsed);
	tcase_add_test(tcase, method_of_the_engine_gets_values_and_builds_rows);
	tcase_add_test(tcase, event_reaches_subscribers_only);
	tcase_add_test(tcase, client_waits_for_an_answer);
	tcase_add_test(tcase, client_waits_for_events);
	tcase_add_test(tcase, client_waits_behind_its_descriptor);
	tcase_add_test(
		tcase,
		client_that_leaves_is_not_answered_and_its_change_stands);
	tcase_add_test(tcase, schema_tells_nouns_methods_and_who_has_the_rest);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
