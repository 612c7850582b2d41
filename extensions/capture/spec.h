/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec.h: what a capture shall be, in the words of its noun and of its method.
 */
#ifndef CAPTURE_SPEC_H
#define CAPTURE_SPEC_H

#include "capture.h"

enum {
	FIELD_NAME,
	FIELD_PORT,
	FIELD_DIRECTION,
	FIELD_WIRE,
	FIELD_FILTER,
	FIELD_SNAP,
	FIELD_FILE,
	FIELD_STATE,
	FIELD_FRAMES,
	FIELD_LOST,
	FIELDS
};

enum {
	ARGUMENT_PORT,
	ARGUMENT_DIRECTION,
	ARGUMENT_WIRE,
	ARGUMENT_FILTER,
	ARGUMENT_SNAP,
	ARGUMENT_COUNT,
	ARGUMENTS
};

extern const struct vs_field spec_fields[FIELDS];
extern const struct vs_field spec_arguments[ARGUMENTS];

/* spec_of_object - of the noun's. */
void spec_of_object(struct spec *spec, const struct vs_settings_ops *ops,
		    const struct vs_object *object);
/* spec_of_arguments - of the method's, ARGUMENTS of them. */
void spec_of_arguments(struct spec *spec, const struct vs_value *values);

#endif
