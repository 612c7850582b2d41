/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c: the frames of probe.h: to a port here they go in at admit, to
 * another host out of the uplink, wrapped.
 *
 * Before it: learn.c. After it: the answer is a claim like any other.
 */
#include "probe.h"

#include <string.h>

#include "discovery.h"
#include "shard.h"
#include "wrapped.h"

static void probe_here(const struct vs_call *call,
		       const struct wnv_subnet *subnet, struct discovery *probe)
{
	uint8_t bytes[DISCOVERY_SIZE];

	probe->from = subnet->gateway_mac;
	wrapped_here(call, subnet->vsid,
		     &(struct wrapped){bytes, discovery_write(probe, bytes)});
}

/* By whom of ours the VMs of a peer may be asked; false: by nobody. */
static bool find_asker(const struct wnv_state *state,
		       const struct wnv_subnet *subnet, uint32_t peer,
		       const struct wnv_provider **source, struct vs_mac *asker)
{
	bool ipv6 = !vs_ip_is_v4(&wnv_peer_at(state, peer)->pa.ip);

	*source = wnv_provider_find(state, &subnet->own_pa[ipv6]);
	*asker = subnet->own_mac[ipv6];
	return *source && !vs_mac_is_zero(asker);
}

static void probe_there(const struct vs_call *call,
			const struct wnv_subnet *subnet,
			const struct shard_target *target,
			struct discovery *probe)
{
	const struct wnv_provider *source;
	uint8_t bytes[DISCOVERY_SIZE];
	struct shard_way way;

	if (!find_asker(wnv_state_of(call->state), subnet, target->peer,
			&source, &probe->from) ||
	    shard_path(call, source, target, &way) != PROVIDER_READY)
		return; /* the next one may find a way */
	wrapped_emit(call, way.path, subnet->vsid,
		     &(struct wrapped){bytes, discovery_write(probe, bytes)});
}

static bool has_l2only_here(const struct wnv_subnet *subnet)
{
	return subnet->port_count && (wnv_pa_is_set(&subnet->seek_pa[0]) ||
				      wnv_pa_is_set(&subnet->seek_pa[1]));
}

bool probe_can_seek(const struct vs_call *call, const struct wnv_subnet *subnet)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_provider *source;
	struct vs_mac asker;
	uint32_t i;

	for (i = 0; i < subnet->seeker_count; i++)
		if (find_asker(state, subnet, subnet->seekers[i].peer, &source,
			       &asker))
			return true;
	return has_l2only_here(subnet);
}

void probe_seek(const struct vs_call *call, const struct wnv_subnet *subnet,
		const struct wnv_ca *ca)
{
	struct discovery probe = {.target = *ca};
	struct shard_target target;
	uint32_t i;

	memset(probe.to.octet, 0xff, 6);
	if (!vs_ip_is_v4(&ca->ip)) {
		memset(probe.to.octet, 0x33, 2);
		memcpy(probe.to.octet + 3, ca->ip.octet + 13, 3);
	}
	if (has_l2only_here(subnet))
		probe_here(call, subnet, &probe);
	for (i = 0; i < subnet->seeker_count; i++) {
		target.peer = subnet->seekers[i].peer;
		target.kind = (enum codec_kind)subnet->seekers[i].kind;
		probe_there(call, subnet, &target, &probe);
	}
}

void probe_send(const struct vs_call *call, const struct wnv_record *record)
{
	const struct wnv_subnet *subnet =
		wnv_subnet_find(wnv_state_of(call->state), record->vsid);
	struct discovery probe = {.to = record->mac, .target = record->ca};

	if (!subnet || call->tracing)
		return;
	if (record->flags & WNV_RECORD_LOCAL)
		probe_here(call, subnet, &probe);
	else if (record->peer != WNV_NONE && wnv_rule_tunnels(record->rule))
		probe_there(call, subnet,
			    &(struct shard_target){
				    record->peer, wnv_rule_codec(record->rule)},
			    &probe);
}
