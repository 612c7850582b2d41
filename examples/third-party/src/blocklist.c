// SPDX-License-Identifier: Apache-2.0
/*
 * blocklist: drops what comes from the MAC addresses on the switch's list.
 *
 * It shows what an extension with objects of its own needs: a noun, configure()
 * that makes an immutable state of the objects, a hook that reads the state,
 * and a status column. Frames of one address are counted where they are seen,
 * by a worker, in the shard, and told to the main thread once a second.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

#define LIST_SIZE 64u /* addresses that a switch can have on its list */
#define SECOND_NS UINT64_C(1000000000)

enum { BLOCKED }; /* drop reasons */
enum { DROPPED }; /* counters */
enum field { ADDRESS, NOTE, FRAMES, FIELDS };

struct entry {
	struct vs_mac mac;
	uint64_t frames;
};

struct list {
	uint16_t count;
	struct entry entry[LIST_SIZE];
};

/* Immutable: the addresses of one document. */
struct vs_state {
	uint16_t count;
	struct vs_mac mac[LIST_SIZE];
};

/* A worker's: what it saw since it told. */
struct vs_shard {
	struct list seen;
};

/* The main thread's: what the workers told. */
struct blocklist {
	struct vs_instance instance; /* first */
	struct list told;
};

static struct blocklist *of_instance(struct vs_instance *instance)
{
	return (struct blocklist *)instance;
}

/* The entry of an address, made if there is room; else NULL. */
static struct entry *find(struct list *list, const struct vs_mac *mac)
{
	struct entry *entry = list->entry;

	for (; entry < list->entry + list->count; entry++)
		if (vs_mac_equal(&entry->mac, mac))
			return entry;
	if (list->count == LIST_SIZE)
		return NULL;
	list->count++;
	*entry = (struct entry){.mac = *mac};
	return entry;
}

/* -- the packet path -- */

static bool is_blocked(const struct vs_state *state, const struct vs_mac *mac)
{
	for (uint16_t i = 0; i < state->count; i++)
		if (vs_mac_equal(&state->mac[i], mac))
			return true;
	return false;
}

static void block(const struct vs_call *call, struct vs_frame *frame,
		  const struct vs_mac *mac)
{
	struct entry *entry;

	vs_drop(frame, VS_REASON(BLOCKED));
	if (call->tracing) /* a frame of `vsctl trace`: nothing may last */
		return;
	call->host->count(call, DROPPED, 1);
	entry = find(&call->shard->seen, mac);
	if (entry)
		entry->frames++;
	call->host->tick_at(call, call->now_ns + SECOND_NS);
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	if (!call->state->count)
		return;
	VS_FOR_EACH (frame, burst) {
		struct vs_mac mac = vs_frame_source_mac(frame);

		if (is_blocked(call->state, &mac))
			block(call, frame, &mac);
	}
}

/* Tells the main thread, an address a note. */
static uint64_t tick(const struct vs_call *call)
{
	struct list *seen = &call->shard->seen;

	while (seen->count) {
		struct vs_note note = {.size = sizeof(struct entry)};

		memcpy(note.bytes, &seen->entry[seen->count - 1],
		       sizeof(struct entry));
		if (call->host->post(call, &note))
			return call->now_ns + SECOND_NS; /* no room: later */
		seen->count--;
	}
	return UINT64_MAX;
}

/* -- the main thread -- */

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct blocklist *self = calloc(1, sizeof(*self));

	if (!self) {
		vs_error_set(error, ENOMEM, "", "out of memory");
		return NULL;
	}
	self->instance.host = host;
	return &self->instance;
}

static void detach(struct vs_instance *instance)
{
	free(of_instance(instance));
}

static void noted(struct vs_instance *instance, const struct vs_note *note)
{
	struct entry told, *entry;

	memcpy(&told, note->bytes, sizeof(told));
	entry = find(&of_instance(instance)->told, &told.mac);
	if (entry)
		entry->frames += told.frames;
}

static const struct vs_state *configure(struct vs_instance *instance,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	const struct vs_settings_ops *ops = settings->ops;
	const struct vs_noun *noun = ops->noun(settings, "blocked");
	const struct vs_object *object = NULL;
	struct vs_state *state = calloc(1, sizeof(*state));

	(void)instance;
	if (!state) {
		vs_error_set(error, ENOMEM, "", "out of memory");
		return NULL;
	}
	while ((object = ops->next(settings, noun, NULL, object))) {
		if (state->count == LIST_SIZE) {
			vs_error_set(error, ENOSPC, "",
				     "is one too many; a switch can block %u",
				     LIST_SIZE);
			ops->place(object, NULL, error);
			free(state);
			return NULL;
		}
		state->mac[state->count++] = ops->value(object, ADDRESS)->mac;
	}
	return state;
}

static void retire(struct vs_instance *instance, const struct vs_state *state)
{
	(void)instance;
	free((struct vs_state *)(uintptr_t)state);
}

static void status(struct vs_instance *instance, const struct vs_noun *noun,
		   const char *parent_key, const char *key,
		   struct vs_reply *reply)
{
	const struct list *told = &of_instance(instance)->told;
	struct vs_mac mac;
	uint64_t frames = 0;

	(void)parent_key;
	if (vs_mac_parse(key, &mac))
		return;
	for (uint16_t i = 0; i < told->count; i++)
		if (vs_mac_equal(&told->entry[i].mac, &mac))
			frames = told->entry[i].frames;
	reply->ops->number(reply, noun->fields[FRAMES].name, frames);
}

/* -- the tables -- */

static const struct vs_field fields[FIELDS] = {
	[ADDRESS] = {.name = "mac",
		     .kind = VS_KIND_MAC,
		     .flags = VS_FIELD_REQUIRED,
		     .help = "whose frames are dropped"},
	[NOTE] = {.name = "note",
		  .kind = VS_KIND_TEXT,
		  .maximum = 80,
		  .help = "why"},
	[FRAMES] = {.name = "frames",
		    .kind = VS_KIND_NUMBER,
		    .flags = VS_FIELD_STATUS,
		    .help = "dropped so far"},
};

static const struct vs_noun nouns[] = {{
	.name = "blocked",
	.member = "blocked",
	.parent = "switch",
	.fields = fields,
	.field_count = FIELDS,
	.help = "an address that may not send",
}};

static const struct vs_filter_class filter = {.ingress = ingress};
static const struct vs_reason_entry reasons[] = {
	[BLOCKED] = {1, "blocked",
		     "Its source is on the list; see `vsctl blocked list`."},
};
static const struct vs_named counters[] = {
	[DROPPED] = {"dropped", "Frames of blocked addresses."},
};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "blocklist",
	.version = "1",
	.guid = "b1bb9a3c-51f3-4b3e-9d0c-3f7a0f2e6c58",
	.help = "drops what listed addresses send",
	.filter = &filter,
	.attach = attach,
	.detach = detach,
	.configure = configure,
	.retire = retire,
	.shard_size = sizeof(struct vs_shard),
	.tick = tick,
	.noted = noted,
	.status = status,
	.nouns = nouns,
	.noun_count = 1,
	.reasons = reasons,
	.reason_count = 1,
	.counters = counters,
	.counter_count = 1,
};
