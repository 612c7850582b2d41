/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_fast.c: the programs of the fast path into the kernel, over maps
 * that all of them share. Decides nothing; fast.h says what they do.
 *
 * Each device has programs of its own, with two small maps of their own: what
 * the first tells the second, and the filter that the socket has besides. That
 * one is called through a map of programs, which is empty once its last fd is
 * closed: so the fd is handed out to be kept.
 *
 * Before it: privileged_local.c; the object is made of bpf/fast.bpf.c by the
 * build (fast_object.c).
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "io/fast_filter.h"
#include "io/fast_layout.h"
#include "io/fast_object.h"

#define TCX_INGRESS 46	      /* enum bpf_attach_type since 6.6 */
#define TCX_BEFORE  (1u << 3) /* BPF_F_BEFORE: ahead of what holds tunnels */

struct joined {
	struct bpf_object *object;
	int keys, flows;     /* the shared maps */
	int seen, forward;   /* programs: the object's */
	int filter_map;	     /* the object's */
	int ingress, filter; /* -1, or to be handed out */
};

static int quiet(enum libbpf_print_level level, const char *format,
		 va_list list)
{
	(void)level;
	(void)format;
	(void)list;
	return 0;
}

/* Asks what stands at the loopback's ingress: who knows no tcx can't say. */
static int probe(struct privileged_job *job)
{
	uint32_t count = 0;
	int error = bpf_prog_query((int)if_nametoindex("lo"), TCX_INGRESS, 0,
				   NULL, NULL, &count);

	return error ? priv_fail(job, ENOSYS,
				 "programs at devices: %s; it "
				 "needs Linux 6.6",
				 strerror(-error))
		     : 0;
}

int priv_open_fast(struct privileged_job *job)
{
	LIBBPF_OPTS(bpf_map_create_opts, shared, .map_flags = BPF_F_MMAPABLE);
	int keys, flows, error;

	libbpf_set_print(quiet);
	error = probe(job);
	if (error)
		return error;
	keys = bpf_map_create(BPF_MAP_TYPE_HASH, "vsw_fast_keys",
			      sizeof(struct fast_key), sizeof(uint32_t),
			      FAST_FLOWS, NULL);
	if (keys < 0)
		return priv_fail(job, -keys, "the map of keys: %s",
				 strerror(-keys));
	flows = bpf_map_create(BPF_MAP_TYPE_ARRAY, "vsw_fast_flows",
			       sizeof(uint32_t), sizeof(struct fast_flow),
			       FAST_FLOWS, &shared);
	if (flows < 0) {
		error = -flows;
		close(keys);
		return priv_fail(job, error, "the map of flows: %s",
				 strerror(error));
	}
	job->fds[0] = keys;
	job->fds[1] = flows;
	return 0;
}

/* -- a device ----------------------------------------------------------------
 */

static int reuse(struct bpf_object *object, const char *name, int fd)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__reuse_fd(map, fd) : -ENOENT;
}

static int program_fd(struct bpf_object *object, const char *name)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(object, name);

	return program ? bpf_program__fd(program) : -ENOENT;
}

static int set_type(struct bpf_object *object, const char *name,
		    enum bpf_prog_type type)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(object, name);

	return program ? bpf_program__set_type(program, type) : -ENOENT;
}

static int load(struct privileged_job *job, struct joined *joined)
{
	int error;

	joined->object =
		bpf_object__open_mem(fast_object, fast_object_size, NULL);
	if (!joined->object)
		return priv_fail(job, errno, "the programs: %s",
				 strerror(errno));
	error = set_type(joined->object, "fast_seen",
			 BPF_PROG_TYPE_SOCKET_FILTER);
	if (!error)
		error = set_type(joined->object, "fast_forward",
				 BPF_PROG_TYPE_SCHED_CLS);
	if (!error)
		error = reuse(joined->object, "fast_keys", joined->keys);
	if (!error)
		error = reuse(joined->object, "fast_flows", joined->flows);
	if (!error)
		error = bpf_object__load(joined->object);
	if (error)
		return priv_fail(job, -error, "the kernel refuses: %s",
				 strerror(-error));
	joined->seen = program_fd(joined->object, "fast_seen");
	joined->forward = program_fd(joined->object, "fast_forward");
	joined->filter_map =
		bpf_object__find_map_fd_by_name(joined->object, "fast_filter");
	return 0;
}

