/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_probe.c: see peer_probe.h. Before it: the adapter's method. After it:
 * worker 0 asks; the client.
 */
#include "peer_probe.h"

#include <errno.h>

#include "path_mtu.h"

#define MS_NS	 UINT64_C(1000000)
#define LOOK_NS	 (10 * MS_NS)
#define LIMIT_NS (10000 * MS_NS)

const struct vs_field peer_probe_arguments[PEER_PROBE_ARGUMENTS] = {
	[PEER_PROBE_ADDRESS] = {.name = "address",
				.kind = VS_KIND_IP,
				.flags = VS_FIELD_REQUIRED,
				.help = "provider address of another host, as "
					"in vsctl peer list"},
};

int peer_probe_run(const struct vs_main_host *host, struct peer_probes *probes,
		   const struct peer_probe_sight *sight,
		   const struct vs_value *values, struct vs_error *error)
{
	const struct wnv_pa pa = {values[PEER_PROBE_ADDRESS].ip};
	const struct wnv_peer *peer =
		sight->state ? wnv_peer_find(sight->state, &pa) : NULL;
	struct peer_probe_wait *wait = NULL;
	int token;
	uint32_t i;

	if (!peer || !peer->tally || vs_ip_is_group(&pa.ip))
		return vs_error_set(error, ENOENT, "address",
				    "no peer that is counted has this address: "
				    "see vsctl peer list; any other address "
				    "is for vsctl pa ping");
	for (i = 0; i < PEER_PROBES; i++)
		if (!probes->wait[i].token)
			wait = &probes->wait[i];
	token = wait ? host->defer(host) : -EBUSY;
	if (token < 0)
		return vs_error_set(error, -token, "",
				    "too many probes at once: try again");
	wait->token = token;
	wait->pa = pa;
	wait->since_ns = sight->now_ns;
	life_want(host, &sight->provider->lives, peer);
	return 0;
}

static void tell(const struct peer_probe_sight *sight,
		 const struct wnv_peer *peer, const struct life_sight *life,
		 struct vs_reply *reply)
{
	uint16_t mtu = path_mtu_of(sight->provider->tallies, peer->tally,
				   sight->now_ns);
	char text[VS_IP_TEXT];

	reply->ops->text(reply, "address", vs_ip_format(&peer->pa.ip, text));
	reply->ops->text(reply, "reach", life_names[life->state]);
	if (life->state == LIFE_REACHABLE)
		reply->ops->number(reply, "rtt_ns", life->rtt_ns);
	if (mtu)
		reply->ops->number(reply, "mtu", mtu);
	if (mtu && life->proof == mtu)
		reply->ops->text(reply, "mtu-proof",
				 life->proven ? "proven" : "claimed");
}

/* False: there is no verdict yet that is younger than the question. */
static bool look(const struct vs_main_host *host, struct peer_probe_wait *wait,
		 const struct peer_probe_sight *sight)
{
	const struct wnv_peer *peer =
		sight->state ? wnv_peer_find(sight->state, &wait->pa) : NULL;
	struct life_sight life = {.state = LIFE_UNASKED};
	bool known = peer && life_look(&sight->provider->lives, peer,
				       sight->now_ns, &life);
	bool late = sight->now_ns - wait->since_ns >= LIMIT_NS;
	struct vs_error error = {0};
	struct vs_reply *reply;

	if (peer && !late &&
	    (!known || life.state == LIFE_ASKING ||
	     life.age_ns > sight->now_ns - wait->since_ns))
		return false;
	reply = host->deferred(host, wait->token);
	if (reply && known && !late) {
		tell(sight, peer, &life, reply);
		host->answer(host, wait->token, NULL);
	} else if (reply) {
		vs_error_set(&error, peer ? ETIMEDOUT : ENOENT, "address",
			     peer ? "no verdict in time"
				  : "it is no peer any more");
		host->answer(host, wait->token, &error);
	}
	wait->token = 0;
	return true;
}

uint64_t peer_probe_poll(const struct vs_main_host *host,
			 struct peer_probes *probes,
			 const struct peer_probe_sight *sight)
{
	bool waits = false;
	uint32_t i;

	for (i = 0; i < PEER_PROBES; i++)
		if (probes->wait[i].token)
			waits |= !look(host, &probes->wait[i], sight);
	return waits ? sight->now_ns + LOOK_NS : UINT64_MAX;
}
