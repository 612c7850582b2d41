// SPDX-License-Identifier: Apache-2.0
/*
 * What vsctl prints: each renderer on one answer, compared with the text that
 * a person is to see.
 */
#include <string.h>

#include "cli/dialect.h"
#include "cli/render.h"
#include "cli/schema.h"
#include "cli/table.h"
#include "cli/value.h"
#include "tests/support/suite.h"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	ck_assert_msg(value != NULL, "%d: %s", error.position, error.text);
	return value;
}

static void expect_view(output_render *render, const struct view *view,
			const char *result, const char *wanted)
{
	json_t *value = parse(result);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	render(stream, view, value);
	fclose(stream);
	ck_assert_str_eq(text, wanted);
	free(text);
	json_decref(value);
}

static void expect(output_render *render, const char *result,
		   const char *wanted)
{
	const struct view view = {0};

	expect_view(render, &view, result, wanted);
}

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

START_TEST(list_has_the_schemas_columns_without_the_empty_ones)
{
	json_t *schema = load_schema();
	const struct view view = {.noun = schema_noun(schema, "ca")};

	expect_view(
		render_list, &view,
		"{\"noun\":\"ca\",\"objects\":["
		"{\"key\":\"10.0.0.7\",\"parent\":{\"noun\":\"subnet\","
		"\"key\":\"5001\"},\"fields\":{\"mac\":\"02:00:00:00:00:07\","
		"\"pa\":\"192.0.2.2\"},\"status\":{\"why\":\"no route\"}},"
		"{\"key\":\"10.0.0.10\",\"parent\":{\"noun\":\"subnet\","
		"\"key\":\"5001\"},\"fields\":{\"mac\":\"02:00:00:00:00:0a\","
		"\"pa\":\"192.0.2.10\"},\"status\":{}}]}",
		"ADDRESS    VSID  MAC                PA          WHY\n"
		"10.0.0.7   5001  02:00:00:00:00:07  192.0.2.2   no route\n"
		"10.0.0.10  5001  02:00:00:00:00:0a  192.0.2.10  -\n");
	json_decref(schema);
}
END_TEST

START_TEST(empty_list_says_what_there_is_none_of)
{
	json_t *params = parse("{\"where\":{\"vsid\":\"5001\"}}");
	struct view view = {0};

	expect_view(render_list, &view, "{\"noun\":\"ca\",\"objects\":[]}",
		    "no ca\n");
	view.params = params;
	expect_view(render_list, &view, "{\"noun\":\"ca\",\"objects\":[]}",
		    "no ca with vsid=5001\n");
	json_decref(params);
}
END_TEST

START_TEST(object_shows_what_holds_unless_given)
{
	json_t *schema = load_schema();
	const struct view view = {.noun = schema_noun(schema, "subnet")};

	expect_view(render_object, &view,
		    "{\"noun\":\"subnet\",\"objects\":[{\"key\":\"5001\","
		    "\"parent\":{\"noun\":\"network\",\"key\":\"blue\"},"
		    "\"fields\":{\"prefixes\":[\"10.0.0.0/24\",\"fd00::/64\"]},"
		    "\"status\":{}}]}",
		    "subnet 5001\n"
		    "  network          blue\n"
		    "  prefixes         10.0.0.0/24,fd00::/64\n"
		    "  mtu              (1458)\n");
	json_decref(schema);
}
END_TEST

START_TEST(change_says_what_was_done)
{
	json_t *schema = load_schema();
	json_t *params = parse("{\"key\":\"10.0.0.7\",\"parent\":\"5001\"}");
	const struct view view = {.noun = schema_noun(schema, "ca"),
				  .params = params};

	expect_view(render_change, &view, "{\"result\":\"added\"}",
		    "added: ca 10.0.0.7 (vsid 5001)\n");
	json_object_set_new(params, "dry_run", json_true());
	expect_view(render_change, &view,
		    "{\"result\":\"changed\",\"changes\":[{\"op\":\"set\","
		    "\"path\":\"a.b\",\"before\":1,\"after\":[2,3]}]}",
		    "would be changed: ca 10.0.0.7 (vsid 5001)\n"
		    "~ a.b: 1 -> 2,3\n"
		    "1 change: 1 changed; nothing was done (dry run)\n");
	json_decref(params);
	json_decref(schema);
}
END_TEST

START_TEST(apply_sums_up_and_tells_of_the_way_back)
{
	expect(render_changes,
	       "{\"changes\":[{\"op\":\"add\",\"path\":\"x\",\"before\":null,"
	       "\"after\":{}},{\"op\":\"del\",\"path\":\"y\",\"before\":true,"
	       "\"after\":null}],\"generation\":13,\"confirm_seconds\":60}",
	       "+ x\n- y: yes\n2 changes: 1 added, 1 deleted; generation 13\n"
	       "goes back by itself in 60 s, unless you type: vsctl "
	       "confirm\n");
	expect(render_changes, "{\"changes\":[]}", "no changes\n");
	expect(render_kept, "{\"generation\":13}", "kept: generation 13\n");
}
END_TEST

