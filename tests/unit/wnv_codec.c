/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outer headers in all four shapes, NVGRE and VXLAN over IPv4 and IPv6: what
 * is written is read again, lies where it should, and everything that can be
 * wrong with it has its own name.
 */
#include "tests/support/prng.h"
#include "tests/support/suite.h"
#include "wnv/codec.h"

#define SHAPES	   4
#define INNER_SIZE 200u
#define ROOM	   (CODEC_LEAD + 4096u)
#define VSID	   0x1389u

/* One packet, and how it was made. */
struct specimen {
	struct codec_path path;
	struct codec_frame frame;
	struct vs_view view;
	uint8_t bytes[ROOM];
};

static bool is_ipv6(int shape)
{
	return shape & 1;
}

static enum codec_kind kind_of(int shape)
{
	return shape & 2 ? CODEC_VXLAN : CODEC_NVGRE;
}

static struct codec_ends ends_of(int shape)
{
	static const uint8_t v4[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
	static const uint8_t v6[2][16] = {{0x20, 1, 0x0d, 0xb8, [15] = 1},
					  {0x20, 1, 0x0d, 0xb8, [15] = 2}};

	return (struct codec_ends){
		.source_mac = {{2, 0xaa, 0, 0, 0, 1}},
		.hop_mac = {{2, 0xaa, 0, 0, 0, 2}},
		.source.ip = is_ipv6(shape) ? vs_ip_from_v6(v6[0])
					    : vs_ip_from_v4(v4[0]),
		.target.ip = is_ipv6(shape) ? vs_ip_from_v6(v6[1])
					    : vs_ip_from_v4(v4[1]),
		.kind = kind_of(shape),
		.flowid = true,
	};
}

static uint8_t *l4_of(struct specimen *specimen)
{
	return specimen->bytes + specimen->path.l4;
}

/* The sums of both levels, as the link and the kernel make them. */
static void finish(struct specimen *specimen)
{
	uint8_t *ip = specimen->bytes + 14, *udp = l4_of(specimen);
	uint32_t size = specimen->view.size - specimen->path.l4;
	uint16_t checksum;

	if (!specimen->path.ipv6) {
		vs_store16(ip + 10, 0);
		vs_store16(ip + 10,
			   vs_checksum(vs_sum(0, ip, (ip[0] & 15u) * 4)));
	}
	if (specimen->path.kind != CODEC_VXLAN)
		return;
	size = vs_load16(udp + 4) < size ? vs_load16(udp + 4) : size;
	vs_store16(udp + 6, 0);
	checksum = vs_checksum(
		vs_sum(vs_sum_pseudo(ip, VS_IP_UDP, size), udp, size));
	vs_store16(udp + 6, checksum ? checksum : 0xffff);
}

static struct specimen make(int shape, uint32_t inner_size)
{
	struct specimen specimen = {
		.frame = {.vsid = {VSID},
			  .size = inner_size,
			  .hash = 0x12345678,
			  .id = 77,
			  .tos = 0xb9},
	};
	struct codec_ends ends = ends_of(shape);
	uint32_t i;

	codec_path_make(&specimen.path, &ends);
	codec_write(&specimen.path, &specimen.frame, specimen.bytes);
	for (i = 0; i < inner_size; i++)
		specimen.bytes[specimen.path.size + i] = (uint8_t)(i * 7);
	specimen.view.size = specimen.path.size + inner_size;
	specimen.view.offload.csum_start = VS_ABSENT;
	finish(&specimen);
	return specimen;
}

/* The reason's name, or "ok". */
static const char *verdict(struct specimen *specimen,
			   struct codec_packet *packet)
{
	struct codec_outer outer;
	enum wnv_reason reason = WNV_REASONS;

