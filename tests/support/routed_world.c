/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routed_world.c: makes worlds, documents and frames (routed_world.h). What
 * must come of them is in routed_model.c.
 */
#include "tests/support/routed_world.h"

#include <stdio.h>

#define PORTS_PER_HOST (FABRIC_PORTS - 1)

static struct vs_ip ip(const char *text)
{
	struct vs_ip value;

	if (vs_ip_parse(text, &value))
		abort();
	return value;
}

static struct vs_ip ca(unsigned int subnet, unsigned int number, bool ipv6)
{
	char text[VS_IP_TEXT];

	snprintf(text, sizeof(text), ipv6 ? "fd00:0:0:%x::%x" : "10.0.%u.%u",
		 subnet, number);
	return ip(text);
}

/* -- policy ---------------------------------------------------------------- */

static void make_networks(struct world *world, struct prng *prng)
{
	unsigned int i, j;

	world->hosts = 2 + prng_below(prng, 2);
	world->networks = 1 + prng_below(prng, WORLD_NETWORKS);
	for (i = 0; i < world->networks; i++) {
		struct world_network *network = &world->network[i];

		network->subnets = 1 + prng_below(prng, WORLD_SUBNETS);
		network->external_router = prng_below(prng, 5) == 0;
		for (j = 0; j < network->subnets; j++) {
			uint32_t vsid = 5000 + 10 * i + j;

			network->subnet[j] = (struct world_subnet){
				.has_gateway = !network->external_router &&
					       prng_below(prng, 6) != 0,
				.vsid = vsid,
				.gateway_mac = {{2, 0x56, 0x53,
						 (uint8_t)(vsid >> 16),
						 (uint8_t)(vsid >> 8),
						 (uint8_t)vsid}},
			};
		}
	}
}

static bool has_vm(const struct world *world, const struct world_vm *vm)
{
	unsigned int i;

	for (i = 0; i < world->vms; i++)
		if (world->vm[i].network == vm->network &&
		    world->vm[i].subnet == vm->subnet &&
		    world->vm[i].number == vm->number)
			return true;
	return false;
}

static void make_vms(struct world *world, struct prng *prng)
{
	unsigned int ports[FABRIC_MOST] = {0}, tries;

	for (tries = 0; tries < WORLD_VMS; tries++) {
		struct world_vm vm = {
			.network = prng_below(prng, world->networks),
			.number = 5 + prng_below(prng, 4),
			.host = prng_below(prng, world->hosts),
			.reachable = tries < 2 || prng_below(prng, 7) != 0,
		};

		vm.subnet =
			prng_below(prng, world->network[vm.network].subnets);
		vm.mac = (struct vs_mac){
			{2, 0, 0, 0, (uint8_t)vm.subnet, (uint8_t)vm.number}};
		if (has_vm(world, &vm) ||
		    (vm.reachable && ports[vm.host] == PORTS_PER_HOST))
			continue;
		ports[vm.host] += vm.reachable;
		world->vm[world->vms++] = vm;
	}
}

static bool has_route(const struct world *world,
		      const struct world_route *route)
{
	const struct world_route *other;
	unsigned int i;

	for (i = 0; i < world->routes; i++) {
		other = &world->route[i];
		if (other->network == route->network &&
		    other->prefix.length == route->prefix.length &&
		    vs_ip_equal(&other->prefix.ip, &route->prefix.ip) &&
		    other->hop_subnet == route->hop_subnet &&
		    other->hop_number == route->hop_number)
			return true;
	}
	return false;
}

static void make_routes(struct world *world, struct prng *prng)
{
	static const char *const prefixes[] = {
		"0.0.0.0/0",
		"198.51.100.0/24",
		"198.51.100.128/25",
		"10.0.1.64/26",
		"::/0",
		"2001:db8::/32",
		"2001:db8::/48",
	};
	unsigned int i, count = prng_below(prng, WORLD_ROUTES + 1);

	for (i = 0; i < count; i++) {
		struct world_route route = {
			.network = prng_below(prng, world->networks),
			.hop_number = 5 + prng_below(prng, 4),
			.metric = 1 + prng_below(prng, 3),
		};
		unsigned int which = prng_below(prng, 7);

		route.ipv6 = which >= 4;
		if (vs_prefix_parse(prefixes[which], &route.prefix))
			abort();
		route.hop_subnet =
			prng_below(prng, world->network[route.network].subnets);
		if (!has_route(world, &route))
			world->route[world->routes++] = route;
	}
}

