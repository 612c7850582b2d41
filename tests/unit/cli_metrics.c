// SPDX-License-Identifier: Apache-2.0
/*
 * vsctl metrics: the text that Prometheus reads. Every family has its help and
 * its type, its samples stand behind them and nowhere else, no two samples are
 * the same, and label values are quoted.
 */
#include <string.h>

#include "cli/render.h"
#include "tests/support/suite.h"

static const char answers[] =
	"{\"show\": {\"daemon\": {\"version\": \"0.1.0\", \"host\": \"a\","
	"  \"uptime_s\": 7, \"generation\": 3},"
	" \"switches\": [{\"name\": \"lab\","
	"  \"uplinks\": [{\"name\": \"eth1\", \"state\": \"waiting\"}],"
	"  \"ports\": [{\"name\": \"web\", \"state\": \"up\","
	"   \"driver\": \"tap\", \"device\": \"t\\\"0\\\\\\n\","
	"   \"mismatches\": [\"one\", \"two\"]},"
	"  {\"name\": \"db\", \"state\": \"waiting\", \"driver\": "
	"\"null\"}]}]},"
	" \"stats\": {\"ledger\": [{\"switch\": \"lab\", \"port\": \"web\","
	"  \"vsid\": 5001, \"received\": 4294967296, \"received_bytes\": 11,"
	"  \"injected\": 0, \"replicas\": 2, \"sent\": 4, \"sent_bytes\": 9,"
	"  \"consumed\": {\"arp_proxy\": 1, \"echo\": 2}, \"dropped\": 5,"
	"  \"dropped_for\": {\"ca_spoof\": 5}, \"held\": 1, \"balance\": -1}],"
	" \"links\": [{\"switch\": \"lab\", \"port\": \"web\", \"sent\": 1,"
	"  \"written\": 1, \"dropped\": {\"refused\": 6}, \"sent_bytes\": 60,"
	"  \"fast\": 8, \"fast_refused\": 13}],"
	" \"workers\": [{\"worker\": 0, \"rounds\": 12, \"mailbox_full\": 0},"
	"  {\"worker\": \"main\", \"mailbox_full\": 3}],"
	" \"extensions\": [{\"switch\": \"lab\", \"name\": \"wnv\","
	"  \"class\": \"translate\", \"version\": \"1\", \"state\": \"ok\","
	"  \"held\": 2, \"made\": 1, \"dropped_for\": {},"
	"  \"counters\": {\"frames\": 10}}]}}";

static const char *const wanted[] = {
	"vswitch_info{version=\"0.1.0\",host=\"a\"} 1\n",
	"vswitch_uptime_seconds 7\n",
	"# TYPE vswitch_uptime_seconds gauge\n",
	"# TYPE vswitch_frames_received_total counter\n"
	"vswitch_frames_received_total{switch=\"lab\",port=\"web\","
	"vsid=\"5001\"} 4294967296\n",
	"vswitch_frames_consumed_total{switch=\"lab\",port=\"web\","
	"vsid=\"5001\",by=\"arp_proxy\"} 1\n"
	"vswitch_frames_consumed_total{switch=\"lab\",port=\"web\","
	"vsid=\"5001\",by=\"echo\"} 2\n",
	"vswitch_frames_dropped_total{switch=\"lab\",port=\"web\","
	"vsid=\"5001\",reason=\"ca_spoof\"} 5\n",
	"vswitch_frames_held{switch=\"lab\",port=\"web\",vsid=\"5001\"} 1\n",
	"vswitch_ledger_imbalance{switch=\"lab\",port=\"web\",vsid=\"5001\"} "
	"-1\n",
	"vswitch_link_frames_dropped_total{switch=\"lab\",port=\"web\","
	"reason=\"refused\"} 6\n",
	"vswitch_link_bytes_sent_total{switch=\"lab\",port=\"web\"} 60\n",
	"vswitch_link_frames_fast_total{switch=\"lab\",port=\"web\"} 8\n",
	"vswitch_link_fast_refused_total{switch=\"lab\",port=\"web\"} 13\n",
	"vswitch_port_up{switch=\"lab\",port=\"web\",driver=\"tap\","
	"device=\"t\\\"0\\\\\\n\"} 1\n"
	"vswitch_port_up{switch=\"lab\",port=\"db\",driver=\"null\","
	"device=\"\"} 0\n",
	"vswitch_port_mismatches{switch=\"lab\",port=\"web\"} 2\n",
	"vswitch_uplink_up{switch=\"lab\",uplink=\"eth1\"} 0\n",
	"vswitch_worker_rounds_total{worker=\"0\"} 12\n#",
	"vswitch_worker_mailbox_full_total{worker=\"main\"} 3\n",
	"vswitch_extension_ok{switch=\"lab\",extension=\"wnv\",class="
	"\"translate\","
	"version=\"1\"} 1\n",
	"vswitch_extension_value{switch=\"lab\",extension=\"wnv\","
	"counter=\"frames\"} 10\n",
};

/* The caller's to free. */
static char *rendered(const char *result)
{
	json_t *value = json_loads(result, 0, NULL);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(value);
	render_metrics(stream, &(struct view){0}, value);
	fclose(stream);
	json_decref(value);
	return text;
}

START_TEST(samples_have_names_labels_and_values)
{
	char *text = rendered(answers);

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		ck_assert_msg(strstr(text, wanted[i]) != NULL, "%s\nin\n%s",
			      wanted[i], text);
	free(text);
}
END_TEST

/* The name at the start of a sample, or behind "# HELP ", "# TYPE ". */
static size_t name_size(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyz_");
}

START_TEST(a_family_stands_together_and_once)
{
	char *text = rendered(answers), *line, *rest = NULL, *end;
	char family[128] = "", search[256];

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		size_t size = name_size(line);

		if (strncmp(line, "# HELP ", 7) == 0) {
			snprintf(family, sizeof(family), "%.*s",
				 (int)name_size(line + 7), line + 7);
			/* nobody has it again, nor is it without a help */
			snprintf(search, sizeof(search), "# HELP %s ", family);
			ck_assert(strstr(rest, search) == NULL);
			ck_assert(strlen(line) > strlen(search));
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			snprintf(search, sizeof(search), "# TYPE %s ", family);
			ck_assert(strncmp(line, search, strlen(search)) == 0);
		} else {
			ck_assert_msg(size == strlen(family) &&
					      !memcmp(line, family, size),
				      "%s under %s", line, family);
			/* no sample twice: its labels and the blank behind */
			end = strrchr(line, ' ');
			ck_assert_ptr_nonnull(end);
			snprintf(search, sizeof(search), "%.*s ",
				 (int)(end - line), line);
			ck_assert(strstr(rest, search) == NULL);
		}
	}
	free(text);
}
END_TEST

START_TEST(a_daemon_without_switches_is_no_fault)
{
	char *text = rendered("{\"show\": {\"daemon\": {}}, \"stats\": {}}");

	ck_assert(strstr(text, "vswitch_info{") != NULL);
	ck_assert(strstr(text, "vswitch_port_up{") == NULL);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli_metrics");

	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, samples_have_names_labels_and_values);
	tcase_add_test(tcase, a_family_stands_together_and_once);
	tcase_add_test(tcase, a_daemon_without_switches_is_no_fault);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
