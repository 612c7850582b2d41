/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_socket.c: accept, cut lines, hand them over, send what comes back.
 *
 * Decides who may be a client and for how long a request may take. Before
 * it: the kernel; after it: control/request.c.
 */
#include "io/ctl_socket.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vswitch/control.h>

#include "control/request.h"
#include "io/loop.h"

#define READ_CHUNK   65536u
#define FDS	     4u /* passed with lines that are not complete yet */
#define ACCEPT_PAUSE 100000000u /* no fd left: look again after 100 ms */
#define LINE_NS	     (VS_RPC_IDLE_SECONDS * 1000000000ull)
#define REST_NS	     (VS_RPC_REST_SECONDS * 1000000000ull)

/* Bytes that grow at the end and are used from the front. */
struct buffer {
	char *bytes;
	size_t begin, end, room;
};

struct ctl_client {
	struct request_client request; /* first */
	struct ctl_socket *socket;
	struct ctl_client *next;
	struct loop_watch watch;
	struct loop_timer patience;
	struct buffer in, out;
	size_t scanned; /* bytes of `in` without a newline */
	int fds[FDS];
	unsigned int fd_count;
	bool begun;   /* a line is; `patience` is its time, else a rest's */
	bool rests;   /* it is a rest's, and nothing was asked since */
	bool leaving; /* nothing is read any more; gone when `out` is empty */
	bool half;    /* it won't ask any more, but waits for answers */
	bool dead;    /* nothing is sent either */
};

struct ctl_socket {
	struct loop *loop;
	struct request_server *server;
	struct ctl_owner *owner;
	int listener;
	uint64_t line_ns, rest_ns;
	struct loop_watch watch;
	struct loop_timer pause, reaper;
	struct ctl_client *first;
	unsigned int count;
};

/* -- buffers
 * ------------------------------------------------------------------- */

static size_t pending(const struct buffer *buffer)
{
	return buffer->end - buffer->begin;
}

/* Room for `size` more bytes: false = no memory. */
static bool buffer_reserve(struct buffer *buffer, size_t size)
{
	size_t room = buffer->room ? buffer->room : 4096;
	char *bytes;

	if (buffer->begin) {
		memmove(buffer->bytes, buffer->bytes + buffer->begin,
			pending(buffer));
		buffer->end -= buffer->begin;
		buffer->begin = 0;
	}
	if (buffer->room - buffer->end >= size && buffer->bytes)
		return true;
	while (room - buffer->end < size)
		room *= 2;
	bytes = realloc(buffer->bytes, room);
	if (!bytes)
		return false;
	buffer->bytes = bytes;
	buffer->room = room;
	return true;
}

static void buffer_used(struct buffer *buffer, size_t size)
{
	buffer->begin += size;
	if (buffer->begin != buffer->end)
		return;
	buffer->begin = buffer->end = 0;
	/* a large answer's memory is not kept for small ones */
	if (buffer->room > CTL_PAUSE) {
		free(buffer->bytes);
		*buffer = (struct buffer){0};
	}
}

/* -- a client's end
 * --------------------------------------------------------------- */

static void close_fds(struct ctl_client *client)
{
	for (unsigned int i = 0; i < client->fd_count; i++)
		if (client->fds[i] >= 0)
			close(client->fds[i]);
	client->fd_count = 0;
}

/* Take it out of everything; the memory goes in client_reap, when no caller
 * can hold the pointer. */
static void client_die(struct ctl_client *client)
{
	if (client->dead)
		return;
	client->dead = true;
	client->leaving = true;
	loop_timer_set(client->socket->loop, &client->socket->reaper, 0);
}

static void client_free(struct ctl_client *client)
{
	struct ctl_socket *socket = client->socket;

	request_client_close(&client->request);
	if (socket->owner && socket->owner->closed)
		socket->owner->closed(socket->owner, &client->request);
	loop_timer_remove(&client->patience);
	if (client->watch.event) {
		loop_watch_remove(&client->watch);
		close(client->watch.fd);
	}
	close_fds(client);
	free(client->in.bytes);
	free(client->out.bytes);
	free(client);
}

static void reap(struct loop_timer *timer)
{
	struct ctl_socket *socket =
		(struct ctl_socket *)((char *)timer -
				      offsetof(struct ctl_socket, reaper));
	struct ctl_client **link = &socket->first;

	while (*link) {
		struct ctl_client *client = *link;

		if (!client->dead) {
			link = &client->next;
			continue;
		}
		*link = client->next;
		socket->count--;
		client_free(client);
	}
}

/* -- sending
 * -------------------------------------------------------------------------- */

