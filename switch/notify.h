/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h: tells who started the daemon that it is ready.
 *
 * A service manager that waits for that (Type=notify) gives the name of a
 * datagram socket in the environment; without one, nothing happens.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/* notify_ready - says so, and forgets the socket. Returns 0, also if nobody
 * wants to know, or -errno. Main thread. */
int notify_ready(void);

#endif
