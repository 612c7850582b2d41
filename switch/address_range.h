/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address_range.h: many addresses as few ranges, for programs that judge
 * frames in the kernel: with IP rewrite a host has a provider address per VM,
 * and mostly they lie side by side. Pure.
 */
#ifndef ADDRESS_RANGE_H
#define ADDRESS_RANGE_H

#include <vswitch/types.h>

/* Both ends belong to it; they differ in the last 32 bits only. */
struct address_range {
	struct vs_ip first, last;
};

/* address_ranges_join - the ranges of `count` addresses in ascending order,
 * exactly those; `ranges` has room for `count`. Returns how many. */
uint16_t address_ranges_join(const struct vs_ip *addresses, uint16_t count,
			     struct address_range *ranges);

/* address_ranges_shrink - at most `room` ranges that hold those and others in
 * between, the smallest gaps closed first. Returns how many; more than `room`:
 * so many networks can't be joined. */
uint16_t address_ranges_shrink(struct address_range *ranges, uint16_t count,
			       uint16_t room);

#endif
