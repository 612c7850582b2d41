/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What records of type shared become (configure_shared.c): owners with the
 * places of their VMs, and the shadows of a virtual router's MAC.
 */
#include "tests/support/policy_bench.h"

#define HOSTS                                                                  \
	"uplink eth1\npa 192.0.2.1 prefix=24\n"                                \
	"network blue\n"                                                       \
	"subnet 5001 prefixes=10.0.0.0/24\n"
/* three VMs on three hosts, and one that is known by its MAC alone */
#define VMS                                                                    \
	"ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"                     \
	"ca 10.0.0.6 mac=02:00:00:00:00:06 pa=192.0.2.2\n"                     \
	"ca 10.0.0.7 mac=02:00:00:00:00:07 pa=192.0.2.3 rule=vxlan\n"          \
	"l2only 02:00:00:00:00:08 pa=192.0.2.2\n"
#define ROUTER "00:00:5e:00:01:01"
#define OTHER  "00:00:5e:00:01:02"

/* How many records say exactly this. */
static unsigned int count(const struct bench *bench, const char *address,
			  const char *mac, const char *pa)
{
	char text[VS_IP_TEXT], mac_text[VS_MAC_TEXT];
	const struct wnv_record *at;
	unsigned int found = 0;
	uint32_t i;

	for (i = 0; i < wnv_record_count(bench->state); i++) {
		at = wnv_record_at(bench->state, i);
		if (at->type == WNV_TYPE_SHARED &&
		    !strcmp(vs_ip_format(&at->ca.ip, text), address) &&
		    !strcmp(vs_mac_format(&at->mac, mac_text), mac) &&
		    !strcmp(vs_ip_format(&at->pa.ip, text), pa))
			found++;
	}
	return found;
}

static unsigned int count_of(const struct bench *bench, const char *address)
{
	const struct wnv_ca key = ca(address);
	unsigned int found = 0;
	uint32_t i;

	for (i = 0; i < wnv_record_count(bench->state); i++)
		found +=
			wnv_ca_equal(&wnv_record_at(bench->state, i)->ca, &key);
	return found;
}

START_TEST(shared_address_may_have_many_owners)
{
	char text[2048] = UPLINK BLUE, list[512] = "";
	struct bench bench;
	unsigned int i;

	for (i = 2; i < 18; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "ca 10.0.0.%u mac=02:00:00:00:00:%02x pa=192.0.2.2\n",
			 i, i);
		if (i > 2)
			snprintf(list + strlen(list),
				 sizeof(list) - strlen(list),
				 "%s02:00:00:00:00:%02x", i > 3 ? "," : "", i);
	}
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "ca 10.0.0.100 mac=02:00:00:00:00:02 pa=192.0.2.2 type=shared "
		 "also-mac=%s,00:00:5e:00:01:01\n",
		 list);
	bench = accepted(text, NULL);
	/* 16 VMs, 16 owners, and their one place's virtual MAC */
	ck_assert_uint_eq(wnv_record_count(bench.state), 33);
	done(&bench);
}
END_TEST

