// SPDX-License-Identifier: Apache-2.0
/*
 * What hooks do with frames: edits that keep the view true, answers of which
 * the first counts, destinations that only go away; and the flow hash.
 */
#include <errno.h>

#include "packet/pool.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

/* A walk that writes down what it is told. */
struct notes {
	struct vs_walk walk;		     /* first */
	uint16_t excluded[VS_PORTS_MAXIMUM]; /* reason by port */
	unsigned int exclusions, learns;
	struct vs_port_id added;
};

static struct vs_pool *pool;
static struct vs_packet *packet;
static struct vs_frame *frame;
static struct notes notes;
static struct vs_port_set set;

static void note_excluded(struct vs_walk *walk, struct vs_packet *of,
			  struct vs_port_id port, uint16_t reason)
{
	struct notes *to = (struct notes *)walk;

	ck_assert_ptr_eq(of, packet);
	to->excluded[port.value] = reason;
	to->exclusions++;
}

static int note_added(struct vs_walk *walk, struct vs_packet *of,
		      struct vs_port_id port)
{
	ck_assert_ptr_eq(of, packet);
	if (!port.value || port.value >= VS_PORTS_MAXIMUM)
		return -EINVAL;
	((struct notes *)walk)->added = port;
	return 0;
}

static void note_learn(struct vs_walk *walk, struct vs_packet *of)
{
	ck_assert_ptr_eq(of, packet);
	((struct notes *)walk)->learns++;
}

static const struct vs_walk_ops note_ops = {
	.excluded = note_excluded,
	.decision_add = note_added,
	.decision_learn = note_learn,
};

static void set_up(void)
{
	static const struct vs_pool_params params = {2, 1};

	pool = vs_pool_create(&params);
	packet = vs_pool_take(pool, false);
	frame = vs_packet_frame(packet);
	memset(&notes, 0, sizeof(notes));
	notes.walk.ops = &note_ops;
	packet->walk = &notes.walk;
	notes.walk.answered = 0;
	packet->slot = 5;
	memset(&set, 0, sizeof(set));
}

static void tear_down(void)
{
	vs_packet_unref(packet);
	vs_pool_destroy(pool);
}

static struct vs_port_id port(unsigned int number)
{
	return (struct vs_port_id){(uint16_t)number};
}

static void fill(uint32_t size)
{
	uint32_t i;

	ck_assert_int_eq(vs_frame_resize(frame, size), 0);
	for (i = 0; i < size; i++)
		vs_frame_edit(frame, i, 1)[0] = (uint8_t)i;
	packet->edited = false;
}

START_TEST(edit_reaches_every_byte_of_the_frame_and_none_behind)
{
	fill(100);
	ck_assert_ptr_eq(vs_frame_edit(frame, 99, 1), packet->view.data + 99);
	ck_assert(packet->edited);
	packet->edited = false;
	ck_assert_ptr_null(vs_frame_edit(frame, 99, 2));
	ck_assert_ptr_null(vs_frame_edit(frame, 101, 0));
	ck_assert_ptr_null(vs_frame_edit(frame, 1, UINT32_MAX));
	ck_assert(!packet->edited);
}
END_TEST

START_TEST(pull_and_push_move_the_front_and_the_offload)
{
	struct vs_offload offload = {.gso = VS_GSO_TCP4,
				     .gso_size = 10,
				     .header_size = 96,
				     .csum_start = 76,
				     .csum_offset = 16};

	fill(200);
	vs_frame_set_offload(frame, &offload);
	ck_assert_int_eq(vs_frame_pull(frame, 42), 0);
	ck_assert_uint_eq(packet->view.size, 158);
	ck_assert_uint_eq(packet->view.data[0], 42);
	ck_assert_uint_eq(packet->view.offload.csum_start, 34);
	ck_assert_uint_eq(packet->view.offload.header_size, 54);
	ck_assert_int_eq(vs_frame_push(frame, 42), 0);
	ck_assert_uint_eq(packet->view.data[0], 0);
	ck_assert_uint_eq(packet->view.offload.csum_start, 76);
	ck_assert_uint_eq(packet->view.offload.header_size, 96);
	ck_assert_int_eq(vs_frame_pull(frame, 80), 0);
	ck_assert_uint_eq(packet->view.offload.csum_start, VS_ABSENT);
	ck_assert_int_eq(vs_frame_pull(frame, 121), -EINVAL);
	ck_assert_int_eq(vs_frame_pull(frame, 120), 0);
	ck_assert_uint_eq(packet->view.offload.gso, VS_GSO_NONE);
	ck_assert_uint_eq(packet->view.size, 0);
}
END_TEST

