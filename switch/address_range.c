/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address_range.c: see address_range.h.
 *
 * Before it: engine_plan.c, which has the provider addresses. After it:
 * uplink_filter.c, io/hold_program.c.
 */
#include "address_range.h"

#include <string.h>

#include <vswitch/wire.h>

static uint32_t tail(const struct vs_ip *ip)
{
	return vs_load32(ip->octet + 12);
}

static bool is_one_network(const struct vs_ip *a, const struct vs_ip *b)
{
	return memcmp(a->octet, b->octet, 12) == 0;
}

uint16_t address_ranges_join(const struct vs_ip *addresses, uint16_t count,
			     struct address_range *ranges)
{
	uint16_t made = 0;

	for (uint16_t i = 0; i < count; i++) {
		struct address_range *last = made ? &ranges[made - 1] : NULL;

		if (last && is_one_network(&last->last, &addresses[i]) &&
		    tail(&addresses[i]) - tail(&last->last) <= 1)
			last->last = addresses[i];
		else
			ranges[made++] = (struct address_range){addresses[i],
								addresses[i]};
	}
	return made;
}

/* The range whose gap to the next one is the smallest; `count`: none may be
 * joined. */
static uint16_t closest(const struct address_range *ranges, uint16_t count)
{
	uint32_t best = UINT32_MAX;
	uint16_t found = count;

	for (uint16_t i = 0; i + 1 < count; i++) {
		uint32_t gap =
			tail(&ranges[i + 1].first) - tail(&ranges[i].last);

		if (is_one_network(&ranges[i].last, &ranges[i + 1].first) &&
		    gap < best) {
			best = gap;
			found = i;
		}
	}
	return found;
}

uint16_t address_ranges_shrink(struct address_range *ranges, uint16_t count,
			       uint16_t room)
{
	while (count > room) {
		uint16_t at = closest(ranges, count);

		if (at == count)
			break;
		ranges[at].last = ranges[at + 1].last;
		memmove(&ranges[at + 1], &ranges[at + 2],
			(count - at - 2u) * sizeof(*ranges));
		count--;
	}
	return count;
}
