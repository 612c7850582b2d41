// SPDX-License-Identifier: Apache-2.0
/*
 * saved.c: dynamic records to bytes and back (saved.h). Main thread only.
 *
 * Before it: wnv.c's save and restore hooks. After it: learned.c.
 */
#include "saved.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "shared.h"
#include "state.h"

#define HEAD	   8u
#define ENTRY	   26u
#define BUSY_TRIES 100u

static const uint8_t magic[4] = {'w', 'n', 'v', 1};

/* -- written --------------------------------------------------------------- */

/* Whose entries are asked for. */
struct pick {
	bool all, none;
	struct vs_vsid vsid;
	struct vs_mac mac;
};

static struct pick pick_of(const struct saved_port *port)
{
	const struct vs_port_profile *profile;
	struct pick pick = {.all = !port->port, .none = true};

	if (pick.all || !port->state)
		return pick;
	profile = wnv_port_profile(port->state, port->port);
	pick.none = !profile || !profile->has_mac ||
		    !wnv_port_vsid(port->state, port->port, &pick.vsid) ||
		    !pick.vsid.value;
	if (!pick.none)
		pick.mac = profile->mac;
	return pick;
}

static bool picks(const struct pick *pick, const struct learned_entry *entry)
{
	const struct vs_mac own_mac = shared_own_mac(&entry->mac);

	return pick->all ||
	       (!pick->none && vs_vsid_equal(pick->vsid, entry->key.vsid) &&
		vs_mac_equal(&pick->mac, &own_mac));
}

static void write_entry(uint8_t *bytes, const struct learned_entry *entry)
{
	vs_store32(bytes, entry->key.vsid.value);
	memcpy(bytes + 4, entry->key.ca.ip.octet, 16);
	memcpy(bytes + 20, entry->mac.octet, 6);
}

size_t saved_write(const struct saved_port *port, uint8_t *bytes, size_t room)
{
	const struct pick pick = pick_of(port);
	uint64_t cursor = 0, now_ns = port->host->now_ns(port->host);
	struct learned_entry entry;
	size_t size = HEAD;

	while (learned_next(port->learned, &cursor, now_ns, &entry)) {
		if (!picks(&pick, &entry))
			continue;
		if (size + ENTRY <= room)
			write_entry(bytes + size, &entry);
		size += ENTRY;
	}
	if (size == HEAD)
		return 0;
	if (room >= HEAD) {
		memcpy(bytes, magic, sizeof(magic));
		vs_store32(bytes + 4, (uint32_t)((size - HEAD) / ENTRY));
	}
	return size;
}

/* -- read ------------------------------------------------------------------ */

static uint32_t entries_of(size_t size)
{
	return size > HEAD ? (uint32_t)((size - HEAD) / ENTRY) : 0;
}

static struct learned_entry read_entry(const uint8_t *bytes, uint32_t index)
{
	struct learned_entry entry = {.age_ns = 0};

	bytes += HEAD + (size_t)index * ENTRY;
	entry.key.vsid.value = vs_load32(bytes);
	entry.key.ca.ip = vs_ip_from_v6(bytes + 4);
	memcpy(entry.mac.octet, bytes + 20, 6);
	return entry;
}

static int check_bytes(const struct vs_saved *saved, struct vs_error *error)
{
	if (saved->size < HEAD ||
	    memcmp(saved->bytes, magic, sizeof(magic)) != 0)
		return vs_error_set(error, EINVAL, "bytes",
				    "not what this version saves: it began "
				    "with 776e7601");
	if ((saved->size - HEAD) % ENTRY ||
	    vs_load32(saved->bytes + 4) != entries_of(saved->size))
		return vs_error_set(error, EINVAL, "bytes",
				    "cut or padded: %zu bytes for %u addresses",
				    saved->size, vs_load32(saved->bytes + 4));
	if (entries_of(saved->size) > LEARNED_ADDRESSES)
		return vs_error_set(error, E2BIG, "bytes",
				    "more than %u addresses",
				    LEARNED_ADDRESSES);
	return 0;
}

/* -- judged ---------------------------------------------------------------- */

/* Is there a record under which this MAC may have this address? */
static const struct wnv_record *record_of(const struct wnv_state *state,
					  const struct learned_entry *entry)
{
	const struct vs_mac own_mac = shared_own_mac(&entry->mac);
	const struct wnv_record *shared = wnv_shared_find(
		state, entry->key.vsid, &entry->key.ca, &own_mac);

	return shared ? shared
		      : wnv_l2only_find(state, entry->key.vsid, &entry->mac);
}

/* Policy says who has the address: then nothing is to be learned. */
static bool is_policy(const struct wnv_state *state,
		      const struct learned_entry *entry)
{
	const struct wnv_record *record =
		wnv_record_find(state, entry->key.vsid, &entry->key.ca);

	return record && record->type != WNV_TYPE_SHARED;
}

static struct learned_claim claim_of(const struct wnv_record *record,
				     const struct learned_entry *entry)
{
	return (struct learned_claim){
		.key = entry->key,
		.mac = entry->mac,
		.owner = record->type == WNV_TYPE_L2ONLY ? record->owner : 0,
	};
}

static bool fits_subnet(const struct wnv_state *state,
			const struct learned_entry *entry)
{
	const struct wnv_subnet *subnet =
		wnv_subnet_find(state, entry->key.vsid);

	return subnet && wnv_subnet_holds(subnet, &entry->key.ca) &&
	       !wnv_subnet_is_gateway(subnet, &entry->key.ca) &&
	       !wnv_ip_is_martian(&entry->key.ca.ip);
}