START_TEST(push_and_resize_stop_at_the_buffers_ends)
{
	fill(14);
	ck_assert_int_eq(vs_frame_push(frame, VS_PACKET_HEADROOM + 1),
			 -ENOBUFS);
	ck_assert_int_eq(vs_frame_push(frame, VS_PACKET_HEADROOM), 0);
	ck_assert_ptr_eq(packet->view.data, packet->buffer);
	ck_assert_int_eq(vs_frame_resize(frame, packet->capacity), 0);
	ck_assert_int_eq(vs_frame_resize(frame, packet->capacity + 1),
			 -ENOBUFS);
	ck_assert_uint_eq(packet->view.size, packet->capacity);
}
END_TEST

START_TEST(first_answer_counts)
{
	vs_drop(frame, VS_REASON(3));
	ck_assert_uint_eq(notes.walk.answered, 1u << 5);
	vs_consume(frame, VS_CONSUMED_ARP_PROXY);
	vs_drop(frame, 9);
	ck_assert_uint_eq(packet->verdict.action, VS_DROP);
	ck_assert_uint_eq(packet->verdict.reason, VS_REASON(3));
}
END_TEST

START_TEST(every_handle_answers_its_packet)
{
	vs_outbound_consume(vs_packet_outbound(packet), VS_CONSUMED_ND_PROXY);
	ck_assert_uint_eq(packet->verdict.action, VS_CONSUME);
	ck_assert_uint_eq(packet->verdict.reason, VS_CONSUMED_ND_PROXY);
	packet->verdict.action = VS_PASS;
	vs_outbound_drop(vs_packet_outbound(packet), 7);
	ck_assert_uint_eq(packet->verdict.action, VS_DROP);
	packet->verdict.action = VS_PASS;
	vs_decision_drop(vs_packet_decision(packet), 8);
	ck_assert_uint_eq(packet->verdict.reason, 8);
	ck_assert_ptr_eq(vs_decision_frame(vs_packet_decision(packet)), frame);
	ck_assert_ptr_eq(vs_outbound_frame(vs_packet_outbound(packet)), frame);
	ck_assert_ptr_eq(vs_delivery_frame(vs_packet_delivery(packet)), frame);
}
END_TEST

START_TEST(single_destination_is_seen_and_taken_away_once)
{
	struct vs_delivery *delivery = vs_packet_delivery(packet);

	packet->destination = port(7);
	ck_assert(vs_delivery_has(delivery, port(7)));
	ck_assert(!vs_delivery_has(delivery, port(8)));
	ck_assert_uint_eq(vs_delivery_next(delivery, port(0)).value, 7);
	ck_assert_uint_eq(vs_delivery_next(delivery, port(7)).value, 0);
	vs_delivery_exclude(delivery, port(8), 1);
	ck_assert_uint_eq(notes.exclusions, 0);
	vs_delivery_exclude(delivery, port(7), 2);
	vs_delivery_exclude(delivery, port(7), 3);
	ck_assert_uint_eq(notes.exclusions, 1);
	ck_assert_uint_eq(notes.excluded[7], 2);
	ck_assert_uint_eq(vs_delivery_next(delivery, port(0)).value, 0);
}
END_TEST

START_TEST(destinations_are_walked_in_order)
{
	static const unsigned int ports[] = {1, 63, 64, 500, 1023};
	struct vs_delivery *delivery = vs_packet_delivery(packet);
	struct vs_port_id at = {0};
	size_t i;

	for (i = 0; i < 5; i++)
		set.word[ports[i] / 64] |= UINT64_C(1) << ports[i] % 64;
	packet->destinations = &set;
	for (i = 0; i < 5; i++) {
		at = vs_delivery_next(delivery, at);
		ck_assert_uint_eq(at.value, ports[i]);
		ck_assert(vs_delivery_has(delivery, at));
	}
	ck_assert_uint_eq(vs_delivery_next(delivery, at).value, 0);
	ck_assert(!vs_delivery_has(delivery, port(2)));
	ck_assert(!vs_delivery_has(delivery, port(VS_PORTS_MAXIMUM)));
	ck_assert(!vs_delivery_has(delivery, port(0)));
	vs_delivery_exclude(delivery, port(64), 4);
	ck_assert_uint_eq(vs_delivery_next(delivery, port(63)).value, 500);
	vs_delivery_drop(delivery, 6);
	ck_assert_uint_eq(vs_delivery_next(delivery, port(0)).value, 0);
	ck_assert_uint_eq(notes.exclusions, 5);
	ck_assert_uint_eq(notes.excluded[64], 4);
	ck_assert_uint_eq(notes.excluded[1023], 6);
}
END_TEST

