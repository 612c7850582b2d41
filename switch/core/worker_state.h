/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_state.h: making and ending workers; for switch.c only.
 */
#ifndef CORE_WORKER_STATE_H
#define CORE_WORKER_STATE_H

#include "core/walk.h"

struct vs_worker *worker_create(struct vs_switch *sw, uint16_t index,
				uint64_t seed);
/* worker_destroy - parked for good, its outbox flushed; NULL is allowed. */
void worker_destroy(struct vs_worker *worker);

#endif
