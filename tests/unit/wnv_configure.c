/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every refusal, warning and derived value of WNV's configure: hnv.md A4 and
 * design 8. A test writes a policy as lines and says what must come of it.
 *
 * hnv.md combination         test
 * A4.1   VSID out of range   vsid_fields_exclude_what_is_reserved
 * A4.4   no one address      refuses_addresses_that_no_vm_has
 * A4.5   one VSID twice      refuses_same_vsid_in_two_networks
 * A4.6   prefixes overlap    refuses_overlapping_prefixes_in_...
 * A4.9   VM as gateway       refuses_vm_on_the_gateway_address
 * A4.10, A4.11  routes       wnv_routes.c
 * A4.12  CA out of prefix    warns_of_a_ca_outside_every_prefix_...
 * A4.13  PA not here         port_waits_while_its_records_pa_is_...
 * A4.16  group PA            refuses_pas_that_cannot_be
 * A4.17  dummy PA            dummy_pa_of_a_vm_is_unusable_and_...
 *                            imported_gateway_record_sets_the_...
 *
 * A4.2, A4.7, A4.8, A4.14       wnv_configure_rewrite.c
 *
 * No key of today can say the others: A4.3 needs record types, A4.15 a port's
 * VLAN.
 */
#include "tests/support/policy_bench.h"
#include "wnv/provider_way.h"

static const struct wnv_record *record(const struct bench *bench, uint32_t vsid,
				       const char *text)
{
	const struct wnv_ca key = ca(text);

	return wnv_record_find(bench->state, (struct vs_vsid){vsid}, &key);
}

static const struct wnv_subnet *subnet(const struct bench *bench, uint32_t vsid)
{
	return wnv_subnet_find(bench->state, (struct vs_vsid){vsid});
}

static bool has_gateway(const struct wnv_subnet *at, const char *text)
{
	const struct wnv_ca key = ca(text);

	return wnv_subnet_is_gateway(at, &key);
}

START_TEST(sha1_and_uuid5_agree_with_published_values)
{
	static const uint8_t abc[20] = {
		0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
		0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d};
	static const uint8_t two_blocks[20] = {
		0x84, 0x98, 0x3e, 0x44, 0x1c, 0x3b, 0xd2, 0x6e, 0xba, 0xae,
		0x4a, 0xa1, 0xf9, 0x51, 0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1};
	const char *long_text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmn"
				"lmnomnopnopq";
	uint8_t digest[20];
	struct wnv_rdid a = wnv_rdid_of_name("blue"),
			b = wnv_rdid_of_name("red");

	wnv_sha1((const uint8_t *)"abc", 3, digest);
	ck_assert_mem_eq(digest, abc, 20);
	wnv_sha1((const uint8_t *)long_text, strlen(long_text), digest);
	ck_assert_mem_eq(digest, two_blocks, 20);
	ck_assert_uint_eq(a.uuid.octet[6] >> 4, 5);
	ck_assert_uint_eq(a.uuid.octet[8] >> 6, 2);
	ck_assert_mem_ne(a.uuid.octet, b.uuid.octet, 16);
}
END_TEST

/* The host checks a value against its field's range before we see it. */
START_TEST(vsid_fields_exclude_what_is_reserved)
{
	const struct vs_field *field;
	unsigned int noun, i, seen = 0;

	for (noun = 0; noun < WNV_NOUNS; noun++)
		for (i = 0; i < wnv_nouns[noun].field_count; i++) {
			field = &wnv_nouns[noun].fields[i];
			if (field->kind != VS_KIND_VSID)
				continue;
			ck_assert_uint_eq(field->minimum, 4096);
			ck_assert_uint_eq(field->maximum, 16777214);
			seen++;
		}
	ck_assert_uint_eq(seen, 2); /* the subnet's key, the route's */
}
END_TEST

START_TEST(refuses_same_rdid_for_two_networks)
{
	refused("network a rdid=11111111-2222-3333-4444-000000000000\n"
		"network b rdid=11111111-2222-3333-4444-000000000000\n",
		EEXIST, "network b rdid", "they would be one");
}
END_TEST

START_TEST(refuses_same_vsid_in_two_networks)
{
	refused(BLUE "network red\nsubnet 5001 prefixes=10.9.0.0/24\n", EEXIST,
		"subnet 5001", "a VSID belongs to one");
}
END_TEST

