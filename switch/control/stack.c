// SPDX-License-Identifier: Apache-2.0
/*
 * stack.c: see stack.h. It knows no rules of order but the classes' ranks.
 */
#include "control/stack.h"

#include <string.h>

#include "control/schema.h"
#include "control/store.h"

static const char *const usual[] = {"capture", "wnv"};

int stack_rank(const struct vs_extension *extension)
{
	return extension->capture   ? 0
	       : extension->filter  ? 1
	       : extension->forward ? 2
				    : 3;
}

const char *stack_class(const struct vs_extension *extension)
{
	static const char *const names[] = {"capture", "filter", "forward",
					    "translate"};

	return names[stack_rank(extension)];
}

const struct vs_extension *stack_extension(const struct schema *schema,
					   const char *name)
{
	const struct schema_config *tables = schema_tables(schema);

	for (uint16_t i = 0; i < tables->extension_count; i++)
		if (strcmp(tables->extensions[i]->name, name) == 0)
			return tables->extensions[i];
	return NULL;
}

uint16_t stack_names(const struct schema *schema, const struct vs_object *sw,
		     const char *names[STACK_NAMES])
{
	const struct vs_value *stack = object_value(sw, VS_SWITCH_STACK);
	uint16_t count = 0;

	if (stack->present && stack->count == 1 &&
	    strcmp(stack->list[0].text, STACK_NONE) == 0)
		return 0;
	for (uint16_t i = 0; stack->present && i < stack->count; i++)
		if (count < STACK_NAMES)
			names[count++] = stack->list[i].text;
	if (stack->present)
		return count;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (stack_extension(schema, usual[i]))
			names[count++] = usual[i];
	return count;
}