/* -- the document ---------------------------------------------------------- */

struct text {
	char *bytes;
	size_t size;
};

#define ADD(text, ...)                                                         \
	((text)->size +=                                                       \
	 (size_t)snprintf((text)->bytes + (text)->size,                        \
			  WORLD_TEXT - (text)->size, __VA_ARGS__))

/* Commas stand before every member but the first. */
static const char *comma(bool *first)
{
	bool was = *first;

	*first = false;
	return was ? "" : ", ";
}

static void write_records(struct text *text, const struct world *world,
			  unsigned int network, unsigned int subnet)
{
	const struct world_vm *vm;
	char address[VS_IP_TEXT], mac[VS_MAC_TEXT];
	unsigned int i, family;
	bool first = true;
	struct vs_ip at;

	for (i = 0; i < world->vms; i++) {
		vm = &world->vm[i];
		if (vm->network != network || vm->subnet != subnet)
			continue;
		for (family = 0; family < 2; family++) {
			at = ca(subnet, vm->number, family);
			ADD(text,
			    "%s\"%s\": {\"mac\": \"%s\", "
			    "\"pa\": \"192.0.2.%u\"%s}",
			    comma(&first), vs_ip_format(&at, address),
			    vs_mac_format(&vm->mac, mac),
			    vm->reachable ? vm->host + 1 : 99,
			    vm->reachable ? "" : ", \"rule\": \"none\"");
		}
	}
}

static void write_routes(struct text *text, const struct world *world,
			 unsigned int network)
{
	const struct world_route *route;
	char prefix[VS_PREFIX_TEXT], hop[VS_IP_TEXT];
	bool first = true;
	unsigned int i;
	struct vs_ip at;

	for (i = 0; i < world->routes; i++) {
		route = &world->route[i];
		if (route->network != network)
			continue;
		at = ca(route->hop_subnet, route->hop_number, route->ipv6);
		ADD(text,
		    "%s\"%u\": {\"prefix\": \"%s\", \"next-hop\": \"%s\", "
		    "\"metric\": %u}",
		    comma(&first), i, vs_prefix_format(&route->prefix, prefix),
		    vs_ip_format(&at, hop), route->metric);
	}
}

static void write_network(struct text *text, const struct world *world,
			  unsigned int number)
{
	const struct world_network *network = &world->network[number];
	const struct world_subnet *subnet;
	unsigned int j;

	ADD(text, "%s\"n%u\": {\"external-router\": %s, \"subnets\": {",
	    number ? ", " : "", number,
	    network->external_router ? "true" : "false");
	for (j = 0; j < network->subnets; j++) {
		subnet = &network->subnet[j];
		ADD(text,
		    "%s\"%u\": {\"prefixes\": [\"10.0.%u.0/24\", "
		    "\"fd00:0:0:%x::/64\"], %s\"ca\": {",
		    j ? ", " : "", subnet->vsid, j, j,
		    subnet->has_gateway || network->external_router
			    ? ""
			    : "\"gateway\": [\"none\"], ");
		write_records(text, world, number, j);
		ADD(text, "}}");
	}
	ADD(text, "}, \"routes\": {");
	write_routes(text, world, number);
	ADD(text, "}}");
}

