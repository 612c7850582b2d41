/* SPDX-License-Identifier: Apache-2.0 */
/*
 * services_private.h: between services.c, which has the host table, and
 * services_frame.c.
 */
#ifndef CORE_SERVICES_PRIVATE_H
#define CORE_SERVICES_PRIVATE_H

#include "core/rights.h"

static inline const struct hook_call *hook_of(const struct vs_call *call)
{
	return (const struct hook_call *)call;
}

/* services_refuse_range, services_refuse_right - the running hook asked for
 * what it may not; -EINVAL, -EPERM. */
int services_refuse_range(const struct hook_call *hook, const char *text);
int services_refuse_right(const struct hook_call *hook, const char *service);

/* -- services_frame.c: as vswitch/host.h says -- */
struct vs_frame *services_frame_new(const struct vs_call *call, uint32_t size,
				    struct vs_vsid vsid);
void services_frame_free(const struct vs_call *call, struct vs_frame *frame);
struct vs_frame *services_frame_copy(const struct vs_call *call,
				     const struct vs_frame *frame);
int services_emit(const struct vs_call *call, struct vs_frame *frame,
		  enum vs_emit where, struct vs_port_id to,
		  struct vs_port_id from);

#endif
