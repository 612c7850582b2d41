/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader.h: turns the name of an extension into its descriptor.
 *
 * NAME is <directory>/NAME.so; another path only if the configuration allows
 * paths. Everything that can be checked is checked before anything of the
 * file is called: who could have written it, that it is a library, and what
 * it exports (descriptor.h). A refusal says the file and the fix; the loader
 * never exits, as it also serves `ext load` at run time. A library that was
 * accepted stays mapped until the process ends: frames, notes and tables may
 * point into it.
 *
 * Constructors of the library run inside dlopen, before its ABI is known;
 * that is why the file's owner and mode are checked first.
 */
#ifndef LOADER_H
#define LOADER_H

#include <vswitch/extension.h>

struct loader;

struct loader_config {
	const char *directory; /* of extensions; kept */
	bool paths_allowed;    /* loader_load may be given a path */
};

/* loader_create - NULL when out of memory. Main thread only, all of it. */
struct loader *loader_create(const struct loader_config *config);
/* loader_destroy - forgets; libraries stay mapped. NULL is allowed. */
void loader_destroy(struct loader *loader);

/*
 * loader_load - the descriptor of extension `name`, from `path` or, if that
 * is NULL, from the directory. Asking again gives the same descriptor as long
 * as the file is the same; a file that replaced it is another library. NULL:
 * refused, `error` says why.
 */
const struct vs_extension *loader_load(struct loader *loader, const char *name,
				       const char *path,
				       struct vs_error *error);

/*
 * The two halves of loader_load, for a process that may not open files:
 * loader_open answers there, loader_load_fd here.
 *
 * loader_open - open and check a file: no symbolic link, regular, its
 * directory and itself owned by root or us and writable by nobody else, an
 * ELF library. Returns the file descriptor, or -errno.
 *
 * loader_load_fd - map and check what loader_open gave; takes `fd`, whatever
 * the answer. `path` is only for messages.
 */
int loader_open(const char *path, struct vs_error *error);
const struct vs_extension *loader_load_fd(struct loader *loader,
					  const char *name, const char *path,
					  int fd, struct vs_error *error);

#endif
