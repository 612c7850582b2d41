// SPDX-License-Identifier: Apache-2.0
/*
 * port_saved.c: see port_saved.h. Every fault of a document is named with its
 * place; what an extension's bytes mean is not judged here.
 */
#include "control/port_saved.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json_text.h"
#include "control/words.h"
#include "packet/hex.h"

#define PLACE 192

void port_saved_clear(struct port_saved *saved)
{
	for (uint16_t i = 0; i < saved->count; i++)
		free(saved->states[i].bytes);
	*saved = (struct port_saved){.count = 0};
}

/* -- bytes ----------------------------------------------------------------- */

static json_t *bytes_write(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size * 2 + 1);
	json_t *json = NULL;

	if (!text)
		return NULL;
	for (size_t i = 0; i < size; i++)
		hex_write(bytes[i], text + i * 2);
	text[size * 2] = '\0';
	json = json_string(text);
	free(text);
	return json;
}

static int bytes_read(const char *text, struct port_state_saved *state,
		      const char *place, struct vs_error *error)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (hex_digit(text[i]) < 0)
			return vs_error_set(error, EINVAL, place,
					    "character %zu is no hexadecimal "
					    "digit (0 to 9, a to f)",
					    i + 1);
	if (!length || length % 2)
		return vs_error_set(error, EINVAL, place,
				    "%zu digits: two make a byte, and there "
				    "must be one",
				    length);
	state->size = length / 2;
	state->bytes = malloc(state->size);
	if (!state->bytes)
		return vs_error_set(error, ENOMEM, place, "out of memory");
	for (size_t i = 0; i < state->size; i++)
		state->bytes[i] = (uint8_t)hex_byte(text + i * 2);
	return 0;
}

/* -- written --------------------------------------------------------------- */

json_t *port_saved_write(const struct port_saved *saved)
{
	json_t *port = json_object(), *states = json_object();
	char mac[VS_MAC_TEXT], guid[VS_UUID_TEXT];
	bool complete = port && states;
	struct vs_uuid uuid;

	json_object_set_new(port, "name", json_text_string(saved->port));
	if (saved->vsid.value)
		json_object_set_new(port, "vsid",
				    json_integer(saved->vsid.value));
	if (!vs_mac_is_zero(&saved->mac))
		json_object_set_new(
			port, "mac",
			json_string(vs_mac_format(&saved->mac, mac)));
	for (uint16_t i = 0; complete && i < saved->count; i++) {
		const struct port_state_saved *state = &saved->states[i];
		json_t *bytes = bytes_write(state->bytes, state->size);

		/* as it is read: in one form */
		complete = bytes && vs_uuid_parse(state->guid, &uuid) == 0 &&
			   json_object_set_new(
				   states, vs_uuid_format(&uuid, guid),
				   json_pack("{s:o, s:o, s:o}", "name",
					     json_text_string(state->name),
					     "version",
					     json_text_string(state->version),
					     "bytes", bytes)) == 0;
	}
	if (complete)
		return json_pack("{s:i, s:o, s:o}", "format", PORT_SAVED_FORMAT,
				 "port", port, "state", states);
	json_decref(port);
	json_decref(states);
	return NULL;
}

/* -- read ------------------------------------------------------------------ */

/* Nothing but these; `names` ends with NULL. */
static int check_members(const json_t *object, const char *place,
			 const char *const *names, struct vs_error *error)
{
	struct words_nearest nearest;
	const char *name;
	char path[PLACE], hint[96];
	json_t *each;
	size_t i;

	if (!json_is_object(object))
		return vs_error_set(error, EINVAL, place, "%s%sno object",
				    place, *place ? ": " : "");
	json_object_foreach((json_t *)(uintptr_t)object, name, each)
	{
		nearest = (struct words_nearest){.word = name};
		for (i = 0; names[i] && strcmp(names[i], name) != 0; i++)
			words_offer(&nearest, names[i]);
		if (names[i])
			continue;
		snprintf(path, sizeof(path), "%.100s%s%.60s", place,
			 *place ? "." : "", name);
		return vs_error_set(error, EINVAL, path,
				    "unknown member '%.60s'%s", name,
				    words_hint(&nearest, hint));
	}
	return 0;
}

static int read_text(const json_t *object, const char *member,
		     const char *place, char text[PORT_SAVED_TEXT],
		     struct vs_error *error)
{
	const char *given = json_string_value(json_object_get(object, member));
	char path[PLACE];

