/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A state that is made from another one by a few changed records answers every
 * question as one that is built from all records, and takes nothing from the
 * one it was made from.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "wnv/state.h"

#define SUBNETS	  3u
#define ADDRESSES 400u /* of each subnet */
#define KEYS	  (SUBNETS * ADDRESSES)
#define PEERS	  6u
#define MACS	  150u
#define STATES	  4u
#define STEPS	  1500u
#define AT_ONCE	  5u
#define FEW	  12u

struct model {
	struct wnv_state *state;
	bool there[KEYS];
	struct wnv_record records[KEYS];
};

static struct model models[STATES];

static struct vs_ip ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t octets[4] = {a, b, c, d};

	return vs_ip_from_v4(octets);
}

/* IPv6 and IPv4 addresses in turn; some hosts have IPv6 addresses too. */
static struct vs_ip address_of(uint32_t key)
{
	uint32_t subnet = key / ADDRESSES, at = key % ADDRESSES + 2;
	struct vs_ip ip = {
		.octet = {0x20, 1, 0xd, 0xb8, 0, 0, 0, (uint8_t)(subnet + 1)}};

	if (key % 2)
		return ip4(10, (uint8_t)(subnet + 1), (uint8_t)(at >> 8),
			   (uint8_t)at);
	ip.octet[14] = (uint8_t)(at >> 8);
	ip.octet[15] = (uint8_t)at;
	return ip;
}

static struct wnv_pa peer_pa(uint32_t peer)
{
	struct wnv_pa pa = {ip4(192, 0, 2, (uint8_t)(10 + peer))};

	if (peer % 3 == 2) {
		pa.ip = (struct vs_ip){.octet = {0xfd, 9}};
		pa.ip.octet[15] = (uint8_t)(10 + peer);
	}
	return pa;
}

static struct wnv_record random_record(uint32_t key, struct prng *prng)
{
	/* one host and one rule are in use in the last subnet only */
	bool last = key / ADDRESSES == SUBNETS - 1;
	struct wnv_record record = {
		.vsid = {5001 + key / ADDRESSES},
		.ca = {address_of(key)},
		.mac = {{2, 0, 0, 0, 0, (uint8_t)prng_below(prng, MACS)}},
		.pa = peer_pa(prng_below(prng, last ? PEERS : PEERS - 1)),
		.rule = last && !prng_below(prng, 6) ? WNV_RULE_VXLAN
						     : WNV_RULE_ENCAP,
	};

	if (!prng_below(prng, 20))
		record.rule = WNV_RULE_NONE;
	if (!prng_below(prng, 12))
		record.pa = (struct wnv_pa){ip4(192, 0, 2, 1)};
	return record;
}

/* All of a policy but its records stays. */
static struct wnv_state *build(const struct model *model)
{
	static const struct wnv_network_plan networks[1] = {{.rdid = {{{1}}}}};
	const struct wnv_provider providers[1] = {
		{.pa = {ip4(192, 0, 2, 1)}, .prefix_length = 120}};
	const struct wnv_peer_plan peers[1] = {{peer_pa(0), false}};
	struct wnv_port_plan port = {.name = "web"};
	struct wnv_subnet_plan subnets[SUBNETS];
	struct vs_prefix prefixes[SUBNETS][2];
	struct wnv_record *records = calloc(KEYS, sizeof(*records));
	struct wnv_state *state = NULL;
	struct wnv_plan plan = {
		.networks = networks,
		.subnets = subnets,
		.records = records,
		.providers = providers,
		.peers = peers,
		.ports = &port,
		.network_count = 1,
		.subnet_count = SUBNETS,
		.provider_count = 1,
		.peer_count = 1,
		.port_count = 1,
		.seed = 5,
	};
	uint32_t i;

	ck_assert_ptr_nonnull(records);
	port.profile.address_count = 1;
	port.profile.addresses[0] = (struct vs_prefix){address_of(7), 128};
	for (i = 0; i < SUBNETS; i++) {
		prefixes[i][0] = (struct vs_prefix){
			ip4(10, (uint8_t)(i + 1), 0, 0), 112};
		prefixes[i][1] =
			(struct vs_prefix){{.octet = {0x20, 1, 0xd, 0xb8, 0, 0,
						      0, (uint8_t)(i + 1)}},
					   64};
		subnets[i] = (struct wnv_subnet_plan){
			.vsid = {5001 + i},
			.prefixes = prefixes[i],
			.prefix_count = 2,
			.overhead = 70,
			.gateway_mac =
				wnv_gateway_mac((struct vs_vsid){5001 + i}),
			.port_count = i == SUBNETS - 1,
		};
	}
	for (i = 0; i < KEYS; i++)
		if (model->there[i])
			records[plan.record_count++] = model->records[i];
	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	free(records);
	return state;
}

/* -- every question ---------------------------------------------------------
 */

static void check_same(const struct wnv_record *a, const struct wnv_record *b)
{
	ck_assert_int_eq(!a, !b);
	if (a)
		ck_assert_int_eq(memcmp(a, b, sizeof(*a)), 0);
}

static void check_subnet(const struct wnv_state *a, const struct wnv_state *b,
			 struct vs_vsid vsid)
{
	const struct wnv_subnet *x = wnv_subnet_find(a, vsid);
	const struct wnv_subnet *y = wnv_subnet_find(b, vsid);
	uint32_t i;

