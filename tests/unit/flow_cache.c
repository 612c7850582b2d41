// SPDX-License-Identifier: Apache-2.0
/*
 * The flow cache: who is asked for which frame, and that nobody can tell: two
 * switches, one of them without a cache, do the same under random traffic and
 * random changes of rules, states and stacks.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "core/reason.h"
#include "core/xacl.h"
#include "packet/packet.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define SECOND	UINT64_C(1000000000)
#define PORTS	5u
#define FIRST	2u /* ports 2..6 */
#define RIGS	2u /* [1] has no cache */
#define KINDS	6u
#define REASONS (VS_CORE_REASONS + 2u * KINDS)
#define BURST	24u
#define PAYLOAD 16u

/* -- filters ----------------------------------------------------------------
 *
 * What they answer is made of a number per flow, their state's salt, and, for
 * those that say nothing of caching, the frame's last byte.
 */

enum kind { STEADY, BYTE, MIXED, SHARED, EGRESS, FORWARD };

enum { NO, NEVER }; /* reasons */

struct vs_state {
	uint32_t salt;
};

static uint32_t salt_of_states, shared_salt;
static uint32_t asked[RIGS][KINDS][2]; /* [egress]: frames */
static uint16_t running;	       /* rig */

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct vs_instance *instance = calloc(1, sizeof(*instance));

	(void)error;
	if (instance)
		instance->host = host;
	return instance;
}

static void detach(struct vs_instance *instance)
{
	free(instance);
}

static const struct vs_state *configure(struct vs_instance *own,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	struct vs_state *state = calloc(1, sizeof(*state));

	(void)own;
	(void)settings;
	(void)error;
	if (state)
		state->salt = salt_of_states;
	return state;
}

static void retire(struct vs_instance *own, const struct vs_state *state)
{
	(void)own;
	free((void *)(uintptr_t)state);
}

/* Of nothing but the documented key. */
static uint32_t flow_number(const struct vs_view *view, uint32_t salt,
			    struct vs_port_id to)
{
	uint32_t number = salt * 2654435761u + view->port.value +
			  to.value * 31u + view->vsid.value +
			  view->ether_type * 7u + view->protocol;
	uint32_t i, from = 0, size = 12;

	for (i = from; i < size; i++)
		number = number * 33 + view->data[i];
	if (view->flags & VS_FRAME_IPV4)
		for (i = 0; i < 8; i++)
			number = number * 33 + view->data[view->l3 + 12u + i];
	if (view->flags & VS_FRAME_IPV6)
		for (i = 0; i < 32; i++)
			number = number * 33 + view->data[view->l3 + 8u + i];
	if (view->l4 != VS_ABSENT)
		for (i = 0; i < (view->protocol == VS_IP_ICMP ? 2u : 4u); i++)
			number = number * 33 + view->data[view->l4 + i];
	return number >> 4;
}

static uint8_t last_byte(const struct vs_view *view)
{
	return view->data[view->size - 1];
}

static void edit(struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);
	uint8_t *port;

	if (view->protocol != VS_IP_UDP || view->l4 == VS_ABSENT)
		return;
	port = vs_frame_edit(frame, view->l4 + 2u, 2);
	vs_store16(port, (uint16_t)(vs_load16(port) ^ 1));
}

static void ingress(const struct vs_call *call, struct vs_burst *burst,
		    enum kind kind)
{
	const struct vs_port_id none = {0};
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst) {
		const struct vs_view *view = vs_view(frame);
		uint32_t salt =
			call->state->salt + (kind == SHARED ? shared_salt : 0);
		uint32_t number = flow_number(view, salt, none);
		uint8_t byte = last_byte(view);

		asked[running][kind][0]++;
		if (kind == BYTE) {
			if (byte % 8 == 0)
				vs_drop(frame, VS_REASON(NO));
			else if (byte % 8 == 1)
				edit(frame);
			else if (byte % 8 == 2)
				vs_consume(frame, VS_CONSUMED_EXTENSION);
		} else if (kind == MIXED && number % 2) {
			if (byte % 5 == 0)
				vs_drop(frame, VS_REASON(NO));
		} else {
			if (number % 6 == 0)
				vs_drop(frame, VS_REASON(NEVER));
			vs_frame_cacheable(frame);
		}
	}
}

static void egress(const struct vs_call *call, struct vs_delivery_burst *burst,
		   enum kind kind)
{
	struct vs_delivery *delivery;

