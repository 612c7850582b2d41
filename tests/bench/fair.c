// SPDX-License-Identifier: Apache-2.0
/*
 * fair.c: what three tenants get of one busy worker: the pump's own turns and
 * the whole walk, devices that cost what a TAP costs, and the worker's CPU time
 * for a clock, so that what else the machine does is not measured.
 *
 * Each tenant has a port that sends and one that swallows. First all three
 * always have 64-byte frames: a third of what the worker carries then is what
 * is fair. Then two tenants offer just that much, each through a queue of 1000
 * frames as a TAP has, while the third floods, once with 64-byte frames, once
 * with super-frames of 64 KB: what the two get through, of what is fair, must
 * be >= 0.9. Last, all always have some, by weights of 3, 1, 1.
 *
 *   vs_bench_fair [--smoke]      a table; exit code 1: nothing came through
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "io/link.h"
#include "io/pump.h"
#include "tests/support/frames.h"

#define TENANTS	   3
#define QUEUE	   1000.0 /* frames, of a TAP */
#define FRAME_NS   1300	  /* of the kernel, to read or write one */
#define SUPER_NS   9000	  /* the same for 64 KB, which are copied */
#define SUPER_SIZE 65226u
#define SECOND	   1000000000.0

enum offer { OFFER_NOTHING, OFFER_RATE, OFFER_SMALL, OFFER_SUPER };

struct wire {
	struct vs_link link; /* first */
	uint8_t tenant;
	_Atomic int offer;
	_Atomic uint64_t rate; /* frames a second of the worker's time */
	_Atomic uint64_t read, lost;
	double waiting;
	uint64_t filled; /* when the queue was looked at last */
};

static struct wire *senders[TENANTS];
static _Atomic uint64_t worker_ns; /* its clock, as last read */

static uint64_t clock_ns(void)
{
	struct timespec now;
	uint64_t ns;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	atomic_store_explicit(&worker_ns, ns, memory_order_relaxed);
	return ns;
}

static void spend(uint64_t ns)
{
	uint64_t end = clock_ns() + ns;

	while (clock_ns() < end)
		;
}

static struct wire *wire_of(struct vs_link *link)
{
	return (struct wire *)link;
}

/* How many frames wait in the device. */
static uint16_t waiting(struct wire *wire, uint16_t room)
{
	int offer = atomic_load(&wire->offer);
	uint64_t now = clock_ns();

	if (offer == OFFER_NOTHING || offer == OFFER_RATE) {
		if (offer == OFFER_RATE)
			wire->waiting += (double)(now - wire->filled) *
					 (double)atomic_load(&wire->rate) /
					 SECOND;
		wire->filled = now;
		if (wire->waiting > QUEUE) {
			atomic_fetch_add(&wire->lost,
					 (uint64_t)(wire->waiting - QUEUE));
			wire->waiting = QUEUE;
		}
		return wire->waiting < room ? (uint16_t)wire->waiting : room;
	}
	wire->filled = now;
	return room;
}

/* A UDP datagram, or a TCP super-frame, to the tenant's other port. */
static void fill(struct vs_packet *packet, bool super)
{
	uint8_t *bytes = packet->buffer + VS_PACKET_HEADROOM;
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);

	frames_ipv4(&frame, super ? VS_IP_TCP : VS_IP_UDP);
	if (super)
		frames_tcp(&frame, 1, 0x10);
	else
		frames_udp(&frame);
	frame.size = super ? SUPER_SIZE : 64;
	frames_finish_ip(&frame);
	vs_store16(bytes + frame.l4 + 4, super ? 0 : 30);
	packet->view.size = frame.size;
	packet->view.tags = 0;
	packet->view.vlan = VS_ABSENT;
	packet->view.offload = (struct vs_offload){.csum_start = VS_ABSENT};
	if (super)
		packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
							   .gso_size = 1404,
							   .header_size = 54,
							   .csum_start = 34,
							   .csum_offset = 16};
}

static int rx_burst(struct vs_link *link, struct vs_pool *pool,
		    struct vs_packet *packets[], uint16_t room, uint32_t bytes)
{
	struct wire *wire = wire_of(link);
	bool super = atomic_load(&wire->offer) == OFFER_SUPER;
	uint16_t count, most = waiting(wire, room);
	uint32_t taken = 0;

	for (count = 0; count < most && taken < bytes; count++) {
		packets[count] = vs_pool_take(pool, super);
		if (!packets[count])
			break;
		fill(packets[count], super);
		taken += packets[count]->view.size;
		spend(super ? SUPER_NS : FRAME_NS);
	}
	if (most && !count)
		return -ENOBUFS;
	wire->waiting -= wire->waiting < count ? wire->waiting : count;
	atomic_fetch_add(&wire->read, count);
	return count;
}

static void tx_burst(struct vs_link *link,
		     const struct vs_outbox_entry *const entries[],
		     uint16_t count, struct link_scratch *scratch)
{
	(void)link;
	(void)scratch;
	for (uint16_t i = 0; i < count; i++)
		spend(entries[i]->recipe.slice_size > 2048 ? SUPER_NS
							   : FRAME_NS);
}

static void wire_close(struct vs_link *link)
{
	close(link->fd);
	free(link);
}

static const struct link_ops wire_ops = {.name = "wire",
					 .rx_burst = rx_burst,
					 .tx_burst = tx_burst,
					 .close = wire_close};

