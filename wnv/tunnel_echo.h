/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel_echo.h: an echo from host to host within the tunnel, under the VSID
 * of control messages (control.h): inside stand both provider addresses again.
 *
 * Before it: translate_in.c, which has checked the outer headers. After it:
 * life.c.
 */
#ifndef WNV_TUNNEL_ECHO_H
#define WNV_TUNNEL_ECHO_H

#include <vswitch/echo.h>

#include "codec.h"
#include "provider.h"

/* tunnel_echo_read - the frame inside of a packet under VS_VSID_CONTROL; false:
 * it is no echo, or speaks for others than its ends. */
bool tunnel_echo_read(const uint8_t *bytes, const struct codec_packet *packet,
		      struct vs_echo *echo);

/* tunnel_echo_send - along a way to a peer. */
void tunnel_echo_send(const struct vs_call *call,
		      const struct provider_path *path,
		      const struct vs_echo *echo);

#endif
