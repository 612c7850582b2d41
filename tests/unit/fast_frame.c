// SPDX-License-Identifier: Apache-2.0
/*
 * The fast path's arithmetic: of which flow a frame is, which change made one
 * of another, and that a change that was found does to any frame of the flow
 * what a switch does that adds every checksum up.
 */
#include "io/fast_frame.h"
#include "packet/packet.h"
#include "packet/parse.h"
#include "tests/support/fast_frames.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

#define DEVICE 7u

/* -- reading ----------------------------------------------------------------
 */

static uint8_t bytes[FLOWN_SIZE];
static struct fast_head head;
static struct fast_key key;
static struct fast_seen seen;

static uint32_t plain(enum shape shape)
{
	head = (struct fast_head){.size = flown_plain(bytes, shape)};
	return head.size;
}

static bool reads(void)
{
	memcpy(head.bytes, bytes, FAST_HEAD);
	return fast_frame_read(&head, DEVICE, &key, &seen);
}

START_TEST(key_is_the_device_the_macs_the_addresses_and_the_ports)
{
	enum shape shape = (enum shape)_i;
	uint32_t size = plain(shape), addresses = is_ipv6(shape) ? 32 : 8;
	struct fast_key expected = {.if_index = DEVICE,
				    .ipv6 = is_ipv6(shape),
				    .protocol = protocol_of(shape)};

	memcpy(expected.macs, bytes, 12);
	memcpy(expected.ports, bytes + l4_of(shape), 4);
	memcpy(expected.addresses, bytes + (is_ipv6(shape) ? 22 : 26),
	       addresses);
	memset(&key, 0xff, sizeof(key));
	ck_assert(reads());
	ck_assert_mem_eq(&key, &expected, sizeof(key));
	ck_assert_uint_eq(seen.size, size - 14);
	ck_assert_uint_eq(seen.hops, 64);
}
END_TEST

/* The smallest frames are padded; behind others, nobody knows what it is. */
START_TEST(what_is_behind_the_packet_is_padding_or_no_flow)
{
	for (enum shape shape = TCP4; shape < SHAPES; shape++) {
		uint32_t size = plain(shape);

		for (head.size++; head.size < size + 70; head.size++)
			ck_assert_int_eq(reads(), head.size <= 60);
	}
	plain(UDP4);
	head.size = 60;
	ck_assert(reads());
	ck_assert_uint_eq(seen.size, 44);
}
END_TEST

/* The same but for one of its bytes. */
static bool reads_with(enum shape shape, uint32_t at, uint8_t value)
{
	plain(shape);
	bytes[at] = value;
	return reads();
}

START_TEST(other_ether_types_are_no_flow)
{
	for (enum shape shape = TCP4; shape < SHAPES; shape++) {
		ck_assert(!reads_with(shape, 12, 0x81)); /* a tag */
		ck_assert(!reads_with(shape, 13, 0x06));
		plain(shape);
		vs_store16(bytes + 12,
			   is_ipv6(shape) ? VS_TYPE_IPV4 : VS_TYPE_IPV6);
		ck_assert(!reads());
	}
}
END_TEST

START_TEST(ipv4_with_options_or_in_pieces_is_no_flow)
{
	for (enum shape shape = TCP4; shape <= UDP4; shape++) {
		ck_assert(!reads_with(shape, 14, 0x46));
		ck_assert(!reads_with(shape, 14, 0x44));
		ck_assert(!reads_with(shape, 14, 0x55));
		ck_assert(!reads_with(shape, 20, 0x20)); /* more fragments */
		ck_assert(!reads_with(shape, 20, 0x10));
		ck_assert(!reads_with(shape, 20, 0x01));
		ck_assert(!reads_with(shape, 21, 0x01));
		ck_assert(!reads_with(shape, 21, 0x80));
		ck_assert(reads_with(shape, 20, 0x00));
		ck_assert(reads_with(shape, 20, 0x40)); /* DF */
	}
}
END_TEST

