/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch.h: one virtual switch as a value, for the main thread.
 *
 * Create it, attach extensions, build a snapshot from ports, policies and
 * states, publish. Workers (worker.h) read snapshots only. No system call
 * here or below: time is an argument, links are opaque pointers.
 */
#ifndef CORE_SWITCH_H
#define CORE_SWITCH_H

#include <stdatomic.h>

#include <vswitch/extension.h>
#include <vswitch/table.h>

#include "core/changes.h"
#include "core/epoch.h"
#include "core/lane.h"
#include "core/ledger.h"
#include "core/flap.h"
#include "core/groups.h"
#include "core/police.h"

struct vs_switch;
struct vs_worker;
struct vs_link;
struct vs_acl;
struct vs_echo_news;
struct vs_xacl;
struct vs_attachment; /* an extension on this switch: instance + shards */

struct vs_switch_params {
	const char *name; /* copied */
	uint16_t workers; /* 1..VS_WORKERS_MAXIMUM-1; one more, the probe, is
			     made for trace */
	uint32_t macs;	  /* capacity of the MAC table, default 16384 */
	uint32_t macs_per_port, macs_per_vsid; /* quotas, 0 = capacity / 4 */
	uint64_t ageing_ns;		       /* default 300 s */
	uint32_t flows;		 /* of stateful rules, default 65536 */
	uint32_t flows_per_vsid; /* quota, 0 = flows / 4 */
	uint32_t small_buffers, big_buffers; /* per worker; 0 = default */
	bool uncached; /* no flow cache: to compare with */
	/* counted up whenever frames of a flow may be treated in another way
	 * than before (changes.h); any thread. NULL: nobody asks */
	struct vs_changes *changes;
	uint64_t seed; /* of the hashes: random per boot */
};

/* The pieces of one record, one behind the other. */
struct vs_sink_record {
	const uint8_t *const *pieces;
	const uint32_t *sizes;
	uint16_t count;
	bool kept; /* the main thread's: it may wait for the reader */
};

/* What the switch tells its owner; called on the main thread (vs_switch_poll)
 * except where said. All members may be NULL in tests. */
struct vs_switch_owner {
	/* an event of the switch or an extension */
	void (*event)(struct vs_switch_owner *owner, struct vs_switch *sw,
		      const char *source, const char *name, const char *text);
	/* an extension asks for configure() again */
	void (*reconfigure)(struct vs_switch_owner *owner,
			    struct vs_switch *sw);
	/* wake a worker that may sleep: its mailbox has something. Any
	 * thread. */
	void (*wake)(struct vs_switch_owner *owner, struct vs_switch *sw,
		     uint16_t worker);
	uint64_t (*random)(struct vs_switch_owner *owner);
	uint64_t (*wall_ns)(struct vs_switch_owner *owner);
	/* a record for a sink, from any worker's thread or the main thread;
	 * must not block; order, count 0 and errors as vs_main_host.sink and
	 * vs_host.sink say */
	int (*sink)(struct vs_switch_owner *owner, uint32_t sink,
		    const struct vs_sink_record *record);
	/* vs_main_host's three of these names */
	int (*defer)(struct vs_switch_owner *owner);
	struct vs_reply *(*deferred)(struct vs_switch_owner *owner, int token);
	void (*answer)(struct vs_switch_owner *owner, int token,
		       const struct vs_error *error);
	/* what became of an echo (echo.h) */
	void (*echoed)(struct vs_switch_owner *owner, struct vs_switch *sw,
		       const struct vs_echo_news *news);
	int (*open_sink)(struct vs_switch_owner *owner, const char *name,
			 struct vs_error *error);
	void (*close_sink)(struct vs_switch_owner *owner, int sink);
	int (*sink_counts)(struct vs_switch_owner *owner, int sink,
			   struct vs_sink_counts *counts);
	/* a link that no worker can see any more, nor keeps something of:
	 * close it */
	void (*link_retired)(struct vs_switch_owner *owner,
			     struct vs_link *link);
};

int vs_switch_create(struct vs_switch **sw,
		     const struct vs_switch_params *params,
		     struct vs_switch_owner *owner, struct vs_error *error);
