/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_netdev.c: existing devices: configure, describe, watch.
 *
 * Decides what of a device is changed, and in which order. Before it:
 * privileged_local.c, privileged_tap.c (a device of ours is dressed as one that
 * was there); after it: watch.c.
 */
#include "io/privileged_local.h"

#include <netinet/in.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/netlink.h"

static bool is_v4(const uint8_t octet[16])
{
	struct vs_ip ip = vs_ip_from_v6(octet);

	return vs_ip_is_v4(&ip);
}

/* -- configure ------------------------------------------------------------- */

/* MAC, MTU, up: one message. */
static int set_device(struct privileged_job *job, int link, uint32_t if_index)
{
	static const uint8_t zero[6];
	const struct priv_request *wanted = job->request;
	struct ifinfomsg body = {.ifi_index = (int)if_index};
	struct netlink_request request;
	int error;

	if (wanted->flags & PRIV_FLAG_UP) {
		body.ifi_flags = IFF_UP;
		body.ifi_change = IFF_UP;
	}
	memcpy(netlink_begin(&request, RTM_NEWLINK, 0, sizeof(body)), &body,
	       sizeof(body));
	if (memcmp(wanted->mac, zero, sizeof(zero)) != 0)
		netlink_put(&request, IFLA_ADDRESS, wanted->mac, 6);
	if (wanted->mtu)
		netlink_put32(&request, IFLA_MTU, wanted->mtu);
	error = netlink_ask(link, &request);
	return error ? priv_fail(job, -error,
				 "set MAC, MTU %u, up of device %s: %s",
				 wanted->mtu, wanted->device, strerror(-error))
		     : 0;
}

/* Add (RTM_NEWADDR) or take away (RTM_DELADDR) an address. */
static int change_address(int link, uint32_t if_index, uint16_t type,
			  const struct priv_address *address)
{
	bool v4 = is_v4(address->octet);
	struct ifaddrmsg body = {
		.ifa_family = v4 ? AF_INET : AF_INET6,
		.ifa_prefixlen = (uint8_t)(address->length - (v4 ? 96 : 0)),
		.ifa_index = if_index,
	};
	const uint8_t *bytes = address->octet + (v4 ? 12 : 0);
	size_t size = v4 ? 4 : 16;
	struct netlink_request request;
	uint16_t flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0;

	memcpy(netlink_begin(&request, type, flags, sizeof(body)), &body,
	       sizeof(body));
	netlink_put(&request, IFA_LOCAL, bytes, size);
	netlink_put(&request, IFA_ADDRESS, bytes, size);
	return netlink_ask(link, &request);
}

static int add_gateway(int link, uint32_t if_index,
		       const struct priv_address *gateway)
{
	bool v4 = is_v4(gateway->octet);
	struct rtmsg body = {
		.rtm_family = v4 ? AF_INET : AF_INET6,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct netlink_request request;

	memcpy(netlink_begin(&request, RTM_NEWROUTE,
			     NLM_F_CREATE | NLM_F_REPLACE, sizeof(body)),
	       &body, sizeof(body));
	netlink_put(&request, RTA_GATEWAY, gateway->octet + (v4 ? 12 : 0),
		    v4 ? 4 : 16);
	netlink_put32(&request, RTA_OIF, if_index);
	return netlink_ask(link, &request);
}

static bool asked_for(const struct priv_request *request,
		      const struct netlink_address *address)
{
	for (uint16_t i = 0; i < request->address_count; i++)
		if (!memcmp(request->addresses[i].octet,
			    address->prefix.ip.octet, 16) &&
		    request->addresses[i].length == address->prefix.length)
			return true;
	return false;
}

struct address_list {
	uint32_t if_index;
	uint16_t count;
	struct netlink_address address[64];
};

/* One datagram of a dump: true when it was the last. */
static bool read_dump(const uint8_t *bytes, size_t size,
		      struct address_list *list)
{
	while (size >= NLMSG_HDRLEN) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
		struct netlink_address address;
		size_t step = NLMSG_ALIGN(message->nlmsg_len);

		if (message->nlmsg_len < NLMSG_HDRLEN ||
		    message->nlmsg_len > size ||
		    message->nlmsg_type == NLMSG_DONE ||
		    message->nlmsg_type == NLMSG_ERROR)
			return true;
		if (message->nlmsg_type == RTM_NEWADDR &&
		    !netlink_read_address(message, &address) &&
		    address.if_index == list->if_index && list->count < 64)
			list->address[list->count++] = address;
		if (step >= size)
			return false;
		bytes += step;
		size -= step;
	}
	return false;
}

static int list_addresses(int link, struct address_list *list)
{
	_Alignas(struct nlmsghdr) uint8_t answer[32768];
	int error = netlink_dump(link, RTM_GETADDR);

	while (!error) {
		ssize_t size = recv(link, answer, sizeof(answer), 0);

		if (size < 0)
			return errno == EINTR ? 0 : -errno;
		if (read_dump(answer, (size_t)size, list))
			break;
	}
	return error;
}

/* Addresses of global scope that the request does not name go away. */
static int remove_others(struct privileged_job *job, int link,
			 uint32_t if_index)
{
	struct address_list list = {.if_index = if_index};
	int error = list_addresses(link, &list);

	for (uint16_t i = 0; !error && i < list.count; i++) {
		struct priv_address gone = {
			.length = list.address[i].prefix.length};

		if (!list.address[i].global ||
		    asked_for(job->request, &list.address[i]))
			continue;
		memcpy(gone.octet, list.address[i].prefix.ip.octet, 16);
		error = change_address(link, if_index, RTM_DELADDR, &gone);
	}
	return error ? priv_fail(job, -error, "remove addresses of %s: %s",
				 job->request->device, strerror(-error))
		     : 0;
}

