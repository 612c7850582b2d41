/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wnv_lab.c: the hosts of wnv_lab.h.
 */
#include "tests/support/wnv_lab.h"

#include <assert.h>
#include <stdlib.h>

#include "packet/pool.h"
#include "wnv/translate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* -- the adapter: as small as it can be -- */

struct lab_instance {
	struct vs_instance base;
	struct provider *provider;
};

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct lab_instance *instance = calloc(1, sizeof(*instance));

	(void)error;
	assert(instance);
	instance->base.host = host;
	instance->provider = provider_create(2, 7);
	assert(instance->provider);
	return &instance->base;
}

static void detach(struct vs_instance *instance)
{
	struct lab_instance *own = (struct lab_instance *)instance;

	provider_destroy(own->provider);
	free(own);
}

static int open_shard(struct vs_instance *instance, struct vs_shard *shard,
		      uint16_t worker)
{
	shard_open((struct wnv_shard *)shard,
		   ((struct lab_instance *)instance)->provider, worker);
	return 0;
}

static void close_shard(struct vs_instance *instance, struct vs_shard *shard,
			uint16_t worker)
{
	(void)instance;
	(void)worker;
	shard_close((struct wnv_shard *)shard);
}

static const struct vs_translate_class translate = {
	.from_wire = translate_in,
	.to_wire = translate_out,
};

static const struct vs_extension extension = {
	VS_EXTENSION_HEAD,	  .name = "lab",
	.translate = &translate,  .attach = attach,
	.detach = detach,	  .shard_size = sizeof(struct wnv_shard),
	.shard_open = open_shard, .shard_close = close_shard,
	.tick = shard_tick,	  .noted_shard = shard_noted,
	.reasons = wnv_reasons,	  .reason_count = WNV_REASONS,
	.events = wnv_events,	  .event_count = WNV_EVENTS,
};

/* -- addresses -- */

struct vs_mac lab_vm_mac(uint8_t number)
{
	return (struct vs_mac){{2, 0, 0, 0, 0, number}};
}

struct vs_mac lab_host_mac(uint8_t host)
{
	return (struct vs_mac){{2, 0xaa, 0, 0, 0, host}};
}

static struct wnv_pa host_pa(uint8_t host)
{
	const uint8_t bytes[4] = {192, 0, 2, host};

	return (struct wnv_pa){vs_ip_from_v4(bytes)};
}

static struct wnv_ca vm_ca4(uint8_t number)
{
	const uint8_t bytes[4] = {10, 0, 0, number};

	return (struct wnv_ca){vs_ip_from_v4(bytes)};
}

static struct wnv_ca vm_ca6(uint8_t number)
{
	const uint8_t bytes[16] = {0xfd, [15] = number};

	return (struct wnv_ca){vs_ip_from_v6(bytes)};
}

/* -- policy -- */

static struct wnv_record record(uint32_t vsid, struct wnv_ca ca, uint8_t number,
				uint8_t host)
{
	struct wnv_record one = {
		.ca = ca,
		.vsid = {vsid},
		.mac = lab_vm_mac(number),
		.rule = number == 9 ? WNV_RULE_NONE : WNV_RULE_ENCAP,
	};

	if (host)
		one.pa = host_pa(host);
	return one;
}

static uint32_t add_records(struct wnv_record *records, uint32_t vsid)
{
	static const uint8_t places[][2] = {{5, 1}, {6, 1}, {7, 2},
					    {8, 3}, {9, 2}, {10, 0}};
	uint32_t count = 0, i;

	for (i = 0; i < COUNT(places); i++)
		records[count++] = record(vsid, vm_ca4(places[i][0]),
					  places[i][0], places[i][1]);
	records[count++] = record(vsid, vm_ca6(5), 5, 1);
	records[count++] = record(vsid, vm_ca6(7), 7, 2);
	return count;
}

static void add_l2only(struct wnv_plan *plan, struct wnv_record *records)
{
	uint8_t number;

	for (number = 12; number <= 13; number++)
		records[plan->record_count++] = (struct wnv_record){
			.vsid = {LAB_BLUE},
			.mac = lab_vm_mac(number),
			.pa = host_pa((uint8_t)(number - 11)),
			.type = WNV_TYPE_L2ONLY,
		};
}

