// SPDX-License-Identifier: Apache-2.0
/*
 * The document: every refusal with its path and words, the canonical dump, and
 * parse(dump(store)) = store on random documents.
 */
#include "control/check.h"
#include "control/json_text.h"
#include "tests/support/control_fixture.h"
#include "tests/support/suite.h"

static struct schema *schema;

static void set_up(void)
{
	const struct schema_config tables = {.extensions = fake_extensions,
					     .extension_count = 2,
					     .absent = fake_absent,
					     .absent_count = 1};
	struct vs_error error;

	ck_assert_int_eq(schema_create(&schema, &tables, &error), 0);
}

static void tear_down(void)
{
	schema_destroy(schema);
}

static int parse(const char *text, const char *host, struct store **store,
		 struct vs_error *error)
{
	json_t *json;
	int rc;

	*store = NULL;
	*error = (struct vs_error){.code = 0};
	rc = json_text_load(text, strlen(text), &json, error);
	if (rc == 0)
		rc = document_parse(schema, host, json, store, error);
	if (rc == 0)
		rc = check_store(*store, error);
	json_decref(json);
	return rc;
}

#define D(rest)	   "{\"format\":1," rest "}"
#define SW(rest)   D("\"switches\":{\"s\":{" rest "}}")
#define PORT(rest) SW("\"ports\":{\"p\":{" rest "}}")
#define NET(rest)  D("\"networks\":{\"blue\":{" rest "}}")
#define SUB(rest)  NET("\"subnets\":{\"5001\":{" rest "}}")
#define CA(rest)                                                               \
	SUB("\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{\"10.0.0.5\":{" rest "}}")
#define ACL(rest)                                                              \
	PORT("\"null\":true,\"acl\":{\"x\":{\"direction\":\"in\"," rest "}}")