START_TEST(refuses_overlapping_prefixes_in_one_network)
{
	refused(BLUE "subnet 5002 prefixes=10.0.0.128/25\n", EEXIST,
		"subnet 5002 prefixes", "overlaps 10.0.0.0/24");
	/* the enclosing block need not be the neighbour in order */
	refused("network blue\nsubnet 5001 prefixes=10.0.0.0/16\n"
		"subnet 5002 prefixes=10.0.1.0/24,10.0.2.0/24\n",
		EEXIST, "subnet 5002 prefixes", "overlaps 10.0.0.0/16");
}
END_TEST

START_TEST(allows_same_prefix_in_two_networks)
{
	struct bench bench = accepted(
		BLUE "network red\nsubnet 6001 prefixes=10.0.0.0/24\n", NULL);

	ck_assert_uint_ne(subnet(&bench, 5001)->network,
			  subnet(&bench, 6001)->network);
	done(&bench);
}
END_TEST

START_TEST(refuses_prefixes_that_are_no_subnet)
{
	refused("network b\nsubnet 5001 prefixes=0.0.0.0/0\n", EINVAL,
		"subnet 5001 prefixes", "write it as a route");
	refused("network b\nsubnet 5001 prefixes=fe80::/64\n", EINVAL,
		"subnet 5001 prefixes", "leave it out");
	refused("network b\nsubnet 5001 prefixes=224.0.0.0/8\n", EINVAL,
		"subnet 5001 prefixes", "no unicast");
	refused("network b\nsubnet 5001 mtu=1458\n", EINVAL,
		"subnet 5001 prefixes", "at least one prefix");
}
END_TEST

START_TEST(gateway_defaults_to_lowest_host_and_fe80_1)
{
	struct bench bench = accepted("network b\nsubnet 5001 prefixes="
				      "10.0.0.0/24,2001:db8::/64,10.1.0.0/31\n",
				      NULL);
	const struct wnv_subnet *at = subnet(&bench, 5001);

	ck_assert_uint_eq(at->gateway_count, 3);
	ck_assert(has_gateway(at, "10.0.0.1"));
	ck_assert(has_gateway(at, "2001:db8::1"));
	ck_assert(has_gateway(at, "fe80::1"));
	ck_assert_mem_eq(at->gateway_mac.octet, "\x02\x56\x53\x00\x13\x89", 6);
	ck_assert_uint_eq(at->mtu, 1458);
	done(&bench);
}
END_TEST

START_TEST(gateway_can_be_another_address_or_none)
{
	struct bench bench;

	bench = accepted("network b\nsubnet 5001 prefixes=10.0.0.0/24,"
			 "2001:db8::/64 gateway=10.0.0.254\n"
			 "subnet 5002 prefixes=10.1.0.0/24 gateway=none\n",
			 NULL);
	ck_assert(has_gateway(subnet(&bench, 5001), "10.0.0.254"));
	ck_assert(!has_gateway(subnet(&bench, 5001), "10.0.0.1"));
	ck_assert(has_gateway(subnet(&bench, 5001), "2001:db8::1"));
	ck_assert_uint_eq(subnet(&bench, 5002)->gateway_count, 0);
	done(&bench);
	refused("network b\nsubnet 5001 prefixes=10.0.0.0/24 "
		"gateway=10.0.1.1\n",
		EINVAL, "subnet 5001 gateway", "no host address");
	refused("network b\nsubnet 5001 prefixes=10.0.0.0/24 "
		"gateway=10.0.0.255\n",
		EINVAL, "subnet 5001 gateway", "no host address");
	refused("network b\nsubnet 5001 prefixes=10.0.0.0/24 gateway=nil\n",
		EINVAL, "subnet 5001 gateway", "the word none");
}
END_TEST

START_TEST(dscp_is_a_number_or_copy)
{
	struct bench bench = accepted(
		"network b\nsubnet 5001 prefixes=10.0.0.0/24 dscp=46 l2=on\n"
		"subnet 5002 prefixes=10.1.0.0/24 dscp=copy\n",
		NULL);

	ck_assert_uint_eq(subnet(&bench, 5001)->dscp, 46);
	ck_assert(subnet(&bench, 5001)->l2);
	ck_assert_uint_eq(subnet(&bench, 5002)->dscp, WNV_DSCP_COPY);
	done(&bench);
	refused("network b\nsubnet 5001 prefixes=10.0.0.0/24 dscp=64\n", EINVAL,
		"subnet 5001 dscp", "0..63");
}
END_TEST