/* vs_switch_destroy - workers must be parked for good; detaches everything. */
void vs_switch_destroy(struct vs_switch *sw);
/* vs_switch_changed - steady answers (changes.h) are no longer; any thread. */
void vs_switch_changed(struct vs_switch *sw);
/* vs_switch_changed_in - those about frames of this VSID. */
void vs_switch_changed_in(struct vs_switch *sw, struct vs_vsid vsid);
const char *vs_switch_name(const struct vs_switch *sw);
uint16_t vs_switch_workers(const struct vs_switch *sw);
/* vs_switch_worker - index 0..workers-1, or `workers` for the probe. */
struct vs_worker *vs_switch_worker(struct vs_switch *sw, uint16_t index);

/*
 * Stack membership. attach: descriptor checked by the loader; makes instance
 * and shards, assigns reason and counter ranges. detach: must not be in the
 * published snapshot; waits for nothing: the caller polls until
 * vs_attachment_idle.
 */
int vs_switch_attach(struct vs_switch *sw, const struct vs_extension *ext,
		     struct vs_attachment **attachment, struct vs_error *error);
bool vs_attachment_idle(const struct vs_attachment *attachment);
void vs_switch_detach(struct vs_switch *sw, struct vs_attachment *attachment);
const struct vs_extension *
vs_attachment_extension(const struct vs_attachment *attachment);
struct vs_instance *
vs_attachment_instance(const struct vs_attachment *attachment);
/* vs_attachment_configure - run configure(); the state is bound to the next
 * snapshot it is added to, or given to retire by vs_state_discard. */
const struct vs_state *
vs_attachment_configure(struct vs_attachment *attachment,
			const struct vs_settings *settings,
			struct vs_error *error);
void vs_state_discard(struct vs_attachment *attachment,
		      const struct vs_state *state);
/*
 * vs_attachment_hand_over - what `from` saves, `to` restores: both are
 * attachments of extensions with one GUID, and `to` is not configured yet. How
 * many bytes, 0 if one of the two has no hook for it, or -errno: `to` has
 * begun with nothing, and `error` says why.
 */
int64_t vs_attachment_hand_over(struct vs_attachment *from,
				struct vs_attachment *to,
				struct vs_error *error);
/*
 * vs_attachment_save - what the extension keeps of a port, or (NULL) of all:
 * *bytes is the caller's to free. How many, 0 if it keeps nothing, or -errno.
 * vs_attachment_restore - give such bytes to the instance; saved->guid must be
 * its own. 0 or -errno with a reason in `error`, which was empty.
 */
int64_t vs_attachment_save(struct vs_attachment *attachment, const char *port,
			   uint8_t **bytes, struct vs_error *error);
int vs_attachment_restore(struct vs_attachment *attachment,
			  const struct vs_saved *saved, struct vs_error *error);
void vs_attachment_port_event(struct vs_attachment *attachment,
			      enum vs_port_change change,
			      const struct vs_port_info *port);

/* -- snapshots -- */

#define VS_PORT_VSIDS 128u

struct vs_port_plan {
	struct vs_port_info
		info;	      /* id, kind, name, MAC and MTU of the device */
	struct vs_link *link; /* NULL = waits for its device */
	uint16_t worker;      /* the one that reads it */
	bool waits;   /* configured not to forward now (profile.waits) */
	bool monitor; /* receive only */
	bool mac_guard, ca_guard;
	struct vs_mac mac; /* the port's own by policy; zero = the device's */
	struct vs_wandering_macs wandering;
	uint16_t vsid_count;
	struct vs_vsid vsids[VS_PORT_VSIDS]; /* the VSID set; [0] is stamped */
	/* a multi-tenant port (rdmap.h): tags[i] is the VLAN ID that names
	 * vsids[i] on its device, 0 = no tag; both one of a kind */
	bool tagged;
	uint16_t tags[VS_PORT_VSIDS];
	struct vs_acl *acl;   /* the snapshot takes a reference over; or NULL */
	struct vs_xacl *xacl; /* the same */
	struct vs_lane_plan lane; /* of a port with VLANs: lane.h fills vsids */
	struct vs_police police;
};