static const struct refusal {
	const char *document;
	const char *path;
	const char *text; /* a part of it */
} refusals[] = {
	{"[]", "", "is a JSON object"},
	{"{}", "format", "must be 1"},
	{"{\"format\":2}", "format", "must be 1"},
	{"{\"format\":1,\"format\":1}", "", "duplicate"},
	{"{\"format\":1", "", "line 1"},
	{D("\"networx\":{}"), "networx", "did you mean 'networks'?"},
	{D("\"beacons\":{}"), "beacons", "extension span, which is not"},
	{D("\"networks\":[]"), "networks", "must be an object"},
	{D("\"networks\":{\"_x\":{}}"), "networks._x", "'_x' is no name"},
	{D("\"networks\":{\"a\":7}"), "networks.a", "must be an object"},
	{NET("\"rdid\":\"77\""), "networks.blue.rdid", "'77' is no GUID"},
	{NET("\"name\":\"blue\""), "networks.blue.name", "is the key"},
	{NET("\"subnets\":{\"5\":{}}"), "networks.blue.subnets.5",
	 "reserved (1 to 4095)"},
	{NET("\"subnets\":{\"0\":{}}"), "networks.blue.subnets.0",
	 "not virtualised"},
	{NET("\"subnets\":{\"16777215\":{}}"), "networks.blue.subnets.16777215",
	 "0xFFFFFF"},
	{NET("\"subnets\":{\"16777216\":{}}"), "networks.blue.subnets.16777216",
	 "24 bits"},
	{SUB(""), "networks.blue.subnets.5001.prefixes", "missing"},
	{SUB("\"prefixes\":[]"), "networks.blue.subnets.5001.prefixes",
	 "missing"},
	{SUB("\"prefixes\":\"10.0.0.0/24\""),
	 "networks.blue.subnets.5001.prefixes", "a list"},
	{SUB("\"prefixes\":[\"10.0.0.1/24\"]"),
	 "networks.blue.subnets.5001.prefixes", "is no prefix"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\",\"10.0.0.0/24\"]"),
	 "networks.blue.subnets.5001.prefixes", "elements 1 and 2 are equal"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\"],\"mtu\":\"1500\""),
	 "networks.blue.subnets.5001.mtu", "a whole number"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\"],\"mtu\":-1"),
	 "networks.blue.subnets.5001.mtu", "negative"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\"],\"mtu\":1e3"),
	 "networks.blue.subnets.5001.mtu", "a whole number"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\"],\"mtu\":70000"),
	 "networks.blue.subnets.5001.mtu", "say 576 to 65000"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\"],\"mut\":1"),
	 "networks.blue.subnets.5001.mut", "did you mean 'mtu'?"},
	{CA("\"pa\":\"192.0.2.1\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].mac", "missing"},
	{CA("\"mac\":\"x\""), "networks.blue.subnets.5001.ca[\"10.0.0.5\"].mac",
	 "no MAC"},
	{CA("\"mac\":\"ff:ff:ff:ff:ff:ff\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].mac", "group"},
	{CA("\"mac\":\"00:00:00:00:00:00\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].mac", "zero"},
	{CA("\"mac\":\"any\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].mac", "no MAC"},
	{CA("\"pa\":\"1.2.3\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].pa", "no IP"},
	{CA("\"rule\":\"encaps\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].rule",
	 "none of encap, rewrite; did you mean 'encap'?"},
	{CA("\"note\":\"a\\u0001\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].note", "control"},
	{CA("\"note\":\"\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].note", "1 to 100"},
	{CA("\"unusable\":\"x\""),
	 "networks.blue.subnets.5001.ca[\"10.0.0.5\"].unusable", "reported"},
	{SUB("\"prefixes\":[\"10.0.0.0/24\"],\"ca\":{"
	     "\"2001:db8::5\":{\"mac\":\"02:00:00:00:00:05\","
	     "\"pa\":\"192.0.2.1\"},\"2001:DB8:0::5\":{\"mac\":"
	     "\"02:00:00:00:00:06\",\"pa\":\"192.0.2.1\"}}"),
	 "networks.blue.subnets.5001.ca[\"2001:DB8:0::5\"]", "stands twice"},
	{D("\"networks\":{\"a\":{\"subnets\":{\"5001\":{\"prefixes\":["
	   "\"10.0.0.0/24\"]}}},\"b\":{\"subnets\":{\"5001\":{\"prefixes\":["
	   "\"10.0.0.0/24\"]}}}}"),
	 "networks.a.subnets.5001", "stands at networks.b.subnets.5001 too"},
	{D("\"switches\":{},\"hosts\":{\"a\":{}}"), "switches",
	 "one or the other"},
	{D("\"hosts\":{\"a\":{\"ports\":{}}}"), "hosts.a.ports",
	 "a host has switches"},
	{D("\"hosts\":{\"a\":{\"switches\":{\"s\":{\"tpye\":1}}}}"),
	 "hosts.a.switches.s.tpye", "did you mean 'type'?"},
	{SW("\"type\":\"external\""), "switches.s.type", "needs an uplink"},
	{SW("\"type\":\"internal\",\"uplinks\":{\"eth1\":{}}"),
	 "switches.s.type", "only an external"},
	{SW("\"type\":\"private\",\"host-port\":true"), "switches.s.type",
	 "no host port"},
	{D("\"switches\":{\"longer-than-a-device\":{\"host-port\":true}}"),
	 "switches.longer-than-a-device.host-port", "15 bytes"},
	{SW("\"stack\":[\"wvn\"]"), "switches.s.stack",
	 "no extension 'wvn'; did you mean 'wnv'?"},
	{SW("\"stack\":[\"wnv\",\"hello\"]"), "switches.s.stack",
	 "wnv can't stand above hello"},
	{SW("\"macs\":1"), "switches.s.macs", "16 to 1048576"},
	{SW("\"uplinks\":{\"a/b\":{}}"), "switches.s.uplinks[\"a/b\"]", "'/'"},
	{PORT(""), "switches.s.ports.p", "has no driver"},
	{PORT("\"null\":false"), "switches.s.ports.p", "has no driver"},
	{PORT("\"tap\":\"a\",\"packet\":\"b\""), "switches.s.ports.p.packet",
	 "two drivers, tap and packet"},
	{PORT("\"tap\":\"sixteen-letters-\""), "switches.s.ports.p.tap",
	 "longer than the 15"},
	{PORT("\"tap\":\"tap%d\""), "switches.s.ports.p.tap", "'%'"},
	{PORT("\"packet\":\"a/b\""), "switches.s.ports.p.packet", "'/'"},
	{PORT("\"packet\":\"lo\""), "switches.s.ports.p.packet",
	 "the loopback"},
	{PORT("\"packet\":\"..\""), "switches.s.ports.p.packet",
	 "no device name"},
	{PORT("\"tap\":\"a\",\"netns\":\"../x\""), "switches.s.ports.p.netns",
	 "under /run/netns"},
	{PORT("\"null\":true,\"netns\":\"x\""), "switches.s.ports.p.netns",
	 "only a tap or packet"},
	{PORT("\"pcap\":\"x.pcap\""), "switches.s.ports.p.pcap", "absolute"},
	{PORT("\"pcap\":\"-\",\"pcap-out\":\"x\""),
	 "switches.s.ports.p.pcap-out", "absolute"},
	{PORT("\"tap\":\"a\",\"pcap-out\":\"/x\""),
	 "switches.s.ports.p.pcap-out", "belongs to a pcap port"},
	{PORT("\"tap\":\"a\",\"lane\":7"), "switches.s.ports.p.lane",
	 "unknown member"},
	{PORT("\"tap\":\"a\",\"vlan\":4095"), "switches.s.ports.p.vlan",
	 "say 1 to 4094"},
	{PORT("\"tap\":\"a\",\"vlan\":7,\"vsid\":5001"),
	 "switches.s.ports.p.vlan", "leave out one"},
	{PORT("\"tap\":\"a\",\"trunk\":[7],\"rdmap\":[\"7:5001\"]"),
	 "switches.s.ports.p.trunk", "leave out one"},
	{PORT("\"tap\":\"a\",\"vlan\":7,\"trunk\":[8]"),
	 "switches.s.ports.p.vlan", "say native="},
	{PORT("\"tap\":\"a\",\"trunk\":[\"20-10\"]"),
	 "switches.s.ports.p.trunk", "20-10 is no range within 1 to 4094"},
	{PORT("\"tap\":\"a\",\"trunk\":[\"x\"]"), "switches.s.ports.p.trunk",
	 "a number or two"},
	{PORT("\"tap\":\"a\",\"native\":7"), "switches.s.ports.p.native",
	 "belongs to a trunk"},
	{PORT("\"tap\":\"a\",\"secondary\":[7]"),
	 "switches.s.ports.p.secondary", "say private="},
	{PORT("\"tap\":\"a\",\"private\":\"isolated\",\"secondary\":[7]"),
	 "switches.s.ports.p.private", "primary VLAN too"},
	{PORT("\"tap\":\"a\",\"vlan\":7,\"private\":\"isolated\","
	      "\"secondary\":[8,9]"),
	 "switches.s.ports.p.secondary", "has one secondary"},
	{PORT("\"tap\":\"a\",\"vlan\":7,\"private\":\"promiscuous\","
	      "\"secondary\":[\"8-3000\"]"),
	 "switches.s.ports.p.secondary", "1 to 127"},
	{PORT("\"tap\":\"a\",\"vlan\":7,\"private\":\"isolated\","
	      "\"secondary\":[7]"),
	 "switches.s.ports.p.secondary", "is the primary one"},
	{SW("\"ports\":{\"p\":{\"tap\":\"a\",\"vlan\":7,\"private\":"
	    "\"isolated\",\"secondary\":[8]},\"q\":{\"tap\":\"b\","
	    "\"vlan\":7,\"private\":\"community\",\"secondary\":[8]}}"),
	 "switches.s.ports.q.secondary", "is a secondary one of 7 on port p"},
	{SW("\"ports\":{\"p\":{\"tap\":\"a\",\"vlan\":8},"
	    "\"q\":{\"tap\":\"b\","
	    "\"vlan\":7,\"private\":\"community\",\"secondary\":[8]}}"),
	 "switches.s.ports.q.secondary", "is the own one of port p"},
	{SW("\"ports\":{\"p\":{\"tap\":\"a\",\"vlan\":7,"
	    "\"mac\":\"02:00:00:00:00:05\"},\"q\":{\"tap\":\"b\","
	    "\"trunk\":[\"5-9\"],\"mac\":\"02:00:00:00:00:05\"}}"),
	 "switches.s.ports.q.mac", "port 'p' has this MAC"},
	{PORT("\"tap\":\"a\",\"vlan\":7,\"isolation\":\"none\""),
	 "switches.s.ports.p.isolation", "leave it out"},
	{PORT("\"tap\":\"a\",\"isolation\":\"native-virtual-subnet\""),
	 "switches.s.ports.p.isolation", "vsid="},
	{PORT("\"tap\":\"a\",\"isolation\":\"external-virtual-subnet\","
	      "\"vsid\":5001,\"ca\":[\"10.0.0.5\"]"),
	 "switches.s.ports.p.isolation", "no ca="},
	{PORT("\"tap\":\"a\",\"isolation\":\"vlan\",\"vsid\":5001"),
	 "switches.s.ports.p.isolation", "vlan= or trunk="},
	{PORT("\"tap\":\"a\",\"vsid\":4095"), "switches.s.ports.p.vsid",
	 "say 0 or 4096"},
	{PORT("\"tap\":\"a\",\"ca\":[\"10.0.0.5\"]"), "switches.s.ports.p.ca",
	 "needs a VSID"},
	{SW("\"uplinks\":{\"e\":{\"pa\":{\"192.0.2.1\":{\"prefix\":24}}}},"
	    "\"ports\":{\"p\":{\"null\":true}}"),
	 "switches.s.ports.p.vsid", "vsid=0"},
	{SW("\"ports\":{\"p\":{\"tap\":\"a\"},\"q\":{\"tap\":\"a\"}}"),
	 "switches.s.ports.", "device 'a' is used by"},
	{SW("\"ports\":{\"p\":{\"tap\":\"a\",\"netns\":\"n\"},"
	    "\"q\":{\"packet\":\"a\",\"netns\":\"n\"}}"),
	 "switches.s.ports.", "device 'a' in netns n is used by"},
	{SW("\"uplinks\":{\"a\":{}},\"ports\":{\"q\":{\"packet\":\"a\"}}"),
	 "switches.s.", "device 'a' is used by"},
	{D("\"switches\":{\"s\":{\"ports\":{\"p\":{\"null\":true}}},"
	   "\"t\":{\"ports\":{\"p\":{\"null\":true}}}}"),
	 "switches.s.ports.p", "stands at switches.t.ports.p too"},
	{SW("\"ports\":{\"p\":{\"tap\":\"a\",\"mac\":\"02:00:00:00:00:05\"},"
	    "\"q\":{\"tap\":\"b\",\"mac\":\"02:00:00:00:00:05\"}}"),
	 "switches.s.ports.q.mac", "port 'p' has this MAC"},
	{ACL("\"action\":\"allow\""), "switches.s.ports.p.acl.x",
	 "names 0 sides"},
	{ACL("\"action\":\"deny\",\"local\":\"any\",\"remote\":\"any\""),
	 "switches.s.ports.p.acl.x", "has 2"},
	{ACL("\"action\":\"deny\",\"weight\":1,\"vsid\":5001,\"vlan\":7"),
	 "switches.s.ports.p.acl.x.vlan", "leave out vsid or vlan"},
	{ACL("\"remote\":\"any\""), "switches.s.ports.p.acl.x.action",
	 "missing"},
	{ACL("\"action\":\"allow\",\"proto\":\"tcp\""),
	 "switches.s.ports.p.acl.x.proto", "say weight= too"},
	{ACL("\"action\":\"allow\",\"weight\":0"),
	 "switches.s.ports.p.acl.x.weight", "say 1 to 65535"},
	{ACL("\"action\":\"meter\",\"weight\":1"),
	 "switches.s.ports.p.acl.x.action", "meter has no weight"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"proto\":\"tpc\""),
	 "switches.s.ports.p.acl.x.proto", "a number up to 255"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"proto\":\"256\""),
	 "switches.s.ports.p.acl.x.proto", "a number up to 255"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"lport\":\"9-8\""),
	 "switches.s.ports.p.acl.x.lport", "443 or 49152-49182"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"rport\":\"65536\""),
	 "switches.s.ports.p.acl.x.rport", "up to 65535"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"rport\":\"80 \""),
	 "switches.s.ports.p.acl.x.rport", "up to 65535"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"proto\":\"gre\","
	     "\"lport\":\"80\""),
	 "switches.s.ports.p.acl.x.lport", "only TCP and UDP have ports"},
	{ACL("\"action\":\"deny\",\"weight\":1,\"stateful\":true"),
	 "switches.s.ports.p.acl.x.stateful", "only a rule that allows"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"timeout\":9"),
	 "switches.s.ports.p.acl.x.timeout", "say stateful=on too"},
	{ACL("\"action\":\"allow\",\"weight\":1,\"local-mac\":\"any\""),
	 "switches.s.ports.p.acl.x.local-mac", "has no MACs"},
	{ACL("\"action\":\"allow\",\"weight\":1,"
	     "\"local\":\"10.0.0.0/8\",\"remote\":\"fd00::/8\""),
	 "switches.s.ports.p.acl.x.remote", "two families"},
	{PORT("\"null\":true,\"acl\":{"
	      "\"x\":{\"direction\":\"both\",\"action\":\"allow\","
	      "\"weight\":1}}"),
	 "switches.s.ports.p.acl.x.direction", "one direction"},
	{PORT("\"null\":true,\"acl\":{"
	      "\"x\":{\"direction\":\"in\",\"action\":\"allow\","
	      "\"weight\":7},"
	      "\"y\":{\"direction\":\"in\",\"action\":\"deny\","
	      "\"weight\":7}}"),
	 "switches.s.ports.p.acl.y.weight", "has this weight"},
};

