// SPDX-License-Identifier: Apache-2.0
/*
 * engine_saved.c: port.save and port.restore: the extensions of a port's
 * switch are asked what they keep of it, or given what their like kept on
 * another host (hnv.md C7). Whose bytes those are the GUID says; what belongs
 * to nobody here is said and left out (C7.2).
 *
 * Before this file: control/request_port.c. After it: core/hand_over.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/port_saved.h"
#include "core/guid.h"
#include "core/xacl_saved.h"
#include "engine_methods.h"
#include "engine_switch.h"
#include "log.h"

static struct engine_port *find_port(struct engine *engine, const char *name,
				     struct vs_error *error)
{
	struct engine_port *port = engine_find_port(engine, name, error);

	if (!port || port->intent.driver != DRIVER_UPLINK)
		return port;
	vs_error_set(error, EINVAL, "name",
		     "%s is an uplink: only a VM's port moves", name);
	return NULL;
}

/* What the switch itself keeps of a port: the flows of its stateful rules. */
#define FLOWS_GUID "3f0c2a9e-6d41-4b7e-9a55-1c8be2d47f06"
#define FLOWS_NAME "acl"

static bool is_flows(const struct port_state_saved *state)
{
	return guid_is(state->guid, FLOWS_GUID);
}

/* -- save ------------------------------------------------------------------ */

static int save_flows(const struct engine_port *port, struct port_saved *saved,
		      struct vs_error *error)
{
	struct port_state_saved *state = &saved->states[saved->count];
	int64_t size = xacl_save(port->owner->sw, port->info.id, &state->bytes);

	if (size < 0)
		return vs_error_set(error, ENOMEM, "", "no memory for flows");
	if (!size)
		return 0;
	state->size = (size_t)size;
	snprintf(state->guid, sizeof(state->guid), "%s", FLOWS_GUID);
	snprintf(state->name, sizeof(state->name), "%s", FLOWS_NAME);
	snprintf(state->version, sizeof(state->version), "1");
	saved->count++;
	return 0;
}

int engine_member_save(const struct engine_member *member, const char *port,
		       struct port_saved *saved, struct vs_error *error)
{
	const struct vs_extension *extension = member->extension;
	struct port_state_saved *state = &saved->states[saved->count];
	int64_t size = vs_attachment_save(member->attachment, port,
					  &state->bytes, error);

	if (size <= 0)
		return (int)size;
	state->size = (size_t)size;
	snprintf(state->guid, sizeof(state->guid), "%s", extension->guid);
	snprintf(state->name, sizeof(state->name), "%s", extension->name);
	snprintf(state->version, sizeof(state->version), "%s",
		 extension->version);
	saved->count++;
	return 0;
}

int engine_save_port(struct request_engine *methods, const char *name,
		     struct port_saved *saved, struct vs_error *error)
{
	struct engine_port *port =
		find_port(engine_of_methods(methods), name, error);
	const struct engine_switch *es;
	int result = 0;

	_Static_assert(ENGINE_STACK < PORT_SAVED_STATES, "all find room");
	if (!port)
		return -error->code;
	es = port->owner;
	snprintf(saved->port, sizeof(saved->port), "%s", name);
	saved->vsid = engine_port_vsid(port);
	saved->mac = *engine_port_mac(port);
	for (uint16_t i = 0; !result && i < es->stack_count; i++)
		result = engine_member_save(&es->stack[i], name, saved, error);
	return result ? result : save_flows(port, saved, error);
}

/* -- restore --------------------------------------------------------------- */

/* Is it the same VM's? */
static int check_port(const struct engine_port *port,
		      const struct port_saved *saved, struct vs_error *error)
{
	struct vs_vsid vsid = engine_port_vsid(port);
	const struct vs_mac *mac = engine_port_mac(port);
	char was[VS_MAC_TEXT], is[VS_MAC_TEXT];

	if (!vs_vsid_equal(saved->vsid, vsid))
		return vs_error_set(error, EINVAL, "port.vsid",
				    "it was saved in VSID %u, port %s has VSID "
				    "%u: a VM keeps its VSID when it moves",
				    saved->vsid.value, port->intent.name,
				    vsid.value);
	if (!vs_mac_is_zero(&saved->mac) && !vs_mac_is_zero(mac) &&
	    !vs_mac_equal(&saved->mac, mac))
		return vs_error_set(error, EINVAL, "port.mac",
				    "it was saved of %s, port %s has %s: a VM "
				    "keeps its MAC when it moves (vsctl port "
				    "set %s mac=%s)",
				    vs_mac_format(&saved->mac, was),
				    port->intent.name, vs_mac_format(mac, is),
				    port->intent.name, was);
	return 0;
}

