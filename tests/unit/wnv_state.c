/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WNV's lookups against a naive model, and who may be whom: the rows of
 * design 8 on the inbound check and the customer-address guard.
 */
#include <errno.h>
#include <string.h>

#include "tests/support/suite.h"
#include "wnv/guard.h"
#include "wnv/routes.h"
#include "wnv/state.h"

#define BLUE  5001u /* 10.0.0.0/24, 2001:db8::/64 */
#define GREEN 5002u /* 10.0.1.0/24, the same network */
#define RED   6001u /* 10.0.0.0/24, another network */

#define HERE  "192.0.2.1"
#define HERE2 "192.0.2.9"
#define THERE "192.0.2.2"
#define OTHER "192.0.2.3"

static struct vs_ip ip(const char *text)
{
	struct vs_ip value;

	ck_assert_int_eq(vs_ip_parse(text, &value), 0);
	return value;
}

static struct vs_prefix prefix(const char *text)
{
	struct vs_prefix value;

	ck_assert_int_eq(vs_prefix_parse(text, &value), 0);
	return value;
}

static struct vs_mac mac(uint8_t last)
{
	return (struct vs_mac){{2, 0, 0, 0, 0, last}};
}

static struct wnv_record row(uint32_t vsid, const char *ca, uint8_t last,
			     const char *pa)
{
	return (struct wnv_record){.vsid = {vsid},
				   .ca = {ip(ca)},
				   .mac = mac(last),
				   .pa = {ip(pa)}};
}

/*
 * This host is HERE and HERE2. 5 is here, 7 is THERE, 8 is OTHER; GREEN's 17
 * is THERE and 18 OTHER; 0.0.0.0/0 is behind 7, 203.0.113.0/24 behind 17, and
 * 198.18.0.0/15 behind 5; 10.0.1.16/28 behind 8, but who has a record there
 * speaks for himself.
 */
static struct wnv_state *fabric(void)
{
	const struct wnv_network_plan networks[2] = {{.rdid = {{{1}}}},
						     {.rdid = {{{2}}}}};
	const struct vs_prefix blue[] = {prefix("10.0.0.0/24"),
					 prefix("2001:db8::/64")},
			       green[] = {prefix("10.0.1.0/24")};
	const struct wnv_ca blue_gates[] = {{ip("10.0.0.1")}, {ip("fe80::1")}},
			    green_gates[] = {{ip("10.0.1.1")}};
	struct wnv_subnet_plan subnets[] = {
		{.vsid = {BLUE},
		 .prefixes = blue,
		 .prefix_count = 2,
		 .gateways = blue_gates,
		 .gateway_count = 2,
		 .port_count = 1},
		{.vsid = {GREEN},
		 .prefixes = green,
		 .prefix_count = 1,
		 .gateways = green_gates,
		 .gateway_count = 1},
		{.vsid = {RED},
		 .network = 1,
		 .prefixes = green + 0,
		 .prefix_count = 1,
		 .port_count = 1},
	};
	const struct wnv_record records[] = {
		row(BLUE, "10.0.0.5", 5, HERE),
		row(BLUE, "10.0.0.6", 6, HERE2),
		row(BLUE, "10.0.0.7", 7, THERE),
		row(BLUE, "2001:db8::7", 7, THERE),
		row(BLUE, "fe80::77", 7, THERE),
		row(BLUE, "10.0.0.8", 8, OTHER),
		row(GREEN, "10.0.1.17", 17, THERE),
		row(GREEN, "10.0.1.18", 18, OTHER),
		row(RED, "10.0.1.5", 5, HERE),
		row(RED, "10.0.1.9", 9, OTHER),
	};
	const struct wnv_route routes[] = {
		{.prefix = prefix("0.0.0.0/0"),
		 .vsid = {BLUE},
		 .next_hop = {ip("10.0.0.7")}},
		{.prefix = prefix("203.0.113.0/24"),
		 .vsid = {GREEN},
		 .next_hop = {ip("10.0.1.17")}},
		{.prefix = prefix("198.18.0.0/15"),
		 .vsid = {BLUE},
		 .next_hop = {ip("10.0.0.5")}},
		{.prefix = prefix("10.0.1.16/28"),
		 .vsid = {BLUE},
		 .next_hop = {ip("10.0.0.8")}},
	};
	const struct wnv_provider providers[] = {
		{.pa = {ip(HERE2)}, .prefix_length = 120},
		{.pa = {ip(HERE)}, .prefix_length = 120},
	};
	const struct wnv_plan plan = {
		.networks = networks,
		.network_count = 2,
		.subnets = subnets,
		.subnet_count = 3,
		.records = records,
		.record_count = sizeof(records) / sizeof(records[0]),
		.routes = routes,
		.route_count = 4,
		.providers = providers,
		.provider_count = 2,
		.seed = prng_seed(),
	};
	struct wnv_state *state = NULL;
	size_t i;