START_TEST(decisions_go_to_the_walk)
{
	struct vs_decision *decision = vs_packet_decision(packet);

	ck_assert_int_eq(vs_decision_add(decision, port(0)), -EINVAL);
	ck_assert_int_eq(vs_decision_add(decision, port(VS_PORTS_MAXIMUM)),
			 -EINVAL);
	ck_assert_int_eq(vs_decision_add(decision, port(9)), 0);
	ck_assert_uint_eq(notes.added.value, 9);
	vs_decision_learn(decision);
	ck_assert_uint_eq(notes.learns, 1);
}
END_TEST

/* A UDP frame; byte `at` is flipped, UINT32_MAX = none. */
static uint32_t hash_of(bool ipv6, uint32_t at, uint16_t fragment)
{
	uint8_t bytes[200];
	struct frames made =
		frames_ethernet(bytes, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	static const uint8_t header[8] = {17, 0, 0, 1, 0, 0, 0, 9};

	if (ipv6)
		frames_ipv6(&made, fragment ? 44 : VS_IP_UDP);
	else
		frames_ipv4(&made, VS_IP_UDP);
	if (ipv6 && fragment)
		frames_bytes(&made, header, sizeof(header));
	made.l4 = made.size;
	frames_udp(&made);
	frames_bytes(&made, "payload", 8);
	if (!ipv6)
		vs_store16(bytes + 20, fragment);
	frames_finish(&made, VS_IP_UDP);
	if (at != UINT32_MAX)
		bytes[at] ^= 1;
	ck_assert_int_eq(vs_frame_resize(frame, made.size), 0);
	memcpy(vs_frame_edit(frame, 0, made.size), bytes, made.size);
	vs_packet_parse(packet);
	return vs_frame_flow_hash(frame, 1);
}

START_TEST(flow_hash_is_of_addresses_protocol_and_ports)
{
	/* Source and target address, source and target port. */
	static const uint8_t counts4[] = {29, 33, 35, 37};
	static const uint8_t counts6[] = {37, 53, 55, 57};
	/* MAC, TTL, payload. */
	static const uint8_t same[] = {0, 22, 45};
	size_t i;

	for (i = 0; i < 4; i++) {
		ck_assert_uint_ne(hash_of(false, counts4[i], 0),
				  hash_of(false, UINT32_MAX, 0));
		ck_assert_uint_ne(hash_of(true, counts6[i], 0),
				  hash_of(true, UINT32_MAX, 0));
	}
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(hash_of(false, same[i], 0),
				  hash_of(false, UINT32_MAX, 0));
	hash_of(false, UINT32_MAX, 0);
	ck_assert_uint_ne(vs_frame_flow_hash(frame, 1),
			  vs_frame_flow_hash(frame, 2));
}
END_TEST

START_TEST(flow_hash_of_fragments_is_of_the_id_not_the_ports)
{
	/* First and later fragment of one datagram: one flow. */
	ck_assert_uint_eq(hash_of(false, UINT32_MAX, 0x2000),
			  hash_of(false, 35, 0x0004));
	ck_assert_uint_ne(hash_of(false, 19, 0x2000),
			  hash_of(false, UINT32_MAX, 0x2000));
	ck_assert_uint_eq(hash_of(true, UINT32_MAX, 1), hash_of(true, 63, 1));
	ck_assert_uint_ne(hash_of(true, 61, 1), hash_of(true, UINT32_MAX, 1));
}
END_TEST

START_TEST(flow_hash_without_ip_is_of_macs_and_type)
{
	uint32_t before;

	fill(60);
	vs_store16(vs_frame_edit(frame, 12, 2), 0x88b5);
	vs_packet_parse(packet);
	before = vs_frame_flow_hash(frame, 1);
	vs_frame_edit(frame, 40, 1)[0] ^= 1;
	ck_assert_uint_eq(vs_frame_flow_hash(frame, 1), before);
	vs_frame_edit(frame, 3, 1)[0] ^= 1;
	ck_assert_uint_ne(vs_frame_flow_hash(frame, 1), before);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("frame");
	TCase *tcase = tcase_create("frame");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase,
		       edit_reaches_every_byte_of_the_frame_and_none_behind);
	tcase_add_test(tcase, pull_and_push_move_the_front_and_the_offload);
	tcase_add_test(tcase, push_and_resize_stop_at_the_buffers_ends);
	tcase_add_test(tcase, first_answer_counts);
	tcase_add_test(tcase, every_handle_answers_its_packet);
	tcase_add_test(tcase, single_destination_is_seen_and_taken_away_once);
	tcase_add_test(tcase, destinations_are_walked_in_order);
	tcase_add_test(tcase, decisions_go_to_the_walk);
	tcase_add_test(tcase, flow_hash_is_of_addresses_protocol_and_ports);
	tcase_add_test(tcase,
		       flow_hash_of_fragments_is_of_the_id_not_the_ports);
	tcase_add_test(tcase, flow_hash_without_ip_is_of_macs_and_type);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
