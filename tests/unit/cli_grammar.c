// SPDX-License-Identifier: Apache-2.0
/*
 * The grammar of vsctl: words -> requests, on a canned schema. The lines of
 * the first cases are those of the manual.
 */
#include <string.h>

#include "cli/grammar.h"
#include "cli/nearest.h"
#include "cli/session.h"
#include "tests/support/suite.h"

#define WORDS 16

static json_t *load_schema(void)
{
	const char *top = getenv("VS_SOURCE_DIR");
	char path[512];
	json_t *schema;

	snprintf(path, sizeof(path), "%s/tests/support/schema.json",
		 top ? top : ".");
	schema = json_load_file(path, 0, NULL);
	ck_assert_ptr_nonnull(schema);
	return schema;
}

/* Plans a line as a shell would split it; options count. */
static enum vs_exit plan(const char *typed, json_t **result,
			 struct complaint *complaint)
{
	const char *at[WORDS], *left[WORDS + 1];
	struct options options;
	struct words words = {0, at};
	json_t *schema = load_schema();
	char *copy = strdup(typed), *rest = copy, *word;
	enum vs_exit code;

	*result = NULL;
	while ((word = strsep(&rest, " ")))
		at[words.count++] = word;
	code = options_parse(&words, "/run/vswitch", &options, left, complaint);
	for (words = (struct words){0, left}; left[words.count];)
		words.count++;
	if (!code)
		code = noun_check(schema, left[0], complaint);
	if (!code)
		code = grammar_request(schema, &words, &options, result,
				       complaint);
	free(copy);
	json_decref(schema);
	return code;
}

static void expect(const char *typed, const char *requests)
{
	struct complaint complaint = {0};
	json_t *wanted = json_loads(requests, 0, NULL), *got;
	enum vs_exit code = plan(typed, &got, &complaint);
	char *text = json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS);

	ck_assert_ptr_nonnull(wanted);
	ck_assert_msg(code == VS_EXIT_OK, "%s: %s", typed, complaint.text);
	ck_assert_msg(json_equal(wanted, got), "%s: %s", typed, text);
	free(text);
	json_decref(wanted);
	json_decref(got);
}

static void refuse(const char *typed, enum vs_exit wanted, const char *says)
{
	struct complaint complaint = {0};
	json_t *got;
	enum vs_exit code = plan(typed, &got, &complaint);

	ck_assert_msg(code == wanted, "%s: code %d, %s", typed, (int)code,
		      complaint.text);
	ck_assert_msg(strstr(complaint.text, says) != NULL, "%s: %s", typed,
		      complaint.text);
	ck_assert_ptr_null(got);
}

#define ADD(params)  "{\"method\":\"object.add\",\"params\":{" params "}}"
#define SET(params)  "{\"method\":\"object.set\",\"params\":{" params "}}"
#define DEL(params)  "{\"method\":\"object.del\",\"params\":{" params "}}"
#define LIST(params) "{\"method\":\"object.list\",\"params\":{" params "}}"
#define CALL(params) "{\"method\":\"method.call\",\"params\":{" params "}}"

START_TEST(field_of_parent_becomes_parent)
{
	expect("ca add 10.0.0.7 vsid=5001 mac=02:00:00:00:00:07 pa=192.0.2.2",
	       ADD("\"noun\":\"ca\",\"key\":\"10.0.0.7\",\"parent\":\"5001\","
		   "\"fields\":{\"mac\":\"02:00:00:00:00:07\","
		   "\"pa\":\"192.0.2.2\"}"));
	/* its parent has no name of its own: the parent's noun is it */
	expect("subnet add 5001 network=blue mtu=1400",
	       ADD("\"noun\":\"subnet\",\"key\":\"5001\",\"parent\":\"blue\","
		   "\"fields\":{\"mtu\":\"1400\"}"));
}
END_TEST

START_TEST(field_of_the_noun_itself_is_no_parent)
{
	expect("port add web tap=eth0 netns=web vsid=5001 ca=10.0.0.5",
	       ADD("\"noun\":\"port\",\"key\":\"web\",\"fields\":{"
		   "\"tap\":\"eth0\",\"netns\":\"web\",\"vsid\":\"5001\","
		   "\"ca\":\"10.0.0.5\"}"));
}
END_TEST

