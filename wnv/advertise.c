/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advertise.c: writes router advertisements and knows when (advertise.h).
 *
 * Before it: shard.c's tick, or translate_out.c with a solicitation. After it:
 * the host, at admit or at the port that asked.
 */
#include "advertise.h"

#include <string.h>

#include <vswitch/wire.h>

#include "index.h"

#define SECOND_NS   UINT64_C(1000000000)
#define INITIAL	    3u		     /* as a change is announced */
#define INITIAL_GAP (16 * SECOND_NS) /* RFC 4861 10 */
#define PERIOD_NS   (400 * SECOND_NS)
#define JITTER_NS   (200 * SECOND_NS)
#define BUDGET	    64u

#define HOP_LIMIT_ND   255u
#define HOP_LIMIT      64u
#define ADVERT_SIZE    16u
#define LINK_OPTION    1u
#define PREFIX_OPTION  3u
#define MTU_OPTION     5u
#define PREFIX_SIZE    32u
#define PREFIX_ON_LINK 0x80u
#define PREFIX_NUMBER  0x40u
#define VALID_S	       2592000u /* RFC 4861 6.2.1 */
#define PREFERRED_S    604800u

/* -- when ------------------------------------------------------------------ */

/* The number-th advertisement since the subnet says what it says. */
static uint64_t due(const struct wnv_subnet *subnet, uint64_t number)
{
	uint64_t chance = wnv_hash_mix(
		wnv_hash_mix(subnet->vsid.value + 1, 0x9e3779b97f4a7c15u) ^
			(number + 1),
		0xa0761d6478bd642fu);

	if (number < INITIAL)
		return subnet->advertised_ns + number * INITIAL_GAP +
		       chance % SECOND_NS;
	return subnet->advertised_ns + (INITIAL - 1) * INITIAL_GAP +
	       (number - INITIAL + 1) * PERIOD_NS + chance % JITTER_NS;
}

uint64_t advertise_due(const struct wnv_subnet *subnet, uint64_t after_ns)
{
	uint64_t number = 0, at;

	if (after_ns >
	    subnet->advertised_ns + INITIAL * INITIAL_GAP + 2 * PERIOD_NS)
		number = (after_ns - subnet->advertised_ns -
			  INITIAL * INITIAL_GAP) /
				 PERIOD_NS +
			 INITIAL - 2;
	while ((at = due(subnet, number)) <= after_ns)
		number++;
	return at;
}

/* -- what ------------------------------------------------------------------ */

static bool is_ipv6(const struct vs_prefix *prefix)
{
	return !vs_ip_is_v4(&prefix->ip);
}

static const struct wnv_ca *link_local(const struct wnv_subnet *subnet)
{
	uint16_t i;

	for (i = 0; i < subnet->gateway_count; i++)
		if (wnv_is_link_local6(&subnet->gateways[i].ip))
			return &subnet->gateways[i];
	return NULL;
}

bool wnv_subnet_advertises(const struct wnv_subnet *subnet)
{
	return link_local(subnet) != NULL;
}

static uint8_t *write_prefix(uint8_t *at, const struct vs_prefix *prefix,
			     bool slaac)
{
	at[0] = PREFIX_OPTION;
	at[1] = PREFIX_SIZE / 8;
	at[2] = prefix->length;
	at[3] = PREFIX_ON_LINK;
	if (slaac && prefix->length == 64)
		at[3] |= PREFIX_NUMBER;
	vs_store32(at + 4, VALID_S);
	vs_store32(at + 8, PREFERRED_S);
	memcpy(at + 16, prefix->ip.octet, 16);
	return at + PREFIX_SIZE;
}

/* ICMPv6 from its type on, without the checksum. */
static void write_advert(uint8_t *icmp, const struct wnv_subnet *subnet)
{
	uint8_t *at = icmp + ADVERT_SIZE;
	uint16_t i;

	icmp[0] = VS_ND_ROUTER_ADVERT;
	icmp[4] = HOP_LIMIT;
	vs_store16(icmp + 6, ADVERTISE_LIFETIME_S);
	at[0] = LINK_OPTION;
	at[1] = 1;
	memcpy(at + 2, subnet->gateway_mac.octet, 6);
	at += 8;
	at[0] = MTU_OPTION;
	at[1] = 1;
	vs_store32(at + 4, subnet->mtu);
	at += 8;
	for (i = 0; i < subnet->prefix_count; i++)
		if (is_ipv6(&subnet->prefixes[i]))
			at = write_prefix(at, &subnet->prefixes[i],
					  subnet->slaac);
}

