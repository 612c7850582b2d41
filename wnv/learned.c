/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learned.c: the tables of learned.h. Nothing is decided here but who may
 * have how many.
 *
 * Before it: learn.c, which saw the claim. After it: resolve.c.
 */
#include "learned.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"

#define SECOND_NS   (UINT64_C(1000) * 1000 * 1000)
#define VSID_GROUPS 4096u /* [0, VSID_GROUPS): VSIDs; then owners */

struct address_value {
	struct vs_mac mac;
	uint16_t owner;
};

struct contest_value {
	uint64_t since_ns;
	struct vs_mac mac;
	uint8_t kept;
	uint8_t zero;
	uint16_t owner;
	uint16_t none;
	uint32_t zeros;
};

struct request_key {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint16_t ipv6; /* 0 or 1 */
};

_Static_assert(sizeof(struct learned_key) == 20 &&
		       sizeof(struct address_value) == 8 &&
		       sizeof(struct contest_value) == 24 &&
		       sizeof(struct request_key) == 12,
	       "keys and values have no holes");

struct owner {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint64_t serial; /* of the newest state that names it; 0: never used */
};

struct learned {
	struct vs_table *addresses, *contests, *requests;
	uint64_t seed;
	struct owner owner[LEARNED_OWNERS]; /* [0] is nobody; main thread */
	_Atomic uint32_t limit[LEARNED_OWNERS];
};

struct learned *learned_create(uint64_t seed)
{
	const struct vs_table_params addresses = {
		.capacity = LEARNED_ADDRESSES,
		.key_size = sizeof(struct learned_key),
		.value_size = sizeof(struct address_value),
		.groups = VSID_GROUPS + LEARNED_OWNERS,
		/* who ages them asks first; this is for when it can't */
		.idle_ns = LEARNED_IDLE_NS + 30 * SECOND_NS,
		.seed = seed,
	};
	const struct vs_table_params contests = {
		.capacity = LEARNED_CONTESTS,
		.key_size = sizeof(struct learned_key),
		.value_size = sizeof(struct contest_value),
		.groups = 1,
		.idle_ns = 60 * SECOND_NS,
		.seed = seed,
	};
	const struct vs_table_params requests = {
		.capacity = LEARNED_REQUESTS,
		.key_size = sizeof(struct request_key),
		.value_size = sizeof(uint32_t),
		.groups = 1,
		.idle_ns = 60 * SECOND_NS,
		.seed = seed,
	};
	struct learned *learned = calloc(1, sizeof(*learned));
	uint32_t i;

	if (!learned)
		return NULL;
	learned->seed = seed;
	learned->addresses = vs_table_new(&addresses);
	learned->contests = vs_table_new(&contests);
	learned->requests = vs_table_new(&requests);
	if (!learned->addresses || !learned->contests || !learned->requests) {
		learned_destroy(learned);
		return NULL;
	}
	for (i = 0; i < VSID_GROUPS; i++)
		vs_table_quota(learned->addresses, i, LEARNED_ADDRESSES / 4);
	return learned;
}

void learned_destroy(struct learned *learned)
{
	if (!learned)
		return;
	vs_table_free(learned->addresses);
	vs_table_free(learned->contests);
	vs_table_free(learned->requests);
	free(learned);
}

/* -- who pays -- */

static bool is_owner(const struct owner *owner, struct vs_vsid vsid,
		     const struct vs_mac *mac)
{
	return owner->serial && vs_vsid_equal(owner->vsid, vsid) &&
	       vs_mac_equal(&owner->mac, mac);
}

/* A place of nobody: never used, or of a VM that is gone with its entries. */
static bool is_free(const struct learned *learned, uint32_t at, uint64_t serial)
{
	return !learned->owner[at].serial ||
	       (learned->owner[at].serial != serial &&
		!vs_table_group_entries(learned->addresses, VSID_GROUPS + at));
}

uint16_t learned_owner(struct learned *learned, uint64_t serial,
		       struct vs_vsid vsid, const struct vs_mac *mac,
		       uint32_t limit)
{
	uint32_t i, at = 0;

	if (!limit)
		return 0;
	for (i = 1; i < LEARNED_OWNERS; i++) {
		if (is_owner(&learned->owner[i], vsid, mac)) {
			at = i;
			break;
		}
		if (!at && is_free(learned, i, serial))
			at = i;
	}
	if (!at)
		return 0;
	learned->owner[at] = (struct owner){vsid, *mac, serial};
	atomic_store_explicit(&learned->limit[at], limit, memory_order_relaxed);
	return (uint16_t)at;
}

