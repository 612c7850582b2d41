/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "census.h"
#include "configure.h"
#include "state.h"

/* The documents that are judged are given by who may apply them. */
#define CHECK_SEED 0x6c696e7465720001u

static struct wnv_state *build(struct vs_fabric *fabric,
			       const struct vs_site *site)
{
	struct vs_error error = {.code = 0};
	struct wnv_state *state = NULL;

	if (wnv_configure(site->settings, WNV_OCCASION_CHANGE, CHECK_SEED,
			  &state, &error) == 0)
		return state;
	fabric->ops->report(fabric, site, VS_SEVERITY_ERROR, &error);
	return NULL;
}

void wnv_check(struct vs_fabric *fabric)
{
	const struct vs_site *any = NULL;
	struct wnv_state *state, *kept = NULL;
	struct census census;
	uint32_t i;

	census_take(&census, fabric);
	for (i = 0; !census.failed && i < fabric->count; i++) {
		state = build(fabric, &fabric->sites[i]);
		if (!state)
			continue;
		census_check_ports(&census, &fabric->sites[i], state);
		if (kept) {
			wnv_state_free(state);
			continue;
		}
		kept = state;
		any = &fabric->sites[i];
	}
	if (kept && !census.failed)
		census_check_records(&census, any, kept);
	if (kept && !census.failed)
		census_check_groups(&census, any);
	if (kept && !census.failed)
		census_check_hosts(&census);
	wnv_state_free(kept);
	census_drop(&census);
}
