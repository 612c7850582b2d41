// SPDX-License-Identifier: Apache-2.0
/*
 * ledger.c: the books of design 7. Decides nothing: the walk books, this file
 * keeps. A row is written by one worker, so that a count is a relaxed load
 * and store, never a locked instruction.
 */
#include "core/ledger.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "packet/counter.h"
#include "packet/packet.h"

#define ROW_FREE UINT64_MAX
/* free as well, but a search goes on behind it */
#define ROW_RETIRED (UINT64_MAX - 1)

static const char *const consumer_names[] = {
	[VS_CONSUMED_ARP_PROXY] = "arp_proxy",
	[VS_CONSUMED_ND_PROXY] = "nd_proxy",
	[VS_CONSUMED_GATEWAY_ECHO] = "gateway_echo",
	[VS_CONSUMED_NEIGHBOUR] = "neighbour",
	[VS_CONSUMED_REDIRECT] = "redirect",
	[VS_CONSUMED_REFLECTED] = "reflected",
	[VS_CONSUMED_TOO_BIG] = "too_big",
	[VS_CONSUMED_EXTENSION] = "extension",
	[VS_CONSUMED_UNREACHABLE] = "unreachable",
	[VS_CONSUMED_TIME_EXCEEDED] = "time_exceeded",
	[VS_CONSUMED_PING] = "ping",
};
_Static_assert(sizeof(consumer_names) / sizeof(consumer_names[0]) ==
		       VS_CONSUMERS,
	       "one name each");

const char *vs_consumer_name(enum vs_consumer what)
{
	assert(what < VS_CONSUMERS);
	return consumer_names[what];
}

struct row {
	_Alignas(64) _Atomic uint64_t received;
	_Atomic uint64_t received_bytes, sent, sent_bytes;
	_Atomic uint64_t injected, replicas, held;
	_Atomic uint64_t consumed[VS_CONSUMERS];
	_Atomic uint64_t dropped[VS_LEDGER_REASONS];
};

struct vs_ledger {
	uint16_t workers;
	uint32_t rows; /* per worker; a power of two, and one behind: MORE */
	/* keys apart from counters, so that pages of unused rows stay
	 * untouched: port << 32 | vsid */
	_Atomic uint64_t *key;
	struct row *row;
	bool any_gone;		   /* the main thread's, as the next */
	struct vs_ledger_row gone; /* what was in retired rows */
};

static size_t place(const struct vs_ledger *ledger, uint32_t worker,
		    uint32_t row)
{
	return (size_t)worker * (ledger->rows + 1) + row;
}

static inline struct row *row_at(const struct vs_ledger *ledger,
				 uint32_t worker, uint32_t row)
{
	return &ledger->row[place(ledger, worker, row)];
}

static uint64_t row_key(struct vs_port_id port, uint32_t vsid)
{
	return (uint64_t)port.value << 32 | vsid;
}

/* Readers see the key only when the counters behind it are zero. */
static void row_make(struct vs_ledger *ledger, size_t at, uint64_t key)
{
	memset(&ledger->row[at], 0, sizeof(struct row));
	atomic_store_explicit(&ledger->key[at], key, memory_order_release);
}

struct vs_ledger *vs_ledger_create(uint16_t workers, uint32_t rows)
{
	struct vs_ledger *ledger = calloc(1, sizeof(*ledger));
	const struct vs_port_id nobody = {0};
	size_t count;
	uint32_t i;

	if (!ledger)
		return NULL;
	ledger->workers = workers;
	ledger->gone.port.value = VS_LEDGER_GONE;
	ledger->gone.vsid = VS_LEDGER_MORE;
	ledger->rows = 16;
	while (ledger->rows < rows)
		ledger->rows *= 2;
	count = (size_t)workers * (ledger->rows + 1);
	ledger->key = calloc(count, sizeof(*ledger->key));
	ledger->row = aligned_alloc(64, count * sizeof(struct row));
	if (!ledger->key || !ledger->row) {
		vs_ledger_destroy(ledger);
		return NULL;
	}
	for (i = 0; i < count; i++)
		atomic_init(&ledger->key[i], ROW_FREE);
	for (i = 0; i < workers; i++)
		row_make(ledger, place(ledger, i, ledger->rows),
			 row_key(nobody, VS_LEDGER_MORE));
	return ledger;
}

