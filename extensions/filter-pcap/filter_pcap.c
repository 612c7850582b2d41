// SPDX-License-Identifier: Apache-2.0
/*
 * filter-pcap: drops what a pcap-filter(7) expression says, per port. A model
 * of the filter class: a noun of its own below the host's port, a state that
 * configure builds and never edits, hooks that only read it.
 *
 *	vsctl pcap-filter add no-mail port=web expression='tcp port 25'
 *
 * What a port sends is judged on ingress, where the frame is dropped; what
 * comes to it on egress, where the port alone is taken away.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

#include "filter.h"

enum { FIELD_NAME, FIELD_EXPRESSION, FIELD_ACTION, FIELD_DIRECTION, FIELDS };
enum { ACTION_DROP, ACTION_PASS };
enum { DIRECTION_BOTH, DIRECTION_IN, DIRECTION_OUT };

static const char *const actions[] = {"drop", "pass", NULL};
static const char *const directions[] = {"both", "in", "out", NULL};

static const struct vs_field fields[] = {
	[FIELD_NAME] = {.name = "name",
			.kind = VS_KIND_NAME,
			.flags = VS_FIELD_REQUIRED,
			.help = "the filter's name"},
	[FIELD_EXPRESSION] = {.name = "expression",
			      .kind = VS_KIND_TEXT,
			      .flags = VS_FIELD_REQUIRED,
			      .maximum = FILTER_TEXT - 1,
			      .help = "pcap-filter(7) with numbers and "
				      "addresses, no names"},
	[FIELD_ACTION] = {.name = "action",
			  .kind = VS_KIND_CHOICE,
			  .choices = actions,
			  .unset = "drop",
			  .help = "drop: what matches goes nowhere; pass: what "
				  "does not match"},
	[FIELD_DIRECTION] = {.name = "direction",
			     .kind = VS_KIND_CHOICE,
			     .choices = directions,
			     .unset = "both",
			     .help = "in: what comes to the VM; out: what it "
				     "sends"},
};
_Static_assert(sizeof(fields) / sizeof(fields[0]) == FIELDS, "all fields");

static const struct vs_noun noun = {
	.name = "pcap-filter",
	.member = "pcap-filters",
	.parent = "port",
	.fields = fields,
	.field_count = FIELDS,
	.help = "frames that a port does not send or get",
};

/* -- the state --------------------------------------------------------------
 */

struct rule {
	struct rule *next; /* of the same port, in order of names */
	struct filter *filter;
	struct vs_port_id port;
	uint16_t direction;
	bool drops_match;
};

struct vs_state {
	bool any;
	struct rule *first[VS_PORTS_MAXIMUM]; /* by port id */
};

static void state_free(struct vs_state *state)
{
	for (uint32_t i = 0; i < VS_PORTS_MAXIMUM; i++) {
		while (state->first[i]) {
			struct rule *rule = state->first[i];

			state->first[i] = rule->next;
			filter_free(rule->filter);
			free(rule);
		}
	}
	free(state);
}

static void retire(struct vs_instance *base, const struct vs_state *state)
{
	union {
		const struct vs_state *lent;
		struct vs_state *own;
	} handle = {.lent = state};

	(void)base;
	state_free(handle.own);
}

static uint16_t choice(const struct vs_settings *settings,
		       const struct vs_object *object, uint16_t field)
{
	const struct vs_value *value = settings->ops->value(object, field);

	return value->present ? value->choice : 0;
}

static int add_rule(struct vs_state *state, const struct vs_settings *settings,
		    const struct vs_object *object, struct vs_error *error)
{
	const struct vs_port_info *port =
		settings->ops->port(settings, settings->ops->parent(object));
	struct rule **at, *rule;
	int code;

	if (!port) /* no port of this host: judged, not kept */
		port = &(const struct vs_port_info){.id = {0}};
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return vs_error_set(error, ENOMEM, "", "no memory");
	code = filter_compile(
		&rule->filter,
		settings->ops->value(object, FIELD_EXPRESSION)->text, error);
	if (code) {
		settings->ops->place(object, "expression", error);
		free(rule);
		return code;
	}
	rule->direction = choice(settings, object, FIELD_DIRECTION);
	rule->drops_match =
		choice(settings, object, FIELD_ACTION) == ACTION_DROP;
	rule->port = port->id;
	for (at = &state->first[port->id.value]; *at; at = &(*at)->next)
		;
	*at = rule;
	state->any = true;
	return 0;
}

static const struct vs_state *configure(struct vs_instance *base,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	struct vs_state *state = calloc(1, sizeof(*state));
	const struct vs_object *object = NULL;

	(void)base;
	if (!state) {
		vs_error_set(error, ENOMEM, "", "no memory");
		return NULL;
	}
	while ((object = settings->ops->next(settings, &noun, NULL, object))) {
		if (add_rule(state, settings, object, error)) {
			state_free(state);
			return NULL;
		}
	}
	return state;
}

/* -- the packet path --------------------------------------------------------
 */

enum { FILTERED };
static const struct vs_reason_entry reasons[] = {
	[FILTERED] = {1, "pcap_filter",
		      "A pcap-filter of the port drops it; see `pcap-filter "
		      "list`."},
};

enum { JUDGED };
static const struct vs_named counters[] = {
	[JUDGED] = {"judged", "Times that a pcap-filter looked at a frame."},
};

/* Does a rule of the port drop it? `other`: the direction that is not this. */
static bool is_dropped(const struct vs_state *state, struct vs_port_id port,
		       uint16_t other, const struct vs_frame *frame,
		       uint64_t *judged)
{
	const struct vs_view *view = vs_view(frame);
	const struct rule *rule;

	for (rule = state->first[port.value]; rule; rule = rule->next) {
		if (rule->direction == other)
			continue;
		++*judged;
		if (filter_takes(rule->filter, view->data, view->size,
				 view->size) == rule->drops_match)
			return true;
	}
	return false;
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;
	uint64_t judged = 0;

	if (!call->state->any)
		return;
	VS_FOR_EACH (frame, burst)
		if (is_dropped(call->state, vs_view(frame)->port, DIRECTION_IN,
			       frame, &judged))
			vs_drop(frame, VS_REASON(FILTERED));
	call->host->count(call, JUDGED, judged);
}

static void egress(const struct vs_call *call, struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;
	uint64_t judged = 0;

	if (!call->state->any)
		return;
	VS_FOR_EACH (delivery, burst) {
		const struct vs_frame *frame = vs_delivery_frame(delivery);
		struct vs_port_id to = {0};

		while ((to = vs_delivery_next(delivery, to)).value)
			if (is_dropped(call->state, to, DIRECTION_OUT, frame,
				       &judged))
				vs_delivery_exclude(delivery, to,
						    VS_REASON(FILTERED));
	}
	call->host->count(call, JUDGED, judged);
}

static const struct vs_filter_class filter = {ingress, egress};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "filter-pcap",
	.version = "1",
	.guid = "0f6f1d0f-8f0e-4d2b-9c55-3f3a8b1d6f20",
	.help = "drops what a pcap-filter(7) expression says, per port",
	.filter = &filter,
	.configure = configure,
	.retire = retire,
	.nouns = &noun,
	.noun_count = 1,
	.reasons = reasons,
	.reason_count = 1,
	.counters = counters,
	.counter_count = 1,
};
