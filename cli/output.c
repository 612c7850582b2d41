// SPDX-License-Identifier: Apache-2.0
/*
 * output.c: the two forms of every answer. Warnings of an accepted change go
 * to the error stream in both, complaints too; in JSON the complaint stands
 * on the output as well, as {"error": ...}.
 */
#include "output.h"

#include "value.h"

static void print_warnings(const struct output *output, const json_t *result)
{
	size_t i;
	json_t *warning;

	json_array_foreach(json_object_get(result, "warnings"), i, warning)
	{
		const char *path = member_text(warning, "path");

		fprintf(output->errors, "vsctl: warning: %s%s%s%s\n",
			member_text(warning, "text"), *path ? " (" : "", path,
			*path ? ")" : "");
	}
}

static void text_result(const struct output *output, output_render *render,
			const struct view *view, const json_t *result)
{
	render(output->stream, view, result);
	fflush(output->stream);
	print_warnings(output, result);
}

static void text_event(const struct output *output, output_render *render,
		       const json_t *event)
{
	const struct view view = {0};

	render(output->stream, &view, event);
	fflush(output->stream);
}

static void text_complaint(const struct output *output,
			   const struct complaint *complaint, enum vs_exit code)
{
	(void)code;
	fprintf(output->errors, "vsctl: %s\n", complaint->text);
}

static void json_result(const struct output *output, output_render *render,
			const struct view *view, const json_t *result)
{
	(void)render;
	(void)view;
	json_dumpf(result, output->stream, JSON_INDENT(2) | JSON_ENCODE_ANY);
	fputc('\n', output->stream);
	fflush(output->stream);
	print_warnings(output, result);
}

static void json_event(const struct output *output, output_render *render,
		       const json_t *event)
{
	(void)render;
	json_dumpf(event, output->stream, JSON_COMPACT | JSON_ENCODE_ANY);
	fputc('\n', output->stream);
	fflush(output->stream);
}

static void json_complaint(const struct output *output,
			   const struct complaint *complaint, enum vs_exit code)
{
	const struct view view = {0};
	json_t *whole;

	if (complaint->error)
		whole = json_pack("{s:O}", "error", complaint->error);
	else
		whole = json_pack("{s:{s:s, s:{s:i}}}", "error", "message",
				  complaint->text, "data", "exit", code);
	if (whole)
		json_result(output, NULL, &view, whole);
	json_decref(whole);
	text_complaint(output, complaint, code);
}

const struct output_ops output_text = {text_result, text_event, text_complaint};
const struct output_ops output_json = {json_result, json_event, json_complaint};
