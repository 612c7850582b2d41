/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_filter.c: see fast_filter.h. A is R0, X is R7, R6 the frame.
 *
 * Two passes: sizes first, so that the distance of each jump is known.
 */
#include "io/fast_filter.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#define A     BPF_REG_0
#define X     BPF_REG_7
#define FRAME BPF_REG_6
#define KEPT  BPF_REG_8

struct out {
	struct bpf_insn *code; /* NULL: only counted */
	uint32_t count;
};

static void put(struct out *out, struct bpf_insn instruction)
{
	if (out->code)
		out->code[out->count] = instruction;
	out->count++;
}

static void move(struct out *out, uint8_t to, uint8_t from)
{
	put(out, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X,
				   .dst_reg = to & 15u,
				   .src_reg = from & 15u});
}

static void put_on_a(struct out *out, uint8_t code, uint32_t imm)
{
	put(out,
	    (struct bpf_insn){.code = code, .dst_reg = A, .imm = (int32_t)imm});
}

static void begin(struct out *out)
{
	move(out, FRAME, BPF_REG_1);
	put_on_a(out, BPF_ALU64 | BPF_MOV | BPF_K, 0);
	move(out, X, A);
}

/* X = 4 * (the byte there & 15); A stays */
static void put_header_length(struct out *out, uint32_t at)
{
	move(out, KEPT, A);
	put_on_a(out, BPF_LD | BPF_ABS | BPF_B, at);
	put_on_a(out, BPF_ALU64 | BPF_AND | BPF_K, 15);
	put_on_a(out, BPF_ALU64 | BPF_LSH | BPF_K, 2);
	move(out, X, A);
	move(out, A, KEPT);
}

/* The tests of a filter are unsigned and of 32 bits. */
static void put_jump(struct out *out, const struct sock_filter *step,
		     const uint16_t *start, uint32_t at)
{
	int32_t yes = start[at + 1 + step->jt] - (int32_t)out->count - 1;
	int32_t no = start[at + 1 + step->jf] - (int32_t)out->count - 2;

	put(out,
	    (struct bpf_insn){.code = (uint8_t)(BPF_JMP32 | BPF_OP(step->code)),
			      .dst_reg = A,
			      .off = (int16_t)yes,
			      .imm = (int32_t)step->k});
	put(out,
	    (struct bpf_insn){.code = BPF_JMP | BPF_JA, .off = (int16_t)no});
}

static bool convert(struct out *out, const struct sock_filter *step,
		    const uint16_t *start, uint32_t at)
{
	switch (step->code) {
	case BPF_LD | BPF_ABS | BPF_B:
	case BPF_LD | BPF_ABS | BPF_H:
	case BPF_LD | BPF_ABS | BPF_W:
		put_on_a(out, (uint8_t)step->code, step->k);
		return step->k <= INT16_MAX;
	case BPF_LD | BPF_IND | BPF_B:
	case BPF_LD | BPF_IND | BPF_H:
	case BPF_LD | BPF_IND | BPF_W:
		put(out, (struct bpf_insn){.code = (uint8_t)step->code,
					   .src_reg = X,
					   .imm = (int32_t)step->k});
		return step->k <= INT16_MAX;
	case BPF_LDX | BPF_MSH | BPF_B:
		put_header_length(out, step->k);
		return step->k <= INT16_MAX;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
		put_jump(out, step, start, at);
		return true;
	case BPF_RET | BPF_K:
		put_on_a(out, BPF_ALU | BPF_MOV | BPF_K, step->k);
		put_on_a(out, BPF_JMP | BPF_EXIT, 0);
		return true;
	default:
		return false;
	}
}

/* `next` is of the step behind it. */
static void reach(bool *next, const struct sock_filter *step)
{
	if (BPF_CLASS(step->code) == BPF_JMP)
		next[step->jt] = next[step->jf] = true;
	else if (BPF_CLASS(step->code) != BPF_RET)
		next[0] = true;
}

int fast_filter_convert(const struct sock_filter *classic, uint32_t count,
			struct bpf_insn code[FAST_FILTER_SIZE])
{
	/* of each step; behind the last one, for jumps that are refused */
	uint16_t start[FAST_FILTER_CLASSIC + UINT8_MAX + 2] = {0};
	bool reached[FAST_FILTER_CLASSIC + UINT8_MAX + 2] = {true};
	struct out out = {NULL, 0};

	if (!count || count > FAST_FILTER_CLASSIC ||
	    BPF_CLASS(classic[count - 1].code) != BPF_RET)
		return -EINVAL;
	for (int pass = 0; pass < 2; pass++) {
		out.count = 0;
		begin(&out);
		for (uint32_t i = 0; i < count; i++) {
			const struct sock_filter *step = &classic[i];

			start[i] = (uint16_t)out.count;
			if (BPF_CLASS(step->code) == BPF_JMP &&
			    (i + 1 + step->jt >= count ||
			     i + 1 + step->jf >= count))
				return -EINVAL;
			if (!reached[i])
				continue; /* the kernel would refuse it */
			reach(reached + i + 1, step);
			if (!convert(&out, step, start, i))
				return -EINVAL;
		}
		out.code = code;
	}
	return (int)out.count;
}
