/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch_state.h: the switch's own memory. The main thread's, but for what
 * is said to be shared: the epoch, the ledger, the MAC table, the counts of
 * learned MACs, the flows and the mailbox from the workers.
 */
#ifndef CORE_SWITCH_STATE_H
#define CORE_SWITCH_STATE_H

#include "core/attachment.h"
#include "core/echo.h"
#include "core/flap.h"
#include "core/groups.h"
#include "core/mismatch.h"
#include "core/snapshot.h"
#include "core/xacl_flow.h"

#define VS_GROUPS	 4096u /* VSIDs with a quota of their own */
#define VS_LEDGER_ROWS	 1024u /* per worker */
#define VS_RANGES	 64u   /* extensions with reasons, ever loaded */
#define VS_PIN_LIMIT_NS	 1000000000u
#define VS_RECOUNT_NS	 1000000000u
#define VS_RECOUNT_STEPS 4096u
#define VS_RETIRE_POLL	 10000000u /* look again that soon (ns) */

/* Global numbers of an extension's reasons; kept when it is gone. */
struct reason_range {
	const struct vs_extension *ext;
	uint16_t base;
};

/*
 * MACs per port. Workers add what they learn; the main thread counts the
 * table again, a piece per poll, because ageing and eviction tell nobody.
 */
struct mac_counts {
	_Atomic uint32_t learned[VS_PORTS_MAXIMUM];
	_Atomic uint64_t refused; /* over a port's quota */
	uint32_t recount[VS_PORTS_MAXIMUM];
	uint64_t cursor, next;
	uint32_t sweep;
};

struct vs_switch {
	char *name;
	struct vs_switch_params params; /* name is not valid here */
	struct vs_switch_owner *owner;
	struct vs_epoch epoch;
	struct vs_ledger *ledger, *probe_ledger;
	struct vs_table *macs;
	struct mac_counts counts;
	struct flap_state loop;
	struct groups_memory members;
	struct xacl_memory xacl; /* made for the first port that needs it */
	uint32_t flow_stamp;	 /* the last one given */
	struct echoes echoes;	 /* shared: echo.h says by whom */
	struct mismatches mismatches;		     /* workers' */
	struct vs_buckets buckets[VS_PORTS_MAXIMUM]; /* workers' */
	struct mailbox inbox;			     /* workers to main */
	struct vs_worker *worker[VS_WORKERS_MAXIMUM];
	struct vs_attachment *attachments;
	uint32_t next_attachment;
	struct reason_range range[VS_RANGES];
	uint16_t ranges, reasons;
	struct vs_vsid group[VS_GROUPS];
	uint32_t groups;
	struct vs_snapshot *retired;
	uint64_t generation, now;
	_Atomic uint64_t invalidations; /* of the flow caches; anybody's */
	/* per port that left: the first snapshot without it; 0 = none */
	uint64_t left[VS_PORTS_MAXIMUM];
};

/* switch_group - the quota group of a VSID; the last one is for all that
 * find no place. */
uint32_t switch_group(struct vs_switch *sw, struct vs_vsid vsid);
/* switch_event - tell the owner. */
void switch_event(struct vs_switch *sw, const char *source, const char *name,
		  const char *text);
/* switch_invalidate - no cached verdict holds any more; any thread. */
void switch_invalidate(struct vs_switch *sw);
/* switch_invalidate_vsid - nor one about frames of this VSID. */
void switch_invalidate_vsid(struct vs_switch *sw, struct vs_vsid vsid);
void switch_wake(struct vs_switch *sw, uint16_t worker);
uint64_t switch_random(struct vs_switch *sw);
/* switch_free_snapshot - and hand out the links that nobody names now. */
void switch_free_snapshot(struct vs_switch *sw, struct vs_snapshot *snapshot);
/* switch_free_retired - those that no worker can see. */
void switch_free_retired(struct vs_switch *sw);
/* switch_retire_rows - the ledger's, of ports that left and are settled. */
void switch_retire_rows(struct vs_switch *sw);
struct mailbox *switch_inbox(struct vs_switch *sw, uint16_t worker);

/* switch_port - in the snapshot that is published; NULL: there is none. */
static inline const struct vs_port *switch_port(const struct vs_switch *sw,
						struct vs_port_id id)
{
	const struct vs_snapshot *now = atomic_load(&sw->epoch.published);

	return now ? snapshot_port(now, id) : NULL;
}

#endif
