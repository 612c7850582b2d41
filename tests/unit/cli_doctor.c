// SPDX-License-Identifier: Apache-2.0
/*
 * vsctl doctor judges: a healthy host has no findings; each fault added to it
 * has its own, with the command that cures it.
 */
#include <string.h>

#include "cli/doctor.h"
#include "cli/value.h"
#include "tests/support/suite.h"

static const char healthy[] =
	"{\"show\": {\"switches\": [{\"name\": \"lab\", \"warnings\": [],"
	"  \"uplinks\": [{\"name\": \"eth1\", \"state\": \"up\", \"mtu\": "
	"1500}],"
	"  \"ports\": [{\"name\": \"web\", \"state\": \"up\"}]}]},"
	" \"peer\": [{\"key\": \"192.0.2.2\", \"status\": {\"state\":"
	"  \"resolved\", \"reach\": \"reachable\"}}], \"drops\": [],"
	" \"version\": {\"probes\": {\"vnet_hdr\": true,"
	"  \"tcp_segmentation\": true, \"udp_segmentation\": true}},"
	" \"pa\": [{\"key\": \"192.0.2.1\", \"parent\": {\"key\": \"eth1\"},"
	"  \"status\": {\"state\": \"preferred\"}}],"
	" \"subnet\": [{\"key\": \"5001\", \"fields\": {}}],"
	" \"unusable\": [], \"vxlan\": [],"
	" \"host\": {\"daemon\": 7, \"entered\": true, \"nofile\": 65536,"
	"  \"clock\": true,"
	"  \"sysctl\": {\"net.ipv4.conf.all.rp_filter\": \"1\","
	"   \"net.ipv4.conf.eth1.rp_filter\": \"1\","
	"   \"net.bridge.bridge-nf-call-iptables\": \"0\"},"
	"  \"links\": [{\"ifname\": \"lo\"}, {\"ifname\": \"eth1\"},"
	"   {\"ifname\": \"vx\", \"linkinfo\": {\"info_kind\": \"vxlan\","
	"    \"info_data\": {\"port\": 4789}}},"
	"   {\"ifname\": \"gre1\", \"linkinfo\": {\"info_kind\": \"gretap\","
	"    \"info_data\": {\"local\": \"203.0.113.1\"}}}],"
	"  \"offloads\": {\"eth1\": {\"lro\": false, \"gro\": true}}}}";

