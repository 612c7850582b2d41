// SPDX-License-Identifier: Apache-2.0
/*
 * unwritten.c: in debug builds, did a hook write to frames that it may only
 * look at? const keeps an honest extension from it at build time; this tells
 * of one that casts it away. What it wrote stays: the frames are what they are
 * now. Before: stack.c, around a hook; after: accuse.c.
 */
#include "core/attachment.h"
#include "core/walk.h"

static uint64_t digest(const struct vs_packet *packet)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ packet->view.size;

	for (uint32_t i = 0; i < packet->view.size; i++)
		hash = (hash ^ packet->view.data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

bool vs_core_checks_hooks(void)
{
	return VS_CHECK_HOOKS;
}

void unwritten_note(struct vs_worker *worker)
{
	struct vs_packet *packet;

	if (!vs_core_checks_hooks())
		return;
	WALK_EACH (packet, worker)
		worker->run.digest[packet->slot] = digest(packet);
}

void unwritten_check(struct vs_worker *worker,
		     const struct vs_stack_member *member)
{
	struct vs_packet *packet;

	if (!vs_core_checks_hooks())
		return;
	WALK_EACH (packet, worker)
		if (worker->run.digest[packet->slot] != digest(packet))
			accuse(worker, member->attachment, ACCUSE_BYTES,
			       "wrote to a frame in a hook that may only look "
			       "at it");
}