	for (i = 0; i < 3; i++)
		subnets[i].gateway_mac = wnv_gateway_mac(subnets[i].vsid);
	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	return state;
}

/* -- the guard at a port -----------------------------------------------------
 */

static bool may(const struct wnv_state *state, uint32_t vsid, struct vs_mac who,
		const char *ca)
{
	struct vs_claim claim = {.vsid = {vsid}, .mac = who};

	if (ca) {
		claim.kind = VS_CLAIM_IP;
		claim.ip = ip(ca);
	}
	return wnv_vouch_passes(wnv_may_send(state, &claim, 1));
}

START_TEST(guard_lets_a_vm_use_its_own_address_only)
{
	struct wnv_state *state = fabric();

	ck_assert(may(state, BLUE, mac(5), "10.0.0.5"));
	ck_assert(!may(state, BLUE, mac(5), "10.0.0.6"));
	ck_assert(!may(state, BLUE, mac(9), "10.0.0.5"));
	ck_assert(!may(state, BLUE, mac(5), "10.0.0.99"));
	ck_assert(!may(state, BLUE, mac(5), "10.0.1.17"));
	ck_assert(!may(state, BLUE, mac(5), "10.0.0.7"));
	ck_assert(!may(state, RED, mac(5), "10.0.0.5"));
	ck_assert(!may(state, 4242, mac(5), "10.0.0.5"));
	wnv_state_free(state);
}
END_TEST

START_TEST(guard_refuses_a_vm_that_lives_elsewhere)
{
	struct wnv_state *state = fabric();

	ck_assert(!may(state, BLUE, mac(7), "10.0.0.7"));
	ck_assert(!may(state, BLUE, mac(7), NULL));
	wnv_state_free(state);
}
END_TEST

START_TEST(guard_lets_sources_without_address_pass_by_mac)
{
	struct wnv_state *state = fabric();

	ck_assert(may(state, BLUE, mac(5), NULL));
	ck_assert(may(state, BLUE, mac(5), "fe80::1234"));
	ck_assert(may(state, BLUE, mac(5), "::"));
	ck_assert(!may(state, BLUE, mac(9), NULL));
	ck_assert(!may(state, BLUE, mac(9), "fe80::1234"));
	/* a link-local address with a record belongs to its VM */
	ck_assert(!may(state, BLUE, mac(5), "fe80::77"));
	wnv_state_free(state);
}
END_TEST

START_TEST(guard_never_lets_the_gateway_be_played)
{
	struct wnv_state *state = fabric();
	struct vs_mac gate = wnv_gateway_mac((struct vs_vsid){BLUE});

	ck_assert(!may(state, BLUE, mac(5), "10.0.0.1"));
	ck_assert(!may(state, BLUE, mac(5), "fe80::1"));
	ck_assert(!may(state, BLUE, gate, "10.0.0.5"));
	ck_assert(!may(state, BLUE, gate, NULL));
	wnv_state_free(state);
}
END_TEST