struct vs_snapshot *vs_snapshot_begin(struct vs_switch *sw);
/* -EEXIST: two ports with one id, or one (VSID, MAC): refused, both named. */
int vs_snapshot_add_port(struct vs_snapshot *snapshot,
			 const struct vs_port_plan *plan,
			 struct vs_error *error);
/* in stack order, top first; the state is the snapshot's from here */
int vs_snapshot_add_extension(struct vs_snapshot *snapshot,
			      struct vs_attachment *attachment,
			      const struct vs_state *state,
			      struct vs_error *error);
/* vs_snapshot_discard - never published; states go to retire. */
void vs_snapshot_discard(struct vs_snapshot *snapshot);
/* vs_switch_publish - one pointer swap; the snapshot is the switch's. */
void vs_switch_publish(struct vs_switch *sw, struct vs_snapshot *snapshot);
/*
 * vs_switch_poll - the main thread's timer: free what nobody uses, carry
 * notes and events from workers, run tick_main. Returns the next deadline.
 */
uint64_t vs_switch_poll(struct vs_switch *sw, uint64_t now);

/* -- looking -- */
/* vs_core_checks_hooks - is this a build that finds out who writes to a frame
 * in a hook that may only look at it? */
bool vs_core_checks_hooks(void);
struct vs_ledger *vs_switch_ledger(struct vs_switch *sw);
struct vs_table *vs_switch_macs(struct vs_switch *sw);
/* the MAC table's key and value, for show fdb */
struct vs_mac_key {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint16_t zero;
};
struct vs_mac_value {
	struct vs_port_id port;
	uint16_t moves;
};
/* vs_switch_acl - the rules of a port in the published snapshot, or NULL; the
 * snapshot's: take a reference to keep them. */
struct vs_acl *vs_switch_acl(const struct vs_switch *sw,
			     struct vs_port_id port);
/* vs_switch_xacl - the same of its extended rules. */
struct vs_xacl *vs_switch_xacl(const struct vs_switch *sw,
			       struct vs_port_id port);
/* vs_switch_mailbox_full - notes and events of workers that the main thread's
 * mailbox had no room for. */
uint64_t vs_switch_mailbox_full(const struct vs_switch *sw);
/* vs_switch_kept_out - copies that deliver did not give to the port, for their
 * VSID is not one of its own (vsid_acl). */
uint64_t vs_switch_kept_out(const struct vs_switch *sw, struct vs_port_id port);
/* vs_switch_loop - is the port blocked for a loop (flap.h)? Then why. */
bool vs_switch_loop(const struct vs_switch *sw, struct vs_port_id port,
		    struct vs_loop_found *found);
/* vs_switch_mismatch - the index-th thing that the guest of a port does
 * otherwise than policy says (mismatch.h), as long as that is so by what is
 * published; NULL: no more. Main thread; until the next poll. */
const char *vs_switch_mismatch(const struct vs_switch *sw,
			       struct vs_port_id port, uint32_t index);
/* vs_switch_reason - a global reason number: its own number in the table it
 * comes from, name and sentence; "none" for a number of nobody. */
struct vs_reason_entry vs_switch_reason(const struct vs_switch *sw,
					uint16_t reason);
/* vs_switch_reason_name - text of a global reason number on this switch. */
const char *vs_switch_reason_name(const struct vs_switch *sw, uint16_t reason);
/* counters of an attachment, added over workers; index in its table */
uint64_t vs_attachment_counter(const struct vs_attachment *attachment,
			       uint16_t counter);
/* vs_attachment_held - frames that it keeps now, over all workers. */
uint64_t vs_attachment_held(const struct vs_attachment *attachment);
/* vs_attachment_made - frames that it made and has neither emitted nor freed;
 * what only grows is a leak. */
uint64_t vs_attachment_made(const struct vs_attachment *attachment);
/* vs_attachment_reason - the global number of its own drop reason. */
uint16_t vs_attachment_reason(const struct vs_attachment *attachment,
			      uint16_t own);
/* vs_attachment_broke - it broke a rule of the boundary since it was attached,
 * or asked for what its hook may not; an event said which. */
bool vs_attachment_broke(const struct vs_attachment *attachment);

#endif
