/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Neighbour discovery of the provider side on a virtual clock: what is
 * written, what is believed, duplicate detection (provider_message.h,
 * provider_hear.c; RFC 4861, RFC 4862).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

#define SOLICITED 0x40u
#define OVERRIDE  0x20u
#define SOURCE	  1u
#define TARGET	  2u
#define IP	  14u
#define ICMP	  (IP + VS_IPV6_SIZE)

static const struct lab_options shared_a = {.host = 1, .ipv6 = true};
static const struct lab_options owned_a = {
	.host = 1, .owned = true, .ipv6 = true};

static struct vs_packet *data(struct lab *lab, uint8_t to, uint32_t payload)
{
	static uint8_t buffer[4096];
	struct frames frame = lab_frame4(buffer, 5, to, VS_IP_UDP);

	frames_udp(&frame);
	frame.size += payload;
	frames_finish(&frame, VS_IP_UDP);
	return lab_packet(lab, buffer, frame.size, LAB_BLUE);
}

/* 2001:db8::192.0.2.N, or :: for 0 */
static void put_host(uint8_t *at, uint8_t host)
{
	static const uint8_t prefix[16] = {
		0x20, 1, 0x0d, 0xb8, [12] = 192, 0, 2};

	memset(at, 0, 16);
	if (host)
		memcpy(at, prefix, 15);
	at[15] = host;
}

static void put_group(uint8_t *at, uint8_t host)
{
	static const uint8_t group[16] = {0xff, 2, [11] = 1, 0xff, 0, 2};

	memcpy(at, group, 15);
	at[15] = host;
}

/* A message of host `from`, whose MAC ends in `mac`. */
struct nd {
	uint8_t type;
	uint8_t from, mac; /* from 0: :: */
	uint8_t to;	   /* 0: all nodes; 255: the target's group */
	uint8_t target;
	uint8_t flags;
	uint8_t option; /* a link-layer address; 0: none */
};

static void seal(uint8_t *bytes, uint32_t size)
{
	uint32_t icmp = size - ICMP;

	vs_store16(bytes + ICMP + 2, 0);
	vs_store16(
		bytes + ICMP + 2,
		vs_checksum(vs_sum(vs_sum_pseudo(bytes + IP, VS_IP_ICMP6, icmp),
				   bytes + ICMP, icmp)));
}

static uint32_t write_nd(uint8_t *bytes, const struct nd *nd)
{
	struct vs_mac mac = lab_host_mac(nd->mac);
	uint16_t size = nd->option ? 32 : 24;

	memset(bytes, 0, 128);
	memset(bytes, 0x33, 6);
	memcpy(bytes + 6, mac.octet, 6);
	vs_store16(bytes + 12, VS_TYPE_IPV6);
	bytes[IP] = 0x60;
	vs_store16(bytes + IP + 4, size);
	bytes[IP + 6] = VS_IP_ICMP6;
	bytes[IP + 7] = 255;
	put_host(bytes + IP + 8, nd->from);
	if (nd->to == 255)
		put_group(bytes + IP + 24, nd->target);
	else if (nd->to)
		put_host(bytes + IP + 24, nd->to);
	else
		memcpy(bytes + IP + 24, "\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
		       16);
	bytes[ICMP] = nd->type;
	bytes[ICMP + 4] = nd->flags;
	put_host(bytes + ICMP + 8, nd->target);
	if (nd->option) {
		bytes[ICMP + 24] = nd->option;
		bytes[ICMP + 25] = 1;
		memcpy(bytes + ICMP + 26, mac.octet, 6);
	}
	seal(bytes, ICMP + size);
	return ICMP + size;
}

static const char *hear(struct lab *lab, const struct nd *nd)
{
	uint8_t bytes[128];

	return lab_in(lab, lab_packet(lab, bytes, write_nd(bytes, nd), 0));
}

/* A solicitation of host `from` for `target`, and the answer of one. */
static const char *asks(struct lab *lab, uint8_t from, uint8_t mac,
			uint8_t target)
{
	return hear(lab, &(struct nd){
				 .type = VS_ND_SOLICIT,
				 .from = from,
				 .mac = mac,
				 .to = 255,
				 .target = target,
				 .option = from ? SOURCE : 0,
			 });
}

