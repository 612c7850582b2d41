/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_file.c: files by role, the control socket, extensions.
 *
 * Decides what may be opened: a name within a role's directory, or an
 * absolute path where the role says so; regular files only. Before it:
 * privileged_local.c; after it: the engine, the loader, writer.c.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <vswitch/control.h>

#define WHOLE_PATH (2 * PRIV_PATH + 32)

/* Where a role's files are and how they are opened. */
struct role {
	const char *base; /* below rundir or statedir; NULL = absolute path */
	bool run;	  /* below rundir */
	bool named;	  /* request->path is a name in the directory `base` */
	int flags, write_flags;
};

static const struct role roles[] = {
	[PRIV_FILE_LOCK] = {"/vswitchd.lock", true, false, O_RDWR | O_CREAT, 0},
	[PRIV_FILE_DOCUMENT] = {"/policy.json", false, false, O_RDONLY, 0},
	[PRIV_FILE_DOCUMENT_NEW] = {"/policy.json.new", false, false,
				    O_WRONLY | O_CREAT | O_TRUNC, 0},
	[PRIV_FILE_JOURNAL] = {"/journal", false, false,
			       O_RDWR | O_CREAT | O_APPEND, 0},
	[PRIV_FILE_JOURNAL_BAD] = {"/journal.bad", false, false,
				   O_WRONLY | O_CREAT | O_TRUNC, 0},
	[PRIV_FILE_GENERATION] = {"/generations/", false, true, O_RDONLY,
				  O_WRONLY | O_CREAT | O_TRUNC},
	[PRIV_FILE_STATE_DIR] = {"", false, false, O_RDONLY | O_DIRECTORY, 0},
	[PRIV_FILE_CAPTURE] = {"/captures/", false, true,
			       O_WRONLY | O_CREAT | O_TRUNC, 0},
	[PRIV_FILE_PCAP_IN] = {NULL, false, false, O_RDONLY, 0},
	[PRIV_FILE_PCAP_OUT] = {NULL, false, false,
				O_WRONLY | O_CREAT | O_TRUNC, 0},
	[PRIV_FILE_SAVED] = {"/saved.json", false, false, O_RDONLY,
			     O_WRONLY | O_CREAT | O_TRUNC},
};
_Static_assert(sizeof(roles) / sizeof(roles[0]) == PRIV_FILE_ROLES,
	       "each role is there");

static bool plain_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

static int role_path(struct privileged_job *job, const struct role *role,
		     char path[WHOLE_PATH])
{
	const char *name = job->request->path;

	if (!role->base) {
		if (name[0] != '/')
			return priv_fail(job, EINVAL,
					 "\"%s\" is not an absolute path",
					 name);
		snprintf(path, WHOLE_PATH, "%s", name);
		return 0;
	}
	if (role->named && !plain_name(name))
		return priv_fail(job, EINVAL, "\"%s\" is not a file name",
				 name);
	snprintf(path, WHOLE_PATH, "%s%s%s",
		 role->run ? job->paths->rundir : job->paths->statedir,
		 role->base, role->named ? name : "");
	return 0;
}

/* Made if it is not there; its parents must be. */
static int make_directory(struct privileged_job *job, const char *path,
			  mode_t mode)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	return priv_fail(job, errno, "directory %s: %s", path, strerror(errno));
}

static int make_directories(struct privileged_job *job, const struct role *role)
{
	const struct privileged_paths *paths = job->paths;
	char path[WHOLE_PATH];
	int error;

	if (!role->base)
		return 0;
	error = role->run ? make_directory(job, paths->rundir, 0755)
			  : make_directory(job, paths->statedir, 0750);
	if (error || !role->named)
		return error;
	snprintf(path, sizeof(path), "%s%s",
		 role->run ? paths->rundir : paths->statedir, role->base);
	path[strlen(path) - 1] = '\0'; /* the slash */
	return make_directory(job, path, 0750);
}

/* What two daemons must not share: a run directory, a state directory. */
static bool is_exclusive(uint32_t role)
{
	return role == PRIV_FILE_LOCK || role == PRIV_FILE_STATE_DIR;
}

