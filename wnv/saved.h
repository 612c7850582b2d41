/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saved.h: what was learned of a VM goes along with it: from one host to the
 * next (hnv.md C7, A8.9), or to a newer version of this extension.
 *
 * Theory of operation
 * -------------------
 * Policy comes to every host by its document. What is saved is what the VM
 * said itself: its dynamic records (learned.h), and which of the shared
 * addresses it has. In bytes, all numbers big endian:
 *
 *	"wnv" 01 | entries, 4 | entry: VSID 4, CA 16, MAC 6 | entry | ...
 *
 * Of a port, all of it must fit the port and the policy of this host, or
 * nothing is taken. Of a whole instance, what is no longer true is left out
 * when there is a state to judge it by. A multi-tenant port saves nothing:
 * the addresses behind it are policy's.
 */
#ifndef WNV_SAVED_H
#define WNV_SAVED_H

#include "learned.h"
#include "policy.h"

struct saved_port {
	const struct wnv_state *state; /* NULL: none yet */
	struct learned *learned;
	const struct vs_main_host *host;
	const char *port; /* NULL: all of them */
};

/* Bytes that wait; zeroed: none. */
struct saved_bytes {
	uint8_t *bytes;
	size_t size;
};

/* saved_write - the save hook. */
size_t saved_write(const struct saved_port *port, uint8_t *bytes, size_t room);
/* saved_take - the restore hook of a port. */
int saved_take(const struct saved_port *port, const struct vs_saved *saved,
	       struct vs_error *error);

/* saved_keep - the restore hook of an instance that has no state yet.
 * saved_inherit - it has one now. saved_drop - it goes. */
int saved_keep(struct saved_bytes *kept, const struct vs_saved *saved,
	       struct vs_error *error);
void saved_inherit(struct saved_bytes *kept, const struct wnv_state *state,
		   const struct vs_main_host *host);
void saved_drop(struct saved_bytes *kept);

#endif
