// SPDX-License-Identifier: Apache-2.0
/*
 * attachment_host.c: what the host does for an extension on the main thread
 * (vswitch/host.h). Decides how often an event is told. The packet path's
 * are services.c's. Before: an extension's hook; after: switch.c, its owner.
 */
#include "core/attachment.h"

#include <errno.h>

#include "core/switch_state.h"

static struct vs_attachment *attachment_of(const struct vs_main_host *host)
{
	union {
		const struct vs_main_host *lent;
		struct vs_attachment *own;
	} handle = {.lent = host};

	return handle.own;
}

static void main_event(const struct vs_main_host *host, uint16_t event,
		       const char *text)
{
	struct vs_attachment *attachment = attachment_of(host);
	const struct vs_extension *ext = attachment->ext;

	if (event < ext->event_count && event < VS_EVENTS_MAXIMUM &&
	    event_allowed(&attachment->limit[event], attachment->sw->now))
		switch_event(attachment->sw, ext->name, ext->events[event].name,
			     text);
}

static int main_kick(const struct vs_main_host *host, uint16_t worker,
		     const struct vs_note *note)
{
	struct vs_attachment *attachment = attachment_of(host);
	struct vs_switch *sw = attachment->sw;
	struct mail mail = {
		.attachment = attachment->id, .kind = MAIL_NOTE, .note = *note};
	int code = 0;
	uint16_t i;

	if (worker != UINT16_MAX && worker > sw->params.workers)
		return -EINVAL;
	for (i = 0; i < sw->params.workers; i++) {
		if (worker != UINT16_MAX && worker != i)
			continue;
		if (mailbox_put(switch_inbox(sw, i), &mail) < 0)
			code = -ENOBUFS;
		switch_wake(sw, i);
	}
	return code;
}

static void main_reconfigure(const struct vs_main_host *host)
{
	struct vs_switch *sw = attachment_of(host)->sw;

	if (sw->owner && sw->owner->reconfigure)
		sw->owner->reconfigure(sw->owner, sw);
}

static uint64_t main_random(const struct vs_main_host *host)
{
	return switch_random(attachment_of(host)->sw);
}

static uint64_t main_now(const struct vs_main_host *host)
{
	return attachment_of(host)->sw->now;
}

static int main_open_sink(const struct vs_main_host *host, const char *name,
			  struct vs_error *error)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	if (!owner || !owner->open_sink)
		return vs_error_set(error, ENOTSUP, "",
				    "nothing here can write a capture");
	return owner->open_sink(owner, name, error);
}

static void main_close_sink(const struct vs_main_host *host, int sink)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	if (owner && owner->close_sink)
		owner->close_sink(owner, sink);
}

static int main_sink(const struct vs_main_host *host, int sink,
		     const uint8_t *const pieces[], const uint32_t sizes[],
		     uint16_t count)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	if (!owner || !owner->sink || sink < 0)
		return -EPIPE;
	return owner->sink(
		owner, (uint32_t)sink,
		&(struct vs_sink_record){pieces, sizes, count, true});
}

static int main_sink_counts(const struct vs_main_host *host, int sink,
			    struct vs_sink_counts *counts)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	if (!owner || !owner->sink_counts)
		return -EPIPE;
	return owner->sink_counts(owner, sink, counts);
}

static uint64_t main_wall(const struct vs_main_host *host)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	return owner && owner->wall_ns ? owner->wall_ns(owner) : 0;
}

static void main_invalidate(const struct vs_main_host *host)
{
	switch_invalidate(attachment_of(host)->sw);
}

static int main_defer(const struct vs_main_host *host)
{
	struct vs_attachment *attachment = attachment_of(host);
	struct vs_switch_owner *owner = attachment->sw->owner;

	if (!owner || !owner->defer)
		return -EINVAL;
	attachment->deadline = 0;
	return owner->defer(owner);
}

static struct vs_reply *main_deferred(const struct vs_main_host *host,
				      int token)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	return owner && owner->deferred ? owner->deferred(owner, token) : NULL;
}

static void main_answer(const struct vs_main_host *host, int token,
			const struct vs_error *error)
{
	struct vs_switch_owner *owner = attachment_of(host)->sw->owner;

	if (owner && owner->answer)
		owner->answer(owner, token, error);
}

struct vs_main_host attachment_host(const struct vs_switch *sw)
{
	return (struct vs_main_host){
		.struct_size = sizeof(struct vs_main_host),
		.switch_name = sw->name,
		.workers = (uint16_t)(sw->params.workers + 1),
		.event = main_event,
		.kick = main_kick,
		.reconfigure = main_reconfigure,
		.random = main_random,
		.now_ns = main_now,
		.open_sink = main_open_sink,
		.close_sink = main_close_sink,
		.sink = main_sink,
		.wall_ns = main_wall,
		.invalidate = main_invalidate,
		.defer = main_defer,
		.deferred = main_deferred,
		.answer = main_answer,
		.sink_counts = main_sink_counts,
	};
}