START_TEST(singular_names_its_list)
{
	expect("subnet add 5001 network=blue prefix=10.0.0.0/24",
	       ADD("\"noun\":\"subnet\",\"key\":\"5001\",\"parent\":\"blue\","
		   "\"fields\":{\"prefixes\":\"10.0.0.0/24\"}"));
	expect("port set web ca=10.0.0.5 ca=10.0.0.6",
	       SET("\"noun\":\"port\",\"key\":\"web\",\"fields\":{"
		   "\"ca\":\"10.0.0.5,10.0.0.6\"}"));
}
END_TEST

START_TEST(prefix_length_stays_in_the_key_for_the_daemon)
{
	expect("pa add 192.0.2.1/24 uplink=eth1",
	       ADD("\"noun\":\"pa\",\"key\":\"192.0.2.1/24\","
		   "\"parent\":\"eth1\",\"fields\":{}"));
}
END_TEST

START_TEST(noun_below_may_be_named_as_a_field)
{
	expect("switch add vs0 uplink=eth1,eth2 type=external",
	       ADD("\"noun\":\"switch\",\"key\":\"vs0\",\"fields\":{"
		   "\"uplink\":\"eth1,eth2\",\"type\":\"external\"}"));
	refuse("switch list uplink=eth1", VS_EXIT_USAGE, "no field uplink");
}
END_TEST

START_TEST(caret_puts_the_parent_first_and_leaves_the_key_to_the_host)
{
	expect("acl add web allow in proto=tcp",
	       ADD("\"noun\":\"acl\",\"parent\":\"web\",\"fields\":{"
		   "\"action\":\"allow\",\"direction\":\"in\","
		   "\"proto\":\"tcp\"}"));
	expect("acl del web r1",
	       DEL("\"noun\":\"acl\",\"parent\":\"web\",\"key\":\"r1\""));
	/* or by the words of add */
	expect("acl del web allow in proto=tcp",
	       DEL("\"noun\":\"acl\",\"where\":{\"action\":\"allow\","
		   "\"direction\":\"in\",\"proto\":\"tcp\","
		   "\"port\":\"web\"}"));
	expect("acl list web allow",
	       LIST("\"noun\":\"acl\",\"where\":{\"action\":\"allow\","
		    "\"port\":\"web\"}"));
	refuse("acl del web allow sideways", VS_EXIT_USAGE, "one of in");
}
END_TEST

START_TEST(condition_needs_no_yes_or_no)
{
	expect("ca list usable",
	       LIST("\"noun\":\"ca\",\"where\":{\"usable\":\"yes\"}"));
	expect("ca list unusable vsid=5001",
	       LIST("\"noun\":\"ca\",\"where\":"
		    "{\"usable\":\"no\",\"vsid\":\"5001\"}"));
	refuse("ca list unusable usable=no", VS_EXIT_USAGE, "given twice");
	/* a port may be called so */
	expect("port list mac-guard",
	       LIST("\"noun\":\"port\",\"where\":{\"name\":\"mac-guard\"}"));
}
END_TEST

START_TEST(noun_alone_lists)
{
	expect("ca", LIST("\"noun\":\"ca\",\"where\":{}"));
	expect("ca vsid=5001",
	       LIST("\"noun\":\"ca\",\"where\":{\"vsid\":\"5001\"}"));
	expect("ca list vsid=5001 network=blue",
	       LIST("\"noun\":\"ca\",\"where\":{\"vsid\":\"5001\","
		    "\"network\":\"blue\"}"));
	expect("port show web",
	       LIST("\"noun\":\"port\",\"where\":{\"name\":\"web\"}"));
}
END_TEST

START_TEST(del_of_several_says_all)
{
	refuse("ca del", VS_EXIT_USAGE, "--all");
	expect("ca del --all", DEL("\"noun\":\"ca\",\"all\":true,"
				   "\"where\":{}"));
	expect("ca del vsid=5001 pa=192.0.2.2 --all",
	       DEL("\"noun\":\"ca\",\"all\":true,\"where\":{"
		   "\"vsid\":\"5001\",\"pa\":\"192.0.2.2\"}"));
	expect("--dry-run ca del 10.0.0.7 vsid=5001",
	       DEL("\"noun\":\"ca\",\"key\":\"10.0.0.7\",\"dry_run\":true,"
		   "\"parent\":\"5001\""));
	expect("pa del 192.0.2.1 --force",
	       DEL("\"noun\":\"pa\",\"key\":\"192.0.2.1\",\"force\":true"));
	/* a key and more is one filter among others */
	expect("ca del 10.0.0.7 vsid=5001 pa=192.0.2.2",
	       DEL("\"noun\":\"ca\",\"where\":{\"address\":\"10.0.0.7\","
		   "\"vsid\":\"5001\",\"pa\":\"192.0.2.2\"}"));
}
END_TEST

