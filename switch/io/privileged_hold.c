/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_hold.c: keep the kernel's own stack away from tunnels to the
 * provider addresses. Two means, both gone with their fds, after a SIGKILL
 * too:
 *
 *   sockets that drop all: raw protocol-47 ones of both families, so that the
 *   kernel answers no ICMP protocol-unreachable; always. For VXLAN a UDP
 *   socket, so that it answers no port-unreachable, where the second means
 *   fails, and nobody else has the port (then nothing is answered either)
 *   a program at the device's ingress, behind the packet socket's tap, that
 *   drops tunnels to these addresses, and all IP to the ranges, before the IP
 * stack pays for them; where the kernel has BPF links for that (6.6), probed by
 * trying
 *
 * Before it: engine_port.c, which keeps the fds as long as the uplink. The
 * program is hold_program.c.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vswitch/wire.h>

#include "io/hold_program.h"

#define TCX_INGRESS                                                            \
	46 /* enum bpf_attach_type since 6.6; newer than headers               \
	    */

static int load_program(const struct hold_program *program)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uint64_t)(uintptr_t)program->step;
	attr.insn_cnt = program->count;
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, "vswitch_hold", sizeof("vswitch_hold"));
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* The link's fd, or -1: then the sockets alone must do. */
static int drop_at_ingress(const struct priv_request *request)
{
	struct hold_program program;
	union bpf_attr attr;
	int fd, link;

	if (!request->address_count && !request->range_count)
		return -1;
	hold_program_write(&program, request);
	fd = load_program(&program);
	if (fd < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)fd;
	attr.link_create.target_ifindex = if_nametoindex(request->device);
	attr.link_create.attach_type = TCX_INGRESS;
	link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	close(fd);
	return link;
}

/*
 * One fd that keeps others open: they are sent into a socket that nobody reads
 * from. A box is closed like a file, and what is in it with it.
 */
static int box_open(int *inlet)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	*inlet = pair[1];
	return pair[0];
}

/* Takes the fd over, whatever the answer. */
static int box_put(int inlet, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte = 0;
	struct iovec vector = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header;
	int error = 0;

	memset(&control, 0, sizeof(control));
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(inlet, &message, MSG_NOSIGNAL) < 0)
		error = -errno;
	close(fd);
	return error;
}

/* A socket into which everything disappears. */
static int sink_open(int family, int type, int protocol)
{
	struct sock_filter drop = {.code = BPF_RET | BPF_K, .k = 0};
	struct sock_fprog program = {.len = 1, .filter = &drop};
	int fd = socket(family, type | SOCK_CLOEXEC, protocol), error;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Both families' UDP port, or IPv4's where there is no IPv6. */
static int udp_open(void)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6,
				    .sin6_port = htons(VS_UDP_VXLAN)};
	struct sockaddr_in any4 = {.sin_family = AF_INET,
				   .sin_port = htons(VS_UDP_VXLAN)};
	int fd = sink_open(AF_INET6, SOCK_DGRAM, IPPROTO_UDP), off = 0;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		if (bind(fd, (struct sockaddr *)&any6, sizeof(any6)) == 0)
			return fd;
		close(fd);
	}
	fd = sink_open(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&any4, sizeof(any4)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* All sockets that are needed beside the link `link` (-1: none). */
static int fill_box(const struct priv_request *request, int link, int inlet)
{
	int error, fd = sink_open(AF_INET, SOCK_RAW, IPPROTO_GRE);

	if (fd < 0)
		return fd;
	error = box_put(inlet, fd);
	if (error)
		return error;
	/* a kernel without IPv6 answers nothing either */
	fd = sink_open(AF_INET6, SOCK_RAW, IPPROTO_GRE);
	if (fd >= 0)
		error = box_put(inlet, fd);
	/* the program knows PRIV_ADDRESSES; there may be more */
	if (error || !(request->flags & PRIV_FLAG_VXLAN) ||
	    (link >= 0 && request->address_count < PRIV_ADDRESSES))
		return error;
	fd = udp_open();
	return fd < 0 ? 0 : box_put(inlet, fd);
}

int priv_hold_protocol(struct privileged_job *job)
{
	int box, link, inlet = -1, error = netns_enter(job);

	if (error)
		return error;
	link = drop_at_ingress(job->request);
	box = box_open(&inlet);
	error = box < 0 ? box : fill_box(job->request, link, inlet);
	netns_leave(job);
	if (inlet >= 0)
		close(inlet);
	if (!error) {
		job->fds[0] = box;
		job->fds[1] = link;
		return 0;
	}
	if (box >= 0)
		close(box);
	if (link >= 0)
		close(link);
	return priv_fail(job, -error, "raw socket: %s", strerror(-error));
}
