/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet_socket.h: an existing netdev as a link: AF_PACKET with
 * PACKET_VNET_HDR. Uplinks, veths, TAPs whose fd somebody else holds.
 *
 * A VLAN tag that the kernel moved to auxdata is put back into the bytes, so
 * that a frame reads the same from every kind of link. Plain super-frames go
 * out whole; NVGRE recipes with work left to do are finished and cut by
 * packet/segment.h and sent in batches.
 */
#ifndef IO_PACKET_SOCKET_H
#define IO_PACKET_SOCKET_H

#include "io/link.h"

/*
 * packet_socket_create - `fd` of PRIV_OPEN_NETDEV (bound, PACKET_VNET_HDR,
 * PACKET_AUXDATA, non-blocking) and `wrap`, its second fd, or -1: then
 * super-frames inside NVGRE are cut here. 0: the link owns the fds; -errno: the
 * caller still does.
 */
int packet_socket_create(struct vs_link **link, int fd, int wrap, uint16_t mtu);

#endif
