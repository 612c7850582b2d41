// SPDX-License-Identifier: Apache-2.0
/*
 * fabric.c: hosts without devices. Everything runs in the caller's thread;
 * workers are entered and parked around each call.
 */
#include "tests/support/fabric.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/document.h"
#include "control/json_text.h"
#include "control/port_plan.h"
#include "control/schema.h"
#include "control/settings_cursor.h"
#include "core/ledger.h"
#include "packet/segment.h"

#define STEP_MS 100u
#define MACS	1024u
#define HOPS	4096u /* frames that one input may put on the wire */

extern const struct vs_extension vs_extension; /* WNV */

struct vs_link {
	uint16_t nothing;
};

static struct vs_link the_link;

static void must(bool good, const struct vs_error *error)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", error->path, error->text);
	abort();
}

/* -- what leaves ------------------------------------------------------------
 */

static void put_on_wire(struct fabric *fabric, unsigned int from, uint32_t size)
{
	struct fabric_wire *wire = malloc(sizeof(*wire) + size);

	if (!wire)
		abort();
	*wire = (struct fabric_wire){.from = from, .size = size};
	memcpy(wire->bytes, fabric->finished, size);
	if (fabric->last)
		fabric->last->next = wire;
	else
		fabric->first = wire;
	fabric->last = wire;
	fabric->on_wire++;
}

static void finished(struct fabric_host *host,
		     const struct vs_outbox_entry *entry, uint32_t size)
{
	struct fabric *fabric = host->fabric;
	uint16_t port = entry->recipe.port.value;
	struct fabric_seen seen = {
		.host = host->index,
		.port = port,
		.uplink = port == host->info[0].id.value,
		.vsid = entry->packet->view.vsid,
		.bytes = fabric->finished,
		.size = size,
	};

	if (fabric->seen)
		fabric->seen(fabric, &seen);
	if (seen.uplink && !fabric->cut)
		put_on_wire(fabric, host->index, size);
}

/* A port takes super-frames whole. */
static void leave_on_port(struct fabric_host *host,
			  const struct vs_outbox_entry *entry)
{
	const struct vs_recipe *recipe = &entry->recipe;
	uint8_t *to = host->fabric->finished;

	memcpy(to, recipe->lead, recipe->lead_size);
	memcpy(to + recipe->lead_size,
	       entry->packet->view.data + recipe->slice_offset,
	       recipe->slice_size);
	finished(host, entry, recipe->lead_size + recipe->slice_size);
}

static void leave_on_wire(struct fabric_host *host,
			  const struct vs_outbox_entry *entry)
{
	struct vs_segmenter segmenter;
	uint32_t offset, size;
	uint16_t header;

	if (vs_segment_begin(&segmenter, &entry->recipe, 1) < 0) {
		host->link_drops++;
		return;
	}
	while ((header = vs_segment_next(&segmenter, host->fabric->finished,
					 &offset, &size))) {
		memcpy(host->fabric->finished + header,
		       entry->packet->view.data + offset, size);
		finished(host, entry, header + size);
	}
}

static void flush(struct vs_outbox *outbox)
{
	struct fabric_host *host = (struct fabric_host *)(void *)outbox;
	uint16_t i;

	for (i = 0; i < outbox->count; i++)
		if (vs_port_equal(outbox->entry[i].recipe.port,
				  host->info[0].id))
			leave_on_wire(host, &outbox->entry[i]);
		else
			leave_on_port(host, &outbox->entry[i]);
	vs_outbox_clear(outbox);
}

/* -- a host of the document -------------------------------------------------
 */

static const struct vs_object *lab_of(const struct store *store)
{
	return store_next(store, schema_find(store_schema(store), "switch"),
			  NULL, NULL);
}

struct fabric_maker {
	struct cursor_maker maker;
	const struct fabric_host *host;
};

static const struct vs_port_info *info_of(struct cursor_maker *maker,
					  const struct vs_object *object)
{
	const struct fabric_host *host = ((struct fabric_maker *)maker)->host;
	uint16_t i;

	for (i = 0; i < host->port_count; i++)
		if (strcmp(host->info[i].name, object_key(object)) == 0)
			return &host->info[i];
	return NULL;
}