static void add_shared(struct wnv_plan *plan, struct wnv_record *records)
{
	for (uint8_t number = 14; number <= 15; number++) {
		struct wnv_record *one = &records[plan->record_count++];

		*one = record(LAB_BLUE, vm_ca4(80), number, 1);
		one->type = WNV_TYPE_SHARED;
	}
}

static void add_odd(struct wnv_plan *plan, struct wnv_provider own[2],
		    struct wnv_record *records, struct wnv_route *route)
{
	const uint8_t far[4] = {198, 51, 100, 9}, behind[4] = {172, 20, 0, 0};
	struct wnv_record *one = &records[plan->record_count++];

	own[1] = own[0];
	own[1].pa = host_pa(50);
	plan->provider_count = 2;
	*one = record(LAB_BLUE, vm_ca4(11), 11, 3);
	one->pa.ip = vs_ip_from_v4(far);
	records[plan->record_count++] = record(LAB_GREEN, vm_ca4(5), 5, 1);
	*route = (struct wnv_route){
		.prefix = {vs_ip_from_v4(behind), 112},
		.vsid = {LAB_BLUE},
		.next_hop = vm_ca4(7),
	};
	plan->routes = route;
	plan->route_count = 1;
}

/* An address of 10.0.1.0/24 or fd00:0:0:1::/64. */
static struct wnv_ca near_ca(struct wnv_ca ca)
{
	if (vs_ip_is_v4(&ca.ip))
		ca.ip.octet[14] = 1;
	else
		ca.ip.octet[7] = 1;
	return ca;
}

/* What a subnet plan points to. */
struct lab_near {
	struct vs_prefix prefixes[2];
	struct wnv_ca gateways[2];
	struct wnv_route route;
};

static void add_near(struct wnv_plan *plan, struct wnv_subnet_plan *subnet,
		     struct wnv_record *records, struct lab_near *near)
{
	const uint8_t behind[4] = {172, 16, 0, 0};
	uint8_t host;

	near->prefixes[0] = (struct vs_prefix){near_ca(vm_ca4(0)).ip, 120};
	near->prefixes[1] = (struct vs_prefix){near_ca(vm_ca6(0)).ip, 64};
	near->gateways[0] = near_ca(vm_ca4(1));
	near->gateways[1] = near_ca(vm_ca6(1));
	*subnet = plan->subnets[0];
	subnet->vsid.value = LAB_NEAR;
	subnet->prefixes = near->prefixes;
	subnet->gateways = near->gateways;
	subnet->gateway_count = 2;
	subnet->gateway_mac = wnv_gateway_mac(subnet->vsid);
	plan->subnet_count++;
	for (host = 1; host <= 2; host++) {
		records[plan->record_count++] = record(
			LAB_NEAR, near_ca(vm_ca4(19 + host)), 19 + host, host);
		records[plan->record_count++] = record(
			LAB_NEAR, near_ca(vm_ca6(19 + host)), 19 + host, host);
	}
	near->route = (struct wnv_route){
		.prefix = {vs_ip_from_v4(behind), 108},
		.vsid = {LAB_NEAR},
		.next_hop = near_ca(vm_ca4(99)),
	};
	plan->routes = &near->route;
	plan->route_count = 1;
}

/* A second way to everybody behind a router. */
static void add_uplink(struct wnv_plan *plan, struct wnv_provider own[2],
		       struct wnv_record *records,
		       struct wnv_provider_route routes[2])
{
	const uint8_t second[4] = {198, 51, 100, own[0].pa.ip.octet[15]};
	const uint8_t hops[2][4] = {{192, 0, 2, 254}, {198, 51, 100, 254}};
	const uint8_t far[4] = {203, 0, 113, 9}, any[4] = {0};
	const uint8_t other_family[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
	struct wnv_record *one = &records[plan->record_count++];
	uint32_t i;

	own[1] = own[0];
	own[1].pa.ip = vs_ip_from_v4(second);
	own[1].uplink.value = LAB_SECOND;
	plan->provider_count = 2;
	*one = record(LAB_BLUE, vm_ca4(12), 12, 3);
	one->pa.ip = vs_ip_from_v4(far);
	one = &records[plan->record_count++];
	*one = record(LAB_BLUE, vm_ca4(13), 13, 3);
	one->pa.ip = vs_ip_from_v6(other_family);
	for (i = 0; i < 2; i++)
		routes[i] = (struct wnv_provider_route){
			.prefix = {vs_ip_from_v4(any), 96},
			.next_hop = {vs_ip_from_v4(hops[i])},
			.metric = 10 * (i + 1),
			.uplink = own[i].uplink,
		};
	plan->provider_routes = routes;
	plan->provider_route_count = 2;
}

/* 2001:db8::a.b.c.d: prefixes stay as long as they were. */
static void to_ipv6(struct vs_ip *ip)
{
	const uint8_t prefix[12] = {0x20, 1, 0x0d, 0xb8};

	if (vs_ip_is_v4(ip))
		memcpy(ip->octet, prefix, sizeof(prefix));
}

static void fabric_to_ipv6(struct wnv_plan *plan, struct wnv_provider own[2],
			   struct wnv_record *records,
			   struct wnv_provider_route routes[2])
{
	uint32_t i;

