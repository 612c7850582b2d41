// SPDX-License-Identifier: Apache-2.0
/*
 * attachment.c: the life of an extension on a switch (vswitch/extension.h):
 * attach, shards, configure, retire, detach. Data hooks are stack.c's, services
 * for the main thread attachment_host.c's.
 */
#include "core/attachment.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/switch_state.h"
#include "packet/counter.h"

#define SECOND_NS 1000000000u

bool event_allowed(struct event_limit *limit, uint64_t now)
{
	if (!limit->count || now - limit->since >= SECOND_NS) {
		limit->since = now;
		limit->count = 0;
	}
	if (limit->count >= VS_EVENTS_PER_SECOND)
		return false;
	limit->count++;
	return true;
}

/* -- states
 * ---------------------------------------------------------------------- */

static struct state_ref **state_find(struct vs_attachment *attachment,
				     const struct vs_state *state)
{
	struct state_ref **ref = &attachment->states;

	while (*ref && (*ref)->state != state)
		ref = &(*ref)->next;
	return ref;
}

static void state_retire(struct vs_attachment *attachment,
			 const struct vs_state *state)
{
	if (state && attachment->ext->retire)
		attachment->ext->retire(attachment->instance, state);
}

int attachment_state_take(struct vs_attachment *attachment,
			  const struct vs_state *state)
{
	struct state_ref **ref = state_find(attachment, state);

	if (!*ref) {
		*ref = calloc(1, sizeof(**ref));
		if (!*ref)
			return -ENOMEM;
		(*ref)->state = state;
	}
	(*ref)->references++;
	attachment->snapshots++;
	return 0;
}

void attachment_state_give(struct vs_attachment *attachment,
			   const struct vs_state *state)
{
	struct state_ref **ref = state_find(attachment, state);
	struct state_ref *last = *ref;

	assert(last && attachment->snapshots);
	attachment->snapshots--;
	if (--last->references)
		return;
	*ref = last->next;
	free(last);
	state_retire(attachment, state);
}

const struct vs_state *
vs_attachment_configure(struct vs_attachment *attachment,
			const struct vs_settings *settings,
			struct vs_error *error)
{
	if (!attachment->ext->configure)
		return NULL;
	return attachment->ext->configure(attachment->instance, settings,
					  error);
}

void vs_state_discard(struct vs_attachment *attachment,
		      const struct vs_state *state)
{
	if (!*state_find(attachment, state))
		state_retire(attachment, state);
}

/* -- attach and detach
 * ------------------------------------------------------------ */

static int check_class(const struct vs_extension *ext, struct vs_error *error)
{
	int classes = (ext->capture != NULL) + (ext->filter != NULL) +
		      (ext->forward != NULL) + (ext->translate != NULL);

	if (classes == 1)
		return 0;
	return vs_error_set(error, EINVAL, "stack",
			    "%s fills %d class tables; exactly one is wanted",
			    ext->name, classes);
}

static int take_reasons(struct vs_attachment *attachment,
			struct vs_error *error)
{
	const struct vs_extension *ext = attachment->ext;
	struct vs_switch *sw = attachment->sw;
	uint16_t i;

	for (i = 0; i < sw->ranges; i++) {
		if (strcmp(sw->range[i].ext->name, ext->name) != 0 ||
		    sw->range[i].ext->reason_count < ext->reason_count)
			continue;
		sw->range[i].ext = ext;
		attachment->reason_base = sw->range[i].base;
		return 0;
	}
	if (sw->ranges == VS_RANGES ||
	    sw->reasons + ext->reason_count > (int)VS_LEDGER_REASONS)
		return vs_error_set(error, ENOSPC, "stack",
				    "%s: no drop reason numbers are left; "
				    "restart the daemon",
				    ext->name);
	attachment->reason_base = sw->reasons;
	sw->range[sw->ranges++] =
		(struct reason_range){.ext = ext, .base = sw->reasons};
	sw->reasons = (uint16_t)(sw->reasons + ext->reason_count);
	return 0;
}

static int shard_make(struct vs_attachment *attachment, uint16_t worker)
{
	struct attachment_shard *shard = &attachment->shard[worker];
	const struct vs_extension *ext = attachment->ext;
	size_t size = (ext->shard_size + 63) / 64 * 64;
	int code;

	shard->counters =
		calloc(ext->counter_count + 1u, sizeof(*shard->counters));
	if (!shard->counters)
		return -ENOMEM;
	if (size) {
		shard->shard = aligned_alloc(64, size);
		if (!shard->shard)
			return -ENOMEM;
		memset(shard->shard, 0, size);
	}
	if (ext->shard_open) {
		code = ext->shard_open(attachment->instance, shard->shard,
				       worker);
		if (code < 0)
			return code;
	}
	shard->open = true;
	return 0;
}

