/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of the provider network (hnv.md A7.10, group.h): what leaves by them,
 * what is taken from them, and which ones a host joins.
 */
#include "wnv/group.h"

#include "packet/pool.h"
#include "tests/support/policy_bench.h"
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

static const struct lab_options host_a = {.host = 1, .groups = true};
static const struct lab_options host_b = {.host = 2, .groups = true};
static const struct lab_options host_a6 = {
	.host = 1, .groups = true, .ipv6 = true};
static const struct lab_options host_b6 = {
	.host = 2, .groups = true, .ipv6 = true};
static const struct lab_options vxlan_a = {
	.host = 1, .groups = true, .vxlan = true};
static const struct lab_options vxlan_b = {
	.host = 2, .groups = true, .vxlan = true};

static struct lab open(const struct lab_options *options)
{
	struct lab lab = lab_open(options);

	lab_know(&lab);
	return lab;
}

/* UDP from VM `from` to a group, with the MAC that goes with it. */
static struct frames to_group4(uint8_t *buffer, uint8_t from,
			       const uint8_t group[4])
{
	struct frames frame = lab_frame4(buffer, from, 7, VS_IP_UDP);
	const uint8_t mac[6] = {1,	  0,	   0x5e, group[1] & 0x7f,
				group[2], group[3]};

	memcpy(buffer,
	       group[0] == 255
		       ? (const uint8_t[6]){255, 255, 255, 255, 255, 255}
		       : mac,
	       6);
	memcpy(buffer + 30, group, 4);
	frames_udp(&frame);
	frames_bytes(&frame, "payload", 7);
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static struct frames to_group6(uint8_t *buffer, uint8_t from,
			       const uint8_t group[16])
{
	struct frames frame = lab_frame6(buffer, from, 7, VS_IP_UDP);

	memcpy(buffer, "\x33\x33", 2);
	memcpy(buffer + 2, group + 12, 4);
	memcpy(buffer + 38, group, 16);
	frames_udp(&frame);
	frames_bytes(&frame, "payload", 7);
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static const char *out(struct lab *lab, const struct frames *frame)
{
	return lab_out(lab,
		       lab_packet(lab, frame->bytes, frame->size, LAB_BLUE));
}

/* What the lab's host sent last, as another host's uplink reads it. */
static const char *taken(struct lab *from, struct lab *to, uint16_t port)
{
	uint8_t wire[1024];
	uint32_t size = fake_sent_bytes(from->fake, 0, wire, sizeof(wire));
	struct vs_packet *packet = fake_frame(to->fake, wire, size, port, 0);

	/* what the link would have completed is open still */
	packet->view.offload = from->fake->seen.sent[0].offload;
	return lab_in(to, packet);
}

static const uint8_t five[4] = {224, 5, 5, 5}, six[4] = {224, 5, 5, 6};
static const uint8_t all[4] = {255, 255, 255, 255};
static const uint8_t five6[16] = {0xff, 0x1e, [15] = 5};
static const uint8_t nodes6[16] = {0xff, 2, [15] = 1};

START_TEST(group_frame_leaves_once_for_its_provider_group)
{
	static const struct {
		const uint8_t *to;
		uint8_t last;
	} cases[] = {{five, 2}, {six, 1}, {all, 1}};
	struct lab lab = open(&host_a);
	uint8_t buffer[256], wire[512];
	struct frames frame;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		const uint8_t mac[6] = {1, 0, 0x5e, 1, 0, cases[i].last};

		lab_clear(&lab);
		frame = to_group4(buffer, 5, cases[i].to);
		ck_assert_str_eq(out(&lab, &frame), "sent");
		ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
		fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
		ck_assert_mem_eq(wire, mac, 6);
		ck_assert_mem_eq(wire + 26, "\xc0\0\2\1\xef\1\0", 7);
		ck_assert_uint_eq(wire[33], cases[i].last);
		ck_assert_mem_eq(wire + 42, buffer, frame.size);
	}
	lab_close(&lab);
}
END_TEST

START_TEST(ipv6_groups_and_ipv6_provider_groups_alike)
{
	static const uint8_t mac[6] = {0x33, 0x33, 0, 0, 0, 2};
	struct lab a = open(&host_a), a6 = open(&host_a6), b6 = open(&host_b6);
	uint8_t buffer[256], wire[512];
	struct frames frame = to_group6(buffer, 5, five6);

	ck_assert_str_eq(out(&a, &frame), "sent");
	fake_sent_bytes(a.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(wire[33], 2);
	ck_assert_str_eq(out(&a6, &frame), "sent");
	ck_assert_uint_eq(a6.fake->seen.sent_count, 1);
	fake_sent_bytes(a6.fake, 0, wire, sizeof(wire));
	ck_assert_mem_eq(wire, mac, 6);
	ck_assert_mem_eq(wire + 38, "\xff\x08", 2);
	ck_assert_uint_eq(wire[53], 2);
	ck_assert_str_eq(taken(&a6, &b6, LAB_UPLINK), "pass");
	lab_clear(&a6);
	frame = to_group6(buffer, 5, nodes6);
	ck_assert_str_eq(out(&a6, &frame), "sent");
	fake_sent_bytes(a6.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(wire[53], 1);
	ck_assert_str_eq(taken(&a6, &b6, LAB_UPLINK), "pass");
	lab_close(&a);
	lab_close(&a6);
	lab_close(&b6);
}
END_TEST

START_TEST(vxlan_carries_groups_too)
{
	struct lab a = open(&vxlan_a), b = open(&vxlan_b);
	uint8_t buffer[256];
	struct frames frame = to_group4(buffer, 5, six);

	ck_assert_str_eq(out(&a, &frame), "sent");
	ck_assert_uint_eq(a.fake->seen.sent[0].encapsulation, VS_ENCAP_VXLAN);
	ck_assert_uint_eq(a.fake->seen.sent_count, 1);
	ck_assert_str_eq(taken(&a, &b, LAB_UPLINK), "pass");
	lab_close(&a);
	lab_close(&b);
}
END_TEST

START_TEST(needs_no_next_hop_and_no_peer)
{
	struct lab lab = lab_open(&host_a); /* nobody's MAC is known */
	uint8_t buffer[256];
	struct frames frame = to_group4(buffer, 5, all);

	ck_assert_str_eq(out(&lab, &frame), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(lab.fake->seen.emitted_count, 0); /* no question */
	lab_close(&lab);
}
END_TEST

START_TEST(subnet_without_a_group_is_copied_to_each_peer)
{
	struct lab lab = open(&host_a);
	uint8_t buffer[256];
	struct frames frame = to_group4(buffer, 5, all);

	ck_assert_str_eq(lab_out(&lab, lab_packet(&lab, frame.bytes, frame.size,
						  LAB_RED)),
			 "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	lab_close(&lab);
}
END_TEST

/* A packet to 239.1.0.`group` from host `from`, in VSID `vsid`. */
static const char *in(struct lab *lab, uint8_t from, uint8_t group,
		      uint32_t vsid, const struct frames *inner)
{
	uint8_t wire[512];
	uint32_t size = lab_wrap(wire, from, 1, inner);

	wire[38] = (uint8_t)(vsid >> 16);
	wire[39] = (uint8_t)(vsid >> 8);
	wire[40] = (uint8_t)vsid;
	memcpy(wire, "\x01\0\x5e\1\0", 5);
	wire[5] = group;
	memcpy(wire + 30, "\xef\1\0", 3);
	wire[33] = group;
	vs_store16(wire + 24, 0);
	vs_store16(wire + 24, vs_checksum(vs_sum(0, wire + 14, 20)));
	return lab_in(lab, fake_frame(lab->fake, wire, size, LAB_UPLINK, 0));
}

START_TEST(what_a_group_brings_is_judged)
{
	struct lab lab = open(&host_a);
	uint8_t buffer[256];
	struct frames frame = to_group4(buffer, 7, all);

	ck_assert_str_eq(in(&lab, 2, 1, LAB_BLUE, &frame), "pass");
	ck_assert_str_eq(in(&lab, 2, 2, LAB_BLUE, &frame), "pass");
	/* the source's own PA must speak for it, as ever */
	ck_assert_str_eq(in(&lab, 3, 1, LAB_BLUE, &frame), "pa_src_mismatch");
	ck_assert_str_eq(in(&lab, 9, 1, LAB_BLUE, &frame), "pa_src_unknown");
	ck_assert_str_eq(in(&lab, 1, 1, LAB_BLUE, &frame), "pa_src_martian");
	/* a group of nobody, or of another subnet */
	ck_assert_str_eq(in(&lab, 2, 77, LAB_BLUE, &frame), "pa_dst");
	ck_assert_str_eq(in(&lab, 2, 1, LAB_RED, &frame), "pa_group");
	/* for one VM only */
	frame = lab_frame4(buffer, 7, 5, VS_IP_UDP);
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(in(&lab, 2, 1, LAB_BLUE, &frame), "pa_group");
	lab_close(&lab);
}
END_TEST

START_TEST(group_is_heard_in_its_own_vlan_and_on_its_own_uplink)
{
	struct lab_options tagged = host_b, two = host_b;
	struct lab a = open(&host_a), b, c;
	uint8_t buffer[256];
	struct frames frame = to_group4(buffer, 5, all);

	tagged.vlan = 7;
	two.two_uplinks = true;
	b = lab_open(&tagged);
	c = lab_open(&two);
	ck_assert_str_eq(out(&a, &frame), "sent");
	ck_assert_str_eq(taken(&a, &b, LAB_UPLINK), "pa_group");
	ck_assert_str_eq(taken(&a, &c, LAB_SECOND), "pa_group");
	ck_assert_str_eq(taken(&a, &c, LAB_UPLINK), "pass");
	lab_close(&a);
	lab_close(&b);
	lab_close(&c);
}
END_TEST

/* -- memberships: "GROUP uplink vlan", one per line -- */

static void expect_joined(const struct wnv_state *state, const char *expected)
{
	struct vs_provider list[8];
	uint16_t i, count = wnv_group_memberships(state, list, 8);
	char text[512] = "", ip[VS_IP_TEXT];

	ck_assert_uint_le(count, 8);
	for (i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s %u %u\n", vs_ip_format(&list[i].ip, ip),
			 list[i].uplink.value, list[i].vlan);
	ck_assert_str_eq(text, expected);
	/* who asks how many there are gets the same answer */
	ck_assert_uint_eq(wnv_group_memberships(state, NULL, 0), count);
}

#define GROUPS                                                                 \
	"group all pa=239.1.0.1\ngroup 224.5.5.5 pa=239.1.0.2\n"               \
	"group ff1e::5 pa=239.1.0.2\n"
#define PORT5 "port web tap=eth0 vsid=5001 ca=10.0.0.5\n"

START_TEST(host_joins_what_a_port_here_needs)
{
	struct bench bench = accepted(UPLINK BLUE VM5 VM7 GROUPS PORT5, NULL);

	expect_joined(bench.state, "239.1.0.1 0 0\n239.1.0.2 0 0\n");
	done(&bench);
	/* no port: it only sends */
	bench = accepted(UPLINK BLUE VM5 VM7 GROUPS, NULL);
	expect_joined(bench.state, "");
	done(&bench);
}
END_TEST

START_TEST(families_of_groups_and_records_that_differ_are_warned_of)
{
	struct bench bench =
		accepted(UPLINK BLUE VM5 VM7 "group all pa=ff08::1\n" PORT5,
			 "of another family than the PA 192.0.2.1");

	expect_joined(bench.state, "");
	done(&bench);
}
END_TEST

START_TEST(remark_names_the_first_such_vm_of_the_groups_own_subnet)
{
	struct bench bench =
		run(UPLINK BLUE
		    "ca 10.0.0.4 mac=02:00:00:00:00:04 rule=none\n" VM5 VM7
		    "ca 10.0.0.8 mac=02:00:00:00:00:08 pa=2001:db8::8\n"
		    "ca 10.0.0.9 mac=02:00:00:00:00:09 pa=2001:db8::9\n"
		    "group all pa=ff08::1\n"
		    "group 239.1.1.1 pa=239.1.0.1\n"
		    "subnet 5002 prefixes=10.1.0.0/24\n"
		    "ca 10.1.0.2 mac=02:00:00:00:01:02 pa=2001:db8::2\n"
		    "group all pa=ff08::2\n"
		    "group 239.1.1.1 pa=239.1.0.2\n");
	static const char *const expected[] = {
		"ff08::1 is of another family than the PA 192.0.2.1 of a VM "
		"of subnet 5001",
		"239.1.0.1 is of another family than the PA 2001:db8::8 of a "
		"VM of subnet 5001",
		"239.1.0.2 is of another family than the PA 2001:db8::2 of a "
		"VM of subnet 5002"};
	size_t i;

	ck_assert_int_eq(bench.result, 0);
	ck_assert_uint_eq(bench.fake->warning_count, 3);
	for (i = 0; i < 3; i++)
		ck_assert_msg(strstr(bench.fake->warnings[i], expected[i]) !=
				      NULL,
			      "%s", bench.fake->warnings[i]);
	done(&bench);
}
END_TEST

START_TEST(groups_that_cannot_be_are_refused)
{
	refused(BLUE "group 10.0.0.9 pa=239.1.0.1\n", EINVAL, "group 10.0.0.9",
		"is no group address");
	refused(BLUE "group everybody pa=239.1.0.1\n", EINVAL,
		"group everybody", "is no group address");
	refused(BLUE "group all pa=192.0.2.2\n", EINVAL, "group all pa",
		"no group that a provider network carries");
	refused(BLUE "group all pa=224.0.0.9\n", EINVAL, "group all pa",
		"239.0.0.0/8");
	refused(BLUE "group all pa=255.255.255.255\n", EINVAL, "group all pa",
		"239.0.0.0/8");
	refused(BLUE "group all pa=ff02::9\n", EINVAL, "group all pa",
		"ff05::/16");
	refused(BLUE "group all pa=239.1.0.1 rule=rewrite\n", EINVAL,
		"group all rule", "only tunnels carry group frames");
	refused(BLUE "group ff1e::5 pa=239.1.0.1\n"
		     "group FF1E:0::5 pa=239.1.0.2\n",
		EEXIST, "group FF1E:0::5", "twice");
}
END_TEST

START_TEST(overhead_of_a_group_counts)
{
	struct vs_port_info info = *device("eth1", 1500);
	struct bench bench = load(UPLINK BLUE VM5 VM7
				  "group all pa=239.1.0.1 rule=vxlan\n" PORT5);

	fake_settings_attach(bench.fake, "eth1", &info);
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, -EMSGSIZE);
	done(&bench);
}
END_TEST

static Suite *suite(void)
{
	Suite *whole = suite_create("wnv_group");
	TCase *tcase = tcase_create("groups of the provider network");

	tcase_add_test(tcase, group_frame_leaves_once_for_its_provider_group);
	tcase_add_test(tcase, ipv6_groups_and_ipv6_provider_groups_alike);
	tcase_add_test(tcase, vxlan_carries_groups_too);
	tcase_add_test(tcase, needs_no_next_hop_and_no_peer);
	tcase_add_test(tcase, subnet_without_a_group_is_copied_to_each_peer);
	tcase_add_test(tcase, what_a_group_brings_is_judged);
	tcase_add_test(tcase,
		       group_is_heard_in_its_own_vlan_and_on_its_own_uplink);
	tcase_add_test(tcase, host_joins_what_a_port_here_needs);
	tcase_add_test(
		tcase,
		families_of_groups_and_records_that_differ_are_warned_of);
	tcase_add_test(tcase,
		       remark_names_the_first_such_vm_of_the_groups_own_subnet);
	tcase_add_test(tcase, groups_that_cannot_be_are_refused);
	tcase_add_test(tcase, overhead_of_a_group_counts);
	suite_add_tcase(whole, tcase);
	return whole;
}

int main(void)
{
	return suite_main(suite());
}
