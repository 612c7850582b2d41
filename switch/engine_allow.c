/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_allow.c: the extensions' word before something comes to be: changes
 * of a switch's policy, and devices that are about to be connected (hnv.md C6).
 * What they say no to does not happen, and their name is on it.
 */
#include "engine_allow.h"

#include <stdio.h>

#include "control/settings_cursor.h"
#include "control/veto.h"
#include "engine_switch.h"
#include "log.h"

#define LEAST_MTU 576u /* what IPv4 must be able to carry */

int engine_allow_change(const struct build *build, struct vs_error *error)
{
	const struct engine_switch *es = build->es;
	struct veto_seat seats[ENGINE_STACK];
	struct settings_cursor cursor;

	for (uint16_t i = 0; i < es->prepared_count; i++)
		seats[i] = (struct veto_seat){
			.extension = es->prepared_stack[i].extension,
			.instance = vs_attachment_instance(
				es->prepared_stack[i].attachment)};
	settings_cursor_open(&cursor, build->store, build->object,
			     build->maker);
	return veto_ask(build->engine->schema, &cursor.settings, seats,
			es->prepared_count, error);
}

/* -- devices ----------------------------------------------------------------
 */

/* False: it does not let the device in, or does not know what it says. */
static bool ask_one(const struct engine_port *port,
		    const struct engine_member *member,
		    struct vs_nic_terms *terms, char *why, size_t size)
{
	const struct vs_extension *extension = member->extension;
	struct vs_nic_terms said = *terms;
	struct vs_error error = {.code = 0};

	if (!extension->allow_nic)
		return true;
	if (extension->allow_nic(vs_attachment_instance(member->attachment),
				 &port->info, &said, &error)) {
		snprintf(why, size, "extension %.32s does not allow it: %.80s",
			 extension->name,
			 error.text[0] ? error.text : "it does not say why");
		return false;
	}
	if (said.mtu > terms->mtu ||
	    (said.mtu < LEAST_MTU && said.mtu < terms->mtu)) {
		snprintf(why, size,
			 "extension %.32s makes an MTU of %u from %u; it may "
			 "lower it, to %u at the least",
			 extension->name, said.mtu, terms->mtu, LEAST_MTU);
		return false;
	}
	if (said.mtu < terms->mtu) {
		char text[120];

		snprintf(text, sizeof(text),
			 "extension %.32s lowers its MTU from %u to %u",
			 extension->name, terms->mtu, said.mtu);
		engine_event(port->owner->engine,
			     &(struct event_said){LOG_IO, port->owner->name,
						  port->intent.name,
						  "mtu_lowered", text});
	}
	*terms = said;
	return true;
}

bool engine_allow_nic(struct engine_port *port, char *why, size_t size)
{
	const struct engine_switch *es = port->owner;
	bool ours = port->intent.driver == DRIVER_TAP ||
		    port->intent.driver == DRIVER_HOST;
	struct vs_nic_terms terms = {.struct_size = sizeof(terms),
				     .mtu = port->info.mtu};

	port->device.mtu_limit = 0;
	if (port->info.kind == VS_PORT_UPLINK)
		return true;
	if (ours && port->dress.mtu)
		terms.mtu = port->dress.mtu;
	for (uint16_t i = 0; i < es->stack_count; i++)
		if (!ask_one(port, &es->stack[i], &terms, why, size))
			return false;
	if (ours) {
		port->device.mtu_limit = terms.mtu;
	} else if (port->intent.driver != DRIVER_PACKET) {
		port->info.mtu = terms.mtu;
	} else if (terms.mtu < port->info.mtu) {
		snprintf(why, size,
			 "an extension wants an MTU of %u at the most, the "
			 "device has %u: ip link set %.15s mtu %u",
			 terms.mtu, port->info.mtu, port->intent.device,
			 terms.mtu);
		return false;
	}
	return true;
}

uint16_t engine_allow_mtu(const struct engine_port *port)
{
	if (port->device.mtu_limit && port->device.mtu_limit < port->dress.mtu)
		return port->device.mtu_limit;
	return port->dress.mtu ? port->dress.mtu : port->device.mtu_limit;
}
