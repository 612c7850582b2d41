// SPDX-License-Identifier: Apache-2.0
/*
 * abi.c: the sizes of each ABI, and the copy of what was shorter.
 */
#include "abi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZES_NOW                                                              \
	{                                                                      \
		.descriptor = sizeof(struct vs_extension),                     \
		.capture = sizeof(struct vs_capture_class),                    \
		.filter = sizeof(struct vs_filter_class),                      \
		.forward = sizeof(struct vs_forward_class),                    \
		.translate = sizeof(struct vs_translate_class),                \
	}

/* When a number is released its line gets the numbers of then, for ever, and
 * SIZES_NOW goes on to the next (tests/abi/keep says them). */
static const struct abi_sizes sizes[] = {
	[0] = SIZES_NOW,
};

_Static_assert(sizeof(sizes) / sizeof(sizes[0]) == VS_ABI + 1,
	       "a line for each ABI, the last one is today's");

const struct abi_rules abi_rules = {
	.current = VS_ABI,
	.build = VS_BUILD_ID,
	.sizes = sizes,
};

#define REFUSE(error, ...) vs_error_set(error, EINVAL, "", __VA_ARGS__)

static int check_build(const struct abi_rules *rules,
		       const struct vs_extension *extension,
		       struct vs_error *error)
{
	const char *build = extension->build;

	if (extension->abi || (build && strcmp(build, rules->build) == 0))
		return 0;
	return REFUSE(error,
		      "belongs to build %.64s, this switch is build %s: "
		      "while the ABI is 0, rebuild it with this "
		      "switch's headers",
		      build ? build : "(none)", rules->build);
}

int abi_check(const struct abi_rules *rules,
	      const struct vs_extension *extension, struct vs_error *error)
{
	uint32_t first = rules->current ? 1 : 0;

	if (extension->abi < first || extension->abi > rules->current)
		return REFUSE(error,
			      "built for ABI %u, this switch has ABI %u: "
			      "rebuild it with this switch's headers",
			      extension->abi, rules->current);
	if (extension->size != rules->sizes[extension->abi].descriptor)
		return REFUSE(error,
			      "its descriptor has %u bytes, this switch's %u: "
			      "rebuild it with this switch's headers",
			      extension->size,
			      rules->sizes[extension->abi].descriptor);
	return check_build(rules, extension, error);
}

/* A descriptor and its tables, in the sizes of now. */
struct adopted {
	struct vs_extension extension; /* first */
	struct vs_capture_class capture;
	struct vs_filter_class filter;
	struct vs_forward_class forward;
	struct vs_translate_class translate;
};

static void copy_tables(struct adopted *to, const struct abi_sizes *then)
{
	struct vs_extension *extension = &to->extension;

	if (extension->capture) {
		memcpy(&to->capture, extension->capture, then->capture);
		extension->capture = &to->capture;
	}
	if (extension->filter) {
		memcpy(&to->filter, extension->filter, then->filter);
		extension->filter = &to->filter;
	}
	if (extension->forward) {
		memcpy(&to->forward, extension->forward, then->forward);
		extension->forward = &to->forward;
	}
	if (extension->translate) {
		memcpy(&to->translate, extension->translate, then->translate);
		extension->translate = &to->translate;
	}
}

const struct vs_extension *abi_adopt(const struct abi_rules *rules,
				     const struct vs_extension *extension)
{
	const struct abi_sizes *then = &rules->sizes[extension->abi];
	const struct abi_sizes *now = &rules->sizes[rules->current];
	struct adopted *adopted;

	if (memcmp(then, now, sizeof(*now)) == 0)
		return extension;
	adopted = calloc(1, sizeof(*adopted));
	if (!adopted)
		return NULL;
	memcpy(&adopted->extension, extension, then->descriptor);
	copy_tables(adopted, then);
	return &adopted->extension;
}
