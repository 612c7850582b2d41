/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stack.h: which extensions a switch has, top to bottom, by what its object
 * says or, where that says nothing, by what is usual. The word `none` alone is
 * a stack without any.
 *
 * Before this file: schema.h. After it: check.c, which refuses a wrong order;
 * request_ext.c, which changes it; the engine, which builds it.
 */
#ifndef CONTROL_STACK_H
#define CONTROL_STACK_H

#include <vswitch/extension.h>
#include <vswitch/settings.h>

#define STACK_NAMES 32u
#define STACK_NONE  "none"

struct schema;

/* stack_rank - the class as a place: 0 is capture, on top; 3 translate. */
int stack_rank(const struct vs_extension *extension);
/* stack_class - "capture", "filter", "forward" or "translate". */
const char *stack_class(const struct vs_extension *extension);
/* stack_extension - of those that are there, or NULL. */
const struct vs_extension *stack_extension(const struct schema *schema,
					   const char *name);
/* stack_names - of a switch; those of `sw` live as long as it. How many. */
uint16_t stack_names(const struct schema *schema, const struct vs_object *sw,
		     const char *names[STACK_NAMES]);

#endif