	VS_FOR_EACH (delivery, burst) {
		const struct vs_view *view =
			vs_view(vs_delivery_frame(delivery));
		uint32_t salt =
			call->state->salt + (kind == SHARED ? shared_salt : 0);
		struct vs_port_id to = {0};

		asked[running][kind][1]++;
		while ((to = vs_delivery_next(delivery, to)).value)
			if (kind == EGRESS
				    ? last_byte(view) % 9 == 0
				    : flow_number(view, salt, to) % 7 == 0)
				vs_delivery_exclude(delivery, to,
						    to.value % 2
							    ? VS_REASON(NO)
							    : VS_REASON_NONE);
		if (kind != EGRESS)
			vs_delivery_cacheable(delivery);
	}
}

static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		vs_decision_learn(decision);
}

#define INGRESS(name, kind)                                                    \
	static void name(const struct vs_call *call, struct vs_burst *burst)   \
	{                                                                      \
		ingress(call, burst, kind);                                    \
	}
INGRESS(steady_in, STEADY)
INGRESS(byte_in, BYTE)
INGRESS(mixed_in, MIXED)
INGRESS(shared_in, SHARED)

#define EGRESS_HOOK(name, kind)                                                \
	static void name(const struct vs_call *call,                           \
			 struct vs_delivery_burst *burst)                      \
	{                                                                      \
		egress(call, burst, kind);                                     \
	}
EGRESS_HOOK(steady_out, STEADY)
EGRESS_HOOK(mixed_out, MIXED)
EGRESS_HOOK(shared_out, SHARED)
EGRESS_HOOK(egress_out, EGRESS)
EGRESS_HOOK(forward_out, FORWARD)

static const struct vs_filter_class classes[FORWARD] = {
	[STEADY] = {steady_in, steady_out}, [BYTE] = {byte_in, NULL},
	[MIXED] = {mixed_in, mixed_out},    [SHARED] = {shared_in, shared_out},
	[EGRESS] = {NULL, egress_out},
};
static const struct vs_forward_class forward_class = {decide, forward_out};

static const struct vs_reason_entry reason_table[] = {
	{0, "no", "For this frame."}, {1, "never", "For this flow."}};

#define EXTENSION(text, number, filters, forwards)                             \
	{                                                                      \
		VS_EXTENSION_HEAD,                                             \
			.name = text, .version = "1",                          \
			.guid = "11111111-1111-1111-1111-11111111111" number,  \
			.help = "tests", .filter = filters,                    \
			.forward = forwards, .attach = attach,                 \
			.detach = detach, .configure = configure,              \
			.retire = retire, .reasons = reason_table,             \
			.reason_count = 2                                      \
	}

static const struct vs_extension extensions[KINDS] = {
	EXTENSION("steady", "0", &classes[STEADY], NULL),
	EXTENSION("byte", "1", &classes[BYTE], NULL),
	EXTENSION("mixed", "2", &classes[MIXED], NULL),
	EXTENSION("shared", "3", &classes[SHARED], NULL),
	EXTENSION("egress", "4", &classes[EGRESS], NULL),
	EXTENSION("forward", "5", NULL, &forward_class),
};

/* -- two switches -----------------------------------------------------------
 */

static struct rig *rigs[RIGS];
static struct vs_attachment *members[RIGS][KINDS];
static const struct vs_state *states[RIGS][KINDS];
static uint8_t bytes[2000];

static void setup(void)
{
	uint16_t r, i;

	memset(asked, 0, sizeof(asked));
	salt_of_states = 1;
	shared_salt = 0;
	for (r = 0; r < RIGS; r++) {
		struct vs_switch_params params = {.workers = 2,
						  .seed = 7,
						  .small_buffers = 256,
						  .big_buffers = 4,
						  .flows = 256,
						  .uncached = r == 1};

		rigs[r] = rig_open(&params);
		for (i = 0; i < PORTS; i++) {
			char name[8] = {'v', 'm', (char)('0' + FIRST + i)};
			struct vs_port_plan *plan = rig_port(
				rigs[r], name, (uint16_t)(FIRST + i), 5001);

			plan->worker = i % 2;
			plan->mac_guard = false;
			plan->ca_guard = false;
		}
		for (i = 0; i < KINDS; i++) {
			members[r][i] = rig_attach(rigs[r], &extensions[i]);
			vs_state_discard(members[r][i], rigs[r]->state[i]);
		}
		rigs[r]->stack_count = 0;
	}
}

