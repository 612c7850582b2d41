/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink.h: as much rtnetlink (rtnetlink(7)) as a switch needs: requests
 * with attributes, their acknowledgement, links and addresses read.
 */
#ifndef IO_NETLINK_H
#define IO_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>

#include <vswitch/types.h>

#include "io/privileged.h"

struct netlink_request {
	union {
		struct nlmsghdr header;
		uint8_t bytes[512];
	};
};

/* netlink_begin - a request with a zeroed body of `size` bytes, returned. */
uint8_t *netlink_begin(struct netlink_request *request, uint16_t type,
		       uint16_t flags, size_t size);
/* netlink_put - an attribute; the request has room for all we ever put. */
void netlink_put(struct netlink_request *request, uint16_t type,
		 const uint8_t *bytes, size_t size);
void netlink_put32(struct netlink_request *request, uint16_t type,
		   uint32_t value);
/* netlink_ask - send, wait for the acknowledgement: 0 or -errno. */
int netlink_ask(int fd, struct netlink_request *request);
/* netlink_open - a socket in the thread's namespace; the fd or -errno. */
int netlink_open(uint32_t groups);
/* netlink_dump - ask for all links or addresses (RTM_GETLINK, RTM_GETADDR);
 * the answers are to be read. 0 or -errno. */
int netlink_dump(int fd, uint16_t type);

/* What a message says about a link. */
struct netlink_link {
	uint32_t if_index, mtu;
	char name[PRIV_DEVICE];
	struct vs_mac mac;
	bool up;	  /* IFF_UP and carrier */
	uint64_t dropped; /* sent to the device, lost before it was read */
};
/* netlink_read_link - of RTM_NEWLINK or RTM_DELLINK; -EBADMSG. */
int netlink_read_link(const struct nlmsghdr *message,
		      struct netlink_link *link);

struct netlink_address {
	uint32_t if_index;
	struct vs_prefix prefix; /* host bits kept */
	bool global;		 /* scope */
};
int netlink_read_address(const struct nlmsghdr *message,
			 struct netlink_address *address);

#endif
