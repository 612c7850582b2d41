/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_local.h: what the in-process answerer's files share. An
 * operation gets the request, fills the reply and the fds, and returns 0 or
 * -errno with reply->text saying which step failed.
 */
#ifndef IO_PRIVILEGED_LOCAL_H
#define IO_PRIVILEGED_LOCAL_H

#include "io/privileged.h"

struct privileged_paths {
	char rundir[PRIV_PATH], statedir[PRIV_PATH], extensions[PRIV_PATH];
	char group[PRIV_NAME];
	int own_netns;		    /* to come back to */
	char socket[2 * PRIV_PATH]; /* made by open_listener; "" = none */
};

struct privileged_job {
	const struct privileged_paths *paths;
	const struct priv_request *request;
	struct priv_reply *reply;
	int fd; /* came with the request, or -1 */
	int *fds;
};

/* priv_fail - reply->text from a format; returns -error. */
int priv_fail(struct privileged_job *job, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * netns_enter - this thread into the request's namespace ("" = nothing to
 * do): 0 or -errno; netns_leave - back. It must not fail: a thread in a
 * tenant's namespace could do anything to it, so it aborts.
 */
int netns_enter(struct privileged_job *job);
void netns_leave(struct privileged_job *job);
/* netns_open - an fd of the namespace, or -errno. */
int netns_open(struct privileged_job *job);

/* device_name_check - what the kernel would cut or expand is refused. */
int device_name_check(struct privileged_job *job);

/* privileged_netdev.c; inside the device's namespace, `link` an rtnetlink
 * socket there */
int netdev_configure(struct privileged_job *job, int link, uint32_t if_index);
int netdev_describe(struct privileged_job *job, uint32_t if_index);
/* netdev_index - ENODEV only if there is no such device. */
int netdev_index(struct privileged_job *job, const char *name,
		 uint32_t *if_index);
int priv_set_link(struct privileged_job *job);
int priv_watch_netns(struct privileged_job *job);
/* privileged_packet.c */
int priv_open_netdev(struct privileged_job *job);
int priv_set_filter(struct privileged_job *job);
/* privileged_wrap.c: wrap_attach - `fd`, a packet socket bound to the device,
 * may send super-frames inside NVGRE over IPv4 while the link that is returned
 * is open; -1: it may not. */
int wrap_attach(int fd, uint32_t if_index);
/* privileged_fast.c */
int priv_open_fast(struct privileged_job *job);
int priv_join_fast(struct privileged_job *job);
/* privileged_hold.c */
int priv_hold_protocol(struct privileged_job *job);
/* privileged_group.c */
int priv_join_group(struct privileged_job *job);
/* privileged_tap.c */
int priv_open_tap(struct privileged_job *job);
/* privileged_file.c */
int priv_open_listener(struct privileged_job *job);
int priv_open_file(struct privileged_job *job);
int priv_open_extension(struct privileged_job *job);

#endif
