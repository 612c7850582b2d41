/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advise.h: a packet came to the wrong host: its sender is told (hnv.md A8.3,
 * A8.4), and what others tell us is judged (A8.6, design 8).
 *
 * Theory of operation
 * -------------------
 * Policy moves a VM at one host after the other. Meanwhile some send to where
 * it was. That host drops the frame as ever, and besides says where the VM is
 * (REDIRECT) or that it knows nothing of it (UNREACHABLE). These are hints: no
 * answer, no timer, and nobody waits for them.
 *
 * Whom we tell: a PA that a record of the routing domain names (of a VSID that
 * policy has not: any peer). Whom we believe: the PA that the record of the VM
 * names now, about a packet that one of our VMs sent, to a PA that a record of
 * the domain names as well. Each at most ten times a second.
 *
 * A network says redirect=notify (an event), apply (traffic follows, see
 * redirects.h) or off (nothing is sent, and none taken: control_bad; where all
 * say so, not even of a VSID that policy has not). Who
 * would lie could only move the traffic of its own VMs, and only to a host that
 * the tenant uses anyway.
 *
 * Nobody is told of a rewritten packet. It has no GRE header and no VSID to
 * quote (B1b.6), and the message would come to a PA that stands for a VM, where
 * GRE is the VM's own: any VM that it talks to could write the same.
 *
 * Before it: translate_in.c, with a frame that is dropped, or one under the
 * control VSID. After it: control.c, wrapped.c; redirects.c.
 */
#ifndef WNV_ADVISE_H
#define WNV_ADVISE_H

#include "codec.h"
#include "inner.h"
#include "policy.h"

/* A provider frame and what codec_read said of it. */
struct advise_packet {
	const struct vs_view *view;
	const struct codec_outer *outer;
	const struct codec_packet *packet;
};

/* advise_send - the inner frame, which was read, is for nobody here. */
void advise_send(const struct vs_call *call, const struct advise_packet *stray,
		 const struct wnv_inner *inner);

/* advise_hear - a frame under the control VSID from a peer to us: true if it
 * was taken; else `reason` is control_bad or control_rate. */
bool advise_hear(const struct vs_call *call, const struct advise_packet *heard,
		 enum wnv_reason *reason);

#endif
