/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A classic socket filter, run as the kernel would run it.
 */
#ifndef TESTS_SUPPORT_CLASSIC_FILTER_H
#define TESTS_SUPPORT_CLASSIC_FILTER_H

#include <check.h>
#include <stdint.h>
#include <string.h>

#include <linux/filter.h>

/* The few instructions that our filters use; an unknown one fails the test. */
static inline uint32_t classic_run(const uint64_t *program, uint16_t count,
				   const uint8_t *frame, uint32_t size)
{
	uint32_t a = 0, x = 0, at;

	for (uint32_t pc = 0; pc < count; pc++) {
		struct sock_filter step;
		uint32_t bytes;

		memcpy(&step, &program[pc], sizeof(step));
		switch (step.code) {
		case BPF_LD | BPF_H | BPF_ABS:
		case BPF_LD | BPF_B | BPF_ABS:
		case BPF_LD | BPF_W | BPF_ABS:
		case BPF_LD | BPF_H | BPF_IND:
		case BPF_LD | BPF_B | BPF_IND:
		case BPF_LD | BPF_W | BPF_IND:
			at = step.k + (BPF_MODE(step.code) == BPF_IND ? x : 0);
			bytes = BPF_SIZE(step.code) == BPF_W   ? 4
				: BPF_SIZE(step.code) == BPF_H ? 2
							       : 1;
			if (at + bytes > size)
				return 0; /* the kernel drops */
			a = 0;
			for (uint32_t i = 0; i < bytes; i++)
				a = a << 8 | frame[at + i];
			break;
		case BPF_LDX | BPF_MSH | BPF_B:
			if (step.k >= size)
				return 0;
			x = (frame[step.k] & 15u) * 4;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == step.k ? step.jt : step.jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= step.k ? step.jt : step.jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > step.k ? step.jt : step.jf;
			break;
		case BPF_RET | BPF_K:
			return step.k;
		default:
			ck_abort_msg("instruction %x", step.code);
		}
	}
	ck_abort_msg("ran off the end");
	return 0;
}

#endif
