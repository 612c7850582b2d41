/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.h: a fixed ring of notes from any thread to one reader.
 *
 * Who writes: any thread, by taking a place with compare-and-swap and
 * releasing it with its sequence number. Who reads: one thread, in order. A
 * full ring refuses at once and counts: nobody ever waits.
 */
#ifndef CORE_MAILBOX_H
#define CORE_MAILBOX_H

#include <stdatomic.h>

#include <vswitch/host.h>

#include "core/flap.h"
#include "core/mismatch.h"

#define VS_MAILBOX_SIZE 256u /* a power of two */

enum mail_kind {
	MAIL_NOTE, /* vs_host.post, vs_host.kick, vs_main_host.kick */
	MAIL_EVENT,
	MAIL_ECHO,     /* echo.h, both ways */
	MAIL_LOOP,     /* the switch's own: a port is blocked */
	MAIL_MISMATCH, /* mismatch.h, to the main thread */
	MAIL_MISMATCH_FRAME,
};

struct mail {
	uint32_t attachment; /* its id; 0 = the switch itself */
	uint16_t kind;	     /* enum mail_kind */
	uint16_t event;
	union {
		struct vs_note note;
		struct vs_loop_found loop;
		struct mismatch_found mismatch;
		struct mismatch_frame mismatch_frame;
		char text[sizeof(struct vs_note)];
	};
};

struct mailbox_slot {
	_Atomic uint32_t sequence;
	struct mail mail;
};

struct mailbox {
	_Alignas(64) _Atomic uint32_t tail; /* writers */
	_Atomic uint64_t refused;
	_Alignas(64) uint32_t head; /* the reader */
	struct mailbox_slot slot[VS_MAILBOX_SIZE];
};

void mailbox_init(struct mailbox *mailbox);
/* mailbox_put - 0, or -ENOBUFS. */
int mailbox_put(struct mailbox *mailbox, const struct mail *mail);
/* mailbox_take - false: nothing there. */
bool mailbox_take(struct mailbox *mailbox, struct mail *mail);
/* mailbox_refused - puts that found no room; any thread. */
uint64_t mailbox_refused(const struct mailbox *mailbox);
/* mailbox_empty - by the reader only. */
bool mailbox_empty(const struct mailbox *mailbox);

#endif
