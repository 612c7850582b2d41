// SPDX-License-Identifier: Apache-2.0
/*
 * client.c: the only file of vsctl that knows the control socket. It decides
 * how long to wait and what an unreachable daemon is told like; what is asked
 * comes from verbs.c and the files of the single verbs.
 */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "value.h"

#define BUFFER_STEP 65536u
#define ANSWER_SIZE (512u * 1024 * 1024)

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long long deadline_after(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
}

static int remaining(long long deadline)
{
	long long left;

	if (deadline < 0)
		return -1;
	left = deadline - now_ms();
	return left > 0 ? (int)left : 0;
}

void client_init(struct client *client, const char *socket, int timeout_ms)
{
	*client = (struct client){.fd = -1, .timeout_ms = timeout_ms};
	snprintf(client->socket, sizeof(client->socket), "%s", socket);
}

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->buffer);
	client->fd = -1;
	client->buffer = NULL;
	client->used = client->size = 0;
}

static enum vs_exit timed_out(const struct client *client,
			      struct complaint *complaint)
{
	char duration[32];

	value_duration((double)client->timeout_ms / 1000, duration,
		       sizeof(duration));
	return complain(complaint, VS_EXIT_TIMEOUT,
			"no answer from vswitchd within %s (socket %s); a "
			"change may still be carried out; -t SECS waits longer",
			duration, client->socket);
}

static enum vs_exit gone(const struct client *client,
			 struct complaint *complaint)
{
	return complain(complaint, VS_EXIT_UNREACHABLE,
			"vswitchd closed the connection before it answered "
			"(socket %s); its log says why",
			client->socket);
}

static enum vs_exit unreachable(const struct client *client, int error,
				struct complaint *complaint)
{
	if (error == EACCES || error == EPERM)
		return complain(complaint, VS_EXIT_UNREACHABLE,
				"may not open %s: %s; become root or join the "
				"socket's group (vswitch)",
				client->socket, strerror(error));
	return complain(complaint, VS_EXIT_UNREACHABLE,
			"no vswitchd at %s: %s; start it with "
			"\"systemctl start vswitchd\", or name its run "
			"directory with --rundir DIR",
			client->socket, strerror(error));
}

static enum vs_exit client_connect(struct client *client,
				   struct complaint *complaint)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	long long deadline = deadline_after(client->timeout_ms);

	if (client->fd >= 0)
		return VS_EXIT_OK;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 client->socket);
	client->fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		return unreachable(client, errno, complaint);
	while (connect(client->fd, (struct sockaddr *)&address,
		       sizeof(address)) < 0) {
		int error = errno;

		/* EAGAIN: the daemon's queue of connections is full. */
		if (error != EAGAIN && error != EINTR)
			return unreachable(client, error, complaint);
		if (remaining(deadline) == 0)
			return timed_out(client, complaint);
		poll(NULL, 0, 20);
	}
	return VS_EXIT_OK;
}

/* The fd goes with the first byte. */
static ssize_t send_some(int socket, const char *bytes, size_t size, int fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = {.space = {0}};
	char *start = (char *)(uintptr_t)bytes;
	struct iovec piece = {.iov_base = start, .iov_len = size};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *header = &control.header;

		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL);
}

static enum vs_exit send_line(struct client *client, const char *line, int fd,
			      struct complaint *complaint)
{
	long long deadline = deadline_after(client->timeout_ms);
	size_t size = strlen(line);

	for (size_t sent = 0; sent < size;) {
		ssize_t wrote =
			send_some(client->fd, line + sent, size - sent, fd);
		struct pollfd ready = {.fd = client->fd, .events = POLLOUT};

		if (wrote > 0) {
			sent += (size_t)wrote;
			fd = -1;
			continue;
		}
		if (errno == EINTR)
			continue;
		/* EPIPE: it may have said why before it closed. */
		if (errno == EPIPE)
			return VS_EXIT_OK;
		if (errno != EAGAIN)
			return unreachable(client, errno, complaint);
		if (poll(&ready, 1, remaining(deadline)) == 0)
			return timed_out(client, complaint);
	}
	return VS_EXIT_OK;
}

enum vs_exit client_send(struct client *client, const char *method,
			 json_t *params, int fd, struct complaint *complaint)
{
	enum vs_exit code;
	json_t *request;
	char *text = NULL;
	char *line = NULL;

	request = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id",
			    ++client->id, "method", method, "params",
			    params ? params : json_object());
	code = client_connect(client, complaint);
	if (code)
		goto out;
	text = json_dumps(request, JSON_COMPACT);
	if (!text || asprintf(&line, "%s\n", text) < 0) {
		line = NULL;
		code = complain(complaint, VS_EXIT_USAGE,
				"the request is no UTF-8, or memory is out");
		goto out;
	}
	code = send_line(client, line, fd, complaint);
