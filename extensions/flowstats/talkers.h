/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talkers.h: who sent most, in a fixed table: the space-saving algorithm
 * (Metwally et al., 2005). A newcomer to a full table takes the place of the
 * smallest and inherits its bytes, so that nobody who sent more than 1/size of
 * everything is missing; `inherited` says by how much a line may be too large.
 * Example: with 64 places, whoever sent 2 % of the bytes stands in it.
 */
#ifndef FLOWSTATS_TALKERS_H
#define FLOWSTATS_TALKERS_H

#include <vswitch/types.h>

struct talker {
	struct vs_ip ip;   /* the sender; :: without IP */
	struct vs_mac mac; /* the sender, where there is no IP; else zero */
	uint16_t reserved;
	struct vs_vsid vsid;
	uint64_t frames, bytes, inherited;
};

struct talkers {
	uint32_t count, size;
	struct talker *of; /* `size` of them, the caller's */
};

/* talkers_add - `who` has sent so much more (frames and bytes of it). */
void talkers_add(struct talkers *talkers, const struct talker *who);
/* talkers_sort - by bytes, the most first. */
void talkers_sort(struct talkers *talkers);

#endif