static const char *tells(struct lab *lab, uint8_t target, uint8_t mac,
			 uint8_t to, uint8_t flags)
{
	return hear(lab, &(struct nd){
				 .type = VS_ND_ADVERT,
				 .from = target,
				 .mac = mac,
				 .to = to,
				 .target = target,
				 .flags = flags,
				 .option = TARGET,
			 });
}

static unsigned int said_count(const struct lab *lab)
{
	return lab->fake->seen.emitted_count;
}

/* What was said last: addresses and numbers checked as RFC 4861 wants. */
static const uint8_t *said(const struct lab *lab, uint8_t type)
{
	const struct vs_view *view;
	const uint8_t *p;
	uint32_t size;

	ck_assert_uint_gt(said_count(lab), 0);
	view = &lab->fake->seen.emitted[said_count(lab) - 1].packet->view;
	p = view->data;
	ck_assert_uint_eq(vs_load16(p + 12), VS_TYPE_IPV6);
	ck_assert_uint_eq(p[IP + 6], VS_IP_ICMP6);
	ck_assert_uint_eq(p[IP + 7], 255);
	size = vs_load16(p + IP + 4);
	ck_assert_uint_eq(view->size, ICMP + size);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(vs_sum_pseudo(p + IP, VS_IP_ICMP6, size),
				   p + ICMP, size)),
		0xffff);
	ck_assert_uint_eq(p[ICMP], type);
	ck_assert_uint_eq(p[ICMP + 1], 0);
	return p;
}

static bool is_host(const uint8_t *at, uint8_t host)
{
	uint8_t wanted[16];

	put_host(wanted, host);
	return memcmp(at, wanted, 16) == 0;
}

static bool is_group(const uint8_t *at, uint8_t host)
{
	uint8_t wanted[16];

	put_group(wanted, host);
	return memcmp(at, wanted, 16) == 0;
}

static const char *pa_state(const struct lab *lab)
{
	return provider_pa_state_names[provider_pa_state(
		wnv_provider_at(lab->state, 0))];
}

static void ticks(struct lab *lab, unsigned int seconds)
{
	while (seconds--)
		lab_tick(lab, 1000);
}

/* -- next hops --------------------------------------------------------------
 */

START_TEST(next_hop_is_solicited_by_its_group_and_the_frame_leaves)
{
	struct lab lab = lab_open(&shared_a);
	struct vs_mac own = lab_host_mac(1), other = lab_host_mac(2);
	const uint8_t *p;

	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 10)), "held");
	ck_assert_uint_eq(said_count(&lab), 1);
	p = said(&lab, VS_ND_SOLICIT);
	ck_assert_mem_eq(p, "\x33\x33\xff\0\2\2", 6);
	ck_assert_mem_eq(p + 6, own.octet, 6);
	ck_assert(is_host(p + IP + 8, 1) && is_group(p + IP + 24, 2));
	ck_assert(is_host(p + ICMP + 8, 2));
	ck_assert_uint_eq(p[ICMP + 24], SOURCE);
	ck_assert_mem_eq(p + ICMP + 26, own.octet, 6);
	ck_assert_str_eq(tells(&lab, 2, 2, 1, SOLICITED | OVERRIDE),
			 "neighbour");
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_mem_eq(lab.fake->seen.sent[0].lead, other.octet, 6);
	ck_assert_uint_eq(vs_load16(lab.fake->seen.sent[0].lead + 12),
			  VS_TYPE_IPV6);
	ck_assert_uint_eq(lab.fake->seen.kick_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(silence_is_asked_again_then_dropped_then_suppressed)
{
	struct lab lab = lab_open(&shared_a);

	lab_out(&lab, data(&lab, 7, 1));
	lab_tick(&lab, 310);
	ck_assert_uint_eq(said_count(&lab), 2);
	lab_tick(&lab, 310);
	lab_tick(&lab, 310);
	ck_assert_uint_eq(said_count(&lab), 4);
	lab_tick(&lab, 100);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_uint_eq(lab.fake->seen.released[0].reason,
			  VS_REASON(WNV_PA_UNRESOLVED));
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "pa_unresolved");
	lab_tick(&lab, 1000);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	tells(&lab, 2, 2, 1, SOLICITED);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(old_neighbour_is_solicited_by_unicast_then_by_its_group)
{
	struct lab lab = lab_open(&shared_a);
	struct vs_mac mac = lab_host_mac(2);
	unsigned int i;

	lab_out(&lab, data(&lab, 7, 1));
	tells(&lab, 2, 2, 1, SOLICITED);
	lab_clear(&lab);
	lab_tick(&lab, 30001);
	ck_assert_uint_eq(said_count(&lab), 0); /* nobody uses it */
	for (i = 0; i < 5; i++) {
		const uint8_t *p;

		ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "sent");
		ck_assert_uint_eq(said_count(&lab), i + 1);
		p = said(&lab, VS_ND_SOLICIT);
		if (i < 3)
			ck_assert(!memcmp(p, mac.octet, 6) &&
				  is_host(p + IP + 24, 2));
		else
			ck_assert(is_group(p + IP + 24, 2));
		lab_tick(&lab, 1001);
	}
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	tells(&lab, 2, 2, 1, SOLICITED);
	lab_close(&lab);
}
END_TEST