static const struct cursor_maker_ops maker_ops = {.port = info_of};

static struct store *parse(const struct fabric_host *host, const char *document)
{
	static const char *const names[FABRIC_MOST] = {"a", "b", "c"};
	struct vs_error error = {0};
	struct store *store = NULL;
	json_t *json = NULL;

	must(!json_text_load(document, strlen(document), &json, &error),
	     &error);
	must(!document_parse(host->schema, names[host->index], json, &store,
			     &error),
	     &error);
	json_decref(json);
	return store;
}

static void add_info(struct fabric_host *host, const struct vs_object *object,
		     enum vs_port_kind kind)
{
	uint16_t id = (uint16_t)(host->port_count + 2);
	struct vs_port_info *info = &host->info[host->port_count++];

	*info = (struct vs_port_info){
		.struct_size = sizeof(*info),
		.kind = (uint16_t)kind,
		.id = {id},
		.mtu = 1500,
		.up = true,
		.mac = {{2, 0xaa, 0, 0, (uint8_t)host->index, (uint8_t)id}},
		.if_index = id,
	};
	snprintf(info->name, sizeof(info->name), "%s", object_key(object));
}

static void add_infos(struct fabric_host *host, const char *noun,
		      enum vs_port_kind kind)
{
	const struct schema_noun *of = schema_find(host->schema, noun);
	const struct vs_object *object = NULL;

	while ((object = store_next(host->store, of, lab_of(host->store),
				    object)) &&
	       host->port_count < FABRIC_PORTS)
		add_info(host, object, kind);
}

static void add_port(struct fabric_host *host, struct vs_snapshot *snapshot,
		     const struct vs_state *state, uint16_t at)
{
	const struct vs_port_info *info = &host->info[at];
	bool uplink = info->kind == VS_PORT_UPLINK;
	struct port_policy policy = {
		.store = host->store,
		.object = store_find(host->store,
				     schema_find(host->schema, "port"),
				     lab_of(host->store), info->name),
		.workers = host->fabric->workers,
	};
	struct vs_port_plan plan = {
		.info = *info,
		.link = &the_link,
		.worker = (uint16_t)(at % host->fabric->workers),
		.vsid_count = 1,
	};
	struct vs_error error = {0};

	port_plan_profile(&vs_extension, state, info->name, &policy.profile);
	if (!uplink)
		must(!port_plan_fill(&plan, &policy, &error), &error);
	must(!vs_snapshot_add_port(snapshot, &plan, &error), &error);
}

static void publish(struct fabric_host *host)
{
	struct vs_snapshot *snapshot = vs_snapshot_begin(host->sw);
	struct fabric_maker maker = {{.ops = &maker_ops}, host};
	struct settings_cursor cursor;
	const struct vs_state *state;
	struct vs_error error = {0};
	uint16_t i;

	settings_cursor_open(&cursor, host->store, lab_of(host->store),
			     &maker.maker);
	state = vs_attachment_configure(host->wnv, &cursor.settings, &error);
	must(state && snapshot, &error);
	for (i = 0; i < host->port_count; i++)
		add_port(host, snapshot, state, i);
	must(!vs_snapshot_add_extension(snapshot, host->wnv, state, &error),
	     &error);
	vs_switch_publish(host->sw, snapshot);
}

static uint64_t ticket(struct vs_switch_owner *owner)
{
	(void)owner;
	return 0x1234567;
}

static void host_open(struct fabric *fabric, unsigned int index,
		      const char *document)
{
	static const struct vs_extension *const extensions[] = {&vs_extension};
	const struct schema_config config = {.extensions = extensions,
					     .extension_count = 1};
	struct fabric_host *host = &fabric->host[index];
	struct vs_switch_params params = {.name = "lab",
					  .workers = fabric->workers,
					  .seed = 7 + index,
					  .macs = MACS,
					  .small_buffers = 512,
					  .big_buffers = 8};
	struct vs_error error = {0};

	host->fabric = fabric;
	host->index = index;
	host->outbox.flush = flush;
	host->owner.random = ticket;
	must(!schema_create(&host->schema, &config, &error), &error);
	must(!vs_switch_create(&host->sw, &params, &host->owner, &error),
	     &error);
	must(!vs_switch_attach(host->sw, &vs_extension, &host->wnv, &error),
	     &error);
	host->store = parse(host, document);
	add_infos(host, "uplink", VS_PORT_UPLINK);
	add_infos(host, "port", VS_PORT_ORDINARY);
	publish(host);
}