START_TEST(refuses_vm_on_the_gateway_address)
{
	refused(UPLINK BLUE "ca 10.0.0.1 mac=02:00:00:00:00:01 pa=192.0.2.2\n",
		EEXIST, "ca 10.0.0.1", "gateway of subnet 5001");
	refused(UPLINK BLUE "port web vsid=5001 ca=10.0.0.1\n", EEXIST,
		"port web ca", "gateway of subnet 5001");
}
END_TEST

START_TEST(imported_gateway_record_sets_the_gateways_mac)
{
	static const char *const pas[] = {"169.254.254.254", "192.0.2.1"};
	char lines[256];
	struct bench bench;
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(lines, sizeof(lines),
			 UPLINK BLUE
			 "ca 10.0.0.1 mac=00:15:5d:00:00:01 pa=%s\n",
			 pas[i]);
		bench = accepted(lines, NULL);
		ck_assert_mem_eq(subnet(&bench, 5001)->gateway_mac.octet,
				 "\x00\x15\x5d\x00\x00\x01", 6);
		ck_assert_ptr_null(record(&bench, 5001, "10.0.0.1"));
		done(&bench);
	}
	refused("network b\nsubnet 5001 prefixes=10.0.0.0/24,2001:db8::/64\n"
		"ca 10.0.0.1 mac=00:15:5d:00:00:01 pa=169.254.254.254\n"
		"ca 2001:db8::1 mac=00:15:5d:00:00:02 pa=169.254.254.254\n",
		EEXIST, "ca 2001:db8::1 mac", "00:15:5d:00:00:01");
}
END_TEST

START_TEST(refuses_a_vm_with_the_gateways_mac)
{
	refused(BLUE "ca 10.0.0.5 mac=02:56:53:00:13:89 pa=192.0.2.2\n", EEXIST,
		"ca 10.0.0.5 mac", "MAC of the gateway");
	refused(BLUE "port web vsid=5001 mac=02:56:53:00:13:89\n", EEXIST,
		"port web mac", "MAC of the gateway");
}
END_TEST

START_TEST(refuses_addresses_that_no_vm_has)
{
	refused(BLUE "ca 0.0.0.0 mac=02:00:00:00:00:05 pa=192.0.2.2\n", EINVAL,
		"ca 0.0.0.0", "one customer address");
	refused(BLUE "ca 224.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.2\n",
		EINVAL, "ca 224.0.0.5", "group or reserved");
	refused(BLUE "ca ::1 mac=02:00:00:00:00:05 pa=192.0.2.2\n", EINVAL,
		"ca ::1", "group or reserved");
	refused(BLUE "ca 10.0.0.0 mac=02:00:00:00:00:05 pa=192.0.2.2\n", EINVAL,
		"ca 10.0.0.0", "no VM can have it");
	refused(BLUE "ca 10.0.0.255 mac=02:00:00:00:00:05 pa=192.0.2.2\n",
		EINVAL, "ca 10.0.0.255", "no VM can have it");
}
END_TEST

START_TEST(refuses_a_record_twice)
{
	refused(BLUE VM7 "ca 10.0.0.7 mac=02:00:00:00:00:08 pa=192.0.2.2\n",
		EEXIST, "ca 10.0.0.7", "two records");
}
END_TEST

