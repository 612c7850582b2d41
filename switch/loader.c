// SPDX-License-Identifier: Apache-2.0
/*
 * dlopen and what comes before it. Libraries are opened as /proc/self/fd/N, so
 * that what was checked is what is mapped. The dynamic linker remembers a
 * library by that name: N must never come to mean another file, so the
 * descriptor of every library that may still be mapped stays open.
 */
#define _GNU_SOURCE
#include "loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi.h"
#include "descriptor.h"

#define LIBRARIES 256u

struct library {
	dev_t device;
	ino_t inode;
	int fd;
	const struct vs_extension *extension; /* NULL: refused, but mapped */
};

struct loader {
	struct loader_config config;
	unsigned int count;
	struct library libraries[LIBRARIES];
};

struct loader *loader_create(const struct loader_config *config)
{
	struct loader *loader = calloc(1, sizeof(*loader));

	if (loader)
		loader->config = *config;
	return loader;
}

void loader_destroy(struct loader *loader)
{
	free(loader);
}

/* -- the file -- */

static bool is_trusted(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

static int check_directory(int fd, const char *path, struct vs_error *error)
{
	struct stat status;

	if (fstat(fd, &status))
		return vs_error_set(error, errno, path, "cannot be examined");
	if (!is_trusted(status.st_uid))
		return vs_error_set(error, EPERM, path,
				    "the directory belongs to uid %u: chown it "
				    "to root",
				    status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return vs_error_set(error, EPERM, path,
				    "the directory has mode %04o, others can "
				    "put a library there: chmod go-w",
				    status.st_mode & 07777);
	return 0;
}

/* A directory above that anybody may write to, without the sticky bit, lets
 * anybody exchange what lies below. `path` is cut on the way up. */
static int check_ancestors(char *path, struct vs_error *error)
{
	struct stat status;
	char *slash;

	while ((slash = strrchr(path, '/')) && path[1]) {
		slash[slash == path] = '\0';
		if (stat(path, &status))
			return vs_error_set(error, errno, path,
					    "cannot be examined");
		if (status.st_mode & S_IWOTH && !(status.st_mode & S_ISVTX))
			return vs_error_set(error, EPERM, path,
					    "the directory has mode %04o, "
					    "anybody can exchange what lies "
					    "below: chmod o-w",
					    status.st_mode & 07777);
	}
	return 0;
}

static int check_file(int fd, const char *path, struct vs_error *error)
{
	const unsigned char class =
		sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	struct stat status;
	Elf64_Ehdr header; /* e_ident and e_type lie alike in 32 bits */

	if (fstat(fd, &status))
		return vs_error_set(error, errno, path, "cannot be examined");
	if (!S_ISREG(status.st_mode))
		return vs_error_set(error, EINVAL, path,
				    "not a regular file: give the library "
				    "itself");
	if (!is_trusted(status.st_uid))
		return vs_error_set(error, EPERM, path,
				    "belongs to uid %u: chown it to root",
				    status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return vs_error_set(error, EPERM, path,
				    "has mode %04o, others can change it: "
				    "chmod go-w",
				    status.st_mode & 07777);
	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return vs_error_set(error, ENOEXEC, path,
				    "not an ELF file: build a shared library");
	if (header.e_ident[EI_CLASS] != class || header.e_type != ET_DYN)
		return vs_error_set(error, ENOEXEC, path,
				    "not a shared library for this machine: "
				    "link it with -shared");
	return 0;
}

static int open_checked(int directory, const char *path, const char *file,
			struct vs_error *error)
{
	int fd, result;

	fd = openat(directory, file,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return vs_error_set(error, ELOOP, path,
				    "a symbolic link: copy the library there");
	if (fd < 0)
		return vs_error_set(error, errno, path, "cannot be opened: %s",
				    strerror(errno));
	result = check_file(fd, path, error);
	if (result) {
		close(fd);
		return result;
	}
	return fd;
}

int loader_open(const char *path, struct vs_error *error)
{
	char folder[PATH_MAX], resolved[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int directory, result;

	if (!slash || path[0] != '/')
		return vs_error_set(error, EINVAL, path,
				    "not an absolute path: begin with /");
	if ((size_t)(slash - path) + 2 > sizeof(folder))
		return vs_error_set(error, ENAMETOOLONG, "",
				    "the path of the extension is too long");
	memcpy(folder, path, (size_t)(slash - path) + 1);
	folder[slash - path + 1] = '\0';
	if (!realpath(folder, resolved))
		return vs_error_set(error, errno, folder,
				    "the directory cannot be reached: %s",
				    strerror(errno));
	directory = open(resolved, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return vs_error_set(error, errno, resolved,
				    "the directory cannot be opened: %s",
				    strerror(errno));
	result = check_directory(directory, resolved, error);
	if (!result)
		result = check_ancestors(resolved, error);
	if (!result)
		result = open_checked(directory, path, slash + 1, error);
	close(directory);
	return result;
}

/* -- the library -- */

static struct library *find(struct loader *loader, const struct stat *status)
{
	unsigned int i;

	for (i = 0; i < loader->count; i++)
		if (loader->libraries[i].device == status->st_dev &&
		    loader->libraries[i].inode == status->st_ino)
			return &loader->libraries[i];
	return NULL;
}

/* dlerror's text begins with the name we opened; the reader knows the file. */
static const char *dl_reason(const char *link)
{
	const char *text = dlerror();
	size_t size = strlen(link);

	if (!text)
		return "unknown reason";
	if (strncmp(text, link, size) == 0 && text[size] == ':')
		return text + size + 2;
	return text;
}

/* A refused library is unmapped; where that fails, its fd must stay. */
static void let_go(struct library *library, void *handle, const char *link)
{
	dlclose(handle);
	handle = dlopen(link, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
	if (handle) {
		dlclose(handle);
		return;
	}
	close(library->fd);
	library->fd = -1;
}

/* What the library exports, as today's, once its ABI allows to look. */
static int read_descriptor(struct library *library, void *handle,
			   struct vs_error *error)
{
	const struct vs_extension *extension = dlsym(handle, "vs_extension");
	int result;

	if (!extension)
		return vs_error_set(error, ENOEXEC, "",
				    "exports no object vs_extension: it is no "
				    "extension, or hides its symbols");
	result = abi_check(&abi_rules, extension, error);
	if (result)
		return result;
	library->extension = abi_adopt(&abi_rules, extension);
	return library->extension
		       ? 0
		       : vs_error_set(error, ENOMEM, "", "out of memory");
}

static int map(struct library *library, const char *name, const char *path,
	       struct vs_error *error)
{
	char link[32];
	void *handle;
	int result;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", library->fd);
	handle = dlopen(link, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		result = vs_error_set(error, ENOEXEC, path,
				      "cannot be loaded: %s", dl_reason(link));
		close(library->fd);
		library->fd = -1;
		return result;
	}
	result = read_descriptor(library, handle, error);
	if (!result)
		result = descriptor_check(library->extension, name, error);
	if (!result)
		return 0;
	if (error)
		snprintf(error->path, sizeof(error->path), "%s", path);
	library->extension = NULL;
	let_go(library, handle, link);
	return result;
}

/* A library known from before: only its name is to be checked again. */
static int again(const struct library *library, const char *name,
		 const char *path, struct vs_error *error)
{
	int result;

	if (!library->extension)
		return vs_error_set(error, EINVAL, path,
				    "was refused before and could not be "
				    "unmapped: restart the daemon");
	result = descriptor_check(library->extension, name, error);
	if (result && error)
		snprintf(error->path, sizeof(error->path), "%s", path);
	return result;
}

const struct vs_extension *loader_load_fd(struct loader *loader,
					  const char *name, const char *path,
					  int fd, struct vs_error *error)
{
	struct library *library;
	struct stat status;
	int refused;

	if (fstat(fd, &status)) {
		vs_error_set(error, errno, path, "cannot be examined");
		goto fail;
	}
	library = find(loader, &status);
	if (library) {
		close(fd);
		refused = again(library, name, path, error);
		return refused ? NULL : library->extension;
	}
	if (loader->count == LIBRARIES) {
		vs_error_set(error, ENFILE, path,
			     "%u libraries are mapped already: restart the "
			     "daemon",
			     LIBRARIES);
		goto fail;
	}
	library = &loader->libraries[loader->count];
	*library = (struct library){status.st_dev, status.st_ino, fd, NULL};
	refused = map(library, name, path, error);
	if (library->fd >= 0)
		loader->count++;
	return refused ? NULL : library->extension;
fail:
	close(fd);
	return NULL;
}

/* Does the last part of the path read NAME.so? */
static bool is_called(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t size = strlen(name);

	return strncmp(base, name, size) == 0 &&
	       strcmp(base + size, ".so") == 0;
}

/* Which file is meant, into `file` (PATH_MAX bytes). */
static int locate(const struct loader *loader, const char *name,
		  const char *path, char *file, struct vs_error *error)
{
	int size;

	file[0] = '\0';
	if (!descriptor_name_valid(name))
		return vs_error_set(error, EINVAL, "",
				    "extension name invalid: letters, digits "
				    "and _.-, at most 63");
	if (path && !loader->config.paths_allowed)
		return vs_error_set(error, EPERM, path,
				    "only extensions in %s may be loaded: "
				    "install it there",
				    loader->config.directory);
	if (path && !is_called(path, name))
		return vs_error_set(error, EINVAL, path,
				    "the file of extension %s is called %s.so: "
				    "rename it",
				    name, name);
	if (path)
		size = snprintf(file, PATH_MAX, "%s", path);
	else
		size = snprintf(file, PATH_MAX, "%s/%s.so",
				loader->config.directory, name);
	if (size < 0 || size >= PATH_MAX)
		return vs_error_set(error, ENAMETOOLONG, "",
				    "the path of extension %s is too long",
				    name);
	return 0;
}

const struct vs_extension *loader_load(struct loader *loader, const char *name,
				       const char *path, struct vs_error *error)
{
	char file[PATH_MAX];
	int fd;

	if (locate(loader, name, path, file, error))
		return NULL;
	fd = loader_open(file, error);
	if (fd < 0)
		return NULL;
	return loader_load_fd(loader, name, file, fd, error);
}