static uint32_t advert_size(const struct wnv_subnet *subnet)
{
	uint32_t size = ADVERT_SIZE + 8 + 8;
	uint16_t i;

	for (i = 0; i < subnet->prefix_count; i++)
		if (is_ipv6(&subnet->prefixes[i]))
			size += PREFIX_SIZE;
	return size;
}

/* To everybody on the link; NULL: no buffer, or nobody to send it. */
static struct vs_frame *make(const struct vs_call *call,
			     const struct wnv_subnet *subnet)
{
	static const uint8_t all_nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
	const struct wnv_ca *from = link_local(subnet);
	uint32_t payload = advert_size(subnet);
	uint32_t size = VS_ETHERNET_SIZE + VS_IPV6_SIZE + payload;
	struct vs_frame *frame =
		from ? call->host->frame_new(call, size, subnet->vsid) : NULL;
	uint8_t *bytes, *ip;

	if (!frame)
		return NULL;
	bytes = vs_frame_edit(frame, 0, size);
	memset(bytes, 0, size);
	memcpy(bytes, all_nodes_mac, 6);
	memcpy(bytes + 6, subnet->gateway_mac.octet, 6);
	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip = bytes + VS_ETHERNET_SIZE;
	ip[0] = 0x60;
	vs_store16(ip + 4, (uint16_t)payload);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOP_LIMIT_ND;
	memcpy(ip + 8, from->ip.octet, 16);
	memcpy(ip + 24, all_nodes, 16);
	write_advert(ip + VS_IPV6_SIZE, subnet);
	return frame;
}

static void finish(struct vs_frame *frame)
{
	uint32_t offset = VS_ETHERNET_SIZE + VS_IPV6_SIZE;
	uint32_t size = vs_view(frame)->size - offset;
	uint8_t *ip =
		vs_frame_edit(frame, VS_ETHERNET_SIZE, VS_IPV6_SIZE + size);
	uint8_t *icmp = ip + VS_IPV6_SIZE;
	uint64_t sum = vs_sum_pseudo(ip, VS_IP_ICMP6, size);

	vs_store16(icmp + 2, vs_checksum(vs_sum(sum, icmp, size)));
}

bool advertise_answer(const struct vs_call *call,
		      const struct wnv_subnet *subnet,
		      const struct vs_frame *question)
{
	const struct vs_view *view = vs_view(question);
	const uint8_t *asker = view->data + view->l3 + 8;
	struct vs_ip from = vs_ip_from_v6(asker);
	struct vs_frame *frame = make(call, subnet);
	uint8_t *bytes;

	if (!frame)
		return false;
	if (!vs_ip_is_unspecified(&from)) {
		bytes = vs_frame_edit(frame, 0,
				      VS_ETHERNET_SIZE + VS_IPV6_SIZE);
		memcpy(bytes, view->data + 6, 6);
		memcpy(bytes + VS_ETHERNET_SIZE + 24, asker, 16);
	}
	finish(frame);
	return call->host->emit(call, frame, VS_EMIT_PORT, view->port,
				view->port) == 0;
}

/* -- the round ------------------------------------------------------------- */

/* In at admit: flooded to the VSID's ports of this host, not to the wire. */
static void announce(const struct vs_call *call,
		     const struct wnv_subnet *subnet)
{
	struct vs_frame *frame = make(call, subnet);

	if (!frame)
		return;
	finish(frame);
	call->host->emit(call, frame, VS_EMIT_ADMIT, (struct vs_port_id){0},
			 (struct vs_port_id){0});
}

void advertise_tick(const struct vs_call *call, struct advertise *advertise)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_subnet *subnet;
	uint32_t budget = BUDGET;

	if (advertise->serial != wnv_state_serial(state)) {
		advertise->serial = wnv_state_serial(state);
		advertise->cursor = 0;
	}
	if (!advertise->cursor) {
		if (call->now_ns < advertise->checked_ns + SECOND_NS)
			return;
		advertise->until_ns = call->now_ns;
	}
	while (advertise->cursor < wnv_advertiser_count(state) && budget) {
		subnet = wnv_advertiser_at(state, advertise->cursor++);
		if (!subnet->advertised_ns ||
		    advertise_due(subnet, advertise->checked_ns) >
			    advertise->until_ns)
			continue;
		announce(call, subnet);
		budget--;
	}
	if (advertise->cursor < wnv_advertiser_count(state))
		return;
	advertise->checked_ns = advertise->until_ns;
	advertise->cursor = 0;
}
