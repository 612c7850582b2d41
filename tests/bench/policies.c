// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c: what filters and extended ACLs cost: the real walk of one
 * worker, 64-byte frames of 64 flows from one VM to another, no device, no
 * translation. Ratios are those of the medians of runs that take turns.
 *
 *   vs_bench_policies [--smoke | TEXT]   (TEXT: cases with it in their name)
 *
 * Prints ns per frame and what each case costs beside its base; at the end the
 * first packet of a flow with 10,000 rules of several shapes, and the bytes of
 * a stateful flow. Exit code 1 if a frame did not arrive.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vswitch/wire.h>

#include "core/switch_state.h"
#include "core/xacl_flow.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"

#define FRAME_SIZE 64u
#define BURST	   64u
#define FLOWS	   64u
#define VM	   5u
#define MANY	   6u
#define VSID	   5001u
#define RUNS	   9u
#define FILTERS	   10u
#define RULES	   100u
#define MOST	   10000u

/* -- filters of a hundred rules ---------------------------------------------
 */

struct vs_state {
	uint32_t source[RULES], target[RULES];
	uint16_t port[RULES];
};

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
	uint32_t i;

	(void)own;
	(void)settings;
	(void)error;
	for (i = 0; state && i < RULES; i++) {
		state->source[i] = 0x0b000000 + i;
		state->target[i] = 0x0c000000 + i;
		state->port[i] = (uint16_t)i;
	}
	return state;
}

static void retire(struct vs_instance *own, const struct vs_state *state)
{
	(void)own;
	free((void *)(uintptr_t)state);
}

static bool forbids(const struct vs_state *state, const struct vs_frame *frame)
{
	const uint8_t *ip = vs_frame_at(frame, VS_ETHERNET_SIZE, 24);
	uint32_t i, source, target;

	if (!ip || !(vs_view(frame)->flags & VS_FRAME_IPV4))
		return false;
	source = vs_load32(ip + 12);
	target = vs_load32(ip + 16);
	for (i = 0; i < RULES; i++)
		if (state->source[i] == source ||
		    (state->target[i] == target &&
		     state->port[i] == vs_load16(ip + 22)))
			return true;
	return false;
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst) {
		if (forbids(call->state, frame))
			vs_drop(frame, VS_REASON(0));
		vs_frame_cacheable(frame);
	}
}

static void ingress_silent(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst)
		if (forbids(call->state, frame))
			vs_drop(frame, VS_REASON(0));
}

static void egress(const struct vs_call *call, struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	VS_FOR_EACH (delivery, burst) {
		if (forbids(call->state, vs_delivery_frame(delivery)))
			vs_delivery_drop(delivery, VS_REASON(0));
		vs_delivery_cacheable(delivery);
	}
}

static const struct vs_reason_entry reasons[] = {
	{0, "forbidden", "A rule of the benchmark."}};

#define FILTER(hooks)                                                          \
	{                                                                      \
		VS_EXTENSION_HEAD,                                             \
			.name = "rules", .version = "1",                       \
			.guid = "11111111-1111-1111-1111-111111111111",        \
			.help = "bench", .filter = hooks, .attach = attach,    \
			.detach = detach, .configure = configure,              \
			.retire = retire, .reasons = reasons,                  \
			.reason_count = 1                                      \
	}

static const struct vs_filter_class both = {ingress, egress};
static const struct vs_filter_class silent_class = {ingress_silent, NULL};
static const struct vs_extension cacheable = FILTER(&both);
static const struct vs_extension silent = FILTER(&silent_class);

/* -- rules ------------------------------------------------------------------
 */

enum shape { HOSTS, NETS, RANGES, SHAPES };
static const char *const shapes[SHAPES] = {"hosts", "nets", "ranges"};

static struct vs_prefix random_prefix(struct prng *prng, uint8_t least)
{
	uint8_t length = (uint8_t)(least + prng_below(prng, 33u - least));
	uint32_t mask = length ? UINT32_MAX << (32 - length) : 0;
	uint8_t bytes[4];

	vs_store32(bytes, (0x0b000000u | prng_u32(prng) >> 8) & mask);
	return (struct vs_prefix){vs_ip_from_v4(bytes), (uint8_t)(length + 96)};
}

static struct vs_port_range random_ports(struct prng *prng)
{
	uint16_t a = (uint16_t)prng_u32(prng), b = (uint16_t)prng_u32(prng);

	return (struct vs_port_range){a < b ? a : b, a < b ? b : a};
}

