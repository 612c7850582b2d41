/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_filter.h: a classic socket filter as an extended one, so that the fast
 * path's filter can go on with it. Pure.
 *
 * The kernel does the same for itself, but gives nobody what comes out. Known
 * are the instructions of uplink_filter.c: loads of bytes of the frame, the
 * header length, jumps, returns of constants. Another one is refused.
 */
#ifndef IO_FAST_FILTER_H
#define IO_FAST_FILTER_H

#include <stdint.h>

#include <linux/bpf.h>
#include <linux/filter.h>

/* Classic instructions at most, and extended ones then. */
#define FAST_FILTER_CLASSIC 256u
#define FAST_FILTER_SIZE    (FAST_FILTER_CLASSIC * 6u + 4u)

/* fast_filter_convert - how many instructions it became, or -EINVAL. */
int fast_filter_convert(const struct sock_filter *classic, uint32_t count,
			struct bpf_insn out[FAST_FILTER_SIZE]);

#endif