static uint32_t group_of(const struct learned *learned, struct vs_vsid vsid,
			 uint16_t owner)
{
	if (owner)
		return VSID_GROUPS + owner;
	return (uint32_t)wnv_hash_mix(vsid.value ^ learned->seed,
				      0xd6e8feb86659fd93u) %
	       VSID_GROUPS;
}

/* -- addresses -- */

bool learned_find(struct learned *learned, const struct learned_key *key,
		  uint64_t now_ns, struct vs_mac *mac)
{
	struct address_value value;

	if (!vs_table_find(learned->addresses, key, now_ns, &value))
		return false;
	*mac = value.mac;
	return true;
}

uint32_t learned_room(const struct learned *learned, uint16_t owner)
{
	uint64_t entries;
	uint32_t limit;

	if (!owner)
		return UINT32_MAX;
	entries =
		vs_table_group_entries(learned->addresses, VSID_GROUPS + owner);
	limit = atomic_load_explicit(&learned->limit[owner],
				     memory_order_relaxed);
	return entries < limit ? limit - (uint32_t)entries : 0;
}

bool learned_has_room(struct learned *learned, uint16_t owner)
{
	return learned_room(learned, owner) > 0;
}

/* Two workers may learn one address for two MACs at once: the first stays. */
static enum learned_result undo(struct learned *learned,
				const struct learned_claim *claim,
				struct address_value old, uint64_t now_ns)
{
	struct vs_table_item item = {
		.key = &claim->key,
		.value = &old,
		.group = group_of(learned, claim->key.vsid, old.owner),
	};

	vs_table_learn(learned->addresses, &item, now_ns, NULL);
	return LEARNED_HELD;
}

static enum vs_table_result put(struct learned *learned,
				const struct learned_claim *claim,
				uint64_t now_ns, struct address_value *old)
{
	struct address_value value = {claim->mac, claim->owner};
	struct vs_table_item item = {
		.key = &claim->key,
		.value = &value,
		.group = group_of(learned, claim->key.vsid, claim->owner),
	};

	return vs_table_learn(learned->addresses, &item, now_ns, old);
}

enum learned_result learned_learn(struct learned *learned,
				  const struct learned_claim *claim,
				  uint64_t now_ns)
{
	struct address_value there;

	if (vs_table_find(learned->addresses, &claim->key, now_ns, &there)) {
		if (!vs_mac_equal(&there.mac, &claim->mac))
			return LEARNED_HELD;
		vs_table_seen(learned->addresses, &claim->key, now_ns);
		return LEARNED_SAME;
	}
	if (!learned_has_room(learned, claim->owner))
		return LEARNED_LIMIT;
	/* a full table evicts the oldest of a VSID; a full VSID must not, or
	 * a flood would push out who is there already */
	if (!claim->owner &&
	    vs_table_group_entries(learned->addresses,
				   group_of(learned, claim->key.vsid, 0)) >=
		    LEARNED_ADDRESSES / 4)
		return LEARNED_QUOTA;
	switch (put(learned, claim, now_ns, &there)) {
	case VS_TABLE_NEW:
		return LEARNED_NEW;
	case VS_TABLE_SAME:
		return LEARNED_SAME;
	case VS_TABLE_CHANGED:
		return vs_mac_equal(&there.mac, &claim->mac)
			       ? LEARNED_SAME
			       : undo(learned, claim, there, now_ns);
	case VS_TABLE_BUSY:
		return LEARNED_SKIPPED;
	default:
		return LEARNED_QUOTA;
	}
}

void learned_seen(struct learned *learned, const struct learned_key *key,
		  uint64_t now_ns)
{
	vs_table_seen(learned->addresses, key, now_ns);
}

void learned_move(struct learned *learned, const struct learned_claim *claim,
		  uint64_t now_ns)
{
	put(learned, claim, now_ns, NULL);
}

bool learned_forget(struct learned *learned, const struct learned_key *key)
{
	return vs_table_forget(learned->addresses, key);
}

