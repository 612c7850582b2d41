// SPDX-License-Identifier: Apache-2.0
/*
 * complaint.c: the text of a failure, and which exit code an answer means.
 * client.c fills it from answers, everyone else from what was typed.
 */
#include "complaint.h"

#include <stdarg.h>
#include <stdio.h>

#include "value.h"

enum vs_exit complain(struct complaint *complaint, enum vs_exit code,
		      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, arguments);
	va_end(arguments);
	return code;
}

static enum vs_exit exit_of_code(json_int_t code)
{
	switch (code) {
	case VS_RPC_ABSENT:
		return VS_EXIT_ABSENT;
	case VS_RPC_NO_METHOD:
	case VS_RPC_PARAMS:
		return VS_EXIT_USAGE;
	default:
		return VS_EXIT_REFUSED;
	}
}

enum vs_exit complain_answer(struct complaint *complaint, json_t *error)
{
	json_t *data = json_object_get(error, "data");
	json_int_t asked = json_integer_value(json_object_get(data, "exit"));
	const char *message = member_text(error, "message");
	const char *path = member_text(data, "path");

	complaint_clear(complaint);
	complaint->error = json_incref(error);
	if (!*message)
		message = "vswitchd refused without a message";
	if (*path)
		complain(complaint, 0, "%s (%s)", message, path);
	else
		complain(complaint, 0, "%s", message);
	if (asked >= VS_EXIT_USAGE && asked <= VS_EXIT_TIMEOUT)
		return (enum vs_exit)asked;
	return exit_of_code(json_integer_value(json_object_get(error, "code")));
}

void complaint_clear(struct complaint *complaint)
{
	json_decref(complaint->error);
	complaint->error = NULL;
	complaint->text[0] = '\0';
}
