/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_socket.h: clients of the control socket: lines in, text out.
 *
 * Accepts, frames lines, takes passed fds, holds the limits of
 * vswitch/control.h; what a line means is control/request.h's business, which
 * it calls. Lines of one client come in order. A client that does not read
 * its answers is not read from either (CTL_PAUSE bytes pending) and is closed
 * when still more piles up (CTL_PENDING), so its memory is bounded. Its place
 * is, too: a line has a time from its first byte on, however many follow, and
 * who asks nothing and waits for nothing (request_client_waits) goes.
 */
#ifndef IO_CTL_SOCKET_H
#define IO_CTL_SOCKET_H

#include <stdint.h>

struct loop;
struct ctl_socket;
struct request_client;
struct request_server;

#define CTL_PAUSE   (256u * 1024)
#define CTL_PENDING (4u * 1024 * 1024) /* before the answer that is added */

/* All zero: what vswitch/control.h says. */
struct ctl_owner {
	uint64_t line_ns; /* for a line */
	uint64_t rest_ns; /* without a line, an answer, anything awaited */
	/* a client is gone: its streams end; the pointer is dead after the
	 * call. May be NULL. */
	void (*closed)(struct ctl_owner *owner, struct request_client *client);
};

/* ctl_socket_open - `listener` of PRIV_OPEN_LISTENER; 0: it is ours; -errno:
 * the caller's. Server and owner outlive the socket. */
int ctl_socket_open(struct ctl_socket **socket, struct loop *loop, int listener,
		    struct request_server *server, struct ctl_owner *owner);
/* ctl_socket_close - sends what goes without waiting, closes every client
 * (with `closed`) and the listener. NULL is allowed. */
void ctl_socket_close(struct ctl_socket *socket);

#endif
