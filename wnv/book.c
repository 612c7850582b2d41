/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book.c: adding, removing and finding records.
 *
 * Before it: state.c and amend.c, which derived the records. After it:
 * lookup.c.
 */
#include "book.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* -- shelves ------------------------------------------------------------------
 */

static uint32_t shelf_count(const struct wnv_book *book)
{
	return (book->count + WNV_SHELF - 1) / WNV_SHELF;
}

int wnv_book_create(struct wnv_book *book, uint64_t seed)
{
	*book = (struct wnv_book){.hole = WNV_NONE, .seed = seed};
	if (wnv_fold_create(&book->by_ca) || wnv_fold_create(&book->by_mac) ||
	    wnv_fold_create(&book->by_mac_pa))
		return -ENOMEM;
	return 0;
}

int wnv_book_share(struct wnv_book *book, const struct wnv_book *from)
{
	uint32_t i, count = shelf_count(from);

	*book = *from;
	book->shelves = malloc((count + 1) * sizeof(struct wnv_shelf *));
	if (!book->shelves) {
		*book = (struct wnv_book){.hole = WNV_NONE};
		return -ENOMEM;
	}
	for (i = 0; i < count; i++) {
		book->shelves[i] = from->shelves[i];
		book->shelves[i]->references++;
	}
	book->by_ca = wnv_fold_share(&from->by_ca);
	book->by_mac = wnv_fold_share(&from->by_mac);
	book->by_mac_pa = wnv_fold_share(&from->by_mac_pa);
	return 0;
}

void wnv_book_destroy(struct wnv_book *book)
{
	uint32_t i, count = shelf_count(book);

	for (i = 0; i < count; i++)
		if (--book->shelves[i]->references == 0)
			free(book->shelves[i]);
	free(book->shelves);
	wnv_fold_destroy(&book->by_ca);
	wnv_fold_destroy(&book->by_mac);
	wnv_fold_destroy(&book->by_mac_pa);
	*book = (struct wnv_book){.hole = WNV_NONE};
}

static struct wnv_shelf *own_shelf(struct wnv_book *book, uint32_t position)
{
	struct wnv_shelf **shelf = &book->shelves[position / WNV_SHELF], *copy;

	if ((*shelf)->references == 1)
		return *shelf;
	copy = aligned_alloc(alignof(struct wnv_shelf), sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = **shelf;
	copy->references = 1;
	(*shelf)->references--;
	*shelf = copy;
	return copy;
}

struct wnv_record *wnv_book_edit(struct wnv_book *book, uint32_t position)
{
	struct wnv_shelf *shelf = own_shelf(book, position);

