/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_program.h: the BPF program that drops tunnels to provider addresses
 * before the kernel's IP stack sees them. Pure: privileged_hold.c loads it.
 */
#ifndef IO_HOLD_PROGRAM_H
#define IO_HOLD_PROGRAM_H

#include <linux/bpf.h>

#include "io/privileged.h"

/* the steps around, and at most eight per address */
#define HOLD_STEPS (40u + 8u * PRIV_ADDRESSES)

struct hold_program {
	struct bpf_insn step[HOLD_STEPS];
	uint32_t count;
};

/* hold_program_write - for a request of PRIV_HOLD_PROTOCOL: its addresses and
 * PRIV_FLAG_VXLAN. */
void hold_program_write(struct hold_program *program,
			const struct priv_request *request);

#endif