	snprintf(path, sizeof(path), "%.120s.%s", place, member);
	if (!given || !*given)
		return vs_error_set(error, EINVAL, path,
				    "%s: a text is missing", member);
	if (strlen(given) >= PORT_SAVED_TEXT)
		return vs_error_set(error, EINVAL, path,
				    "%s: longer than %u characters", member,
				    PORT_SAVED_TEXT - 1);
	strcpy(text, given);
	return 0;
}

static int read_port(const json_t *port, struct port_saved *saved,
		     struct vs_error *error)
{
	static const char *const names[] = {"name", "vsid", "mac", NULL};
	const json_t *vsid = json_object_get(port, "vsid");
	const json_t *mac = json_object_get(port, "mac");
	json_int_t number = json_integer_value(vsid);
	int rc = check_members(port, "port", names, error);

	_Static_assert(sizeof(saved->port) >= PORT_SAVED_TEXT, "room");
	if (!rc)
		rc = read_text(port, "name", "port", saved->port, error);
	if (rc)
		return rc;
	if (vsid && (!json_is_integer(vsid) || number < VS_VSID_MINIMUM ||
		     number > VS_VSID_MAXIMUM))
		return vs_error_set(error, EINVAL, "port.vsid",
				    "no VSID (%u to %u)", VS_VSID_MINIMUM,
				    VS_VSID_MAXIMUM);
	saved->vsid.value = (uint32_t)number;
	if (mac && (!json_is_string(mac) ||
		    vs_mac_parse(json_string_value(mac), &saved->mac)))
		return vs_error_set(error, EINVAL, "port.mac",
				    "no MAC address, as in 02:00:00:00:00:05");
	return 0;
}

static int read_state(const json_t *object, const char *guid,
		      struct port_state_saved *state, struct vs_error *error)
{
	static const char *const names[] = {"name", "version", "bytes", NULL};
	const char *bytes = json_string_value(json_object_get(object, "bytes"));
	char place[PLACE], path[PLACE + 8];
	struct vs_uuid uuid;
	int rc;

	snprintf(place, sizeof(place), "state[\"%.60s\"]", guid);
	if (vs_uuid_parse(guid, &uuid))
		return vs_error_set(error, EINVAL, place,
				    "no GUID, as in "
				    "11111111-2222-3333-4444-555555555555");
	vs_uuid_format(&uuid, state->guid);
	rc = check_members(object, place, names, error);
	if (!rc)
		rc = read_text(object, "name", place, state->name, error);
	if (!rc)
		rc = read_text(object, "version", place, state->version, error);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s.bytes", place);
	if (!bytes)
		return vs_error_set(error, EINVAL, path,
				    "bytes: a text is missing");
	return bytes_read(bytes, state, path, error);
}

static int read_states(const json_t *states, struct port_saved *saved,
		       struct vs_error *error)
{
	const char *guid;
	json_t *each;
	int rc;

	if (!json_is_object(states))
		return vs_error_set(error, EINVAL, "state",
				    "state: an object is missing");
	if (json_object_size(states) > PORT_SAVED_STATES)
		return vs_error_set(error, E2BIG, "state",
				    "more than %u extensions",
				    PORT_SAVED_STATES);
	json_object_foreach((json_t *)(uintptr_t)states, guid, each)
	{
		rc = read_state(each, guid, &saved->states[saved->count++],
				error);
		if (rc)
			return rc;
	}
	return 0;
}

int port_saved_read(const json_t *document, struct port_saved *saved,
		    struct vs_error *error)
{
	static const char *const names[] = {"format", "port", "state", NULL};
	const json_t *format = json_object_get(document, "format");
	int rc = check_members(document, "", names, error);

	*saved = (struct port_saved){.count = 0};
	if (rc)
		return rc;
	if (!json_is_integer(format) ||
	    json_integer_value(format) != PORT_SAVED_FORMAT)
		return vs_error_set(error, EINVAL, "format",
				    "not %d: this version reads no other "
				    "format; it wants what vsctl port save "
				    "wrote",
				    PORT_SAVED_FORMAT);
	rc = read_port(json_object_get(document, "port"), saved, error);
	return rc ? rc
		  : read_states(json_object_get(document, "state"), saved,
				error);
}