bool learned_age(struct learned *learned, const struct learned_key *key,
		 uint64_t now_ns, uint64_t *age_ns)
{
	return vs_table_age(learned->addresses, key, now_ns, age_ns);
}

bool learned_next(struct learned *learned, uint64_t *cursor, uint64_t now_ns,
		  struct learned_entry *entry)
{
	struct address_value value;
	struct vs_table_entry found;

	if (!vs_table_next(learned->addresses, cursor, now_ns, &found))
		return false;
	memcpy(&entry->key, found.key, sizeof(entry->key));
	memcpy(&value, found.value, sizeof(value));
	entry->mac = value.mac;
	entry->age_ns = found.age_ns;
	return true;
}

uint64_t learned_count(const struct learned *learned)
{
	struct vs_table_stats stats;

	vs_table_stats(learned->addresses, &stats);
	return stats.entries;
}

/* -- contests -- */

static bool put_contest(struct learned *learned,
			const struct learned_contest *contest, uint64_t now_ns)
{
	const struct learned_claim *claim = &contest->claim;
	struct contest_value value = {
		.since_ns = contest->since_ns,
		.mac = claim->mac,
		.kept = contest->kept,
		.owner = claim->owner,
	};
	struct vs_table_item item = {.key = &claim->key, .value = &value};

	switch (vs_table_learn(learned->contests, &item, now_ns, NULL)) {
	case VS_TABLE_NEW:
	case VS_TABLE_CHANGED:
		return true;
	default:
		return false;
	}
}

static void read_contest(struct learned_contest *contest,
			 const struct learned_key *key,
			 const struct contest_value *value)
{
	contest->claim.key = *key;
	contest->claim.mac = value->mac;
	contest->claim.owner = value->owner;
	contest->since_ns = value->since_ns;
	contest->kept = value->kept;
}

bool learned_contest(struct learned *learned, const struct learned_claim *claim,
		     uint64_t now_ns)
{
	struct learned_contest contest = {*claim, now_ns, false}, there;

	return !learned_contested(learned, &claim->key, now_ns, &there) &&
	       put_contest(learned, &contest, now_ns);
}

bool learned_contested(struct learned *learned, const struct learned_key *key,
		       uint64_t now_ns, struct learned_contest *contest)
{
	struct contest_value value;

	if (!vs_table_group_entries(learned->contests, 0) ||
	    !vs_table_find(learned->contests, key, now_ns, &value))
		return false;
	read_contest(contest, key, &value);
	return !value.kept || now_ns < value.since_ns + LEARNED_KEPT_NS;
}

void learned_keep(struct learned *learned,
		  const struct learned_contest *contest, uint64_t now_ns)
{
	struct learned_contest kept = {contest->claim, now_ns, true};

	put_contest(learned, &kept, now_ns);
}

void learned_settle(struct learned *learned, const struct learned_key *key)
{
	vs_table_forget(learned->contests, key);
}

bool learned_next_contest(struct learned *learned, uint64_t *cursor,
			  uint64_t now_ns, struct learned_contest *contest)
{
	struct contest_value value;
	struct vs_table_entry found;
	struct learned_key key;

	if (!vs_table_group_entries(learned->contests, 0) ||
	    !vs_table_next(learned->contests, cursor, now_ns, &found))
		return false;
	memcpy(&key, found.key, sizeof(key));
	memcpy(&value, found.value, sizeof(value));
	read_contest(contest, &key, &value);
	return true;
}

/* -- DHCP -- */

static struct request_key key_of(const struct learned_request *request)
{
	return (struct request_key){request->vsid, request->client,
				    request->ipv6};
}

void learned_asked(struct learned *learned,
		   const struct learned_request *request, uint64_t now_ns)
{
	const struct request_key key = key_of(request);
	struct vs_table_item item = {.key = &key, .value = &request->xid};

	vs_table_learn(learned->requests, &item, now_ns, NULL);
}

bool learned_answers(struct learned *learned,
		     const struct learned_request *request, uint64_t now_ns)
{
	const struct request_key key = key_of(request);
	uint32_t asked;

	return vs_table_find(learned->requests, &key, now_ns, &asked) &&
	       asked == request->xid;
}
