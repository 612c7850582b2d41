/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap.h: a TAP as a link: readv and writev with the vnet header.
 *
 * Super-frames and partial checksums pass through whole in both directions.
 * Plain TCP segments of one flush are coalesced before the write, and UDP
 * datagrams too where the kernel takes those apart again. What is larger than
 * the device's MTU is never written (the kernel would take it): a TCP
 * super-frame gets a smaller segment size, anything else is LINK_TOO_BIG.
 */
#ifndef IO_TAP_H
#define IO_TAP_H

#include "io/link.h"

/*
 * tap_link_create - `fd` of PRIV_OPEN_TAP (IFF_VNET_HDR, header size 10,
 * non-blocking); `uso`: the reply had PRIV_HAS_USO. 0: the link owns the fd;
 * -errno: the caller still does.
 */
int tap_link_create(struct vs_link **link, int fd, uint16_t mtu, bool uso);

#endif