void vs_ledger_destroy(struct vs_ledger *ledger)
{
	if (!ledger)
		return;
	free(ledger->row);
	free(ledger->key);
	free(ledger);
}

/* Find or make; ledger->rows + 1 = there is no room. */
static uint32_t row_find(struct vs_ledger *ledger, uint16_t worker,
			 uint64_t key)
{
	const _Atomic uint64_t *keys = &ledger->key[place(ledger, worker, 0)];
	uint32_t mask = ledger->rows - 1;
	uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 40) & mask;
	uint32_t room = ledger->rows + 1, probes;

	for (probes = 0; probes < ledger->rows; probes++) {
		/* acquire: what retired the row is done with its counters */
		uint64_t there =
			atomic_load_explicit(&keys[at], memory_order_acquire);

		if (there == key)
			return at;
		if ((there == ROW_FREE || there == ROW_RETIRED) &&
		    room > ledger->rows)
			room = at;
		if (there == ROW_FREE)
			break;
		at = (at + 1) & mask;
	}
	if (room < ledger->rows)
		row_make(ledger, place(ledger, worker, room), key);
	return room;
}

uint32_t vs_ledger_row(struct vs_ledger *ledger, uint16_t worker,
		       struct vs_port_id port, uint32_t vsid)
{
	uint32_t row = row_find(ledger, worker, row_key(port, vsid));

	if (row > ledger->rows)
		row = row_find(ledger, worker, row_key(port, VS_LEDGER_MORE));
	return row > ledger->rows ? ledger->rows : row;
}

struct vs_port_id vs_ledger_port(const struct vs_ledger *ledger,
				 uint16_t worker, uint32_t row)
{
	uint64_t key = atomic_load_explicit(
		&ledger->key[place(ledger, worker, row)], memory_order_relaxed);

	return (struct vs_port_id){(uint16_t)(key >> 32)};
}

void vs_ledger_receive(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		       uint32_t frames, uint64_t bytes)
{
	struct row *at = row_at(ledger, worker, row);

	counter_add(&at->received, frames);
	counter_add(&at->received_bytes, bytes);
}

void vs_ledger_inject(struct vs_ledger *ledger, uint16_t worker, uint32_t row)
{
	counter_add(&row_at(ledger, worker, row)->injected, 1);
}

void vs_ledger_replicate(struct vs_ledger *ledger, uint16_t worker,
			 uint32_t row, uint32_t copies)
{
	counter_add(&row_at(ledger, worker, row)->replicas, copies);
}

void vs_ledger_send(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		    uint32_t frames, uint64_t bytes)
{
	struct row *at = row_at(ledger, worker, row);

	counter_add(&at->sent, frames);
	counter_add(&at->sent_bytes, bytes);
}

void vs_ledger_consume(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		       enum vs_consumer what)
{
	assert(what < VS_CONSUMERS);
	counter_add(&row_at(ledger, worker, row)->consumed[what], 1);
}

void vs_ledger_drop(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		    uint16_t reason)
{
	assert(reason != VS_REASON_NONE && reason < VS_LEDGER_REASONS);
	counter_add(&row_at(ledger, worker, row)->dropped[reason], 1);
}

void vs_ledger_hold(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		    int change)
{
	counter_add(&row_at(ledger, worker, row)->held,
		    (uint64_t)(int64_t)change);
}