int netdev_configure(struct privileged_job *job, int link, uint32_t if_index)
{
	const struct priv_request *request = job->request;
	int error = set_device(job, link, if_index);

	if (!error && request->flags & PRIV_FLAG_EXACT)
		error = remove_others(job, link, if_index);
	for (uint16_t i = 0; !error && i < request->address_count; i++) {
		const struct priv_address *address = &request->addresses[i];

		if (address->length > 128 ||
		    (is_v4(address->octet) && address->length < 96))
			return priv_fail(job, EINVAL, "bad prefix length");
		error = change_address(link, if_index, RTM_NEWADDR, address);
		if (error)
			priv_fail(job, -error, "address %u of device %s: %s",
				  i + 1u, request->device, strerror(-error));
	}
	for (uint16_t i = 0; !error && i < request->gateway_count; i++) {
		error = add_gateway(link, if_index, &request->gateways[i]);
		if (error)
			priv_fail(job, -error, "default route of %s: %s",
				  request->device, strerror(-error));
	}
	return error;
}

/* -- describe ---------------------------------------------------------------
 */

static uint8_t device_features(int fd, const char *name)
{
	struct ethtool_value value = {.cmd = ETHTOOL_GTSO};
	struct ifreq request = {.ifr_data = (char *)&value};

	memcpy(request.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, SIOCETHTOOL, &request) == 0 && value.data
		       ? PRIV_HAS_TSO
		       : 0;
}

int netdev_index(struct privileged_job *job, const char *name,
		 uint32_t *if_index)
{
	/* it opens a socket, which may fail */
	*if_index = if_nametoindex(name);
	if (*if_index)
		return 0;
	if (errno == ENODEV)
		return priv_fail(job, ENODEV, "no device %s", name);
	return priv_fail(job, errno, "device %s: %s", name, strerror(errno));
}

/* MAC, MTU, flags by the plain ioctls, of the device's present name. */
static int describe_link(struct privileged_job *job, int fd, uint32_t if_index)
{
	struct priv_reply *reply = job->reply;
	struct ifreq request = {0};

	request.ifr_ifindex = (int)if_index;
	if (ioctl(fd, SIOCGIFNAME, &request) < 0)
		return priv_fail(job, errno, "device %s: %s",
				 job->request->device, strerror(errno));
	if (ioctl(fd, SIOCGIFMTU, &request) < 0)
		return -errno;
	reply->mtu = (uint32_t)request.ifr_mtu;
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	memcpy(reply->mac, request.ifr_hwaddr.sa_data, 6);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	reply->up = (request.ifr_flags & IFF_UP) &&
		    (request.ifr_flags & IFF_RUNNING);
	reply->features |= device_features(fd, request.ifr_name);
	reply->if_index = if_index;
	return 0;
}

int netdev_describe(struct privileged_job *job, uint32_t if_index)
{
	struct priv_reply *reply = job->reply;
	struct address_list list = {.if_index = if_index};
	int error, link, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return priv_fail(job, errno, "socket: %s", strerror(errno));
	error = describe_link(job, fd, if_index);
	close(fd);
	if (error)
		return error;
	link = netlink_open(0);
	if (link < 0)
		return priv_fail(job, -link, "rtnetlink: %s", strerror(-link));
	error = list_addresses(link, &list);
	close(link);
	for (uint16_t i = 0;
	     i < list.count && reply->address_count < PRIV_ADDRESSES; i++) {
		struct priv_address *to =
			&reply->addresses[reply->address_count++];

		memcpy(to->octet, list.address[i].prefix.ip.octet, 16);
		to->length = list.address[i].prefix.length;
	}
	return error;
}

int priv_set_link(struct privileged_job *job)
{
	uint32_t if_index;
	int link, error = device_name_check(job);

	if (!error)
		error = netns_enter(job);
	if (error)
		return error;
	error = netdev_index(job, job->request->device, &if_index);
	link = netlink_open(0);
	if (!error && link < 0)
		error = priv_fail(job, -link, "rtnetlink: %s", strerror(-link));
	if (!error)
		error = netdev_configure(job, link, if_index);
	if (!error)
		error = netdev_describe(job, if_index);
	if (link >= 0)
		close(link);
	netns_leave(job);
	return error;
}

/* -- watching
 * ------------------------------------------------------------------ */

static int open_inotify(struct privileged_job *job)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return priv_fail(job, errno, "inotify: %s", strerror(errno));
	mkdir("/run/netns", 0755); /* EEXIST is the usual answer */
	if (inotify_add_watch(fd, "/run/netns",
			      IN_CREATE | IN_DELETE | IN_MOVED_TO |
				      IN_MOVED_FROM | IN_ONLYDIR) < 0) {
		int error = errno;

		close(fd);
		return priv_fail(job, error, "watch /run/netns: %s",
				 strerror(error));
	}
	return fd;
}

int priv_watch_netns(struct privileged_job *job)
{
	int fd, error = netns_enter(job);

	if (error)
		return error;
	fd = netlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
			  RTMGRP_IPV6_IFADDR);
	netns_leave(job);
	if (fd < 0)
		return priv_fail(job, -fd, "rtnetlink: %s", strerror(-fd));
	if (!job->request->netns[0]) {
		int inotify = open_inotify(job);

		if (inotify < 0) {
			close(fd);
			return inotify;
		}
		job->fds[1] = inotify;
	}
	job->fds[0] = fd;
	return 0;
}
