/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h: what a state is made of; for state.c and state_group.c, which fill
 * it, and lookup.c, which reads it. Nobody else includes this.
 */
#ifndef WNV_TABLES_H
#define WNV_TABLES_H

#include "book.h"
#include "index.h"
#include "moves.h"
#include "state.h"

struct wnv_network {
	struct wnv_rdid rdid;
	/* bit n: a route of prefix length n, 128-bit form, exists */
	uint64_t lengths[3];
	bool external_router;
	uint8_t redirect; /* enum wnv_redirect */
};

/* The routing domains (routes.c). */
struct wnv_domains {
	struct wnv_network *networks;
	struct wnv_route
		*routes; /* on-link ones too; of a prefix, best first */
	uint32_t network_count, route_count;
	struct wnv_index by_prefix; /* routes: the first of a prefix */
};

/* Which subnets advertise (state_advertise.c). */
struct wnv_advertisers {
	uint32_t *subnets;
	uint32_t count;
};

struct wnv_named_profile {
	char name[VS_PORT_NAME_SIZE];
	struct vs_vsid vsid;
	struct vs_port_profile profile;
};

struct wnv_macs {
	struct vs_mac *list;
	uint16_t count;
};

struct wnv_profiles {
	struct wnv_named_profile *list;
	uint32_t count;
};

struct wnv_wildcard { /* a record of type gateway */
	uint32_t network, record;
	struct vs_vsid vsid;
};

/* In order of network, VSID and MAC (wildcard.c). */
struct wnv_wildcards {
	struct wnv_wildcard *list;
	uint32_t count;
};

/* In order of VSID and customer group (group.c). */
struct wnv_groups {
	struct wnv_group *list;
	uint32_t count;
};

/* How many records let group frames of a subnet go to a peer that way: subnet
 * << 33 | peer << 1 | VXLAN. */
struct wnv_pair {
	uint64_t key;
	uint32_t uses;
};

/* What amend.c counts on, in order of keys. */
struct wnv_pairs {
	struct wnv_pair *list;
	uint32_t count;
};

struct wnv_counts {
	uint32_t *peer_uses; /* records and peer objects that name it */
	uint32_t vxlans;     /* records of that rule */
	struct wnv_pairs pairs;
};

struct wnv_state {
	struct wnv_state_head head; /* the first member */
	uint64_t seed;
	uint64_t version; /* of the settings (settings.h); 0: not known */
	/* how many states have the arrays below that are not marked as its
	 * own: one that was made from another (amend.c) shares them */
	uint32_t *sharers;

	struct wnv_subnet *subnets;	/* own */
	struct wnv_book book;		/* own: the records */
	struct wnv_provider *providers; /* own: lowest first */
	struct wnv_peer *peers;		/* own: lowest first */
	struct wnv_counts counts;	/* own */
	struct wnv_moves moves;		/* own */
	struct wnv_step step;		/* own */
	uint32_t subnet_count;
	uint32_t peer_count;
	uint16_t provider_count, provider_route_count;

	struct wnv_index by_vsid;    /* subnets */
	struct wnv_index by_rewrite; /* records of that rule: PA */
	struct wnv_index by_l2only;  /* records of that type: (VSID, MAC) */
	struct wnv_wildcards wildcards;
	/* providers by position, peers from provider_count on */
	struct wnv_index by_pa;

	struct wnv_provider_route *provider_routes;
	struct wnv_macs provider_macs;
	struct wnv_profiles profiles;

	struct wnv_groups groups;

	struct wnv_domains domains;
	struct wnv_advertisers advertisers;

	/* what subnets point into */
	struct vs_prefix *prefixes;
	struct wnv_ca *gateways;
	struct wnv_replica *replicas; /* own */
	struct wnv_replica *seekers;
};

/* wnv_state_rewrite - after the records: 0, -ENOMEM, or -EEXIST: two records
 * with rule=rewrite have one PA. */
int wnv_state_rewrite(struct wnv_state *state);
/* wnv_state_groups - the last step of wnv_state_build; 0 or -ENOMEM. */
int wnv_state_groups(struct wnv_state *state);
/* wnv_state_lend - replicas from the pairs, and which peers are awaited. */
int wnv_state_lend(struct wnv_state *state);
/* wnv_pair_key - of a usable record that tunnels to a peer; the subnet's
 * index. */
uint64_t wnv_pair_key(uint32_t subnet, const struct wnv_record *record);
/* wnv_derive_record - flags and peer, from whose PA it names. */
void wnv_derive_record(const struct wnv_state *state,
		       struct wnv_record *record);
/* wnv_build_wildcards - after the records; 0, -ENOMEM, or -EEXIST. */
int wnv_build_wildcards(struct wnv_state *state);
/* wnv_build_groups - after the records; 0, -ENOMEM, -EEXIST: two for one
 * customer group, -EINVAL: a VSID that is not there. */
int wnv_build_groups(struct wnv_state *state, const struct wnv_plan *plan);
/* wnv_build_advertisers - after the subnets. */
int wnv_build_advertisers(struct wnv_state *state);
/* wnv_build_routes - networks and routes; after the subnets. */
int wnv_build_routes(struct wnv_state *state, const struct wnv_plan *plan);

static inline uint32_t wnv_hash_vsid(uint64_t seed, struct vs_vsid vsid)
{
	return (uint32_t)wnv_hash_mix(vsid.value ^ seed, 0xd6e8feb86659fd93u);
}

static inline uint32_t wnv_hash_prefix(uint64_t seed, uint32_t network,
				       const struct vs_prefix *prefix)
{
	return wnv_hash_ip(seed, (uint64_t)network << 8 | prefix->length,
			   &prefix->ip);
}

/* wnv_prefix_of - the block of `length` bits that holds the address. */
static inline struct vs_prefix wnv_prefix_of(const struct vs_ip *ip,
					     uint8_t length)
{
	struct vs_prefix prefix = {.length = length};
	unsigned int whole = length / 8;

	memcpy(prefix.ip.octet, ip->octet, whole);
	if (length % 8)
		prefix.ip.octet[whole] =
			(uint8_t)(ip->octet[whole] & (0xff00u >> length % 8));
	return prefix;
}

static inline bool wnv_prefix_equal(const struct vs_prefix *a,
				    const struct vs_prefix *b)
{
	return a->length == b->length && vs_ip_equal(&a->ip, &b->ip);
}

#endif
