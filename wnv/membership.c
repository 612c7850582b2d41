/* SPDX-License-Identifier: Apache-2.0 */
#include "membership.h"

#include <string.h>

#include <vswitch/wire.h>

#include "group.h"
#include "provider_slot.h"

#define SECOND_NS  (UINT64_C(1000) * 1000 * 1000)
#define OLD_NS	   (260 * SECOND_NS)
#define ROBUSTNESS 2u
#define IGMP	   2u
#define IGMP_AT	   24u /* behind a header with the router alert option */
#define MLD_AT	   (VS_IPV6_SIZE + 8u)

enum { /* message types */
       IGMP_QUERY = 0x11,
       IGMP2_REPORT = 0x16,
       IGMP2_LEAVE = 0x17,
       IGMP3_REPORT = 0x22,
       MLD_QUERY = 130,
       MLD1_REPORT = 131,
       MLD1_DONE = 132,
       MLD2_REPORT = 143,
};

enum { /* kinds of records in a report (RFC 3376 4.2.12) */
       IS_EXCLUDE = 2,
       TO_INCLUDE = 3,
       TO_EXCLUDE = 4,
};

/* -- who is to be told -----------------------------------------------------
 */

static bool is_same(const struct membership *a, const struct membership *b)
{
	return wnv_pa_equal(&a->group, &b->group) &&
	       vs_port_equal(a->uplink, b->uplink) && a->vlan == b->vlan;
}

static const struct membership *find(const struct memberships *all,
				     const struct membership *like)
{
	uint32_t i;

	for (i = 0; i < all->count; i++)
		if (is_same(&all->list[i], like))
			return &all->list[i];
	return NULL;
}

static void add(struct memberships *all, const struct membership *one)
{
	if (!find(all, one) && all->count < MEMBERSHIPS)
		all->list[all->count++] = *one;
}

static void begin(const struct vs_call *call, struct membership *one,
		  bool leaves)
{
	one->leaves = leaves;
	one->sends = ROBUSTNESS;
	one->due_ns = call->now_ns;
}

/* What `state` has in a VLAN; the rest is left. */
static void follow(const struct vs_call *call, const struct wnv_state *state,
		   struct memberships *all)
{
	struct memberships before = *all;
	const struct wnv_provider *home;
	const struct membership *old;
	const struct wnv_group *group;
	struct membership one;
	uint32_t i;

	all->count = 0;
	for (i = 0; (group = wnv_group_at(state, i, &home)); i++) {
		if (!home || !home->vlan)
			continue;
		one = (struct membership){.group = group->pa,
					  .home = home->pa,
					  .uplink = home->uplink,
					  .vlan = home->vlan};
		old = find(&before, &one);
		if (old && !old->leaves) {
			one = *old;
			one.home = home->pa; /* it may be another one now */
		} else {
			begin(call, &one, false);
		}
		add(all, &one);
	}
	for (i = 0; i < before.count; i++) {
		one = before.list[i];
		if (!one.leaves)
			begin(call, &one, true);
		add(all, &one);
	}
}

/* -- what is said ----------------------------------------------------------
 */

/* One packet under way. */
struct saying {
	const struct vs_call *call;
	struct provider_speech speech; /* uplink, VLAN, MACs */
	struct wnv_pa to;
};

static struct vs_ip ip4(uint8_t last)
{
	const uint8_t bytes[4] = {224, 0, 0, last};

	return vs_ip_from_v4(bytes);
}

static struct vs_ip ip6(uint8_t last)
{
	const uint8_t bytes[16] = {0xff, 2, [15] = last};

	return vs_ip_from_v6(bytes);
}