START_TEST(bare_words_of_a_method_are_its_arguments)
{
	expect("ca probe 10.0.0.7 vsid=5001 pa=192.0.2.3",
	       CALL("\"noun\":\"ca\",\"verb\":\"probe\",\"arguments\":{"
		    "\"address\":\"10.0.0.7\",\"vsid\":\"5001\","
		    "\"pa\":\"192.0.2.3\"}"));
	/* one of an extension itself has no noun, but may name its switch */
	expect("capture status switch=vs0",
	       CALL("\"verb\":\"status\",\"switch\":\"vs0\","
		    "\"arguments\":{}"));
	refuse("-n ca probe 10.0.0.7", VS_EXIT_USAGE, "no --dry-run");
	refuse("ca probe 10.0.0.7 prefix=3", VS_EXIT_USAGE, "no field prefix");
}
END_TEST

START_TEST(verb_of_a_nouns_own_sets_what_it_says)
{
	expect("ca move 10.0.0.7 vsid=5001 pa=192.0.2.3",
	       SET("\"noun\":\"ca\",\"key\":\"10.0.0.7\",\"parent\":\"5001\","
		   "\"fields\":{\"pa\":\"192.0.2.3\"},\"as\":\"move\""));
	refuse("ca move 10.0.0.7 vsid=5001", VS_EXIT_USAGE, "pa= is missing");
	refuse("ca move 10.0.0.7 vsid=5001 pa=192.0.2.3 rule=encap",
	       VS_EXIT_USAGE, "ca move changes no rule");
	refuse("ca move vsid=5001 pa=192.0.2.3", VS_EXIT_USAGE, "which?");
}
END_TEST

START_TEST(mistyped_word_is_answered_with_the_near_one)
{
	refuse("prot add web", VS_EXIT_USAGE, "did you mean port?");
	refuse("port ad web", VS_EXIT_USAGE, "did you mean add?");
	refuse("port add web taq=eth0", VS_EXIT_USAGE, "did you mean tap?");
	refuse("ca add 10.0.0.7 vsdi=5001", VS_EXIT_USAGE,
	       "did you mean vsid?");
	refuse("ca add 10.0.0.7 rule=encpa", VS_EXIT_USAGE,
	       "did you mean encap?");
	refuse("ca mvoe 10.0.0.7", VS_EXIT_USAGE, "did you mean move?");
	refuse("shwo", VS_EXIT_USAGE, "did you mean show?");
}
END_TEST

START_TEST(line_in_another_order_is_answered_with_ours)
{
	refuse("list port", VS_EXIT_USAGE, "as in vsctl port list");
	refuse("get port web mtu", VS_EXIT_USAGE, "as in vsctl port show NAME");
	refuse("port web", VS_EXIT_USAGE, "vsctl port show web");
	refuse("subnet add 5001 network=blue network=red", VS_EXIT_USAGE,
	       "network is blue already: what is red?");
}
END_TEST

START_TEST(noun_of_an_extension_that_is_not_loaded_names_it)
{
	refuse("mirror list", VS_EXIT_ABSENT, "extension mirrors");
}
END_TEST

START_TEST(wrong_lines_are_usage_errors)
{
	refuse("port add", VS_EXIT_USAGE, "port add which?");
	refuse("port set", VS_EXIT_USAGE, "port set which?");
	refuse("port add web eth0", VS_EXIT_USAGE, "one word too many");
	refuse("port add web tap=a tap=b", VS_EXIT_USAGE, "given twice");
	refuse("port set web state=up", VS_EXIT_USAGE, "read-only");
	refuse("port set web --jsn", VS_EXIT_USAGE, "unknown option");
	refuse("port -t", VS_EXIT_USAGE, "needs a value");
	refuse("port -t soon", VS_EXIT_USAGE, "-t soon");
	refuse("capture add x", VS_EXIT_USAGE, "no verb add");
}
END_TEST

