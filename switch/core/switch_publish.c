// SPDX-License-Identifier: Apache-2.0
/*
 * switch_publish.c: another snapshot for the walk. Decides when the one before,
 * the links that it named, and the ledger rows of ports that left may go: when
 * no worker has anything of them. Main thread.
 *
 * Before: snapshot.c, which builds; after: epoch.c, which knows who sees what.
 */
#include <stdio.h>

#include "core/switch_state.h"
#include "core/worker_state.h"

static bool link_is_named(struct vs_switch *sw, const struct vs_link *link)
{
	const struct vs_snapshot *snapshot = atomic_load(&sw->epoch.published);

	if (snapshot && vs_snapshot_names_link(snapshot, link))
		return true;
	for (snapshot = sw->retired; snapshot; snapshot = snapshot->older)
		if (vs_snapshot_names_link(snapshot, link))
			return true;
	return false;
}

/* `snapshot` is in no list any more. */
void switch_free_snapshot(struct vs_switch *sw, struct vs_snapshot *snapshot)
{
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		struct vs_link *link =
			snapshot->port[i] ? snapshot->port[i]->link : NULL;

		if (!link || link_is_named(sw, link))
			continue;
		if (sw->owner && sw->owner->link_retired)
			sw->owner->link_retired(sw->owner, link);
	}
	vs_snapshot_free(snapshot);
}

/* Who is in `old` and not in `new`; who is back keeps its rows. */
static void note_leaving(struct vs_switch *sw, const struct vs_snapshot *old,
			 const struct vs_snapshot *new)
{
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		if (new->port[i])
			sw->left[i] = 0;
		else if (old->port[i])
			sw->left[i] = new->generation;
	}
}

void vs_switch_publish(struct vs_switch *sw, struct vs_snapshot *snapshot)
{
	struct vs_snapshot *old;
	uint16_t i;

	if (snapshot) {
		snapshot->generation = ++sw->generation;
		flap_follow(sw, atomic_load(&sw->epoch.published), snapshot);
		vs_snapshot_seal(snapshot);
	}
	old = vs_epoch_publish(&sw->epoch, snapshot);
	vs_switch_changed(sw);
	if (old) {
		old->retired_at = sw->now;
		old->older = sw->retired;
		sw->retired = old;
	}
	if (old && snapshot)
		note_leaving(sw, old, snapshot);
	/* tick_main runs under each new state once */
	for (struct vs_attachment *a = sw->attachments; snapshot && a;
	     a = a->next)
		a->deadline = 0;
	for (i = 0; snapshot && i < sw->params.workers; i++)
		switch_wake(sw, i);
	mismatch_follow(sw);
}

static void warn_pinned(struct vs_switch *sw, struct vs_snapshot *snapshot,
			uint16_t holder)
{
	char text[96];

	/* what was published before the first poll had no time to take */
	if (!snapshot->retired_at)
		snapshot->retired_at = sw->now;
	if (snapshot->warned ||
	    sw->now - snapshot->retired_at < VS_PIN_LIMIT_NS)
		return;
	snapshot->warned = true;
	snprintf(text, sizeof(text),
		 "worker %u has used generation %llu for over a second", holder,
		 (unsigned long long)snapshot->generation);
	switch_event(sw, "switch", "worker_pins_snapshot", text);
}

void switch_free_retired(struct vs_switch *sw)
{
	struct vs_snapshot **at = &sw->retired, *snapshot;
	uint16_t holder;
	uint64_t oldest = vs_epoch_oldest(&sw->epoch, &holder);

	while ((snapshot = *at)) {
		if (snapshot->generation >= oldest) {
			warn_pinned(sw, snapshot, holder);
			at = &snapshot->older;
			continue;
		}
		*at = snapshot->older;
		switch_free_snapshot(sw, snapshot);
	}
}

/* A port that left has its ledger rows until every worker has settled in a
 * snapshot without it: that is later than the end of the grace period, for a
 * packet of the port may be held. */
void switch_retire_rows(struct vs_switch *sw)
{
	struct vs_port_set ports = {0};
	uint64_t settled = UINT64_MAX;
	bool any = false;
	uint32_t i;

	for (i = 0; i < sw->params.workers; i++) {
		uint64_t there = atomic_load_explicit(&sw->worker[i]->settled,
						      memory_order_acquire);

		if (there < settled)
			settled = there;
	}
	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		if (!sw->left[i] || sw->left[i] > settled)
			continue;
		port_set_add(&ports, (struct vs_port_id){(uint16_t)i});
		sw->left[i] = 0;
		any = true;
	}
	if (any)
		vs_ledger_retire(sw->ledger, &ports);
}