static void teardown(void)
{
	uint16_t r;

	for (r = 0; r < RIGS; r++) {
		ck_assert_int_eq(rig_balance(rigs[r]), 0);
		ck_assert_uint_eq(rig_buffers_used(rigs[r]), 0);
		rig_close(rigs[r]);
	}
}

static bool stands(const struct rig *rig, const struct vs_attachment *member)
{
	uint16_t i;

	for (i = 0; i < rig->stack_count; i++)
		if (rig->stack[i] == member)
			return true;
	return false;
}

/* The stack of both: these kinds, from the top. Who stands there already
 * keeps its state; that of who left is gone with the snapshot. */
static void stack(const enum kind *kinds, uint16_t count)
{
	struct vs_error error;
	uint16_t r, i;

	for (r = 0; r < RIGS; r++) {
		for (i = 0; i < count; i++)
			if (!stands(rigs[r], members[r][kinds[i]]))
				states[r][kinds[i]] = vs_attachment_configure(
					members[r][kinds[i]], NULL, &error);
		rigs[r]->stack_count = count;
		for (i = 0; i < count; i++) {
			rigs[r]->stack[i] = members[r][kinds[i]];
			rigs[r]->state[i] = states[r][kinds[i]];
		}
	}
}

static void publish(void)
{
	uint16_t r;

	for (r = 0; r < RIGS; r++)
		rig_publish(rigs[r]);
}

/* A frame of a flow; its last byte is no part of that. */
struct sent {
	uint8_t from, to; /* ports, octets; to 0: broadcast */
	uint8_t mac;	  /* the source's octet, 0: as from */
	bool ipv6;
	uint8_t protocol;
	uint16_t port, fragment;
	uint8_t last;
};

static uint32_t build(const struct sent *sent)
{
	struct frames frame = frames_ethernet(bytes, sent->ipv6 ? VS_TYPE_IPV6
								: VS_TYPE_IPV4);
	uint8_t *ip = bytes + frame.size;

	bytes[5] = sent->to;
	bytes[11] = sent->mac ? sent->mac : sent->from;
	if (!sent->to)
		memset(bytes, 0xff, 6);
	if (sent->ipv6)
		frames_ipv6(&frame, sent->protocol);
	else
		frames_ipv4(&frame, sent->protocol);
	ip[sent->ipv6 ? 23 : 15] = sent->from;
	ip[sent->ipv6 ? 39 : 19] = sent->to;
	if (!sent->ipv6 && sent->fragment)
		vs_store16(ip + 6, sent->fragment);
	memset(bytes + frame.size, 0, 20 + PAYLOAD);
	vs_store16(bytes + frame.size, 1000);
	vs_store16(bytes + frame.size + 2, sent->port);
	if (sent->protocol == VS_IP_TCP)
		bytes[frame.size + 12] = 0x50;
	frame.size += 20 + PAYLOAD;
	if (sent->protocol == VS_IP_UDP)
		vs_store16(bytes + frame.l4 + 4, 20 + PAYLOAD);
	bytes[frame.size - 1] = sent->last;
	frames_finish_ip(&frame);
	return frame.size;
}

/* The same burst into the same port of both. */
static void input(const struct sent *sent, uint16_t count)
{
	struct vs_packet *packets[BURST];
	uint16_t i;

	for (running = 0; running < RIGS; running++) {
		struct rig *rig = rigs[running];
		struct vs_worker *worker =
			vs_switch_worker(rig->sw, (sent->from - FIRST) % 2u);
		struct vs_input in = {.port = {sent->from},
				      .count = count,
				      .packets = packets,
				      .now = rig->now};

		rig_forget(rig);
		for (i = 0; i < count; i++) {
			uint32_t size = build(&sent[i]);

			packets[i] = rig_packet(rig, sent->from, bytes, size);
		}
		vs_worker_enter(worker);
		vs_worker_input(worker, &in, &rig->outbox);
		vs_worker_park(worker);
		rig_flush(rig);
	}
}

static void same_drops(void)
{
	uint32_t i;

	for (i = 1; i < REASONS; i++)
		ck_assert_uint_eq(rig_dropped(rigs[0], (uint16_t)i),
				  rig_dropped(rigs[1], (uint16_t)i));
}

