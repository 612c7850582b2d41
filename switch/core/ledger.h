/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h: nothing is lost silently.
 *
 * The unit is a copy in the walk; a super-frame is one. Per source port and
 * VSID, exactly:
 *
 *   received + injected + replicas
 *       = sent + consumed[what] + dropped[reason] + held
 *
 * Each worker has its own rows and writes them alone with relaxed atomics;
 * readers (the main thread) add the workers up. A row belongs to (source
 * port, VSID); it is found or made on a worker's first frame of that pair,
 * from a fixed array; when that is full, VSIDs beyond are booked under VSID
 * 0xFFFFFFFF ("more"). Frames of a VSID that policy doesn't know go under
 * "none" (VSID 0xFFFFFFFE).
 *
 * The rows of ports that are gone are free again: what was in them is added
 * to one row more, port VS_LEDGER_GONE, so that no sum ever shrinks. A row is
 * the worker's while its port may have frames there, then the main thread's
 * until that has emptied it; vs_ledger_retire says when the hand-over is.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <vswitch/packet.h>

#include "core/reason.h"

#define VS_LEDGER_MORE UINT32_MAX
#define VS_LEDGER_NONE (UINT32_MAX - 1)
#define VS_LEDGER_GONE                                                         \
	VS_PORTS_MAXIMUM       /* the port of the row of all gone ones */
#define VS_LEDGER_REASONS 384u /* core's and all loaded extensions' */

struct vs_ledger;
struct vs_port_set;

/* A snapshot of one row, added up over workers. */
struct vs_ledger_row {
	struct vs_port_id port;
	uint32_t vsid;
	uint64_t received, received_bytes, injected, replicas, sent, sent_bytes,
		held;
	uint64_t consumed[VS_CONSUMERS];
	uint64_t dropped[VS_LEDGER_REASONS]; /* by global reason number */
};

struct vs_ledger *vs_ledger_create(uint16_t workers, uint32_t rows);
void vs_ledger_destroy(struct vs_ledger *ledger);

/* -- a worker's side -- */
uint32_t vs_ledger_row(struct vs_ledger *ledger, uint16_t worker,
		       struct vs_port_id port, uint32_t vsid);
/* vs_ledger_port - whose row it is. */
struct vs_port_id vs_ledger_port(const struct vs_ledger *ledger,
				 uint16_t worker, uint32_t row);
void vs_ledger_receive(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		       uint32_t frames, uint64_t bytes);
void vs_ledger_inject(struct vs_ledger *ledger, uint16_t worker, uint32_t row);
void vs_ledger_replicate(struct vs_ledger *ledger, uint16_t worker,
			 uint32_t row, uint32_t copies);
void vs_ledger_send(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		    uint32_t frames, uint64_t bytes);
/* vs_consumer_name - what `stats` and `trace` call it. */
const char *vs_consumer_name(enum vs_consumer what);
void vs_ledger_consume(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		       enum vs_consumer what);
void vs_ledger_drop(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		    uint16_t reason);
void vs_ledger_hold(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
		    int change);

/* -- the main thread's side -- */
/* vs_ledger_next - walk the rows: *cursor from 0; false at the end. */
bool vs_ledger_next(const struct vs_ledger *ledger, uint32_t *cursor,
		    struct vs_ledger_row *row);
/* vs_ledger_total - all rows as one, of port and VSID 0. */
struct vs_ledger_row vs_ledger_total(const struct vs_ledger *ledger);
/* vs_ledger_retire - empty the rows of these ports into the gone one's (VSID
 * "more") and free them. No worker may have a packet or a cached number of
 * such a row, nor ask for one, until it has a snapshot that names the port
 * again. */
void vs_ledger_retire(struct vs_ledger *ledger,
		      const struct vs_port_set *ports);
/* vs_ledger_balance - left side minus right side; 0 at quiescence. */
int64_t vs_ledger_balance(const struct vs_ledger_row *row);

#endif