	specimen->view.data = specimen->bytes;
	if (!codec_find(specimen->bytes, specimen->view.size, &outer))
		return "none";
	if (!codec_read(&specimen->view, &outer, packet, &reason))
		return wnv_reasons[reason].name;
	return "ok";
}

static void expect(struct specimen *specimen, const char *wanted)
{
	struct codec_packet packet;

	ck_assert_str_eq(verdict(specimen, &packet), wanted);
}

START_TEST(what_is_written_is_read_again)
{
	static const uint8_t leads[SHAPES] = {42, 62, 50, 70};
	struct specimen specimen = make(_i, INNER_SIZE);
	struct codec_ends ends = ends_of(_i);
	struct codec_packet packet;

	ck_assert_str_eq(verdict(&specimen, &packet), "ok");
	ck_assert_uint_eq(specimen.path.size, leads[_i]);
	ck_assert_uint_eq(codec_overhead(kind_of(_i), is_ipv6(_i)), leads[_i]);
	ck_assert_uint_eq(packet.inner, leads[_i]);
	ck_assert_uint_eq(packet.end, leads[_i] + INNER_SIZE);
	ck_assert_uint_eq(packet.vsid.value, VSID);
	ck_assert_uint_eq(packet.tos, 0xb9);
	ck_assert(wnv_pa_equal(&packet.source, &ends.source));
	ck_assert(wnv_pa_equal(&packet.target, &ends.target));
}
END_TEST

START_TEST(quote_says_kind_and_vsid_and_not_a_byte_too_short)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	bool vxlan = kind_of(_i) == CODEC_VXLAN;
	uint8_t protocol = vxlan ? VS_IP_UDP : VS_IP_GRE;
	uint32_t size = vxlan ? 16 : 8;
	struct codec_shim shim;

	ck_assert(codec_read_quote(l4_of(&specimen), size, protocol, &shim));
	ck_assert_uint_eq(shim.kind, kind_of(_i));
	ck_assert_uint_eq(shim.vsid.value, VSID);
	ck_assert_uint_eq(shim.size, size);
	ck_assert(
		!codec_read_quote(l4_of(&specimen), size - 1, protocol, &shim));
	ck_assert(!codec_read_quote(l4_of(&specimen), size,
				    vxlan ? VS_IP_GRE : VS_IP_UDP, &shim));
	l4_of(&specimen)[3] ^= 1; /* another port, another protocol */
	ck_assert(!codec_read_quote(l4_of(&specimen), size, protocol, &shim));
}
END_TEST

START_TEST(what_is_written_is_read_again_whatever_it_is)
{
	struct prng prng = prng_start(prng_seed());
	struct codec_packet packet;
	struct specimen specimen;
	struct codec_ends ends;
	int round, i;

	for (round = 0; round < 2000; round++) {
		ends = ends_of(_i);
		for (i = is_ipv6(_i) ? 4 : 13; i < 16; i++) {
			ends.source.ip.octet[i] = (uint8_t)prng_u32(&prng);
			ends.target.ip.octet[i] = (uint8_t)prng_u32(&prng);
		}
		ends.flowid = prng_below(&prng, 2);
		specimen = make(_i, 14 + prng_below(&prng, 4000));
		specimen.frame.vsid.value =
			VS_VSID_MINIMUM +
			prng_below(&prng, VS_VSID_MAXIMUM - VS_VSID_MINIMUM);
		specimen.frame.hash = prng_u32(&prng);
		specimen.frame.tos = (uint8_t)prng_u32(&prng);
		specimen.frame.id = (uint16_t)prng_u32(&prng);
		codec_path_make(&specimen.path, &ends);
		prng_fill(&prng, specimen.bytes + specimen.path.size,
			  specimen.frame.size);
		codec_write(&specimen.path, &specimen.frame, specimen.bytes);
		prng_fill(&prng, specimen.bytes + specimen.path.size,
			  CODEC_LEAD - specimen.path.size);
		finish(&specimen);
		ck_assert_str_eq(verdict(&specimen, &packet), "ok");
		ck_assert_uint_eq(packet.vsid.value, specimen.frame.vsid.value);
		ck_assert_uint_eq(packet.tos, specimen.frame.tos);
		ck_assert_uint_eq(packet.end - packet.inner,
				  specimen.frame.size);
		ck_assert(wnv_pa_equal(&packet.source, &ends.source));
		ck_assert(wnv_pa_equal(&packet.target, &ends.target));
		if (kind_of(_i) == CODEC_NVGRE && !ends.flowid)
			ck_assert_uint_eq(packet.flow_id, 0);
	}
}
END_TEST