START_TEST(show_is_an_overview)
{
	expect(render_show,
	       "{\"daemon\":{\"version\":\"0.1.0\",\"uptime_s\":190,"
	       "\"generation\":4},\"switches\":[{\"name\":\"lab\","
	       "\"type\":\"external\",\"workers\":1,\"uplinks\":[{\"name\":"
	       "\"wire\",\"up\":true,\"mtu\":1500,\"mac\":"
	       "\"02:00:00:00:00:01\",\"filter\":true,\"pa\":[{\"address\":"
	       "\"192.0.2.1\",\"state\":\"preferred\"},{\"address\":"
	       "\"192.0.2.9\",\"state\":\"shared\"}]}],\"stack\":"
	       "[\"wnv\"],\"ports\":[{\"name\":\"blue5\",\"id\":2,\"driver\":"
	       "\"tap\",\"device\":\"eth0\",\"netns\":\"blue5\",\"vsid\":5001,"
	       "\"mtu\":1458,\"state\":\"up\",\"rx_frames\":120,"
	       "\"tx_frames\":9,\"drops\":0},{\"name\":\"red5\",\"id\":3,"
	       "\"driver\":\"tap\",\"device\":\"eth0\",\"netns\":\"red5\","
	       "\"vsid\":6001,\"state\":\"waiting\",\"why\":\"no namespace "
	       "red5\"}]}]}",
	       "vswitchd 0.1.0, up 3 min 10 s, policy generation 4\n"
	       "\n"
	       "switch lab, external, extensions: wnv\n"
	       "  UPLINK  STATE   MTU  MAC                PA                   "
	       "                  RECEIVES\n"
	       "  wire    up     1500  02:00:00:00:00:01  192.0.2.1 preferred, "
	       "192.0.2.9 shared  provider frames\n"
	       "  PORT   ID  STATE    VSID  DEVICE              MTU  RECEIVED  "
	       "SENT  DROPS  WHY\n"
	       "  blue5   2  up       5001  tap eth0 in blue5  1458       120  "
	       "   9      0  -\n"
	       "  red5    3  waiting  6001  tap eth0 in red5      -         -  "
	       "   -      -  no namespace red5\n");
	expect(render_show,
	       "{\"daemon\":{},\"switches\":[{\"name\":\"lab\",\"ports\":[{"
	       "\"name\":\"web\"},{\"name\":\"db\",\"policies\":["
	       "\"dhcp-guard=yes\",\"storm-limit=100\"]}],\"extensions\":[{"
	       "\"name\":\"web-filter\",\"class\":\"filter\",\"version\":"
	       "\"1\",\"state\":\"broke a rule\",\"held\":3,\"counters\":{"
	       "\"seen\":12,\"odd\":0},\"dropped_for\":{\"unwanted\":5}}]}]}",
	       "vswitchd\n\nswitch lab, extensions: none\n"
	       "  PORT\n  web\n  db\n"
	       "  db: dhcp-guard=yes,storm-limit=100\n"
	       "  EXTENSION   CLASS   VERSION  HELD  COUNTERS  DROPPED FOR  "
	       "STATE\n"
	       "  web-filter  filter  1           3  seen 12   unwanted 5   "
	       "broke a rule\n");
	expect(render_show,
	       "{\"daemon\":{},\"switches\":[{\"name\":\"lab\",\"uplinks\":[{"
	       "\"name\":\"w\",\"up\":true,\"pa\":[{\"address\":\"1.1.1.1\","
	       "\"state\":\"new\"},{\"address\":\"1.1.1.2\",\"state\":\"new\"},"
	       "{\"address\":\"1.1.1.3\",\"state\":\"new\"},{\"address\":"
	       "\"1.1.1.4\"},{\"address\":\"1.1.1.5\"}]}]}]}",
	       "vswitchd\n\nswitch lab, extensions: none\n"
	       "  UPLINK  STATE  PA\n"
	       "  w       up     1.1.1.1 new, 1.1.1.2 new, 1.1.1.3 new, 2 "
	       "more\n"
	       "  no ports yet: vsctl port add NAME tap=DEVICE ...\n");
	expect(render_show, "{\"daemon\":{},\"switches\":[]}",
	       "vswitchd\n\nno switch yet: vsctl switch add NAME "
	       "uplink=DEVICE\n");
}
END_TEST

