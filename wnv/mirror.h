/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mirror.h: a mirror's copies for another host of the provider network.
 *
 * The copy is the customer's frame in GRE with the protocol type of
 * transparent Ethernet bridging and nothing else (RFC 2784): what any capture
 * tool, a Linux gretap and Open vSwitch's gre ports read. It has no key, or it
 * would be NVGRE; and its 4 bytes are few enough for the largest frame of a
 * subnet with the default MTU to fit. ERSPAN's 16 are not. Another vswitch that
 * is sent one drops it, gre_no_key.
 */
#ifndef WNV_MIRROR_H
#define WNV_MIRROR_H

#include <vswitch/extension.h>

/* mirror_copy - the mirror hook. The target is a peer (configure_provider.c);
 * a copy never waits for its next hop. */
void mirror_copy(const struct vs_call *call, const struct vs_frame *frame,
		 const struct vs_ip *to);

#endif