/* Always readable: what is in it, rx_burst says. */
static struct wire *wire_new(uint8_t tenant)
{
	static uint64_t serial;
	struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		abort();
	link_init(&wire->link, &wire_ops, eventfd(1, EFD_NONBLOCK), 65535);
	wire->link.serial = ++serial;
	wire->link.pollable = true;
	wire->link.unread = true;
	wire->tenant = tenant;
	return wire;
}

/* -- the switch -------------------------------------------------------------
 */

static void add_port(struct vs_snapshot *snapshot, uint16_t id,
		     struct wire *wire, uint16_t weight)
{
	struct vs_port_plan *plan = calloc(1, sizeof(*plan));
	struct vs_error error;

	if (!plan)
		abort();
	plan->info.struct_size = sizeof(plan->info);
	plan->info.id.value = id;
	plan->info.up = true;
	plan->info.mac = (struct vs_mac){{2, 0, 0, 0, 0, id % 2 ? 1 : 2}};
	snprintf(plan->info.name, sizeof(plan->info.name), "p%u", id);
	plan->link = &wire->link;
	plan->mac_guard = true;
	plan->vsid_count = 1;
	plan->vsids[0].value = 5001u + wire->tenant;
	plan->police.weight = weight;
	if (vs_snapshot_add_port(snapshot, plan, &error))
		abort();
	free(plan);
}

static struct vs_switch *sw;
static struct pump *pump;
static struct wire *sinks[TENANTS];

static void publish(uint16_t first_weight)
{
	struct vs_snapshot *snapshot = vs_snapshot_begin(sw);

	if (!snapshot)
		abort();
	for (uint8_t i = 0; i < TENANTS; i++) {
		add_port(snapshot, (uint16_t)(2 + 2 * i), senders[i],
			 i ? 1 : first_weight);
		add_port(snapshot, (uint16_t)(3 + 2 * i), sinks[i], 1);
	}
	vs_switch_publish(sw, snapshot);
	pump_wake(pump, UINT16_MAX);
}

static void link_gone(struct pump_owner *owner)
{
	(void)owner;
}

static void set_up(void)
{
	static struct pump_owner pump_owner = {link_gone};
	static struct vs_switch_owner owner;
	struct vs_switch_params params = {
		.name = "fair", .workers = 1, .seed = 7};
	struct pump_params pumping = {
		.workers = 1, .spin_us = PUMP_SPIN_MAX, .owner = &pump_owner};
	struct vs_error error;

	for (uint8_t i = 0; i < TENANTS; i++) {
		senders[i] = wire_new(i);
		sinks[i] = wire_new(i);
	}
	if (vs_switch_create(&sw, &params, &owner, &error) ||
	    pump_create(&pump, &pumping, &error) || pump_add(pump, sw))
		abort();
	publish(1);
}

static void tear_down(void)
{
	pump_destroy(pump);
	vs_switch_destroy(sw);
	for (int i = 0; i < TENANTS; i++) {
		wire_close(&senders[i]->link);
		wire_close(&sinks[i]->link);
	}
}

/* -- measuring --------------------------------------------------------------
 */

static void offer(int tenant, enum offer what, double rate)
{
	atomic_store(&senders[tenant]->rate, (uint64_t)rate);
	atomic_store(&senders[tenant]->offer, what);
}

/* Frames a second of the worker's time that were read of each. */
static void measure(double seconds, double got[TENANTS])
{
	const struct timespec nap = {0, 2000000};
	uint64_t before[TENANTS], start, now;
	int i;

	for (int settle = 0; settle < 50; settle++)
		nanosleep(&nap, NULL);
	start = atomic_load(&worker_ns);
	for (i = 0; i < TENANTS; i++)
		before[i] = atomic_load(&senders[i]->read);
	do {
		nanosleep(&nap, NULL);
		now = atomic_load(&worker_ns);
	} while ((double)(now - start) < seconds * SECOND);
	for (i = 0; i < TENANTS; i++)
		got[i] = (double)(atomic_load(&senders[i]->read) - before[i]) *
			 SECOND / (double)(now - start);
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static void row(const char *what, double value)
{
	printf("%-52s %6.3f  >= 0.9  %s\n", what, value,
	       value >= 0.9 ? "PASS" : "below");
}

static double two_beside(enum offer flood, double fair, double seconds)
{
	double got[TENANTS];

	offer(0, flood, 0);
	offer(1, OFFER_RATE, fair);
	offer(2, OFFER_RATE, fair);
	measure(seconds, got);
	printf("  %.0f of the flood, %.0f and %.0f of the two a second\n",
	       got[0], got[1], got[2]);
	return least(got[1], got[2]) / fair;
}

int main(int count, char **words)
{
	double seconds = count > 1 && !strcmp(words[1], "--smoke") ? 0.05 : 3;
	double got[TENANTS], fair;
	int i;

	set_up();
	for (i = 0; i < TENANTS; i++)
		offer(i, OFFER_SMALL, 0);
	measure(seconds, got);
	fair = (got[0] + got[1] + got[2]) / TENANTS;
	printf("  fair: %.0f frames of 64 bytes a second\n", fair);
	row("all flat out: the least of the three",
	    least(got[0], least(got[1], got[2])) / fair);
	row("two beside a flood of 64-byte frames",
	    two_beside(OFFER_SMALL, fair, seconds));
	row("two beside a flood of super-frames",
	    two_beside(OFFER_SUPER, fair, seconds));
	for (i = 0; i < TENANTS; i++)
		offer(i, OFFER_SMALL, 0);
	publish(3);
	measure(seconds, got);
	row("weight 3 beside 1 and 1, of three times as much",
	    got[0] * 2 / (got[1] + got[2]) / 3);
	tear_down();
	return fair > 0 ? 0 : 1;
}
