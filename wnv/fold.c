/* SPDX-License-Identifier: Apache-2.0 */
#include "fold.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define PAGE_FULL 832u /* entries of a page at most */
#define BITS_MOST 22u  /* the low bits are the slot's */

static struct wnv_fold_page *page_create(uint16_t bits)
{
	struct wnv_fold_page *page = malloc(sizeof(*page));

	if (!page)
		return NULL;
	page->references = 1;
	page->used = 0;
	page->bits = bits;
	memset(page->slots, 0xff, sizeof(page->slots));
	return page;
}

static void page_release(struct wnv_fold_page *page)
{
	if (--page->references == 0)
		free(page);
}

static void page_add(struct wnv_fold_page *page, struct wnv_slot slot)
{
	uint32_t at = slot.hash;

	while (page->slots[at % WNV_FOLD_SLOTS].position != UINT32_MAX)
		at++;
	page->slots[at % WNV_FOLD_SLOTS] = slot;
	page->used++;
}

static uint32_t page_find(const struct wnv_fold_page *page, uint32_t hash,
			  uint32_t position)
{
	uint32_t at = hash % WNV_FOLD_SLOTS;

	while (page->slots[at].position != position) {
		assert(page->slots[at].position != UINT32_MAX);
		at = (at + 1) % WNV_FOLD_SLOTS;
	}
	return at;
}

/* Empties a slot; what stands behind it and came past it moves up. */
static void page_take(struct wnv_fold_page *page, uint32_t hole)
{
	uint32_t at = hole, home;

	for (;;) {
		at = (at + 1) % WNV_FOLD_SLOTS;
		if (page->slots[at].position == UINT32_MAX)
			break;
		home = page->slots[at].hash % WNV_FOLD_SLOTS;
		if ((at - home) % WNV_FOLD_SLOTS < (at - hole) % WNV_FOLD_SLOTS)
			continue;
		page->slots[hole] = page->slots[at];
		hole = at;
	}
	page->slots[hole].position = UINT32_MAX;
	page->used--;
}

/* -- directories --------------------------------------------------------------
 */

/* How many entries of the directory are this page. */
static uint32_t run_of(const struct wnv_fold_directory *directory,
		       const struct wnv_fold_page *page)
{
	return 1u << (directory->bits - page->bits);
}

static struct wnv_fold_directory *directory_create(uint32_t bits)
{
	struct wnv_fold_directory *directory;

	directory = malloc(sizeof(*directory) +
			   ((size_t)1 << bits) * sizeof(directory->pages[0]));
	if (directory) {
		directory->references = 1;
		directory->bits = bits;
	}
	return directory;
}

static void directory_release(struct wnv_fold_directory *directory)
{
	uint32_t i, step;

	if (--directory->references)
		return;
	for (i = 0; i < 1u << directory->bits; i += step) {
		step = run_of(directory, directory->pages[i]);
		page_release(directory->pages[i]);
	}
	free(directory);
}

int wnv_fold_create(struct wnv_fold *fold)
{
	struct wnv_fold_directory *directory = directory_create(0);

	*fold = (struct wnv_fold){.directory = NULL};
	if (!directory)
		return -ENOMEM;
	directory->pages[0] = page_create(0);
	if (!directory->pages[0]) {
		free(directory);
		return -ENOMEM;
	}
	*fold = (struct wnv_fold){directory, 32};
	return 0;
}

struct wnv_fold wnv_fold_share(const struct wnv_fold *fold)
{
	if (fold->directory)
		fold->directory->references++;
	return *fold;
}

void wnv_fold_destroy(struct wnv_fold *fold)
{
	if (fold->directory)
		directory_release(fold->directory);
	*fold = (struct wnv_fold){.directory = NULL};
}

/* A directory that only this fold counts, of `bits`. */
static int own_directory(struct wnv_fold *fold, uint32_t bits)
{
	struct wnv_fold_directory *from = fold->directory, *to;
	uint32_t i, step;

	if (from->references == 1 && from->bits == bits)
		return 0;
	to = directory_create(bits);
	if (!to)
		return -ENOMEM;
	for (i = 0; i < 1u << bits; i++)
		to->pages[i] = from->pages[i >> (bits - from->bits)];
	for (i = 0; i < 1u << bits; i += step) {
		step = run_of(to, to->pages[i]);
		to->pages[i]->references++;
	}
	directory_release(from);
	*fold = (struct wnv_fold){to, 32 - bits};
	return 0;
}

/* All entries of the directory that are one page become another. */
static void put_page(const struct wnv_fold *fold, uint32_t hash,
		     struct wnv_fold_page *page)
{
	struct wnv_fold_directory *directory = fold->directory;
	uint32_t run = run_of(directory, page), i;
	uint32_t first = (uint32_t)((uint64_t)hash >> fold->shift) / run * run;

	for (i = 0; i < run; i++)
		directory->pages[first + i] = page;
}

/* The page of a hash, counted by this fold only; NULL: no memory. */
static struct wnv_fold_page *own_page(struct wnv_fold *fold, uint32_t hash)
{
	struct wnv_fold_page *page, *copy;

	if (own_directory(fold, fold->directory->bits))
		return NULL;
	page = fold->directory->pages[(uint64_t)hash >> fold->shift];
	if (page->references == 1)
		return page;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *page;
	copy->references = 1;
	page_release(page);
	put_page(fold, hash, copy);
	return copy;
}

static int split(struct wnv_fold *fold, uint32_t hash)
{
	struct wnv_fold_page *page =
		fold->directory->pages[(uint64_t)hash >> fold->shift];
	uint32_t bits = page->bits + 1u, mask = 1u << (32 - bits), i;
	struct wnv_fold_page *halves[2];

	if (bits > BITS_MOST ||
	    (bits > fold->directory->bits && own_directory(fold, bits)))
		return -ENOMEM;
	halves[0] = page_create((uint16_t)bits);
	halves[1] = page_create((uint16_t)bits);
	if (!halves[0] || !halves[1]) {
		free(halves[0]);
		free(halves[1]);
		return -ENOMEM;
	}
	for (i = 0; i < WNV_FOLD_SLOTS; i++)
		if (page->slots[i].position != UINT32_MAX)
			page_add(halves[(page->slots[i].hash & mask) != 0],
				 page->slots[i]);
	page_release(page);
	put_page(fold, hash & ~mask, halves[0]);
	put_page(fold, hash | mask, halves[1]);
	return 0;
}

int wnv_fold_add(struct wnv_fold *fold, uint32_t hash, uint32_t position)
{
	struct wnv_fold_page *page = own_page(fold, hash);

	while (page && page->used >= PAGE_FULL)
		page = split(fold, hash) ? NULL : own_page(fold, hash);
	if (!page)
		return -ENOMEM;
	page_add(page, (struct wnv_slot){hash, position});
	return 0;
}

int wnv_fold_remove(struct wnv_fold *fold, uint32_t hash, uint32_t position)
{
	struct wnv_fold_page *page = own_page(fold, hash);

	if (!page)
		return -ENOMEM;
	page_take(page, page_find(page, hash, position));
	return 0;
}

int wnv_fold_replace(struct wnv_fold *fold, uint32_t hash, uint32_t position,
		     uint32_t by)
{
	struct wnv_fold_page *page = own_page(fold, hash);

	if (!page)
		return -ENOMEM;
	page->slots[page_find(page, hash, position)].position = by;
	return 0;
}