START_TEST(each_refusal_names_its_place_and_its_reason)
{
	const struct refusal *refusal = &refusals[_i];
	struct vs_error error;
	struct store *store;

	ck_assert_msg(parse(refusal->document, "a", &store, &error) < 0,
		      "accepted: %s", refusal->document);
	ck_assert_msg(strstr(error.text, refusal->text), "'%s' is not in '%s'",
		      refusal->text, error.text);
	if (refusal->path[0] && refusal->path[strlen(refusal->path) - 1] == '.')
		ck_assert_msg(strncmp(error.path, refusal->path,
				      strlen(refusal->path)) == 0,
			      "%s", error.path);
	else
		ck_assert_str_eq(error.path, refusal->path);
	store_destroy(store);
}
END_TEST

static char *dump(const char *text, const char *host)
{
	struct vs_error error;
	struct store *store;
	json_t *json;
	char *out;

	ck_assert_msg(parse(text, host, &store, &error) == 0, "%s: %s",
		      error.path, error.text);
	json = document_dump(store);
	out = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	store_destroy(store);
	return out;
}

START_TEST(dump_sorts_naturally_and_leaves_defaults_out)
{
	char *out = dump(D("\"switches\":{\"s10\":{\"ageing\":300},\"s9\":{"
			   "\"stack\":[],\"ageing\":301}},\"networks\":{\"b\":{"
			   "\"subnets\":{\"10000\":{\"mtu\":1458,\"prefixes\":["
			   "\"10.0.0.0/24\"]},\"9999\":{\"prefixes\":["
			   "\"2001:DB8::/64\"]}}}}"),
			 NULL);

	ck_assert_str_eq(
		out,
		"{\"format\":1,\"switches\":{\"s9\":{\"ageing\":301},"
		"\"s10\":{}},\"networks\":{\"b\":{\"subnets\":{\"9999\":{"
		"\"prefixes\":[\"2001:db8::/64\"]},\"10000\":{\"prefixes\":["
		"\"10.0.0.0/24\"]}}}}}");
	free(out);
}
END_TEST