static void row_add(struct vs_ledger_row *sum, const struct row *row)
{
	uint32_t i;

	sum->received += counter_read(&row->received);
	sum->received_bytes += counter_read(&row->received_bytes);
	sum->injected += counter_read(&row->injected);
	sum->replicas += counter_read(&row->replicas);
	sum->sent += counter_read(&row->sent);
	sum->sent_bytes += counter_read(&row->sent_bytes);
	sum->held += counter_read(&row->held);
	for (i = 0; i < VS_CONSUMERS; i++)
		sum->consumed[i] += counter_read(&row->consumed[i]);
	for (i = 0; i < VS_LEDGER_REASONS; i++)
		sum->dropped[i] += counter_read(&row->dropped[i]);
}

static uint64_t key_at(const struct vs_ledger *ledger, uint32_t worker,
		       uint32_t row)
{
	return atomic_load_explicit(&ledger->key[place(ledger, worker, row)],
				    memory_order_acquire);
}

/* The worker's row of a key, or NULL. */
static const struct row *row_of(const struct vs_ledger *ledger, uint32_t worker,
				uint64_t key)
{
	uint32_t i;

	for (i = 0; i <= ledger->rows; i++)
		if (key_at(ledger, worker, i) == key)
			return row_at(ledger, worker, i);
	return NULL;
}

static bool counted_before(const struct vs_ledger *ledger, uint32_t worker,
			   uint64_t key)
{
	uint32_t i;

	for (i = 0; i < worker; i++)
		if (row_of(ledger, i, key))
			return true;
	return false;
}

bool vs_ledger_next(const struct vs_ledger *ledger, uint32_t *cursor,
		    struct vs_ledger_row *sum)
{
	uint32_t span = ledger->rows + 1, end = span * ledger->workers;

	for (; *cursor < end; ++*cursor) {
		uint32_t worker = *cursor / span, other;
		uint64_t key = key_at(ledger, worker, *cursor % span);
		const struct row *row;

		if (key == ROW_FREE || key == ROW_RETIRED ||
		    counted_before(ledger, worker, key))
			continue;
		memset(sum, 0, sizeof(*sum));
		sum->port.value = (uint16_t)(key >> 32);
		sum->vsid = (uint32_t)key;
		for (other = worker; other < ledger->workers; other++) {
			row = row_of(ledger, other, key);
			if (row)
				row_add(sum, row);
		}
		++*cursor;
		return true;
	}
	if (*cursor > end || !ledger->any_gone)
		return false;
	*sum = ledger->gone;
	++*cursor;
	return true;
}

struct vs_ledger_row vs_ledger_total(const struct vs_ledger *ledger)
{
	struct vs_ledger_row total = ledger->gone;
	size_t count = (size_t)ledger->workers * (ledger->rows + 1), i;

	total.port.value = 0;
	total.vsid = 0;
	for (i = 0; i < count; i++) {
		uint64_t key = atomic_load_explicit(&ledger->key[i],
						    memory_order_acquire);

		if (key != ROW_FREE && key != ROW_RETIRED)
			row_add(&total, &ledger->row[i]);
	}
	return total;
}

void vs_ledger_retire(struct vs_ledger *ledger, const struct vs_port_set *ports)
{
	size_t count = (size_t)ledger->workers * (ledger->rows + 1), i;

	for (i = 0; i < count; i++) {
		uint64_t key = atomic_load_explicit(&ledger->key[i],
						    memory_order_relaxed);
		uint64_t port = key >> 32;

		if (port >= VS_PORTS_MAXIMUM ||
		    !(ports->word[port / 64] >> port % 64 & 1))
			continue;
		row_add(&ledger->gone, &ledger->row[i]);
		ledger->any_gone = true;
		atomic_store_explicit(&ledger->key[i], ROW_RETIRED,
				      memory_order_release);
	}
}

int64_t vs_ledger_balance(const struct vs_ledger_row *row)
{
	uint64_t left = row->received + row->injected + row->replicas;
	uint64_t right = row->sent + row->held;
	uint32_t i;

	for (i = 0; i < VS_CONSUMERS; i++)
		right += row->consumed[i];
	for (i = 0; i < VS_LEDGER_REASONS; i++)
		right += row->dropped[i];
	return (int64_t)(left - right);
}
