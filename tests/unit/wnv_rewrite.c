/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other addresses in a packet, and all that depends on them (rewrite.h):
 * every transport, both families, whole, partial and wrong checksums, options
 * and extension headers, fragments, quotes. Sums are checked by a loop of
 * their own here.
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/rewrite.h"

#define L3	 14u
#define TRIALS	 3000
#define UDP_LITE 136u
#define DCCP	 33u
#define SCTP	 132u

/* A transport and where its checksum is, as its RFC says. */
struct kind {
	const char *name;
	uint8_t protocol, field, header;
	bool v4, v6, pseudo, may_be_none;
};

static const struct kind kinds[] = {
	{"tcp", 6, 16, 20, true, true, true, false},
	{"udp", 17, 6, 8, true, true, true, true},
	{"udp-lite", UDP_LITE, 6, 8, true, true, true, true},
	{"dccp", DCCP, 6, 16, true, true, true, false},
	{"icmpv6", 58, 2, 8, false, true, true, false},
	{"icmp", 1, 2, 8, true, false, false, false},
	{"sctp", SCTP, 8, 12, true, true, false, false},
	{"unknown", 253, 0, 4, true, true, false, false},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

enum shape { PLAIN, OPTIONS, ROUTED, SHAPES };

struct sample {
	uint8_t bytes[2048];
	uint32_t size;
	uint32_t l4;
	const struct kind *kind;
	bool ipv6;
	enum shape shape;
};

/* -- sums, word by word ----------------------------------------------------
 */

static uint32_t add(uint32_t sum, const uint8_t *bytes, uint32_t size)
{
	uint32_t i;

	for (i = 0; i < size; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The pseudo-header of the sample as its addresses stand now; behind a
 * routing header the final destination is the one in there. */
static uint32_t pseudo(const struct sample *sample)
{
	const uint8_t *ip = sample->bytes + L3;
	uint32_t size = sample->size - sample->l4;
	uint8_t tail[4] = {(uint8_t)(size >> 8), (uint8_t)size, 0,
			   sample->kind->protocol};
	uint32_t sum = add(0, tail, 4);

	if (!sample->ipv6)
		return add(sum, ip + 12, 8);
	sum = add(sum, ip + 8, 16);
	return add(sum, sample->shape == ROUTED ? ip + 40 + 8 : ip + 24, 16);
}

static bool transport_is_right(const struct sample *sample)
{
	const uint8_t *l4 = sample->bytes + sample->l4;

	return add(pseudo(sample), l4, sample->size - sample->l4) == 0xffff;
}

static bool header_is_right(const struct sample *sample)
{
	return sample->ipv6 || add(0, sample->bytes + L3,
				   (sample->bytes[L3] & 15u) * 4) == 0xffff;
}

/* -- samples ----------------------------------------------------------------
 */

static void put_options4(struct frames *frame)
{
	static const uint8_t options[12] = {7, 7, 4,   1, 2, 3,
					    4, 1, 148, 4, 0, 0};

	frames_bytes(frame, options, sizeof(options));
	frame->bytes[L3] = 0x48;
	frame->l4 = frame->size;
}

/* Hop-by-hop and destination options. */
static void put_options6(struct frames *frame, uint8_t next)
{
	uint8_t headers[24] = {60, 0, 1, 4};

	headers[8] = next;
	headers[9] = 1;
	headers[10] = 1;
	headers[11] = 12;
	frame->bytes[L3 + 6] = 0;
	frames_bytes(frame, headers, sizeof(headers));
	frame->l4 = frame->size;
}

/* A routing header with one segment left. */
static void put_routing(struct frames *frame, uint8_t next, struct prng *prng)
{
	uint8_t header[24] = {next, 2, 2, 1};

	frame->bytes[L3 + 6] = 43;
	prng_fill(prng, header + 8, 16);
	frames_bytes(frame, header, sizeof(header));
	frame->l4 = frame->size;
}

static struct sample make(const struct kind *kind, bool ipv6, enum shape shape,
			  struct prng *prng)
{
	struct sample sample = {.kind = kind, .ipv6 = ipv6, .shape = shape};
	struct frames frame = frames_ethernet(
		sample.bytes, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	uint32_t payload = kind->header + prng_below(prng, 1200);
	uint8_t *l4;

	if (ipv6)
		frames_ipv6(&frame, kind->protocol);
	else
		frames_ipv4(&frame, kind->protocol);
	prng_fill(prng, sample.bytes + L3 + (ipv6 ? 8 : 12), ipv6 ? 32 : 8);
	if (shape == OPTIONS && ipv6)
		put_options6(&frame, kind->protocol);
	else if (shape == OPTIONS)
		put_options4(&frame);
	else if (shape == ROUTED)
		put_routing(&frame, kind->protocol, prng);
	l4 = sample.bytes + frame.size;
	prng_fill(prng, l4, payload);
	frame.size += payload;
	frames_finish_ip(&frame);
	sample.size = frame.size;
	sample.l4 = frame.l4;
	if (!kind->pseudo)
		return sample;
	vs_store16(l4 + kind->field, 0);
	vs_store16(l4 + kind->field,
		   (uint16_t)~add(pseudo(&sample), l4, payload));
	if (kind->may_be_none && !vs_load16(l4 + kind->field))
		vs_store16(l4 + kind->field, 0xffff);
	return sample;
}

static struct rewrite_addresses others(bool ipv6, struct prng *prng)
{
	struct rewrite_addresses to;
	uint8_t bytes[32];

	prng_fill(prng, bytes, sizeof(bytes));
	to.source = ipv6 ? vs_ip_from_v6(bytes) : vs_ip_from_v4(bytes);
	to.target =
		ipv6 ? vs_ip_from_v6(bytes + 16) : vs_ip_from_v4(bytes + 16);
	return to;
}

static bool has_addresses(const struct sample *sample,
			  const struct rewrite_addresses *to)
{
	const uint8_t *ip = sample->bytes + L3;

	if (!sample->ipv6)
		return memcmp(ip + 12, to->source.octet + 12, 4) == 0 &&
		       memcmp(ip + 16, to->target.octet + 12, 4) == 0;
	return memcmp(ip + 8, to->source.octet, 16) == 0 &&
	       memcmp(ip + 24, to->target.octet, 16) == 0;
}

/* Read, check that nothing behind `end` is announced, rewrite. */
static struct rewrite_packet
rewrite(struct sample *sample, const struct rewrite_addresses *to, bool partial)
{
	struct rewrite_packet packet;
	struct sample before = *sample;

	ck_assert(rewrite_read(sample->bytes, sample->size, L3, &packet));
	ck_assert_uint_eq(packet.l4, sample->l4);
	rewrite_apply(sample->bytes, &packet, to, partial);
	ck_assert(has_addresses(sample, to));
	ck_assert_mem_eq(sample->bytes, before.bytes, L3);
	ck_assert_mem_eq(sample->bytes + packet.end, before.bytes + packet.end,
			 sample->size - packet.end);
	return packet;
}

/* Runs `check` over all transports, families and shapes. */
static void each_kind(void (*check)(const struct kind *kind, bool ipv6,
				    enum shape shape, struct prng *prng))
{
	struct prng prng = prng_start(prng_seed());
	unsigned int i, trial, ipv6, shape;

	for (i = 0; i < KINDS; i++)
		for (ipv6 = 0; ipv6 < 2; ipv6++)
			for (shape = 0; shape < SHAPES; shape++) {
				if (!(ipv6 ? kinds[i].v6 : kinds[i].v4) ||
				    (shape == ROUTED && !ipv6))
					continue;
				for (trial = 0; trial < TRIALS / 50; trial++)
					check(&kinds[i], ipv6,
					      (enum shape)shape, &prng);
			}
}

/* -- whole packets ----------------------------------------------------------
 */

static void check_complete(const struct kind *kind, bool ipv6, enum shape shape,
			   struct prng *prng)
{
	struct sample sample = make(kind, ipv6, shape, prng), before = sample;
	struct rewrite_addresses to = others(ipv6, prng), back;
	struct rewrite_packet packet;

	ck_assert(rewrite_read(sample.bytes, sample.size, L3, &packet));
	back = rewrite_get(sample.bytes, &packet);
	rewrite(&sample, &to, false);
	ck_assert(header_is_right(&sample));
	ck_assert_msg(!kind->pseudo || transport_is_right(&sample), "%s",
		      kind->name);
	rewrite(&sample, &back, false);
	ck_assert_mem_eq(sample.bytes, before.bytes, sample.size);
}

START_TEST(complete_checksums_stay_right_and_back_is_the_identity)
{
	each_kind(check_complete);
}
END_TEST

/* TTL, DSCP, options, extension headers, payload: with the old addresses and
 * sums put back, it is the packet that it was. */
static void check_rest(const struct kind *kind, bool ipv6, enum shape shape,
		       struct prng *prng)
{
	struct sample sample = make(kind, ipv6, shape, prng), before = sample;
	struct rewrite_addresses to = others(ipv6, prng);

	rewrite(&sample, &to, false);
	memcpy(sample.bytes + L3 + (ipv6 ? 8 : 12),
	       before.bytes + L3 + (ipv6 ? 8 : 12), ipv6 ? 32 : 8);
	if (!ipv6)
		memcpy(sample.bytes + L3 + 10, before.bytes + L3 + 10, 2);
	if (kind->pseudo)
		memcpy(sample.bytes + sample.l4 + kind->field,
		       before.bytes + sample.l4 + kind->field, 2);
	ck_assert_mem_eq(sample.bytes, before.bytes, sample.size);
}

START_TEST(nothing_but_addresses_and_sums_is_changed)
{
	each_kind(check_rest);
}
END_TEST

static void check_partial(const struct kind *kind, bool ipv6, enum shape shape,
			  struct prng *prng)
{
	struct sample sample = make(kind, ipv6, shape, prng);
	struct rewrite_addresses to = others(ipv6, prng);
	uint8_t *field = sample.bytes + sample.l4 + kind->field;
	struct rewrite_packet packet;

	if (!kind->pseudo)
		return;
	vs_store16(field, (uint16_t)pseudo(&sample));
	packet = rewrite(&sample, &to, true);
	ck_assert_uint_eq(packet.checksum, sample.l4 + kind->field);
	ck_assert_uint_eq(vs_load16(field), pseudo(&sample));
	/* finished as the device would do it */
	vs_store16(field, (uint16_t)~add(0, sample.bytes + sample.l4,
					 sample.size - sample.l4));
	ck_assert(transport_is_right(&sample));
}

START_TEST(partial_checksums_are_the_new_pseudo_header)
{
	each_kind(check_partial);
}
END_TEST

static void check_bad(const struct kind *kind, bool ipv6, enum shape shape,
		      struct prng *prng)
{
	struct sample sample = make(kind, ipv6, shape, prng), before;
	struct rewrite_addresses to = others(ipv6, prng), back;
	struct rewrite_packet packet;
	uint32_t at = sample.l4 + prng_below(prng, sample.size - sample.l4);

	if (!kind->pseudo || (at & ~1u) == sample.l4 + kind->field)
		return;
	sample.bytes[at] ^= (uint8_t)(1 + prng_below(prng, 255));
	if (!ipv6)
		sample.bytes[L3 + 8] ^= 1; /* TTL: the header is wrong too */
	before = sample;
	ck_assert(!transport_is_right(&sample));
	ck_assert(rewrite_read(sample.bytes, sample.size, L3, &packet));
	back = rewrite_get(sample.bytes, &packet);
	rewrite(&sample, &to, false);
	ck_assert(!transport_is_right(&sample));
	ck_assert(ipv6 || !header_is_right(&sample));
	rewrite(&sample, &back, false);
	ck_assert_mem_eq(sample.bytes, before.bytes, sample.size);
}

START_TEST(bad_checksum_stays_bad)
{
	each_kind(check_bad);
}
END_TEST

static void check_none(const struct kind *kind, bool ipv6, enum shape shape,
		       struct prng *prng)
{
	struct sample sample = make(kind, ipv6, shape, prng);
	struct rewrite_addresses to = others(ipv6, prng);
	uint8_t *field = sample.bytes + sample.l4 + kind->field;

	if (!kind->may_be_none)
		return;
	vs_store16(field, 0);
	rewrite(&sample, &to, false);
	ck_assert_uint_eq(vs_load16(field), 0);
}

START_TEST(checksum_of_zero_means_none_and_stays)
{
	each_kind(check_none);
}
END_TEST

START_TEST(computed_zero_is_written_as_ones)
{
	struct prng prng = prng_start(prng_seed());
	unsigned int i;

	/* steer the sum to 0 by the target's last two bytes */
	for (i = 0; i < 100; i++) {
		struct sample sample = make(&kinds[1], i & 1, PLAIN, &prng);
		struct rewrite_addresses to = others(i & 1, &prng);
		uint8_t *field = sample.bytes + sample.l4 + 6;
		struct sample trial = sample;
		uint32_t sum;

		to.target.octet[14] = to.target.octet[15] = 0;
		rewrite(&trial, &to, false);
		sum = vs_load16(trial.bytes + trial.l4 + 6);
		vs_store16(to.target.octet + 14, (uint16_t)sum);
		rewrite(&sample, &to, false);
		ck_assert_uint_eq(vs_load16(field), 0xffff);
		ck_assert(transport_is_right(&sample));
	}
}
END_TEST

/* -- fragments --------------------------------------------------------------
 */

/* A piece of the sample's payload as a fragment; IPv6 with its header. */
static struct sample fragment(const struct sample *whole, uint32_t from,
			      uint32_t size)
{
	struct sample piece = *whole;
	uint32_t total = whole->size - whole->l4;
	bool more = from + size < total;

	if (whole->ipv6) {
		uint8_t header[8] = {whole->kind->protocol};

		vs_store16(header + 2, (uint16_t)(from | more));
		piece.bytes[L3 + 6] = 44;
		memcpy(piece.bytes + L3 + 40, header, 8);
		piece.l4 = L3 + 48;
	} else {
		vs_store16(piece.bytes + L3 + 6,
			   (uint16_t)(from / 8 | (more ? 0x2000u : 0)));
	}
	memcpy(piece.bytes + piece.l4, whole->bytes + whole->l4 + from, size);
	piece.size = piece.l4 + size;
	if (whole->ipv6) {
		vs_store16(piece.bytes + L3 + 4, (uint16_t)(8 + size));
		return piece;
	}
	vs_store16(piece.bytes + L3 + 2, (uint16_t)(piece.size - L3));
	vs_store16(piece.bytes + L3 + 10, 0);
	vs_store16(piece.bytes + L3 + 10,
		   (uint16_t)~add(0, piece.bytes + L3,
				  (piece.bytes[L3] & 15u) * 4));
	return piece;
}

static void check_fragments(const struct kind *kind, bool ipv6,
			    enum shape shape, struct prng *prng)
{
	struct sample whole = make(kind, ipv6, shape, prng), joined, piece;
	struct rewrite_addresses to = others(ipv6, prng);
	uint32_t step = 8 * (1 + prng_below(prng, 20)), from, size;
	struct rewrite_packet packet;

	if (ipv6 && shape != PLAIN)
		return;
	joined = whole;
	for (from = 0; from < whole.size - whole.l4; from += step) {
		size = whole.size - whole.l4 - from;
		size = size < step ? size : step;
		piece = fragment(&whole, from, size);
		packet = rewrite(&piece, &to, false);
		ck_assert(header_is_right(&piece));
		ck_assert(!from == !packet.later);
		ck_assert(packet.fragment || size == whole.size - whole.l4);
		memcpy(joined.bytes + joined.l4 + from, piece.bytes + piece.l4,
		       size);
	}
	rewrite(&whole, &to, false);
	memcpy(joined.bytes, whole.bytes, whole.l4);
	ck_assert(!kind->pseudo || transport_is_right(&joined));
	ck_assert_mem_eq(joined.bytes, whole.bytes, whole.size);
}

START_TEST(fragments_join_to_the_rewritten_packet)
{
	each_kind(check_fragments);
}
END_TEST

/* -- quotes -----------------------------------------------------------------
 */

/* An ICMP error of `type` that quotes `quoted` bytes of the sample. */
static struct sample error_of(const struct sample *sample, uint32_t quoted,
			      uint8_t type, struct prng *prng)
{
	static const struct kind icmp = {.protocol = 1, .field = 2};
	static const struct kind icmp6 = {
		.protocol = 58, .field = 2, .pseudo = true};
	struct sample error = {.ipv6 = sample->ipv6,
			       .kind = sample->ipv6 ? &icmp6 : &icmp};
	struct frames frame = frames_ethernet(
		error.bytes, sample->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	uint8_t head[8] = {type, 1};
	uint32_t sum;

	if (sample->ipv6)
		frames_ipv6(&frame, 58);
	else
		frames_ipv4(&frame, 1);
	prng_fill(prng, error.bytes + L3 + (error.ipv6 ? 8 : 12),
		  error.ipv6 ? 32 : 8);
	frames_bytes(&frame, head, sizeof(head));
	frames_bytes(&frame, sample->bytes + L3, quoted);
	frames_finish_ip(&frame);
	error.size = frame.size;
	error.l4 = frame.l4;
	sum = add(error.ipv6 ? pseudo(&error) : 0, error.bytes + error.l4,
		  error.size - error.l4);
	vs_store16(error.bytes + error.l4 + 2, (uint16_t)~sum);
	return error;
}

static bool error_is_right(const struct sample *error)
{
	return add(error->ipv6 ? pseudo(error) : 0, error->bytes + error->l4,
		   error->size - error->l4) == 0xffff;
}

static void check_quote(const struct kind *kind, bool ipv6, enum shape shape,
			struct prng *prng)
{
	struct sample sample = make(kind, ipv6, shape, prng);
	uint32_t fixed = ipv6 ? 40 : (sample.bytes[L3] & 15u) * 4;
	uint32_t quoted =
		fixed + prng_below(prng, sample.size - L3 - fixed + 1);
	/* half a field is left alone */
	bool halved = L3 + quoted == sample.l4 + kind->field + 1;
	struct sample error = error_of(&sample, quoted, ipv6 ? 3 : 11, prng);
	struct sample before = error, expected = sample;
	struct rewrite_addresses to = others(ipv6, prng);
	struct rewrite_packet packet;
	struct rewrite_quote quote;

	ck_assert(error_is_right(&error));
	ck_assert(rewrite_read(error.bytes, error.size, L3, &packet));
	ck_assert(rewrite_quote_read(error.bytes, error.size, &packet, &quote));
	rewrite_quote_apply(error.bytes, &quote, &to, false);
	ck_assert(error_is_right(&error));
	/* the quote is what was sent, with the other addresses */
	rewrite(&expected, &to, false);
	ck_assert_mem_eq(error.bytes + error.l4 + 8, expected.bytes + L3,
			 quoted - halved);
	ck_assert_mem_eq(error.bytes, before.bytes, error.l4 + 2);
}

START_TEST(quote_is_translated_with_all_its_sums_however_it_is_cut)
{
	each_kind(check_quote);
}
END_TEST

START_TEST(quote_in_an_error_whose_checksum_is_to_be_made_leaves_it)
{
	struct prng prng = prng_start(prng_seed());
	struct sample sample = make(&kinds[1], true, PLAIN, &prng);
	struct sample error = error_of(&sample, 100, 1, &prng);
	struct rewrite_addresses to = others(true, &prng);
	struct rewrite_packet packet;
	struct rewrite_quote quote;
	uint8_t *field = error.bytes + error.l4 + 2;

	vs_store16(field, (uint16_t)pseudo(&error));
	ck_assert(rewrite_read(error.bytes, error.size, L3, &packet));
	ck_assert(rewrite_quote_read(error.bytes, error.size, &packet, &quote));
	rewrite_quote_apply(error.bytes, &quote, &to, true);
	ck_assert_uint_eq(vs_load16(field), pseudo(&error));
}
END_TEST

START_TEST(only_unfragmented_errors_with_a_whole_header_are_quotes)
{
	struct prng prng = prng_start(prng_seed());
	static const uint8_t no_errors[] = {0, 5, 8, 13, 200};
	struct rewrite_packet packet;
	struct rewrite_quote quote;
	struct sample sample, error;
	unsigned int i, ipv6;

	for (ipv6 = 0; ipv6 < 2; ipv6++) {
		sample = make(&kinds[0], ipv6, PLAIN, &prng);
		for (i = 0; i < sizeof(no_errors); i++) {
			error = error_of(&sample, 60, no_errors[i], &prng);
			rewrite_read(error.bytes, error.size, L3, &packet);
			ck_assert(!rewrite_quote_read(error.bytes, error.size,
						      &packet, &quote));
		}
		error = error_of(&sample, ipv6 ? 39 : 19, 3, &prng);
		rewrite_read(error.bytes, error.size, L3, &packet);
		ck_assert(!rewrite_quote_read(error.bytes, error.size, &packet,
					      &quote));
		error = error_of(&sample, 0, 3, &prng);
		rewrite_read(error.bytes, error.size, L3, &packet);
		ck_assert(!rewrite_quote_read(error.bytes, error.size, &packet,
					      &quote));
		error = error_of(&sample, 60, 3, &prng);
		error = fragment(&error, 0, 64);
		rewrite_read(error.bytes, error.size, L3, &packet);
		ck_assert(!rewrite_quote_read(error.bytes, error.size, &packet,
					      &quote));
	}
}
END_TEST

START_TEST(what_is_no_whole_ip_header_is_refused)
{
	struct prng prng = prng_start(prng_seed());
	struct rewrite_packet packet;
	struct sample sample;
	unsigned int i, size;

	for (i = 0; i < TRIALS; i++) {
		uint8_t *exact;

		sample = make(&kinds[i % KINDS],
			      kinds[i % KINDS].v6 &&
				      (i & 1 || !kinds[i % KINDS].v4),
			      i % 3 == 2 ? OPTIONS : PLAIN, &prng);
		size = prng_below(&prng, sample.size + 1);
		exact = malloc(size + 1);
		memcpy(exact, sample.bytes, size);
		if (rewrite_read(exact, size, L3, &packet)) {
			ck_assert_uint_le(packet.end, size);
			ck_assert_uint_le(packet.l4, size);
		} else {
			ck_assert_uint_lt(size, sample.l4);
		}
		free(exact);
	}
	sample = make(&kinds[0], false, PLAIN, &prng);
	sample.bytes[L3] = 0x44;
	ck_assert(!rewrite_read(sample.bytes, sample.size, L3, &packet));
	sample.bytes[L3] = 0x55;
	ck_assert(!rewrite_read(sample.bytes, sample.size, L3, &packet));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_rewrite");
	TCase *test = tcase_create("rewrite");

	tcase_set_timeout(test, 120);
	tcase_add_test(test,
		       complete_checksums_stay_right_and_back_is_the_identity);
	tcase_add_test(test, nothing_but_addresses_and_sums_is_changed);
	tcase_add_test(test, partial_checksums_are_the_new_pseudo_header);
	tcase_add_test(test, bad_checksum_stays_bad);
	tcase_add_test(test, checksum_of_zero_means_none_and_stays);
	tcase_add_test(test, computed_zero_is_written_as_ones);
	tcase_add_test(test, fragments_join_to_the_rewritten_packet);
	tcase_add_test(test,
		       quote_is_translated_with_all_its_sums_however_it_is_cut);
	tcase_add_test(
		test, quote_in_an_error_whose_checksum_is_to_be_made_leaves_it);
	tcase_add_test(test,
		       only_unfragmented_errors_with_a_whole_header_are_quotes);
	tcase_add_test(test, what_is_no_whole_ip_header_is_refused);
	suite_add_tcase(suite, test);
	return suite_main(suite);
}
