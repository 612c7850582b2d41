// SPDX-License-Identifier: Apache-2.0
/*
 * switch.c: the switch as the main thread has it: create, poll, look, destroy.
 * What it publishes is switch_publish.c's, the walk is pipeline.c's;
 * extensions' lives are attachment.c's.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/switch_state.h"
#include "core/worker_state.h"
#include "packet/counter.h"

#define DEFAULT_MACS	  16384u
#define DEFAULT_AGEING_NS 300000000000u
#define SWEEP_BUCKETS	  1024u
#define FALLBACK_RANDOM	  0x2545f4914f6cdd1du

void switch_event(struct vs_switch *sw, const char *source, const char *name,
		  const char *text)
{
	if (sw->owner && sw->owner->event)
		sw->owner->event(sw->owner, sw, source, name, text);
}

void switch_wake(struct vs_switch *sw, uint16_t worker)
{
	if (sw->owner && sw->owner->wake)
		sw->owner->wake(sw->owner, sw, worker);
}

void vs_switch_changed(struct vs_switch *sw)
{
	if (sw->params.changes)
		changes_count(&sw->params.changes->all);
}

void vs_switch_changed_in(struct vs_switch *sw, struct vs_vsid vsid)
{
	struct vs_changes *changes = sw->params.changes;

	if (!changes)
		return;
	changes_count(&changes->part[changes_part(sw, vsid)]);
	changes_count(&changes->parts); /* after it */
}

void switch_invalidate(struct vs_switch *sw)
{
	atomic_fetch_add_explicit(&sw->invalidations, 1, memory_order_release);
	vs_switch_changed(sw);
}

void switch_invalidate_vsid(struct vs_switch *sw, struct vs_vsid vsid)
{
	/* the caches ask again of all: that costs them a question */
	atomic_fetch_add_explicit(&sw->invalidations, 1, memory_order_release);
	vs_switch_changed_in(sw, vsid);
}

uint64_t switch_random(struct vs_switch *sw)
{
	if (sw->owner && sw->owner->random)
		return sw->owner->random(sw->owner);
	sw->params.seed = sw->params.seed * FALLBACK_RANDOM + 1;
	return sw->params.seed ^ sw->params.seed >> 29;
}

struct mailbox *switch_inbox(struct vs_switch *sw, uint16_t worker)
{
	return &sw->worker[worker]->inbox;
}

/* A VSID that left keeps its group until all are taken: then one that is in
 * no snapshot gives way, and its MACs are forgotten. */
uint32_t switch_group(struct vs_switch *sw, struct vs_vsid vsid)
{
	struct vs_snapshot *now = atomic_load(&sw->epoch.published);
	uint32_t i;

	for (i = 0; i < sw->groups; i++)
		if (vs_vsid_equal(sw->group[i], vsid))
			return i;
	if (sw->groups < VS_GROUPS - 1) {
		sw->group[sw->groups] = vsid;
		return sw->groups++;
	}
	for (i = 0; i < sw->groups; i++) {
		if (now && snapshot_subnet(now, sw->group[i]))
			continue;
		vs_table_flush(sw->macs, i);
		if (sw->members.table)
			vs_table_flush(sw->members.table, i);
		if (sw->xacl.flows)
			vs_table_flush(sw->xacl.flows, i);
		sw->group[i] = vsid;
		return i;
	}
	return VS_GROUPS - 1;
}

/* -- create and destroy
 * ---------------------------------------------------------- */

static void set_defaults(struct vs_switch_params *params)
{
	if (!params->macs)
		params->macs = DEFAULT_MACS;
	if (!params->macs_per_port)
		params->macs_per_port = params->macs / 4;
	if (!params->macs_per_vsid)
		params->macs_per_vsid = params->macs / 4;
	if (!params->flows)
		params->flows = VS_FLOWS_DEFAULT;
	if (!params->flows_per_vsid)
		params->flows_per_vsid = (params->flows + 3) / 4;
	if (!params->ageing_ns)
		params->ageing_ns = DEFAULT_AGEING_NS;
	params->name = NULL;
}

static int create_macs(struct vs_switch *sw)
{
	struct vs_table_params params = {
		.capacity = sw->params.macs,
		.key_size = sizeof(struct vs_mac_key),
		.value_size = sizeof(struct vs_mac_value),
		.groups = VS_GROUPS,
		.idle_ns = sw->params.ageing_ns,
		.seed = sw->params.seed,
	};
	uint32_t i;

	if (!vs_table_size(&params))
		return -EINVAL;
	sw->macs = vs_table_new(&params);
	if (!sw->macs)
		return -ENOMEM;
	for (i = 0; i < VS_GROUPS; i++)
		vs_table_quota(sw->macs, i, sw->params.macs_per_vsid);
	return 0;
}

