// SPDX-License-Identifier: Apache-2.0
/*
 * hosts.c: hosts, the wires between them, and one clock for all.
 *
 * What an uplink sends is finished as a link would do it (checksums, cut
 * super-frames) and, with a wire, walks in at the other end: every frame that
 * a host gets over a wire is one that the other host made.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "packet/packet.h"
#include "packet/segment.h"
#include "tests/scenario/script.h"

#define ROUNDS 10000u /* of the wires; more is a loop */

bool host_is_uplink(const struct script_host *host, struct vs_port_id id)
{
	const struct rig *rig = host->rig;
	uint16_t i;

	for (i = 0; i < rig->port_count; i++)
		if (vs_port_equal(rig->plan[i].info.id, id))
			return rig->plan[i].info.kind == VS_PORT_UPLINK;
	return false;
}

/* What is sent: bytes of its own, then some of the recipe's frame. */
struct piece {
	const uint8_t *head;
	uint32_t head_size, offset, size;
};

static void keep(struct rig *rig, const struct vs_recipe *recipe,
		 const struct piece *piece)
{
	struct rig_frame *frame = rig_frame_new(rig);

	if (!frame)
		return;
	frame->port = recipe->port;
	frame->link = true;
	frame->lead_size = (uint16_t)piece->head_size;
	frame->size = piece->head_size + piece->size;
	if (frame->size > RIG_BYTES)
		script_fail(rig->taker_owner->script,
			    "a frame of %u bytes left", frame->size);
	memcpy(frame->bytes, piece->head, piece->head_size);
	memcpy(frame->bytes + piece->head_size,
	       vs_view(recipe->frame)->data + piece->offset, piece->size);
}

/* An uplink's tx. */
static void finish(struct rig *rig, const struct vs_recipe *recipe)
{
	uint8_t head[VS_SEGMENT_HEADER];
	struct piece piece = {.head = head};
	struct vs_segmenter segmenter;

	if (vs_segment_begin(&segmenter, recipe, 1) < 0)
		script_fail(rig->taker_owner->script,
			    "a recipe can't be finished");
	while ((piece.head_size = vs_segment_next(&segmenter, head,
						  &piece.offset, &piece.size)))
		keep(rig, recipe, &piece);
}

static void take(struct rig *rig, const struct vs_outbox_entry *entry)
{
	const struct vs_recipe *recipe = &entry->recipe;
	struct piece piece = {.head = recipe->lead,
			      .head_size = recipe->lead_size,
			      .offset = recipe->slice_offset,
			      .size = recipe->slice_size};

	if (host_is_uplink(rig->taker_owner, recipe->port))
		finish(rig, recipe);
	else
		keep(rig, recipe, &piece);
}

/* -- hosts ---------------------------------------------------------------- */

static struct script_host *host_new(struct script *script, const char *name)
{
	struct script_host *host = calloc(1, sizeof(*host));

	if (!host || script->host_count == SCRIPT_HOSTS)
		script_fail(script, "one host too many");
	strncpy(host->name, name, sizeof(host->name) - 1);
	host->script = script;
	host->next_port = 2;
	script->host[script->host_count++] = host;
	return host;
}

struct script_host *host_current(struct script *script)
{
	struct script_host *host = script->current;

	if (!host)
		host = script->current = host_new(script, "");
	if (!host->rig) {
		host->rig = rig_open(&script->params);
		host->rig->taker = take;
		host->rig->taker_owner = host;
	}
	return host;
}

static struct script_host *host_find(struct script *script, const char *name,
				     size_t size)
{
	uint16_t i;

	for (i = 0; i < script->host_count; i++)
		if (strlen(script->host[i]->name) == size &&
		    memcmp(script->host[i]->name, name, size) == 0)
			return script->host[i];
	return NULL;
}

struct script_host *script_at(struct script *script, const char **word)
{
	const char *mark = strchr(*word, ':');
	struct script_host *host =
		mark ? host_find(script, *word, (size_t)(mark - *word)) : NULL;

	if (!host)
		return host_current(script);
	*word = mark + 1;
	return host;
}

void run_host(struct script *script, char **words, int count)
{
	(void)count;
	script->current = host_find(script, words[1], strlen(words[1]));
	if (!script->current)
		script->current = host_new(script, words[1]);
	host_current(script);
}

void run_wire(struct script *script, char **words, int count)
{
	struct script_wire *wire = &script->wire[script->wire_count++];
	struct script_host *host;
	int i;

	if (script->wire_count == SCRIPT_HOSTS || count > SCRIPT_HOSTS + 1)
		script_fail(script, "too many wires, or ends of one");
	for (i = 1; i < count; i++) {
		uint16_t port =
			script_port(script, words[i], &host)->info.id.value;

		host->wire[port] = wire;
		host->carried = 0; /* what left before goes over now */
		wire->host[wire->count] = host;
		wire->port[wire->count++] = port;
	}
	hosts_settle(script);
}