/* RFC 4861 7.2.5: the state after each kind of advertisement. Before it: GOOD
 * with MAC 2. Afterwards: is the next frame's MAC 77, and is it checked? */
static const struct {
	uint8_t flags;
	uint8_t mac;
	uint8_t option;
	uint8_t mac_after;
	bool checked;
} adverts[] = {
	{SOLICITED | OVERRIDE, 77, TARGET, 77, false},
	{OVERRIDE, 77, TARGET, 77, true},
	{SOLICITED, 77, TARGET, 2, true},
	{0, 77, TARGET, 2, true},
	{0, 2, TARGET, 2, false},
	{OVERRIDE, 2, TARGET, 2, false},
	{SOLICITED, 2, 0, 2, false},
};

START_TEST(advertisement_changes_a_known_neighbour_as_its_flags_say)
{
	struct lab lab = lab_open(&shared_a);

	lab_out(&lab, data(&lab, 7, 1));
	tells(&lab, 2, 2, 1, SOLICITED);
	hear(&lab, &(struct nd){.type = VS_ND_ADVERT,
				.from = 2,
				.mac = adverts[_i].mac,
				.to = adverts[_i].flags & SOLICITED ? 1 : 0,
				.target = 2,
				.flags = adverts[_i].flags,
				.option = adverts[_i].option});
	lab_tick(&lab, 101); /* the path's cache */
	lab_clear(&lab);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead[5],
			  adverts[_i].mac_after);
	ck_assert_uint_eq(said_count(&lab), adverts[_i].checked);
	if (adverts[_i].checked)
		ck_assert_uint_eq(said(&lab, VS_ND_SOLICIT)[5],
				  adverts[_i].mac_after);
	lab_close(&lab);
}
END_TEST

START_TEST(first_answer_needs_a_mac_and_counts_as_checked_only_if_solicited)
{
	struct lab lab = lab_open(&shared_a);

	lab_out(&lab, data(&lab, 7, 1));
	hear(&lab, &(struct nd){.type = VS_ND_ADVERT,
				.from = 2,
				.mac = 2,
				.to = 1,
				.target = 2,
				.flags = SOLICITED});
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	lab_clear(&lab);
	tells(&lab, 2, 2, 0, OVERRIDE); /* unsolicited */
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(said_count(&lab), 1); /* used, and made sure of */
	ck_assert(is_host(said(&lab, VS_ND_SOLICIT) + IP + 24, 2));
	lab_close(&lab);
}
END_TEST

