/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_program.h: the BPF program that drops tunnels to provider addresses,
 * and all IP to those that stand for a VM's (IP rewrite), before the kernel's
 * IP stack sees them. Pure: privileged_hold.c loads it.
 */
#ifndef IO_HOLD_PROGRAM_H
#define IO_HOLD_PROGRAM_H

#include <linux/bpf.h>

#include "io/privileged.h"

/* the steps around, and at most eight per address, nine per range */
#define HOLD_STEPS (44u + 8u * PRIV_ADDRESSES + 9u * PRIV_RANGES)

struct hold_program {
	struct bpf_insn step[HOLD_STEPS];
	uint32_t count;
};

/* hold_program_write - for a request of PRIV_HOLD_PROTOCOL: its addresses and
 * ranges, and PRIV_FLAG_VXLAN. */
void hold_program_write(struct hold_program *program,
			const struct priv_request *request);

#endif
