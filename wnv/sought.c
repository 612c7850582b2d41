/* SPDX-License-Identifier: Apache-2.0 */
#include "sought.h"

#include "index.h"
#include "probe.h"
#include "shard.h"

#define SECOND_NS (UINT64_C(1000) * 1000 * 1000)
#define TRIES	  3u
#define AGAIN_NS  (10 * SECOND_NS)

static struct sought *slot_of(const struct vs_call *call,
			      const struct wnv_subnet *subnet,
			      const struct wnv_ca *ca)
{
	uint32_t hash = wnv_hash_ip(0, subnet->vsid.value, &ca->ip);

	return &wnv_shard_of(call)->sought[hash % SOUGHT_SLOTS];
}

static bool is_of(const struct sought *sought, const struct wnv_subnet *subnet,
		  const struct wnv_ca *ca)
{
	return sought->asked_ns && vs_vsid_equal(sought->vsid, subnet->vsid) &&
	       wnv_ca_equal(&sought->ca, ca);
}

bool sought_begin(const struct vs_call *call, const struct wnv_subnet *subnet,
		  const struct wnv_ca *ca)
{
	struct sought *sought = slot_of(call, subnet, ca);
	bool known = is_of(sought, subnet, ca);

	if (!wnv_state_learned(wnv_state_of(call->state)) ||
	    !probe_can_seek(call, subnet))
		return false;
	if (call->tracing)
		return !known || sought->tries < TRIES;
	/* another address has the slot: it may have it for a second */
	if (sought->asked_ns && call->now_ns < sought->asked_ns + SECOND_NS)
		return !known || sought->tries <= TRIES;
	if (!known || call->now_ns >= sought->asked_ns + AGAIN_NS)
		*sought = (struct sought){.ca = *ca, .vsid = subnet->vsid};
	sought->asked_ns = call->now_ns;
	if (sought->tries <= TRIES)
		sought->tries++;
	probe_seek(call, subnet, ca);
	return sought->tries <= TRIES;
}