START_TEST(refuses_pas_that_cannot_be)
{
	refused(BLUE "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=239.1.1.1\n", EINVAL,
		"ca 10.0.0.5 pa", "cannot be a provider address");
	refused(BLUE "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=fe80::2\n", EINVAL,
		"ca 10.0.0.5 pa", "another host on every link");
	refused(BLUE "ca 10.0.0.5 mac=02:00:00:00:00:05\n", EINVAL,
		"ca 10.0.0.5 pa", "needs a provider address");
	refused("uplink eth1\npa fe80::1 prefix=64\n", EINVAL, "pa fe80::1",
		"another host on every link");
	refused("uplink eth1\npa ff02::1 prefix=64\n", EINVAL, "pa ff02::1",
		"cannot be a provider address");
	refused("uplink eth1\npa ::1 prefix=64\n", EINVAL, "pa ::1",
		"cannot be a provider address");
	refused("uplink eth1\npa 2001:db8:: prefix=64\n", EINVAL,
		"pa 2001:db8:: prefix", "first or last");
	refused("uplink eth1\npa 192.0.2.1 prefix=33\n", ERANGE,
		"pa 192.0.2.1 prefix", "1 to 32 bits");
	refused("uplink eth1\npa 127.0.0.1 prefix=8\n", EINVAL, "pa 127.0.0.1",
		"cannot be a provider address");
	refused("peer fe80::1\n", EINVAL, "peer fe80::1",
		"another host on every link");
	refused("uplink eth1\npa 192.0.2.255 prefix=24\n", EINVAL,
		"pa 192.0.2.255 prefix", "first or last");
	refused(UPLINK "uplink eth2\npa 192.0.2.1 prefix=24\n", EEXIST,
		"pa 192.0.2.1", "two uplinks");
}
END_TEST

START_TEST(ipv6_pas_have_prefixes_of_up_to_128_bits)
{
	struct bench bench = accepted("uplink eth1\n"
				      "pa 2001:db8::1 prefix=64\n"
				      "pa 2001:db8:0:ffff:ffff:ffff:ffff:ffff "
				      "prefix=64\n"
				      "pa fd00::9 prefix=128\n",
				      NULL);

	ck_assert_uint_eq(wnv_provider_at(bench.state, 0)->prefix_length, 64);
	ck_assert_uint_eq(wnv_provider_at(bench.state, 2)->prefix_length, 128);
	done(&bench);
}
END_TEST

START_TEST(pa_in_a_vlan_is_owned_whatever_the_kernel_has)
{
	struct vs_port_info one = *device("eth1", 1500);
	struct bench bench = load(UPLINK);
	uint16_t i;

	one.address_count = 1;
	one.addresses[0].length = 96 + 20;
	ck_assert_int_eq(vs_ip_parse("192.0.2.1", &one.addresses[0].ip), 0);
	for (i = 0; i < 2; i++) {
		done(&bench);
		bench = load(i ? "uplink eth1\n"
				 "pa 192.0.2.1 prefix=24 vlan=100\n"
			       : "uplink eth1\npa 192.0.2.1\n");
		fake_settings_attach(bench.fake, "eth1", &one);
		configure(&bench, WNV_OCCASION_CHANGE);
		ck_assert_int_eq(bench.result, 0);
		ck_assert_uint_eq(wnv_provider_at(bench.state, 0)->owned, i);
		ck_assert_uint_eq(wnv_provider_at(bench.state, 0)->vlan,
				  i ? 100 : 0);
	}
	done(&bench);
}
END_TEST

/* A VM here and one elsewhere, whose PA and rule are given. */
static void expect_overhead(const char *remote, uint16_t overhead)
{
	struct vs_port_info info = *device("eth1", 1500);
	char text[512];
	struct bench bench;
	int step;

	for (step = 0; step < 2; step++) {
		snprintf(text, sizeof(text),
			 UPLINK "pa 2001:db8::1 prefix=64\n"
				"network b\nsubnet 5001 prefixes=10.0.0.0/24 "
				"mtu=%u\nca 10.0.0.7 mac=02:00:00:00:00:07 "
				"%s\nport a vsid=5001 ca=10.0.0.5\n",
			 1500u - overhead + (unsigned int)step, remote);
		bench = load(text);
		fake_settings_attach(bench.fake, "eth1", &info);
		configure(&bench, WNV_OCCASION_CHANGE);
		ck_assert_int_eq(bench.result, step ? -EMSGSIZE : 0);
		done(&bench);
	}
}

START_TEST(the_uplink_must_carry_the_overhead_of_the_records_in_use)
{
	expect_overhead("pa=192.0.2.2", 42);
	expect_overhead("pa=192.0.2.2 rule=vxlan", 50);
	expect_overhead("pa=2001:db8::2", 62);
	expect_overhead("pa=2001:db8::2 rule=vxlan", 70);
}
END_TEST

START_TEST(refuses_rewrite_by_a_pa_in_a_vlan)
{
	refused("uplink eth1\npa 192.0.2.1 prefix=24 vlan=100\n"
		"network b\nsubnet 5001 prefixes=10.0.0.0/24\n"
		"ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1 "
		"rule=rewrite\n",
		EINVAL, "ca 10.0.0.5 pa", "writes no tag");
}
END_TEST

