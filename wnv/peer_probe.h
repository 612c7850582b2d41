/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_probe.h: `vsctl peer probe ADDRESS`: ask a peer now (life.h), and answer
 * when there is a verdict. Main thread.
 */
#ifndef WNV_PEER_PROBE_H
#define WNV_PEER_PROBE_H

#include "provider.h"

#define PEER_PROBES 16u

enum peer_probe_argument { PEER_PROBE_ADDRESS, PEER_PROBE_ARGUMENTS };

extern const struct vs_field peer_probe_arguments[PEER_PROBE_ARGUMENTS];

struct peer_probe_wait {
	int token; /* 0: free */
	struct wnv_pa pa;
	uint64_t since_ns;
};

struct peer_probes {
	struct peer_probe_wait wait[PEER_PROBES];
};

/* What answers are made from. */
struct peer_probe_sight {
	const struct wnv_state *state; /* the newest; or NULL */
	struct provider *provider;
	uint64_t now_ns;
};

/* peer_probe_run - the method; 0: it will be answered, or -errno. */
int peer_probe_run(const struct vs_main_host *host, struct peer_probes *probes,
		   const struct peer_probe_sight *sight,
		   const struct vs_value *values, struct vs_error *error);
/* peer_probe_poll - answer those that have their verdict; when to look again,
 * UINT64_MAX. */
uint64_t peer_probe_poll(const struct vs_main_host *host,
			 struct peer_probes *probes,
			 const struct peer_probe_sight *sight);

#endif
