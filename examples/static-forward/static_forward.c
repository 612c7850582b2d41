// SPDX-License-Identifier: Apache-2.0
/*
 * static-forward: who is behind which port stands in the policy; nothing is
 * learned and nothing unknown is flooded. A model of the forward class, of
 * which a stack has one: it chooses the destinations of every frame.
 *
 *	vsctl station add 02:00:00:00:00:05 switch=vs0 port=web
 *
 * Frames to groups are left to the switch, which floods them in their VSID;
 * what goes nowhere is dropped as no_destination. The switch still enforces
 * all of its policies: this chooses, no more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

enum { FIELD_MAC, FIELD_PORT, FIELDS };

static const struct vs_field fields[] = {
	[FIELD_MAC] = {.name = "mac",
		       .kind = VS_KIND_MAC,
		       .flags = VS_FIELD_REQUIRED,
		       .help = "the station's MAC address"},
	[FIELD_PORT] = {.name = "port",
			.kind = VS_KIND_NAME,
			.flags = VS_FIELD_REQUIRED,
			.help = "the port that it is behind, or external"},
};
static const struct vs_noun noun = {
	.name = "station",
	.member = "stations",
	.parent = "switch",
	.fields = fields,
	.field_count = FIELDS,
	.help = "where a MAC address is",
};

struct station {
	struct vs_mac mac;
	struct vs_port_id port;
};

struct vs_state {
	uint32_t count;
	struct station station[]; /* by MAC */
};

static int compare(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct vs_mac));
}

/* The id of a port of this switch by its name; 0: it is not of this host. */
static struct vs_port_id port_id(const struct vs_settings *settings,
				 const char *name)
{
	const struct vs_noun *ports = settings->ops->noun(settings, "port");
	const struct vs_object *port = NULL;
	const struct vs_port_info *info;

	if (strcmp(name, "external") == 0)
		return (struct vs_port_id){VS_PORT_EXTERNAL};
	while ((port = settings->ops->next(settings, ports, NULL, port))) {
		if (strcmp(settings->ops->value(port, 0)->text, name) != 0)
			continue;
		info = settings->ops->port(settings, port);
		return info ? info->id : (struct vs_port_id){0};
	}
	return (struct vs_port_id){UINT16_MAX};
}

static int read_station(struct vs_state *state,
			const struct vs_settings *settings,
			const struct vs_object *object, struct vs_error *error)
{
	const char *name = settings->ops->value(object, FIELD_PORT)->text;
	struct station *station = &state->station[state->count++];

	station->mac = settings->ops->value(object, FIELD_MAC)->mac;
	station->port = port_id(settings, name);
	if (station->port.value != UINT16_MAX)
		return 0;
	settings->ops->place(object, "port", error);
	return vs_error_set(error, ENOENT, error->path,
			    "the switch has no port %.63s", name);
}

static const struct vs_state *configure(struct vs_instance *instance,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	const struct vs_object *object = NULL;
	struct vs_state *state;
	uint32_t count = 0;

	(void)instance;
	while ((object = settings->ops->next(settings, &noun, NULL, object)))
		count++;
	state = calloc(1, sizeof(*state) + count * sizeof(struct station));
	if (!state) {
		vs_error_set(error, ENOMEM, "", "no memory");
		return NULL;
	}
	while ((object = settings->ops->next(settings, &noun, NULL, object))) {
		if (read_station(state, settings, object, error)) {
			free(state);
			return NULL;
		}
	}
	qsort(state->station, state->count, sizeof(struct station), compare);
	return state;
}

static void retire(struct vs_instance *instance, const struct vs_state *state)
{
	union {
		const struct vs_state *lent;
		struct vs_state *own;
	} handle = {.lent = state};

	(void)instance;
	free(handle.own);
}

static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	VS_FOR_EACH (decision, burst) {
		struct vs_mac mac =
			vs_frame_target_mac(vs_decision_frame(decision));
		const struct station *station =
			bsearch(&mac, call->state->station, call->state->count,
				sizeof(struct station), compare);

		if (vs_mac_is_group(&mac))
			vs_decision_learn(decision);
		else if (station && station->port.value)
			vs_decision_add(decision, station->port);
	}
}

static const struct vs_forward_class forward = {.decide = decide};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "static-forward",
	.version = "1",
	.guid = "e1a0c0a2-7d5e-4f0b-8f60-6f8c1d2b3a47",
	.help = "forwards by stations that policy names, learns nothing",
	.forward = &forward,
	.configure = configure,
	.retire = retire,
	.nouns = &noun,
	.noun_count = 1,
};