int priv_open_file(struct privileged_job *job)
{
	const struct role *role;
	char path[WHOLE_PATH];
	struct stat status;
	int fd, flags, error;

	if (job->request->role >= PRIV_FILE_ROLES)
		return priv_fail(job, EINVAL, "no such file role");
	role = &roles[job->request->role];
	error = role_path(job, role, path);
	if (!error)
		error = make_directories(job, role);
	if (error)
		return error;
	flags = role->write_flags && job->request->flags & PRIV_FLAG_WRITE
			? role->write_flags
			: role->flags;
	/* O_NONBLOCK: a FIFO or a device must not hang us before we look */
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0640);
	if (fd < 0)
		return priv_fail(job, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &status) < 0 ||
	    (!S_ISREG(status.st_mode) && !(flags & O_DIRECTORY))) {
		close(fd);
		return priv_fail(job, EINVAL, "%s is not a regular file", path);
	}
	if (is_exclusive(job->request->role) &&
	    flock(fd, LOCK_EX | LOCK_NB) < 0) {
		error = errno;
		close(fd);
		return priv_fail(job, error, "%s is held by another daemon",
				 path);
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	job->fds[0] = fd;
	return 0;
}

/* -- the control socket -----------------------------------------------------
 */

/* Does somebody listen there? Then it is not ours to remove. */
static bool listened(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive = fd >= 0 && (connect(fd, (const struct sockaddr *)address,
					 sizeof(*address)) == 0 ||
				 errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return alive;
}

/* A group that was named must be there; the usual one need not: -1. */
static int find_group(struct privileged_job *job, gid_t *gid)
{
	const char *name = job->paths->group;
	struct group *group = getgrnam(name[0] ? name : VS_RPC_GROUP);

	*gid = group ? group->gr_gid : (gid_t)-1;
	if (group || !name[0])
		return 0;
	return priv_fail(job, ENOENT, "there is no group %s", name);
}

/* 0660, and the group's. */
static int give(struct privileged_job *job, const char *path, gid_t group)
{
	const char *name = job->paths->group;

	if (chown(path, (uid_t)-1, group) < 0 && name[0])
		return priv_fail(job, errno, "%s: not to be given to %s: %s",
				 path, name, strerror(errno));
	chmod(path, 0660);
	return 0;
}

static int listen_at(struct privileged_job *job, int fd,
		     const struct sockaddr_un *address, gid_t group)
{
	mode_t before = umask(0177);
	int bound =
		bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int error;

	umask(before);
	if (bound < 0)
		return priv_fail(job, errno, "%s: %s", address->sun_path,
				 strerror(errno));
	error = give(job, address->sun_path, group);
	if (!error && listen(fd, 64) < 0)
		error = priv_fail(job, errno, "listen: %s", strerror(errno));
	if (error)
		unlink(address->sun_path);
	return error;
}

int priv_open_listener(struct privileged_job *job)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;
	gid_t group;

	if (!plain_name(job->request->path))
		return priv_fail(job, EINVAL, "\"%s\" is not a socket name",
				 job->request->path);
	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s",
		     job->paths->rundir,
		     job->request->path) >= (int)sizeof(address.sun_path))
		return priv_fail(job, ENAMETOOLONG,
				 "%s is too long for a socket's path",
				 job->paths->rundir);
	error = find_group(job, &group);
	if (!error)
		error = make_directory(job, job->paths->rundir, 0755);
	if (error)
		return error;
	if (listened(&address))
		return priv_fail(job, EADDRINUSE, "%s: another daemon listens",
				 address.sun_path);
	unlink(address.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return priv_fail(job, errno, "socket: %s", strerror(errno));
	error = listen_at(job, fd, &address, group);
	if (error) {
		close(fd);
		return error;
	}
	job->fds[0] = fd;
	return 0;
}

/* -- extensions
 * ---------------------------------------------------------------- */

/* Code that runs inside the switch: nobody else may have written it. */
static int extension_check(struct privileged_job *job, int fd, const char *path)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return priv_fail(job, EINVAL, "%s is not a regular file", path);
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return priv_fail(job, EPERM,
				 "%s belongs to uid %u, not to root", path,
				 status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return priv_fail(job, EPERM,
				 "%s may be written by others: chmod go-w",
				 path);
	return 0;
}

int priv_open_extension(struct privileged_job *job)
{
	const char *name = job->request->path;
	char path[WHOLE_PATH];
	int fd, error;

	if (name[0] == '/')
		snprintf(path, sizeof(path), "%s", name);
	else if (plain_name(name))
		snprintf(path, sizeof(path), "%s/%s.so", job->paths->extensions,
			 name);
	else
		return priv_fail(job, EINVAL,
				 "\"%s\" is neither a name nor an absolute "
				 "path",
				 name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return priv_fail(job, errno, "%s: %s", path, strerror(errno));
	error = extension_check(job, fd, path);
	if (error) {
		close(fd);
		return error;
	}
	job->fds[0] = fd;
	return 0;
}
