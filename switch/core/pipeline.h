/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.h: the walk, as one call.
 */
#ifndef CORE_PIPELINE_H
#define CORE_PIPELINE_H

#include "core/walk.h"

/* pipeline_load - begin a burst: an empty one, then packet by packet. The
 * caller's reference goes with it. */
void pipeline_begin(struct vs_worker *worker);
void pipeline_load(struct vs_worker *worker, struct vs_packet *packet);
/* pipeline_run - walk the loaded burst from `entry` on. */
void pipeline_run(struct vs_worker *worker, uint16_t entry);

#endif