static int judge(const struct saved_port *port, const struct pick *pick,
		 const struct learned_entry *entry, struct vs_error *error)
{
	const struct wnv_record *record = record_of(port->state, entry);
	uint64_t now_ns = port->host->now_ns(port->host);
	char ca[VS_IP_TEXT], mac[VS_MAC_TEXT], other[VS_MAC_TEXT];
	struct vs_mac holder;

	vs_ip_format(&entry->key.ca.ip, ca);
	vs_mac_format(&entry->mac, mac);
	if (!picks(pick, entry))
		return vs_error_set(error, EINVAL, "bytes",
				    "%s in %u of %s is not of port %s", ca,
				    entry->key.vsid.value, mac, port->port);
	if (!fits_subnet(port->state, entry))
		return vs_error_set(error, EINVAL, "bytes",
				    "%s is no VM's address of subnet %u here",
				    ca, entry->key.vsid.value);
	if (!record)
		return vs_error_set(error, ENOENT, "bytes",
				    "%s has no l2only record in %u, so it can "
				    "have no address but by policy: vsctl "
				    "l2only add %s vsid=%u pa=ADDRESS, then "
				    "again",
				    mac, entry->key.vsid.value, mac,
				    entry->key.vsid.value);
	if (record->type == WNV_TYPE_L2ONLY &&
	    learned_find(port->learned, &entry->key, now_ns, &holder) &&
	    !vs_mac_equal(&holder, &entry->mac))
		return vs_error_set(error, EEXIST, "bytes",
				    "%s in %u is at %s here, not at %s", ca,
				    entry->key.vsid.value,
				    vs_mac_format(&holder, other), mac);
	return 0;
}

/* Those that are new must find room under the port's limit. */
static int check_room(const struct saved_port *port,
		      const struct vs_saved *saved, struct vs_error *error)
{
	uint64_t now_ns = port->host->now_ns(port->host);
	uint32_t i, news = 0, room = UINT32_MAX;
	const struct wnv_record *record;
	struct learned_entry entry;
	struct vs_mac holder;

	for (i = 0; i < entries_of(saved->size); i++) {
		entry = read_entry(saved->bytes, i);
		record = record_of(port->state, &entry);
		if (record->type != WNV_TYPE_L2ONLY ||
		    is_policy(port->state, &entry) ||
		    learned_find(port->learned, &entry.key, now_ns, &holder))
			continue;
		news++;
		room = learned_room(port->learned, record->owner);
	}
	if (news <= room)
		return 0;
	return vs_error_set(error, EDQUOT, "bytes",
			    "%u addresses are new and port %s may have %u more "
			    "(ip-limit)",
			    news, port->port, room);
}

/* -- taken ----------------------------------------------------------------- */

static void take(struct learned *learned, const struct wnv_record *record,
		 const struct learned_entry *entry,
		 const struct vs_main_host *host)
{
	const struct learned_claim claim = claim_of(record, entry);
	uint64_t now_ns = host->now_ns(host);
	char ca[VS_IP_TEXT], mac[VS_MAC_TEXT], text[160];
	enum learned_result result = LEARNED_SAME;
	uint32_t i;

	if (record->type == WNV_TYPE_SHARED) {
		learned_move(learned, &claim, now_ns);
		return;
	}
	for (i = 0; i < BUSY_TRIES; i++) {
		result = learned_learn(learned, &claim, now_ns);
		if (result != LEARNED_SKIPPED)
			break;
	}
	if (result != LEARNED_NEW)
		return;
	snprintf(text, sizeof(text), "%s in %u is at %s, as was saved",
		 vs_ip_format(&entry->key.ca.ip, ca), entry->key.vsid.value,
		 vs_mac_format(&entry->mac, mac));
	host->event(host, WNV_EVENT_CA_ADDED, text);
}

int saved_take(const struct saved_port *port, const struct vs_saved *saved,
	       struct vs_error *error)
{
	const struct pick pick = pick_of(port);
	struct learned_entry entry;
	int refused = check_bytes(saved, error);
	uint32_t i, count = entries_of(saved->size);

	if (!refused && !port->state)
		refused = vs_error_set(error, EAGAIN, "", "no policy yet");
	for (i = 0; !refused && i < count; i++) {
		entry = read_entry(saved->bytes, i);
		refused = judge(port, &pick, &entry, error);
	}
	if (!refused)
		refused = check_room(port, saved, error);
	for (i = 0; !refused && i < count; i++) {
		entry = read_entry(saved->bytes, i);
		if (!is_policy(port->state, &entry))
			take(port->learned, record_of(port->state, &entry),
			     &entry, port->host);
	}
	return refused;
}

/* -- inherited ------------------------------------------------------------- */

int saved_keep(struct saved_bytes *kept, const struct vs_saved *saved,
	       struct vs_error *error)
{
	int refused = check_bytes(saved, error);
	uint8_t *bytes;

	if (refused)
		return refused;
	bytes = malloc(saved->size);
	if (!bytes)
		return vs_error_set(error, ENOMEM, "", "wnv: out of memory");
	memcpy(bytes, saved->bytes, saved->size);
	saved_drop(kept);
	*kept = (struct saved_bytes){bytes, saved->size};
	return 0;
}

void saved_inherit(struct saved_bytes *kept, const struct wnv_state *state,
		   const struct vs_main_host *host)
{
	struct learned *learned = wnv_state_learned(state);
	const struct wnv_record *record;
	struct learned_entry entry;
	uint32_t i;

	for (i = 0; learned && i < entries_of(kept->size); i++) {
		entry = read_entry(kept->bytes, i);
		record = record_of(state, &entry);
		if (record && fits_subnet(state, &entry) &&
		    !is_policy(state, &entry))
			take(learned, record, &entry, host);
	}
	saved_drop(kept);
}

void saved_drop(struct saved_bytes *kept)
{
	free(kept->bytes);
	*kept = (struct saved_bytes){0};
}