/* What the socket's filter would have been. */
static int keep_filter(struct privileged_job *job, struct joined *joined)
{
	struct sock_filter classic[FAST_FILTER_CLASSIC];
	struct bpf_insn code[FAST_FILTER_SIZE];
	uint32_t slot = 0;
	int count, program, error;

	joined->filter = dup(joined->filter_map);
	if (joined->filter < 0)
		return priv_fail(job, errno, "its map: %s", strerror(errno));
	if (!job->request->filter_count)
		return 0;
	memcpy(classic, job->request->filter, sizeof(classic));
	count = fast_filter_convert(classic, job->request->filter_count, code);
	if (count < 0)
		return priv_fail(job, -count, "the filter: unknown steps");
	program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "vsw_filter",
				"Apache-2.0", code, (size_t)count, NULL);
	if (program < 0)
		return priv_fail(job, -program, "the filter: %s",
				 strerror(-program));
	error = bpf_map_update_elem(joined->filter, &slot, &program, BPF_ANY);
	close(program);
	return error ? priv_fail(job, -error, "the filter's place: %s",
				 strerror(-error))
		     : 0;
}

/* First the program at the ingress, which does nothing unless told to. */
static int attach(struct privileged_job *job, struct joined *joined)
{
	union bpf_attr attr;
	struct sockaddr_ll bound = {0};
	socklen_t size = sizeof(bound);

	if (getsockname(job->fd, (struct sockaddr *)&bound, &size) < 0 ||
	    bound.sll_ifindex != (int)if_nametoindex(job->request->device))
		return priv_fail(job, ENODEV, "%s is another device by now",
				 job->request->device);
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)joined->forward;
	attr.link_create.target_ifindex = (uint32_t)bound.sll_ifindex;
	attr.link_create.attach_type = TCX_INGRESS;
	attr.link_create.flags = TCX_BEFORE;
	joined->ingress =
		(int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	if (joined->ingress < 0)
		return priv_fail(job, errno,
				 "a program at the ingress of %s: %s",
				 job->request->device, strerror(errno));
	if (setsockopt(job->fd, SOL_SOCKET, SO_ATTACH_BPF, &joined->seen,
		       sizeof(joined->seen)) < 0)
		return priv_fail(job, errno, "the socket's filter: %s",
				 strerror(errno));
	return 0;
}

static int join(struct privileged_job *job, struct joined *joined)
{
	int error = load(job, joined);

	if (!error)
		error = keep_filter(job, joined);
	return error ? error : attach(job, joined);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

int priv_join_fast(struct privileged_job *job)
{
	struct joined joined = {.ingress = -1, .filter = -1};
	int error = device_name_check(job);

	if (error)
		return error;
	if (job->fd < 0)
		return priv_fail(job, EINVAL, "the fast path needs a socket");
	libbpf_set_print(quiet);
	joined.keys = bpf_map_get_fd_by_id(job->request->maps[0]);
	joined.flows = bpf_map_get_fd_by_id(job->request->maps[1]);
	if (joined.keys < 0 || joined.flows < 0)
		error = priv_fail(job, EINVAL, "no such maps");
	else
		error = join(job, &joined);
	close_fd(joined.keys);
	close_fd(joined.flows);
	if (joined.object)
		bpf_object__close(joined.object);
	if (error) {
		close_fd(joined.ingress);
		close_fd(joined.filter);
		return error;
	}
	job->fds[0] = joined.ingress;
	job->fds[1] = joined.filter;
	return 0;
}