	for (i = 0; i < plan->provider_count; i++)
		to_ipv6(&own[i].pa.ip);
	for (i = 0; i < plan->record_count; i++)
		to_ipv6(&records[i].pa.ip);
	for (i = 0; i < plan->provider_route_count; i++) {
		to_ipv6(&routes[i].prefix.ip);
		to_ipv6(&routes[i].next_hop.ip);
	}
}

/* Four VMs with rule=rewrite, and this host's PAs for its own. */
static uint16_t add_rewrite(struct wnv_plan *plan, struct wnv_provider *own,
			    struct wnv_record *records, uint8_t host)
{
	static const uint8_t pa6[16] = {0xfd, [3] = 0xaa};
	uint16_t count = 1;
	uint8_t vm, i;

	for (vm = 21; vm < 25; vm++)
		for (i = 0; i < 3; i++) {
			struct wnv_record *one = &records[plan->record_count++];

			*one = record(i == 1 ? LAB_RED : LAB_BLUE,
				      i == 2 ? vm_ca6(vm) : vm_ca4(vm), vm, 0);
			one->rule = WNV_RULE_REWRITE;
			one->pa = host_pa((uint8_t)(vm + (i ? 110 : 100)));
			if (i == 2) {
				one->pa.ip = vs_ip_from_v6(pa6);
				one->pa.ip.octet[15] = (uint8_t)(vm + 100);
			}
			if ((vm < 23) != (host == 1))
				continue;
			own[count] = own[0];
			own[count].owned = true;
			own[count++].pa = one->pa;
		}
	records[plan->record_count++] = record(LAB_BLUE, vm_ca4(25), 25, 124);
	return count;
}

static uint32_t add_groups(struct wnv_group *groups, bool ipv6, bool vxlan)
{
	static const uint8_t keys[3][16] = {
		{0},
		{[10] = 0xff, [11] = 0xff, [12] = 224, 5, 5, 5},
		{0xff, 0x1e, [15] = 5},
	};
	uint32_t i;

	for (i = 0; i < COUNT(keys); i++) {
		uint8_t v4[4] = {239, 1, 0, (uint8_t)(i ? 2 : 1)};
		uint8_t v6[16] = {0xff, 8, [15] = v4[3]};

		groups[i] = (struct wnv_group){
			.vsid = {LAB_BLUE},
			.ca.ip = vs_ip_from_v6(keys[i]),
			.pa.ip = ipv6 ? vs_ip_from_v6(v6) : vs_ip_from_v4(v4),
			.kind = vxlan ? CODEC_VXLAN : CODEC_NVGRE,
		};
	}
	return i;
}

static struct wnv_state *build(const struct lab_options *options)
{
	static const uint8_t local_gateway[16] = {0xfe, 0x80, [15] = 1};
	struct vs_prefix prefixes[2] = {{vm_ca4(0).ip, 120},
					{vm_ca6(0).ip, 64}};
	struct wnv_ca gateways[3] = {
		vm_ca4(1), vm_ca6(1), {vs_ip_from_v6(local_gateway)}};
	struct wnv_network_plan networks[3] = {
		{.rdid = {{{1}}}}, {.rdid = {{{2}}}}, {.rdid = {{{3}}}}};
	static const uint32_t vsids[3] = {LAB_BLUE, LAB_RED, LAB_GREEN};
	struct wnv_provider own[16] = {{
		.pa = host_pa(options->host),
		.uplink = {LAB_UPLINK},
		.prefix_length = 120,
		.owned = options->owned,
		.vlan = options->vlan,
	}};
	struct wnv_provider_route routes[2];
	struct wnv_route route;
	struct wnv_peer_plan peer = {.pa = host_pa(3), .flowid = false};
	struct vs_mac own_mac = lab_host_mac(options->host);
	struct wnv_subnet_plan subnets[4];
	struct lab_near near;
	struct wnv_record records[64 + UINT8_MAX];
	struct wnv_group groups[3];
	struct wnv_plan plan = {
		.networks = networks,
		.network_count = 3,
		.subnets = subnets,
		.subnet_count = 3,
		.records = records,
		.providers = own,
		.provider_count = 1,
		.peers = &peer,
		.peer_count = 1,
		.groups = groups,
		.provider_macs = &own_mac,
		.provider_mac_count = 1,
		.seed = 11,
	};
	struct wnv_state *state;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		networks[i].redirect = options->redirect;
		subnets[i] = (struct wnv_subnet_plan){
			.vsid = {vsids[i]},
			.network = i,
			.prefixes = prefixes,
			.prefix_count = 2,
			.gateways = gateways,
			.gateway_count = 3,
			.mtu = options->mtu ? options->mtu : 1458,
			.dscp = options->dscp,
			.l2 = i == 1,
			.gateway_mac =
				wnv_gateway_mac((struct vs_vsid){vsids[i]}),
			.port_count = 2,
		};
	}
	plan.record_count = add_records(records, LAB_BLUE);
	plan.record_count += add_records(records + plan.record_count, LAB_RED);
	for (i = 0; i < options->more_hosts; i++)
		records[plan.record_count++] =
			record(LAB_BLUE, vm_ca4((uint8_t)(100 + i)),
			       (uint8_t)(100 + i), (uint8_t)(100 + i));
	if (options->rewrite)
		plan.provider_count =
			add_rewrite(&plan, own, records, options->host);
	if (options->l2only)
		add_l2only(&plan, records);
	if (options->shared)
		add_shared(&plan, records);
	if (options->odd)
		add_odd(&plan, own, records, &route);
	if (options->routed)
		add_near(&plan, &subnets[3], records, &near);
	if (options->groups)
		plan.group_count =
			add_groups(groups, options->ipv6, options->vxlan);
	if (options->two_uplinks)
		add_uplink(&plan, own, records, routes);
	if (options->ipv6) {
		to_ipv6(&peer.pa.ip);
		fabric_to_ipv6(&plan, own, records, routes);
	}
	for (i = 0; options->vxlan && i < plan.record_count; i++)
		if (records[i].rule == WNV_RULE_ENCAP)
			records[i].rule = WNV_RULE_VXLAN;
	i = (uint32_t)wnv_state_build(&plan, &state);
	assert(i == 0);
	return state;
}

