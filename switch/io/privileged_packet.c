/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_packet.c: packet sockets on existing devices, and their filters.
 *
 * Decides the order of calls: a packet socket takes its options before it is
 * bound. Before it: privileged_local.c; after it: packet_socket.c reads and
 * writes the fd, privileged_wrap.c lets it send more.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define RECEIVE_BUFFER (8 << 20) /* more than 100 super-frames */
#define SEND_BUFFER    (4 << 20)

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno
									: 0;
}

/* Everything that must be set before the bind. */
static int packet_options(struct privileged_job *job, int fd)
{
	int error = set_int(fd, SOL_PACKET, PACKET_VNET_HDR, 1);

	if (error)
		return priv_fail(job, -error, "PACKET_VNET_HDR: %s",
				 strerror(-error));
	job->reply->features = PRIV_HAS_VNET;
	error = set_int(fd, SOL_PACKET, PACKET_AUXDATA, 1);
	if (!error)
		error = set_int(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	if (error)
		return priv_fail(job, -error, "packet socket options: %s",
				 strerror(-error));
	/* useful, not needed */
	set_int(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
	set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
	set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER);
	return 0;
}

static int attach_filter(int fd, const struct priv_request *request)
{
	struct sock_filter code[256];
	struct sock_fprog program = {
		.len = request->filter_count,
		.filter = code,
	};

	_Static_assert(sizeof(code) == sizeof(request->filter),
		       "an instruction is 64 bits");
	memcpy(code, request->filter, sizeof(code));
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) < 0
		       ? -errno
		       : 0;
}

/* The device lets more in for as long as the socket is open. */
static int add_membership(struct privileged_job *job, int fd, uint32_t if_index,
			  uint16_t type)
{
	struct packet_mreq membership = {
		.mr_ifindex = (int)if_index,
		.mr_type = type,
	};

	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership,
		       sizeof(membership)) < 0)
		return priv_fail(job, errno, "%s mode of %s: %s",
				 type == PACKET_MR_PROMISC ? "promiscuous"
							   : "all-multicast",
				 job->request->device, strerror(errno));
	return 0;
}

static int bind_device(struct privileged_job *job, int fd, uint32_t if_index)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_index,
	};
	int error = 0;

	if (job->request->filter_count && attach_filter(fd, job->request))
		return priv_fail(job, EINVAL, "the kernel refuses the filter");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return priv_fail(job, errno, "bind to %s: %s",
				 job->request->device, strerror(errno));
	if (job->request->flags & PRIV_FLAG_PROMISCUOUS)
		error = add_membership(job, fd, if_index, PACKET_MR_PROMISC);
	if (!error && job->request->flags & PRIV_FLAG_GROUPS)
		error = add_membership(job, fd, if_index, PACKET_MR_ALLMULTI);
	return error;
}

/* That there was none is no error. */
static int detach_filter(int fd)
{
	int none = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none,
			  sizeof(none)) < 0 &&
			       errno != ENOENT
		       ? -errno
		       : 0;
}

/* Protocol 0 until the bind: nothing of other devices can be queued. */
static int open_packet(struct privileged_job *job)
{
	uint32_t if_index;
	int fd, error = netdev_index(job, job->request->device, &if_index);

	if (error)
		return error;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return priv_fail(job, errno, "packet socket: %s",
				 strerror(errno));
	error = packet_options(job, fd);
	if (!error)
		error = bind_device(job, fd, if_index);
	if (!error)
		error = netdev_describe(job, if_index);
	if (error) {
		close(fd);
		return error;
	}
	job->fds[0] = fd;
	if (job->request->flags & PRIV_FLAG_WRAP)
		job->fds[1] = wrap_attach(fd, if_index);
	return 0;
}

int priv_open_netdev(struct privileged_job *job)
{
	int error = device_name_check(job);

	if (!error)
		error = netns_enter(job);
	if (error)
		return error;
	error = open_packet(job);
	netns_leave(job);
	return error;
}

int priv_set_filter(struct privileged_job *job)
{
	int error;

	if (job->fd < 0)
		return priv_fail(job, EINVAL, "a filter needs a socket");
	error = job->request->filter_count
			? attach_filter(job->fd, job->request)
			: detach_filter(job->fd);
	return error ? priv_fail(job, -error, "attach filter: %s",
				 strerror(-error))
		     : 0;
}