static void send_igmp(struct saying *saying, const struct wnv_pa *home,
		      const uint8_t *igmp, uint32_t size)
{
	static const uint8_t alert[4] = {0x94, 4, 0, 0};
	struct vs_frame *frame;
	uint8_t *ip;

	saying->speech.to = wnv_group_mac(&saying->to);
	frame = provider_frame_new(saying->call, &saying->speech, VS_TYPE_IPV4,
				   IGMP_AT + size, &ip);
	if (!frame)
		return; /* it is said again, or asked for */
	ip[0] = 0x46;
	ip[1] = 0xc0; /* internetwork control */
	vs_store16(ip + 2, (uint16_t)(IGMP_AT + size));
	vs_store16(ip + 6, 0x4000);
	ip[8] = 1;
	ip[9] = IGMP;
	memcpy(ip + 12, home->ip.octet + 12, 4);
	memcpy(ip + 16, saying->to.ip.octet + 12, 4);
	memcpy(ip + 20, alert, sizeof(alert));
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, IGMP_AT)));
	memcpy(ip + IGMP_AT, igmp, size);
	vs_store16(ip + IGMP_AT + 2,
		   vs_checksum(vs_sum(0, ip + IGMP_AT, size)));
	provider_frame_send(saying->call, frame, &saying->speech);
}

static void say_igmp(struct saying *saying, const struct membership *of,
		     uint8_t kind, bool old)
{
	const uint8_t *group = of->group.ip.octet + 12;
	uint8_t igmp[16] = {0};

	if (old) {
		igmp[0] = of->leaves ? IGMP2_LEAVE : IGMP2_REPORT;
		memcpy(igmp + 4, group, 4);
		saying->to = of->group;
		if (of->leaves)
			saying->to.ip = ip4(2);
		send_igmp(saying, &of->home, igmp, 8);
		return;
	}
	igmp[0] = IGMP3_REPORT;
	igmp[7] = 1;
	igmp[8] = kind;
	memcpy(igmp + 12, group, 4);
	saying->to.ip = ip4(22);
	send_igmp(saying, &of->home, igmp, 16);
}

static void send_mld(struct saying *saying, const uint8_t *mld, uint32_t size)
{
	static const uint8_t alert[8] = {VS_IP_ICMP6, 0, 5, 2, 0, 0, 1, 0};
	const struct vs_ip own = wnv_link_local6(&saying->speech.mac);
	struct vs_frame *frame;
	uint8_t *ip;

	saying->speech.to = wnv_group_mac(&saying->to);
	frame = provider_frame_new(saying->call, &saying->speech, VS_TYPE_IPV6,
				   MLD_AT + size, &ip);
	if (!frame)
		return;
	ip[0] = 0x60;
	vs_store16(ip + 4, (uint16_t)(8 + size));
	ip[7] = 1; /* next header 0: hop by hop */
	memcpy(ip + 8, own.octet, 16);
	memcpy(ip + 24, saying->to.ip.octet, 16);
	memcpy(ip + VS_IPV6_SIZE, alert, sizeof(alert));
	memcpy(ip + MLD_AT, mld, size);
	vs_store16(ip + MLD_AT + 2,
		   vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, size),
				      ip + MLD_AT, size)));
	provider_frame_send(saying->call, frame, &saying->speech);
}

static void say_mld(struct saying *saying, const struct membership *of,
		    uint8_t kind, bool old)
{
	uint8_t mld[28] = {0};

	if (old) {
		mld[0] = of->leaves ? MLD1_DONE : MLD1_REPORT;
		memcpy(mld + 8, of->group.ip.octet, 16);
		saying->to = of->group;
		if (of->leaves)
			saying->to.ip = ip6(2);
		send_mld(saying, mld, 24);
		return;
	}
	mld[0] = MLD2_REPORT;
	mld[7] = 1;
	mld[8] = kind;
	memcpy(mld + 12, of->group.ip.octet, 16);
	saying->to.ip = ip6(22);
	send_mld(saying, mld, 28);
}

/* Is it known from which MAC? Who leaves may have lost the PA just now. */
static bool find_mac(const struct vs_call *call, struct membership *of)
{
	const struct wnv_provider *home =
		wnv_provider_find(wnv_state_of(call->state), &of->home);

	if (home)
		return provider_mac(call, home, &of->mac);
	return of->leaves && !vs_mac_is_zero(&of->mac);
}