START_TEST(ipv6_of_another_version_or_with_extensions_is_no_flow)
{
	static const uint8_t others[] = {0, 43, 44, 60, 58, 59, 1, 2, 132};

	for (enum shape shape = TCP6; shape <= UDP6; shape++) {
		ck_assert(!reads_with(shape, 14, 0x40));
		ck_assert(!reads_with(shape, 14, 0x70));
		ck_assert(reads_with(shape, 14, 0x6f)); /* traffic class */
		for (size_t i = 0; i < sizeof(others); i++)
			ck_assert(!reads_with(shape, 20, others[i]));
	}
}
END_TEST

START_TEST(other_protocols_are_no_flow)
{
	static const uint8_t others[] = {0, 1, 2, 4, 41, 47, 50, 132, 136};

	for (size_t i = 0; i < sizeof(others); i++) {
		ck_assert(!reads_with(TCP4, 23, others[i]));
		ck_assert(!reads_with(UDP4, 23, others[i]));
	}
}
END_TEST

/* IP says that it is so long. */
static bool reads_length(enum shape shape, uint32_t length)
{
	plain(shape);
	vs_store16(bytes + (is_ipv6(shape) ? 18 : 16),
		   (uint16_t)(is_ipv6(shape) ? length - 40 : length));
	if (protocol_of(shape) == VS_IP_UDP)
		vs_store16(bytes + l4_of(shape) + 4,
			   (uint16_t)(length + 14 - l4_of(shape)));
	return reads();
}

/* And the frame ends with it. */
static bool reads_ending(enum shape shape, uint32_t length)
{
	reads_length(shape, length);
	head.size = length + 14;
	return reads();
}

START_TEST(packet_longer_than_its_frame_is_no_flow)
{
	for (enum shape shape = TCP4; shape < SHAPES; shape++) {
		uint32_t whole = plain(shape) - 14;

		ck_assert(reads_length(shape, whole));
		ck_assert(!reads_length(shape, whole + 1));
		ck_assert_int_eq(reads_length(shape, whole - 1),
				 whole + 14 <= 60);
	}
}
END_TEST

START_TEST(packet_that_ends_in_its_headers_is_no_flow)
{
	for (enum shape shape = TCP4; shape < SHAPES; shape++) {
		bool tcp = protocol_of(shape) == VS_IP_TCP;
		uint32_t least = l4_of(shape) - 14u + (tcp ? 20u : 8u), at;

		ck_assert(reads_ending(shape, least));
		for (at = is_ipv6(shape) ? 40 : 0; at < least; at++)
			ck_assert_msg(!reads_ending(shape, at), "shape %d: %u",
				      shape, at);
	}
	/* no length at all: a super-frame that is longer than the field */
	plain(UDP6);
	vs_store16(bytes + 18, 0);
	vs_store16(bytes + 58, 0);
	ck_assert(!reads());
	head.gso_size = 1000;
	ck_assert(!reads());
	plain(UDP4);
	vs_store16(bytes + 16, 0);
	head.gso_size = 1000;
	ck_assert(!reads());
}
END_TEST

START_TEST(frame_that_ends_before_its_headers_is_no_flow)
{
	for (enum shape shape = TCP4; shape < SHAPES; shape++) {
		bool tcp = protocol_of(shape) == VS_IP_TCP;
		uint32_t least = l4_of(shape) + (tcp ? 20u : 8u), size;

		/* whatever lies behind it: an older frame's bytes */
		for (size = 0; size < least; size++) {
			plain(shape);
			head.size = size;
			ck_assert(!reads());
		}
		ck_assert(reads_ending(shape, least - 14));
	}
}
END_TEST

START_TEST(tcp_that_begins_or_ends_is_no_flow)
{
	for (int flags = 0; flags < 256; flags++) {
		bool rare = flags & 0x27; /* FIN, SYN, RST, URG */

		ck_assert_int_eq(reads_with(TCP4, 47, (uint8_t)flags), !rare);
		ck_assert_int_eq(reads_with(TCP6, 67, (uint8_t)flags), !rare);
	}
}
END_TEST

