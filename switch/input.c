/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.c: see input.h. Before it: main.c; after it: daemon_config.h for the
 * configuration, engine_dump.c for a document.
 */
#define _GNU_SOURCE /* memfd_create */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <vswitch/control.h>
#include <vswitch/extension.h>

/* Of a file system; what stands behind | or in <(...) has its writer. */
static bool has_name(int fd)
{
	struct statfs system;

	return fstatfs(fd, &system) < 0 || system.f_type != PIPEFS_MAGIC;
}

/* NULL: it is read; else what it is. */
static const char *objection(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return strerror(errno);
	if (S_ISREG(status.st_mode))
		return NULL;
	if (S_ISFIFO(status.st_mode))
		return has_name(fd) ? "a named pipe, not a file" : NULL;
	if (S_ISDIR(status.st_mode))
		return "a directory, not a file";
	/* for an empty file */
	if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))
		return NULL;
	return "a device, not a file";
}

FILE *input_open(const char *file, struct vs_error *error)
{
	/* O_NONBLOCK: a pipe without a writer must not hang us before we look
	 */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *what;
	FILE *stream;

	if (fd < 0) {
		vs_error_set(error, errno, "", "%s: %s", file, strerror(errno));
		return NULL;
	}
	what = objection(fd);
	if (what) {
		vs_error_set(error, EINVAL, "", "%s is %s", file, what);
		close(fd);
		return NULL;
	}
	fcntl(fd, F_SETFL, 0);
	stream = fdopen(fd, "r");
	if (!stream) {
		vs_error_set(error, errno, "", "%s: %s", file, strerror(errno));
		close(fd);
	}
	return stream;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

/* 0 or -errno. */
static int copy(FILE *from, int to)
{
	char block[65536];
	size_t size, room = VS_RPC_DOCUMENT_SIZE;

	while ((size = fread(block, 1, sizeof(block), from)) > 0) {
		if (size > room)
			return -EFBIG;
		room -= size;
		if (!write_all(to, block, size))
			return -errno;
	}
	return ferror(from) ? -errno : 0;
}

static int seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS,
		     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0
		       ? -errno
		       : 0;
}

static int refused(const char *file, int result, struct vs_error *error)
{
	if (result == -EFBIG)
		return vs_error_set(error, EFBIG, "",
				    "%s: no document is larger than %d MiB",
				    file, VS_RPC_DOCUMENT_SIZE >> 20);
	return vs_error_set(error, -result, "", "%s: could not be read: %s",
			    file, strerror(-result));
}

int input_document(const char *file, struct vs_error *error)
{
	FILE *stream = strcmp(file, "-") ? input_open(file, error) : stdin;
	int fd, result;

	if (!stream)
		return -error->code;
	fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	result = fd < 0 ? -errno : copy(stream, fd);
	if (!result)
		result = seal(fd);
	if (stream != stdin)
		fclose(stream);
	if (!result)
		return fd;
	if (fd >= 0)
		close(fd);
	return refused(file, result, error);
}
