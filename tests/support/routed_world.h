/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routed_world.h: a random fabric of networks, subnets, VMs and customer routes
 * on up to three hosts, and a slow model of who must receive a frame.
 *
 * The model is written from hnv.md A5, A6 and design 8, over the few structs
 * below; it shares no code with what it judges. All networks use the same
 * addresses: subnet S has 10.0.S.0/24 and fd00:0:0:S::/64, VM N of it .N and
 * ::N with the MAC 02:00:00:00:S:N. Its VSID is 5000 + 10 x network + S.
 */
#ifndef TESTS_SUPPORT_ROUTED_WORLD_H
#define TESTS_SUPPORT_ROUTED_WORLD_H

#include "tests/support/fabric.h"
#include "tests/support/prng.h"

#define WORLD_NETWORKS 3u
#define WORLD_SUBNETS  3u
#define WORLD_VMS      14u
#define WORLD_ROUTES   10u
#define WORLD_TEXT     16384u
#define WORLD_COPIES   WORLD_VMS

struct world_subnet {
	bool has_gateway;
	uint32_t vsid;
	struct vs_mac gateway_mac;
};

struct world_network {
	unsigned int subnets;
	bool external_router;
	struct world_subnet subnet[WORLD_SUBNETS];
};

struct world_vm {
	unsigned int network, subnet, number, host;
	bool reachable; /* false: a record that nobody can use, and no port */
	struct vs_mac mac;
};

struct world_route {
	unsigned int network, hop_subnet, hop_number, metric;
	bool ipv6;
	struct vs_prefix prefix;
};

struct world {
	unsigned int hosts, networks, vms, routes;
	struct world_network network[WORLD_NETWORKS];
	struct world_vm vm[WORLD_VMS];
	struct world_route route[WORLD_ROUTES];
	char document[WORLD_TEXT];
};

/* A UDP packet that a VM sends. */
struct world_frame {
	unsigned int vm;
	bool ipv6;
	struct vs_ip source, target;
	struct vs_mac to;
	uint8_t ttl;
};

/* One copy of it at a VM's port. */
struct world_copy {
	unsigned int vm;
	uint32_t vsid;
	struct vs_mac source, target;
	uint8_t ttl;
};

struct world_outcome {
	unsigned int copies;
	struct world_copy copy[WORLD_COPIES];
	bool answered; /* the sender gets an ICMP error */
	uint8_t type, code;
};

/* world_make - the world and its document. */
void world_make(struct world *world, struct prng *prng);
/* world_frame - from a VM with a port, to somebody or nobody. */
struct world_frame world_frame(const struct world *world, struct prng *prng);
/* world_judge - what must become of it. */
void world_judge(const struct world *world, const struct world_frame *frame,
		 struct world_outcome *outcome);

#endif
