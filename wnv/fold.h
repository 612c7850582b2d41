/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.h: a hash index in pages, shared between states and copied on write.
 *
 * Theory of operation
 * -------------------
 * index.h's slots {hash, position}, cut into pages of 1,024 (extendible
 * hashing): the high bits of a hash choose a page by way of a directory, the
 * low bits a slot, from which the page is searched around its end. A full page
 * is split in two by the next bit; the directory doubles when a page has none
 * left. So an entry is added or taken away at the cost of a page, whatever the
 * size; a lookup reads a directory entry more than index.h, then a slot.
 *
 * Directory and pages are counted. fold_share() counts the directory; who
 * writes to one that is counted twice copies it and counts its pages, then
 * copies the page that it writes to. Main thread writes, workers read what is
 * published: a page that a state in use can see is never written.
 *
 *	WNV_FOLD_EACH (i, &fold, hash)
 *		if (key_equal(&array[i], key))
 *			return &array[i];
 */
#ifndef WNV_FOLD_H
#define WNV_FOLD_H

#include "index.h"

#define WNV_FOLD_SLOTS 1024u

struct wnv_fold_page {
	uint32_t references;
	uint16_t used;
	uint16_t bits; /* of a hash that all its entries share */
	struct wnv_slot slots[WNV_FOLD_SLOTS];
};

struct wnv_fold_directory {
	uint32_t references;
	uint32_t bits; /* 1 << bits pages, some of them several times */
	struct wnv_fold_page *pages[];
};

struct wnv_fold { /* zero: empty, reads only */
	struct wnv_fold_directory *directory;
	uint32_t shift; /* hash >> shift is the page's place: 32 - bits */
};

/* wnv_fold_create - empty; 0 or -ENOMEM. */
int wnv_fold_create(struct wnv_fold *fold);
struct wnv_fold wnv_fold_share(const struct wnv_fold *fold);
void wnv_fold_destroy(struct wnv_fold *fold);
/* All three: 0 or -ENOMEM; then the fold is whole, but as it was. The entry
 * to remove or replace must be there. */
int wnv_fold_add(struct wnv_fold *fold, uint32_t hash, uint32_t position);
int wnv_fold_remove(struct wnv_fold *fold, uint32_t hash, uint32_t position);
int wnv_fold_replace(struct wnv_fold *fold, uint32_t hash, uint32_t position,
		     uint32_t by);

static inline const struct wnv_fold_page *
wnv_fold_page(const struct wnv_fold *fold, uint32_t hash)
{
	return fold->directory
		       ? fold->directory->pages[(uint64_t)hash >> fold->shift]
		       : NULL;
}

/* wnv_fold_next - the next position with this hash; *at starts as hash. */
static inline uint32_t wnv_fold_next(const struct wnv_fold_page *page,
				     uint32_t hash, uint32_t *at)
{
	const struct wnv_slot *slot;

	if (!page)
		return UINT32_MAX;
	for (;;) {
		slot = &page->slots[(*at)++ & (WNV_FOLD_SLOTS - 1)];
		if (slot->position == UINT32_MAX || slot->hash == hash)
			return slot->position;
	}
}

#define WNV_FOLD_EACH(i, fold, key_hash)                                       \
	for (uint32_t wnv_hash_ = (key_hash), wnv_at_ = wnv_hash_,             \
		      wnv_once_ = 1;                                           \
	     wnv_once_; wnv_once_ = 0)                                         \
		for (const struct wnv_fold_page *wnv_page_ =                   \
			     wnv_fold_page(fold, wnv_hash_);                   \
		     wnv_page_; wnv_page_ = NULL)                              \
			for (uint32_t i = wnv_fold_next(wnv_page_, wnv_hash_,  \
							&wnv_at_);             \
			     i != UINT32_MAX;                                  \
			     i = wnv_fold_next(wnv_page_, wnv_hash_,           \
					       &wnv_at_))

#endif