START_TEST(solicitation_of_a_next_hop_tells_its_mac)
{
	struct lab lab = lab_open(&owned_a);

	ticks(&lab, 8);
	lab_out(&lab, data(&lab, 7, 1));
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	asks(&lab, 2, 2, 1);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(only_what_was_asked_for_is_learned)
{
	struct lab lab = lab_open(&shared_a);

	tells(&lab, 2, 2, 0, OVERRIDE);
	tells(&lab, 2, 2, 1, SOLICITED | OVERRIDE);
	asks(&lab, 2, 2, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "held");
	tells(&lab, 2, 2, 1, SOLICITED);
	lab_close(&lab);
}
END_TEST

/* -- owned addresses --------------------------------------------------------
 */

START_TEST(owned_pa_is_probed_then_announced)
{
	struct lab lab = lab_open(&owned_a);
	struct vs_mac own = lab_host_mac(1);
	const uint8_t *p;
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		lab_tick(&lab, i == 1 ? 1 : 1000);
		ck_assert_str_eq(pa_state(&lab), "tentative");
		ck_assert_uint_eq(said_count(&lab), i);
		p = said(&lab, VS_ND_SOLICIT);
		ck_assert(is_host(p + IP + 8, 0) && is_group(p + IP + 24, 1));
		ck_assert_mem_eq(p, "\x33\x33\xff\0\2\1", 6);
		ck_assert_uint_eq(vs_load16(p + IP + 4), 24); /* no option */
		ck_assert(is_host(p + ICMP + 8, 1));
	}
	lab_tick(&lab, 2000);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	for (i = 4; i <= 5; i++) {
		ck_assert_uint_eq(said_count(&lab), i);
		p = said(&lab, VS_ND_ADVERT);
		ck_assert_mem_eq(p, "\x33\x33\0\0\0\1", 6);
		ck_assert(is_host(p + IP + 8, 1) && is_host(p + ICMP + 8, 1));
		ck_assert_uint_eq(p[ICMP + 4], OVERRIDE);
		ck_assert_uint_eq(p[ICMP + 24], TARGET);
		ck_assert_mem_eq(p + ICMP + 26, own.octet, 6);
		lab_tick(&lab, 2000);
	}
	lab_tick(&lab, 60000);
	ck_assert_uint_eq(said_count(&lab), 5);
	ck_assert_str_eq(lab.fake->seen.events[0].text,
			 "2001:db8::c000:201: preferred");
	lab_close(&lab);
}
END_TEST

START_TEST(solicitation_is_answered_by_unicast_a_probe_to_all_nodes)
{
	struct lab lab = lab_open(&owned_a);
	struct vs_mac own = lab_host_mac(1), other = lab_host_mac(2);
	const uint8_t *p;

	ticks(&lab, 8);
	lab_clear(&lab);
	ck_assert_str_eq(asks(&lab, 2, 2, 1), "neighbour");
	p = said(&lab, VS_ND_ADVERT);
	ck_assert_mem_eq(p, other.octet, 6);
	ck_assert(is_host(p + IP + 8, 1) && is_host(p + IP + 24, 2));
	ck_assert_uint_eq(p[ICMP + 4], SOLICITED | OVERRIDE);
	ck_assert_mem_eq(p + ICMP + 26, own.octet, 6);
	/* by unicast, without an option: to who sent it */
	hear(&lab, &(struct nd){.type = VS_ND_SOLICIT,
				.from = 2,
				.mac = 2,
				.to = 1,
				.target = 1});
	ck_assert_uint_eq(said_count(&lab), 2);
	ck_assert_mem_eq(said(&lab, VS_ND_ADVERT), other.octet, 6);
	ck_assert_str_eq(asks(&lab, 0, 44, 1), "neighbour");
	p = said(&lab, VS_ND_ADVERT);
	ck_assert_uint_eq(said_count(&lab), 3);
	ck_assert_mem_eq(p, "\x33\x33\0\0\0\1", 6);
	ck_assert_uint_eq(p[ICMP + 4], OVERRIDE);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	/* for others it is none of our business */
	ck_assert_str_eq(asks(&lab, 2, 2, 3), "pass");
	ck_assert_uint_eq(said_count(&lab), 3);
	lab_close(&lab);
}
END_TEST