START_TEST(the_headers_say_flow_ttl_and_no_fragments)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	const uint8_t *ip = specimen.bytes + 14, *l4 = l4_of(&specimen);

	if (is_ipv6(_i)) {
		ck_assert_uint_eq(vs_load32(ip) >> 28, 6);
		ck_assert_uint_ne(vs_load32(ip) & 0xfffff, 0);
		ck_assert_uint_eq(ip[7], 128);
	} else {
		ck_assert_uint_eq(ip[8], 128);
		ck_assert_uint_eq(vs_load16(ip + 4), 77);
		ck_assert_uint_eq(vs_load16(ip + 6), 0x4000);
	}
	if (kind_of(_i) == CODEC_VXLAN) {
		ck_assert_uint_ge(vs_load16(l4), 49152);
		ck_assert_uint_eq(vs_load16(l4 + 2), 4789);
		ck_assert_uint_eq(vs_load32(l4 + 8), 0x08000000);
		ck_assert_uint_eq(vs_load32(l4 + 12), VSID << 8);
	} else {
		ck_assert_uint_eq(vs_load32(l4), 0x20006558);
		ck_assert_uint_eq(vs_load32(l4 + 4) >> 8, VSID);
		ck_assert_uint_ne(l4[7], 0);
	}
}
END_TEST

START_TEST(two_flows_differ_and_a_flow_stays_the_same)
{
	struct specimen one = make(_i, INNER_SIZE);
	uint8_t lead[CODEC_LEAD], again[CODEC_LEAD];

	codec_write(&one.path, &one.frame, lead);
	codec_write(&one.path, &one.frame, again);
	ck_assert_mem_eq(lead, again, one.path.size);
	one.frame.hash = 0x9abcdef1;
	codec_write(&one.path, &one.frame, again);
	ck_assert_mem_ne(lead, again, one.path.size);
}
END_TEST

START_TEST(bytes_behind_the_packet_are_cut)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	struct codec_packet packet;

	specimen.view.size += 6;
	ck_assert_str_eq(verdict(&specimen, &packet), "ok");
	ck_assert_uint_eq(packet.end, specimen.path.size + INNER_SIZE);
}
END_TEST

START_TEST(every_cut_is_refused_and_read_no_further)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	struct codec_packet packet;
	struct codec_outer outer;
	enum wnv_reason reason;
	uint32_t size;
	uint8_t *exact;

	for (size = 0; size < specimen.view.size; size++) {
		exact = malloc(size ? size : 1);
		memcpy(exact, specimen.bytes, size);
		specimen.view.data = exact;
		specimen.view.size = size;
		ck_assert(
			!codec_find(exact, size, &outer) ||
			!codec_read(&specimen.view, &outer, &packet, &reason));
		free(exact);
		specimen.view.size = specimen.path.size + INNER_SIZE;
	}
}
END_TEST

/* -- one fault each --------------------------------------------------------
 */

/* Bytes at an offset from the IP (l4: GRE or UDP) header. */
struct fault {
	const char *name;
	bool l4, keep_sums;
	uint8_t at, size;
	uint8_t bytes[4];
};

static void break_it(int shape, const struct fault *fault)
{
	struct specimen specimen = make(shape, INNER_SIZE);
	uint8_t *at = fault->l4 ? l4_of(&specimen) : specimen.bytes + 14;

	memcpy(at + fault->at, fault->bytes, fault->size);
	if (!fault->keep_sums)
		finish(&specimen);
	expect(&specimen, fault->name);
}

static const struct fault v4_faults[] = {
	{"outer_csum", false, true, 10, 2, {1, 2}},
	{"outer_length", false, false, 2, 2, {0xff, 0xff}},
	{"outer_length", false, false, 2, 2, {0, 19}},
	{"outer_length", false, true, 0, 1, {0x44}},
	{"outer_fragment", false, false, 6, 2, {0x20, 0}},
	{"none", false, true, 0, 1, {0x65}},
	{"none", false, false, 9, 1, {VS_IP_TCP}},
};

