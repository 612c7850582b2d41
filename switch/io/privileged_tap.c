/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_tap.c: make a TAP, in a namespace or here.
 *
 * Decides the order: create under a name of our own, offloads, move, rename,
 * configure, up. A TAP is never persistent: it goes with its fd. Before it:
 * privileged_local.c; after it: tap.c reads and writes the fd.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/netlink.h"
#include "io/vnet.h"

/* linux/if_tun.h of 6.2; older headers lack them */
#define OFFLOAD_USO (0x20u | 0x40u)
#define OFFLOAD_TSO (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)

/* TUNSETIFF wants a name; the temporary one is unique by number. */
static int create(struct privileged_job *job, const char *name)
{
	struct ifreq request = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return priv_fail(job, errno, "/dev/net/tun: %s",
				 strerror(errno));
	memcpy(request.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		int error = errno;

		close(fd);
		return priv_fail(job, error, "TAP %s: %s%s",
				 job->request->device, strerror(error),
				 error == EBUSY ? " (somebody else holds it)"
						: "");
	}
	return fd;
}

static int set_offloads(struct privileged_job *job, int fd)
{
	int header = VNET_SIZE;
	unsigned long offloads = OFFLOAD_TSO | OFFLOAD_USO;

	if (ioctl(fd, TUNSETVNETHDRSZ, &header) < 0)
		return priv_fail(job, errno, "TUNSETVNETHDRSZ: %s",
				 strerror(errno));
	job->reply->features = PRIV_HAS_VNET;
	if (job->request->flags & PRIV_FLAG_NO_OFFLOAD)
		offloads = 0;
	if (ioctl(fd, TUNSETOFFLOAD, offloads) == 0) {
		if (offloads)
			job->reply->features |= PRIV_HAS_TSO | PRIV_HAS_USO;
		return 0;
	}
	/* a kernel before 6.2 */
	if (ioctl(fd, TUNSETOFFLOAD, OFFLOAD_TSO) < 0)
		return priv_fail(job, errno, "TUNSETOFFLOAD: %s",
				 strerror(errno));
	job->reply->features |= PRIV_HAS_TSO;
	return 0;
}

static int set_name(int link, uint32_t if_index, uint16_t attribute,
		    const char *name)
{
	struct netlink_request request;
	struct ifinfomsg body = {.ifi_index = (int)if_index};

	memcpy(netlink_begin(&request, RTM_NEWLINK, 0, sizeof(body)), &body,
	       sizeof(body));
	netlink_put(&request, attribute, (const uint8_t *)name,
		    strlen(name) + 1);
	return netlink_ask(link, &request);
}

/* From the daemon's namespace into the one asked for. */
static int move(struct privileged_job *job, const char *name, int netns)
{
	struct ifinfomsg body = {0};
	struct netlink_request request;
	uint32_t if_index;
	int error = netdev_index(job, name, &if_index), link;

	if (error)
		return error;
	link = netlink_open(0);
	if (link < 0)
		return priv_fail(job, -link, "rtnetlink: %s", strerror(-link));
	body.ifi_index = (int)if_index;
	memcpy(netlink_begin(&request, RTM_NEWLINK, 0, sizeof(body)), &body,
	       sizeof(body));
	netlink_put32(&request, IFLA_NET_NS_FD, (uint32_t)netns);
	error = netlink_ask(link, &request);
	close(link);
	return error ? priv_fail(job, -error, "move TAP into namespace %s: %s",
				 job->request->netns, strerror(-error))
		     : 0;
}

/* Inside its namespace: its real name, then everything else. */
static int finish(struct privileged_job *job, const char *now)
{
	uint32_t if_index;
	int error = netdev_index(job, now, &if_index), link;

	if (error)
		return error;
	link = netlink_open(0);
	if (link < 0)
		return priv_fail(job, -link, "rtnetlink: %s", strerror(-link));
	if (strcmp(now, job->request->device) != 0) {
		error = set_name(link, if_index, IFLA_IFNAME,
				 job->request->device);
		if (error)
			priv_fail(job, -error,
				  "name TAP %s in namespace %s: %s",
				  job->request->device, job->request->netns,
				  strerror(-error));
	}
	if (!error)
		error = netdev_configure(job, link, if_index);
	if (!error)
		error = netdev_describe(job, if_index);
	close(link);
	return error;
}

static int make(struct privileged_job *job, const char *name, int netns)
{
	int error, fd = create(job, name);

	if (fd < 0)
		return fd;
	error = set_offloads(job, fd);
	if (!error && netns >= 0)
		error = move(job, name, netns);
	if (!error)
		error = netns_enter(job);
	if (!error) {
		error = finish(job, name);
		netns_leave(job);
	}
	job->fds[0] = fd; /* also if it failed: not this thread closes it */
	return error;
}

int priv_open_tap(struct privileged_job *job)
{
	static unsigned int number;
	char name[IFNAMSIZ];
	int netns, error = device_name_check(job);

	if (error)
		return error;
	if (!job->request->netns[0])
		return make(job, job->request->device, -1);
	/* before there is a TAP: to close one takes the kernel long */
	netns = netns_open(job);
	if (netns < 0)
		return netns;
	snprintf(name, sizeof(name), "vs%x-%x",
		 (unsigned int)getpid() & 0xffffffu, number++ & 0xffffu);
	error = make(job, name, netns);
	close(netns);
	return error;
}