START_TEST(conflict_while_tentative_takes_the_pa_out_of_use)
{
	struct lab lab = lab_open(&owned_a);

	lab_tick(&lab, 1);
	asks(&lab, 0, 1, 1); /* our own probe, heard back */
	ck_assert_str_eq(pa_state(&lab), "tentative");
	if (_i)
		asks(&lab, 0, 44, 1); /* a probe of another for it */
	else
		tells(&lab, 1, 44, 0, OVERRIDE); /* its owner answers */
	ck_assert_str_eq(pa_state(&lab), "duplicate");
	ck_assert_str_eq(
		lab.fake->seen.events[0].text,
		"2001:db8::c000:201 is also claimed by 02:aa:00:00:00:2c");
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7, 1)), "pa_duplicate");
	lab_clear(&lab);
	asks(&lab, 2, 2, 1);
	ck_assert_uint_eq(said_count(&lab), 0);
	lab_tick(&lab, 60000);
	ck_assert_str_eq(pa_state(&lab), "tentative");
	lab_close(&lab);
}
END_TEST

START_TEST(preferred_pa_is_defended_not_given_up)
{
	struct lab lab = lab_open(&owned_a);

	ticks(&lab, 8);
	lab_clear(&lab);
	tells(&lab, 1, 44, 0, OVERRIDE);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	ck_assert_uint_eq(said_count(&lab), 1);
	ck_assert_uint_eq(said(&lab, VS_ND_ADVERT)[ICMP + 4], OVERRIDE);
	ck_assert_uint_eq(lab.fake->seen.event_count, 1);
	tells(&lab, 1, 44, 0, OVERRIDE);
	ck_assert_uint_eq(said_count(&lab), 1); /* once in ten seconds */
	lab_tick(&lab, 10001);
	tells(&lab, 1, 44, 0, OVERRIDE);
	ck_assert_uint_eq(said_count(&lab), 2);
	lab_close(&lab);
}
END_TEST

START_TEST(shared_pa_leaves_answering_to_the_kernel)
{
	struct lab lab = lab_open(&shared_a);

	lab_tick(&lab, 1);
	ck_assert_str_eq(asks(&lab, 2, 2, 1), "pass");
	ck_assert_str_eq(asks(&lab, 0, 2, 1), "pass");
	ck_assert_uint_eq(said_count(&lab), 0);
	lab_close(&lab);
}
END_TEST

/* -- the hostile ------------------------------------------------------------
 */

/* RFC 4861 7.1.1 and 7.1.2: one fault each. */
static const struct {
	struct nd nd;
	uint8_t at, value; /* this byte changes; at 0: none */
	bool sealed;	   /* and the checksum is right */
} faults[] = {
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, IP + 7, 254, true},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, ICMP + 30, 9, false},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, ICMP + 1, 1, true},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, ICMP + 25, 0, true},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, ICMP + 25, 2, true},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, ICMP + 26, 0xff, true},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, IP + 8, 0xff, true},
	{{VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE}, IP + 5, 33, true},
	{{VS_ND_SOLICIT, 0, 2, 1, 1, 0, 0}, 0, 0, true},
	{{VS_ND_SOLICIT, 0, 2, 255, 1, 0, SOURCE}, 0, 0, true},
	{{VS_ND_ADVERT, 2, 2, 1, 2, SOLICITED, TARGET}, IP + 7, 64, true},
	{{VS_ND_ADVERT, 2, 2, 1, 2, SOLICITED, TARGET}, ICMP + 4, 0, false},
};

START_TEST(broken_message_is_dropped_by_name_and_believed_in_nothing)
{
	struct lab lab = lab_open(&owned_a);
	uint8_t bytes[128];
	uint32_t size;

	ticks(&lab, 8);
	lab_out(&lab, data(&lab, 7, 1));
	lab_clear(&lab);
	size = write_nd(bytes, &faults[_i].nd);
	if (faults[_i].at)
		bytes[faults[_i].at] = faults[_i].value;
	if (faults[_i].sealed)
		seal(bytes, size);
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, bytes, size, 0)),
			 "pa_nd_bad");
	ck_assert_uint_eq(said_count(&lab), 0);
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	tells(&lab, 2, 2, 1, SOLICITED);
	lab_close(&lab);
}
END_TEST

START_TEST(solicited_advertisement_to_a_group_is_not_believed)
{
	struct lab lab = lab_open(&owned_a);

	ticks(&lab, 8);
	lab_out(&lab, data(&lab, 7, 1));
	ck_assert_str_eq(tells(&lab, 2, 2, 0, SOLICITED), "pass");
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	tells(&lab, 2, 2, 1, SOLICITED);
	lab_close(&lab);
}
END_TEST

