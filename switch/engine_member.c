/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_member.c: what `show`, `stats` and `ext list` say of an extension on
 * a switch's stack: which it is, whether it keeps the rules, what it holds,
 * what it counted, what was dropped for its reasons. Every number is the
 * core's. Before it: engine_show.c, engine_count.c, engine_ext.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "control/stack.h"
#include "engine_methods.h"

struct vs_ledger_row *engine_new_row(struct request_call *call)
{
	struct vs_ledger_row *row = calloc(1, sizeof(*row));
	struct vs_error error = {0};

	if (!row) {
		vs_error_set(&error, ENOMEM, "", "no memory");
		request_refuse(call, &error);
	}
	return row;
}

static void reply_drops(struct vs_reply *reply,
			const struct engine_member *member,
			const struct vs_ledger_row *sums)
{
	const struct vs_extension *ext = member->extension;

	reply->ops->open_row(reply, "dropped_for");
	for (uint16_t i = 0; i < ext->reason_count; i++) {
		uint16_t reason = vs_attachment_reason(member->attachment, i);

		if (sums->dropped[reason])
			reply->ops->number(reply, ext->reasons[i].name,
					   sums->dropped[reason]);
	}
	reply->ops->close(reply);
}

void engine_reply_extension(struct vs_reply *reply,
			    const struct vs_extension *extension)
{
	reply->ops->text(reply, "name", extension->name);
	reply->ops->text(reply, "class", stack_class(extension));
	reply->ops->text(reply, "version", extension->version);
}

void engine_reply_member(struct vs_reply *reply,
			 const struct engine_member *member,
			 const struct vs_ledger_row *sums)
{
	const struct vs_attachment *attachment = member->attachment;

	engine_reply_extension(reply, member->extension);
	reply->ops->text(reply, "state",
			 vs_attachment_broke(attachment) ? "broke a rule"
							 : "ok");
	reply->ops->number(reply, "held", vs_attachment_held(attachment));
	reply->ops->number(reply, "made", vs_attachment_made(attachment));
	reply_drops(reply, member, sums);
}

void engine_reply_members(struct vs_reply *reply,
			  const struct engine_switch *es,
			  const struct vs_ledger_row *sums)
{
	for (uint16_t i = 0; i < es->stack_count; i++) {
		const struct engine_member *member = &es->stack[i];
		const struct vs_extension *ext = member->extension;

		reply->ops->open_row(reply, NULL);
		reply->ops->text(reply, "switch", es->name);
		engine_reply_member(reply, member, sums);
		reply->ops->open_row(reply, "counters");
		for (uint16_t k = 0; k < ext->counter_count; k++)
			reply->ops->number(
				reply, ext->counters[k].name,
				vs_attachment_counter(member->attachment, k));
		reply->ops->close(reply);
		reply->ops->close(reply);
	}
}