/* What the client should be watched for now. */
static void client_update(struct ctl_client *client)
{
	unsigned int what = 0;

	if (!client->leaving && !client->half &&
	    pending(&client->out) < CTL_PAUSE)
		what |= LOOP_READ;
	if (pending(&client->out))
		what |= LOOP_WRITE;
	if (client->leaving && !pending(&client->out))
		client_die(client);
	if (client->dead)
		what = 0;
	loop_watch_change(&client->watch, what);
}

static void client_send(struct ctl_client *client)
{
	while (pending(&client->out) && !client->dead) {
		ssize_t sent = send(
			client->watch.fd, client->out.bytes + client->out.begin,
			pending(&client->out), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0)
			client_die(client);
		else
			buffer_used(&client->out, (size_t)sent);
	}
}

static void client_patience(struct ctl_client *client, uint64_t ns)
{
	loop_timer_set(client->socket->loop, &client->patience, ns);
}

/* The client said or heard something: how long may it be silent now? */
static void client_rest(struct ctl_client *client)
{
	if (!client->begun && !client->half && !client->leaving)
		client_patience(client, client->socket->rest_ns);
}

static void client_write(struct request_client *request, const char *bytes,
			 size_t size)
{
	struct ctl_client *client = (struct ctl_client *)request;

	if (client->dead)
		return;
	if (pending(&client->out) > CTL_PENDING ||
	    !buffer_reserve(&client->out, size)) {
		client_die(client);
		return;
	}
	memcpy(client->out.bytes + client->out.end, bytes, size);
	client->out.end += size;
	client_rest(client);
	client_send(client);
	client_update(client);
}

static const struct request_client_ops client_ops = {.write = client_write};

/* Say why, send what is queued, then go. */
static void client_refuse(struct ctl_client *client, const char *why)
{
	request_limit(&client->request, why);
	client->leaving = true;
	client_patience(client, client->socket->line_ns);
	client_update(client);
}

/* -- receiving
 * ------------------------------------------------------------------------ */

static void take_line(struct ctl_client *client, const char *line, size_t size)
{
	struct request_line request = {
		.bytes = line,
		.size = size,
		.fd = client->fd_count ? client->fds[0] : -1,
		.now_ns = loop_now_ns(),
		.wall_seconds = time(NULL),
	};

	if (size && line[size - 1] == '\r')
		request.size--;
	request_line(&client->request, &request);
	/* one fd per line; more than one with it are nobody's */
	if (client->fd_count)
		client->fds[0] = request.fd;
	close_fds(client);
}

/* Every whole line, until the client has too much to read itself. */
static void take_lines(struct ctl_client *client)
{
	while (!client->leaving && pending(&client->in) &&
	       pending(&client->out) < CTL_PAUSE) {
		char *begin = client->in.bytes + client->in.begin;
		size_t size = pending(&client->in);
		char *newline = memchr(begin + client->scanned, '\n',
				       size - client->scanned);

		if (!newline) {
			client->scanned = size;
			if (size > VS_RPC_LINE_SIZE)
				client_refuse(client,
					      "a request is longer than 1 MiB: "
					      "pass the document as a memfd");
			break;
		}
		client->scanned = 0;
		client->begun = false;
		if ((size_t)(newline - begin) > VS_RPC_LINE_SIZE) {
			client_refuse(client, "a request is longer than 1 MiB: "
					      "pass the document as a memfd");
			break;
		}
		if (newline != begin) {
			client->rests = false;
			take_line(client, begin, (size_t)(newline - begin));
		}
		buffer_used(&client->in, (size_t)(newline - begin) + 1);
	}
}

/* A line that begins has its time; more of its bytes are no more time. */
static void mark_begun(struct ctl_client *client)
{
	bool begun = pending(&client->in) && pending(&client->out) < CTL_PAUSE;

	if (client->half || client->leaving || (begun && client->begun) ||
	    (!begun && client->rests))
		return;
	client->begun = begun;
	client->rests = !begun;
	client_patience(client, begun ? client->socket->line_ns
				      : client->socket->rest_ns);
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * FDS)];
};