START_TEST(host_picks_its_own_part_of_a_fabric)
{
	char *out = dump(D("\"hosts\":{\"a\":{\"switches\":{\"sa\":{}}},"
			   "\"b\":{\"switches\":{\"sb\":{}}}}"),
			 "b");

	ck_assert_str_eq(out, "{\"format\":1,\"switches\":{\"sb\":{}}}");
	free(out);
}
END_TEST

START_TEST(document_of_other_hosts_is_refused)
{
	static const struct {
		const char *host, *document, *text;
	} strangers[] = {
		{NULL, D("\"hosts\":{\"a\":{},\"b\":{}}"), "none is picked"},
		{NULL, D("\"hosts\":{\"a\":{}}"), "none is picked"},
		{"b", D("\"hosts\":{\"a\":{}}"), "no host 'b', only 'a'"},
		{"lab3", D("\"hosts\":{\"lab1\":{},\"x\":{}}"),
		 "did you mean 'lab1'?"},
		{"b", D("\"hosts\":{}"), "among these 0"},
	};
	struct vs_error error;
	struct store *store;

	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		ck_assert_int_eq(parse(strangers[i].document, strangers[i].host,
				       &store, &error),
				 -EINVAL);
		ck_assert_str_eq(error.path, "hosts");
		ck_assert_msg(strstr(error.text, strangers[i].text), "%s",
			      error.text);
		ck_assert_ptr_null(store);
	}
}
END_TEST

