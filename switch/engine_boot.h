/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_boot.h: what extensions keep across a restart of the daemon, see
 * engine_boot.c.
 */
#ifndef ENGINE_BOOT_H
#define ENGINE_BOOT_H

#include "engine_switch.h"

/* engine_boot_load - read what the daemon before has left, before the policy
 * is loaded; what can't be read is said and forgotten. */
void engine_boot_load(struct engine *engine);
/* engine_boot_restore - to a member that was attached now, while the policy is
 * loaded; else nothing. */
void engine_boot_restore(const struct engine_switch *es,
			 const struct engine_member *member);
/* engine_boot_end - the policy is loaded: say what belongs to nobody. */
void engine_boot_end(struct engine *engine);
/* engine_boot_store - leave it to the next daemon, at the end. */
void engine_boot_store(struct engine *engine);

#endif