static void keep_fds(struct ctl_client *client, struct msghdr *message)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t count, i;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			       sizeof(int));
			if (client->fd_count < FDS)
				client->fds[client->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* Closed for good, or only its sending side: then it still gets answers. */
static void client_ended(struct ctl_client *client, bool end_of_file)
{
	struct pollfd state = {.fd = client->watch.fd};

	if (!end_of_file || poll(&state, 1, 0) < 0 || state.revents & POLLHUP) {
		client_die(client);
		return;
	}
	client->half = true;
	client_patience(client, client->socket->line_ns);
}

/* Bytes into `in`: false = nothing more to read now. */
static bool client_receive(struct ctl_client *client)
{
	union control control;
	struct iovec vector;
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t size;

	if (!buffer_reserve(&client->in, READ_CHUNK)) {
		client_die(client);
		return false;
	}
	vector.iov_base = client->in.bytes + client->in.end;
	vector.iov_len = READ_CHUNK;
	size = recvmsg(client->watch.fd, &message,
		       MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (size <= 0) {
		client_ended(client, size == 0);
		return false;
	}
	keep_fds(client, &message);
	client->in.end += (size_t)size;
	return true;
}

static void client_ready(struct loop_watch *watch, unsigned int what)
{
	struct ctl_client *client =
		(struct ctl_client *)((char *)watch -
				      offsetof(struct ctl_client, watch));

	if (client->dead)
		return;
	if (what & LOOP_WRITE)
		client_send(client);
	/* one read per turn: other clients have turns too */
	if (what & LOOP_READ && !client->leaving && !client->half &&
	    pending(&client->out) < CTL_PAUSE)
		client_receive(client);
	take_lines(client);
	mark_begun(client);
	client_update(client);
}

static void patience_ended(struct loop_timer *timer)
{
	struct ctl_client *client =
		(struct ctl_client *)((char *)timer -
				      offsetof(struct ctl_client, patience));

	if (client->half || client->leaving)
		client_die(client);
	else if (client->begun)
		client_refuse(client, "a request was begun and not finished "
				      "within 30 s");
	else if (request_client_waits(&client->request))
		client_rest(client);
	else
		client_die(client);
}

/* -- accepting
 * ---------------------------------------------------------------------- */

static struct ctl_client *client_create(struct ctl_socket *socket, int fd)
{
	struct ctl_client *client = calloc(1, sizeof(*client));
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t size = sizeof(peer);

	if (!client)
		return NULL;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	client->request.ops = &client_ops;
	client->request.uid = peer.uid;
	client->socket = socket;
	client->watch.ready = client_ready;
	client->patience.expired = patience_ended;
	if (loop_watch_add(socket->loop, &client->watch, fd, LOOP_READ)) {
		free(client);
		return NULL;
	}
	client->next = socket->first;
	socket->first = client;
	socket->count++;
	request_client_open(socket->server, &client->request);
	client_rest(client);
	return client;
}

static void pause_ended(struct loop_timer *timer)
{
	struct ctl_socket *socket =
		(struct ctl_socket *)((char *)timer -
				      offsetof(struct ctl_socket, pause));

	loop_watch_change(&socket->watch, LOOP_READ);
}

static void listener_ready(struct loop_watch *watch, unsigned int what)
{
	struct ctl_socket *socket =
		(struct ctl_socket *)((char *)watch -
				      offsetof(struct ctl_socket, watch));
	int fd = accept4(socket->listener, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ctl_client *client;

	(void)what;
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		       errno == ENOBUFS)) {
		/* the queue stays readable: look away for a moment */
		loop_watch_change(&socket->watch, 0);
		loop_timer_set(socket->loop, &socket->pause, ACCEPT_PAUSE);
	}
	if (fd < 0)
		return;
	client = client_create(socket, fd);
	if (!client)
		close(fd);
	else if (socket->count > VS_RPC_CLIENTS)
		client_refuse(client, "64 clients are connected already: try "
				      "again when one has left");
}

int ctl_socket_open(struct ctl_socket **out, struct loop *loop, int listener,
		    struct request_server *server, struct ctl_owner *owner)
{
	struct ctl_socket *socket = calloc(1, sizeof(*socket));
	int error;

	if (!socket)
		return -ENOMEM;
	socket->loop = loop;
	socket->server = server;
	socket->owner = owner;
	socket->listener = listener;
	socket->line_ns = owner && owner->line_ns ? owner->line_ns : LINE_NS;
	socket->rest_ns = owner && owner->rest_ns ? owner->rest_ns : REST_NS;
	socket->watch.ready = listener_ready;
	socket->pause.expired = pause_ended;
	socket->reaper.expired = reap;
	error = loop_watch_add(loop, &socket->watch, listener, LOOP_READ);
	if (error) {
		free(socket);
		return error;
	}
	*out = socket;
	return 0;
}

void ctl_socket_close(struct ctl_socket *socket)
{
	if (!socket)
		return;
	for (struct ctl_client *client = socket->first; client;
	     client = client->next) {
		client_send(client);
		client->dead = true;
	}
	reap(&socket->reaper);
	loop_timer_remove(&socket->reaper);
	loop_timer_remove(&socket->pause);
	loop_watch_remove(&socket->watch);
	close(socket->listener);
	free(socket);
}
