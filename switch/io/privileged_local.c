/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_local.c: answer privileged requests in process.
 *
 * Decides: who gets which answer when, and closes what nobody took. The
 * operations are in privileged_tap.c, privileged_netdev.c, privileged_packet.c,
 * privileged_file.c and others. Before it: the engine and watch.c; after it:
 * the kernel.
 */
#include "io/privileged_local.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_MAXIMUM 1024u

struct waiting {
	struct waiting *next;
	struct priv_caller *caller; /* NULL = cancelled */
	int fd;
	struct priv_request request;
};

struct privileged {
	struct privileged_paths paths;
	int event;
	unsigned int count;
	struct waiting *first, **end;
};

static int (*const operations[])(struct privileged_job *job) = {
	[PRIV_OPEN_TAP] = priv_open_tap,
	[PRIV_OPEN_NETDEV] = priv_open_netdev,
	[PRIV_SET_LINK] = priv_set_link,
	[PRIV_WATCH_NETNS] = priv_watch_netns,
	[PRIV_HOLD_PROTOCOL] = priv_hold_protocol,
	[PRIV_SET_FILTER] = priv_set_filter,
	[PRIV_JOIN_GROUP] = priv_join_group,
	[PRIV_OPEN_FAST] = priv_open_fast,
	[PRIV_JOIN_FAST] = priv_join_fast,
	[PRIV_OPEN_LISTENER] = priv_open_listener,
	[PRIV_OPEN_FILE] = priv_open_file,
	[PRIV_OPEN_EXTENSION] = priv_open_extension,
};

/* In the log. */
static const char *const operation_names[] = {
	[PRIV_OPEN_TAP] = "open tap",
	[PRIV_OPEN_NETDEV] = "open device",
	[PRIV_SET_LINK] = "set device",
	[PRIV_WATCH_NETNS] = "watch namespace",
	[PRIV_HOLD_PROTOCOL] = "hold protocol",
	[PRIV_SET_FILTER] = "set filter",
	[PRIV_JOIN_GROUP] = "join group",
	[PRIV_OPEN_FAST] = "open fast path",
	[PRIV_JOIN_FAST] = "join fast path",
	[PRIV_OPEN_LISTENER] = "open socket",
	[PRIV_OPEN_FILE] = "open file",
	[PRIV_OPEN_EXTENSION] = "open extension",
};
_Static_assert(sizeof(operation_names) / sizeof(operation_names[0]) == PRIV_OPS,
	       "each has a name");
_Static_assert(sizeof(operations) / sizeof(operations[0]) == PRIV_OPS,
	       "each operation is there");

int priv_fail(struct privileged_job *job, int error, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(job->reply->text, sizeof(job->reply->text), format, list);
	va_end(list);
	return -error;
}

/* -- namespaces ------------------------------------------------------------ */