START_TEST(tcp_header_is_twenty_bytes_and_within_the_packet)
{
	for (uint8_t words = 0; words < 16; words++) {
		/* 20 bytes and 16 of payload: nine words are there */
		bool fits = words >= 5 && words <= 9;
		uint8_t value = (uint8_t)(words << 4);

		ck_assert_int_eq(reads_with(TCP4, 46, value), fits);
		ck_assert_int_eq(reads_with(TCP6, 66, value), fits);
	}
}
END_TEST

START_TEST(udp_has_the_length_that_ip_says)
{
	for (enum shape shape = UDP4; shape <= UDP6; shape += 2) {
		uint32_t at = l4_of(shape) + 5;

		ck_assert(reads_with(shape, at, 24));
		ck_assert(!reads_with(shape, at, 23));
		ck_assert(!reads_with(shape, at, 25));
		ck_assert(!reads_with(shape, at, 0));
		ck_assert(!reads_with(shape, at - 1, 1));
	}
}
END_TEST

START_TEST(super_frame_counts_by_its_segments)
{
	for (enum shape shape = TCP4; shape < SHAPES; shape++) {
		bool tcp = protocol_of(shape) == VS_IP_TCP;
		uint32_t headers = l4_of(shape) - 14u + (tcp ? 20u : 8u);

		plain(shape);
		head.gso_size = 1000;
		ck_assert(reads());
		ck_assert_uint_eq(seen.size, headers + 1000);
		if (!tcp) { /* a super-datagram's length is nobody's */
			bytes[l4_of(shape) + 5]++;
			ck_assert(reads());
			continue;
		}
		bytes[l4_of(shape) + 12] = 0x80; /* three words of options */
		ck_assert(reads());
		ck_assert_uint_eq(seen.size, headers + 12 + 1000);
	}
}
END_TEST

static void check_view(const struct flown *frame, bool accepted)
{
	struct vs_view view = {.data = frame->bytes,
			       .struct_size = sizeof(view),
			       .size = frame->size};

	if (!accepted)
		return;
	view.offload.csum_start = VS_ABSENT;
	if (frame->gso_size) {
		view.offload.gso = VS_GSO_UDP;
		view.offload.gso_size = frame->gso_size;
	}
	parse_view(&view, frame->size);
	ck_assert_uint_eq(view.tags, 0);
	ck_assert_uint_eq(view.flags & (VS_FRAME_BAD_IP | VS_FRAME_FRAGMENT),
			  0);
	ck_assert_uint_eq(view.protocol, key.protocol);
	ck_assert_uint_eq(view.l3, 14);
	ck_assert_uint_eq(view.l4, key.ipv6 ? 54 : 34);
	if (!frame->gso_size)
		ck_assert_uint_ne(view.payload, VS_ABSENT);
}

/* So nothing goes past the switch that it would not see as a flow's. */
START_TEST(what_is_read_is_what_the_switch_parses)
{
	struct prng prng = prng_start(prng_seed());
	uint32_t accepted = 0;

	for (int round = 0; round < 100000; round++) {
		struct flown_names names = flown_names(&prng);
		struct flown frame;

		flown_make(&frame, &prng, &names);
		flown_spoil(&frame, &prng);
		head = flown_head(&frame);
		if (fast_frame_read(&head, DEVICE, &key, &seen))
			accepted++, check_view(&frame, true);
	}
	ck_assert_uint_gt(accepted, 20000);
	ck_assert_uint_lt(accepted, 90000);
}
END_TEST

/* -- changes ----------------------------------------------------------------
 */

static struct fast_head before, after;
static struct fast_change change;

/* A plain frame, its checksum complete or begun, before anything changes. */
static void begin(enum shape shape, bool partial)
{
	uint32_t l4 = l4_of(shape), size = plain(shape);
	uint8_t protocol = protocol_of(shape);

	head.partial = partial;
	if (partial)
		vs_store16(bytes + l4 + (protocol == VS_IP_TCP ? 16 : 6),
			   vs_sum_fold(vs_sum_pseudo(bytes + 14, protocol,
						     size - l4)));
	ck_assert(reads());
	before = after = head;
}