static struct vs_xacl_rule random_rule(struct prng *prng, enum shape shape)
{
	struct vs_xacl_rule rule = {
		.protocol = VS_IP_TCP, /* the frames are of UDP */
		.local_ports = {1, 0},
		.remote_ports = {1, 0},
		.by_remote = true,
		.remote = random_prefix(prng, shape == HOSTS ? 32 : 8),
		.allow = true,
	};

	if (shape == HOSTS) {
		rule.local_ports.first = (uint16_t)prng_below(prng, 2000);
		rule.local_ports.last = rule.local_ports.first;
		return rule;
	}
	if (prng_below(prng, 2))
		rule.protocol = VS_XACL_PROTOCOL_ANY;
	if (prng_below(prng, 2)) {
		rule.by_local = true;
		rule.local = random_prefix(prng, 8);
	}
	if (shape == RANGES) {
		rule.by_remote = prng_below(prng, 4) == 0;
		rule.local_ports = random_ports(prng);
		rule.remote_ports = random_ports(prng);
		rule.protocol = prng_below(prng, 2) ? VS_IP_TCP : VS_IP_UDP;
	}
	return rule;
}

/* `count` rules each way, the last of which allows all that others leave. */
static struct vs_xacl *rules_of(uint32_t count, enum shape shape, bool stateful)
{
	struct vs_xacl_rule *rules = calloc(2 * count, sizeof(*rules));
	struct prng prng = prng_start(7);
	struct vs_xacl *xacl;
	uint32_t i;

	if (!rules)
		abort();
	for (i = 0; i < 2 * count; i++) {
		rules[i] = random_rule(&prng, shape);
		rules[i].inbound = i % 2;
		rules[i].weight = (uint16_t)(count + 1 - i / 2);
		if (i / 2 == count - 1) {
			rules[i].by_local = rules[i].by_remote = false;
			rules[i].protocol = VS_XACL_PROTOCOL_ANY;
			rules[i].local_ports = rules[i].remote_ports =
				(struct vs_port_range){1, 0};
			rules[i].stateful = stateful;
			rules[i].idle_s = 60;
		}
	}
	xacl = vs_xacl_build(NULL, rules, 2 * count, 1);
	free(rules);
	if (!xacl)
		abort();
	return xacl;
}

/* -- measuring --------------------------------------------------------------
 */

struct load {
	const char *name;
	const struct vs_extension *filter; /* ten of it, or NULL */
	uint32_t rules;			   /* extended, on both ports */
	bool stateful;
	bool fresh; /* every frame begins a flow */
	enum shape shape;
};

struct bench {
	struct rig *rig;
	const struct load *load;
	uint64_t frames;
	uint32_t flow;
	double ns[RUNS];
};

static struct bench *current;
static const char *only; /* cases with this in their name, or NULL */

static void flush(struct vs_outbox *outbox)
{
	current->frames += outbox->count;
	vs_outbox_clear(outbox);
}

static void bench_open(struct bench *bench, const struct load *load)
{
	struct vs_switch_params params = {.name = "bench",
					  .workers = 1,
					  .seed = 7,
					  .flows = 1u << 20,
					  .flows_per_vsid = 1u << 20};
	struct vs_port_plan *vm, *many;
	uint32_t i;

	*bench = (struct bench){.load = load};
	bench->rig = rig_open(&params);
	vm = rig_port(bench->rig, "vm", VM, VSID);
	many = rig_port(bench->rig, "many", MANY, VSID);
	vm->ca_guard = false;
	for (i = 0; load->filter && i < FILTERS; i++)
		rig_attach(bench->rig, load->filter);
	if (load->rules) {
		vm->xacl = rules_of(load->rules, load->shape, load->stateful);
		many->xacl = vs_xacl_ref(vm->xacl);
	}
	rig_publish(bench->rig);
	bench->rig->outbox.flush = flush;
}

static void fill(struct bench *bench, struct vs_pool *pool,
		 const uint8_t *bytes, struct vs_packet **packets)
{
	uint32_t i, flow;

	for (i = 0; i < BURST; i++) {
		struct vs_packet *packet = vs_pool_take(pool, false);
		uint8_t *to = packet->buffer + VS_PACKET_HEADROOM;

		flow = bench->flow++;
		if (!bench->load->fresh)
			flow %= FLOWS;
		memcpy(to, bytes, FRAME_SIZE);
		vs_store32(to + 26, 0x0a000000 + (flow >> 10));
		vs_store16(to + 34, (uint16_t)(1024 + (flow & 1023)));
		packet->view.size = FRAME_SIZE;
		packets[i] = packet;
	}
}

