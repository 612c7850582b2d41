/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fuzz harnesses share: their entry, what must hold, and a frame parsed
 * as a link would hand it in, without offload.
 */
#ifndef TESTS_SUPPORT_FUZZ_H
#define TESTS_SUPPORT_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static inline void must(bool truth)
{
	if (!truth)
		abort();
}

static inline void fuzz_view(struct vs_view *view, uint8_t *bytes,
			     uint32_t size)
{
	memset(view, 0, sizeof(*view));
	view->data = bytes;
	view->size = size;
	view->offload.csum_start = VS_ABSENT;
	parse_view(view, size);
}

/* A block of exactly these bytes, for the sanitizer to see a read behind it. */
static inline uint8_t *fuzz_block(const uint8_t *bytes, size_t size)
{
	uint8_t *block = malloc(size);

	must(block != NULL);
	memcpy(block, bytes, size);
	return block;
}

#endif
