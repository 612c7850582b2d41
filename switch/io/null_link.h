/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null_link.h: a link without a device: what is sent is written to nowhere
 * and counted, nothing is ever received. For benchmarks and tests.
 */
#ifndef IO_NULL_LINK_H
#define IO_NULL_LINK_H

#include "io/link.h"

/* null_link_create - 0 or -ENOMEM. */
int null_link_create(struct vs_link **link, uint16_t mtu);

#endif