static void same(void)
{
	uint32_t i;

	ck_assert_uint_eq(rigs[0]->sent_count, rigs[1]->sent_count);
	for (i = 0; i < rigs[0]->sent_count; i++) {
		const struct rig_frame *x = &rigs[0]->sent[i];
		const struct rig_frame *y = &rigs[1]->sent[i];

		ck_assert_uint_eq(x->port.value, y->port.value);
		ck_assert_uint_eq(x->size, y->size);
		if (memcmp(x->bytes, y->bytes, x->size) != 0)
			ck_abort_msg("other bytes");
	}
	/* who says nothing of caching sees every frame, once */
	ck_assert_uint_eq(asked[0][BYTE][0], asked[1][BYTE][0]);
	ck_assert_uint_eq(asked[0][EGRESS][1], asked[1][EGRESS][1]);
}

/* -- who is asked -----------------------------------------------------------
 */

static struct sent tcp(uint8_t from, uint8_t to, uint16_t port)
{
	return (struct sent){.from = from,
			     .to = to,
			     .protocol = VS_IP_TCP,
			     .port = port,
			     .last = 3};
}

/* A TCP flow from 2 to 3 that these kinds let pass. */
static struct sent passing(void)
{
	struct sent sent = tcp(2, 3, 0);

	do {
		sent.port++;
		input(&sent, 1);
	} while (rigs[1]->sent_count != 1);
	input(&sent, 1); /* the very first answer only tells of the others */
	return sent;
}

/* How often a kind is asked for so many frames of the flow, one by one. */
static uint32_t asks(enum kind kind, bool out, const struct sent *sent,
		     uint32_t frames)
{
	uint32_t before = asked[0][kind][out];

	while (frames--)
		input(sent, 1);
	same();
	same_drops();
	return asked[0][kind][out] - before;
}

START_TEST(flow_is_asked_for_once_in_either_half)
{
	struct sent flow, other;

	stack((enum kind[]){STEADY, SHARED}, 2);
	publish();
	flow = passing();
	ck_assert_uint_eq(asks(STEADY, false, &flow, 10), 0);
	ck_assert_uint_eq(asks(SHARED, true, &flow, 10), 0);
	/* the other end's frames, another port, family, MAC: other flows */
	other = flow;
	other.ipv6 = true;
	ck_assert_uint_eq(asks(STEADY, false, &other, 3), 1);
	other = flow;
	other.port += 100;
	ck_assert_uint_eq(asks(STEADY, false, &other, 3), 1);
	other = flow;
	other.protocol = VS_IP_ICMP;
	ck_assert_uint_eq(asks(STEADY, false, &other, 3), 1);
	other = tcp(4, 2, flow.port); /* of the same worker */
	ck_assert_uint_eq(asks(STEADY, false, &other, 3), 1);
}
END_TEST

START_TEST(drop_of_a_flow_is_booked_for_every_frame)
{
	struct sent flow = tcp(2, 3, 0);
	uint64_t before;
	uint32_t i;

	stack((enum kind[]){STEADY}, 1);
	publish();
	do {
		flow.port++;
		input(&flow, 1);
	} while (rigs[1]->sent_count);
	ck_assert_uint_eq(asks(STEADY, false, &flow, 5), 0);
	for (before = 0, i = VS_CORE_REASONS; i < REASONS; i++)
		before += rig_dropped(rigs[0], (uint16_t)i);
	ck_assert_uint_ge(before, 6);
}
END_TEST

START_TEST(who_says_nothing_is_asked_for_every_frame)
{
	struct sent flow;

	stack((enum kind[]){STEADY, BYTE, SHARED, EGRESS}, 4);
	publish();
	flow = passing();
	ck_assert_uint_eq(asks(BYTE, false, &flow, 10), 10);
	ck_assert_uint_eq(asks(EGRESS, true, &flow, 10), 10);
	ck_assert_uint_eq(asks(STEADY, false, &flow, 10), 0);
	ck_assert_uint_eq(asks(SHARED, true, &flow, 10), 0);
	/* edited, it is another flow for those below */
	flow.last = 1;
	flow.protocol = VS_IP_UDP;
	input(&flow, 1);
	ck_assert_uint_eq(asks(SHARED, false, &flow, 10), 10);
	ck_assert_uint_eq(asks(STEADY, false, &flow, 10), 0);
}
END_TEST