START_TEST(ledger_adds_up_or_says_by_how_much_not)
{
	expect(render_stats,
	       "{\"ledger\":[{\"switch\":\"lab\",\"port\":\"web\",\"vsid\":"
	       "5001,\"received\":10,\"injected\":0,\"replicas\":2,\"sent\":8,"
	       "\"consumed\":{\"arp_proxy\":3,\"nd_proxy\":0},\"dropped\":1,"
	       "\"dropped_for\":{\"mac_spoof\":1},\"held\":0,\"balance\":0},{"
	       "\"switch\":\"lab\",\"port\":\"b\","
	       "\"vsid\":\"none\",\"received\":2,\"injected\":0,\"replicas\":0,"
	       "\"sent\":1,\"consumed\":{},\"dropped\":0,\"held\":0,"
	       "\"balance\":1}],\"links\":[{\"switch\":\"lab\",\"port\":"
	       "\"web\",\"sent\":5,\"written\":4,\"dropped\":{\"queue_full\":1}"
	       ",\"segments\":0,\"fast\":3,\"fast_refused\":2}],\"extensions\":"
	       "[{\"name\":\"wnv\","
	       "\"held\":2,\"counters\":{\"probes\":7},"
	       "\"dropped_for\":{\"no_route\":4}}]}",
	       "SWITCH  PORT  VSID  RECEIVED  INJECTED  REPLICAS  SENT  "
	       "CONSUMED  DROPPED  HELD  BALANCE   CONSUMED BY  "
	       "DROPPED FOR\n"
	       "lab     web   5001        10         0         2     8  "
	       "       3        1     0  ok        arp_proxy=3  mac_spoof=1\n"
	       "lab     b     none         2         0         0     1  "
	       "       0        0     0  OFF BY 1  -            -\n"
	       "\n"
	       "SWITCH  LINK  SENT  WRITTEN  DROPPED  SEGMENTS  FAST  "
	       "FAST REFUSED  DROPPED FOR\n"
	       "lab     web      5        4        1         0     3  "
	       "           2  queue_full=1\n"
	       "\n"
	       "EXTENSION  WHAT     NAME      COUNT\n"
	       "wnv        held     frames        2\n"
	       "wnv        counter  probes        7\n"
	       "wnv        dropped  no_route      4\n");
	expect(render_stats, "{}", "no frames yet\n");
}
END_TEST

START_TEST(drops_come_most_frequent_first)
{
	expect(render_drops,
	       "{\"drops\":[{\"switch\":\"lab\",\"port\":\"web\",\"vsid\":5001,"
	       "\"reason\":\"runt\",\"number\":3,\"count\":1,\"help\":\"too "
	       "short\"},{\"switch\":\"lab\",\"port\":\"web\",\"vsid\":5001,"
	       "\"reason\":\"mac_spoof\",\"count\":12,\"help\":\"not its MAC\"}"
	       ",{\"reason\":\"oversize\",\"count\":0}]}",
	       "COUNT  SWITCH  PORT  VSID  REASON     MEANING\n"
	       "   12  lab     web   5001  mac_spoof  not its MAC\n"
	       "    1  lab     web   5001  runt       too short\n");
	expect(render_drops, "{\"drops\":[]}", "no drops\n");
}
END_TEST

START_TEST(fdb_tells_ages_with_units)
{
	expect(render_fdb,
	       "{\"entries\":[{\"switch\":\"lab\",\"vsid\":5001,\"mac\":"
	       "\"02:00:00:00:00:05\",\"port\":\"web\",\"kind\":\"learned\","
	       "\"age_s\":75,\"moves\":0}]}",
	       "SWITCH  VSID  MAC                PORT  KIND            AGE  "
	       "MOVES\n"
	       "lab     5001  02:00:00:00:00:05  web   learned  1 min 15 s  "
	       "    0\n");
	expect(render_fdb, "{\"entries\":[]}", "no addresses learned\n");
}
END_TEST

START_TEST(trace_reads_from_station_to_verdict)
{
	expect(render_trace,
	       "{\"lines\":[{\"station\":\"admit\",\"text\":\"vsid 5001\"},"
	       "{\"station\":\"decide\",\"text\":\"to wire\"}],\"recipes\":"
	       "[{\"port\":\"wire\",\"bytes\":96,\"encapsulation\":\"nvgre\"}],"
	       "\"verdict\":\"sent\"}",
	       "STATION  WHAT HAPPENED\n"
	       "admit    vsid 5001\n"
	       "decide   to wire\n"
	       "leaves by wire, 96 bytes, nvgre\n"
	       "verdict: sent\n");
}
END_TEST

START_TEST(event_shows_all_that_it_has)
{
	expect(render_event,
	       "{\"event\":\"port\",\"time\":\"12:00\",\"name\":\"web\","
	       "\"up\":true}",
	       "12:00  web  up=yes\n");
}
END_TEST