void host_publish(struct script_host *host)
{
	struct rig *rig = host->rig;
	uint16_t i;

	if (host->policy && (!host->published || rig->reconfigure)) {
		policy_publish(host);
	} else if (!host->published) {
		for (i = 0; i < rig->port_count; i++) {
			struct vs_port_plan *plan = &rig->plan[i];
			struct script_rules *rules =
				&host->rules[plan->info.id.value];

			if (rules->count)
				plan->acl = vs_acl_build(
					rules->rule, rules->count,
					vs_switch_workers(rig->sw));
		}
		rig_publish(rig);
	}
	host->published = true;
}

struct vs_packet *host_packet(struct script_host *host, uint16_t port,
			      const struct frame *frame)
{
	struct vs_packet *packet =
		rig_packet(host->rig, port, frame->bytes, frame->size);

	packet->view.offload = frame->offload;
	if (frame->aux != VS_ABSENT) {
		packet->view.vlan = frame->aux;
		packet->view.tags = 1;
	}
	return packet;
}

/* -- the wires ------------------------------------------------------------ */

/* A device hears what is for it, and everything if a port has a VLAN. */
static bool hears(struct script_host *host, uint16_t port,
		  const struct frame *frame)
{
	const struct rig *rig = host->rig;
	uint16_t i;

	for (i = 0; i < rig->port_count; i++)
		if (rig->plan[i].lane.mode != VS_LANE_NONE &&
		    !rig->plan[i].monitor)
			return true;
	for (i = 0; i < rig->port_count; i++)
		if (rig->plan[i].info.id.value == port)
			return frame->bytes[0] & 1 ||
			       memcmp(frame->bytes, rig->plan[i].info.mac.octet,
				      6) == 0;
	return false;
}

static void spread(const struct script_wire *wire,
		   const struct script_host *from, const struct frame *frame)
{
	uint16_t i;

	for (i = 0; i < wire->count; i++) {
		struct script_host *host = wire->host[i];

		if (host != from && hears(host, wire->port[i], frame))
			rig_walk(host->rig, wire->port[i],
				 host_packet(host, wire->port[i], frame));
	}
}

/* One frame over; false: none is left. */
static bool carry(struct script_host *host)
{
	const struct rig_frame *sent;
	const struct script_wire *wire;
	struct frame *frame;
	uint32_t at = host->carried;

	if (at == host->rig->sent_count)
		return false;
	sent = &host->rig->sent[host->carried++];
	wire = host->wire[sent->port.value];
	if (!wire || host->taken[at])
		return true;
	frame = calloc(1, sizeof(*frame));
	if (!frame)
		abort();
	host->taken[at] = true;
	host->script->wired++;
	frame->size = sent->size;
	frame->aux = VS_ABSENT;
	frame->offload.csum_start = VS_ABSENT;
	memcpy(frame->bytes, sent->bytes, sent->size);
	spread(wire, host, frame);
	free(frame);
	return true;
}

void hosts_settle(struct script *script)
{
	uint32_t round = 0;
	bool busy = true;
	uint16_t i;

	while (busy) {
		busy = false;
		for (i = 0; i < script->host_count; i++) {
			struct script_host *host = script->host[i];

			if (!host->rig)
				continue;
			busy |= carry(host);
			if (host->rig->wakes) {
				host->rig->wakes = 0;
				rig_tick(host->rig);
				busy = true;
			}
			if (host->rig->reconfigure && host->policy)
				host_publish(host);
		}
		if (++round == ROUNDS)
			script_fail(script, "the wires never fall silent");
	}
}

/* -- the clock ------------------------------------------------------------ */

static uint64_t deadline(const struct rig *rig)
{
	uint64_t next = UINT64_MAX;
	uint16_t i;

	for (i = 0; i < vs_switch_workers(rig->sw); i++) {
		struct vs_worker *worker = vs_switch_worker(rig->sw, i);
		uint64_t one;

		vs_worker_enter(worker);
		one = vs_worker_deadline(worker);
		vs_worker_park(worker);
		next = one < next ? one : next;
	}
	return next;
}

/* The time that any worker wants, not beyond `end` and not the past. */
static uint64_t next_time(const struct script *script, uint64_t end)
{
	uint64_t now = script->host[0]->rig->now, next = end, one;
	uint16_t i;

	for (i = 0; i < script->host_count; i++) {
		one = deadline(script->host[i]->rig);
		next = one < next ? one : next;
	}
	return next > now ? next : now + 1;
}

void run_advance(struct script *script, char **words, int count)
{
	char *unit;
	uint64_t number = strtoull(words[1], &unit, 10), end, next;
	uint16_t i;

	(void)count;
	host_current(script);
	number *= strcmp(unit, "ms") == 0 ? 1000000u : 1000000000u;
	end = script->host[0]->rig->now + number;
	for (i = 0; i < script->host_count; i++)
		host_publish(script->host[i]);
	while (script->host[0]->rig->now < end) {
		next = next_time(script, end);
		for (i = 0; i < script->host_count; i++) {
			script->host[i]->rig->now = next;
			rig_tick(script->host[i]->rig);
		}
		hosts_settle(script);
	}
}
