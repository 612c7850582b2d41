/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_rig.h: a thread's table of the fast path over real maps, links, frames
 * and answers, for one test program each. No program runs in the kernel: what
 * it would count is written by hand.
 */
#ifndef TESTS_SUPPORT_FAST_RIG_H
#define TESTS_SUPPORT_FAST_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "io/fast.h"
#include "packet/pool.h"
#include "tests/support/frames.h"
#include "tests/support/shell.h"
#include "tests/support/suite.h"

#define SECOND	UINT64_C(1000000000)
#define MS	UINT64_C(1000000)
#define FIRST	8  /* bursts before a flow is worth it */
#define THREADS 15 /* so that a table is soon full */
#define ROOM	((FAST_FLOWS - FAST_FIRST) / THREADS) /* then */
#define VM	2u
#define OTHER	3u
#define VSID	5001u
#define BOOKED	8

/* What the switch did with a frame. */
struct answer {
	struct vs_link *link;
	uint16_t steady, port;
	uint8_t mac; /* of its new destination, the last octet; 0: the same */
	bool marks;  /* another byte changes too */
	uint8_t copies;
	uint8_t encapsulation;
	uint16_t cut; /* bytes missing at the end */
};

static struct fast *fast;
static struct fast_table *table;
static int keys; /* of the map */
static struct fast_flow *flows;
static struct vs_link in, out, third;
static struct vs_pool *pool;
static struct vs_outbox outbox;
static struct fast_watch watch;
static struct fast_owner owner;
static struct answer usual;
static uint64_t now;
static uint16_t vm;   /* the port that frames come from */
static uint32_t vsid; /* theirs */
static bool behind;   /* more of them may wait */
static bool arrives;  /* they come from the wire */
static bool refused;  /* the last turn found no place */

static struct fast_went booked[BOOKED];
static int booked_count;

static inline void open_over(int fds[2])
{
	keys = dup(fds[0]);
	flows = mmap(NULL, FAST_FLOWS * sizeof(*flows), PROT_READ | PROT_WRITE,
		     MAP_SHARED, fds[1], 0);
	ck_assert(flows != MAP_FAILED);
	ck_assert_int_eq(fast_create(&fast, fds), 0);
	table = fast_table_create(fast, 0, THREADS);
	ck_assert_ptr_nonnull(table);
}

static inline void open_links(void)
{
	static const struct link_ops ops = {.name = "none"};

	link_init(&in, &ops, -1, 1500);
	link_init(&out, &ops, -1, 1500);
	link_init(&third, &ops, -1, 1500);
	in.fast = 11;
	out.fast = 12;
	third.fast = 13;
}

static inline void prepare(void)
{
	const struct vs_pool_params few = {.small_count = 4, .big_count = 2};

	open_links();
	pool = vs_pool_create(&few);
	ck_assert_ptr_nonnull(pool);
	owner = (struct fast_owner){(const struct vs_switch *)&owner, 1};
	usual = (struct answer){
		.link = &out, .steady = 1500, .port = OTHER, .copies = 1};
	now = 1000 * SECOND;
	vm = VM;
	vsid = VSID;
	behind = arrives = false;
	booked_count = 0;
}

static inline void begin(void)
{
	struct priv_request request = {.op = PRIV_OPEN_FAST};
	struct shell_answer answer;
	struct shell shell;

	shell_open(&shell);
	answer = shell_ask(&shell, &request);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	prepare();
	open_over(answer.fds);
	shell_close(&shell);
}

static inline void end(void)
{
	fast_table_destroy(table);
	fast_destroy(fast);
	munmap(flows, FAST_FLOWS * sizeof(*flows));
	close(keys);
	vs_pool_destroy(pool);
}

/* -- frames -----------------------------------------------------------------
 */

