/* SPDX-License-Identifier: Apache-2.0 */
/*
 * census.h: what all sites of a fabric have, counted once, for the linter.
 *
 * Theory of operation
 * -------------------
 * The census gathers small facts that outlive no check: every PA with the site
 * that has it, every customer address that a port names, who uses which PA in
 * which network. Its rules are in four files: check_port.c (one host's
 * ports), check_record.c and check_group.c (what is the same in all sites, read
 * once), check_host.c (hosts against each other).
 *
 * Before this file: check.c. After it: its rules.
 */
#ifndef WNV_CENSUS_H
#define WNV_CENSUS_H

#include "address.h"
#include "nouns.h"
#include "policy.h"

struct census_pa { /* in order of address */
	struct vs_ip ip;
	const struct vs_site *site;
	const struct vs_object *object;
	uint16_t vlan;
	uint8_t prefix; /* as written, 0: the kernel's */
	/* the last network that a record of this PA was seen in */
	const struct vs_object *network;
};

struct census_plug { /* a port's customer address; by vsid and address */
	struct vs_vsid vsid;
	struct vs_ip ip;
	const struct vs_site *site;
	const struct vs_object *port;
};

struct census_peer { /* in order of address */
	struct vs_ip ip;
	const struct vs_object *object;
	const struct vs_site *site;
	bool used;
};

struct census {
	struct vs_fabric *fabric;
	struct census_pa *pas;
	struct census_plug *plugs;
	struct census_peer *peers;
	struct vs_mac *macs;   /* of ports, in order */
	struct vs_vsid *vsids; /* that ports are in, in order */
	uint32_t pa_count, plug_count, peer_count, mac_count, vsid_count;
	bool failed; /* memory ran out, which was reported */
};

/* census_take - gather; census_drop - give back. */
void census_take(struct census *census, struct vs_fabric *fabric);
void census_drop(struct census *census);

/* census_pa - the first of those with this address, or NULL. */
struct census_pa *census_pa(const struct census *census,
			    const struct vs_ip *ip);
/* census_peer - the peer object of the address, or NULL. */
struct census_peer *census_peer(const struct census *census,
				const struct vs_ip *ip);
/* census_plug - the first port with the address; those that follow it and are
 * equal in vsid and ip have it too. NULL: none. */
const struct census_plug *census_plug(const struct census *census,
				      struct vs_vsid vsid,
				      const struct vs_ip *ip);
/* census_has_mac, census_has_vsid - has a port of any site it? By MAC the ports
 * of gateways and of VMs without ca count too. */
bool census_has_mac(const struct census *census, const struct vs_mac *mac);
bool census_has_vsid(const struct census *census, struct vs_vsid vsid);

/* census_next, census_value - of the document's or a site's objects. */
const struct vs_object *census_next(const struct vs_site *site,
				    const struct vs_noun *noun,
				    const struct vs_object *parent,
				    const struct vs_object *after);
const struct vs_value *census_value(const struct vs_site *site,
				    const struct vs_object *object,
				    uint16_t field);
/* census_host - how a site's host is called in a finding. */
const char *census_host(const struct vs_site *site);

/* Where a finding lies. */
struct census_place {
	const struct vs_site *site;
	const struct vs_object *object;
	const char *field; /* NULL: the object itself */
};
#define PLACE(site, object, field)                                             \
	(&(const struct census_place){site, object, field})

void census_error(struct census *census, const struct census_place *place,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void census_warn(struct census *census, const struct census_place *place,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* -- the rules ------------------------------------------------------------- */

/* of one site, with the state that configure made of it */
void census_check_ports(struct census *census, const struct vs_site *site,
			const struct wnv_state *state);
/* of the document's networks; `site` is any whose configure succeeded, with
 * its state */
void census_check_records(struct census *census, const struct vs_site *site,
			  const struct wnv_state *state);
/* of the provider groups of the document's networks */
void census_check_groups(struct census *census, const struct vs_site *site);
/* of hosts and peers; after the records */
void census_check_hosts(struct census *census);
/* the way from the hosts of one network to each other, after its records */
void census_check_ways(struct census *census, const struct vs_object *network);

#endif