static void shard_end(struct vs_attachment *attachment, uint16_t worker)
{
	struct attachment_shard *shard = &attachment->shard[worker];

	if (shard->open && attachment->ext->shard_close)
		attachment->ext->shard_close(attachment->instance, shard->shard,
					     worker);
	free(shard->shard);
	free(shard->counters);
}

static void attachment_free(struct vs_attachment *attachment)
{
	uint16_t i;

	for (i = 0; i <= attachment->sw->params.workers; i++)
		shard_end(attachment, i);
	if (attachment->instance && attachment->ext->detach)
		attachment->ext->detach(attachment->instance);
	free(attachment);
}

static int open_shards(struct vs_attachment *attachment, struct vs_error *error)
{
	uint16_t i;
	int code;

	for (i = 0; i <= attachment->sw->params.workers; i++) {
		code = shard_make(attachment, i);
		if (code < 0)
			return vs_error_set(error, -code, "stack",
					    "%s could not open its shard %u",
					    attachment->ext->name, i);
	}
	return 0;
}

int vs_switch_attach(struct vs_switch *sw, const struct vs_extension *ext,
		     struct vs_attachment **attachment, struct vs_error *error)
{
	struct vs_attachment *made = NULL;
	int code = check_class(ext, error);

	if (code < 0)
		return code;
	made = calloc(1, sizeof(*made));
	if (!made)
		return vs_error_set(error, ENOMEM, "stack", "out of memory");
	made->host = attachment_host(sw);
	made->sw = sw;
	made->ext = ext;
	made->id = ++sw->next_attachment;
	code = take_reasons(made, error);
	if (code < 0)
		goto fail;
	if (ext->attach) {
		made->instance = ext->attach(&made->host, error);
		if (!made->instance) {
			code = error && error->code ? -error->code : -EINVAL;
			goto fail;
		}
	}
	code = open_shards(made, error);
	if (code < 0)
		goto fail;
	made->next = sw->attachments;
	sw->attachments = made;
	*attachment = made;
	return 0;
fail:
	attachment_free(made);
	return code;
}

uint64_t vs_attachment_held(const struct vs_attachment *attachment)
{
	uint64_t sum = 0;
	uint16_t i;

	for (i = 0; i <= attachment->sw->params.workers; i++)
		sum += atomic_load_explicit(&attachment->shard[i].held,
					    memory_order_acquire);
	return sum;
}

uint64_t vs_attachment_made(const struct vs_attachment *attachment)
{
	uint64_t sum = 0;
	uint16_t i;

	for (i = 0; i <= attachment->sw->params.workers; i++)
		sum += atomic_load_explicit(&attachment->shard[i].made,
					    memory_order_relaxed);
	return sum;
}

bool vs_attachment_idle(const struct vs_attachment *attachment)
{
	return !attachment->snapshots && !vs_attachment_held(attachment);
}

void vs_switch_detach(struct vs_switch *sw, struct vs_attachment *attachment)
{
	struct vs_attachment **at = &sw->attachments;

	assert(vs_attachment_idle(attachment));
	while (*at != attachment)
		at = &(*at)->next;
	*at = attachment->next;
	attachment_free(attachment);
}

/* -- looking
 * ------------------------------------------------------------------------ */

const struct vs_extension *
vs_attachment_extension(const struct vs_attachment *attachment)
{
	return attachment->ext;
}

struct vs_instance *
vs_attachment_instance(const struct vs_attachment *attachment)
{
	return attachment->instance;
}

void vs_attachment_port_event(struct vs_attachment *attachment,
			      enum vs_port_change change,
			      const struct vs_port_info *port)
{
	if (attachment->ext->port_event)
		attachment->ext->port_event(attachment->instance, change, port);
}

uint64_t vs_attachment_counter(const struct vs_attachment *attachment,
			       uint16_t counter)
{
	uint64_t sum = 0;
	uint16_t i;

	assert(counter < attachment->ext->counter_count);
	for (i = 0; i < attachment->sw->params.workers; i++)
		sum += counter_read(&attachment->shard[i].counters[counter]);
	return sum;
}

uint16_t vs_attachment_reason(const struct vs_attachment *attachment,
			      uint16_t own)
{
	assert(own < attachment->ext->reason_count);
	return (uint16_t)(attachment->reason_base + own);
}

bool vs_attachment_broke(const struct vs_attachment *attachment)
{
	return attachment->broke;
}

static const char *accusation_name(uint16_t event)
{
	return ACCUSE_EVENT - event == ACCUSE_SERVICE ? "service_refused"
						      : "rule_broken";
}

void attachment_deliver(struct vs_attachment *attachment,
			const struct mail *mail)
{
	const struct vs_extension *ext = attachment->ext;

	if (mail->kind == MAIL_EVENT) {
		bool accused = mail->event >= ext->event_count;

		attachment->broke |= accused;
		switch_event(attachment->sw, ext->name,
			     accused ? accusation_name(mail->event)
				     : ext->events[mail->event].name,
			     mail->text);
	} else if (ext->noted) {
		ext->noted(attachment->instance, &mail->note);
	}
}
