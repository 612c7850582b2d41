/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrapped.h: a customer frame of WNV's own making: given to the ports here, or
 * wrapped by hand and sent to another host: no frame of a port is behind it, so
 * no recipe is.
 */
#ifndef WNV_WRAPPED_H
#define WNV_WRAPPED_H

#include "provider.h"

struct wrapped {
	const uint8_t *bytes; /* the customer frame; read during the call */
	uint32_t size;
};

/* wrapped_here - not wrapped at all: in at admit, to the VSID's ports of this
 * host. */
void wrapped_here(const struct vs_call *call, struct vs_vsid vsid,
		  const struct wrapped *frame);

/* wrapped_emit - out of the path's uplink, under the VSID. False: there was no
 * buffer, or no room in the host's queue. */
bool wrapped_emit(const struct vs_call *call, const struct provider_path *path,
		  struct vs_vsid vsid, const struct wrapped *frame);

#endif
