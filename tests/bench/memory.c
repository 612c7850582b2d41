// SPDX-License-Identifier: Apache-2.0
/*
 * memory.c: what the packet path itself costs: the real walk with WNV in its
 * stack, one worker, 64-byte frames, no device. A frame is taken from the
 * pool and written, walks in a burst of 64 and is given back when the outbox
 * is flushed; that is all inside the measured time.
 *
 *   vs_bench_memory [--runs N] [--seconds S] [--bursts N] [--only TEXT]
 *                   [--smoke]
 *
 * With --bursts a run is so many bursts, however long that takes: for counting
 * instructions (valgrind --tool=callgrind --toggle-collect=run), which repeats
 * to the digit where times do not.
 *
 * Prints one line per case: name, Mpps, ns per frame (median of the runs).
 * Exit code 1 if a single frame went elsewhere than it should.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vswitch/wire.h>

#include "tests/support/fake_settings.h"
#include "tests/support/rig.h"

#define FRAME_SIZE 64u
#define OUTER_SIZE 42u
#define BURST	   64u
#define VSID	   5001u
#define VSID_NEAR  5002u /* another subnet of the network: 11.0.0.0/8 */
#define PORT_VM	   5u	 /* 10.0.0.5, guards on */
#define PORT_MANY  6u	 /* many stations behind it, guards off */
#define PORT_NEAR  7u	 /* 11.0.0.5 */
#define PORT_WIRE  9u
#define RUNS_MOST  25u
#define HERE	   1
#define REMOTE	   2
#define FILTERS	   10u
#define HOSTS	   200u

/* What a case sends, and where all of it must leave. */
struct load {
	uint16_t from, to;
	uint32_t stations; /* different destination MACs */
	uint16_t filters;
	/* a broadcast: so many other hosts get a copy, and PORT_MANY one */
	uint32_t hosts;
	uint32_t size;
	uint8_t bytes[FRAME_SIZE + OUTER_SIZE];
};

struct bench {
	struct rig *rig;
	struct fake_settings *settings;
	struct vs_port_info uplink;
	struct vs_switch_params params;
	uint64_t frames, elsewhere;
	uint16_t to, also;
	void (*rig_flush)(struct vs_outbox *outbox);
};

struct options {
	unsigned int runs;
	double seconds;
	uint64_t bursts;  /* instead of seconds, if not 0 */
	const char *only; /* cases with this in their name, or NULL */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* -- the host ---------------------------------------------------------------
 */

/* As vswitchd has it: a module, bound to the one libvsext. */
static const struct vs_extension *load_extension(const char *name)
{
	char path[4096];
	const void *found = NULL;
	void *library;

	snprintf(path, sizeof(path), "%s/%s.so", VS_EXTENSION_OUTPUT, name);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library)
		found = dlsym(library, "vs_extension");
	if (!found) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return found;
}

/* rig.outbox is the rig's first member; whose bench that is: */
static struct bench *current;

static void flush(struct vs_outbox *outbox)
{
	uint16_t i;

	for (i = 0; i < outbox->count; i++)
		current->elsewhere +=
			outbox->entry[i].recipe.port.value != current->to &&
			outbox->entry[i].recipe.port.value != current->also;
	current->frames += outbox->count;
	vs_outbox_clear(outbox);
}

/* Policy: our VM, and `remote` stations on another host, or, for a broadcast,
 * on one each. */
static char *policy(uint32_t remote, uint32_t hosts)
{
	size_t room = 4096 + (size_t)remote * 96, used;
	char *text = malloc(room);
	uint32_t i;

	if (!text)
		abort();
	used = (size_t)snprintf(
		text, room,
		"uplink eth1\npa 192.0.2.1 prefix=24\nnetwork blue\n"
		"subnet %u prefixes=10.0.0.0/8\n"
		"ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n",
		VSID);
	for (i = 0; i < remote; i++)
		used += (size_t)snprintf(
			text + used, room - used,
			"ca 10.1.%u.%u mac=02:02:00:00:%02x:%02x "
			"pa=192.0.2.%u\n",
			i >> 8, i & 255, i >> 8, i & 255, hosts ? i + 2 : 2);
	snprintf(text + used, room - used,
		 "subnet %u prefixes=11.0.0.0/8\n"
		 "ca 11.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
		 "ca 11.1.0.0 mac=02:02:00:00:00:00 pa=192.0.2.2\n"
		 "port vm tap=t0 vsid=%u ca=10.0.0.5\n"
		 "port near tap=t2 vsid=%u ca=11.0.0.5\n"
		 "port many tap=t1 vsid=%u\n",
		 VSID_NEAR, VSID, VSID_NEAR, VSID);
	return text;
}