static int create_parts(struct vs_switch *sw)
{
	uint16_t i;
	int code;

	sw->ledger = vs_ledger_create(sw->params.workers, VS_LEDGER_ROWS);
	sw->probe_ledger = vs_ledger_create(1, 16);
	if (!sw->name || !sw->ledger || !sw->probe_ledger)
		return -ENOMEM;
	code = create_macs(sw);
	if (!code)
		code = echoes_create(&sw->echoes, sw->params.seed);
	for (i = 0; !code && i <= sw->params.workers; i++) {
		sw->worker[i] = worker_create(sw, i, switch_random(sw));
		if (!sw->worker[i])
			code = -ENOMEM;
	}
	return code;
}

int vs_switch_create(struct vs_switch **sw,
		     const struct vs_switch_params *params,
		     struct vs_switch_owner *owner, struct vs_error *error)
{
	struct vs_switch *made;
	int code;

	if (!params->workers || params->workers >= VS_WORKERS_MAXIMUM)
		return vs_error_set(error, EINVAL, "",
				    "%u workers; 1 to %u are possible",
				    params->workers, VS_WORKERS_MAXIMUM - 1);
	made = aligned_alloc(64, sizeof(*made));
	if (!made)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	memset(made, 0, sizeof(*made));
	made->params = *params;
	set_defaults(&made->params);
	made->owner = owner;
	made->reasons = VS_CORE_REASONS;
	made->name = strdup(params->name ? params->name : "");
	mailbox_init(&made->inbox);
	flap_init(&made->loop);
	vs_epoch_init(&made->epoch, (uint16_t)(params->workers + 1));
	code = create_parts(made);
	if (code < 0) {
		vs_switch_destroy(made);
		return vs_error_set(error, -code, "", "switch %s: %s",
				    params->name ? params->name : "",
				    code == -ENOMEM ? "out of memory"
						    : "macs= is out of range");
	}
	*sw = made;
	return 0;
}

void vs_switch_destroy(struct vs_switch *sw)
{
	struct vs_snapshot *snapshot;
	uint16_t i;

	if (!sw)
		return;
	for (i = 0; i < VS_WORKERS_MAXIMUM; i++)
		worker_destroy(sw->worker[i]);
	vs_switch_publish(sw, NULL);
	while (sw->retired) {
		snapshot = sw->retired;
		sw->retired = snapshot->older;
		switch_free_snapshot(sw, snapshot);
	}
	while (sw->attachments)
		vs_switch_detach(sw, sw->attachments);
	vs_ledger_destroy(sw->ledger);
	vs_ledger_destroy(sw->probe_ledger);
	echoes_destroy(&sw->echoes);
	vs_table_free(sw->macs);
	xacl_memory_close(&sw->xacl);
	groups_close(&sw->members);
	mismatches_close(&sw->mismatches);
	free(sw->name);
	free(sw);
}

/* -- the timer
 * ------------------------------------------------------------------------ */

static void read_inbox(struct vs_switch *sw)
{
	struct vs_attachment *attachment;
	struct mail mail;
	uint32_t budget = VS_MAILBOX_SIZE;

	while (budget-- && mailbox_take(&sw->inbox, &mail)) {
		if (mail.kind == MAIL_MISMATCH) {
			mismatch_tell(sw, &mail.mismatch);
			continue;
		}
		if (mail.kind == MAIL_MISMATCH_FRAME) {
			mismatch_add(sw, &mail.mismatch_frame);
			continue;
		}
		if (mail.kind == MAIL_ECHO) {
			echo_tell(sw, &mail);
			continue;
		}
		if (mail.kind == MAIL_LOOP) {
			flap_say(sw, &mail.loop);
			continue;
		}
		for (attachment = sw->attachments; attachment;
		     attachment = attachment->next)
			if (attachment->id == mail.attachment)
				break;
		if (attachment)
			attachment_deliver(attachment, &mail);
	}
}

static uint64_t tick_attachments(struct vs_switch *sw)
{
	struct vs_attachment *attachment;
	uint64_t first = UINT64_MAX;

	for (attachment = sw->attachments; attachment;
	     attachment = attachment->next) {
		if (!attachment->ext->tick_main)
			continue;
		if (sw->now >= attachment->deadline)
			attachment->deadline = attachment->ext->tick_main(
				attachment->instance, sw->now);
		if (attachment->deadline < first)
			first = attachment->deadline;
	}
	return first;
}