START_TEST(faults_of_the_outer_ipv4_header_have_names)
{
	struct fault fault = v4_faults[_i / 2];

	/* where a header shorter than itself ends, there is no UDP port */
	if (_i & 1 && fault.bytes[0] == 0x44)
		fault.name = "none";
	break_it(_i & 1 ? 2 : 0, &fault);
}
END_TEST

static const struct fault v6_faults[] = {
	{"outer_length", false, true, 4, 2, {0xff, 0xff}},
	{"pa_src_martian", false, false, 8, 4, {0}},
	{"none", false, true, 0, 1, {0x45}},
	{"none", false, true, 6, 1, {VS_IP_TCP}},
	{"none", false, true, 6, 1, {43}}, /* a routing header */
};

START_TEST(faults_of_the_outer_ipv6_header_have_names)
{
	struct fault fault = v6_faults[_i / 2];
	struct specimen specimen = make(_i & 1 ? 3 : 1, INNER_SIZE);
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1};

	if (strcmp(fault.name, "pa_src_martian") != 0) {
		break_it(_i & 1 ? 3 : 1, &fault);
		return;
	}
	memcpy(specimen.bytes + 14 + 8, mapped, 16);
	finish(&specimen);
	expect(&specimen, "pa_src_martian");
	memcpy(specimen.bytes + 14 + 24, mapped, 16);
	finish(&specimen);
	expect(&specimen, "none");
}
END_TEST

static const struct fault gre_faults[] = {
	{"gre_no_key", true, false, 0, 2, {0, 0}},
	{"gre_csum_bit", true, false, 0, 2, {0xa0, 0}},
	{"gre_seq_bit", true, false, 0, 2, {0x30, 0}},
	{"gre_reserved", true, false, 0, 2, {0x60, 0}},
	{"gre_reserved", true, false, 0, 2, {0x20, 8}},
	{"gre_version", true, false, 0, 2, {0x20, 1}},
	{"gre_proto", true, false, 2, 2, {8, 0}},
	{"vsid_reserved", true, false, 4, 3, {0, 0x0f, 0xff}},
	{"control_bad", true, false, 4, 3, {0xff, 0xff, 0xff}},
};

START_TEST(faults_of_gre_have_names_over_both)
{
	break_it(_i & 1, &gre_faults[_i / 2]);
}
END_TEST

static const struct fault vxlan_faults[] = {
	{"udp_length", true, true, 4, 2, {0, 7}},
	{"udp_length", true, true, 4, 2, {0xff, 0xff}},
	{"vxlan_truncated", true, true, 4, 2, {0, 15}},
	{"vxlan_truncated", true, true, 4, 2, {0, 8}},
	{"udp_csum", true, true, 6, 2, {1, 2}},
	{"vxlan_no_vni", true, false, 8, 1, {0}},
	{"vxlan_reserved", true, false, 8, 1, {0x88}}, /* gbp */
	{"vxlan_reserved", true, false, 8, 1, {0x0c}}, /* gpe */
	{"vxlan_reserved", true, false, 9, 3, {0, 0, 1}},
	{"vxlan_reserved", true, false, 15, 1, {1}},
	{"vsid_reserved", true, false, 12, 3, {0, 0, 0}},
	{"control_bad", true, false, 12, 3, {0xff, 0xff, 0xff}},
	{"none", true, true, 2, 2, {0x12, 0xb6}}, /* 4790 */
};

START_TEST(faults_of_vxlan_have_names_over_both)
{
	break_it(2 + (_i & 1), &vxlan_faults[_i / 2]);
}
END_TEST

START_TEST(any_flipped_bit_behind_the_udp_header_is_seen)
{
	struct specimen specimen = make(_i, INNER_SIZE), broken;
	uint32_t at;

	for (at = specimen.path.l4 + 4u; at < specimen.view.size; at += 3) {
		broken = specimen;
		broken.bytes[at] ^= 0x10;
		ck_assert_str_ne(verdict(&broken, &(struct codec_packet){0}),
				 "ok");
	}
}
END_TEST

START_TEST(a_missing_udp_checksum_is_taken_over_ipv4_only)
{
	struct specimen specimen = make(_i, INNER_SIZE);

	vs_store16(l4_of(&specimen) + 6, 0);
	expect(&specimen, _i == 2 ? "ok" : "udp_no_csum");
}
END_TEST