START_TEST(owned_pa_needs_its_prefix_shared_one_does_not)
{
	struct vs_port_info info = *device("eth1", 1500);
	struct bench bench = load("uplink eth1\npa 192.0.2.1\n");

	fake_settings_attach(bench.fake, "eth1", &info);
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, -EINVAL);
	ck_assert_str_eq(bench.error.path, "pa 192.0.2.1 prefix");
	info.address_count = 1;
	ck_assert_int_eq(vs_ip_parse("192.0.2.1", &info.addresses[0].ip), 0);
	info.addresses[0].length = 96 + 20;
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, 0);
	ck_assert(!wnv_provider_at(bench.state, 0)->owned);
	ck_assert_uint_eq(wnv_provider_at(bench.state, 0)->prefix_length, 116);
	ck_assert_uint_eq(wnv_provider_at(bench.state, 0)->uplink.value, 9);
	done(&bench);
	bench = accepted("uplink eth1\npa 192.0.2.1\n", "reaches nobody");
	ck_assert(wnv_provider_at(bench.state, 0)->owned);
	done(&bench);
}
END_TEST

START_TEST(warns_of_a_ca_outside_every_prefix_but_not_of_link_local)
{
	struct bench bench;

	bench = accepted(BLUE "ca 10.9.0.5 mac=02:00:00:00:00:05 pa=192.0.2.2\n"
			      "ca fe80::5 mac=02:00:00:00:00:05 pa=192.0.2.2\n",
			 "10.9.0.5 is in no prefix");
	ck_assert(record(&bench, 5001, "10.9.0.5")->flags & WNV_RECORD_USABLE);
	done(&bench);
}
END_TEST

START_TEST(dummy_pa_of_a_vm_is_unusable_and_warned_of)
{
	struct bench bench = accepted(BLUE "ca 10.0.0.5 mac=02:00:00:00:00:05 "
					   "pa=169.254.254.254\n",
				      "stands for no host");

	ck_assert_uint_eq(record(&bench, 5001, "10.0.0.5")->flags, 0);
	ck_assert_uint_eq(wnv_peer_count(bench.state), 0);
	done(&bench);
}
END_TEST

START_TEST(record_knows_local_remote_and_rule_none)
{
	struct bench bench = accepted(
		UPLINK BLUE VM5 VM7
		"ca 10.0.0.8 mac=02:00:00:00:00:08 rule=none pa=192.0.2.2\n",
		NULL);

	ck_assert_uint_eq(record(&bench, 5001, "10.0.0.5")->flags,
			  WNV_RECORD_LOCAL | WNV_RECORD_USABLE);
	ck_assert_uint_eq(record(&bench, 5001, "10.0.0.7")->flags,
			  WNV_RECORD_USABLE);
	ck_assert_uint_eq(record(&bench, 5001, "10.0.0.8")->flags, 0);
	done(&bench);
}
END_TEST

START_TEST(port_waits_while_its_records_pa_is_elsewhere)
{
	struct bench bench = accepted(UPLINK BLUE VM7 "port web vsid=5001 "
						      "ca=10.0.0.7\n",
				      NULL);

	ck_assert_str_eq(wnv_port_profile(bench.state, "web")->waits,
			 "record of 10.0.0.7 names PA 192.0.2.2, which is not "
			 "on this host");
	ck_assert(record(&bench, 5001, "10.0.0.7")->flags & WNV_RECORD_WAITS);
	done(&bench);
}
END_TEST