static bool finds(void)
{
	memset(&change, 0xff, sizeof(change));
	return fast_frame_change(&key, &before, &after, &change);
}

/* Other addresses, and the checksums that belong to them, added up. */
static void readdress(enum shape shape)
{
	struct flown frame = {.names = {.ipv6 = is_ipv6(shape),
					.protocol = protocol_of(shape)},
			      .size = after.size,
			      .end = after.size,
			      .partial = after.partial};

	memcpy(frame.bytes, after.bytes, after.size);
	frame.bytes[flown_address(&frame) + 1] ^= 0x5a;
	frame.bytes[flown_address(&frame) + flown_address_size(&frame) - 1] ^=
		0x21;
	flown_finish_header(&frame);
	flown_finish_sum(&frame);
	memcpy(after.bytes, frame.bytes, after.size);
}

static void hop_less(enum shape shape)
{
	if (is_ipv6(shape)) {
		after.bytes[21]--;
		return;
	}
	after.bytes[22]--;
	vs_store16(after.bytes + 24, 0);
	vs_store16(after.bytes + 24,
		   vs_checksum(vs_sum(0, after.bytes + 14, 20)));
}

START_TEST(nothing_other_macs_other_addresses_and_a_hop_less_are_found)
{
	enum shape shape = (enum shape)(_i / 2);

	begin(shape, _i % 2);
	ck_assert(finds());
	ck_assert(!change.hop && !change.readdress);
	ck_assert_mem_eq(change.macs, before.bytes, 12);
	ck_assert_uint_eq(change.ipv6, is_ipv6(shape));
	ck_assert_uint_eq(change.protocol, protocol_of(shape));

	memcpy(after.bytes, "\x02\x11\x12\x13\x14\x15\x02\x21\x22\x23\x24\x25",
	       12);
	ck_assert(finds());
	ck_assert(!change.hop && !change.readdress);
	ck_assert_mem_eq(change.macs, after.bytes, 12);

	hop_less(shape);
	ck_assert(finds());
	ck_assert(change.hop && !change.readdress);

	readdress(shape);
	ck_assert(finds());
	ck_assert(change.hop && change.readdress);
	ck_assert_mem_eq(change.addresses,
			 after.bytes + (is_ipv6(shape) ? 22 : 26),
			 is_ipv6(shape) ? 32 : 8);

	begin(shape, _i % 2);
	readdress(shape);
	ck_assert(finds());
	ck_assert(!change.hop && change.readdress);
	/* what a change does not need is zero: two of them are compared */
	ck_assert_uint_eq(change.addresses[is_ipv6(shape) ? 31 : 8],
			  is_ipv6(shape) ? after.bytes[53] : 0);
}
END_TEST

START_TEST(udp_without_a_checksum_goes_on_without)
{
	enum shape shape = _i ? UDP6 : UDP4;
	uint32_t at = l4_of(shape) + 6;

	begin(shape, false);
	vs_store16(before.bytes + at, 0);
	after = before;
	readdress(shape);
	ck_assert(!finds()); /* whence one? */
	vs_store16(after.bytes + at, 0);
	ck_assert(finds());
	ck_assert(change.readdress);
	/* and one that is taken off is not one that comes to zero */
	begin(shape, false);
	vs_store16(after.bytes + at, 0);
	ck_assert(!finds());
	vs_store16(before.bytes + at, 0xffff);
	ck_assert(!finds());
}
END_TEST

/* `before` is such that the change makes the checksum in `field` zero. */
static void comes_to_zero(enum shape shape, uint32_t field, uint8_t *spare)
{
	readdress(shape);
	vs_store16(spare,
		   (uint16_t)vs_sum_fold((uint64_t)vs_load16(spare) +
					 vs_load16(after.bytes + field)));
	after = before;
	readdress(shape);
}