START_TEST(version_shows_limits_and_probes)
{
	expect(render_version,
	       "{\"version\":\"0.2\",\"abi\":0,\"probes\":{\"tun\":true},"
	       "\"extensions\":[{\"name\":\"wnv\",\"version\":\"1\"}]}",
	       "vsctl " VS_VERSION "\nvswitchd 0.2\nabi 0\nprobes:\n"
	       "  tun                      yes\nextensions:\n"
	       "  NAME  VERSION\n  wnv   1\n");
}
END_TEST

START_TEST(control_characters_never_reach_the_terminal)
{
	struct table *table = table_create("NAME #N");
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	table_row(table);
	table_cell(table, "a\033[2Jb\n");
	table_cell(table, "1");
	table_row(table);
	table_cell(table, "\xc3\xa9t\xc3\xa9");
	table_cell(table, "22");
	table_print(table, stream, "> ");
	fclose(stream);
	ck_assert_str_eq(text, "> NAME      N\n"
			       "> a?[2Jb?   1\n"
			       "> \xc3\xa9t\xc3\xa9      22\n");
	table_destroy(table);
	free(text);
}
END_TEST

START_TEST(durations_have_two_units_at_most)
{
	static const struct {
		double seconds;
		const char *wanted;
	} cases[] = {
		{0, "0 s"},	      {0.4, "0.4 s"},	   {35, "35 s"},
		{60, "1 min"},	      {250, "4 min 10 s"}, {3600, "1 h"},
		{11100, "3 h 5 min"}, {187200, "2 d 4 h"},
	};
	char text[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_str_eq(
			value_duration(cases[i].seconds, text, sizeof(text)),
			cases[i].wanted);
}
END_TEST

static void say(const char *typed, const char *wanted)
{
	const char *at[16];
	struct words words = {0, at};
	char *copy = strdup(typed), *rest = copy, *word, *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	while ((word = strsep(&rest, " ")))
		at[words.count++] = word;
	ck_assert_int_eq(dialect_print(&words, stream), *wanted != '\0');
	fclose(stream);
	ck_assert_str_eq(text, wanted);
	free(copy);
	free(text);
}

START_TEST(other_dialects_are_told_our_line)
{
	say("add-br vs0", "vsctl switch add vs0\n");
	say("ovs-vsctl add-port vs0 vnet0",
	    "vsctl port add vnet0 packet=vnet0 switch=vs0\n");
	say("brctl addif vs0", "vsctl port add DEVICE packet=DEVICE "
			       "switch=vs0\n");
	say("Set-VMNetworkAdapter -VMName web -DhcpGuard On",
	    "vsctl port set web dhcp-guard=on\n");
	say("Set-VMNetworkAdapter -VMName web -Name eth -DhcpGuard On",
	    "vsctl port set eth dhcp-guard=on\n");
	say("New-NetVirtualizationLookupRecord -VirtualSubnetID 5001 "
	    "-CustomerAddress 10.0.0.7 -MACAddress 0200-0000-000A "
	    "-ProviderAddress 192.0.2.2 -Rule TranslationMethodEncap",
	    "vsctl ca add 10.0.0.7 vsid=5001 mac=02:00:00:00:00:0a "
	    "pa=192.0.2.2 rule=encap\n");
	say("new-netvirtualizationprovideraddress -ProviderAddress 192.0.2.1 "
	    "-InterfaceIndex 4 -PrefixLength 24",
	    "vsctl pa add 192.0.2.1 uplink=4 prefix=24\n");
	say("port add web", "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli_output");
	TCase *text = tcase_create("text");

	tcase_add_test(text,
		       list_has_the_schemas_columns_without_the_empty_ones);
	tcase_add_test(text, empty_list_says_what_there_is_none_of);
	tcase_add_test(text, object_shows_what_holds_unless_given);
	tcase_add_test(text, change_says_what_was_done);
	tcase_add_test(text, apply_sums_up_and_tells_of_the_way_back);
	tcase_add_test(text, show_is_an_overview);
	tcase_add_test(text, ledger_adds_up_or_says_by_how_much_not);
	tcase_add_test(text, drops_come_most_frequent_first);
	tcase_add_test(text, fdb_tells_ages_with_units);
	tcase_add_test(text, trace_reads_from_station_to_verdict);
	tcase_add_test(text, event_shows_all_that_it_has);
	tcase_add_test(text, version_shows_limits_and_probes);
	tcase_add_test(text, control_characters_never_reach_the_terminal);
	tcase_add_test(text, durations_have_two_units_at_most);
	tcase_add_test(text, other_dialects_are_told_our_line);
	suite_add_tcase(suite, text);
	return suite_main(suite);
}