START_TEST(nesting_beyond_the_limit_is_refused_before_parsing)
{
	char *text = malloc(2000000);
	struct vs_error error;
	json_t *json;

	memset(text, '[', 2000000);
	ck_assert_int_eq(json_text_load(text, 2000000, &json, &error), -E2BIG);
	free(text);
}
END_TEST

/* -- the property
 * ---------------------------------------------------------------- */

static json_t *random_cas(struct prng *prng)
{
	json_t *cas = json_object(), *ca;
	uint32_t i, count = prng_below(prng, 6);
	char key[40], mac[20], pa[20];

	for (i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "10.%u.%u.%u", prng_below(prng, 3),
			 prng_below(prng, 256), prng_below(prng, 256));
		snprintf(mac, sizeof(mac), "02:00:00:00:%02x:%02x",
			 prng_below(prng, 256), prng_below(prng, 256));
		snprintf(pa, sizeof(pa), "192.0.2.%u", prng_below(prng, 256));
		ca = json_pack("{s:s, s:s}", "mac", mac, "pa", pa);
		if (prng_below(prng, 2))
			json_object_set_new(
				ca, "rule",
				json_string(ca_rules[prng_below(prng, 2)]));
		if (prng_below(prng, 2))
			json_object_set_new(ca, "note",
					    json_string("\"é\\ a.b[]"));
		json_object_set_new(cas, key, ca);
	}
	return cas;
}