out:
	free(line);
	free(text);
	json_decref(request);
	return code;
}

/* The first whole line of the buffer as JSON; NULL when there is none. */
static json_t *take_line(struct client *client, bool *broken)
{
	char *end;
	size_t size;
	json_t *message;

	*broken = false;
	if (!client->used)
		return NULL;
	end = memchr(client->buffer, '\n', client->used);
	if (!end)
		return NULL;
	size = (size_t)(end - client->buffer);
	message =
		json_loadb(client->buffer, size, JSON_REJECT_DUPLICATES, NULL);
	client->used -= size + 1;
	memmove(client->buffer, end + 1, client->used);
	*broken = !json_is_object(message);
	return message;
}

static bool make_room(struct client *client)
{
	size_t size = client->size ? client->size * 2 : BUFFER_STEP;
	char *grown;

	if (client->used < client->size)
		return true;
	if (size > ANSWER_SIZE)
		return false;
	grown = realloc(client->buffer, size);
	if (!grown)
		return false;
	client->buffer = grown;
	client->size = size;
	return true;
}

static enum vs_exit receive_some(struct client *client, long long deadline,
				 struct complaint *complaint)
{
	struct pollfd ready = {.fd = client->fd, .events = POLLIN};
	ssize_t got;

	if (!make_room(client))
		return complain(complaint, VS_EXIT_REFUSED,
				"an answer beyond %u MiB, or memory is out",
				ANSWER_SIZE >> 20);
	if (poll(&ready, 1, remaining(deadline)) == 0)
		return timed_out(client, complaint);
	got = recv(client->fd, client->buffer + client->used,
		   client->size - client->used, 0);
	if (got > 0)
		client->used += (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		return gone(client, complaint);
	return VS_EXIT_OK;
}

enum vs_exit client_message(struct client *client, int timeout_ms,
			    json_t **message, struct complaint *complaint)
{
	long long deadline = deadline_after(timeout_ms);
	enum vs_exit code = VS_EXIT_OK;
	bool broken;

	for (;;) {
		*message = take_line(client, &broken);
		if (broken) {
			json_decref(*message);
			*message = NULL;
			return complain(complaint, VS_EXIT_REFUSED,
					"%s answered something that is no "
					"JSON object; is it vswitchd?",
					client->socket);
		}
		if (*message)
			return VS_EXIT_OK;
		code = receive_some(client, deadline, complaint);
		if (code)
			return code;
	}
}

enum vs_exit client_answer(struct client *client, json_t **result,
			   struct complaint *complaint)
{
	for (;;) {
		json_t *message, *error, *id;
		enum vs_exit code = client_message(client, client->timeout_ms,
						   &message, complaint);

		if (code)
			return code;
		error = json_object_get(message, "error");
		id = json_object_get(message, "id");
		if (error && !json_is_null(error)) {
			code = complain_answer(complaint, error);
			json_decref(message);
			return code;
		}
		if (json_is_integer(id) &&
		    json_integer_value(id) == client->id) {
			*result =
				json_incref(json_object_get(message, "result"));
			json_decref(message);
			return VS_EXIT_OK;
		}
		json_decref(message);
	}
}

enum vs_exit client_call(struct client *client, const char *method,
			 json_t *params, json_t **result,
			 struct complaint *complaint)
{
	enum vs_exit code = client_send(client, method, params, -1, complaint);

	*result = NULL;
	return code ? code : client_answer(client, result, complaint);
}

/* A memfd that nobody can change any more, holding the text. */
static int sealed_memfd(const char *text, size_t size)
{
	int fd =
		memfd_create("vsctl-document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t written = 0;

	while (fd >= 0 && written < size) {
		ssize_t wrote = write(fd, text + written, size - written);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			goto fail;
		written += (size_t)wrote;
	}
	if (fd >= 0 && fcntl(fd, F_ADD_SEALS,
			     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
				     F_SEAL_SEAL) == 0)
		return fd;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

enum vs_exit client_enclose(json_t *params, const struct document *document,
			    int *fd, struct complaint *complaint)
{
	*fd = -1;
	if (document->json) {
		json_object_set(params, "document", document->json);
		return VS_EXIT_OK;
	}
	*fd = sealed_memfd(document->text, document->size);
	if (*fd < 0)
		return complain(complaint, VS_EXIT_REFUSED,
				"no memory file for the document: %s",
				strerror(errno));
	json_object_set_new(params, "fd", json_true());
	return VS_EXIT_OK;
}
