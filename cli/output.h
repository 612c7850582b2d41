/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h: where answers go: text for people, JSON for programs.
 *
 * Every command renders through this table, so that --json holds for each of
 * them: the JSON form is the daemon's result as it came.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include "complaint.h"

/* What a renderer may want to know beside the result; borrowed. */
struct view {
	const json_t *noun;   /* of the schema; NULL: no noun */
	const json_t *params; /* the request's */
};

/* Writes one result as text. */
typedef void output_render(FILE *stream, const struct view *view,
			   const json_t *result);

struct output {
	const struct output_ops *ops;
	FILE *stream; /* results */
	FILE *errors; /* complaints and warnings */
};

struct output_ops {
	void (*result)(const struct output *output, output_render *render,
		       const struct view *view, const json_t *result);
	/* one of a series: JSON on a line of its own, flushed */
	void (*event)(const struct output *output, output_render *render,
		      const json_t *event);
	void (*complaint)(const struct output *output,
			  const struct complaint *complaint, enum vs_exit code);
};

extern const struct output_ops output_text;
extern const struct output_ops output_json;

#endif