static json_t *random_networks(struct prng *prng)
{
	json_t *networks = json_object(), *subnets;
	uint32_t i, j, count = prng_below(prng, 5), inner;
	char name[20], vsid[20];

	for (i = 0; i < count; i++) {
		subnets = json_object();
		inner = prng_below(prng, 4);
		for (j = 0; j < inner; j++) {
			snprintf(vsid, sizeof(vsid), "%u",
				 5000 + i * 100 + prng_below(prng, 100));
			json_object_set_new(
				subnets, vsid,
				json_pack("{s:[s], s:i, s:o}", "prefixes",
					  "10.0.0.0/24", "mtu",
					  prng_below(prng, 2) ? 1458 : 1400,
					  "ca", random_cas(prng)));
		}
		snprintf(name, sizeof(name), "n%u.%u", i, prng_below(prng, 50));
		json_object_set_new(networks, name,
				    json_pack("{s:o}", "subnets", subnets));
	}
	return networks;
}

/* One switch with ports in VLANs: ranges, alone and in lists. */
static json_t *random_switches(struct prng *prng)
{
	json_t *ports = json_object(), *port;
	uint32_t i, count = prng_below(prng, 5), first;
	char name[20], range[20];

	for (i = 0; i < count; i++) {
		first = 1 + prng_below(prng, 3000);
		snprintf(range, sizeof(range), "%u-%u", first,
			 first + prng_below(prng, 1000));
		port = prng_below(prng, 2)
			       ? json_pack("{s:[s,i], s:i}", "trunk", range,
					   4001 + prng_below(prng, 90),
					   "native", first)
			       : json_pack("{s:i, s:s, s:[s]}", "vlan", first,
					   "private", "promiscuous",
					   "secondary", range);
		json_object_set_new(port, "null", json_true());
		json_object_set_new(port, "team", json_string("t"));
		snprintf(name, sizeof(name), "p%u", i);
		json_object_set_new(ports, name, port);
	}
	return json_pack("{s:{s:b, s:o}}", "s", "snooping", prng_below(prng, 2),
			 "ports", ports);
}

START_TEST(parse_of_a_dump_is_the_store_again)
{
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	json_t *json, *first, *second;
	struct store *a, *b, *copy;
	struct vs_error error;

	json = json_pack("{s:i, s:o, s:o}", "format", 1, "networks",
			 random_networks(&prng), "switches",
			 random_switches(&prng));
	ck_assert_msg(document_parse(schema, NULL, json, &a, &error) == 0,
		      "%s: %s", error.path, error.text);
	first = document_dump(a);
	ck_assert_int_eq(document_parse(schema, NULL, first, &b, &error), 0);
	second = document_dump(b);
	copy = store_copy(b);
	store_seal(copy);
	ck_assert(json_equal(first, second));
	ck_assert(store_equal(a, b));
	ck_assert(store_equal(a, copy));
	json_decref(json);
	json_decref(first);
	json_decref(second);
	store_destroy(a);
	store_destroy(b);
	store_destroy(copy);
}
END_TEST

/* -- the cursor
 * -------------------------------------------------------------------- */

