/* SPDX-License-Identifier: Apache-2.0 */
/*
 * REDIRECT and UNREACHABLE as bytes (hnv.md B1b): what is written, what is
 * read, and that everything else is neither.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/suite.h"
#include "wnv/control.h"

static const struct control_macs macs = {{{2, 0xbb, 0, 0, 0, 1}},
					 {{2, 0xaa, 0, 0, 0, 1}}};

static struct vs_ip address(bool ipv6, uint8_t number)
{
	uint8_t bytes[16] = {0x20, 1, 0x0d, 0xb8, [15] = number};
	const uint8_t v4[4] = {192, 0, 2, number};

	return ipv6 ? vs_ip_from_v6(bytes) : vs_ip_from_v4(v4);
}

/* A tunnel packet from its outer IP header on: from PA 1 to PA 2, VSID 5001,
 * VM 5 to VM 7, in which the inner packet has `size` bytes more. */
struct tunnel {
	uint8_t bytes[2048];
	uint32_t size;
};

static void add(struct tunnel *tunnel, const void *bytes, uint32_t size)
{
	memcpy(tunnel->bytes + tunnel->size, bytes, size);
	tunnel->size += size;
}

static void add_ip(struct tunnel *tunnel, bool ipv6, uint8_t protocol)
{
	uint8_t ip[40] = {0};

	ip[0] = ipv6 ? 0x60 : 0x45;
	ip[ipv6 ? 6 : 9] = protocol;
	if (ipv6) {
		memcpy(ip + 8, address(true, 1).octet, 16);
		memcpy(ip + 24, address(true, 2).octet, 16);
	} else {
		memcpy(ip + 12, address(false, 1).octet + 12, 4);
		memcpy(ip + 16, address(false, 2).octet + 12, 4);
		vs_store16(ip + 2, 1000);
	}
	add(tunnel, ip, ipv6 ? 40 : 20);
}

