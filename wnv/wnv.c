/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wnv.c: the adapter: network virtualization as an extension of class
 * translate. Nothing is decided here.
 *
 * The host calls the hooks of the descriptor at the end of this file; they go
 * to configure.h and policy.h (what holds), translate.h and shard.h (what
 * happens to frames), provider.h (the provider side's neighbours).
 */
#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "configure.h"
#include "learn.h"
#include "mirror.h"
#include "moves.h"
#include "nexthop.h"
#include "nouns.h"
#include "pair.h"
#include "peer_probe.h"
#include "policy.h"
#include "group.h"
#include "provider.h"
#include "redirects.h"
#include "saved.h"
#include "shard.h"
#include "state.h"
#include "status.h"
#include "translate.h"

/* The static build may name the descriptor otherwise, so that several
 * extensions fit into one program. */
#ifndef VS_EXTENSION_SYMBOL
#define VS_EXTENSION_SYMBOL vs_extension
#endif

struct wnv_instance {
	struct vs_instance base; /* the first member: see instance_of() */
	struct provider *provider;
	struct learned *learned;
	struct redirects *redirects;
	/* made and not retired, oldest first; the newest answers status() */
	struct wnv_state **states;
	uint32_t state_count;
	uint64_t seed, serial; /* serial: of the newest state */
	bool devices_changed;  /* the next configure is about devices */
	uint64_t learned_ns;   /* when learn_age() wants to be called */
	struct peer_probes probes;
	/* what a predecessor saved, until there is a policy to judge it by */
	struct saved_bytes inherited;
};

static struct wnv_instance *instance_of(struct vs_instance *instance)
{
	return (struct wnv_instance *)instance;
}

static struct wnv_shard *shard_of(struct vs_shard *shard)
{
	return (struct wnv_shard *)shard;
}

static const struct wnv_state *newest(const struct wnv_instance *instance)
{
	return instance->state_count
		       ? instance->states[instance->state_count - 1]
		       : NULL;
}

/* -- life ------------------------------------------------------------------ */

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct wnv_instance *instance = calloc(1, sizeof(*instance));

	if (instance) {
		instance->base.host = host;
		instance->seed = host->random(host);
		instance->provider =
			provider_create(host->workers, host->random(host));
		instance->learned = learned_create(host->random(host));
		instance->redirects = redirects_create(host->random(host));
		if (instance->provider && instance->learned &&
		    instance->redirects)
			return &instance->base;
		provider_destroy(instance->provider);
		learned_destroy(instance->learned);
		redirects_destroy(instance->redirects);
		free(instance);
	}
	vs_error_set(error, ENOMEM, "", "wnv: out of memory");
	return NULL;
}

static void detach(struct vs_instance *base)
{
	struct wnv_instance *instance = instance_of(base);

	provider_destroy(instance->provider);
	learned_destroy(instance->learned);
	redirects_destroy(instance->redirects);
	saved_drop(&instance->inherited);
	free(instance->states);
	free(instance);
}

/* The state of what is true now; NULL: none, or not known. */
static const struct wnv_state *current(const struct wnv_instance *instance,
				       const struct vs_settings *settings)
{
	uint64_t before = settings->ops->before(settings);
	uint32_t i = instance->state_count;

	while (before && i--)
		if (wnv_state_version(instance->states[i]) == before)
			return instance->states[i];
	return NULL;
}

