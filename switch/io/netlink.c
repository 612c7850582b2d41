/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink.c: write and read rtnetlink messages.
 *
 * Decides nothing. Before it: privileged_netdev.c (configure), watch.c
 * (observe); after it: the kernel.
 */
#include "io/netlink.h"

#include <assert.h>
#include <errno.h>
#include <linux/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint8_t *netlink_begin(struct netlink_request *request, uint16_t type,
		       uint16_t flags, size_t size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	return request->bytes + NLMSG_HDRLEN;
}

void netlink_put(struct netlink_request *request, uint16_t type,
		 const uint8_t *bytes, size_t size)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr attribute = {
		.rta_len = (uint16_t)RTA_LENGTH(size),
		.rta_type = type,
	};

	assert(at + RTA_SPACE(size) <= sizeof(request->bytes));
	memcpy(request->bytes + at, &attribute, sizeof(attribute));
	memcpy(request->bytes + at + RTA_LENGTH(0), bytes, size);
	request->header.nlmsg_len = (uint32_t)(at + RTA_LENGTH(size));
}

void netlink_put32(struct netlink_request *request, uint16_t type,
		   uint32_t value)
{
	uint8_t bytes[sizeof(value)];

	memcpy(bytes, &value, sizeof(value));
	netlink_put(request, type, bytes, sizeof(bytes));
}

static int send_request(int fd, const struct netlink_request *request)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	return sendto(fd, request->bytes, request->header.nlmsg_len, 0,
		      (struct sockaddr *)&kernel, sizeof(kernel)) < 0
		       ? -errno
		       : 0;
}

/* The acknowledgement of request 1 in a buffer: true, *result is set. */
static bool find_ack(const uint8_t *bytes, size_t size, int *result)
{
	while (size >= NLMSG_HDRLEN) {
		struct nlmsghdr header;
		struct nlmsgerr ack;

		memcpy(&header, bytes, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > size)
			return false;
		if (header.nlmsg_type == NLMSG_ERROR &&
		    header.nlmsg_len >= NLMSG_LENGTH(sizeof(ack))) {
			memcpy(&ack, bytes + NLMSG_HDRLEN, sizeof(ack));
			*result = ack.error;
			return true;
		}
		if (NLMSG_ALIGN(header.nlmsg_len) >= size)
			return false;
		bytes += NLMSG_ALIGN(header.nlmsg_len);
		size -= NLMSG_ALIGN(header.nlmsg_len);
	}
	return false;
}

int netlink_ask(int fd, struct netlink_request *request)
{
	int result = 0, error;

	request->header.nlmsg_flags |= NLM_F_ACK;
	request->header.nlmsg_seq = 1;
	error = send_request(fd, request);
	if (error)
		return error;
	for (;;) {
		_Alignas(struct nlmsghdr) uint8_t answer[8192];
		ssize_t size = recv(fd, answer, sizeof(answer), 0);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		if (find_ack(answer, (size_t)size, &result))
			return result;
	}
}

int netlink_open(uint32_t groups)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int size = 1 << 20;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	/* a burst of events must not overflow; what does is dumped again */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

int netlink_dump(int fd, uint16_t type)
{
	struct netlink_request request;

	/* AF_UNSPEC; the larger of the two bodies */
	netlink_begin(&request, type, NLM_F_DUMP, sizeof(struct ifinfomsg));
	return send_request(fd, &request);
}

/* Walk the attributes behind a body of `size` bytes. */
#define FOR_EACH_ATTRIBUTE(attribute, rest, message, body, size)               \
	for (attribute = (const struct rtattr *)((const uint8_t *)(body) +     \
						 NLMSG_ALIGN(size)),           \
	    rest = (message)->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(size));     \
	     rest >= sizeof(*(attribute)) &&                                   \
	     (attribute)->rta_len >= sizeof(*(attribute)) &&                   \
	     (attribute)->rta_len <= rest;                                     \
	     rest -= attribute_step(attribute, rest),                          \
	    attribute =                                                        \
		     (const struct rtattr *)((const uint8_t *)(attribute) +    \
					     RTA_ALIGN((attribute)->rta_len)))