/* False: the uplink is not there now. */
static bool say(const struct vs_call *call,
		const struct provider_queries *queries, struct membership *of,
		uint8_t kind)
{
	bool ipv6 = !vs_ip_is_v4(&of->group.ip);
	uint64_t old_ns = atomic_load(&queries->old_ns[ipv6]);
	bool old = old_ns && call->now_ns < old_ns + OLD_NS;
	struct saying saying = {
		.call = call,
		.speech = {.uplink = of->uplink, .vlan = of->vlan},
	};

	if (!find_mac(call, of))
		return false;
	saying.speech.mac = of->mac;
	(ipv6 ? say_mld : say_igmp)(&saying, of, kind, old);
	return true;
}

/* -- the clock -------------------------------------------------------------
 */

static void step(const struct vs_call *call,
		 const struct provider_queries *queries, struct membership *of,
		 const bool asked[2])
{
	bool ipv6 = !vs_ip_is_v4(&of->group.ip);

	if (of->sends && call->now_ns >= of->due_ns) {
		if (say(call, queries, of,
			of->leaves ? TO_INCLUDE : TO_EXCLUDE) ||
		    of->leaves)
			of->sends--;
		of->due_ns = call->now_ns + SECOND_NS;
	} else if (asked[ipv6] && !of->leaves) {
		say(call, queries, of, IS_EXCLUDE);
	}
}

void membership_tick(const struct vs_call *call,
		     struct provider_queries *queries,
		     struct memberships *memberships)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	bool asked[2] = {atomic_exchange(&queries->asked[0], false),
			 atomic_exchange(&queries->asked[1], false)};
	struct membership *list = memberships->list;
	uint32_t i, kept = 0;

	if (memberships->serial != wnv_state_serial(state)) {
		memberships->serial = wnv_state_serial(state);
		follow(call, state, memberships);
	}
	for (i = 0; i < memberships->count; i++) {
		step(call, queries, &list[i], asked);
		if (!list[i].leaves || list[i].sends)
			list[kept++] = list[i];
	}
	memberships->count = kept;
}

/* -- queries ---------------------------------------------------------------
 */

/* An IPv4 packet: 0 = no query, else the version. */
static uint8_t igmp_query(const uint8_t *ip, uint32_t size)
{
	uint32_t header, total;

	if (size < VS_IPV4_SIZE + 8 || ip[9] != IGMP || ip[8] != 1)
		return 0;
	header = (ip[0] & 15u) * 4;
	total = vs_load16(ip + 2);
	if (header < VS_IPV4_SIZE || total > size || total < header + 8 ||
	    ip[header] != IGMP_QUERY)
		return 0;
	return total - header >= 12 ? 3 : 2;
}

/* An IPv6 packet with a hop-by-hop header: the same, in IGMP's numbers. */
static uint8_t mld_query(const uint8_t *ip, uint32_t size)
{
	const struct vs_ip source = size < VS_IPV6_SIZE ? (struct vs_ip){{0}}
							: vs_ip_from_v6(ip + 8);
	uint32_t at, end;

	if (size < MLD_AT + 24 || ip[6] != 0 || ip[7] != 1 ||
	    !wnv_is_link_local6(&source) || ip[VS_IPV6_SIZE] != VS_IP_ICMP6)
		return 0;
	at = VS_IPV6_SIZE + (ip[VS_IPV6_SIZE + 1] + 1u) * 8;
	end = VS_IPV6_SIZE + vs_load16(ip + 4);
	if (end > size || at + 24 > end || ip[at] != MLD_QUERY)
		return 0;
	return end - at >= 28 ? 3 : 2;
}

void membership_hear(const struct vs_call *call,
		     struct provider_queries *queries,
		     const struct vs_frame *frame)
{
	struct provider_frame bytes;
	bool ipv6;
	uint8_t version;

	if (!provider_frame_of(frame, &bytes) || !bytes.vlan ||
	    (bytes.type != VS_TYPE_IPV4 && bytes.type != VS_TYPE_IPV6))
		return;
	ipv6 = bytes.type == VS_TYPE_IPV6;
	version = (ipv6 ? mld_query : igmp_query)(bytes.bytes + bytes.l3,
						  bytes.size - bytes.l3);
	if (!version || call->tracing)
		return;
	if (version < 3)
		atomic_store(&queries->old_ns[ipv6], call->now_ns);
	atomic_store(&queries->asked[ipv6], true);
}