	return shelf ? &shelf->places[position % WNV_SHELF].record : NULL;
}

static uint32_t kin_of(const struct wnv_book *book, uint32_t position)
{
	return book->shelves[position / WNV_SHELF]
		->places[position % WNV_SHELF]
		.kin;
}

static int set_kin(struct wnv_book *book, uint32_t at, uint32_t next)
{
	struct wnv_shelf *shelf = own_shelf(book, at);

	if (!shelf)
		return -ENOMEM;
	shelf->places[at % WNV_SHELF].kin = next;
	return 0;
}

/* Room for one more position at the end. */
static int append(struct wnv_book *book)
{
	uint32_t shelves = shelf_count(book);
	struct wnv_shelf **grown, *shelf;

	if (book->count % WNV_SHELF == 0) {
		grown = realloc(book->shelves,
				(shelves + 1) * sizeof(struct wnv_shelf *));
		if (!grown)
			return -ENOMEM;
		book->shelves = grown;
		shelf = aligned_alloc(alignof(struct wnv_shelf),
				      sizeof(*shelf));
		if (!shelf)
			return -ENOMEM;
		memset(shelf, 0, sizeof(*shelf));
		shelf->references = 1;
		grown[shelves] = shelf;
	}
	book->count++;
	return 0;
}

/* A hole, or a new position at the end. */
static int take_position(struct wnv_book *book, uint32_t *position)
{
	if (book->hole == WNV_NONE) {
		*position = book->count;
		return append(book);
	}
	*position = book->hole;
	book->hole = kin_of(book, *position);
	return 0;
}

/* -- finding ------------------------------------------------------------------
 */

static uint32_t hash_ca(const struct wnv_book *book, struct vs_vsid vsid,
			const struct wnv_ca *ca)
{
	return wnv_hash_ip(book->seed, vsid.value, &ca->ip);
}

static uint32_t hash_mac_pa(const struct wnv_book *book, struct vs_vsid vsid,
			    const struct vs_mac *mac, const struct wnv_pa *pa)
{
	return wnv_hash_ip(book->seed, wnv_hash_mac(book->seed, vsid, mac),
			   &pa->ip);
}

static bool is_of(const struct wnv_record *record, struct vs_vsid vsid,
		  const struct vs_mac *mac)
{
	return vs_vsid_equal(record->vsid, vsid) &&
	       vs_mac_equal(&record->mac, mac);
}

uint32_t wnv_book_find(const struct wnv_book *book, struct vs_vsid vsid,
		       const struct wnv_ca *ca)
{
	const struct wnv_record *record;
	uint32_t first = WNV_NONE;

	WNV_FOLD_EACH(i, &book->by_ca, hash_ca(book, vsid, ca))
	{
		record = wnv_book_at(book, i);
		if (!vs_vsid_equal(record->vsid, vsid) ||
		    !wnv_ca_equal(&record->ca, ca))
			continue;
		if (record->type != WNV_TYPE_SHARED)
			return i;
		if (i < first)
			first = i;
	}
	return first;
}

/* The answer that the position gives, if the key is the right one. */
static const struct wnv_record *answer(const struct wnv_book *book,
				       const struct wnv_seek *seek)
{
	const struct wnv_record *record;

	if (seek->at == WNV_NONE)
		return NULL;
	record = wnv_book_at(book, seek->at);
	return record->type == WNV_TYPE_STATIC &&
			       vs_vsid_equal(record->vsid, seek->vsid) &&
			       wnv_ca_equal(&record->ca, &seek->ca)
		       ? record
		       : NULL;
}

void wnv_book_seek(const struct wnv_book *book, struct wnv_seek *seeks,
		   uint32_t count)
{
	const struct wnv_fold_page *page;
	uint32_t i, hash, at;

	for (i = 0; i < count; i++) {
		hash = hash_ca(book, seeks[i].vsid, &seeks[i].ca);
		seeks[i].at = hash;
		page = wnv_fold_page(&book->by_ca, hash);
		if (page)
			__builtin_prefetch(&page->slots[hash % WNV_FOLD_SLOTS]);
	}
	for (i = 0; i < count; i++) {
		hash = at = seeks[i].at;
		seeks[i].at = wnv_fold_next(wnv_fold_page(&book->by_ca, hash),
					    hash, &at);
		if (seeks[i].at != WNV_NONE)
			__builtin_prefetch(wnv_book_at(book, seeks[i].at));
	}
	for (i = 0; i < count; i++)
		seeks[i].record = answer(book, &seeks[i]);
}

const struct wnv_record *wnv_book_shared(const struct wnv_book *book,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca,
					 const struct vs_mac *mac)
{
	const struct wnv_record *record;

	WNV_FOLD_EACH(i, &book->by_ca, hash_ca(book, vsid, ca))
	{
		record = wnv_book_at(book, i);
		if (record->type == WNV_TYPE_SHARED &&
		    is_of(record, vsid, mac) && wnv_ca_equal(&record->ca, ca))
			return record;
	}
	return NULL;
}

const struct wnv_record *wnv_book_sharer(const struct wnv_book *book,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca,
					 const struct wnv_record *after)
{
	const struct wnv_record *record;
	bool behind = !after;

	WNV_FOLD_EACH(i, &book->by_ca, hash_ca(book, vsid, ca))
	{
		record = wnv_book_at(book, i);
		if (record->type != WNV_TYPE_SHARED ||
		    !vs_vsid_equal(record->vsid, vsid) ||
		    !wnv_ca_equal(&record->ca, ca))
			continue;
		if (behind)
			return record;
		behind = record == after;
	}
	return NULL;
}

static uint32_t find_mac(const struct wnv_book *book, struct vs_vsid vsid,
			 const struct vs_mac *mac)
{
	WNV_FOLD_EACH(i, &book->by_mac, wnv_hash_mac(book->seed, vsid, mac))
	if (is_of(wnv_book_at(book, i), vsid, mac))
		return i;
	return WNV_NONE;
}

static uint32_t find_mac_pa(const struct wnv_book *book, struct vs_vsid vsid,
			    const struct vs_mac *mac, const struct wnv_pa *pa)
{
	const struct wnv_record *record;

	WNV_FOLD_EACH(i, &book->by_mac_pa, hash_mac_pa(book, vsid, mac, pa))
	{
		record = wnv_book_at(book, i);
		if (is_of(record, vsid, mac) && wnv_pa_equal(&record->pa, pa))
			return i;
	}
	return WNV_NONE;
}

const struct wnv_record *wnv_book_by_mac(const struct wnv_book *book,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac)
{
	uint32_t i = find_mac(book, vsid, mac);

	return i == WNV_NONE ? NULL : wnv_book_at(book, i);
}

const struct wnv_record *wnv_book_by_mac_pa(const struct wnv_book *book,
					    struct vs_vsid vsid,
					    const struct vs_mac *mac,
					    const struct wnv_pa *pa)
{
	uint32_t i = find_mac_pa(book, vsid, mac, pa);

	return i == WNV_NONE ? NULL : wnv_book_at(book, i);
}

/* -- who stands for several ---------------------------------------------------
 */

/* How good a record stands for its (VSID, MAC): local, then usable. */
static unsigned int rank_of(const struct wnv_record *record)
{
	return (record->flags & WNV_RECORD_LOCAL ? 2u : 0u) +
	       (record->flags & WNV_RECORD_USABLE ? 1u : 0u);
}

/* Records of the other types have no address of their own. */
static bool has_ca(const struct wnv_record *record)
{
	return record->type != WNV_TYPE_GATEWAY &&
	       record->type != WNV_TYPE_L2ONLY;
}

/* Is a better one than b? Whichever was added first. */
static bool is_better(const struct wnv_record *a, const struct wnv_record *b)
{
	if (rank_of(a) != rank_of(b))
		return rank_of(a) > rank_of(b);
	if (has_ca(a) != has_ca(b))
		return has_ca(a);
	return memcmp(a->ca.ip.octet, b->ca.ip.octet, 16) < 0;
}

/* What rewrite cannot carry, its VM may still send to hosts that have a tunnel
 * record, from its PA. */
static bool speaks_by_pa(const struct wnv_record *record)
{
	return wnv_pa_is_set(&record->pa) && record->rule != WNV_RULE_NONE;
}

/* The fold names the better one of `other` (WNV_NONE: it named nobody). */
static int offer(const struct wnv_book *book, struct wnv_fold *fold,
		 uint32_t hash, uint32_t other, uint32_t position)
{
	if (other == WNV_NONE)
		return wnv_fold_add(fold, hash, position);
	if (!is_better(wnv_book_at(book, position), wnv_book_at(book, other)))
		return 0;
	return wnv_fold_replace(fold, hash, other, position);
}

static int offer_pa(struct wnv_book *book, uint32_t position)
{
	const struct wnv_record *record = wnv_book_at(book, position);

	if (!speaks_by_pa(record))
		return 0;
	return offer(book, &book->by_mac_pa,
		     hash_mac_pa(book, record->vsid, &record->mac, &record->pa),
		     find_mac_pa(book, record->vsid, &record->mac, &record->pa),
		     position);
}

/* Into the ring of its (VSID, MAC), and perhaps before all others. */
static int join_kin(struct wnv_book *book, uint32_t position)
{
	const struct wnv_record *record = wnv_book_at(book, position);
	uint32_t other = find_mac(book, record->vsid, &record->mac);
	uint32_t next = other == WNV_NONE ? position : kin_of(book, other);

	if (set_kin(book, position, next) ||
	    (other != WNV_NONE && set_kin(book, other, position)))
		return -ENOMEM;
	record = wnv_book_at(book, position);
	if (offer(book, &book->by_mac,
		  wnv_hash_mac(book->seed, record->vsid, &record->mac), other,
		  position))
		return -ENOMEM;
	return offer_pa(book, position);
}

/* The best of the ring but for `position`; of its PA only, or of any. */
static uint32_t best_kin(const struct wnv_book *book, uint32_t position,
			 bool same_pa)
{
	const struct wnv_record *gone = wnv_book_at(book, position), *record;
	uint32_t best = WNV_NONE, i;

	for (i = kin_of(book, position); i != position; i = kin_of(book, i)) {
		record = wnv_book_at(book, i);
		if (same_pa && (!speaks_by_pa(record) ||
				!wnv_pa_equal(&record->pa, &gone->pa)))
			continue;
		if (best == WNV_NONE ||
		    is_better(record, wnv_book_at(book, best)))
			best = i;
	}
	return best;
}

static int renounce(struct wnv_fold *fold, uint32_t hash, uint32_t position,
		    uint32_t heir)
{
	return heir == WNV_NONE ? wnv_fold_remove(fold, hash, position)
				: wnv_fold_replace(fold, hash, position, heir);
}

static int leave_kin(struct wnv_book *book, uint32_t position)
{
	const struct wnv_record *record = wnv_book_at(book, position);
	uint32_t hash = wnv_hash_mac(book->seed, record->vsid, &record->mac);
	uint32_t before = position;

	if (find_mac(book, record->vsid, &record->mac) == position &&
	    renounce(&book->by_mac, hash, position,
		     best_kin(book, position, false)))
		return -ENOMEM;
	if (speaks_by_pa(record) &&
	    find_mac_pa(book, record->vsid, &record->mac, &record->pa) ==
		    position &&
	    renounce(&book->by_mac_pa,
		     hash_mac_pa(book, record->vsid, &record->mac, &record->pa),
		     position, best_kin(book, position, true)))
		return -ENOMEM;
	while (kin_of(book, before) != position)
		before = kin_of(book, before);
	return set_kin(book, before, kin_of(book, position));
}

/* -- adding and removing ------------------------------------------------------
 */

static bool is_taken(const struct wnv_book *book,
		     const struct wnv_record *record)
{
	uint32_t other = wnv_book_find(book, record->vsid, &record->ca);

	return other != WNV_NONE &&
	       (record->type != WNV_TYPE_SHARED ||
		wnv_book_at(book, other)->type != WNV_TYPE_SHARED);
}

int wnv_book_add(struct wnv_book *book, const struct wnv_record *record,
		 uint32_t *position)
{
	struct wnv_record *to;
	int error;

	if (has_ca(record) && is_taken(book, record))
		return -EEXIST;
	error = take_position(book, position);
	to = error ? NULL : wnv_book_edit(book, *position);
	if (!to)
		return -ENOMEM;
	*to = *record;
	if (has_ca(record))
		error = wnv_fold_add(&book->by_ca,
				     hash_ca(book, record->vsid, &record->ca),
				     *position);
	return error ? error : join_kin(book, *position);
}

int wnv_book_remove(struct wnv_book *book, uint32_t position)
{
	const struct wnv_record record = *wnv_book_at(book, position);
	struct wnv_record *hole;
	int error = 0;

	assert(record.vsid.value);
	if (has_ca(&record))
		error = wnv_fold_remove(&book->by_ca,
					hash_ca(book, record.vsid, &record.ca),
					position);
	if (!error)
		error = leave_kin(book, position);
	if (!error)
		error = set_kin(book, position, book->hole);
	hole = error ? NULL : wnv_book_edit(book, position);
	if (!hole)
		return -ENOMEM;
	*hole = (struct wnv_record){.peer = WNV_NONE};
	book->hole = position;
	return 0;
}