static const struct vs_state *configure(struct vs_instance *base,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	struct wnv_instance *instance = instance_of(base);
	enum wnv_occasion occasion = instance->devices_changed
					     ? WNV_OCCASION_DEVICES
					     : WNV_OCCASION_CHANGE;
	struct wnv_state **states, *state = NULL;

	instance->devices_changed = false;
	states = realloc(instance->states,
			 (instance->state_count + 1) * sizeof(*states));
	if (!states) {
		vs_error_set(error, ENOMEM, "", "wnv: out of memory");
		return NULL;
	}
	instance->states = states;
	if (occasion == WNV_OCCASION_CHANGE)
		state = wnv_configure_amend(settings,
					    current(instance, settings));
	if (!state &&
	    wnv_configure(settings, occasion, instance->seed, &state, error))
		return NULL;
	wnv_state_set_version(state, settings->ops->version(settings));
	if (wnv_state_follow(state, newest(instance),
			     base->host->now_ns(base->host))) {
		vs_error_set(error, ENOMEM, "", "wnv: out of memory");
		wnv_state_free(state);
		return NULL;
	}
	if (provider_configure(instance->provider, state, error)) {
		wnv_state_free(state);
		return NULL;
	}
	wnv_state_advertise(state, newest(instance),
			    base->host->now_ns(base->host));
	wnv_state_set_serial(state, ++instance->serial);
	wnv_state_set_learned(state, instance->learned);
	wnv_state_set_redirects(state, instance->redirects);
	states[instance->state_count++] = state;
	saved_inherit(&instance->inherited, state, base->host);
	return (const struct vs_state *)state;
}

/* What was thrown away is the newest; another one is retired because the next
 * was published, which is when that one's news are true. */
static void retire(struct vs_instance *base, const struct vs_state *state)
{
	struct wnv_instance *instance = instance_of(base);
	uint32_t i, kept = 0;

	for (i = 0; i < instance->state_count; i++) {
		if (instance->states[i] != wnv_state_of(state)) {
			instance->states[kept++] = instance->states[i];
			continue;
		}
		if (i + 1 < instance->state_count)
			wnv_state_tell(instance->states[i + 1], base->host);
		provider_retire(instance->provider, instance->states[i]);
		wnv_state_free(instance->states[i]);
	}
	instance->state_count = kept;
}

static int open_shard(struct vs_instance *instance, struct vs_shard *shard,
		      uint16_t worker)
{
	shard_open(shard_of(shard), instance_of(instance)->provider, worker);
	return 0;
}

static void close_shard(struct vs_instance *instance, struct vs_shard *shard,
			uint16_t worker)
{
	(void)instance;
	(void)worker;
	shard_close(shard_of(shard));
}

/*
 * A state holds what an uplink's device says (addresses, MAC, port id), and
 * the MAC of a device where a port's record was made from it.
 */
static void port_event(struct vs_instance *base, enum vs_port_change change,
		       const struct vs_port_info *port)
{
	struct wnv_instance *instance = instance_of(base);
	const struct vs_port_profile *profile = NULL;

	if (change == VS_PORT_REMOVED)
		return;
	if (port->kind == VS_PORT_ORDINARY) {
		if (newest(instance))
			profile =
				wnv_port_profile(newest(instance), port->name);
		if (change != VS_PORT_ATTACHED || !profile ||
		    !profile->has_mac ||
		    vs_mac_equal(&profile->mac, &port->mac))
			return;
	}
	instance->devices_changed = true;
	base->host->reconfigure(base->host);
}

static uint64_t tick_main(struct vs_instance *base, uint64_t now_ns)
{
	struct wnv_instance *instance = instance_of(base);
	uint64_t next, other;

	if (now_ns >= instance->learned_ns)
		instance->learned_ns =
			learn_age(instance->learned, newest(instance),
				  base->host, now_ns);
	next = pa_ping_poll(base->host, &instance->provider->echoes, now_ns);
	other = peer_probe_poll(base->host, &instance->probes,
				&(struct peer_probe_sight){newest(instance),
							   instance->provider,
							   now_ns});
	if (other < next)
		next = other;
	return next < instance->learned_ns ? next : instance->learned_ns;
}

static size_t save(struct vs_instance *base, const char *port, uint8_t *bytes,
		   size_t room)
{
	const struct wnv_instance *instance = instance_of(base);

	return saved_write(&(struct saved_port){newest(instance),
						instance->learned, base->host,
						port},
			   bytes, room);
}

static int restore(struct vs_instance *base, const struct vs_saved *saved,
		   struct vs_error *error)
{
	struct wnv_instance *instance = instance_of(base);

	if (!saved->port)
		return saved_keep(&instance->inherited, saved, error);
	return saved_take(&(struct saved_port){newest(instance),
					       instance->learned, base->host,
					       saved->port},
			  saved, error);
}