struct lab lab_open(const struct lab_options *options)
{
	struct lab lab = {.fake = fake_host_open(&extension)};
	int refused;
	uint16_t i;

	fake_port(lab.fake, VS_PORT_UPLINK, LAB_UPLINK, "wire")->mac =
		lab_host_mac(options->host);
	if (options->two_uplinks)
		fake_port(lab.fake, VS_PORT_UPLINK, LAB_SECOND, "wire2")->mac =
			lab_host_mac((uint8_t)(options->host + 100));
	fake_port(lab.fake, VS_PORT_ORDINARY, LAB_PORT, "vm5");
	fake_port(lab.fake, VS_PORT_ORDINARY, LAB_PORT + 1, "vm6");
	lab.state = build(options);
	lab.provider = ((struct lab_instance *)lab.fake->instance)->provider;
	lab.shard = (struct wnv_shard *)lab.fake->call.shard;
	refused = provider_configure(lab.provider, lab.state, NULL);
	assert(!refused);
	for (i = 0; options->rewrite && i < wnv_provider_count(lab.state); i++)
		if (wnv_provider_at(lab.state, i)->owned)
			atomic_store(&wnv_provider_at(lab.state, i)->slot->word,
				     PROVIDER_PREFERRED);
	lab.fake->call.state = (const struct vs_state *)lab.state;
	if (options->advises) {
		lab.redirects = redirects_create(3);
		assert(lab.redirects);
		wnv_state_set_redirects(lab.state, lab.redirects);
	}
	if (!options->advance)
		lab.shard->advance = (struct provider_advance){
			.due_ns = UINT64_MAX,
			.gap_ns = 1,
		};
	return lab;
}

void lab_close(struct lab *lab)
{
	fake_host_close(lab->fake);
	wnv_state_free(lab->state);
	redirects_destroy(lab->redirects);
}