/* TCP, of flow `number`. */
static inline struct vs_packet *frame_of(uint16_t number)
{
	struct vs_packet *packet = vs_pool_take(pool, false);
	uint8_t *bytes = packet->buffer + VS_PACKET_HEADROOM;
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);

	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, 1, 0x10);
	vs_store16(bytes + frame.l4, number);
	frames_bytes(&frame, "0123456789", 10);
	frames_finish(&frame, VS_IP_TCP);
	packet->view.size = frame.size;
	packet->view.port.value = vm;
	packet->view.vsid.value = vsid;
	packet->view.flags = arrives ? VS_FRAME_FROM_WIRE : 0;
	return packet;
}

static inline struct fast_key key_of(uint16_t number)
{
	struct vs_packet *packet = frame_of(number);
	struct fast_head head = {.size = packet->view.size};
	struct fast_key key;
	struct fast_seen seen;

	memcpy(head.bytes, packet->view.data, head.size);
	ck_assert(fast_frame_read(&head, in.fast, &key, &seen));
	vs_packet_unref(packet);
	return key;
}

/* Where the kernel finds the flow; NULL: nowhere. */
static inline struct fast_flow *find(uint16_t number)
{
	struct fast_key key = key_of(number);
	uint32_t at;

	if (bpf_map_lookup_elem(keys, &key, &at))
		return NULL;
	ck_assert_uint_ge(at, FAST_FIRST);
	ck_assert_uint_lt(at, FAST_FLOWS);
	ck_assert_mem_eq(&flows[at].key, &key, sizeof(key));
	return &flows[at];
}

static inline void put_entry(struct vs_packet *packet,
			     const struct answer *answer)
{
	struct vs_outbox_entry *entry = &outbox.entry[outbox.count++];
	struct vs_recipe *recipe = &entry->recipe;

	*entry = (struct vs_outbox_entry){.packet = packet,
					  .link = answer->link,
					  .steady = answer->steady};
	recipe->frame = vs_packet_frame(packet);
	recipe->port.value = answer->port;
	recipe->offload = packet->view.offload;
	recipe->encapsulation = answer->encapsulation;
	recipe->slice_size = packet->view.size - answer->cut;
	if (!answer->mac && !answer->marks)
		return;
	recipe->lead_size = 34;
	recipe->slice_offset = 34;
	recipe->slice_size -= 34;
	memcpy(recipe->lead, packet->view.data, 34);
	if (answer->mac)
		recipe->lead[5] = answer->mac;
	if (answer->marks)
		recipe->lead[15] ^= 0xb8;
}

static inline void walk(struct vs_packet *packet, const struct answer *answer)
{
	outbox.count = 0;
	for (int i = 0; i < answer->copies; i++)
		put_entry(packet, answer);
}

/* A packet's turn; it is given away. What it taught: enum fast_lesson. */
static inline int turn_of(struct vs_packet *packet, const struct answer *answer)
{
	fast_enter(table);
	fast_look(table, &in, &packet, 1, &watch);
	ck_assert_ptr_eq(watch.packet, packet);
	walk(packet, answer);
	fast_learn(table, &watch, &outbox, owner, now);
	refused = !fast_keep(table, &watch, behind, now);
	vs_packet_unref(packet);
	return watch.lesson;
}

static inline int fast_turn(uint16_t number, const struct answer *answer)
{
	return turn_of(frame_of(number), answer);
}

/* Until it is in the kernel; others may have been counted with it. */
static inline struct fast_flow *teach(uint16_t number)
{
	struct fast_flow *flow = NULL;

	for (int i = 0; i < FIRST && !flow; i++) {
		ck_assert_int_eq(fast_turn(number, &usual), FAST_TEACH);
		flow = find(number);
	}
	ck_assert_ptr_nonnull(flow);
	return flow;
}

/* -- sweeping ---------------------------------------------------------------
 */

static inline void book(void *context, const struct fast_went *went)
{
	ck_assert_ptr_eq(context, &owner);
	ck_assert_int_lt(booked_count, BOOKED);
	booked[booked_count++] = *went;
}

static inline void sweep(uint64_t after)
{
	now += after;
	fast_sweep(table, now, book, &owner);
}

static inline int make_flows(uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "flows", sizeof(uint32_t),
			      sizeof(struct fast_flow), FAST_FLOWS, &options);
}

#endif
