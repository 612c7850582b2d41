/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h: pcap-filter(7) expressions, compiled once, run on bytes.
 *
 * libpcap would look names up (hosts, services, protocols) and so block and
 * open files; here an expression may hold only numbers, addresses and the
 * language's own words.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <vswitch/types.h>

#define FILTER_TEXT 1024u

struct filter;

/* filter_compile - *filter = NULL for an empty expression, which takes all.
 * 0 or -errno with `error` (path left empty). Main thread. */
int filter_compile(struct filter **filter, const char *expression,
		   struct vs_error *error);
/* filter_free - NULL is allowed. */
void filter_free(struct filter *filter);
/* filter_takes - the first `size` bytes of a frame of `original` bytes; what
 * the expression reads beyond `size` makes it false. Any thread. */
bool filter_takes(const struct filter *filter, const uint8_t *bytes,
		  uint32_t size, uint32_t original);

#endif