static void load_wnv(struct bench *bench, const struct load *load,
		     uint32_t remote)
{
	const struct vs_extension *wnv = load_extension("wnv");
	struct rig *rig = bench->rig;
	struct vs_error error = {0};
	uint16_t at = rig->stack_count++;
	char *text = policy(remote, load->hosts);

	bench->settings = fake_settings_open(wnv->nouns, wnv->noun_count);
	fake_settings_load(bench->settings, text);
	free(text);
	fake_settings_attach(bench->settings, "eth1", &bench->uplink);
	if (!vs_switch_attach(rig->sw, wnv, &rig->stack[at], &error))
		rig->state[at] = vs_attachment_configure(
			rig->stack[at], &bench->settings->settings, &error);
	if (!rig->state[at]) {
		fprintf(stderr, "%s: %s\n", error.path, error.text);
		exit(2);
	}
}

static void open_host(struct bench *bench, const struct load *load,
		      uint32_t remote)
{
	uint32_t macs = 2 * load->stations < 16384 ? 16384 : 2 * load->stations;
	struct vs_port_plan *many, *wire;
	uint16_t i;

	*bench = (struct bench){.params = {.name = "bench",
					   .workers = 1,
					   .macs = macs,
					   .macs_per_port = macs,
					   .macs_per_vsid = macs,
					   .seed = 7}};
	bench->rig = rig_open(&bench->params);
	bench->rig_flush = bench->rig->outbox.flush;
	rig_port(bench->rig, "vm", PORT_VM, VSID);
	rig_port(bench->rig, "near", PORT_NEAR, VSID_NEAR)->info.mac.octet[5] =
		5;
	many = rig_port(bench->rig, "many", PORT_MANY, VSID);
	many->mac_guard = false;
	many->ca_guard = false;
	wire = rig_uplink(bench->rig, "eth1", PORT_WIRE);
	bench->uplink = wire->info;
	bench->uplink.address_count = 1;
	bench->uplink.addresses[0].length = 120;
	vs_ip_parse("192.0.2.1", &bench->uplink.addresses[0].ip);
	for (i = 0; i < load->filters; i++)
		rig_attach(bench->rig, load_extension("passthrough"));
	load_wnv(bench, load, remote);
	rig_publish(bench->rig);
	current = bench;
	bench->to = load->to;
	bench->also = load->hosts ? PORT_MANY : load->to;
}

static void close_host(struct bench *bench)
{
	bench->rig->outbox.flush = bench->rig_flush;
	rig_close(bench->rig);
	fake_settings_close(bench->settings);
}

/* -- frames -----------------------------------------------------------------
 */

/* Stations behind the port are 02:01:..., those on the other host 02:02:... */
static void write_station(uint8_t *mac, uint8_t where, uint32_t number)
{
	mac[0] = 2;
	mac[1] = where;
	vs_store32(mac + 2, number);
}

static void write_inner(uint8_t *bytes, uint8_t where)
{
	rig_udp(bytes, FRAME_SIZE, 5, 7);
	write_station(bytes, where, 0);
	vs_store32(bytes + 30, 0x0a010000);
}

/* What the other host would send us of its first station's frame. */
static void write_outer(uint8_t *bytes)
{
	static const uint8_t addresses[8] = {192, 0, 2, 2, 192, 0, 2, 1};
	uint8_t *inner = bytes + OUTER_SIZE;

	rig_udp(bytes, FRAME_SIZE, 99, PORT_WIRE);
	bytes[14 + 9] = VS_IP_GRE;
	vs_store16(bytes + 16, OUTER_SIZE - 14 + FRAME_SIZE);
	memcpy(bytes + 26, addresses, sizeof(addresses));
	vs_store16(bytes + 24, 0);
	vs_store16(bytes + 24, vs_checksum(vs_sum(0, bytes + 14, 20)));
	vs_store16(bytes + 34, 0x2000);
	vs_store16(bytes + 36, VS_TYPE_TEB);
	vs_store32(bytes + 38, VSID << 8);
	write_inner(inner, REMOTE);
	memcpy(inner, (const uint8_t[6]){2, 0, 0, 0, 0, 5}, 6);
	write_station(inner + 6, REMOTE, 0);
	vs_store32(inner + 26, 0x0a010000);
	vs_store32(inner + 30, 0x0a000005);
}

/* The gateway's MAC of a subnet. */
static void write_gateway(uint8_t *mac, uint32_t vsid)
{
	mac[0] = 2;
	mac[1] = 0x56;
	mac[2] = 0x53;
	mac[3] = (uint8_t)(vsid >> 16);
	vs_store16(mac + 4, (uint16_t)vsid);
}

static void write_ip(uint8_t *bytes, uint32_t source, uint32_t target)
{
	uint8_t *ip = bytes + 14;

	vs_store32(ip + 12, source);
	vs_store32(ip + 16, target);
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, 20)));
}