struct fabric *fabric_open(const char *document, uint16_t workers)
{
	return fabric_open_hosts(document, workers, FABRIC_HOSTS);
}

struct fabric *fabric_open_hosts(const char *document, uint16_t workers,
				 unsigned int hosts)
{
	struct fabric *fabric = calloc(1, sizeof(*fabric));
	unsigned int i;

	if (!fabric)
		abort();
	fabric->workers = workers;
	fabric->hosts = hosts;
	fabric->now = 1000000000;
	for (i = 0; i < fabric->hosts; i++)
		host_open(fabric, i, document);
	fabric_advance(fabric, 8000);
	return fabric;
}

void fabric_apply(struct fabric *fabric, unsigned int index,
		  const char *document)
{
	struct fabric_host *host = &fabric->host[index];
	struct store *store = parse(host, document);

	store_destroy(host->store);
	host->store = store;
	publish(host);
	vs_switch_poll(host->sw, fabric->now);
}

void fabric_close(struct fabric *fabric)
{
	struct fabric_wire *wire;
	unsigned int i;

	while ((wire = fabric->first)) {
		fabric->first = wire->next;
		free(wire);
	}
	for (i = 0; i < fabric->hosts; i++) {
		vs_switch_destroy(fabric->host[i].sw);
		store_destroy(fabric->host[i].store);
		schema_destroy(fabric->host[i].schema);
	}
	free(fabric);
}

/* -- frames and time --------------------------------------------------------
 */

uint16_t fabric_port(const struct fabric *fabric, unsigned int host,
		     const char *name)
{
	const struct fabric_host *of = &fabric->host[host];
	uint16_t i;

	for (i = 0; i < of->port_count; i++)
		if (strcmp(of->info[i].name, name) == 0)
			return of->info[i].id.value;
	fprintf(stderr, "no port %s\n", name);
	abort();
}

uint16_t fabric_uplink(const struct fabric *fabric, unsigned int host)
{
	return fabric->host[host].info[0].id.value;
}

static struct vs_worker *worker_of(const struct fabric *fabric,
				   unsigned int host, uint16_t port)
{
	return vs_switch_worker(fabric->host[host].sw,
				(uint16_t)((port - 2) % fabric->workers));
}

struct vs_packet *fabric_packet(struct fabric *fabric, unsigned int host,
				uint16_t port, const uint8_t *bytes,
				uint32_t size)
{
	struct vs_packet *packet =
		vs_pool_take(vs_worker_pool(worker_of(fabric, host, port)),
			     size > VS_SMALL_SIZE);

	if (!packet)
		return NULL;
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, size);
	packet->view.size = size;
	return packet;
}

static void walk(struct fabric *fabric, unsigned int host, uint16_t port,
		 struct vs_packet *packet)
{
	struct vs_worker *worker = worker_of(fabric, host, port);
	struct vs_outbox *outbox = &fabric->host[host].outbox;
	struct vs_input input = {.port = {port},
				 .count = 1,
				 .packets = &packet,
				 .now = fabric->now};

	if (!packet)
		return;
	vs_worker_enter(worker);
	vs_worker_input(worker, &input, outbox);
	outbox->flush(outbox);
	vs_worker_park(worker);
}

/* Whose MAC it is; nobody's: the number of hosts. */
static unsigned int owner_of(const struct fabric *fabric,
			     const struct fabric_wire *wire)
{
	unsigned int i;

	for (i = 0; i < fabric->hosts; i++)
		if (i != wire->from && wire->size >= 6 &&
		    memcmp(wire->bytes, fabric->host[i].info[0].mac.octet, 6) ==
			    0)
			break;
	return i;
}

