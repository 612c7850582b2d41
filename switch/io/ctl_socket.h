/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_socket.h: clients of the control socket: lines in, text out.
 *
 * Frames lines, takes passed fds, holds the limits of vswitch/control.h. What
 * a line means is the owner's business (control/request.h). Lines of one
 * client come in order; a client that does not read its answers is not read
 * from either (256 KiB pending), so that its memory is bounded by one answer.
 */
#ifndef IO_CTL_SOCKET_H
#define IO_CTL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct ctl_socket;
struct ctl_client;

#define CTL_FDS	    2u /* fds beside one line */
#define CTL_PENDING (256u * 1024)

struct ctl_owner {
	/*
	 * A whole line: `text` is `size` bytes, no newline, with a NUL behind
	 * them; valid during the call. `fds`: `fd_count` descriptors that
	 * came with it; set to -1 those that are kept, the others are closed.
	 * ctl_client_send may be called at once or any time later until
	 * `closed`.
	 */
	void (*line)(struct ctl_owner *owner, struct ctl_client *client,
		     const char *text, size_t size, int fds[CTL_FDS],
		     uint16_t fd_count);
	/* the client is gone; the pointer is dead after this call */
	void (*closed)(struct ctl_owner *owner, struct ctl_client *client);
	/* an answer in JSON-RPC's form for a line that could not be taken
	 * (too long, a 65th client, too slow); may be NULL. Returns text that
	 * lives until the next call. */
	const char *(*refusal)(struct ctl_owner *owner, const char *why);
};

/* ctl_socket_open - `listener` of PRIV_OPEN_LISTENER; 0: it is ours. */
int ctl_socket_open(struct ctl_socket **socket, struct loop *loop, int listener,
		    struct ctl_owner *owner);
/* ctl_socket_close - sends what it can without waiting, closes every client
 * (with `closed`) and the listener. NULL is allowed. */
void ctl_socket_close(struct ctl_socket *socket);

/*
 * ctl_client_send - queue one line (a newline is added). An answer is always
 * taken; -ENOMEM closes the client later. ctl_client_notify is for events:
 * -ENOBUFS, nothing queued, while CTL_PENDING bytes wait.
 */
int ctl_client_send(struct ctl_client *client, const char *text, size_t size);
int ctl_client_notify(struct ctl_client *client, const char *text, size_t size);
/* the peer by SO_PEERCRED when it connected */
uint32_t ctl_client_uid(const struct ctl_client *client);
int32_t ctl_client_pid(const struct ctl_client *client);
/* the owner's mark on a client, 0 at first (a session's number) */
uint64_t ctl_client_mark(const struct ctl_client *client);
void ctl_client_set_mark(struct ctl_client *client, uint64_t mark);
/* ctl_client_close - after what is queued was sent; `closed` is called then */
void ctl_client_close(struct ctl_client *client);

#endif