/* Every station speaks once. */
static void teach(struct bench *bench, const struct load *load)
{
	uint8_t bytes[FRAME_SIZE];
	uint32_t i;

	rig_udp(bytes, FRAME_SIZE, 7, 5);
	for (i = 0; i < load->stations; i++) {
		write_station(bytes + 6, HERE, i);
		rig_input(bench->rig, PORT_MANY, bytes, FRAME_SIZE);
	}
}

/* The other hosts' MACs, when the first frame asks for them. */
static void resolve(struct bench *bench, const struct load *load)
{
	uint8_t reply[42] = {2,	  0, 0, 0, 0, 9, 2, 0, 0, 0, 0,	  99, 8, 6,
			     0,	  1, 8, 0, 6, 4, 0, 2, 2, 0, 0,	  0,  0, 99,
			     192, 0, 2, 2, 2, 0, 0, 0, 0, 9, 192, 0,  2, 1};

	rig_tick(bench->rig);
	rig_input(bench->rig, load->from, load->bytes, load->size);
	do {
		rig_input(bench->rig, PORT_WIRE, reply, sizeof(reply));
		reply[31]++;
	} while (reply[31] < 2 + load->hosts);
	rig_tick(bench->rig);
}

/* -- measuring --------------------------------------------------------------
 */

static void fill(struct vs_pool *pool, const struct load *load,
		 struct vs_packet **packets, uint32_t *station)
{
	uint16_t i;

	for (i = 0; i < BURST; i++) {
		struct vs_packet *packet = vs_pool_take(pool, false);
		uint8_t *bytes = packet->buffer + VS_PACKET_HEADROOM;

		memcpy(bytes, load->bytes, load->size);
		if (load->stations) {
			vs_store32(bytes + 2, *station);
			*station = *station + 1 == load->stations
					   ? 0
					   : *station + 1;
		}
		packet->view.size = load->size;
		packets[i] = packet;
	}
}