START_TEST(a_checksum_that_the_device_judged_is_not_made_again)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	uint8_t *udp = l4_of(&specimen);

	vs_store16(udp + 6, (uint16_t)~vs_load16(udp + 6));
	expect(&specimen, "udp_csum");
	specimen.view.offload.verified = 1;
	expect(&specimen, "ok");
	specimen.view.offload.verified = 0;
	specimen.view.offload.csum_start = specimen.path.l4;
	specimen.view.offload.csum_offset = 6;
	expect(&specimen, "ok");
}
END_TEST

/* The inner field holds the pseudo-header's sum P, the outer checksum is that
 * of the packet with the inner one complete. */
START_TEST(an_open_inner_checksum_does_not_hide_a_wrong_outer_one)
{
	struct specimen whole = make(_i, INNER_SIZE), open;
	uint32_t start = whole.path.size + 34, end = whole.view.size;
	uint8_t *field = whole.bytes + start + 16;
	const uint16_t pseudo = 0x4711;

	vs_store16(field, pseudo);
	vs_store16(field,
		   vs_checksum(vs_sum(0, whole.bytes + start, end - start)));
	finish(&whole);
	expect(&whole, "ok");
	open = whole;
	vs_store16(open.bytes + start + 16, pseudo);
	expect(&open, "udp_csum");
	open.view.offload.csum_start = (uint16_t)start;
	open.view.offload.csum_offset = 16;
	expect(&open, "ok");
	open.bytes[whole.path.size + 3] ^= 1;
	expect(&open, "udp_csum");
	open.view.offload.csum_start = (uint16_t)(open.view.size - 4);
	expect(&open, "offload_bad");
	open.view.offload.csum_start = 3;
	expect(&open, "offload_bad");
}
END_TEST

/* Put `size` bytes between the IP header and what follows. */
static void insert(struct specimen *specimen, const uint8_t *bytes,
		   uint32_t size)
{
	uint8_t *at = l4_of(specimen);
	uint8_t *ip = specimen->bytes + 14;

	memmove(at + size, at, specimen->view.size - specimen->path.l4);
	memcpy(at, bytes, size);
	specimen->view.size += size;
	specimen->path.l4 = (uint8_t)(specimen->path.l4 + size);
	if (specimen->path.ipv6) {
		vs_store16(ip + 4, (uint16_t)(vs_load16(ip + 4) + size));
	} else {
		ip[0] = (uint8_t)(ip[0] + size / 4);
		vs_store16(ip + 2, (uint16_t)(vs_load16(ip + 2) + size));
	}
	finish(specimen);
}

START_TEST(options_are_stepped_over)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	uint8_t *ip = specimen.bytes + 14;
	/* IPv4: no operations; IPv6: the limit that the kernel's tunnels send
	 * (RFC 2473 4.1.1), once as hop-by-hop, once as destination options */
	uint8_t v4[8] = {1, 1, 1, 1, 1, 1, 1, 0}, v6[8] = {0, 0, 4, 1, 4, 1};
	struct codec_packet packet;
	uint32_t size = specimen.path.size;

	if (is_ipv6(_i)) {
		v6[0] = ip[6];
		ip[6] = 60;
		insert(&specimen, v6, 8);
		v6[0] = 60;
		ip[6] = 0;
		specimen.path.l4 = 54;
		insert(&specimen, v6, 8);
		specimen.path.l4 = 70;
		size += 8;
	} else {
		insert(&specimen, v4, 8);
	}
	finish(&specimen);
	ck_assert_str_eq(verdict(&specimen, &packet), "ok");
	ck_assert_uint_eq(packet.inner, size + 8);
	ck_assert_uint_eq(packet.end - packet.inner, INNER_SIZE);
}
END_TEST

START_TEST(a_chain_longer_than_anybody_needs_is_no_tunnel)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	uint8_t option[8] = {60, 0, 1, 4}, next = specimen.bytes[20];
	int i;

	for (i = 0; i < 9; i++) {
		option[0] = i ? 60 : next;
		insert(&specimen, option, 8);
		specimen.path.l4 = 54;
	}
	specimen.bytes[20] = 60;
	expect(&specimen, "none");
}
END_TEST

