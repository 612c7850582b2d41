/* SPDX-License-Identifier: Apache-2.0 */
/*
 * veto.h: may it be? What a candidate adds or changes below a switch is shown
 * to the extensions of its stack, top to bottom (hnv.md C6); the first that
 * refuses refuses the candidate. Each judges what is not its own: its own
 * objects it judges in configure(). Before: the engine, when every extension
 * is configured; after: vswitch/extension.h's allow_change.
 */
#ifndef CONTROL_VETO_H
#define CONTROL_VETO_H

#include <vswitch/extension.h>

struct schema;

struct veto_seat {
	const struct vs_extension *extension;
	struct vs_instance *instance;
};

/*
 * veto_ask - 0, or -errno with who refuses what. `settings` are those of one
 * switch. What was there before the daemon came is not asked about.
 */
int veto_ask(const struct schema *schema, const struct vs_settings *settings,
	     const struct veto_seat *seats, uint16_t count,
	     struct vs_error *error);

#endif