int netns_open(struct privileged_job *job)
{
	const char *name = job->request->netns;
	char path[sizeof("/run/netns/") + PRIV_NAME];
	int fd;

	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return priv_fail(job, EINVAL,
				 "\"%s\" is not the name of a namespace", name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return priv_fail(job, errno, "namespace %s: %s", name,
				 strerror(errno));
	return fd;
}

int netns_enter(struct privileged_job *job)
{
	int fd, error = 0;

	if (!job->request->netns[0])
		return 0;
	fd = netns_open(job);
	if (fd < 0)
		return fd;
	if (setns(fd, CLONE_NEWNET) < 0)
		error = priv_fail(job, errno, "enter namespace %s: %s",
				  job->request->netns, strerror(errno));
	close(fd);
	return error;
}

void netns_leave(struct privileged_job *job)
{
	if (!job->request->netns[0])
		return;
	if (setns(job->paths->own_netns, CLONE_NEWNET) < 0)
		abort();
}

int device_name_check(struct privileged_job *job)
{
	const char *name = job->request->device;

	if (!name[0])
		return priv_fail(job, EINVAL, "a device name is missing");
	for (const char *c = name; *c; c++)
		if (*c == '%' || *c == '/' || *c == ':' || *c <= ' ' ||
		    *c == 127)
			return priv_fail(job, EINVAL,
					 "device name \"%s\" has a character "
					 "that the kernel would not keep",
					 name);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return priv_fail(job, EINVAL, "\"%s\" is not a device name",
				 name);
	return 0;
}

/* -- the queue ----------------------------------------------------------------
 */

static int copy_path(char to[PRIV_PATH], const char *from)
{
	if (strlen(from) >= PRIV_PATH - 16)
		return -ENAMETOOLONG;
	strcpy(to, from);
	return 0;
}

static int prepare(struct privileged *self, const struct priv_config *config)
{
	struct privileged_paths *paths = &self->paths;
	int error = copy_path(paths->rundir, config->rundir);

	if (!error)
		error = copy_path(paths->statedir, config->statedir);
	if (!error)
		error = copy_path(paths->extensions, config->extension_dir);
	if (!error && config->group &&
	    strlen(config->group) >= sizeof(paths->group))
		error = -ENAMETOOLONG;
	if (!error && config->group)
		strcpy(paths->group, config->group);
	if (error)
		return error;
	paths->own_netns =
		open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return paths->own_netns < 0 ? -errno : 0;
}

int privileged_open(struct privileged **out, const struct priv_config *config)
{
	struct privileged *self = calloc(1, sizeof(*self));
	int error;

	if (!self)
		return -ENOMEM;
	self->end = &self->first;
	self->paths.own_netns = -1;
	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = self->event < 0 ? -errno : prepare(self, config);
	if (error) {
		privileged_close(self);
		return error;
	}
	*out = self;
	return 0;
}

static void waiting_free(struct waiting *waiting)
{
	if (waiting->fd >= 0)
		close(waiting->fd);
	free(waiting);
}

void privileged_close(struct privileged *self)
{
	if (!self)
		return;
	while (self->first) {
		struct waiting *waiting = self->first;

		self->first = waiting->next;
		waiting_free(waiting);
	}
	if (self->paths.socket[0])
		unlink(self->paths.socket);
	if (self->paths.own_netns >= 0)
		close(self->paths.own_netns);
	if (self->event >= 0)
		close(self->event);
	free(self);
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static int request_check(const struct priv_request *request)
{
	return request->op < PRIV_OPS &&
			       terminated(request->device, PRIV_DEVICE) &&
			       terminated(request->netns, PRIV_NAME) &&
			       terminated(request->path, PRIV_PATH) &&
			       request->address_count <= PRIV_ADDRESSES &&
			       request->gateway_count <= 2 &&
			       request->filter_count <= 256
		       ? 0
		       : -EINVAL;
}

int privileged_ask(struct privileged *self, const struct priv_request *request,
		   int fd, struct priv_caller *caller)
{
	const uint64_t one = 1;
	struct waiting *waiting;
	ssize_t written;

	if (self->count == QUEUE_MAXIMUM)
		return -EAGAIN;
	waiting = calloc(1, sizeof(*waiting));
	if (!waiting)
		return -ENOMEM;
	waiting->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && waiting->fd < 0) {
		int error = -errno;

		free(waiting);
		return error;
	}
	waiting->request = *request;
	waiting->caller = caller;
	*self->end = waiting;
	self->end = &waiting->next;
	self->count++;
	written = write(self->event, &one, sizeof(one));
	(void)written; /* EAGAIN: readable anyway */
	return 0;
}

void privileged_cancel(struct privileged *self, struct priv_caller *caller)
{
	for (struct waiting *w = self->first; w; w = w->next)
		if (w->caller == caller)
			w->caller = NULL;
}

static void note_answer(const struct priv_request *request, int error,
			const char *text)
{
	if (request->op >= PRIV_OPS)
		return;
	log_debug(LOG_KEEPER, "%s %s%s%s%s: %s%s%s",
		  operation_names[request->op], request->device, request->path,
		  request->netns[0] ? " in namespace " : "", request->netns,
		  error ? strerror(-error) : "done", text[0] ? ": " : "", text);
}

static void answer(struct privileged *self, struct waiting *waiting)
{
	struct priv_reply reply = {
		.op = waiting->request.op,
		.tag = waiting->request.tag,
	};
	int fds[2] = {-1, -1};
	struct privileged_job job = {
		.paths = &self->paths,
		.request = &waiting->request,
		.reply = &reply,
		.fd = waiting->fd,
		.fds = fds,
	};
	int error = request_check(&waiting->request);

	if (error)
		priv_fail(&job, -error, "malformed request");
	else
		error = operations[waiting->request.op](&job);
	reply.error = -error;
	note_answer(&waiting->request, error, reply.text);
	if (!error && waiting->request.op == PRIV_OPEN_LISTENER)
		snprintf(self->paths.socket, sizeof(self->paths.socket),
			 "%s/%s", self->paths.rundir, waiting->request.path);
	waiting->caller->answer(waiting->caller, &reply, fds);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

void privileged_run(struct privileged *self)
{
	uint64_t count;
	ssize_t size = read(self->event, &count, sizeof(count));
	/* what is asked from inside an answer waits for the next turn */
	unsigned int turn = self->count;

	(void)size;
	while (turn-- && self->first) {
		struct waiting *waiting = self->first;

		self->first = waiting->next;
		if (!self->first)
			self->end = &self->first;
		self->count--;
		/* a cancelled request is not done at all */
		if (waiting->caller)
			answer(self, waiting);
		waiting_free(waiting);
	}
}

int privileged_fd(const struct privileged *self)
{
	return self->event;
}