static void write_host(struct text *text, const struct world *world,
		       unsigned int host)
{
	char v4[VS_IP_TEXT], v6[VS_IP_TEXT];
	const struct world_vm *vm;
	bool first = true;
	struct vs_ip a, b;
	unsigned int i;

	ADD(text,
	    "%s\"%c\": {\"switches\": {\"lab\": {\"uplinks\": {\"wire\": "
	    "{\"pa\": {\"192.0.2.%u\": {\"prefix\": 24}}}}, "
	    "\"stack\": [\"wnv\"], \"ports\": {",
	    host ? ", " : "", 'a' + (int)host, host + 1);
	for (i = 0; i < world->vms; i++) {
		vm = &world->vm[i];
		if (!vm->reachable || vm->host != host)
			continue;
		a = ca(vm->subnet, vm->number, false);
		b = ca(vm->subnet, vm->number, true);
		ADD(text,
		    "%s\"v%u\": {\"null\": true, \"vsid\": %u, "
		    "\"ca\": [\"%s\", \"%s\"]}",
		    comma(&first), i,
		    world->network[vm->network].subnet[vm->subnet].vsid,
		    vs_ip_format(&a, v4), vs_ip_format(&b, v6));
	}
	ADD(text, "}}}}");
}

static void write_document(struct world *world)
{
	struct text text = {world->document, 0};
	unsigned int i;

	ADD(&text, "{\"format\": 1, \"networks\": {");
	for (i = 0; i < world->networks; i++)
		write_network(&text, world, i);
	ADD(&text, "}, \"hosts\": {");
	for (i = 0; i < world->hosts; i++)
		write_host(&text, world, i);
	ADD(&text, "}}");
	if (text.size >= WORLD_TEXT)
		abort();
}

void world_make(struct world *world, struct prng *prng)
{
	memset(world, 0, sizeof(*world));
	make_networks(world, prng);
	make_vms(world, prng);
	make_routes(world, prng);
	write_document(world);
}

/* -- frames ---------------------------------------------------------------- */

static struct vs_ip outside(struct prng *prng, bool ipv6)
{
	static const char *const far4[] = {"198.51.100.1", "198.51.100.200",
					   "203.0.113.9"};
	static const char *const far6[] = {"2001:db8::1", "2001:db8:1::1",
					   "2001:db9::9"};

	return ip((ipv6 ? far6 : far4)[prng_below(prng, 3)]);
}

static struct vs_ip somewhere(const struct world *world, struct prng *prng,
			      bool ipv6)
{
	const struct world_vm *vm;

	switch (prng_below(prng, 8)) {
	case 0:
		return outside(prng, ipv6);
	case 1: /* a gateway, or what would be one */
		return ca(prng_below(prng, WORLD_SUBNETS), 1, ipv6);
	case 2: /* nobody's, also behind a route in a subnet's prefix */
		return ca(prng_below(prng, WORLD_SUBNETS),
			  64 + prng_below(prng, 2) * 64, ipv6);
	default:
		vm = &world->vm[prng_below(prng, world->vms)];
		return ca(vm->subnet, vm->number, ipv6);
	}
}

static struct vs_mac somebody(const struct world *world, struct prng *prng,
			      const struct world_vm *from)
{
	static const struct vs_mac nobody = {{2, 0, 0, 0, 0xee, 0xee}};
	const struct world_vm *vm = &world->vm[prng_below(prng, world->vms)];
	const struct world_subnet *subnet;

	if (prng_below(prng, 4) == 0 && vm != from &&
	    vm->network == from->network && vm->subnet == from->subnet)
		return vm->mac;
	subnet = &world->network[from->network].subnet[from->subnet];
	return subnet->has_gateway ? subnet->gateway_mac : nobody;
}

struct world_frame world_frame(const struct world *world, struct prng *prng)
{
	static const uint8_t ttls[] = {0, 1, 2, 64, 64, 64, 64, 255};
	struct world_frame frame = {.ipv6 = prng_below(prng, 2)};
	const struct world_vm *vm;

	do
		frame.vm = prng_below(prng, world->vms);
	while (!world->vm[frame.vm].reachable);
	vm = &world->vm[frame.vm];
	frame.source = prng_below(prng, 6)
			       ? ca(vm->subnet, vm->number, frame.ipv6)
			       : somewhere(world, prng, frame.ipv6);
	if (prng_below(prng, 8) == 0)
		frame.source = outside(prng, frame.ipv6);
	frame.target = somewhere(world, prng, frame.ipv6);
	frame.to = somebody(world, prng, vm);
	frame.ttl = ttls[prng_below(prng, sizeof(ttls))];
	return frame;
}
