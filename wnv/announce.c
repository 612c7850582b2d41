/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announce.c: when, and the frames (announce.h): in at admit for the other
 * ports of the VSID here, and wrapped to each host that has some.
 *
 * Before it: shard.c's tick. After it: admit (core), wrapped.c.
 */
#include "announce.h"

#include <string.h>

#include <vswitch/wire.h>

#include "shard.h"
#include "wrapped.h"

#define MS_NS	       (UINT64_C(1000) * 1000)
#define ARP_REQUEST    1u
#define ARP_FRAME      (VS_ETHERNET_SIZE + VS_ARP_SIZE)
#define ND_SIZE	       32u
#define ND_FRAME       (VS_ETHERNET_SIZE + VS_IPV6_SIZE + ND_SIZE)
#define HOP_LIMIT_ND   255u
#define ND_OVERRIDE    0x20u
#define ND_LINK_TARGET 2u

/* -- what ------------------------------------------------------------------ */

static void write_arp(uint8_t *bytes, const struct wnv_arrival *arrival)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};

	memset(bytes, 0xff, 6);
	vs_store16(bytes + 12, VS_TYPE_ARP);
	memcpy(bytes + 14, head, sizeof(head));
	memcpy(bytes + 22, arrival->mac.octet, 6);
	memcpy(bytes + 28, arrival->ca.ip.octet + 12, 4);
	memcpy(bytes + 38, arrival->ca.ip.octet + 12, 4);
}

static void write_nd(uint8_t *bytes, const struct wnv_arrival *arrival)
{
	static const uint8_t all_nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
	uint8_t *ip = bytes + VS_ETHERNET_SIZE, *nd = ip + VS_IPV6_SIZE;
	uint64_t sum;

	memcpy(bytes, all_nodes_mac, 6);
	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip[0] = 0x60;
	vs_store16(ip + 4, ND_SIZE);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOP_LIMIT_ND;
	memcpy(ip + 8, arrival->ca.ip.octet, 16);
	memcpy(ip + 24, all_nodes, 16);
	nd[0] = VS_ND_ADVERT;
	nd[4] = ND_OVERRIDE;
	memcpy(nd + 8, arrival->ca.ip.octet, 16);
	nd[24] = ND_LINK_TARGET;
	nd[25] = 1;
	memcpy(nd + 26, arrival->mac.octet, 6);
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, ND_SIZE);
	vs_store16(nd + 2, vs_checksum(vs_sum(sum, nd, ND_SIZE)));
}

static uint32_t write_frame(uint8_t *bytes, const struct wnv_arrival *arrival)
{
	bool v4 = vs_ip_is_v4(&arrival->ca.ip);
	uint32_t size = v4 ? ARP_FRAME : ND_FRAME;

	memset(bytes, 0, size);
	memcpy(bytes + 6, arrival->mac.octet, 6);
	if (v4)
		write_arp(bytes, arrival);
	else
		write_nd(bytes, arrival);
	return size;
}

static void show_here(const struct vs_call *call, struct vs_vsid vsid,
		      const struct wrapped *frame)
{
	const struct vs_port_id nobody = {0};
	struct vs_frame *made = call->host->frame_new(call, frame->size, vsid);

	if (!made)
		return;
	memcpy(vs_frame_edit(made, 0, frame->size), frame->bytes, frame->size);
	call->host->emit(call, made, VS_EMIT_ADMIT, nobody, nobody);
}

/* Who is not reached yet hears the next one. */
static void show_there(const struct vs_call *call,
		       const struct wnv_subnet *subnet,
		       const struct wnv_record *record,
		       const struct wrapped *frame)
{
	const struct wnv_provider *source =
		wnv_provider_find(wnv_state_of(call->state), &record->pa);
	struct shard_target target;
	struct shard_way way;
	uint32_t i;

	for (i = 0; source && i < subnet->replica_count; i++) {
		target.peer = subnet->replicas[i].peer;
		target.kind = (enum codec_kind)subnet->replicas[i].kind;
		if (shard_path(call, source, &target, &way) == PROVIDER_READY)
			wrapped_emit(call, way.path, subnet->vsid, frame);
	}
}

static void show(const struct vs_call *call, const struct wnv_arrival *arrival)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_subnet *subnet = wnv_subnet_find(state, arrival->vsid);
	const struct wnv_record *record =
		wnv_record_find(state, arrival->vsid, &arrival->ca);
	uint8_t bytes[ND_FRAME];
	const struct wrapped frame = {bytes, write_frame(bytes, arrival)};

	if (!subnet || !record)
		return;
	show_here(call, arrival->vsid, &frame);
	show_there(call, subnet, record, &frame);
}

/* -- when ------------------------------------------------------------------ */

void announce_tick(const struct vs_call *call, struct announce *announce)
{
	static const uint64_t after[] = {0, 500 * MS_NS, 2000 * MS_NS};
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_arrivals *arrivals = wnv_state_arrivals(state);
	bool news = announce->serial != wnv_state_serial(state);
	const struct wnv_arrival *arrival;
	uint64_t done, due;
	uint32_t i, k;

	for (i = 0; i < arrivals->count; i++) {
		arrival = &arrivals->list[i];
		/* a state is published some time after it was made */
		done = news && arrival->news ? 0 : announce->done_ns;
		for (k = 0; k < sizeof(after) / sizeof(after[0]); k++) {
			due = arrival->since_ns + after[k];
			if (due > done && due <= call->now_ns)
				show(call, arrival);
		}
	}
	announce->serial = wnv_state_serial(state);
	announce->done_ns = call->now_ns;
}