/* What the switch writes there is its own affair. */
START_TEST(either_zero_of_ones_complement_will_do)
{
	begin(TCP4, false);
	comes_to_zero(TCP4, 50, before.bytes + 60);
	ck_assert_uint_eq(vs_load16(after.bytes + 50), 0);
	vs_store16(before.bytes + 50, 0);
	vs_store16(before.bytes + 50,
		   vs_checksum(vs_sum(
			   vs_sum_pseudo(before.bytes + 14, VS_IP_TCP, 36),
			   before.bytes + 34, 36)));
	ck_assert(finds());
	vs_store16(after.bytes + 50, 0xffff);
	ck_assert(finds());

	begin(TCP4, false); /* the identification of the IP header */
	comes_to_zero(TCP4, 24, before.bytes + 18);
	ck_assert_uint_eq(vs_load16(after.bytes + 24), 0);
	vs_store16(before.bytes + 24, 0);
	vs_store16(before.bytes + 24,
		   vs_checksum(vs_sum(0, before.bytes + 14, 20)));
	ck_assert(finds());
	vs_store16(after.bytes + 24, 0xffff);
	ck_assert(finds());
	before = after; /* and as it came */
	ck_assert(fast_frame_read(&before, DEVICE, &key, &seen));
	ck_assert(finds());

	begin(UDP4, true); /* begun only: the sum of the pseudo-header */
	readdress(UDP4);
	vs_store16(after.bytes + 40, 0);
	vs_store16(after.bytes + 32, 0);
	vs_store16(after.bytes + 32,
		   vs_checksum(vs_sum_pseudo(after.bytes + 14, VS_IP_UDP, 24)));
	vs_store16(after.bytes + 24, 0);
	vs_store16(after.bytes + 24,
		   vs_checksum(vs_sum(0, after.bytes + 14, 20)));
	ck_assert(finds());
	vs_store16(after.bytes + 40, 0xffff);
	ck_assert(finds());
	vs_store16(after.bytes + 40, 1);
	ck_assert(!finds());
}
END_TEST

START_TEST(other_bytes_are_refused)
{
	enum shape shape = (enum shape)(_i / 2);
	uint32_t size, at;

	begin(shape, _i % 2);
	size = before.size;
	for (at = 12; at < size; at++) {
		/* one hop less is one, by itself, in IPv6 */
		after = before;
		after.bytes[at] ^= 0x13;
		ck_assert_msg(!finds(), "shape %d, byte %u", shape, at);
		memcpy(after.bytes, "\x02\x03\x04", 3);
		ck_assert_msg(!finds(), "shape %d, byte %u", shape, at);
		readdress(shape);
		after.bytes[at] ^= 0x35;
		ck_assert_msg(!finds(), "shape %d, byte %u", shape, at);
	}
}
END_TEST

START_TEST(more_or_fewer_hops_than_one_are_refused)
{
	enum shape shape = (enum shape)_i;
	uint32_t at = is_ipv6(shape) ? 21 : 22;

	for (int by = -3; by <= 3; by++) {
		begin(shape, false);
		after.bytes[at] = (uint8_t)(after.bytes[at] + by + 1);
		hop_less(shape);
		ck_assert_int_eq(finds(), by == 0 || by == -1);
	}
}
END_TEST

START_TEST(marks_are_refused_even_with_right_checksums)
{
	enum shape shape = (enum shape)_i;

	begin(shape, false);
	after.bytes[15] ^= is_ipv6(shape) ? 0x80 : 0xb8; /* DSCP */
	if (!is_ipv6(shape)) {
		vs_store16(after.bytes + 24, 0);
		vs_store16(after.bytes + 24,
			   vs_checksum(vs_sum(0, after.bytes + 14, 20)));
	}
	ck_assert(!finds());
}
END_TEST

START_TEST(other_size_segments_or_checksum_state_are_refused)
{
	enum shape shape = (enum shape)_i;

	begin(shape, true);
	after.size--;
	ck_assert(!finds());
	after.size += 2;
	ck_assert(!finds());
	after = before;
	after.gso_size = 1000;
	ck_assert(!finds());
	before.gso_size = 1001;
	ck_assert(!finds());
	before.gso_size = 1000;
	ck_assert(finds());
	after.partial = false;
	ck_assert(!finds());
}
END_TEST

