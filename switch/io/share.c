// SPDX-License-Identifier: Apache-2.0
/*
 * share.c: the arithmetic of turns. Before and after it: pump.c.
 */
#include "io/share.h"

static int32_t part_of(int32_t whole, uint32_t weight, uint32_t heaviest)
{
	return (int32_t)((int64_t)whole * weight / heaviest);
}

static int32_t add(int32_t credit, int32_t turn, int32_t most)
{
	return credit + turn < most ? credit + turn : most;
}

uint16_t share_begin(struct share *share, uint32_t weight, uint32_t heaviest)
{
	int32_t frames = part_of(SHARE_FRAMES * SHARE_UNIT, weight, heaviest);
	int32_t bytes = part_of(SHARE_BYTES, weight, heaviest);

	share->frames = add(share->frames, frames, SHARE_FRAMES * SHARE_UNIT);
	share->bytes = add(share->bytes, bytes, SHARE_BYTES);
	if (share->bytes <= 0 || share->frames < SHARE_UNIT)
		return 0;
	return (uint16_t)(share->frames / SHARE_UNIT);
}

bool share_end(struct share *share, uint16_t room, uint16_t frames,
	       uint32_t bytes)
{
	share->frames -= frames * SHARE_UNIT;
	share->bytes -= (int32_t)bytes;
	if (frames == room || share->bytes <= 0)
		return true;
	*share = (struct share){0};
	return false;
}