	ck_assert_uint_eq(x->replica_count, y->replica_count);
	for (i = 0; i < x->replica_count; i++) {
		ck_assert_uint_eq(x->replicas[i].peer, y->replicas[i].peer);
		ck_assert_uint_eq(x->replicas[i].kind, y->replicas[i].kind);
	}
	ck_assert_uint_eq(x->seeker_count, y->seeker_count);
	for (i = 0; i < 2; i++)
		ck_assert(wnv_pa_equal(&x->own_pa[i], &y->own_pa[i]));
}

static void check_state(const struct model *model)
{
	struct wnv_state *fresh = build(model);
	const struct wnv_state *state = model->state;
	struct vs_vsid vsid;
	struct wnv_record *like;
	struct prng prng = prng_start(1);
	struct wnv_record other;
	uint32_t i;

	for (i = 0; i < KEYS; i++) {
		other = random_record(i, &prng);
		like = &other;
		check_same(wnv_record_find(state, like->vsid, &like->ca),
			   wnv_record_find(fresh, like->vsid, &like->ca));
		check_same(wnv_record_by_mac(state, like->vsid, &like->mac),
			   wnv_record_by_mac(fresh, like->vsid, &like->mac));
		check_same(wnv_record_by_mac_pa(state, like->vsid, &like->mac,
						&like->pa),
			   wnv_record_by_mac_pa(fresh, like->vsid, &like->mac,
						&like->pa));
		ck_assert_int_eq(wnv_is_remote(state, like->vsid, &like->mac),
				 wnv_is_remote(fresh, like->vsid, &like->mac));
	}
	ck_assert_uint_eq(wnv_peer_count(state), wnv_peer_count(fresh));
	for (i = 0; i < wnv_peer_count(state); i++) {
		ck_assert(wnv_pa_equal(&wnv_peer_at(state, i)->pa,
				       &wnv_peer_at(fresh, i)->pa));
		ck_assert_int_eq(wnv_peer_at(state, i)->awaited,
				 wnv_peer_at(fresh, i)->awaited);
		ck_assert_int_eq(wnv_peer_at(state, i)->flowid,
				 wnv_peer_at(fresh, i)->flowid);
	}
	for (vsid.value = 5001; vsid.value < 5001 + SUBNETS; vsid.value++)
		check_subnet(state, fresh, vsid);
	ck_assert_int_eq(wnv_takes(state, CODEC_VXLAN),
			 wnv_takes(fresh, CODEC_VXLAN));
	wnv_state_free(fresh);
}

/* -- changing -----------------------------------------------------------------
 */

/* In the last subnet, which has a port, so few that a peer comes and goes. */
static uint32_t random_key(struct prng *prng)
{
	uint32_t key = prng_below(prng, KEYS);

	return key / ADDRESSES < SUBNETS - 1
		       ? key
		       : (SUBNETS - 1) * ADDRESSES + key % FEW;
}

/* Changes some records of the model; true: all of them are for amending. */
static bool change(struct model *model, struct wnv_change *changes,
		   uint32_t count, struct prng *prng)
{
	struct wnv_change *each;
	bool amends = true, again;
	uint32_t i, k, keys[AT_ONCE];

	for (i = 0; i < count; i++) {
		do {
			keys[i] = random_key(prng);
			for (again = false, k = 0; k < i; k++)
				again |= keys[k] == keys[i];
		} while (again);
		each = &changes[i];
		*each = (struct wnv_change){
			.removes = model->there[keys[i]],
			.adds = prng_below(prng, 3) || !model->there[keys[i]],
			.before = model->records[keys[i]],
			.after = random_record(keys[i], prng),
		};
		model->there[keys[i]] = each->adds;
		model->records[keys[i]] = each->after;
		amends &= wnv_state_amends(model->state, each);
	}
	return amends;
}

START_TEST(amended_state_answers_as_one_built_from_all_records)
{
	struct prng prng = prng_start(prng_seed());
	struct wnv_change changes[AT_ONCE];
	struct wnv_state *made;
	struct model *from, *to;
	uint32_t i, k, count, amended = 0;
	int error;

	for (i = 0; i < STATES; i++) {
		for (k = 0; k < KEYS / 2; k++) {
			models[i].records[k] = random_record(k, &prng);
			models[i].there[k] = true;
		}
		models[i].state = build(&models[i]);
	}
	for (i = 0; i < STEPS; i++) {
		from = &models[prng_below(&prng, STATES)];
		to = &models[prng_below(&prng, STATES)];
		if (to != from) {
			wnv_state_free(to->state);
			*to = *from; /* the state is still from's */
		}
		count = 1 + prng_below(&prng, AT_ONCE);
		made = NULL;
		error = change(to, changes, count, &prng)
				? wnv_state_amend(from->state, changes, count,
						  &made)
				: -EAGAIN;
		ck_assert(error == 0 || error == -EAGAIN);
		amended += error == 0;
		if (to == from)
			wnv_state_free(from->state);
		to->state = error ? build(to) : made;
		if (i % 10 == 0) {
			check_state(to);
			check_state(from);
		}
	}
	ck_assert_uint_gt(amended, STEPS / 4);
	for (i = 0; i < STATES; i++) {
		check_state(&models[i]);
		wnv_state_free(models[i].state);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_amend");
	TCase *tests = tcase_create("amend");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests,
		       amended_state_answers_as_one_built_from_all_records);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