/* Millions of frames per second of CPU time: others may use the machine. */
static double run(struct bench *bench, const struct load *load,
		  const struct options *options)
{
	struct rig *rig = bench->rig;
	struct vs_worker *worker = vs_switch_worker(rig->sw, 0);
	struct vs_packet *packets[BURST];
	struct vs_input input = {
		.port = {load->from}, .count = BURST, .packets = packets};
	uint64_t begin = clock_ns(CLOCK_MONOTONIC), now = begin, frames = 0;
	uint64_t used = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t end = begin + (uint64_t)(options->seconds * 1e9), offset;
	uint64_t most = options->bursts ? options->bursts * BURST : UINT64_MAX;
	uint32_t station = 0;

	bench->frames = bench->elsewhere = 0;
	offset = rig->now - begin;
	vs_worker_enter(worker);
	if (options->bursts)
		end = UINT64_MAX;
	for (; now < end && frames < most; now = clock_ns(CLOCK_MONOTONIC)) {
		fill(vs_worker_pool(worker), load, packets, &station);
		input.now = now + offset;
		vs_worker_input(worker, &input, &rig->outbox);
		rig->outbox.flush(&rig->outbox);
		frames += BURST;
	}
	used = clock_ns(CLOCK_THREAD_CPUTIME_ID) - used;
	vs_worker_park(worker);
	rig->now += now - begin;
	if (bench->frames != frames * (load->hosts ? load->hosts + 1 : 1) ||
	    bench->elsewhere || !frames) {
		fprintf(stderr, "%llu frames in, %llu out, %llu elsewhere\n",
			(unsigned long long)frames,
			(unsigned long long)bench->frames,
			(unsigned long long)bench->elsewhere);
		exit(1);
	}
	return (double)frames * 1e3 / (double)used;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double measure(const char *name, const struct load *load,
		      uint32_t remote, const struct options *options)
{
	const struct options warm = {.seconds = options->seconds / 4,
				     .bursts = options->bursts};
	double mpps[RUNS_MOST], median;
	struct bench bench;
	unsigned int i;

	if (options->only && !strstr(name, options->only))
		return 0;
	open_host(&bench, load, remote);
	if (load->to == PORT_MANY)
		teach(&bench, load);
	else
		resolve(&bench, load);
	rig_flush(bench.rig);
	bench.rig->outbox.flush = flush;
	run(&bench, load, &warm);
	for (i = 0; i < options->runs; i++)
		mpps[i] = run(&bench, load, options);
	close_host(&bench);
	qsort(mpps, options->runs, sizeof(mpps[0]), compare);
	median = mpps[options->runs / 2];
	printf("%-28s %8.2f Mpps [%.2f-%.2f] %8.1f ns\n", name, median, mpps[0],
	       mpps[options->runs - 1], 1e3 / median);
	fflush(stdout);
	return 1e3 / median;
}

/* -- cases ------------------------------------------------------------------
 */

static double forward(const char *name, uint32_t stations, uint16_t filters,
		      const struct options *options)
{
	struct load load = {.from = PORT_VM,
			    .to = PORT_MANY,
			    .stations = stations,
			    .filters = filters,
			    .size = FRAME_SIZE};

	write_inner(load.bytes, HERE);
	return measure(name, &load, 1000, options);
}

static double encapsulate(const char *name, uint32_t records,
			  const struct options *options)
{
	struct load load = {.from = PORT_VM,
			    .to = PORT_WIRE,
			    .stations = records,
			    .size = FRAME_SIZE};

	write_inner(load.bytes, REMOTE);
	return measure(name, &load, records, options);
}

static void replicate(const char *name, uint32_t hosts,
		      const struct options *options)
{
	struct load load = {.from = PORT_VM,
			    .to = PORT_WIRE,
			    .hosts = hosts,
			    .size = FRAME_SIZE};

	write_inner(load.bytes, REMOTE);
	memset(load.bytes, 0xff, 6);
	vs_store32(load.bytes + 30, 0x0affffff);
	measure(name, &load, hosts, options);
}

static double decapsulate(const char *name, uint32_t records,
			  const struct options *options)
{
	struct load load = {.from = PORT_WIRE,
			    .to = PORT_VM,
			    .size = OUTER_SIZE + FRAME_SIZE};

	write_outer(load.bytes);
	return measure(name, &load, records, options);
}

/* From our VM into the other subnet: to another host, or to a port here. */
static double route_out(const char *name, uint16_t to, uint32_t target,
			const struct options *options)
{
	struct load load = {.from = PORT_VM, .to = to, .size = FRAME_SIZE};

	write_inner(load.bytes, REMOTE);
	write_gateway(load.bytes, VSID);
	write_ip(load.bytes, 0x0a000005, target);
	return measure(name, &load, 1, options);
}

static double route_in(const char *name, const struct options *options)
{
	struct load load = {.from = PORT_WIRE,
			    .to = PORT_VM,
			    .size = OUTER_SIZE + FRAME_SIZE};

	write_outer(load.bytes);
	write_gateway(load.bytes + OUTER_SIZE + 6, VSID);
	write_ip(load.bytes + OUTER_SIZE, 0x0b010000, 0x0a000005);
	return measure(name, &load, 1, options);
}

static void parse_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{"runs", required_argument, NULL, 'r'},
		{"seconds", required_argument, NULL, 's'},
		{"bursts", required_argument, NULL, 'b'},
		{"only", required_argument, NULL, 'o'},
		{"smoke", no_argument, NULL, 'q'},
		{0}};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'r')
			options->runs = (unsigned int)atoi(optarg);
		else if (c == 's')
			options->seconds = atof(optarg);
		else if (c == 'b')
			options->bursts = strtoull(optarg, NULL, 0);
		else if (c == 'o')
			options->only = optarg;
		else if (c == 'q')
			*options = (struct options){1, 0.01, 0, NULL};
		else
			exit(2);
	}
	if (options->runs < 1 || options->runs > RUNS_MOST)
		options->runs = RUNS_MOST;
}

int main(int argc, char **argv)
{
	struct options options = {5, 0.4, 0, NULL};
	double none, one, ten, few, many, out, in, routed[3];

	parse_options(argc, argv, &options);
	few = forward("forward 1,000 MACs", 1000, 0, &options);
	many = forward("forward 100,000 MACs", 100000, 0, &options);
	out = encapsulate("encapsulate 1 record", 1, &options);
	routed[0] = route_out("  routed", PORT_WIRE, 0x0b010000, &options);
	encapsulate("encapsulate 1,000 records", 1000, &options);
	in = decapsulate("decapsulate 1 record", 1, &options);
	routed[1] = route_in("  routed in", &options);
	decapsulate("decapsulate 1,000 records", 1000, &options);
	replicate("broadcast to 200 hosts", HOSTS, &options);
	none = forward("forward 1 MAC, no filter", 1, 0, &options);
	routed[2] = route_out("  routed here", PORT_NEAR, 0x0b000005, &options);
	one = forward("  and 1 pass-through filter", 1, 1, &options);
	ten = forward("  and 10", 1, FILTERS, &options);
	if (options.only)
		return 0;
	printf("%-28s %8.2f x\n", "100,000 MACs / 1,000", many / few);
	printf("%-28s %8.2f x out, %.2f x in, %.2f x on one host\n",
	       "routed / bridged", routed[0] / out, routed[1] / in,
	       routed[2] / none);
	printf("%-28s %8.1f ns, %.1f ns each of ten\n", "a filter costs",
	       one - none, (ten - none) / FILTERS);
	printf("%-28s %8.2f x\n", "ten filters / none", ten / none);
	return 0;
}