START_TEST(guard_lets_a_forwarder_send_for_what_is_behind_it)
{
	struct wnv_state *state = fabric();

	ck_assert(may(state, BLUE, mac(5), "198.18.0.1"));
	ck_assert(!may(state, BLUE, mac(6), "198.18.0.1"));
	ck_assert(!may(state, BLUE, mac(5), "8.8.8.8"));
	ck_assert(!may(state, BLUE, mac(5), "203.0.113.1"));
	ck_assert(!may(state, BLUE, mac(5), "224.0.0.1"));
	ck_assert(!may(state, BLUE, mac(5), "127.0.0.1"));
	wnv_state_free(state);
}
END_TEST

/* -- the inbound check
 * --------------------------------------------------------- */

START_TEST(outer_addresses_are_ours_possible_and_known)
{
	static const struct {
		const char *source, *target;
		int reason; /* -1: passes */
	} rows[] = {
		{THERE, HERE, -1},
		{OTHER, HERE2, -1},
		{THERE, "192.0.2.77", WNV_PA_DST},
		{THERE, THERE, WNV_PA_DST},
		{THERE, "224.0.0.1", WNV_PA_DST},
		{HERE, HERE, WNV_PA_SRC_MARTIAN},
		{HERE2, HERE, WNV_PA_SRC_MARTIAN},
		{"127.0.0.1", HERE, WNV_PA_SRC_MARTIAN},
		{"0.0.0.1", HERE, WNV_PA_SRC_MARTIAN},
		{"239.1.1.1", HERE, WNV_PA_SRC_MARTIAN},
		{"255.255.255.255", HERE, WNV_PA_SRC_MARTIAN},
		{"192.0.2.4", HERE, WNV_PA_SRC_UNKNOWN},
	};
	struct wnv_state *state = fabric();
	struct wnv_pa source, target;
	enum wnv_reason reason;
	size_t i;
	bool ok;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		source.ip = ip(rows[i].source);
		target.ip = ip(rows[i].target);
		ok = wnv_outer_check(state, &source, &target, 0, &reason);
		ck_assert_msg(ok == (rows[i].reason < 0), "row %zu", i);
		if (!ok)
			ck_assert_int_eq((int)reason, rows[i].reason);
	}
	wnv_state_free(state);
}
END_TEST

enum who { GATE = 250, BROADCAST = 251 };

static struct vs_mac who_mac(uint8_t who)
{
	if (who == GATE)
		return wnv_gateway_mac((struct vs_vsid){BLUE});
	if (who == BROADCAST)
		return (struct vs_mac){{255, 255, 255, 255, 255, 255}};
	return mac(who);
}

struct inbound_row {
	const char *source, *ca; /* ca NULL: none */
	uint8_t from, to;
	const char *target;
	int reason; /* -1: passes */
};