void lab_clear(struct lab *lab)
{
	struct fake_records *seen = &lab->fake->seen;

	while (seen->emitted_count)
		vs_packet_unref(seen->emitted[--seen->emitted_count].packet);
	if (!seen->held_count)
		while (lab->fake->frame_count)
			vs_packet_unref(
				lab->fake->frames[--lab->fake->frame_count]);
	seen->sent_count = 0;
	seen->event_count = 0;
	seen->kick_count = 0;
	seen->released_count = 0;
	seen->reflected_count = 0;
}

void lab_tick(struct lab *lab, uint64_t ms)
{
	lab->fake->call.now_ns += ms * 1000000;
	if (lab->shard->advance.due_ns == UINT64_MAX) {
		/* a link that changes begins no round either */
		provider_watch(&lab->fake->call, lab->provider);
		lab->shard->advance.changes =
			atomic_load(&lab->provider->changes);
	}
	shard_tick(&lab->fake->call);
}

/* A neighbour advertisement of `pa`, solicited by `to`. */
static uint32_t write_advert(uint8_t *bytes, const struct wnv_pa *pa,
			     const struct vs_mac *mac, const struct wnv_pa *to)
{
	uint8_t *ip = bytes + VS_ETHERNET_SIZE, *icmp = ip + VS_IPV6_SIZE;

	memset(bytes, 0, 86);
	memcpy(bytes + 6, mac->octet, 6);
	bytes[0] = 2;
	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip[0] = 0x60;
	ip[5] = 32;
	ip[6] = VS_IP_ICMP6;
	ip[7] = 255;
	memcpy(ip + 8, pa->ip.octet, 16);
	memcpy(ip + 24, to->ip.octet, 16);
	icmp[0] = VS_ND_ADVERT;
	icmp[4] = 0x60; /* solicited, override */
	memcpy(icmp + 8, pa->ip.octet, 16);
	icmp[24] = 2; /* the target's MAC */
	icmp[25] = 1;
	memcpy(icmp + 26, mac->octet, 6);
	vs_store16(icmp + 2,
		   vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, 32), icmp,
				      32)));
	return 86;
}

static void know_ipv6(struct lab *lab, uint8_t host)
{
	const struct wnv_pa own = wnv_provider_at(lab->state, 0)->pa;
	struct vs_mac mac = lab_host_mac(host);
	struct wnv_pa pa = host_pa(host);
	uint8_t bytes[128];

	to_ipv6(&pa.ip);
	if (wnv_pa_local(lab->state, &pa))
		return;
	provider_ask(&lab->fake->call, lab->provider,
		     &(struct provider_hop){
			     .source = own, .hop = pa, .uplink = {LAB_UPLINK}});
	lab_in(lab,
	       fake_frame(lab->fake, bytes,
			  write_advert(bytes, &pa, &mac, &own), LAB_UPLINK, 0));
}

static void know_ipv4(struct lab *lab, uint8_t host)
{
	const struct wnv_pa own = wnv_provider_at(lab->state, 0)->pa;
	struct lab_arp arp = {
		.target = {192, 0, 2, own.ip.octet[15]},
		.sender_mac = lab_host_mac(host),
		.operation = 2,
	};
	struct wnv_pa pa = host_pa(host);
	uint8_t bytes[64];

	if (wnv_pa_local(lab->state, &pa))
		return;
	provider_ask(&lab->fake->call, lab->provider,
		     &(struct provider_hop){
			     .source = own, .hop = pa, .uplink = {LAB_UPLINK}});
	memcpy(arp.sender, pa.ip.octet + 12, 4);
	lab_in(lab, fake_frame(lab->fake, bytes, lab_arp(bytes, &arp),
			       LAB_UPLINK, 0));
}

void lab_know(struct lab *lab)
{
	bool ipv4 = vs_ip_is_v4(&wnv_provider_at(lab->state, 0)->pa.ip);
	uint8_t host;

	for (host = 1; host <= 3; host++)
		(ipv4 ? know_ipv4 : know_ipv6)(lab, host);
	lab_clear(lab);
}

/* -- frames -- */

static struct vs_mac mac_of(uint8_t number)
{
	return number == 1 ? wnv_gateway_mac((struct vs_vsid){LAB_BLUE})
			   : lab_vm_mac(number);
}

