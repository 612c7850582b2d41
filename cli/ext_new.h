/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ext_new.h: `ext new NAME`: a directory with an extension that builds, tests
 * itself and loads. No daemon is asked.
 *
 * Before this file: ext.c. After it: ext_template.c, the texts.
 */
#ifndef CLI_EXT_NEW_H
#define CLI_EXT_NEW_H

#include "options.h"

struct session;

/* ext_new - the words behind `ext new`. */
enum vs_exit ext_new(struct session *session, const struct words *words,
		     struct complaint *complaint);

/* A file of the project: @NAME@, @GUID@, @CLASS@ stand for what they say; in
 * `path` @NAME@ does. */
struct ext_template {
	const char *path;
	const char *text;
};

/* What differs between the classes; order as on the stack. */
struct ext_class {
	const char *name;
	const char *source, *frames, *expected;
};

#define EXT_CLASSES 4
extern const struct ext_class ext_classes[EXT_CLASSES];
/* What does not; ended by a path of NULL. */
extern const struct ext_template ext_templates[];

#endif