/* One fault: merged into the healthy facts; then exactly one finding. */
static const struct fault {
	const char *facts, *severity, *about, *cure;
} faults[] = {
	{"{\"show\": {\"switches\": [{\"uplinks\": [{\"name\": \"eth1\","
	 "\"state\": \"waiting\", \"why\": \"no such device\"}]}]}}",
	 "error", "eth1", "ip link set eth1 up"},
	{"{\"show\": {\"switches\": [{\"uplinks\": [{\"name\": \"eth7\","
	 "\"state\": \"waits\", \"why\": \"no device eth7\"}]}]}}",
	 "error", "eth7", "ip -br link"},
	{"{\"show\": {\"switches\": [{\"uplinks\": [{\"name\": \"eth1\","
	 "\"state\": \"down\", \"why\": \"no carrier\"}]}]}, \"host\":"
	 "{\"links\": [{\"ifname\": \"eth1\", \"flags\": [\"NO-CARRIER\","
	 "\"BROADCAST\", \"UP\"]}]}}",
	 "error", "eth1", "ethtool eth1"},
	{"{\"show\": {\"switches\": [{\"ports\": [{\"name\": \"web\","
	 "\"state\": \"up\", \"mismatches\": [\"uses 10.0.0.9\"]}]}]}}",
	 "warning", "web", "vsctl port show web"},
	{"{\"peer\": [{\"key\": \"192.0.2.3\", \"status\": {\"state\":"
	 "\"silent\"}}]}",
	 "warning", "192.0.2.3", "vsctl ca list pa=192.0.2.3"},
	{"{\"peer\": [{\"key\": \"192.0.2.3\", \"status\": {\"state\":"
	 "\"resolved\", \"reach\": \"ping only\"}}]}",
	 "warning", "192.0.2.3", "vsctl peer probe 192.0.2.3"},
	{"{\"peer\": [{\"key\": \"192.0.2.3\", \"status\": {\"state\":"
	 "\"resolved\", \"reach\": \"silent\"}}]}",
	 "warning", "192.0.2.3", "vsctl peer probe 192.0.2.3"},
	{"{\"drops\": [{\"port\": \"eth1\", \"reason\": \"vsid_unknown\","
	 "\"count\": 3, \"help\": \"h\"}, {\"port\": \"web\","
	 "\"reason\": \"acl_deny\", \"count\": 9}]}",
	 "warning", "eth1", "vsctl drops reason=vsid_unknown"},
	{"{\"show\": {\"switches\": [{\"ports\": [{\"name\": \"web\","
	 "\"state\": \"waiting\", \"why\": \"no such namespace\"}]}]}}",
	 "warning", "web", "vsctl port show web"},
	{"{\"show\": {\"switches\": [{\"name\": \"lab\","
	 "\"warnings\": [\"odd\"]}]}}",
	 "warning", "lab", ""},
	{"{\"subnet\": [{\"fields\": {\"mtu\": 1459}}]}", "error", "eth1",
	 "ip link set eth1 mtu 1501"},
	{"{\"subnet\": [{\"fields\": {\"mtu\": 1451}}], \"vxlan\": [{}],"
	 "\"host\": {\"links\": []}}",
	 "error", "eth1", "ip link set eth1 mtu 1501"},
	{"{\"pa\": [{\"key\": \"192.0.2.1\", \"parent\": {\"key\": \"eth1\"},"
	 "\"status\": {\"state\": \"duplicate\"}}]}",
	 "error", "192.0.2.1", "arping -D -c 3 -I eth1 192.0.2.1"},
	{"{\"pa\": [{\"key\": \"192.0.2.1\", \"parent\": {\"key\": \"eth1\"},"
	 "\"status\": {\"state\": \"preferred\", \"claimed-by\":"
	 "\"02:00:00:00:00:2c\"}}]}",
	 "error", "192.0.2.1", "arping -D -c 3 -I eth1 192.0.2.1"},
	{"{\"unusable\": [{\"key\": \"10.0.0.9\", \"parent\": {\"key\":"
	 "\"5001\"}, \"status\": {\"why\": \"rule=none\"}}]}",
	 "warning", "10.0.0.9", "vsctl ca show 10.0.0.9 vsid=5001"},
	{"{\"host\": {\"links\": [{\"linkinfo\": {\"info_kind\": \"bridge\"}}],"
	 "\"sysctl\": {\"net.bridge.bridge-nf-call-iptables\": \"1\"}}}",
	 "warning", "net.bridge.bridge-nf-call-iptables",
	 "sysctl -w net.bridge.bridge-nf-call-iptables=0"},
	{"{\"show\": {\"switches\": [{\"uplinks\": [{\"name\": \"eth1\","
	 "\"state\": \"up\"}, {\"name\": \"eth2\", \"state\": \"up\"}]}]},"
	 "\"host\": {\"sysctl\": {\"net.ipv4.conf.eth2.rp_filter\": \"2\"}}}",
	 "warning", "eth1", "sysctl -w net.ipv4.conf.eth1.rp_filter=2"},
	{"{\"host\": {\"offloads\": {\"eth1\": {\"lro\": true}}}}", "warning",
	 "eth1", "ethtool -K eth1 lro off"},
	{"{\"host\": {\"offloads\": {\"eth1\": {\"gro\": false}}}}", "note",
	 "eth1", "ethtool -K eth1 gro on"},
	{"{\"subnet\": [], \"vxlan\": [{}]}", "error", "vx", "ip link del vx"},
	{"{\"pa\": [{\"key\": \"203.0.113.1\"}]}", "error", "gre1",
	 "ip link del gre1"},
	{"{\"host\": {\"sysctl\": {\"net.netfilter.nf_conntrack_count\":"
	 "\"950\", \"net.netfilter.nf_conntrack_max\": \"1000\"}}}",
	 "warning", "conntrack",
	 "sysctl -w net.netfilter.nf_conntrack_max=2000"},
	{"{\"host\": {\"nofile\": 64}}", "warning", "vswitchd",
	 "prlimit --pid 7 --nofile=336"},
	{"{\"host\": {\"clock\": false}}", "note", "clock",
	 "timedatectl set-ntp true"},
	{"{\"host\": {\"entered\": false}}", "note", "host",
	 "sudo vsctl doctor"},
	{"{\"version\": {\"probes\": {\"vnet_hdr\": false}}}", "warning",
	 "kernel", "modprobe tun"},
	{"{\"version\": {\"probes\": {\"udp_segmentation\": false}}}", "note",
	 "kernel", ""},
};

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	ck_assert_msg(value != NULL, "%d: %s", error.position, error.text);
	return value;
}