START_TEST(port_gets_its_profile_from_record_and_subnet)
{
	struct bench bench = accepted(
		UPLINK "network b\nsubnet 5001 prefixes=10.0.0.0/24,"
		       "2001:db8::/64 mtu=1400\n" VM5
		       "ca 2001:db8::5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
		       "port web vsid=5001 ca=10.0.0.5,2001:db8::5\n",
		NULL);
	const struct vs_port_profile *at = wnv_port_profile(bench.state, "web");
	char text[VS_PREFIX_TEXT];

	ck_assert(at->has_mac);
	ck_assert_mem_eq(at->mac.octet, "\x02\0\0\0\0\x05", 6);
	ck_assert_uint_eq(at->mtu, 1400);
	ck_assert_uint_eq(at->address_count, 2);
	ck_assert_uint_eq(at->addresses[0].length, 96 + 24);
	ck_assert_uint_eq(at->addresses[1].length, 64);
	ck_assert_uint_eq(at->gateway_count, 2);
	ck_assert_str_eq(vs_ip_format(&at->gateways[0], text), "10.0.0.1");
	ck_assert_str_eq(vs_ip_format(&at->gateways[1], text), "2001:db8::1");
	ck_assert_str_eq(at->waits, "");
	ck_assert_uint_eq(subnet(&bench, 5001)->port_count, 1);
	done(&bench);
}
END_TEST

START_TEST(port_without_record_makes_an_automatic_one)
{
	struct bench bench =
		accepted("uplink eth1\npa 192.0.2.9 prefix=24\npa 192.0.2.1 "
			 "prefix=24\n" BLUE
			 "port a vsid=5001 ca=10.0.0.5 mac=02:00:00:00:00:aa\n"
			 "port b vsid=5001 ca=10.0.0.6\n",
			 NULL);
	const struct wnv_record *a = record(&bench, 5001, "10.0.0.5"),
				*b = record(&bench, 5001, "10.0.0.6");
	char text[VS_IP_TEXT];

	ck_assert_uint_eq(a->flags, WNV_RECORD_LOCAL | WNV_RECORD_USABLE |
					    WNV_RECORD_AUTO |
					    WNV_RECORD_PLUGGED);
	ck_assert_mem_eq(a->mac.octet, "\x02\0\0\0\0\xaa", 6);
	ck_assert_str_eq(vs_ip_format(&a->pa.ip, text), "192.0.2.1");
	ck_assert_uint_eq(b->mac.octet[0], 2);
	ck_assert(vs_mac_equal(&b->mac,
			       &wnv_port_profile(bench.state, "b")->mac));
	done(&bench);
}
END_TEST

START_TEST(automatic_record_without_any_pa_stays_at_home)
{
	struct bench bench =
		accepted(BLUE "port a vsid=5001 ca=10.0.0.5\n", NULL);
	const struct wnv_record *at = record(&bench, 5001, "10.0.0.5");

	ck_assert_uint_eq(at->rule, WNV_RULE_NONE);
	ck_assert(at->flags & WNV_RECORD_LOCAL);
	ck_assert_str_eq(wnv_port_profile(bench.state, "a")->waits, "");
	done(&bench);
}
END_TEST

START_TEST(automatic_mac_is_the_devices_only_on_the_vms_side)
{
	struct vs_port_info info = *device("tap0", 1500);
	struct bench bench =
		load(BLUE "port a vsid=5001 ca=10.0.0.5 tap=tap0\n"
			  "port b vsid=5001 ca=10.0.0.6 packet=v0\n");

	fake_settings_attach(bench.fake, "a", &info);
	fake_settings_attach(bench.fake, "b", &info);
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, 0);
	ck_assert(vs_mac_equal(&record(&bench, 5001, "10.0.0.5")->mac,
			       &info.mac));
	ck_assert(!vs_mac_equal(&record(&bench, 5001, "10.0.0.6")->mac,
				&info.mac));
	done(&bench);
}
END_TEST

START_TEST(refuses_ports_that_policy_does_not_know)
{
	refused(BLUE "port a vsid=5002\n", ENOENT, "port a vsid",
		"vsctl subnet add 5002");
	refused(BLUE "port a vsid=5001 ca=10.0.1.5\n", EINVAL, "port a ca",
		"in no prefix of subnet 5001");
	refused(BLUE "port a vsid=0 ca=10.0.0.5\n", EINVAL, "port a ca",
		"write its vsid");
	refused(UPLINK BLUE "port a tap=t0\n", EINVAL, "port a vsid", "vsid=0");
	refused(UPLINK BLUE VM5
		"port a vsid=5001 ca=10.0.0.5 mac=02:00:00:00:00:99\n",
		EINVAL, "port a ca", "has the MAC 02:00:00:00:00:05");
}
END_TEST

