/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure.h: from the document's objects to a state, or a refusal.
 *
 * Checks what spans objects (hnv.md A4, design 8). Main thread only. Before
 * it: the host parsed and checked each field alone. After it: state.c.
 */
#ifndef WNV_CONFIGURE_H
#define WNV_CONFIGURE_H

#include <vswitch/settings.h>

struct wnv_state;

/* Why configure runs. */
enum wnv_occasion {
	WNV_OCCASION_CHANGE,  /* somebody changes the policy: refuse */
	WNV_OCCASION_DEVICES, /* a device came, went or changed: what it says
			       * must not undo a policy that stands, so it
			       * only warns */
};

/*
 * wnv_configure - a new state (the caller frees it), or -errno with `error`:
 * the object's place, what is wrong, and the fix. `seed`: random.
 */
int wnv_configure(const struct vs_settings *settings,
		  enum wnv_occasion occasion, uint64_t seed,
		  struct wnv_state **state, struct vs_error *error);

/*
 * wnv_configure_amend - the same from `current`, the state of the settings
 * that are true now (NULL: there is none), if all that differs are lookup
 * records of remote VMs that nothing else depends on: the cost is that of the
 * change. NULL: say wnv_configure; it also says what is wrong.
 */
struct wnv_state *wnv_configure_amend(const struct vs_settings *settings,
				      const struct wnv_state *current);

#endif