static struct engine_member *owner_of(struct engine_switch *es,
				      const struct port_state_saved *state)
{
	for (uint16_t i = 0; i < es->stack_count; i++)
		if (guid_is(es->stack[i].extension->guid, state->guid))
			return &es->stack[i];
	return NULL;
}

/* What belongs to nobody here is no reason to refuse the rest. */
static void leave_out(const struct engine_port *port,
		      const struct port_state_saved *state,
		      struct vs_reply *reply)
{
	char text[400];

	reply->ops->text(reply, NULL, state->name);
	snprintf(text, sizeof(text),
		 "port %s: what version %.63s of %.63s (GUID %s) saved is left "
		 "out: it is not on this switch's stack",
		 port->intent.name, state->version, state->name, state->guid);
	engine_event(port->owner->engine,
		     &(struct event_said){LOG_ENGINE, port->owner->name, "port",
					  "state_not_restored", text});
}

int engine_member_give(const struct engine_member *member, const char *port,
		       const struct port_state_saved *state,
		       struct vs_error *error)
{
	const struct vs_saved given = {
		.struct_size = sizeof(given),
		.guid = state->guid,
		.version = state->version,
		.port = port,
		.bytes = state->bytes,
		.size = state->size,
	};

	return vs_attachment_restore(member->attachment, &given, error);
}

static int restore_state(struct engine_member *member, const char *port,
			 const struct port_state_saved *state,
			 struct vs_error *error)
{
	struct vs_error why = {.code = 0};
	char path[sizeof(error->path)];

	if (engine_member_give(member, port, state, &why) == 0)
		return 0;
	snprintf(path, sizeof(path), "state[\"%s\"]%s%.60s", state->guid,
		 why.path[0] ? "." : "", why.path);
	return vs_error_set(error, why.code, path, "%s: %.400s",
			    member->extension->name, why.text);
}

static bool restore_flows(struct engine_port *port,
			  const struct port_saved *saved,
			  struct vs_error *error)
{
	int64_t taken = 0;

	for (uint16_t i = 0; i < saved->count && taken >= 0; i++)
		if (is_flows(&saved->states[i]))
			taken = xacl_restore(port->owner->sw, port->info.id,
					     saved->states[i].bytes,
					     saved->states[i].size, error);
	return taken > 0;
}

/* Each takes all of its own or nothing: the first refusal is the answer, and
 * says what the others took. */
static void restore_all(struct engine_port *port,
			const struct port_saved *saved, struct vs_reply *reply,
			struct vs_error *error)
{
	struct vs_error why = {.code = 0};
	uint16_t taken = 0;

	reply->ops->open_list(reply, "restored");
	if (restore_flows(port, saved, error))
		reply->ops->text(reply, NULL, FLOWS_NAME);
	for (uint16_t i = 0; i < saved->count; i++) {
		struct engine_member *member =
			owner_of(port->owner, &saved->states[i]);

		if (!member)
			continue;
		if (restore_state(member, port->intent.name, &saved->states[i],
				  error->code ? &why : error))
			continue;
		taken++;
		reply->ops->text(reply, NULL, member->extension->name);
	}
	reply->ops->close(reply);
	if (error->code && taken)
		snprintf(error->text + strlen(error->text),
			 sizeof(error->text) - strlen(error->text),
			 " (%u other%s took theirs)", taken,
			 taken > 1 ? "s" : "");
}

int engine_restore_port(struct request_engine *methods, const char *name,
			const struct port_saved *saved, struct vs_reply *reply,
			struct vs_error *error)
{
	struct engine_port *port =
		find_port(engine_of_methods(methods), name, error);

	if (!port || check_port(port, saved, error))
		return -error->code;
	reply->ops->text(reply, "port", name);
	restore_all(port, saved, reply, error);
	reply->ops->open_list(reply, "left_out");
	for (uint16_t i = 0; i < saved->count; i++)
		if (!is_flows(&saved->states[i]) &&
		    !owner_of(port->owner, &saved->states[i]))
			leave_out(port, &saved->states[i], reply);
	reply->ops->close(reply);
	return -error->code;
}
