/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_group.c: a socket that is a member of a group on a device. It is
 * bound to nothing, so nothing is ever queued on it.
 *
 * Before it: engine_group.c, which keeps the fd as long as the membership.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_ipv4(const uint8_t octet[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(octet, mapped, sizeof(mapped)) == 0;
}

static int add_ipv4(int fd, const uint8_t octet[16], unsigned int if_index)
{
	struct ip_mreqn membership = {.imr_ifindex = (int)if_index};

	memcpy(&membership.imr_multiaddr, octet + 12, 4);
	return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership,
			  sizeof(membership));
}

static int add_ipv6(int fd, const uint8_t octet[16], unsigned int if_index)
{
	struct ipv6_mreq membership = {.ipv6mr_interface = if_index};

	memcpy(&membership.ipv6mr_multiaddr, octet, 16);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &membership,
			  sizeof(membership));
}

static int open_member(struct privileged_job *job)
{
	const uint8_t *octet = job->request->addresses[0].octet;
	bool ipv4 = is_ipv4(octet);
	uint32_t if_index;
	int fd = netdev_index(job, job->request->device, &if_index);

	if (fd < 0)
		return fd;
	fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return priv_fail(job, errno, "socket: %s", strerror(errno));
	if ((ipv4 ? add_ipv4 : add_ipv6)(fd, octet, if_index) < 0) {
		int error = errno;

		close(fd);
		return priv_fail(job, error, "membership on %s: %s",
				 job->request->device, strerror(error));
	}
	job->fds[0] = fd;
	return 0;
}

int priv_join_group(struct privileged_job *job)
{
	int error = device_name_check(job);

	if (!error && job->request->address_count != 1)
		error = priv_fail(job, EINVAL, "one group at a time");
	if (!error)
		error = netns_enter(job);
	if (error)
		return error;
	error = open_member(job);
	netns_leave(job);
	return error;
}