START_TEST(healthy_host_has_no_findings)
{
	json_t *facts = parse(healthy), *nothing = json_object();
	json_t *findings = doctor_findings(facts);

	ck_assert_uint_eq(json_array_size(findings), 0);
	json_decref(findings);
	findings = doctor_findings(nothing); /* what is absent is not judged */
	ck_assert_uint_eq(json_array_size(findings), 0);
	json_decref(findings);
	json_decref(nothing);
	json_decref(facts);
}
END_TEST

START_TEST(each_fault_has_its_finding_and_its_cure)
{
	const struct fault *fault = &faults[_i];
	json_t *facts = parse(healthy), *more = parse(fault->facts);
	json_t *findings, *finding;

	ck_assert_int_eq(json_object_update_recursive(facts, more), 0);
	findings = doctor_findings(facts);
	ck_assert_uint_eq(json_array_size(findings), 1);
	finding = json_array_get(findings, 0);
	ck_assert_str_eq(member_text(finding, "severity"), fault->severity);
	ck_assert_str_eq(member_text(finding, "about"), fault->about);
	ck_assert_str_eq(member_text(finding, "cure"), fault->cure);
	ck_assert_str_ne(member_text(finding, "what"), "");
	json_decref(findings);
	json_decref(facts);
	json_decref(more);
}
END_TEST

START_TEST(bridge_that_is_not_there_filters_nothing)
{
	json_t *facts = parse(healthy);
	json_t *more =
		parse("{\"host\": {\"sysctl\": {"
		      "\"net.bridge.bridge-nf-call-iptables\": \"1\"}}}");
	json_t *findings;

	ck_assert_int_eq(json_object_update_recursive(facts, more), 0);
	findings = doctor_findings(facts);
	ck_assert_uint_eq(json_array_size(findings), 0);
	json_decref(findings);
	json_decref(facts);
	json_decref(more);
}
END_TEST

START_TEST(worst_stands_first_and_many_records_are_summed_up)
{
	json_t *facts =
		parse("{\"host\": {\"clock\": false}, \"unusable\": ["
		      "{\"key\": \"a\"}, {\"key\": \"b\"}, {\"key\": \"c\"},"
		      "{\"key\": \"d\"}, {\"key\": \"e\"}, {\"key\": \"f\"},"
		      "{\"key\": \"g\"}], \"pa\": [{\"key\": \"p\", \"status\":"
		      "{\"state\": \"duplicate\"}}]}");
	json_t *findings = doctor_findings(facts);

	ck_assert_uint_eq(json_array_size(findings), 8);
	ck_assert_str_eq(member_text(json_array_get(findings, 0), "severity"),
			 "error");
	ck_assert_str_eq(member_text(json_array_get(findings, 6), "about"),
			 "ca");
	ck_assert_ptr_nonnull(strstr(
		member_text(json_array_get(findings, 6), "what"), "2 more"));
	ck_assert_str_eq(member_text(json_array_get(findings, 7), "severity"),
			 "note");
	json_decref(findings);
	json_decref(facts);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli_doctor");
	TCase *tcase = tcase_create("rules");

	tcase_add_test(tcase, healthy_host_has_no_findings);
	tcase_add_loop_test(tcase, each_fault_has_its_finding_and_its_cure, 0,
			    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(tcase, bridge_that_is_not_there_filters_nothing);
	tcase_add_test(tcase,
		       worst_stands_first_and_many_records_are_summed_up);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
