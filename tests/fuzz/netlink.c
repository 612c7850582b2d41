/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a kernel says of links and addresses: what is read lies
 * inside the message, a name ends, a prefix is one of its family's.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/netlink.h"

static void read_one(const struct nlmsghdr *message)
{
	struct netlink_address address;
	struct netlink_link link;

	if (!netlink_read_link(message, &link)) {
		assert(link.name[0]);
		assert(memchr(link.name, '\0', sizeof(link.name)));
	}
	if (!netlink_read_address(message, &address)) {
		assert(address.prefix.length <= 128);
		assert(!vs_ip_is_v4(&address.prefix.ip) ||
		       address.prefix.length >= 96);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t at = 0;

	while (size - at >= NLMSG_HDRLEN) {
		struct nlmsghdr header, *message;

		memcpy(&header, bytes + at, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN ||
		    header.nlmsg_len > size - at)
			break;
		/* not a byte behind it is ours */
		message = malloc(header.nlmsg_len);
		if (!message)
			abort();
		memcpy(message, bytes + at, header.nlmsg_len);
		read_one(message);
		free(message);
		if (NLMSG_ALIGN(header.nlmsg_len) >= size - at)
			break;
		at += NLMSG_ALIGN(header.nlmsg_len);
	}
	return 0;
}