START_TEST(cursor_sees_its_own_switch_and_the_whole_top)
{
	static const char text[] = D(
		"\"switches\":{\"s\":{\"ports\":{\"p\":{\"null\":true}}},\"t\":"
		"{\"ports\":{\"q\":{\"null\":true},\"r\":{\"null\":true}}}},"
		"\"networks\":{\"a\":{\"subnets\":{}},\"b\":{\"subnets\":{"
		"\"5001\":{\"prefixes\":[\"10.0.0.0/24\"]},\"6001\":{"
		"\"prefixes\":[\"10.0.0.0/24\"]}}}}");
	const struct vs_settings_ops *ops;
	const struct vs_object *object;
	struct settings_cursor cursor;
	struct vs_error error;
	struct store *store;

	ck_assert_int_eq(parse(text, NULL, &store, &error), 0);
	settings_cursor_open(
		&cursor, store,
		store_any(store, schema_find(schema, "switch"), "t", 0), NULL);
	ops = cursor.settings.ops;
	object = ops->next(&cursor.settings,
			   ops->noun(&cursor.settings, "port"), NULL, NULL);
	ck_assert_str_eq(ops->value(object, VS_PORT_NAME)->text, "q");
	object = ops->next(&cursor.settings,
			   ops->noun(&cursor.settings, "port"), NULL, object);
	ck_assert_str_eq(ops->value(object, VS_PORT_NAME)->text, "r");
	ops->place(object, "mac", &error);
	ck_assert_str_eq(error.path, "switches.t.ports.r.mac");
	ck_assert_ptr_null(ops->next(&cursor.settings,
				     ops->noun(&cursor.settings, "port"), NULL,
				     object));
	object = ops->next(&cursor.settings,
			   ops->noun(&cursor.settings, "subnet"), NULL, NULL);
	ck_assert_uint_eq(ops->value(object, 0)->vsid.value, 5001);
	object = ops->next(&cursor.settings,
			   ops->noun(&cursor.settings, "subnet"),
			   ops->parent(object), object);
	ck_assert_uint_eq(ops->value(object, 0)->vsid.value, 6001);
	ck_assert_ptr_null(ops->noun(&cursor.settings, "none"));
	store_destroy(store);
}
END_TEST

/* -- many
 * -----------------------------------------------------------------------------
 */

START_TEST(hundred_thousand_records_in_any_order_are_found_and_sorted)
{
	struct prng prng = prng_start(prng_seed());
	json_t *cas = json_object(), *json;
	const struct vs_object *object = NULL;
	struct vs_error error;
	struct store *store;
	size_t count = 0;
	char key[20];

	while (json_object_size(cas) < 100000) {
		snprintf(key, sizeof(key), "10.%u.%u.%u",
			 prng_below(&prng, 256), prng_below(&prng, 256),
			 prng_below(&prng, 256));
		json_object_set_new(cas, key,
				    json_pack("{s:s, s:s}", "mac",
					      "02:00:00:00:00:05", "pa",
					      "192.0.2.1"));
	}
	json = json_pack("{s:i, s:{s:{s:{s:{s:[s], s:o}}}}}", "format", 1,
			 "networks", "n", "subnets", "5001", "prefixes",
			 "10.0.0.0/8", "ca", cas);
	ck_assert_int_eq(document_parse(schema, NULL, json, &store, &error), 0);
	while ((object = store_next(store, schema_find(schema, "ca"), NULL,
				    object)))
		count++;
	ck_assert_uint_eq(count, 100000);
	ck_assert_uint_eq(store_count(store), 100002);
	store_destroy(store);
	json_decref(json);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control_document");
	TCase *tcase = tcase_create("document");

	tcase_add_unchecked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, each_refusal_names_its_place_and_its_reason,
			    0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tcase, dump_sorts_naturally_and_leaves_defaults_out);
	tcase_add_test(tcase, host_picks_its_own_part_of_a_fabric);
	tcase_add_test(tcase, document_of_other_hosts_is_refused);
	tcase_add_test(tcase,
		       nesting_beyond_the_limit_is_refused_before_parsing);
	tcase_add_loop_test(tcase, parse_of_a_dump_is_the_store_again, 0, 50);
	tcase_add_test(tcase, cursor_sees_its_own_switch_and_the_whole_top);
	tcase_add_test(
		tcase,
		hundred_thousand_records_in_any_order_are_found_and_sorted);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