/* ns of CPU time per frame: others may use the machine. */
static double run(struct bench *bench, uint64_t bursts)
{
	struct vs_worker *worker = vs_switch_worker(bench->rig->sw, 0);
	struct vs_packet *packets[BURST];
	struct vs_input input = {
		.port = {VM}, .count = BURST, .packets = packets};
	struct timespec begin, end;
	uint8_t bytes[FRAME_SIZE];
	uint64_t i;

	rig_udp(bytes, FRAME_SIZE, VM, MANY);
	current = bench;
	bench->frames = 0;
	vs_worker_enter(worker);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	for (i = 0; i < bursts; i++) {
		fill(bench, vs_worker_pool(worker), bytes, packets);
		bench->rig->now += 4000;
		input.now = bench->rig->now;
		vs_worker_input(worker, &input, &bench->rig->outbox);
		flush(&bench->rig->outbox);
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	vs_worker_park(worker);
	if (bench->frames != bursts * BURST) {
		fprintf(stderr, "%s: %llu of %llu frames arrived\n",
			bench->load->name, (unsigned long long)bench->frames,
			(unsigned long long)(bursts * BURST));
		exit(1);
	}
	return ((double)(end.tv_sec - begin.tv_sec) * 1e9 +
		(double)(end.tv_nsec - begin.tv_nsec)) /
	       (double)(bursts * BURST);
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(struct bench *bench)
{
	qsort(bench->ns, RUNS, sizeof(double), compare);
	return bench->ns[RUNS / 2];
}

/* A case beside its base, in turns. */
static void beside(const struct load *base, const struct load *load,
		   uint64_t bursts)
{
	struct bench a, b;
	uint32_t i;

	if (only && !strstr(load->name, only))
		return;
	bench_open(&a, base);
	bench_open(&b, load);
	run(&a, bursts / 4 + 1);
	run(&b, bursts / 4 + 1);
	for (i = 0; i < RUNS; i++) {
		a.ns[i] = run(&a, bursts);
		b.ns[i] = run(&b, bursts);
	}
	printf("%-34s %8.1f ns, %s %.1f ns: %.2f\n", load->name, median(&b),
	       base->name, median(&a), median(&b) / median(&a));
	fflush(stdout);
	rig_close(a.rig);
	rig_close(b.rig);
}

static void first_packet(enum shape shape, bool stateful, uint64_t bursts)
{
	struct load load = {.name = "first packet",
			    .rules = MOST,
			    .stateful = stateful,
			    .fresh = true,
			    .shape = shape};
	struct bench bench;
	uint32_t i;

	if (only && !strstr(load.name, only))
		return;
	bench_open(&bench, &load);
	run(&bench, bursts / 4 + 1);
	for (i = 0; i < RUNS; i++)
		bench.ns[i] = run(&bench, bursts);
	printf("first packet, %u rules, %-7s %s %8.1f ns, two ports\n", MOST,
	       shapes[shape], stateful ? "stateful" : "        ",
	       median(&bench));
	rig_close(bench.rig);
}

static void flow_bytes(void)
{
	printf("1,000,000 stateful flows: %.2f bytes each\n",
	       (double)xacl_flows_size(1000000, VS_GROUPS) / 1e6);
}

int main(int argc, char **argv)
{
	static const struct load none = {.name = "none"};
	static const struct load ten = {.name = "10 rules", .rules = 10};
	static const struct load few = {
		.name = "10 rules", .rules = 10, .stateful = true};
	static const struct load cached = {
		.name = "ten filters that say cacheable", .filter = &cacheable};
	static const struct load asked = {.name = "ten filters that are asked",
					  .filter = &silent};
	static const struct load rules10 = {.name = "10 extended rules",
					    .rules = 10};
	static const struct load rules = {.name = "10,000 rules",
					  .rules = MOST};
	static const struct load flows = {.name = "10,000 rules, stateful",
					  .rules = MOST,
					  .stateful = true};
	bool smoke = argc > 1 && !strcmp(argv[1], "--smoke");
	uint64_t bursts = smoke ? 4 : 20000;
	int shape;

	only = argc > 1 && !smoke ? argv[1] : NULL;
	beside(&none, &cached, bursts);
	beside(&none, &asked, bursts / 8 + 1);
	beside(&none, &rules10, bursts);
	beside(&ten, &rules, bursts);
	beside(&few, &flows, bursts);
	/* so few that all their flows find room */
	for (shape = 0; shape < SHAPES; shape++) {
		first_packet((enum shape)shape, false, bursts / 40 + 1);
		first_packet((enum shape)shape, true, bursts / 40 + 1);
	}
	flow_bytes();
	return 0;
}
