/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c: the frames of probe.h: to a port here they go in at admit, to
 * another host out of the uplink, wrapped.
 *
 * Before it: learn.c. After it: the answer is a claim like any other.
 */
#include "probe.h"

#include <string.h>

#include <vswitch/wire.h>

#include "shard.h"
#include "wrapped.h"

#define ARP_REQUEST    1u
#define ARP_FRAME      (VS_ETHERNET_SIZE + VS_ARP_SIZE)
#define ND_FRAME       (VS_ETHERNET_SIZE + VS_IPV6_SIZE + 32u)
#define HOP_LIMIT_ND   255u
#define ND_LINK_SOURCE 1u

/* Who asks whom. */
struct probe {
	struct vs_mac asker, target_mac;
	struct wnv_ca target;
};

static void write_arp(uint8_t *bytes, const struct probe *probe)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};

	vs_store16(bytes + 12, VS_TYPE_ARP);
	memcpy(bytes + 14, head, sizeof(head));
	memcpy(bytes + 22, probe->asker.octet, 6);
	memcpy(bytes + 38, probe->target.ip.octet + 12, 4);
}

/* RFC 4291 appendix A: the link-local address of a MAC. */
static void write_link_local(uint8_t *to, const struct vs_mac *mac)
{
	to[0] = 0xfe;
	to[1] = 0x80;
	to[8] = mac->octet[0] ^ 2;
	to[9] = mac->octet[1];
	to[10] = mac->octet[2];
	to[11] = 0xff;
	to[12] = 0xfe;
	memcpy(to + 13, mac->octet + 3, 3);
}

/* RFC 4291 2.7.1: the group of all who have an address that ends like it. */
static void write_group(uint8_t *to, const struct wnv_ca *target)
{
	static const uint8_t head[13] = {0xff, 2, [11] = 1, [12] = 0xff};

	memcpy(to, head, sizeof(head));
	memcpy(to + 13, target->ip.octet + 13, 3);
}

static void write_nd(uint8_t *bytes, const struct probe *probe)
{
	uint8_t *ip = bytes + VS_ETHERNET_SIZE, *nd = ip + VS_IPV6_SIZE;
	uint64_t sum;

	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip[0] = 0x60;
	vs_store16(ip + 4, 32);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOP_LIMIT_ND;
	write_link_local(ip + 8, &probe->asker);
	if (vs_mac_is_group(&probe->target_mac))
		write_group(ip + 24, &probe->target);
	else
		memcpy(ip + 24, probe->target.ip.octet, 16);
	nd[0] = VS_ND_SOLICIT;
	memcpy(nd + 8, probe->target.ip.octet, 16);
	nd[24] = ND_LINK_SOURCE;
	nd[25] = 1;
	memcpy(nd + 26, probe->asker.octet, 6);
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, 32);
	vs_store16(nd + 2, vs_checksum(vs_sum(sum, nd, 32)));
}

static uint32_t probe_size(const struct probe *probe)
{
	return vs_ip_is_v4(&probe->target.ip) ? ARP_FRAME : ND_FRAME;
}

static void write_probe(uint8_t *bytes, const struct probe *probe)
{
	memset(bytes, 0, probe_size(probe));
	memcpy(bytes, probe->target_mac.octet, 6);
	memcpy(bytes + 6, probe->asker.octet, 6);
	if (vs_ip_is_v4(&probe->target.ip))
		write_arp(bytes, probe);
	else
		write_nd(bytes, probe);
}

static void probe_here(const struct vs_call *call,
		       const struct wnv_subnet *subnet, struct probe *probe)
{
	const struct vs_port_id nobody = {0};
	struct vs_frame *frame;

	probe->asker = subnet->gateway_mac;
	frame = call->host->frame_new(call, probe_size(probe), subnet->vsid);
	if (!frame)
		return;
	write_probe(vs_frame_edit(frame, 0, probe_size(probe)), probe);
	call->host->emit(call, frame, VS_EMIT_ADMIT, nobody, nobody);
}

static void emit_wrapped(const struct vs_call *call,
			 const struct provider_path *path,
			 const struct wnv_subnet *subnet,
			 const struct probe *probe)
{
	uint8_t bytes[ND_FRAME];

	write_probe(bytes, probe);
	wrapped_emit(call, path, subnet->vsid,
		     &(struct wrapped){bytes, probe_size(probe)});
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
			const struct shard_target *target, struct probe *probe)
{
	const struct wnv_provider *source;
	struct shard_way way;

	if (!find_asker(wnv_state_of(call->state), subnet, target->peer,
			&source, &probe->asker) ||
	    shard_path(call, source, target, &way) != PROVIDER_READY)
		return; /* the next one may find a way */
	emit_wrapped(call, way.path, subnet, probe);
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
	struct probe probe = {.target = *ca};
	struct shard_target target;
	uint32_t i;

	memset(probe.target_mac.octet, 0xff, 6);
	if (!vs_ip_is_v4(&ca->ip)) {
		memset(probe.target_mac.octet, 0x33, 2);
		memcpy(probe.target_mac.octet + 3, ca->ip.octet + 13, 3);
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
	struct probe probe = {.target_mac = record->mac, .target = record->ca};

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