static const struct inbound_row inbound_rows[] = {
	/* way 1: the record of the CA, in its own VSID with its MAC */
	{THERE, "10.0.0.7", 7, 5, HERE, -1},
	{THERE, "2001:db8::7", 7, 5, HERE, -1},
	{OTHER, "10.0.0.7", 7, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "10.0.0.7", 9, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "10.0.0.8", 7, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "10.0.0.99", 7, 5, HERE, WNV_PA_SRC_MISMATCH},
	/* routed: another subnet of the domain, from the gateway's MAC */
	{THERE, "10.0.1.17", GATE, 5, HERE, -1},
	{THERE, "10.0.1.17", 17, 5, HERE, WNV_PA_SRC_MISMATCH},
	{OTHER, "10.0.1.17", GATE, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "10.0.0.7", GATE, 5, HERE, WNV_PA_SRC_MISMATCH},
	/* way 2: the next hop of the best route to a CA without a record */
	{THERE, "8.8.8.8", 7, 5, HERE, -1},
	{THERE, "8.8.8.8", 9, 5, HERE, WNV_PA_SRC_MISMATCH},
	{OTHER, "8.8.8.8", 8, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "203.0.113.1", GATE, 5, HERE, -1},
	{THERE, "203.0.113.1", 7, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "2001:db8:9::1", 7, 5, HERE, WNV_PA_SRC_MISMATCH},
	/* way 3: no CA */
	{THERE, NULL, 7, 5, HERE, -1},
	{THERE, "fe80::1234", 7, 5, HERE, -1},
	{THERE, "fe80::77", 7, 5, HERE, -1},
	{OTHER, NULL, 7, 5, HERE, WNV_PA_SRC_MISMATCH},
	{OTHER, "fe80::77", 8, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, NULL, GATE, 5, HERE, WNV_PA_SRC_MISMATCH},
	{THERE, "fe80::1234", GATE, 5, HERE, WNV_PA_SRC_MISMATCH},
	/* what lives here is never outside */
	{THERE, "10.0.0.7", 5, 6, HERE, WNV_MAC_SPOOF_REMOTE},
	{THERE, "10.0.0.5", 7, 6, HERE, WNV_CA_SPOOF_REMOTE},
	{THERE, "10.0.0.1", 7, 5, HERE, WNV_CA_SPOOF_REMOTE},
	{THERE, "fe80::1", 7, 5, HERE, WNV_CA_SPOOF_REMOTE},
	{THERE, "10.0.0.1", GATE, 5, HERE, WNV_CA_SPOOF_REMOTE},
	{THERE, "198.18.0.1", 7, 5, HERE, WNV_CA_SPOOF_REMOTE},
	{THERE, "224.0.0.9", 7, 5, HERE, WNV_CA_SPOOF_REMOTE},
	{THERE, "127.0.0.1", 7, 5, HERE, WNV_CA_SPOOF_REMOTE},
	/* the target */
	{THERE, "10.0.0.7", 7, 8, HERE, WNV_DST_NOT_LOCAL},
	{THERE, "10.0.0.7", 7, 99, HERE, WNV_DST_NOT_LOCAL},
	{THERE, "10.0.0.7", 7, GATE, HERE, WNV_DST_NOT_LOCAL},
	{THERE, "10.0.0.7", 7, 6, HERE, -1},
	{THERE, "10.0.0.7", 7, BROADCAST, HERE, -1},
	{THERE, "10.0.0.7", 7, BROADCAST, HERE2, WNV_GROUP_PA},
};

START_TEST(inbound_check_follows_the_table)
{
	const struct inbound_row *at = &inbound_rows[_i];
	struct wnv_state *state = fabric();
	struct wnv_sight sight = {
		.source = {ip(at->source)},
		.target = {ip(at->target)},
		.source_mac = who_mac(at->from),
		.target_mac = who_mac(at->to),
		.has_ca = at->ca != NULL,
	};
	enum wnv_reason reason;
	bool ok;

	if (at->ca)
		sight.ca.ip = ip(at->ca);
	ok = wnv_inbound_check(state,
			       wnv_subnet_find(state, (struct vs_vsid){BLUE}),
			       &sight, &reason);
	ck_assert_int_eq(ok, at->reason < 0);
	if (!ok)
		ck_assert_int_eq((int)reason, at->reason);
	wnv_state_free(state);
}
END_TEST

START_TEST(vsid_without_a_port_here_is_unknown)
{
	struct wnv_state *state = fabric();
	struct wnv_sight sight = {.source = {ip(THERE)},
				  .target = {ip(HERE)},
				  .source_mac = mac(17),
				  .target_mac = who_mac(BROADCAST)};
	enum wnv_reason reason;

	ck_assert(!wnv_inbound_check(
		state, wnv_subnet_find(state, (struct vs_vsid){GREEN}), &sight,
		&reason));
	ck_assert_int_eq((int)reason, WNV_VSID_UNKNOWN);
	wnv_state_free(state);
}
END_TEST

/* -- what is derived
 * ------------------------------------------------------------ */