static void add_inner(struct tunnel *tunnel, bool ipv6, uint32_t size)
{
	static const uint8_t ethernet[12] = {2, 0, 0, 0, 0, 7,
					     2, 0, 0, 0, 0, 5};
	uint8_t buffer[128];
	struct frames frame = {.bytes = buffer};

	frames_bytes(&frame, ethernet, sizeof(ethernet));
	frames_u16(&frame, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	if (ipv6)
		frames_ipv6(&frame, VS_IP_UDP);
	else
		frames_ipv4(&frame, VS_IP_UDP);
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	add(tunnel, buffer, frame.size);
	memset(tunnel->bytes + tunnel->size, 0x77, size);
	tunnel->size += size;
}

static void make(struct tunnel *tunnel, bool ipv6, bool vxlan, bool inner6)
{
	static const uint8_t gre[8] = {0x20, 0, 0x65, 0x58, 0, 0x13, 0x89, 0};
	static const uint8_t shim[16] = {
		0xc0, 0, 0x12, 0xb5, [8] = 8, [12] = 0, 0x13, 0x89};

	tunnel->size = 0;
	add_ip(tunnel, ipv6, vxlan ? VS_IP_UDP : VS_IP_GRE);
	if (vxlan)
		add(tunnel, shim, sizeof(shim));
	else
		add(tunnel, gre, sizeof(gre));
	add_inner(tunnel, inner6, 8);
}

static struct control_message message_of(enum control_kind kind, bool ipv6)
{
	return (struct control_message){
		.kind = (uint8_t)kind,
		.from.ip = address(ipv6, 2),
		.to.ip = address(ipv6, kind == CONTROL_REDIRECT ? 3 : 1)};
}

static struct control_bytes write(const struct control_message *message,
				  const struct tunnel *tunnel, uint8_t *frame)
{
	const struct control_bytes packet = {tunnel->bytes, tunnel->size};

	return (struct control_bytes){
		frame, control_write(message, &macs, &packet, frame)};
}

/* B1b.2 to B1b.7, B1b.9 */
START_TEST(message_looks_like_the_document_says)
{
	bool ipv6 = _i & 1, redirect = _i & 2;
	const struct control_message message = message_of(
		redirect ? CONTROL_REDIRECT : CONTROL_UNREACHABLE, ipv6);
	uint32_t icmp = ipv6 ? 54 : 34;
	uint8_t frame[CONTROL_FRAME];
	struct control_bytes made;
	struct tunnel tunnel;

	make(&tunnel, ipv6, false, false);
	made = write(&message, &tunnel, frame);
	ck_assert_uint_eq(made.size, icmp + 8 + tunnel.size);
	ck_assert_mem_eq(frame, macs.target.octet, 6);
	ck_assert_mem_eq(frame + 6, macs.source.octet, 6);
	ck_assert_uint_eq(vs_load16(frame + 12), ipv6 ? 0x86dd : 0x0800);
	ck_assert_uint_eq(frame[ipv6 ? 14 + 7 : 14 + 8], 128); /* TTL */
	ck_assert_uint_eq(frame[ipv6 ? 14 + 6 : 14 + 9], ipv6 ? 58 : 1);
	if (ipv6) {
		ck_assert_mem_eq(frame + 22, message.from.ip.octet, 16);
		ck_assert_mem_eq(frame + 38, message.to.ip.octet, 16);
	} else {
		ck_assert_mem_eq(frame + 26, message.from.ip.octet + 12, 4);
		ck_assert_mem_eq(frame + 30, message.to.ip.octet + 12, 4);
	}
	ck_assert_uint_eq(frame[icmp],
			  redirect ? (ipv6 ? 137 : 5) : (ipv6 ? 1 : 3));
	ck_assert_uint_eq(frame[icmp + 1], ipv6 ? 1 : 10);
	if (!ipv6 && redirect)
		ck_assert_mem_eq(frame + icmp + 4, message.to.ip.octet + 12, 4);
	else
		ck_assert_uint_eq(vs_load32(frame + icmp + 4), 0);
	ck_assert_mem_eq(frame + icmp + 8, tunnel.bytes, tunnel.size);
}
END_TEST

/* All kinds, outer and inner families, encapsulations. */
START_TEST(what_is_written_is_read)
{
	bool ipv6 = _i & 1, vxlan = _i & 2, inner6 = _i & 4;
	const struct control_message message = message_of(
		_i & 8 ? CONTROL_REDIRECT : CONTROL_UNREACHABLE, ipv6);
	const uint8_t vm[4] = {10, 0, 0, 1};
	uint8_t frame[CONTROL_FRAME];
	struct control_message read;
	struct control_bytes made;
	struct tunnel tunnel;
	struct vs_ip one = inner6 ? address(true, 1) : vs_ip_from_v4(vm);

	make(&tunnel, ipv6, vxlan, inner6);
	made = write(&message, &tunnel, frame);
	ck_assert(control_read(&made, &read));
	ck_assert_uint_eq(read.kind, message.kind);
	ck_assert(wnv_pa_equal(&read.from, &message.from));
	ck_assert(wnv_pa_equal(&read.to, &message.to));
	ck_assert(read.quote.has_outer);
	ck_assert(wnv_pa_equal(&read.quote.source,
			       &(struct wnv_pa){address(ipv6, 1)}));
	ck_assert(wnv_pa_equal(&read.quote.target,
			       &(struct wnv_pa){address(ipv6, 2)}));
	ck_assert_uint_eq(read.quote.vsid.value, 5001);
	ck_assert_uint_eq(read.quote.source_mac.octet[5], 5);
	ck_assert_uint_eq(read.quote.target_mac.octet[5], 7);
	ck_assert(vs_ip_equal(&read.quote.target_ca.ip, &one));
}
END_TEST

START_TEST(quote_is_cut_and_may_begin_with_gre)
{
	const struct control_message message =
		message_of(CONTROL_REDIRECT, false);
	uint8_t frame[CONTROL_FRAME];
	struct control_message read;
	struct control_bytes made;
	struct tunnel tunnel;

	make(&tunnel, false, false, false);
	memset(tunnel.bytes + tunnel.size, 0x55, 1200);
	tunnel.size += 1200;
	made = write(&message, &tunnel, frame);
	ck_assert_uint_eq(made.size, 14 + CONTROL_PACKET);
	ck_assert(control_read(&made, &read));
	tunnel.size -= 20;
	memmove(tunnel.bytes, tunnel.bytes + 20, tunnel.size);
	made = write(&message, &tunnel, frame);
	ck_assert(control_read(&made, &read));
	ck_assert(!read.quote.has_outer);
	ck_assert_uint_eq(read.quote.vsid.value, 5001);
}
END_TEST

/* Bytes put at a place of a REDIRECT over IPv4; its sums are made right. */
static const struct {
	const char *what;
	uint32_t at, size;
	uint8_t bytes[4];
} strangers[] = {
	{"another EtherType", 12, 2, {0x86, 0xdd}},
	{"a tag", 12, 2, {0x81, 0x00}},
	{"IPv4 options", 14, 1, {0x46}},
	{"a fragment", 20, 2, {0x20, 0x00}},
	{"another protocol", 23, 1, {17}},
	{"a redirect of RFC 792", 35, 1, {1}},
	{"port unreachable", 34, 2, {3, 3}},
	{"an echo", 34, 2, {8, 0}},
	{"a quote without key", 34 + 28, 4, {0, 0, 0x65, 0x58}},
	{"a quote of IP in GRE", 34 + 28, 4, {0x20, 0, 0x08, 0x00}},
	{"a quote of something else", 34 + 8 + 9, 1, {6}},
	{"a tag inside", 34 + 8 + 20 + 8 + 12, 2, {0x81, 0}},
	{"no IP inside", 34 + 8 + 20 + 8 + 14, 1, {0x15}},
};

static void fix(uint8_t *frame, uint32_t size)
{
	vs_store16(frame + 24, 0);
	vs_store16(frame + 24, vs_checksum(vs_sum(0, frame + 14, 20)));
	vs_store16(frame + 36, 0);
	vs_store16(frame + 36, vs_checksum(vs_sum(0, frame + 34, size - 34)));
}

START_TEST(everything_else_is_no_message)
{
	const struct control_message message =
		message_of(CONTROL_REDIRECT, false);
	uint8_t frame[CONTROL_FRAME];
	struct control_message read;
	struct control_bytes made;
	struct tunnel tunnel;

	make(&tunnel, false, false, false);
	made = write(&message, &tunnel, frame);
	fix(frame, made.size);
	ck_assert(control_read(&made, &read));
	memcpy(frame + strangers[_i].at, strangers[_i].bytes,
	       strangers[_i].size);
	fix(frame, made.size);
	ck_assert_msg(!control_read(&made, &read), "%s", strangers[_i].what);
}
END_TEST

START_TEST(wrong_sums_are_refused)
{
	bool ipv6 = _i & 1;
	const struct control_message message =
		message_of(CONTROL_REDIRECT, ipv6);
	uint8_t frame[CONTROL_FRAME];
	struct control_message read;
	struct control_bytes made;
	struct tunnel tunnel;

	make(&tunnel, ipv6, false, false);
	made = write(&message, &tunnel, frame);
	frame[made.size - 1] ^= 1;
	ck_assert(!control_read(&made, &read));
	frame[made.size - 1] ^= 1;
	ck_assert(control_read(&made, &read));
	frame[14 + 8] ^= 1; /* TTL; in IPv6 the source */
	ck_assert(!control_read(&made, &read));
}
END_TEST

/* A message that ends early is none; nothing behind its end is read. */
START_TEST(cut_messages_are_refused_at_every_byte)
{
	bool ipv6 = _i & 1;
	const struct control_message message =
		message_of(CONTROL_UNREACHABLE, ipv6);
	uint8_t frame[CONTROL_FRAME], *exact;
	struct control_message read;
	struct control_bytes made, cut;
	struct tunnel tunnel;

	make(&tunnel, ipv6, true, true);
	made = write(&message, &tunnel, frame);
	for (uint32_t size = 0; size < made.size; size++) {
		exact = malloc(size + 1);
		memcpy(exact, frame, size);
		cut = (struct control_bytes){exact, size};
		ck_assert(!control_read(&cut, &read));
		free(exact);
	}
}
END_TEST

START_TEST(random_bytes_are_read_within_their_bounds)
{
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	uint8_t frame[CONTROL_FRAME];
	const struct control_message message =
		message_of(CONTROL_REDIRECT, _i & 1);
	struct control_message read;
	struct control_bytes made;
	struct tunnel tunnel;

	make(&tunnel, _i & 1, _i & 2, _i & 4);
	made = write(&message, &tunnel, frame);
	for (unsigned int i = 0; i < 2000; i++) {
		frame[prng_below(&prng, made.size)] = (uint8_t)prng_u32(&prng);
		if (control_read(&made, &read))
			ck_assert_uint_le(read.kind, CONTROL_UNREACHABLE);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_control");
	TCase *tcase = tcase_create("wnv_control");

	tcase_add_loop_test(tcase, message_looks_like_the_document_says, 0, 4);
	tcase_add_loop_test(tcase, what_is_written_is_read, 0, 16);
	tcase_add_test(tcase, quote_is_cut_and_may_begin_with_gre);
	tcase_add_loop_test(tcase, everything_else_is_no_message, 0,
			    (int)(sizeof(strangers) / sizeof(strangers[0])));
	tcase_add_loop_test(tcase, wrong_sums_are_refused, 0, 2);
	tcase_add_loop_test(tcase, cut_messages_are_refused_at_every_byte, 0,
			    2);
	tcase_add_loop_test(tcase, random_bytes_are_read_within_their_bounds, 0,
			    8);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