START_TEST(fragments_are_named_and_later_ones_of_udp_are_nobodys)
{
	struct specimen specimen = make(_i, INNER_SIZE);
	uint8_t header[8] = {specimen.bytes[20], 0, 0, 1};
	const char *later =
		kind_of(_i) == CODEC_VXLAN ? "none" : "outer_fragment";

	if (is_ipv6(_i)) {
		insert(&specimen, header, 8);
		specimen.bytes[20] = 44;
		expect(&specimen, "outer_fragment");
		vs_store16(specimen.bytes + 54 + 2, 8);
		expect(&specimen, later);
		return;
	}
	vs_store16(specimen.bytes + 20, 0x2000);
	finish(&specimen);
	expect(&specimen, "outer_fragment");
	vs_store16(specimen.bytes + 20, 0x0004);
	finish(&specimen);
	expect(&specimen, later);
}
END_TEST

START_TEST(ecn_is_merged_as_rfc_6040_says)
{
	ck_assert_int_eq(codec_ecn_merge(3, 0), -1);
	ck_assert_int_eq(codec_ecn_merge(3, 2), 3);
	ck_assert_int_eq(codec_ecn_merge(1, 2), 1);
	ck_assert_int_eq(codec_ecn_merge(2, 0), 0);
	ck_assert_int_eq(codec_ecn_merge(0, 3), 3);
}
END_TEST

#define TWICE(array) (2 * (int)(sizeof(array) / sizeof((array)[0])))

static void add_faults(TCase *tests)
{
	tcase_add_loop_test(tests, faults_of_the_outer_ipv4_header_have_names,
			    0, TWICE(v4_faults));
	tcase_add_loop_test(tests, faults_of_the_outer_ipv6_header_have_names,
			    0, TWICE(v6_faults));
	tcase_add_loop_test(tests, faults_of_gre_have_names_over_both, 0,
			    TWICE(gre_faults));
	tcase_add_loop_test(tests, faults_of_vxlan_have_names_over_both, 0,
			    TWICE(vxlan_faults));
	tcase_add_loop_test(tests, options_are_stepped_over, 0, SHAPES);
	tcase_add_loop_test(
		tests, fragments_are_named_and_later_ones_of_udp_are_nobodys, 0,
		SHAPES);
	tcase_add_test(tests, ecn_is_merged_as_rfc_6040_says);
}

static void add_checksums(TCase *tests)
{
	tcase_add_loop_test(
		tests, any_flipped_bit_behind_the_udp_header_is_seen, 2, 4);
	tcase_add_loop_test(
		tests, a_missing_udp_checksum_is_taken_over_ipv4_only, 2, 4);
	tcase_add_loop_test(tests,
			    a_checksum_that_the_device_judged_is_not_made_again,
			    2, 4);
	tcase_add_loop_test(
		tests, an_open_inner_checksum_does_not_hide_a_wrong_outer_one,
		2, 4);
}

int main(void)
{
	Suite *suite = suite_create("wnv_codec");
	TCase *tests = tcase_create("codec");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, what_is_written_is_read_again, 0, SHAPES);
	tcase_add_loop_test(tests,
			    quote_says_kind_and_vsid_and_not_a_byte_too_short,
			    0, SHAPES);
	tcase_add_loop_test(tests, what_is_written_is_read_again_whatever_it_is,
			    0, SHAPES);
	tcase_add_loop_test(tests, the_headers_say_flow_ttl_and_no_fragments, 0,
			    SHAPES);
	tcase_add_loop_test(tests, two_flows_differ_and_a_flow_stays_the_same,
			    0, SHAPES);
	tcase_add_loop_test(tests, bytes_behind_the_packet_are_cut, 0, SHAPES);
	tcase_add_loop_test(tests, every_cut_is_refused_and_read_no_further, 0,
			    SHAPES);
	tcase_add_loop_test(
		tests, a_chain_longer_than_anybody_needs_is_no_tunnel, 1, 2);
	tcase_add_loop_test(
		tests, a_chain_longer_than_anybody_needs_is_no_tunnel, 3, 4);
	add_faults(tests);
	add_checksums(tests);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
