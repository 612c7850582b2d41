// SPDX-License-Identifier: Apache-2.0
/*
 * rights.c: what the hook that runs may do with frames, and whose frame one
 * is that an extension made. What a hook tries beyond that has no effect, and
 * its extension is named. Before: frame.c and services.c, which ask; after:
 * accuse.c.
 */
#include <errno.h>

#include "core/attachment.h"
#include "core/rights.h"

/* -- frames of the burst ----------------------------------------------------
 */

void rights_lend(struct vs_worker *worker, const struct hook_call *hook)
{
	worker->run.hook = hook;
	worker->walk.denied = VS_WALK_RIGHTS & ~(hook->rights >> FRAME_SHIFT);
}

void rights_end(struct vs_worker *worker, const struct hook_call *before)
{
	if (before) {
		rights_lend(worker, before);
		return;
	}
	worker->run.hook = NULL;
	worker->walk.denied = 0;
}

void rights_refused(struct vs_walk *walk, struct vs_packet *packet,
		    enum vs_walk_right right)
{
	struct vs_worker *worker = (struct vs_worker *)walk;
	const struct hook_call *hook = worker->run.hook;
	enum accusation what = ACCUSE_SERVICE;
	const char *text = "";

	(void)packet;
	if (!hook)
		return;
	switch (right) {
	case VS_WALK_ANSWER:
		text = "answering a frame is not for this hook";
		break;
	case VS_WALK_EDIT:
		text = "editing a frame is not for this hook";
		break;
	case VS_WALK_SET_VSID:
		text = "setting a VSID is not for this hook";
		break;
	case VS_WALK_EXCLUDE:
		text = "taking a destination away is not for this hook";
		break;
	case VS_WALK_CHOOSE:
		text = "choosing a destination is not for this hook";
		break;
	case VS_WALK_AGAIN:
		what = ACCUSE_TWICE;
		text = "answered a frame twice: the first answer counts";
		break;
	case VS_WALK_FOREIGN:
	case VS_WALK_RIGHTS:
		what = ACCUSE_FRAME;
		text = "touched a frame that it was not given";
		break;
	}
	accuse(worker, hook->member->attachment, what, text);
}

int rights_bad_port(struct vs_worker *worker)
{
	if (worker->run.hook)
		accuse(worker, worker->run.hook->member->attachment,
		       ACCUSE_PORT, "named a port that is not there");
	return -EINVAL;
}

void rights_note_vsid(struct vs_worker *worker, const struct vs_port *port,
		      const struct vs_packet *packet)
{
	if (port && worker->run.hook && !port_has_vsid(port, packet->view.vsid))
		accuse(worker, worker->run.hook->member->attachment,
		       ACCUSE_PORT,
		       "named a port that has not the frame's VSID: vsid_acl");
}

bool rights_given(const struct hook_call *hook, const struct vs_packet *packet)
{
	struct vs_worker *worker = hook->worker;

	if (vs_pool_has(worker->pool, packet) &&
	    packet->slot < worker->run.burst.count &&
	    run_packet(worker, packet->slot) == packet)
		return true;
	accuse(worker, hook->member->attachment, ACCUSE_FRAME,
	       "kept or reflected a frame that it was not given");
	return false;
}

/* -- frames that extensions make ---------------------------------------------
 */

static _Atomic uint32_t *made_count(const struct hook_call *hook)
{
	return &hook->member->attachment->shard[hook->worker->index].made;
}

static void add(_Atomic uint32_t *count, uint32_t change)
{
	atomic_store_explicit(
		count,
		atomic_load_explicit(count, memory_order_relaxed) + change,
		memory_order_relaxed);
}

struct vs_packet *rights_make(const struct hook_call *hook, bool big)
{
	struct vs_worker *worker = hook->worker;
	struct vs_attachment *maker = hook->member->attachment;
	struct vs_packet *packet;

	if (atomic_load_explicit(made_count(hook), memory_order_relaxed) >=
	    worker->holds.small_limit) {
		accuse(worker, maker, ACCUSE_MADE,
		       "made frames and gave none away: no more for it");
		return NULL;
	}
	packet = vs_pool_take(worker->pool, big);
	if (!packet)
		return NULL;
	packet->made = true;
	packet->ledger_row = maker->id;
	add(made_count(hook), 1);
	worker->made++;
	return packet;
}

bool rights_give_away(const struct hook_call *hook, struct vs_packet *packet)
{
	struct vs_attachment *maker = hook->member->attachment;

	if (!vs_pool_has(hook->worker->pool, packet) || !packet->references ||
	    !packet->made || packet->ledger_row != maker->id) {
		accuse(hook->worker, maker, ACCUSE_FRAME,
		       "gave away a frame that it did not make, or twice");
		return false;
	}
	packet->made = false;
	add(made_count(hook), UINT32_MAX);
	hook->worker->made--;
	return true;
}

static bool is_there(const struct vs_snapshot *snapshot, uint32_t id)
{
	for (uint16_t i = 0; snapshot && i < snapshot->members; i++)
		if (snapshot->member[i].attachment->id == id)
			return true;
	return false;
}

void rights_reclaim(struct vs_worker *worker)
{
	struct vs_packet *packet = NULL;

	while (worker->made && (packet = vs_pool_next(worker->pool, packet))) {
		if (!packet->references || !packet->made ||
		    is_there(worker->snapshot, packet->ledger_row))
			continue;
		packet->made = false;
		worker->made--;
		vs_packet_unref(packet);
	}
}
