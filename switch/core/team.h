/* SPDX-License-Identifier: Apache-2.0 */
/*
 * team.h: ports of one VM that share their MACs (hnv.md C8.6): a bond in the
 * guest sends the MAC of a port whose link failed from another one.
 *
 * A port of a team may send each MAC of its team, beside its guards, and a MAC
 * of the team is where it was last seen, on one of the team's ports; until it
 * was seen, on the port that is configured with it. Nobody else may send it.
 *
 * Example: web1 and web2 have team=web. web1's link fails, the guest sends
 * web1's MAC from web2: what is for it goes to web2 from the next frame on.
 *
 * Before it in the walk: admit.c (may it?), forward.c (where is it?).
 */
#ifndef CORE_TEAM_H
#define CORE_TEAM_H

#include "core/walk.h"

/* team_is_one - are both of one team? Either may be NULL. */
bool team_is_one(const struct vs_port *a, const struct vs_port *b);
/* team_shares - is the frame's source MAC another one of the port's team? */
bool team_shares(const struct vs_worker *worker, const struct vs_port *port,
		 const struct vs_view *view);
/* team_place - where a MAC is now that a port of a team is configured with. */
struct vs_port_id team_place(struct vs_worker *worker,
			     const struct vs_view *view,
			     struct vs_port_id owner);

#endif