START_TEST(refuses_two_ports_with_one_mac_or_address)
{
	refused(UPLINK BLUE VM5 "port a vsid=5001 ca=10.0.0.5\n"
				"port b vsid=5001 mac=02:00:00:00:00:05\n",
		EEXIST, "port b mac", "port a has the MAC");
	refused(UPLINK BLUE "port a vsid=5001 ca=10.0.0.5\n"
			    "port b vsid=5001 ca=10.0.0.5\n",
		EEXIST, "port b ca", "another address");
	refused(UPLINK BLUE
		"port a vsid=5001 ca=10.0.0.5 mac=02:00:00:00:00:05\n"
		"port b vsid=5001 ca=10.0.0.5 mac=02:00:00:00:00:06\n",
		EEXIST, "port b ca", "another port has 10.0.0.5");
}
END_TEST

START_TEST(allows_one_mac_in_two_vsids)
{
	struct bench bench = accepted(
		BLUE "network red\nsubnet 6001 prefixes=10.0.0.0/24\n"
		     "port a vsid=5001 ca=10.0.0.5 mac=02:00:00:00:00:05\n"
		     "port b vsid=6001 ca=10.0.0.5 mac=02:00:00:00:00:05\n",
		NULL);

	done(&bench);
}
END_TEST

START_TEST(port_without_ca_and_mac_is_warned_of)
{
	struct bench bench =
		accepted(BLUE "port a vsid=5001\n", "can send nothing");

	done(&bench);
}
END_TEST

START_TEST(refuses_an_uplink_that_cannot_carry_the_mtu)
{
	struct vs_port_info info = *device("eth1", 1500);
	struct bench bench = load(UPLINK "network b\nsubnet 5001 "
					 "prefixes=10.0.0.0/24 mtu=1459\n"
					 "port a vsid=5001 ca=10.0.0.5\n");

	fake_settings_attach(bench.fake, "eth1", &info);
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, -EMSGSIZE);
	ck_assert_str_eq(bench.error.path, "subnet 5001 mtu");
	ck_assert_ptr_nonnull(strstr(bench.error.text, "1501"));
	ck_assert_ptr_nonnull(strstr(bench.error.text, "1500"));
	/* a device that shrank later must not undo what stands */
	configure(&bench, WNV_OCCASION_DEVICES);
	ck_assert_int_eq(bench.result, 0);
	ck_assert_uint_eq(bench.fake->warning_count, 1);
	wnv_state_free(bench.state);
	info.mtu = 1501;
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, 0);
	done(&bench);
}
END_TEST

/* The next hop from our first PA to `target`. */
static const char *hop_to(const struct bench *bench, const char *target)
{
	static char text[VS_IP_TEXT];
	struct wnv_pa_way way;
	struct wnv_pa pa;

	ck_assert_int_eq(vs_ip_parse(target, &pa.ip), 0);
	ck_assert_int_eq(wnv_provider_way(bench->state,
					  wnv_provider_at(bench->state, 0), &pa,
					  NULL, &way),
			 WNV_PA_WAY_FOUND);
	return vs_ip_format(&way.hop.ip, text);
}

START_TEST(paroutes_are_best_by_length_then_metric)
{
	struct vs_port_info one = *device("eth1", 1500);
	struct bench bench =
		load(UPLINK "paroute 0.0.0.0/0 next-hop=192.0.2.254\n"
			    "paroute 198.51.100.0/24 next-hop=192.0.2.253\n");

	fake_settings_attach(bench.fake, "eth1", &one);
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, 0);
	ck_assert_uint_eq(bench.fake->warning_count, 0);
	ck_assert_str_eq(hop_to(&bench, "198.51.100.9"), "192.0.2.253");
	ck_assert_str_eq(hop_to(&bench, "203.0.113.9"), "192.0.2.254");
	ck_assert_str_eq(hop_to(&bench, "192.0.2.77"), "192.0.2.77");
	done(&bench);
	bench = accepted(UPLINK "paroute 0.0.0.0/0 next-hop=203.0.113.1\n",
			 "in the prefix of no pa");
	done(&bench);
	refused(UPLINK "paroute ::/0 next-hop=192.0.2.254\n", EINVAL,
		"paroute ::/0 next-hop", "of two families");
	refused(UPLINK "paroute 0.0.0.0/0 next-hop=2001:db8::1\n", EINVAL,
		"paroute 0.0.0.0/0 next-hop", "of two families");
	bench = accepted(UPLINK "paroute ::/0 next-hop=fe80::1\n", NULL);
	done(&bench);
}
END_TEST