START_TEST(bytes_beyond_the_frame_do_not_count)
{
	begin(UDP4, false);
	memset(after.bytes + after.size, 0x77, FAST_HEAD - after.size);
	ck_assert(finds());
}
END_TEST

/* -- any frame --------------------------------------------------------------
 */

static void apply(struct flown *frame)
{
	struct fast_head made = flown_head(frame);

	fast_frame_apply(&change, &made);
	ck_assert_uint_eq(made.size, frame->size);
	memcpy(frame->bytes, made.bytes,
	       frame->size < FAST_HEAD ? frame->size : FAST_HEAD);
}

/* But for their checksums. */
static void check_bytes(const struct flown *left, const struct flown *right)
{
	struct flown a = *left, b = *right;

	vs_store16(a.bytes + flown_sum(&a), 0);
	vs_store16(b.bytes + flown_sum(&b), 0);
	if (!a.names.ipv6) {
		vs_store16(a.bytes + 24, 0);
		vs_store16(b.bytes + 24, 0);
	}
	ck_assert_mem_eq(a.bytes, b.bytes, a.size);
}

/* Both right, or both wrong, or both without. */
static void check_sums(const struct flown *left, const struct flown *right)
{
	ck_assert_uint_eq(flown_header_right(left), flown_header_right(right));
	ck_assert_uint_eq(flown_sum_right(left), flown_sum_right(right));
	ck_assert_uint_eq(flown_unsummed(left), flown_unsummed(right));
}

static struct flown_names other_names(struct prng *prng,
				      const struct flown_names *names)
{
	struct flown_names others = *names;

	if (prng_below(prng, 2))
		prng_fill(prng, others.macs, 6 + 6 * prng_below(prng, 2));
	if (prng_below(prng, 4) == 0)
		prng_fill(prng, others.addresses, names->ipv6 ? 16 : 4);
	else if (prng_below(prng, 2))
		prng_fill(prng, others.addresses, names->ipv6 ? 32 : 8);
	return others;
}

static bool is_right(const struct flown *frame)
{
	return flown_header_right(frame) && flown_sum_right(frame);
}

/* One of the flow before the change, its other self after it: made in either
 * direction, since what comes to zero may do so on either side. */
static void make_pair(struct prng *prng, struct flown *old, struct flown *new,
		      int hops)
{
	struct flown_names names = flown_names(prng);
	struct flown_names others = other_names(prng, &names);

	do
		flown_make(old, prng, &names);
	while (!is_right(old));
	*new = *old;
	if (prng_below(prng, 2)) {
		flown_rename(new, &others, -hops);
	} else {
		*new = *old;
		flown_rename(old, &others, hops);
	}
}

/* A frame of the flow that never was compared; `was` as it came. */
static void check_another(struct prng *prng, const struct flown *old,
			  const struct flown *new, struct flown *was)
{
	struct flown made, renamed;

	flown_make(was, prng, &old->names);
	made = renamed = *was;
	flown_rename(&renamed, &new->names, change.hop ? -1 : 0);
	apply(&made);
	made.names = new->names;
	check_bytes(&made, &renamed);
	check_sums(&made, was);
}

START_TEST(change_that_is_found_does_what_a_switch_does_that_adds_up)
{
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	uint32_t zero = 0, wrong = 0, unsummed = 0;

	for (int round = 0; round < 20000; round++) {
		struct flown old, new, made;
		uint8_t hop = (uint8_t)prng_below(&prng, 2);

		make_pair(&prng, &old, &new, hop);
		before = flown_head(&old);
		after = flown_head(&new);
		ck_assert(fast_frame_read(&before, DEVICE, &key, &seen));
		ck_assert(finds());
		ck_assert_uint_eq(change.hop, hop);
		made = old;
		apply(&made);
		made.names = new.names;
		check_bytes(&made, &new);
		check_sums(&made, &new);
		zero += !vs_load16(new.bytes + flown_sum(&new));

		check_another(&prng, &old, &new, &made);
		wrong += !is_right(&made);
		unsummed += flown_unsummed(&made);
	}
	ck_assert_uint_gt(zero, 500);
	ck_assert_uint_gt(wrong, 500);
	ck_assert_uint_gt(unsummed, 100);
}
END_TEST