START_TEST(options_may_stand_anywhere)
{
	const char *const typed[] = {"port",	    "--json", "list",
				     "-t",	    "2.5",    "-n",
				     "--rundir=/x", "--",     "-web"};
	const struct words arguments = {9, typed};
	struct complaint complaint = {0};
	struct options options;
	const char *left[10];

	ck_assert_int_eq(options_parse(&arguments, "/run/vswitch", &options,
				       left, &complaint),
			 VS_EXIT_OK);
	ck_assert(options.json && options.dry_run && !options.all);
	ck_assert_int_eq(options.timeout_ms, 2500);
	ck_assert_str_eq(options.socket, "/x/vswitchd.sock");
	ck_assert_str_eq(left[0], "port");
	ck_assert_str_eq(left[1], "list");
	ck_assert_str_eq(left[2], "-web");
	ck_assert_ptr_null(left[3]);
}
END_TEST

static void expect_params(const char *typed, const char *wanted)
{
	const char *at[WORDS];
	struct words words = {0, at}, rest;
	struct complaint complaint = {0};
	char *copy = strdup(typed), *next = copy, *word;
	json_t *params = NULL, *want = json_loads(wanted, 0, NULL);
	enum vs_exit code;

	while ((word = strsep(&next, "|")))
		at[words.count++] = word;
	rest = words_after(&words, 1);
	code = verb_params(verb_find(at[0]), &rest, &params, &complaint);
	ck_assert_msg((code == VS_EXIT_OK) == (want != NULL), "%s: %s", typed,
		      complaint.text);
	ck_assert_msg(!want || json_equal(params, want), "%s", typed);
	json_decref(params);
	json_decref(want);
	free(copy);
}

START_TEST(first_positional_is_where_and_second_what)
{
	expect_params("trace|web|tcp 10.0.0.7:443 from=10.0.0.5",
		      "{\"port\":\"web\","
		      "\"frame\":\"tcp 10.0.0.7:443 from=10.0.0.5\"}");
	/* without quotes */
	expect_params("trace|web|tcp|10.0.0.7:443|from=10.0.0.5|df",
		      "{\"port\":\"web\","
		      "\"frame\":\"tcp 10.0.0.7:443 from=10.0.0.5 df\"}");
	expect_params("capture|web|tcp|port|443|count=5",
		      "{\"port\":\"web\",\"filter\":\"tcp port 443\","
		      "\"count\":5}");
	expect_params("drops|port=web|vsid=5001",
		      "{\"port\":\"web\",\"vsid\":5001}");
	expect_params("trace|web", "");
	expect_params("stats|web|db", "");
	expect_params("drops|prot=web", "");
	expect_params("capture|web|count=5x", "");
}
END_TEST

START_TEST(distance_counts_edits_and_swaps)
{
	ck_assert_uint_eq(word_distance("port", "port"), 0);
	ck_assert_uint_eq(word_distance("prot", "port"), 1);
	ck_assert_uint_eq(word_distance("por", "port"), 1);
	ck_assert_uint_eq(word_distance("ports", "port"), 1);
	ck_assert_uint_eq(word_distance("", "port"), 4);
	ck_assert_uint_eq(word_distance("peer", "port"), 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli_grammar");
	TCase *words = tcase_create("words");

	tcase_add_test(words, field_of_parent_becomes_parent);
	tcase_add_test(words, field_of_the_noun_itself_is_no_parent);
	tcase_add_test(words, singular_names_its_list);
	tcase_add_test(words, prefix_length_stays_in_the_key_for_the_daemon);
	tcase_add_test(words, noun_below_may_be_named_as_a_field);
	tcase_add_test(
		words,
		caret_puts_the_parent_first_and_leaves_the_key_to_the_host);
	tcase_add_test(words, condition_needs_no_yes_or_no);
	tcase_add_test(words, noun_alone_lists);
	tcase_add_test(words, del_of_several_says_all);
	tcase_add_test(words, bare_words_of_a_method_are_its_arguments);
	tcase_add_test(words, verb_of_a_nouns_own_sets_what_it_says);
	tcase_add_test(words, mistyped_word_is_answered_with_the_near_one);
	tcase_add_test(words, line_in_another_order_is_answered_with_ours);
	tcase_add_test(words, noun_of_an_extension_that_is_not_loaded_names_it);
	tcase_add_test(words, wrong_lines_are_usage_errors);
	tcase_add_test(words, options_may_stand_anywhere);
	tcase_add_test(words, first_positional_is_where_and_second_what);
	tcase_add_test(words, distance_counts_edits_and_swaps);
	suite_add_tcase(suite, words);
	return suite_main(suite);
}