START_TEST(peer_object_turns_flowid_off)
{
	struct bench bench = accepted(UPLINK "peer 192.0.2.2 flowid=off\n"
					     "peer 192.0.2.3\n" BLUE VM7,
				      NULL);
	struct wnv_pa pa;

	vs_ip_parse("192.0.2.2", &pa.ip);
	ck_assert(!wnv_peer_find(bench.state, &pa)->flowid);
	ck_assert_uint_eq(wnv_peer_count(bench.state), 2);
	vs_ip_parse("192.0.2.3", &pa.ip);
	ck_assert(wnv_peer_find(bench.state, &pa)->flowid);
	done(&bench);
	bench = accepted(UPLINK "peer 192.0.2.1\n", "of this host");
	ck_assert_uint_eq(wnv_peer_count(bench.state), 0);
	done(&bench);
}
END_TEST

static TCase *refusals(void)
{
	TCase *tcase = tcase_create("refusals");

	tcase_add_test(tcase, vsid_fields_exclude_what_is_reserved);
	tcase_add_test(tcase, refuses_same_rdid_for_two_networks);
	tcase_add_test(tcase, refuses_same_vsid_in_two_networks);
	tcase_add_test(tcase, refuses_overlapping_prefixes_in_one_network);
	tcase_add_test(tcase, refuses_prefixes_that_are_no_subnet);
	tcase_add_test(tcase, refuses_vm_on_the_gateway_address);
	tcase_add_test(tcase, refuses_a_vm_with_the_gateways_mac);
	tcase_add_test(tcase, refuses_addresses_that_no_vm_has);
	tcase_add_test(tcase, refuses_a_record_twice);
	tcase_add_test(tcase, refuses_pas_that_cannot_be);
	tcase_add_test(tcase, ipv6_pas_have_prefixes_of_up_to_128_bits);
	tcase_add_test(
		tcase,
		the_uplink_must_carry_the_overhead_of_the_records_in_use);
	tcase_add_test(tcase, pa_in_a_vlan_is_owned_whatever_the_kernel_has);
	tcase_add_test(tcase, refuses_rewrite_by_a_pa_in_a_vlan);
	tcase_add_test(tcase, owned_pa_needs_its_prefix_shared_one_does_not);
	tcase_add_test(tcase, refuses_ports_that_policy_does_not_know);
	tcase_add_test(tcase, refuses_two_ports_with_one_mac_or_address);
	tcase_add_test(tcase, refuses_an_uplink_that_cannot_carry_the_mtu);
	return tcase;
}

int main(void)
{
	Suite *suite = suite_create("wnv_configure");
	TCase *tcase = tcase_create("policy");

	tcase_add_test(tcase, sha1_and_uuid5_agree_with_published_values);
	tcase_add_test(tcase, allows_same_prefix_in_two_networks);
	tcase_add_test(tcase, gateway_defaults_to_lowest_host_and_fe80_1);
	tcase_add_test(tcase, gateway_can_be_another_address_or_none);
	tcase_add_test(tcase, dscp_is_a_number_or_copy);
	tcase_add_test(tcase, imported_gateway_record_sets_the_gateways_mac);
	tcase_add_test(
		tcase,
		warns_of_a_ca_outside_every_prefix_but_not_of_link_local);
	tcase_add_test(tcase, dummy_pa_of_a_vm_is_unusable_and_warned_of);
	tcase_add_test(tcase, record_knows_local_remote_and_rule_none);
	tcase_add_test(tcase, port_waits_while_its_records_pa_is_elsewhere);
	tcase_add_test(tcase, port_gets_its_profile_from_record_and_subnet);
	tcase_add_test(tcase, port_without_record_makes_an_automatic_one);
	tcase_add_test(tcase, automatic_record_without_any_pa_stays_at_home);
	tcase_add_test(tcase,
		       automatic_mac_is_the_devices_only_on_the_vms_side);
	tcase_add_test(tcase, allows_one_mac_in_two_vsids);
	tcase_add_test(tcase, port_without_ca_and_mac_is_warned_of);
	tcase_add_test(tcase, paroutes_are_best_by_length_then_metric);
	tcase_add_test(tcase, peer_object_turns_flowid_off);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, refusals());
	return suite_main(suite);
}
