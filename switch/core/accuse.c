// SPDX-License-Identifier: Apache-2.0
/*
 * accuse.c: an extension broke a rule of the boundary. What it did had no
 * effect, or is a named drop, already; here it is said, once per rule and
 * worker, as an event that names the extension. Before: services.c, book.c,
 * hold.c; after: attachment.c, on the main thread.
 */
#include <stdio.h>

#include "core/attachment.h"
#include "core/switch_state.h"
#include "core/walk.h"

void accuse(struct vs_worker *worker, struct vs_attachment *attachment,
	    enum accusation what, const char *text)
{
	struct attachment_shard *shard = &attachment->shard[worker->index];
	struct mail mail = {.attachment = attachment->id,
			    .kind = MAIL_EVENT,
			    .event = (uint16_t)(ACCUSE_EVENT - what)};

	if (shard->accused >> what & 1 || worker->probe)
		return;
	shard->accused |= (uint16_t)(1u << what);
	snprintf(mail.text, sizeof(mail.text), "%s", text);
	mailbox_put(&attachment->sw->inbox, &mail);
}