START_TEST(every_cut_of_a_message_is_survived)
{
	struct lab lab = lab_open(&owned_a);
	uint8_t bytes[128];
	uint32_t size, cut;

	ticks(&lab, 8);
	lab_clear(&lab);
	size = write_nd(bytes,
			&(struct nd){VS_ND_SOLICIT, 2, 2, 255, 1, 0, SOURCE});
	for (cut = 14; cut < size; cut++) {
		lab_in(&lab, lab_packet(&lab, bytes, cut, 0));
		ck_assert_uint_eq(said_count(&lab), 0);
	}
	lab_close(&lab);
}
END_TEST

START_TEST(router_advertisement_changes_nothing)
{
	struct lab lab = lab_open(&owned_a);
	uint8_t bytes[128];
	uint32_t size;

	ticks(&lab, 8);
	lab_out(&lab, data(&lab, 7, 1));
	lab_clear(&lab);
	size = write_nd(bytes, &(struct nd){.type = VS_ND_ROUTER_ADVERT,
					    .from = 2,
					    .mac = 2,
					    .target = 2,
					    .option = SOURCE});
	ck_assert_str_eq(lab_in(&lab, lab_packet(&lab, bytes, size, 0)),
			 "pass");
	ck_assert_uint_eq(said_count(&lab), 0);
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	tells(&lab, 2, 2, 1, SOLICITED);
	lab_close(&lab);
}
END_TEST

START_TEST(flood_of_solicitations_is_answered_up_to_a_limit)
{
	struct lab lab = lab_open(&owned_a);
	unsigned int i;

	ticks(&lab, 8);
	lab_clear(&lab);
	for (i = 0; i < 200; i++) {
		ck_assert_str_eq(asks(&lab, 2, 2, 1), "neighbour");
		if (said_count(&lab) == 100)
			lab_clear(&lab);
	}
	for (i = 0; i < 5; i++)
		asks(&lab, 2, 2, 1);
	lab_clear(&lab);
	ck_assert_str_eq(asks(&lab, 2, 2, 1), "punt_rate");
	ck_assert_uint_eq(said_count(&lab), 0);
	/* what we asked for is still heard */
	lab_out(&lab, data(&lab, 7, 1));
	ck_assert_str_eq(tells(&lab, 2, 2, 1, SOLICITED), "neighbour");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_nd");
	TCase *tests = tcase_create("nd");

	tcase_add_test(tests,
		       next_hop_is_solicited_by_its_group_and_the_frame_leaves);
	tcase_add_test(tests,
		       silence_is_asked_again_then_dropped_then_suppressed);
	tcase_add_test(tests,
		       old_neighbour_is_solicited_by_unicast_then_by_its_group);
	tcase_add_loop_test(
		tests, advertisement_changes_a_known_neighbour_as_its_flags_say,
		0, sizeof(adverts) / sizeof(adverts[0]));
	tcase_add_test(
		tests,
		first_answer_needs_a_mac_and_counts_as_checked_only_if_solicited);
	tcase_add_test(tests, solicitation_of_a_next_hop_tells_its_mac);
	tcase_add_test(tests, only_what_was_asked_for_is_learned);
	tcase_add_test(tests, owned_pa_is_probed_then_announced);
	tcase_add_test(
		tests,
		solicitation_is_answered_by_unicast_a_probe_to_all_nodes);
	tcase_add_loop_test(
		tests, conflict_while_tentative_takes_the_pa_out_of_use, 0, 2);
	tcase_add_test(tests, preferred_pa_is_defended_not_given_up);
	tcase_add_test(tests, shared_pa_leaves_answering_to_the_kernel);
	tcase_add_loop_test(
		tests,
		broken_message_is_dropped_by_name_and_believed_in_nothing, 0,
		sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tests,
		       solicited_advertisement_to_a_group_is_not_believed);
	tcase_add_test(tests, every_cut_of_a_message_is_survived);
	tcase_add_test(tests, router_advertisement_changes_nothing);
	tcase_add_test(tests, flood_of_solicitations_is_answered_up_to_a_limit);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