/* -- the core's questions ----------------------------------------------------
 */

static bool may_send(const struct vs_call *call, const struct vs_claim *claim)
{
	return learn_may_send(call, claim);
}

static bool is_provider_ip(const struct vs_state *state, const struct vs_ip *ip)
{
	return wnv_is_provider_ip(wnv_state_of(state), ip);
}

static bool is_provider_mac(const struct vs_state *state,
			    const struct vs_mac *mac)
{
	return wnv_is_provider_mac(wnv_state_of(state), mac);
}

static bool is_remote(const struct vs_state *state, struct vs_vsid vsid,
		      const struct vs_mac *mac)
{
	return wnv_is_remote(wnv_state_of(state), vsid, mac);
}

static bool serves(const struct vs_state *state, struct vs_vsid vsid)
{
	return wnv_subnet_find(wnv_state_of(state), vsid) != NULL;
}

static void profile_of(const struct vs_state *state, const char *port,
		       struct vs_port_profile *profile)
{
	const struct vs_port_profile *found;

	found = wnv_port_profile(wnv_state_of(state), port);
	*profile = found ? *found : (struct vs_port_profile){0};
	profile->struct_size = sizeof(*profile);
}

/* What comes to a PA: tunnels, or all IP if it stands for a VM's address. */
static uint8_t encapsulations(const struct wnv_state *policy,
			      const struct wnv_pa *pa)
{
	const struct wnv_record *record = wnv_record_by_pa(policy, pa);
	uint8_t tunnels = 1u << VS_ENCAP_NVGRE;

	if (wnv_takes(policy, CODEC_VXLAN))
		tunnels |= 1u << VS_ENCAP_VXLAN;
	if (!record)
		return tunnels;
	return (uint8_t)(1u << VS_ENCAP_NONE |
			 (record->flags & WNV_RECORD_TUNNELED ? tunnels : 0));
}

static uint16_t providers(const struct vs_state *state,
			  struct vs_provider *list, uint16_t room)
{
	const struct wnv_state *policy = wnv_state_of(state);
	const struct wnv_provider *from;
	uint16_t i, memberships, count = wnv_provider_count(policy);

	for (i = 0; i < count && i < room; i++) {
		from = wnv_provider_at(policy, i);
		list[i] = (struct vs_provider){
			.ip = from->pa.ip,
			.mac = from->mac,
			.uplink = from->uplink,
			.vlan = from->vlan,
			.owned = from->owned,
			.encapsulations = encapsulations(policy, &from->pa),
		};
	}
	memberships = wnv_group_memberships(policy, list ? list + i : NULL,
					    (uint16_t)(room - i));
	return (uint16_t)(count + memberships);
}

/* -- lists ------------------------------------------------------------------
 */

static void status(struct vs_instance *base, const struct vs_noun *noun,
		   const char *parent_key, const char *key,
		   struct vs_reply *reply)
{
	const struct wnv_instance *instance = instance_of(base);
	const struct wnv_state *state = newest(instance);

	if (!state)
		return;
	if (noun == &wnv_nouns[WNV_NOUN_CA])
		wnv_status_ca(state, base->host->now_ns(base->host), parent_key,
			      key, reply);
	else if (noun == &wnv_nouns[WNV_NOUN_L2ONLY])
		wnv_status_l2only(state, parent_key, key, reply);
	else if (noun == &wnv_nouns[WNV_NOUN_GATEWAY])
		wnv_status_gateway(state, parent_key, key, reply);
	else if (noun == &wnv_nouns[WNV_NOUN_GROUP])
		wnv_status_group(state, parent_key, key, reply);
	else if (noun == &wnv_nouns[WNV_NOUN_PA])
		wnv_status_pa(state, base->host->now_ns(base->host), key,
			      reply);
	else if (noun == &wnv_nouns[WNV_NOUN_PAROUTE])
		wnv_status_paroute(state, instance->provider, parent_key, key,
				   reply);
	else if (noun == &wnv_nouns[WNV_NOUN_PEER])
		wnv_status_peer(state, instance->provider,
				base->host->now_ns(base->host), key, reply);
}