START_TEST(replicas_are_the_distinct_remote_peers)
{
	struct wnv_state *state = fabric();
	const struct wnv_subnet *blue, *red;
	char text[VS_IP_TEXT];

	blue = wnv_subnet_find(state, (struct vs_vsid){BLUE});
	red = wnv_subnet_find(state, (struct vs_vsid){RED});
	ck_assert_uint_eq(wnv_peer_count(state), 2);
	ck_assert_uint_eq(blue->replica_count, 2);
	ck_assert_uint_eq(red->replica_count, 1);
	ck_assert_str_eq(
		vs_ip_format(&wnv_peer_at(state, red->replicas[0].peer)->pa.ip,
			     text),
		OTHER);
	ck_assert_str_eq(vs_ip_format(&blue->own_pa[0].ip, text), HERE);
	wnv_state_free(state);
}
END_TEST

START_TEST(core_learns_what_is_provider_and_what_is_remote)
{
	struct wnv_state *state = fabric();
	const struct vs_ip ours = ip(HERE), theirs = ip(THERE),
			   strange = ip("192.0.2.4");
	struct vs_mac five = mac(5), seven = mac(7), nine = mac(9);
	struct vs_vsid blue = {BLUE}, red = {RED};

	ck_assert(wnv_is_provider_ip(state, &ours));
	ck_assert(wnv_is_provider_ip(state, &theirs));
	ck_assert(!wnv_is_provider_ip(state, &strange));
	ck_assert(!wnv_is_remote(state, blue, &five));
	ck_assert(wnv_is_remote(state, blue, &seven));
	ck_assert(!wnv_is_remote(state, blue, &nine));
	ck_assert(wnv_is_remote(state, red, &nine));
	wnv_state_free(state);
}
END_TEST

START_TEST(build_refuses_a_key_twice)
{
	const struct wnv_record records[] = {row(BLUE, "10.0.0.5", 5, HERE),
					     row(BLUE, "10.0.0.5", 6, HERE)};
	const struct wnv_plan plan = {.records = records, .record_count = 2};
	struct wnv_state *state = NULL;

	ck_assert_int_eq(wnv_state_build(&plan, &state), -EEXIST);
	ck_assert_ptr_null(state);
}
END_TEST

START_TEST(an_empty_state_answers_everything_with_no)
{
	const struct wnv_plan plan = {0};
	const struct wnv_ca ca = {ip("10.0.0.5")};
	const struct wnv_pa pa = {ip(HERE)};
	struct vs_mac five = mac(5);
	struct wnv_state *state = NULL;

	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	ck_assert_ptr_null(wnv_subnet_find(state, (struct vs_vsid){BLUE}));
	ck_assert_ptr_null(wnv_record_find(state, (struct vs_vsid){BLUE}, &ca));
	ck_assert_ptr_null(wnv_provider_find(state, &pa));
	ck_assert_ptr_null(wnv_peer_find(state, &pa));
	ck_assert(!wnv_is_remote(state, (struct vs_vsid){BLUE}, &five));
	ck_assert(!may(state, BLUE, five, NULL));
	wnv_state_free(state);
}
END_TEST

/* -- against a naive model
 * -------------------------------------------------------- */

#define MODEL_RECORDS 3000u
#define MODEL_ROUTES  300u

struct model {
	struct wnv_record records[MODEL_RECORDS];
	struct wnv_route routes[MODEL_ROUTES];
	uint32_t record_count, route_count;
	struct wnv_provider provider;
};

static struct wnv_ca random_ca(struct prng *prng)
{
	uint8_t v4[4] = {10, (uint8_t)prng_below(prng, 3),
			 (uint8_t)prng_below(prng, 4),
			 (uint8_t)prng_below(prng, 256)};
	uint8_t v6[16] = {0x20, 1, [14] = v4[2], [15] = v4[3]};

	return (struct wnv_ca){prng_below(prng, 4) ? vs_ip_from_v4(v4)
						   : vs_ip_from_v6(v6)};
}

static struct wnv_pa random_pa(struct prng *prng)
{
	uint8_t v4[4] = {192, 0, 2, (uint8_t)(1 + prng_below(prng, 20))};

