/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_share.c: see fast_share.h. Before it: fast.c; it calls nobody.
 */
#include "io/fast_share.h"

#define VSID_SHARES 3u /* of what is free */

bool fast_share_take(struct fast_shares *shares,
		     const struct fast_holder *holder, uint32_t left)
{
	uint16_t *port = &shares->ports[holder->seat][holder->port.value];
	uint16_t *part = &shares->parts[holder->part];

	if (*port >= left || *part >= VSID_SHARES * left)
		return false;
	++*port;
	++*part;
	return true;
}

void fast_share_give(struct fast_shares *shares,
		     const struct fast_holder *holder)
{
	shares->ports[holder->seat][holder->port.value]--;
	shares->parts[holder->part]--;
}