static void finish_recount(struct mac_counts *counts, uint64_t now)
{
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		atomic_store_explicit(&counts->learned[i], counts->recount[i],
				      memory_order_relaxed);
		counts->recount[i] = 0;
	}
	counts->cursor = 0;
	counts->next = now + VS_RECOUNT_NS;
}

/* Count the MACs of each port again, a piece at a time; sweep the idle. */
static uint64_t recount_macs(struct vs_switch *sw)
{
	struct mac_counts *counts = &sw->counts;
	struct vs_table_entry entry;
	struct vs_mac_value value;
	uint32_t steps;

	if (!counts->cursor && sw->now < counts->next)
		return counts->next;
	vs_table_sweep(sw->macs, sw->now, &counts->sweep, SWEEP_BUCKETS);
	groups_sweep(&sw->members, sw->now);
	for (steps = 0; steps < VS_RECOUNT_STEPS; steps++) {
		if (!vs_table_next(sw->macs, &counts->cursor, sw->now,
				   &entry)) {
			finish_recount(counts, sw->now);
			return counts->next;
		}
		memcpy(&value, entry.value, sizeof(value));
		if (value.port.value < VS_PORTS_MAXIMUM)
			counts->recount[value.port.value]++;
	}
	return sw->now + VS_RETIRE_POLL;
}

uint64_t vs_switch_poll(struct vs_switch *sw, uint64_t now)
{
	uint64_t next, other;

	sw->now = now;
	read_inbox(sw);
	switch_free_retired(sw);
	switch_retire_rows(sw);
	next = tick_attachments(sw);
	other = recount_macs(sw);
	if (other < next)
		next = other;
	other = flap_poll(sw);
	if (other < next)
		next = other;
	other = xacl_memory_sweep(&sw->xacl, now);
	if (other < next)
		next = other;
	if (sw->retired && now + VS_RETIRE_POLL < next)
		next = now + VS_RETIRE_POLL;
	return next;
}

/* -- looking
 * ----------------------------------------------------------------------------
 */

const char *vs_switch_name(const struct vs_switch *sw)
{
	return sw->name;
}

uint16_t vs_switch_workers(const struct vs_switch *sw)
{
	return sw->params.workers;
}

struct vs_worker *vs_switch_worker(struct vs_switch *sw, uint16_t index)
{
	assert(index <= sw->params.workers);
	return sw->worker[index];
}

struct vs_ledger *vs_switch_ledger(struct vs_switch *sw)
{
	return sw->ledger;
}

struct vs_table *vs_switch_macs(struct vs_switch *sw)
{
	return sw->macs;
}

struct vs_acl *vs_switch_acl(const struct vs_switch *sw, struct vs_port_id port)
{
	const struct vs_port *there = switch_port(sw, port);

	return there ? there->acl : NULL;
}

struct vs_xacl *vs_switch_xacl(const struct vs_switch *sw,
			       struct vs_port_id port)
{
	const struct vs_port *there = switch_port(sw, port);

	return there ? there->xacl : NULL;
}

uint64_t vs_switch_mailbox_full(const struct vs_switch *sw)
{
	return mailbox_refused(&sw->inbox);
}

uint64_t vs_switch_kept_out(const struct vs_switch *sw, struct vs_port_id port)
{
	uint64_t sum = 0;
	uint16_t i;

	assert(port.value < VS_PORTS_MAXIMUM);
	for (i = 0; i < sw->params.workers; i++)
		sum += counter_read(&sw->worker[i]->kept_out[port.value]);
	return sum;
}

struct vs_reason_entry vs_switch_reason(const struct vs_switch *sw,
					uint16_t reason)
{
	const struct vs_reason_text *own;
	uint16_t i;

	for (i = 0; reason >= VS_CORE_REASONS && i < sw->ranges; i++) {
		const struct reason_range *range = &sw->range[i];

		if (reason >= range->base &&
		    reason < range->base + range->ext->reason_count)
			return range->ext->reasons[reason - range->base];
	}
	if (reason >= VS_CORE_REASONS)
		reason = VS_REASON_NONE;
	own = vs_core_reason(reason);
	return (struct vs_reason_entry){reason, own->name, own->help};
}

const char *vs_switch_reason_name(const struct vs_switch *sw, uint16_t reason)
{
	return vs_switch_reason(sw, reason).name;
}