/* Aligned size of an attribute, at most what is left. */
static size_t attribute_step(const struct rtattr *attribute, size_t rest)
{
	size_t step = RTA_ALIGN(attribute->rta_len);

	return step < rest ? step : rest;
}

static const uint8_t *value(const struct rtattr *attribute)
{
	return (const uint8_t *)attribute + RTA_LENGTH(0);
}

static size_t value_size(const struct rtattr *attribute)
{
	return attribute->rta_len - RTA_LENGTH(0);
}

static uint64_t read_dropped(const uint8_t *bytes, size_t size)
{
	uint64_t dropped = 0;

	/* the kernel adds members at the end of the struct */
	if (size >= offsetof(struct rtnl_link_stats64, tx_dropped) + 8)
		memcpy(&dropped,
		       bytes + offsetof(struct rtnl_link_stats64, tx_dropped),
		       sizeof(dropped));
	return dropped;
}

int netlink_read_link(const struct nlmsghdr *message, struct netlink_link *link)
{
	const uint8_t *body = (const uint8_t *)message + NLMSG_HDRLEN;
	const struct rtattr *attribute;
	struct ifinfomsg info;
	size_t rest;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
		return -EBADMSG;
	memcpy(&info, body, sizeof(info));
	/* a bridge reports its ports as links of its own family */
	if (info.ifi_family != AF_UNSPEC)
		return -EBADMSG;
	*link = (struct netlink_link){
		.if_index = (uint32_t)info.ifi_index,
		.up = (info.ifi_flags & IFF_UP) &&
		      (info.ifi_flags & IFF_RUNNING),
	};
	FOR_EACH_ATTRIBUTE (attribute, rest, message, body, sizeof(info)) {
		size_t size = value_size(attribute);

		if (attribute->rta_type == IFLA_IFNAME &&
		    size <= sizeof(link->name))
			memcpy(link->name, value(attribute), size);
		else if (attribute->rta_type == IFLA_MTU && size == 4)
			memcpy(&link->mtu, value(attribute), 4);
		else if (attribute->rta_type == IFLA_ADDRESS && size == 6)
			memcpy(link->mac.octet, value(attribute), 6);
		else if (attribute->rta_type == IFLA_STATS64)
			link->dropped = read_dropped(value(attribute), size);
	}
	link->name[sizeof(link->name) - 1] = '\0';
	return link->name[0] ? 0 : -EBADMSG;
}

int netlink_read_address(const struct nlmsghdr *message,
			 struct netlink_address *address)
{
	const uint8_t *body = (const uint8_t *)message + NLMSG_HDRLEN;
	const struct rtattr *attribute;
	const uint8_t *found = NULL;
	struct ifaddrmsg info;
	size_t rest, need;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
		return -EBADMSG;
	memcpy(&info, body, sizeof(info));
	if (info.ifa_family != AF_INET && info.ifa_family != AF_INET6)
		return -EBADMSG;
	need = info.ifa_family == AF_INET ? 4 : 16;
	FOR_EACH_ATTRIBUTE (attribute, rest, message, body, sizeof(info)) {
		/* point to point: LOCAL is ours, ADDRESS the other end's */
		if (value_size(attribute) == need &&
		    (attribute->rta_type == IFA_LOCAL ||
		     (attribute->rta_type == IFA_ADDRESS && !found)))
			found = value(attribute);
	}
	if (!found || info.ifa_prefixlen > need * 8)
		return -EBADMSG;
	*address = (struct netlink_address){
		.if_index = info.ifa_index,
		.global = info.ifa_scope == RT_SCOPE_UNIVERSE,
	};
	address->prefix.ip =
		need == 4 ? vs_ip_from_v4(found) : vs_ip_from_v6(found);
	address->prefix.length =
		(uint8_t)(info.ifa_prefixlen + (need == 4 ? 96 : 0));
	/* ::ffff:0:0/96 is how we write IPv4 (RFC 4291 2.5.5.2) */
	if (need == 16 && vs_ip_is_v4(&address->prefix.ip))
		return -EBADMSG;
	return 0;
}