static void carry(struct fabric *fabric)
{
	struct fabric_wire *wire;
	unsigned int hops = 0, to, owner;

	while ((wire = fabric->first)) {
		fabric->first = wire->next;
		if (!fabric->first)
			fabric->last = NULL;
		fabric->on_wire--;
		owner = owner_of(fabric, wire);
		for (to = 0; to < fabric->hosts; to++)
			if (to != wire->from &&
			    (owner == fabric->hosts || owner == to) &&
			    ++hops <= HOPS)
				walk(fabric, to, fabric_uplink(fabric, to),
				     fabric_packet(fabric, to,
						   fabric_uplink(fabric, to),
						   wire->bytes, wire->size));
		free(wire);
	}
}

void fabric_walk(struct fabric *fabric, unsigned int host, uint16_t port,
		 struct vs_packet *packet)
{
	walk(fabric, host, port, packet);
	carry(fabric);
}

void fabric_in(struct fabric *fabric, unsigned int host, uint16_t port,
	       const uint8_t *bytes, uint32_t size)
{
	fabric_walk(fabric, host, port,
		    fabric_packet(fabric, host, port, bytes, size));
}

static void tick(struct fabric *fabric, struct fabric_host *host)
{
	uint16_t i;

	for (i = 0; i < fabric->workers; i++) {
		struct vs_worker *worker = vs_switch_worker(host->sw, i);

		vs_worker_enter(worker);
		vs_worker_tick(worker, fabric->now, &host->outbox);
		host->outbox.flush(&host->outbox);
		vs_worker_park(worker);
	}
	vs_switch_poll(host->sw, fabric->now);
}

void fabric_advance(struct fabric *fabric, uint64_t ms)
{
	uint64_t done;
	unsigned int i;

	for (done = 0; done < ms; done += STEP_MS) {
		fabric->now += (uint64_t)STEP_MS * 1000000;
		for (i = 0; i < fabric->hosts; i++)
			tick(fabric, &fabric->host[i]);
		carry(fabric);
	}
}

/* -- the books --------------------------------------------------------------
 */

uint64_t fabric_dropped(const struct fabric *fabric, unsigned int host,
			uint16_t port, const char *reason)
{
	struct vs_switch *sw = fabric->host[host].sw;
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint64_t sum = 0;
	uint16_t i;

	while (vs_ledger_next(vs_switch_ledger(sw), &cursor, &row)) {
		if (port != FABRIC_ANY && row.port.value != port)
			continue;
		for (i = 1; i < VS_LEDGER_REASONS; i++)
			if (row.dropped[i] &&
			    (!reason ||
			     strcmp(vs_switch_reason_name(sw, i), reason) == 0))
				sum += row.dropped[i];
	}
	return sum;
}

struct vs_ledger_row fabric_total(const struct fabric *fabric,
				  unsigned int host)
{
	return vs_ledger_total(vs_switch_ledger(fabric->host[host].sw));
}

static void check_rows(struct vs_switch *sw)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(sw), &cursor, &row)) {
		if (!vs_ledger_balance(&row))
			continue;
		fprintf(stderr, "port %u, VSID %u: out of balance by %lld\n",
			row.port.value, row.vsid,
			(long long)vs_ledger_balance(&row));
		abort();
	}
}

static uint64_t buffers_out(struct vs_switch *sw)
{
	struct vs_pool_stats stats;
	uint64_t out = 0;
	uint16_t i;

	for (i = 0; i <= vs_switch_workers(sw); i++) {
		vs_pool_stats(vs_worker_pool(vs_switch_worker(sw, i)), &stats);
		out += stats.small_count - stats.small_free + stats.big_count -
		       stats.big_free;
	}
	return out;
}

void fabric_check(const struct fabric *fabric)
{
	unsigned int i;

	for (i = 0; i < fabric->hosts; i++) {
		struct vs_switch *sw = fabric->host[i].sw;
		uint64_t out = buffers_out(sw);
		uint64_t held = fabric_total(fabric, i).held;

		check_rows(sw);
		if (out == held)
			continue;
		fprintf(stderr, "host %u: %llu buffers are out, %llu held\n", i,
			(unsigned long long)out, (unsigned long long)held);
		abort();
	}
}