START_TEST(published_snapshot_and_invalidate_ask_again)
{
	struct sent flow;
	uint16_t r;

	stack((enum kind[]){STEADY}, 1);
	publish();
	flow = passing();
	ck_assert_uint_eq(asks(STEADY, false, &flow, 3), 0);
	publish();
	/* the first answer says that there are some to keep */
	ck_assert_uint_eq(asks(STEADY, false, &flow, 1), 1);
	ck_assert_uint_le(asks(STEADY, false, &flow, 9), 1);
	ck_assert_uint_eq(asks(STEADY, false, &flow, 3), 0);
	for (r = 0; r < RIGS; r++)
		vs_attachment_instance(members[r][STEADY])
			->host->invalidate(
				vs_attachment_instance(members[r][STEADY])
					->host);
	ck_assert_uint_eq(asks(STEADY, false, &flow, 5), 1);
}
END_TEST

START_TEST(fragments_and_group_frames_are_always_asked_for)
{
	struct sent flow, piece, all;

	stack((enum kind[]){STEADY}, 1);
	publish();
	flow = passing();
	piece = flow;
	piece.fragment = 0x2000;
	all = flow;
	all.to = 0;
	ck_assert_uint_eq(asks(STEADY, false, &piece, 5), 5);
	ck_assert_uint_eq(asks(STEADY, false, &all, 5), 5);
}
END_TEST

/* Somebody with the MAC 0x77 speaks from this port. */
static void speak(uint8_t port)
{
	struct sent sent = tcp(port, 6, 1);

	sent.mac = 0x77;
	rig_advance(rigs[0], 2 * SECOND);
	rig_advance(rigs[1], 2 * SECOND);
	for (; sent.port < 40; sent.port++) /* some of it passes */
		input(&sent, 1);
}

START_TEST(egress_half_is_about_one_destination)
{
	struct sent flow = tcp(2, 0x77, 0);
	uint32_t before;

	stack((enum kind[]){STEADY}, 1);
	publish();
	speak(4);
	do { /* until one passes ingress */
		flow.port++;
		before = asked[1][STEADY][1];
		input(&flow, 1);
	} while (asked[1][STEADY][1] == before);
	ck_assert_uint_eq(asks(STEADY, true, &flow, 5), 0);
	speak(5); /* it has moved */
	ck_assert_uint_eq(asks(STEADY, true, &flow, 5), 1);
	ck_assert_uint_eq(asks(STEADY, false, &flow, 5), 0);
	speak(4);
	ck_assert_uint_eq(asks(STEADY, true, &flow, 5), 1);
}
END_TEST

/* -- nobody can tell --------------------------------------------------------
 */

static void random_rules(struct prng *prng, uint16_t at)
{
	struct vs_xacl_rule rules[6];
	struct vs_acl_rule basic = {.inbound = true,
				    .outbound = true,
				    .side = VS_ACL_REMOTE,
				    .by_mac = true,
				    .mac = {{2, 0, 0, 0, 0, 4}}};
	uint32_t count = prng_below(prng, 6), i, r;
	bool stateful = prng_below(prng, 3) == 0;

	for (i = 0; i < count; i++) {
		rules[i] = (struct vs_xacl_rule){
			.allow = prng_below(prng, 2),
			.inbound = prng_below(prng, 2),
			.weight = (uint16_t)(i + 1),
			.protocol = prng_below(prng, 2) ? VS_IP_TCP : VS_IP_UDP,
			.local_ports = {1, 0},
			.remote_ports = {1, 0},
			.idle_s = 3,
		};
		if (prng_below(prng, 2))
			rules[i].local_ports = (struct vs_port_range){
				0, (uint16_t)prng_below(prng, 4)};
		rules[i].stateful = stateful && rules[i].allow;
	}
	for (r = 0; r < RIGS; r++) {
		struct rig *rig = rigs[r];

		if (count)
			rig->plan[at].xacl = vs_xacl_build(
				vs_switch_xacl(rig->sw, rig->plan[at].info.id),
				rules, count, 2);
		if (count > 4)
			rig->plan[at].acl = vs_acl_build(&basic, 1, 2);
	}
}

/* A new state for a member that stands there. */
static void renew(uint16_t member, uint16_t kind)
{
	struct vs_error error;
	uint16_t r;

	for (r = 0; r < RIGS; r++) {
		if (states[r][kind] != rigs[r]->state[member])
			abort();
		states[r][kind] =
			vs_attachment_configure(members[r][kind], NULL, &error);
		rigs[r]->state[member] = states[r][kind];
	}
}

