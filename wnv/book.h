/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book.h: the lookup records of a state and their indices, shared between
 * states and copied on write.
 *
 * Theory of operation
 * -------------------
 * Records stand in shelves of 256, each in a cache line of its own (a lookup
 * among a million waits for memory twice: a slot, a record) at a position that
 * is its own until it is removed; then the position is a hole (vsid 0, no
 * flags) that the next record fills. Three folds (fold.h) find them: by (VSID,
 * CA), by (VSID, MAC) and by (VSID, MAC, PA). Several records may have one
 * (VSID, MAC); all of them are kin, linked in a ring, and the two latter folds
 * name one for each key: the best (local, then usable, then the lowest
 * address), so that a lookup is as fast for a MAC with a hundred addresses as
 * for one with one.
 *
 * A book is made empty, or as a share of another. Records without a CA (types
 * gateway and l2only) are kin like the others; who indexes them otherwise
 * keeps their position. Main thread writes, workers read a book that is
 * published and not edited.
 */
#ifndef WNV_BOOK_H
#define WNV_BOOK_H

#include <stdalign.h>

#include "fold.h"
#include "policy.h"

#define WNV_SHELF 256u

struct wnv_place {
	alignas(64) struct wnv_record record;
	uint32_t kin; /* the next of the ring; of a hole, the next hole */
};

_Static_assert(sizeof(struct wnv_place) == 64, "a record and kin: one line");

struct wnv_shelf {
	struct wnv_place places[WNV_SHELF];
	uint32_t references;
};

struct wnv_book {
	struct wnv_shelf **shelves;
	uint32_t count; /* positions, holes too */
	uint32_t hole;	/* the first, or WNV_NONE */
	uint64_t seed;
	struct wnv_fold by_ca, by_mac, by_mac_pa;
};

/* wnv_book_create - 0 or -ENOMEM; wnv_book_destroy takes a zero one too. */
int wnv_book_create(struct wnv_book *book, uint64_t seed);
/* wnv_book_share - what `from` holds; 0 or -ENOMEM. */
int wnv_book_share(struct wnv_book *book, const struct wnv_book *from);
void wnv_book_destroy(struct wnv_book *book);

/* wnv_book_add - 0 and its position, -EEXIST (the CA has a record, and not
 * both are shared), -ENOMEM.
 * After -ENOMEM the book is good for nothing but wnv_book_destroy. */
int wnv_book_add(struct wnv_book *book, const struct wnv_record *record,
		 uint32_t *position);
int wnv_book_remove(struct wnv_book *book, uint32_t position);
/* wnv_book_edit - the record to write what no index depends on; NULL: no
 * memory. */
struct wnv_record *wnv_book_edit(struct wnv_book *book, uint32_t position);

static inline const struct wnv_record *wnv_book_at(const struct wnv_book *book,
						   uint32_t position)
{
	return &book->shelves[position / WNV_SHELF]
			->places[position % WNV_SHELF]
			.record;
}

/* wnv_book_find - WNV_NONE: the CA has no record; the lowest position, if it
 * is shared by several.
 * wnv_book_shared - the record of type shared with that MAC, or NULL. */
uint32_t wnv_book_find(const struct wnv_book *book, struct vs_vsid vsid,
		       const struct wnv_ca *ca);
const struct wnv_record *wnv_book_shared(const struct wnv_book *book,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca,
					 const struct vs_mac *mac);
/* wnv_book_sharer - the next record of type shared of (VSID, CA) behind
 * `after` (NULL: the first), in no order. */
const struct wnv_record *wnv_book_sharer(const struct wnv_book *book,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca,
					 const struct wnv_record *after);
const struct wnv_record *wnv_book_by_mac(const struct wnv_book *book,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac);
const struct wnv_record *wnv_book_by_mac_pa(const struct wnv_book *book,
					    struct vs_vsid vsid,
					    const struct vs_mac *mac,
					    const struct wnv_pa *pa);

/* wnv_book_seek - see wnv_records_seek. */
void wnv_book_seek(const struct wnv_book *book, struct wnv_seek *seeks,
		   uint32_t count);

#endif