static void list(struct vs_instance *base, const struct vs_noun *noun,
		 struct vs_rows *rows)
{
	const struct wnv_state *state = newest(instance_of(base));

	if (state && noun == &wnv_nouns[WNV_NOUN_CA])
		wnv_list_records(state, base->host->now_ns(base->host), rows);
	else if (state && noun == &wnv_nouns[WNV_NOUN_PEER])
		wnv_list_peers(state, rows);
}

/* -- methods ----------------------------------------------------------------
 */

static int run_nexthop(struct vs_instance *base, const struct vs_value *values,
		       struct vs_reply *reply, struct vs_error *error)
{
	const struct nexthop_sight sight = {
		.state = newest(instance_of(base)),
		.provider = instance_of(base)->provider,
		.now_ns = base->host->now_ns(base->host),
	};

	return nexthop_tell(&sight, values, reply, error);
}

static int run_pa_ping(struct vs_instance *base, const struct vs_value *values,
		       struct vs_reply *reply, struct vs_error *error)
{
	(void)reply;
	return pa_ping_run(base->host, &instance_of(base)->provider->echoes,
			   values, error);
}

static int run_peer_probe(struct vs_instance *base,
			  const struct vs_value *values, struct vs_reply *reply,
			  struct vs_error *error)
{
	struct wnv_instance *instance = instance_of(base);

	(void)reply;
	return peer_probe_run(
		base->host, &instance->probes,
		&(struct peer_probe_sight){newest(instance), instance->provider,
					   base->host->now_ns(base->host)},
		values, error);
}

static const struct vs_method methods[] = {
	{.noun = "pa",
	 .verb = "ping",
	 .arguments = pa_ping_arguments,
	 .argument_count = PA_PING_ARGUMENTS,
	 .run = run_pa_ping,
	 .help = "echo a provider address from one of this host, outside of "
		 "every tunnel"},
	{.noun = "peer",
	 .verb = "probe",
	 .arguments = peer_probe_arguments,
	 .argument_count = PEER_PROBE_ARGUMENTS,
	 .run = run_peer_probe,
	 .help = "ask a peer whether it answers, in the tunnel and outside, "
		 "and what its way carries"},
	{.verb = "nexthop",
	 .arguments = nexthop_arguments,
	 .argument_count = NEXTHOP_ARGUMENTS,
	 .run = run_nexthop,
	 .help = "which way a packet of the port to the customer address "
		 "would go, and why"},
};

/* -- the descriptor ----------------------------------------------------------
 */

static const struct vs_translate_class translate = {
	.from_wire = translate_in,
	.to_wire = translate_out,
	.may_send = may_send,
	.is_provider_ip = is_provider_ip,
	.is_provider_mac = is_provider_mac,
	.is_remote = is_remote,
	.serves = serves,
	.profile = profile_of,
	.providers = providers,
	.mirror = mirror_copy,
};

const struct vs_extension VS_EXTENSION_SYMBOL = {
	VS_EXTENSION_HEAD,
	.name = "wnv",
	.version = "1",
	.guid = "8d1f6c2e-3a57-4c94-b0e2-77a1f5d30c61",
	.help = "network virtualization: customer networks over the provider "
		"network by NVGRE or VXLAN",
	.translate = &translate,
	.attach = attach,
	.detach = detach,
	.configure = configure,
	.retire = retire,
	.shard_size = sizeof(struct wnv_shard),
	.shard_open = open_shard,
	.shard_close = close_shard,
	.port_event = port_event,
	.tick = shard_tick,
	.tick_main = tick_main,
	.noted_shard = shard_noted,
	.status = status,
	.list = list,
	.save = save,
	.restore = restore,
	.check = wnv_check,
	.nouns = wnv_nouns,
	.noun_count = WNV_NOUNS,
	.methods = methods,
	.method_count = sizeof(methods) / sizeof(methods[0]),
	.reasons = wnv_reasons,
	.reason_count = WNV_REASONS,
	.events = wnv_events,
	.event_count = WNV_EVENTS,
};