START_TEST(shared_addresses_keep_to_their_own_owners_and_places)
{
	struct bench bench = accepted(
		HOSTS VMS
		"ca 10.0.0.100 mac=02:00:00:00:00:05 pa=192.0.2.1 type=shared "
		"also-mac=02:00:00:00:00:06,02:00:00:00:00:08," ROUTER "\n"
		"ca 10.0.0.101 mac=02:00:00:00:00:06 pa=192.0.2.2 type=shared "
		"also-mac=02:00:00:00:00:07,02:00:00:00:00:07\n"
		"ca 10.0.0.102 mac=02:00:00:00:00:06 pa=192.0.2.2 type=shared "
		"also-mac=" OTHER ",02:00:00:00:00:07\n",
		NULL);

	/* owners, each once; a shadow per place: two VMs are on 192.0.2.2 */
	ck_assert_uint_eq(count_of(&bench, "10.0.0.100"), 5);
	ck_assert_uint_eq(
		count(&bench, "10.0.0.100", "02:00:00:00:00:05", "192.0.2.1"),
		1);
	ck_assert_uint_eq(
		count(&bench, "10.0.0.100", "02:00:00:00:00:06", "192.0.2.2"),
		1);
	ck_assert_uint_eq(
		count(&bench, "10.0.0.100", "02:00:00:00:00:08", "192.0.2.2"),
		1);
	ck_assert_uint_eq(count(&bench, "10.0.0.100", ROUTER, "192.0.2.1"), 1);
	ck_assert_uint_eq(count(&bench, "10.0.0.100", ROUTER, "192.0.2.2"), 1);
	ck_assert_uint_eq(count_of(&bench, "10.0.0.101"), 2);
	ck_assert_uint_eq(
		count(&bench, "10.0.0.101", "02:00:00:00:00:07", "192.0.2.3"),
		1);
	ck_assert_uint_eq(count_of(&bench, "10.0.0.102"), 4);
	ck_assert_uint_eq(count(&bench, "10.0.0.102", OTHER, "192.0.2.2"), 1);
	ck_assert_uint_eq(count(&bench, "10.0.0.102", OTHER, "192.0.2.3"), 1);
	done(&bench);
}
END_TEST

START_TEST(owner_is_found_in_its_own_subnet_only)
{
	static const char twins[] =
		HOSTS "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
		      "ca 10.0.0.100 mac=02:00:00:00:00:05 pa=192.0.2.1 "
		      "type=shared also-mac=02:00:00:00:00:06\n"
		      "subnet 5002 prefixes=10.1.0.0/24\n"
		      "ca 10.1.0.6 mac=02:00:00:00:00:06 pa=192.0.2.2\n";

	refused(twins, ENOENT, "ca 10.0.0.100 also-mac",
		"no record of its own in subnet 5001");
}
END_TEST

START_TEST(port_of_each_owner_may_send_from_the_virtual_mac)
{
	struct bench bench = accepted(
		HOSTS "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
		      "ca 10.0.0.6 mac=02:00:00:00:00:06 pa=192.0.2.1\n"
		      "ca 10.0.0.9 mac=02:00:00:00:00:09 pa=192.0.2.1\n"
		      "ca 10.0.0.100 mac=02:00:00:00:00:05 pa=192.0.2.1 "
		      "type=shared also-mac=02:00:00:00:00:06," ROUTER "\n"
		      "ca 10.0.0.101 mac=02:00:00:00:00:06 pa=192.0.2.1 "
		      "type=shared also-mac=02:00:00:00:00:05," ROUTER "\n"
		      "ca 10.0.0.102 mac=02:00:00:00:00:06 pa=192.0.2.1 "
		      "type=shared also-mac=02:00:00:00:00:05," OTHER "\n"
		      "port five vsid=5001 ca=10.0.0.5\n"
		      "port six vsid=5001 ca=10.0.0.6\n"
		      "port nine vsid=5001 ca=10.0.0.9\n",
		NULL);
	static const char *const owners[] = {"five", "six"};
	const struct vs_wandering_macs *macs;
	char text[VS_MAC_TEXT];
	size_t i;

	for (i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		macs = &wnv_port_profile(bench.state, owners[i])->wandering;
		ck_assert_uint_eq(macs->count, 2);
		ck_assert_str_eq(vs_mac_format(&macs->list[0], text), ROUTER);
		ck_assert_str_eq(vs_mac_format(&macs->list[1], text), OTHER);
	}
	macs = &wnv_port_profile(bench.state, "nine")->wandering;
	ck_assert_uint_eq(macs->count, 0);
	done(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_configure_shared");
	TCase *test = tcase_create("shared");

	tcase_add_test(test, shared_address_may_have_many_owners);
	tcase_add_test(test,
		       shared_addresses_keep_to_their_own_owners_and_places);
	tcase_add_test(test, owner_is_found_in_its_own_subnet_only);
	tcase_add_test(test, port_of_each_owner_may_send_from_the_virtual_mac);
	suite_add_tcase(suite, test);
	return suite_main(suite);
}