static void random_change(struct prng *prng)
{
	enum kind kinds[KINDS];
	bool fresh[KINDS];
	uint16_t count = 0, i, at, r;
	uint32_t vsid;

	for (i = 0; i < FORWARD; i++)
		if (prng_below(prng, 3))
			kinds[count++] = i;
	for (i = 0; i + 1 < count; i++) {
		enum kind other;

		at = (uint16_t)(i + prng_below(prng, (uint32_t)(count - i)));
		other = kinds[at];
		kinds[at] = kinds[i];
		kinds[i] = other;
	}
	if (prng_below(prng, 3) == 0)
		kinds[count++] = FORWARD;
	for (i = 0; i < count; i++)
		fresh[i] = !stands(rigs[0], members[0][kinds[i]]);
	salt_of_states = prng_u32(prng);
	stack(kinds, count);
	for (i = 0; i < count; i++)
		if (!fresh[i] && prng_below(prng, 2))
			renew(i, (uint16_t)kinds[i]);
	for (i = 0; i < PORTS; i++)
		random_rules(prng, i);
	at = (uint16_t)prng_below(prng, PORTS);
	vsid = 5001 + (prng_below(prng, 4) == 0);
	for (r = 0; r < RIGS; r++)
		rigs[r]->plan[at].vsids[0].value = vsid;
	publish();
}

static void random_burst(struct prng *prng)
{
	struct sent sent[BURST];
	uint16_t count = (uint16_t)(1 + prng_below(prng, BURST)), i;
	uint8_t from = (uint8_t)(FIRST + prng_below(prng, PORTS));

	for (i = 0; i < count; i++) {
		static const uint8_t protocols[] = {VS_IP_TCP, VS_IP_UDP,
						    VS_IP_UDP, VS_IP_ICMP};
		uint32_t kind = prng_below(prng, 16);

		sent[i] = (struct sent){
			.from = from,
			.to = (uint8_t)(FIRST + prng_below(prng, PORTS + 1)),
			.ipv6 = prng_below(prng, 2),
			.protocol = protocols[prng_below(prng, 4)],
			.port = (uint16_t)prng_below(prng, 4),
			.last = (uint8_t)prng_below(prng, 256),
			.fragment = kind == 0	? 0x2000
				    : kind == 1 ? 1
						: 0};
		if (kind == 2)
			sent[i].to = 0;
	}
	input(sent, count);
}

START_TEST(cached_and_uncached_switches_do_the_same)
{
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	uint32_t i;
	uint16_t r;

	for (i = 0; i < 600; i++) {
		uint32_t kind = prng_below(&prng, 60);

		if (i == 0 || kind == 0)
			random_change(&prng);
		if (kind == 1) {
			shared_salt = prng_u32(&prng);
			for (r = 0; r < RIGS; r++)
				vs_attachment_instance(members[r][SHARED])
					->host->invalidate(
						vs_attachment_instance(
							members[r][SHARED])
							->host);
		}
		if (kind < 6)
			for (r = 0; r < RIGS; r++)
				rig_advance(rigs[r], SECOND * (kind + 1) / 2);
		random_burst(&prng);
		same();
		if (i % 50 == 0)
			same_drops();
	}
	same_drops();
	/* and the cache was of use */
	ck_assert_uint_lt(asked[0][STEADY][0], asked[1][STEADY][0]);
	ck_assert_uint_lt(asked[0][STEADY][1], asked[1][STEADY][1]);
	ck_assert_uint_gt(asked[0][STEADY][0], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow_cache");
	TCase *tcase = tcase_create("flow_cache");

	tcase_set_timeout(tcase, 300);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, flow_is_asked_for_once_in_either_half);
	tcase_add_test(tcase, drop_of_a_flow_is_booked_for_every_frame);
	tcase_add_test(tcase, who_says_nothing_is_asked_for_every_frame);
	tcase_add_test(tcase, published_snapshot_and_invalidate_ask_again);
	tcase_add_test(tcase, fragments_and_group_frames_are_always_asked_for);
	tcase_add_test(tcase, egress_half_is_about_one_destination);
	tcase_add_loop_test(tcase, cached_and_uncached_switches_do_the_same, 0,
			    6);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