static void set_macs(uint8_t *buffer, uint8_t from, uint8_t to)
{
	struct vs_mac source = mac_of(from), target = mac_of(to);

	memcpy(buffer, target.octet, 6);
	memcpy(buffer + 6, source.octet, 6);
}

struct frames lab_frame4(uint8_t *buffer, uint8_t from, uint8_t to,
			 uint8_t protocol)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);

	frames_ipv4(&frame, protocol);
	set_macs(buffer, from, to);
	buffer[14 + 15] = from;
	buffer[14 + 19] = to;
	return frame;
}

struct frames lab_frame6(uint8_t *buffer, uint8_t from, uint8_t to,
			 uint8_t next)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	struct wnv_ca source = vm_ca6(from), target = vm_ca6(to);

	frames_ipv6(&frame, next);
	set_macs(buffer, from, to);
	memcpy(buffer + 14 + 8, source.ip.octet, 16);
	memcpy(buffer + 14 + 24, target.ip.octet, 16);
	return frame;
}

uint32_t lab_arp(uint8_t *buffer, const struct lab_arp *arp)
{
	static const uint8_t head[8] = {8, 6, 0, 1, 8, 0, 6, 4};

	memset(buffer, 0, VS_ETHERNET_SIZE + VS_ARP_SIZE);
	memset(buffer, 0xff, 6);
	if (arp->to)
		memcpy(buffer, arp->to->octet, 6);
	memcpy(buffer + 6, arp->sender_mac.octet, 6);
	memcpy(buffer + 12, head, 8);
	vs_store16(buffer + 20, arp->operation);
	memcpy(buffer + 22, arp->sender_mac.octet, 6);
	memcpy(buffer + 28, arp->sender, 4);
	memcpy(buffer + 38, arp->target, 4);
	return VS_ETHERNET_SIZE + VS_ARP_SIZE;
}

uint32_t lab_wrap(uint8_t *buffer, uint8_t from, uint8_t to,
		  const struct frames *inner)
{
	struct codec_frame frame = {.vsid = {LAB_BLUE}, .size = inner->size};
	struct codec_ends ends = {
		.source_mac = lab_host_mac(from),
		.hop_mac = lab_host_mac(to),
		.source = host_pa(from),
		.target = host_pa(to),
	};
	struct codec_path path;
	uint8_t lead[CODEC_LEAD];

	codec_path_make(&path, &ends);
	codec_write(&path, &frame, lead);
	memcpy(buffer, lead, path.size);
	memcpy(buffer + path.size, inner->bytes, inner->size);
	return path.size + inner->size;
}

struct vs_packet *lab_packet(struct lab *lab, const uint8_t *bytes,
			     uint32_t size, uint32_t vsid)
{
	return fake_frame(lab->fake, bytes, size, vsid ? LAB_PORT : LAB_UPLINK,
			  vsid);
}

/* -- hooks -- */

static const char *text_of(struct vs_verdict verdict)
{
	static const char *const consumers[VS_CONSUMERS] = {
		[VS_CONSUMED_ARP_PROXY] = "arp_proxy",
		[VS_CONSUMED_ND_PROXY] = "nd_proxy",
		[VS_CONSUMED_GATEWAY_ECHO] = "gateway_echo",
		[VS_CONSUMED_NEIGHBOUR] = "neighbour",
		[VS_CONSUMED_TOO_BIG] = "answered_too_big",
		[VS_CONSUMED_UNREACHABLE] = "answered_unreachable",
		[VS_CONSUMED_TIME_EXCEEDED] = "answered_time_exceeded",
		[VS_CONSUMED_PING] = "ping",
		[VS_CONSUMED_REDIRECT] = "redirect",
		[VS_CONSUMED_REFLECTED] = "reflected",
	};

	switch (verdict.action) {
	case VS_DROP:
		assert(verdict.reason >= VS_REASON_OWN);
		return wnv_reasons[verdict.reason - VS_REASON_OWN].name;
	case VS_CONSUME:
		return consumers[verdict.reason];
	case VS_HOLD:
		return "held";
	case VS_SENT:
		return "sent";
	case VS_REFLECT:
		return "reflected";
	default:
		return "pass";
	}
}

const char *lab_out(struct lab *lab, struct vs_packet *packet)
{
	return text_of(fake_to_wire(lab->fake, packet));
}

const char *lab_in(struct lab *lab, struct vs_packet *packet)
{
	return text_of(fake_from_wire(lab->fake, packet));
}
