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

/* A frame whose outer headers are written. */
struct wrapping {
	struct vs_frame *frame;
	uint8_t *inner; /* where the customer's frame goes */
};

/*
 * wrapped_open - outer headers of the path, under the VSID; the caller writes
 * all of the `size` bytes at ->inner, then calls wrapped_send. False: there was
 * no buffer.
 */
bool wrapped_open(const struct vs_call *call, const struct provider_path *path,
		  struct vs_vsid vsid, uint32_t size,
		  struct wrapping *wrapping);

/* wrapped_send - out of the path's uplink. False: no room in the host's
 * queue. */
bool wrapped_send(const struct vs_call *call, const struct provider_path *path,
		  const struct wrapping *wrapping);

/* wrapped_emit - both, of a frame that is there. Out of the path's uplink,
 * under the VSID. False: there was no buffer, or no room in the host's queue.
 */
bool wrapped_emit(const struct vs_call *call, const struct provider_path *path,
		  struct vs_vsid vsid, const struct wrapped *frame);

#endif