	return (struct wnv_pa){vs_ip_from_v4(v4)};
}

static struct vs_vsid random_vsid(struct prng *prng)
{
	return (struct vs_vsid){5000 + prng_below(prng, 5)};
}

static void model_add_record(struct model *model, struct prng *prng)
{
	struct wnv_record record = {.vsid = random_vsid(prng),
				    .ca = random_ca(prng),
				    .pa = random_pa(prng),
				    .mac = mac((uint8_t)prng_below(prng, 60)),
				    .rule = (uint8_t)!prng_below(prng, 8)};
	uint32_t i;

	for (i = 0; i < model->record_count; i++)
		if (vs_vsid_equal(model->records[i].vsid, record.vsid) &&
		    wnv_ca_equal(&model->records[i].ca, &record.ca))
			return;
	model->records[model->record_count++] = record;
}

static void model_add_route(struct model *model, struct prng *prng)
{
	struct wnv_route route = {.network = prng_below(prng, 2),
				  .vsid = random_vsid(prng),
				  .next_hop = random_ca(prng)};
	struct wnv_ca ca = random_ca(prng);
	bool v4 = vs_ip_is_v4(&ca.ip);
	uint32_t i;
	unsigned int bit;

	route.prefix.ip = ca.ip;
	route.prefix.length = (uint8_t)(v4 ? 96 + prng_below(prng, 33)
					   : prng_below(prng, 129));
	for (bit = route.prefix.length; bit < 128; bit++)
		route.prefix.ip.octet[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	for (i = 0; i < model->route_count; i++)
		if (model->routes[i].network == route.network &&
		    model->routes[i].prefix.length == route.prefix.length &&
		    vs_ip_equal(&model->routes[i].prefix.ip, &route.prefix.ip))
			return;
	model->routes[model->route_count++] = route;
}

static struct wnv_state *model_build(struct model *model, struct prng *prng)
{
	static const struct wnv_network_plan networks[2];
	struct wnv_subnet_plan subnets[5] = {0};
	struct wnv_plan plan = {.networks = networks,
				.network_count = 2,
				.subnets = subnets,
				.subnet_count = 5,
				.records = model->records,
				.routes = model->routes,
				.providers = &model->provider,
				.provider_count = 1,
				.seed = prng_u64(prng)};
	struct wnv_state *state = NULL;
	uint32_t i;

	for (i = 0; i < 5; i++)
		subnets[i].vsid.value = 5000 + i;
	for (i = 0; i < MODEL_RECORDS; i++)
		model_add_record(model, prng);
	for (i = 0; i < MODEL_ROUTES; i++)
		model_add_route(model, prng);
	model->provider.pa = random_pa(prng);
	plan.record_count = model->record_count;
	plan.route_count = model->route_count;
	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	return state;
}

static void compare_records(const struct model *model,
			    const struct wnv_state *state, struct prng *prng)
{
	struct vs_vsid vsid = random_vsid(prng);
	struct vs_mac from = mac((uint8_t)prng_below(prng, 64));
	struct wnv_ca ca = random_ca(prng);
	struct wnv_pa pa = random_pa(prng);
	const struct wnv_record *record, *got;
	bool by_ca = false, by_mac = false, local = false, by_pa = false;
	uint32_t i;

	for (i = 0; i < model->record_count; i++) {
		record = &model->records[i];
		if (!vs_vsid_equal(record->vsid, vsid))
			continue;
		by_ca |= wnv_ca_equal(&record->ca, &ca);
		if (!vs_mac_equal(&record->mac, &from))
			continue;
		by_mac = true;
		local |= wnv_pa_equal(&record->pa, &model->provider.pa);
		by_pa |= record->rule == WNV_RULE_ENCAP &&
			 wnv_pa_equal(&record->pa, &pa);
	}
	got = wnv_record_find(state, vsid, &ca);
	ck_assert_int_eq(by_ca, got != NULL);
	got = wnv_record_by_mac(state, vsid, &from);
	ck_assert_int_eq(by_mac, got != NULL);
	ck_assert_int_eq(by_mac && !local, wnv_is_remote(state, vsid, &from));
	if (got)
		ck_assert_int_eq(local, (got->flags & WNV_RECORD_LOCAL) != 0);
	got = wnv_record_by_mac_pa(state, vsid, &from, &pa);
	ck_assert_int_eq(by_pa, got != NULL);
	if (got)
		ck_assert(wnv_pa_equal(&got->pa, &pa));
}

static void compare_routes(const struct model *model,
			   const struct wnv_state *state, struct prng *prng)
{
	uint32_t i, network = prng_below(prng, 2);
	const struct wnv_route *best = NULL, *route;
	struct wnv_ca ca = random_ca(prng);

	for (i = 0; i < model->route_count; i++) {
		route = &model->routes[i];
		if (route->network == network &&
		    vs_prefix_contains(&route->prefix, &ca.ip) &&
		    (!best || route->prefix.length > best->prefix.length))
			best = route;
	}
	route = wnv_route_find(state, network, &ca);
	ck_assert_int_eq(best != NULL, route != NULL);
	if (best)
		ck_assert_int_eq(best->prefix.length, route->prefix.length);
}

static void compare_replicas(const struct model *model,
			     const struct wnv_state *state)
{
	bool wanted[5][256] = {0};
	const struct wnv_subnet *subnet;
	const struct wnv_record *record;
	uint32_t i, j, counted;

	for (i = 0; i < model->record_count; i++) {
		record = &model->records[i];
		if (record->rule == WNV_RULE_ENCAP &&
		    !wnv_pa_equal(&record->pa, &model->provider.pa))
			wanted[record->vsid.value - 5000]
			      [record->pa.ip.octet[15]] = true;
	}
	for (i = 0; i < 5; i++) {
		subnet = wnv_subnet_find(state, (struct vs_vsid){5000 + i});
		counted = 0;
		for (j = 0; j < 256; j++)
			counted += wanted[i][j];
		ck_assert_uint_eq(subnet->replica_count, counted);
		for (j = 0; j < counted; j++)
			ck_assert(
				wanted[i][wnv_peer_at(state,
						      subnet->replicas[j].peer)
						  ->pa.ip.octet[15]]);
	}
}

START_TEST(lookups_agree_with_a_naive_model)
{
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	struct model *model = calloc(1, sizeof(*model));
	struct wnv_state *state = model_build(model, &prng);
	unsigned int i;

	for (i = 0; i < 5000; i++) {
		compare_records(model, state, &prng);
		compare_routes(model, state, &prng);
	}
	compare_replicas(model, state);
	wnv_state_free(state);
	free(model);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_state");
	TCase *tcase = tcase_create("state");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, guard_lets_a_vm_use_its_own_address_only);
	tcase_add_test(tcase, guard_refuses_a_vm_that_lives_elsewhere);
	tcase_add_test(tcase, guard_lets_sources_without_address_pass_by_mac);
	tcase_add_test(tcase, guard_never_lets_the_gateway_be_played);
	tcase_add_test(tcase,
		       guard_lets_a_forwarder_send_for_what_is_behind_it);
	tcase_add_test(tcase, outer_addresses_are_ours_possible_and_known);
	tcase_add_loop_test(tcase, inbound_check_follows_the_table, 0,
			    sizeof(inbound_rows) / sizeof(inbound_rows[0]));
	tcase_add_test(tcase, vsid_without_a_port_here_is_unknown);
	tcase_add_test(tcase, replicas_are_the_distinct_remote_peers);
	tcase_add_test(tcase, core_learns_what_is_provider_and_what_is_remote);
	tcase_add_test(tcase, build_refuses_a_key_twice);
	tcase_add_test(tcase, an_empty_state_answers_everything_with_no);
	tcase_add_loop_test(tcase, lookups_agree_with_a_naive_model, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