/* Nothing is found but what the second frame shows. */
START_TEST(change_that_is_found_makes_the_second_frame)
{
	struct prng prng = prng_start(prng_seed());
	uint32_t found = 0, refused = 0;

	for (int round = 0; round < 50000; round++) {
		struct flown old, new, one;

		make_pair(&prng, &old, &new, (int)prng_below(&prng, 2));
		new.bytes[prng_below(&prng, FAST_HEAD)] ^=
			(uint8_t)(1 + prng_below(&prng, 255));
		before = flown_head(&old);
		after = flown_head(&new);
		ck_assert(fast_frame_read(&before, DEVICE, &key, &seen));
		if (!finds()) {
			refused++;
			continue;
		}
		found++;
		one = old;
		apply(&one);
		one.names = new.names;
		check_bytes(&one, &new);
		check_sums(&one, &new);
	}
	ck_assert_uint_gt(found, 5000);
	ck_assert_uint_gt(refused, 5000);
}
END_TEST

static void add_reading(Suite *suite)
{
	TCase *tests = tcase_create("reading");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(
		tests, key_is_the_device_the_macs_the_addresses_and_the_ports,
		0, SHAPES);
	tcase_add_test(tests, what_is_behind_the_packet_is_padding_or_no_flow);
	tcase_add_test(tests, other_ether_types_are_no_flow);
	tcase_add_test(tests, ipv4_with_options_or_in_pieces_is_no_flow);
	tcase_add_test(tests,
		       ipv6_of_another_version_or_with_extensions_is_no_flow);
	tcase_add_test(tests, other_protocols_are_no_flow);
	tcase_add_test(tests, packet_longer_than_its_frame_is_no_flow);
	tcase_add_test(tests, packet_that_ends_in_its_headers_is_no_flow);
	tcase_add_test(tests, frame_that_ends_before_its_headers_is_no_flow);
	tcase_add_test(tests, tcp_that_begins_or_ends_is_no_flow);
	tcase_add_test(tests, tcp_header_is_twenty_bytes_and_within_the_packet);
	tcase_add_test(tests, udp_has_the_length_that_ip_says);
	tcase_add_test(tests, super_frame_counts_by_its_segments);
	tcase_add_test(tests, what_is_read_is_what_the_switch_parses);
	suite_add_tcase(suite, tests);
}

static void add_changes(Suite *suite)
{
	TCase *tests = tcase_create("changes");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(
		tests,
		nothing_other_macs_other_addresses_and_a_hop_less_are_found, 0,
		2 * SHAPES);
	tcase_add_loop_test(tests, udp_without_a_checksum_goes_on_without, 0,
			    2);
	tcase_add_test(tests, either_zero_of_ones_complement_will_do);
	tcase_add_loop_test(tests, other_bytes_are_refused, 0, 2 * SHAPES);
	tcase_add_loop_test(tests, more_or_fewer_hops_than_one_are_refused, 0,
			    SHAPES);
	tcase_add_loop_test(tests, marks_are_refused_even_with_right_checksums,
			    0, SHAPES);
	tcase_add_loop_test(tests,
			    other_size_segments_or_checksum_state_are_refused,
			    0, SHAPES);
	tcase_add_test(tests, bytes_beyond_the_frame_do_not_count);
	tcase_add_loop_test(
		tests,
		change_that_is_found_does_what_a_switch_does_that_adds_up, 0,
		4);
	tcase_add_test(tests, change_that_is_found_makes_the_second_frame);
	suite_add_tcase(suite, tests);
}

int main(void)
{
	Suite *suite = suite_create("fast_frame");

	add_reading(suite);
	add_changes(suite);
	return suite_main(suite);
}
