// SPDX-License-Identifier: Apache-2.0
/*
 * A classic filter and the extended one that is made of it give the same answer
 * about every frame: programs of uplink_filter.c, and others at random; each is
 * run by an interpreter of its own and, where it lets us, by the kernel.
 */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <vswitch/wire.h>

#include "io/fast_filter.h"
#include "tests/support/classic_filter.h"
#include "tests/support/suite.h"
#include "uplink_filter.h"

#define FRAME	  128u
#define CONTEXT	  UINT64_C(0xc0ffee0000000000) /* what R1 comes with */
#define REGISTERS 10u

struct program {
	struct sock_filter classic[FAST_FILTER_CLASSIC + 1];
	struct bpf_insn code[FAST_FILTER_SIZE];
	uint32_t count; /* of classic */
	int made;	/* of code */
};

static uint32_t classic_answer(const struct program *program,
			       const uint8_t *frame, uint32_t size)
{
	static uint64_t words[FAST_FILTER_CLASSIC];

	memcpy(words, program->classic, program->count * sizeof(words[0]));
	return classic_run(words, (uint16_t)program->count, frame, size);
}

static int convert(struct program *program)
{
	/* what is not written is a step that no interpreter knows */
	memset(program->code, 0xff, sizeof(program->code));
	program->made = fast_filter_convert(program->classic, program->count,
					    program->code);
	return program->made;
}

/* -- the extended one -------------------------------------------------------
 */

/* Quicker than Check's, which write down where they are. */
static void must(bool true_so_far)
{
	if (!true_so_far)
		ck_abort_msg("the program is not sound");
}

/* A register that was not written yet is not to be read. */
struct machine {
	uint64_t value[REGISTERS];
	bool known[REGISTERS];
	const uint8_t *frame;
	uint32_t size;
	bool gone; /* it read behind the frame: the answer is 0 */
};

static uint64_t get(const struct machine *machine, uint8_t at)
{
	must(at < REGISTERS);
	must(machine->known[at]);
	return machine->value[at];
}

static void set(struct machine *machine, uint8_t at, uint64_t value)
{
	must(at < REGISTERS);
	machine->value[at] = value;
	machine->known[at] = true;
}

/* The frame is R6's; R1 to R5 do not survive. */
static void load(struct machine *machine, const struct bpf_insn *step)
{
	uint64_t at = (uint32_t)step->imm, value = 0;
	uint32_t size = BPF_SIZE(step->code) == BPF_W	? 4
			: BPF_SIZE(step->code) == BPF_H ? 2
							: 1;

	must(get(machine, BPF_REG_6) == CONTEXT);
	must(step->imm >= 0);
	must(step->dst_reg == 0);
	if (BPF_MODE(step->code) == BPF_IND)
		at += get(machine, step->src_reg);
	else
		must(step->src_reg == 0);
	for (uint8_t i = BPF_REG_1; i <= BPF_REG_5; i++)
		machine->known[i] = false;
	if (at + size > machine->size) {
		machine->gone = true;
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		value = value << 8 | machine->frame[at + i];
	set(machine, BPF_REG_0, value);
}

static bool jumps(const struct machine *machine, const struct bpf_insn *step)
{
	uint32_t left = (uint32_t)get(machine, step->dst_reg);
	uint32_t right = (uint32_t)step->imm;

	switch (BPF_OP(step->code)) {
	case BPF_JEQ:
		return left == right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	default:
		ck_abort_msg("jump %x", step->code);
		return false;
	}
}

static void calculate(struct machine *machine, const struct bpf_insn *step)
{
	uint8_t to = step->dst_reg;

	switch (step->code) {
	case BPF_ALU64 | BPF_MOV | BPF_X:
		set(machine, to, get(machine, step->src_reg));
		break;
	case BPF_ALU64 | BPF_MOV | BPF_K:
		set(machine, to, (uint64_t)(int64_t)step->imm);
		break;
	case BPF_ALU | BPF_MOV | BPF_K:
		set(machine, to, (uint32_t)step->imm);
		break;
	case BPF_ALU64 | BPF_AND | BPF_K:
		set(machine, to,
		    get(machine, to) & (uint64_t)(int64_t)step->imm);
		break;
	case BPF_ALU64 | BPF_LSH | BPF_K:
		set(machine, to, get(machine, to) << step->imm);
		break;
	default:
		ck_abort_msg("instruction %x", step->code);
	}
}

static uint32_t extended_answer(const struct program *program,
				const uint8_t *frame, uint32_t size)
{
	struct machine machine = {.frame = frame, .size = size};

	set(&machine, BPF_REG_1, CONTEXT);
	for (int pc = 0; pc < program->made && !machine.gone; pc++) {
		const struct bpf_insn *step = &program->code[pc];

		if (step->code == (BPF_JMP | BPF_EXIT))
			return (uint32_t)get(&machine, BPF_REG_0);
		must(step->off >= 0); /* forward only: it ends */
		if (step->code == (BPF_JMP | BPF_JA))
			pc += step->off;
		else if (BPF_CLASS(step->code) == BPF_JMP32)
			pc += jumps(&machine, step) ? step->off : 0;
		else if (BPF_CLASS(step->code) == BPF_LD)
			load(&machine, step);
		else
			calculate(&machine, step);
	}
	must(machine.gone);
	return 0;
}

/* -- programs and frames at random -------------------------------------------
 */

static struct vs_ip random_ip(struct prng *prng, bool ipv6)
{
	uint8_t octet[16] = {0x20, 1, 0x0d, 0xb8};

	octet[15] = (uint8_t)prng_below(prng, 8);
	octet[12] = 10;
	return ipv6 ? vs_ip_from_v6(octet) : vs_ip_from_v4(octet + 12);
}

static void uplink_program(struct program *program, struct prng *prng)
{
	struct vs_ip addresses[6];
	struct address_range ranges[4];
	struct uplink_filter_plan plan = {
		.addresses = addresses,
		.count = (uint16_t)prng_below(prng, 7),
		.echoes = prng_below(prng, 2),
		.vxlan = prng_below(prng, 2),
		.queries = prng_below(prng, 2),
		.ranges = ranges,
		.range_count = (uint16_t)prng_below(prng, 5),
	};
	uint64_t words[UPLINK_FILTER_SIZE];

	for (int i = 0; i < 6; i++)
		addresses[i] = random_ip(prng, prng_below(prng, 3) == 0);
	for (int i = 0; i < 4; i++) {
		ranges[i].first = random_ip(prng, prng_below(prng, 2));
		ranges[i].last = ranges[i].first;
		ranges[i].last.octet[15] |= (uint8_t)prng_below(prng, 4);
	}
	program->count = uplink_filter_build(&plan, words);
	ck_assert_uint_le(program->count, FAST_FILTER_CLASSIC);
	memcpy(program->classic, words, program->count * sizeof(words[0]));
}

/* So that tests are true now and then. */
static uint32_t random_constant(struct prng *prng)
{
	static const uint32_t often[] = {0,	     VS_TYPE_IPV4, VS_TYPE_IPV6,
					 VS_IP_GRE,  VS_IP_TCP,	   0xff,
					 0x7fffffff, 0x80000000,   0x80000001,
					 0xffffffff, 0x0800,	   0x06};

	return prng_below(prng, 3)
		       ? often[prng_below(prng,
					  sizeof(often) / sizeof(often[0]))]
		       : prng_u32(prng);
}

static struct sock_filter random_step(struct prng *prng, uint32_t left)
{
	static const uint16_t loads[] = {
		BPF_LD | BPF_ABS | BPF_B,  BPF_LD | BPF_ABS | BPF_H,
		BPF_LD | BPF_ABS | BPF_W,  BPF_LD | BPF_IND | BPF_B,
		BPF_LD | BPF_IND | BPF_H,  BPF_LD | BPF_IND | BPF_W,
		BPF_LDX | BPF_MSH | BPF_B,
	};
	static const uint16_t tests[] = {BPF_JMP | BPF_JEQ | BPF_K,
					 BPF_JMP | BPF_JGT | BPF_K,
					 BPF_JMP | BPF_JGE | BPF_K};
	uint32_t most = left > UINT8_MAX ? UINT8_MAX : left;

	if (!left || prng_below(prng, 12) == 0)
		return (struct sock_filter){.code = BPF_RET | BPF_K,
					    .k = random_constant(prng)};
	if (prng_below(prng, 2))
		return (struct sock_filter){.code = loads[prng_below(prng, 7)],
					    .k = prng_below(prng, 64)};
	return (struct sock_filter){.code = tests[prng_below(prng, 3)],
				    .jt = (uint8_t)prng_below(prng, most),
				    .jf = (uint8_t)prng_below(prng, most),
				    .k = random_constant(prng)};
}

static void random_program(struct program *program, struct prng *prng)
{
	program->count =
		1 + prng_below(prng,
			       prng_below(prng, 4) ? 24 : FAST_FILTER_CLASSIC);
	for (uint32_t i = 0; i < program->count; i++)
		program->classic[i] = random_step(prng, program->count - 1 - i);
}

/* Of the kinds that filters tell apart; returns its size. */
static uint32_t random_frame(struct prng *prng, uint8_t frame[FRAME])
{
	static const uint16_t types[] = {VS_TYPE_IPV4, VS_TYPE_IPV6,
					 VS_TYPE_ARP, VS_TYPE_VLAN};
	static const uint8_t protocols[] = {1, 2, 6, 17, 47, 58, 0, 44, 60};
	uint8_t protocol = protocols[prng_below(prng, sizeof(protocols))];
	uint8_t from[16], to[16];

	prng_fill(prng, frame, FRAME);
	vs_store16(frame + 12, types[prng_below(prng, 4)]);
	memcpy(from, random_ip(prng, true).octet, 16);
	memcpy(to, random_ip(prng, true).octet, 16);
	if (vs_load16(frame + 12) == VS_TYPE_IPV4) {
		frame[14] = (uint8_t)(prng_below(prng, 4) ? 0x45 : 0x47);
		frame[23] = protocol;
		memcpy(frame + 26, from + 12, 4);
		memcpy(frame + 30, to + 12, 4);
		vs_store16(frame + 36, prng_below(prng, 2) ? 4789 : 53);
		frame[34] = (uint8_t)(prng_below(prng, 2) ? 3 : 8);
	} else {
		frame[14] = 0x60;
		frame[20] = protocol;
		frame[54] = protocols[prng_below(prng, sizeof(protocols))];
		memcpy(frame + 22, from, 16);
		memcpy(frame + 38, to, 16);
		vs_store16(frame + 56, prng_below(prng, 2) ? 4789 : 53);
	}
	return prng_below(prng, 3) ? FRAME : prng_below(prng, FRAME);
}

/* Counts the frames that were let in. */
static uint32_t compare(const struct program *program, struct prng *prng,
			uint32_t frames)
{
	uint8_t frame[FRAME];
	uint32_t taken = 0;

	while (frames--) {
		uint32_t size = random_frame(prng, frame);
		uint32_t answer = classic_answer(program, frame, size);

		if (extended_answer(program, frame, size) != answer)
			ck_abort_msg("a frame of %u bytes, answer %u", size,
				     answer);
		taken += answer != 0;
	}
	return taken;
}

START_TEST(filters_of_uplinks_judge_as_before)
{
	struct prng prng = prng_start(prng_seed());
	struct program program;
	uint32_t taken = 0;

	for (int round = 0; round < 400; round++) {
		uplink_program(&program, &prng);
		ck_assert_int_gt(convert(&program), 0);
		taken += compare(&program, &prng, 200);
	}
	ck_assert_uint_gt(taken, 8000);
	ck_assert_uint_lt(taken, 72000);
}
END_TEST

START_TEST(programs_at_random_judge_as_before)
{
	struct prng prng = prng_start(prng_seed());
	struct program program;
	uint32_t taken = 0;

	for (int round = 0; round < 4000; round++) {
		random_program(&program, &prng);
		ck_assert_int_gt(convert(&program), 0);
		taken += compare(&program, &prng, 20);
	}
	ck_assert_uint_gt(taken, 8000);
}
END_TEST

/* -- by hand ----------------------------------------------------------------
 */

static const struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
static const struct sock_filter take = BPF_STMT(BPF_RET | BPF_K, 0x40000);

/* These steps, then "take", then "drop". */
static struct program steps(const struct sock_filter *first, uint32_t count)
{
	struct program program = {.count = count + 2};

	memcpy(program.classic, first, count * sizeof(*first));
	program.classic[count] = take;
	program.classic[count + 1] = drop;
	return program;
}

static uint32_t answer(const struct sock_filter *first, uint32_t count,
		       const uint8_t *frame, uint32_t size)
{
	struct program program = steps(first, count);

	ck_assert_int_gt(convert(&program), 0);
	ck_assert_uint_eq(classic_answer(&program, frame, size),
			  extended_answer(&program, frame, size));
	return extended_answer(&program, frame, size);
}

START_TEST(header_length_leaves_the_accumulator_alone)
{
	uint8_t frame[FRAME] = {[0] = 0x47, [20] = 9, [28] = 7, [33] = 5};
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_ABS | BPF_B, 20),
		BPF_STMT(BPF_LDX | BPF_MSH | BPF_B, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 9, 0, 3),
		BPF_STMT(BPF_LD | BPF_IND | BPF_H, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1),
	};

	/* 4 * 7 bytes, and 4 more */
	ck_assert_uint_eq(answer(program, 5, frame, FRAME), 0x40000);
	frame[33] = 6;
	ck_assert_uint_eq(answer(program, 5, frame, FRAME), 0);
	frame[20] = 8; /* the third jump leads to "drop" */
	frame[33] = 5;
	ck_assert_uint_eq(answer(program, 5, frame, FRAME), 0);
}
END_TEST

START_TEST(index_is_zero_at_first)
{
	uint8_t frame[FRAME] = {[3] = 5};
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_IND | BPF_B, 3),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1),
	};
	const struct sock_filter first =
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);

	ck_assert_uint_eq(answer(program, 2, frame, FRAME), 0x40000);
	ck_assert_uint_eq(answer(&first, 1, frame, FRAME), 0x40000);
}
END_TEST

START_TEST(tests_are_of_32_bits_without_a_sign)
{
	const uint8_t frame[FRAME] = {0xff, 0xff, 0xff, 0xfe};
	static const struct {
		uint16_t code;
		uint32_t k;
		bool yes;
	} cases[] = {
		{BPF_JEQ, 0xfffffffe, true},  {BPF_JGT, 0x7fffffff, true},
		{BPF_JGT, 0xfffffffd, true},  {BPF_JGT, 0xfffffffe, false},
		{BPF_JGT, 0xffffffff, false}, {BPF_JGE, 0xfffffffe, true},
		{BPF_JGE, 0xffffffff, false}, {BPF_JGT, 1, true},
		{BPF_JGE, 0x80000000, true},  {BPF_JEQ, 0xffffffff, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sock_filter program[] = {
			BPF_STMT(BPF_LD | BPF_ABS | BPF_W, 0),
			BPF_JUMP((uint16_t)(BPF_JMP | cases[i].code | BPF_K),
				 cases[i].k, 0, 1),
		};

		ck_assert_uint_eq(answer(program, 2, frame, FRAME),
				  cases[i].yes ? 0x40000 : 0);
	}
}
END_TEST

START_TEST(answers_are_whole_32_bit_numbers)
{
	struct program program = {.count = 1};

	for (int i = 0; i < 3; i++) {
		program.classic[0] = drop;
		program.classic[0].k =
			(const uint32_t[]){1, 0x80000000, 0xffffffff}[i];
		ck_assert_int_gt(convert(&program), 0);
		ck_assert_uint_eq(
			extended_answer(&program, (const uint8_t *)"", 0),
			program.classic[0].k);
	}
}
END_TEST

/* The kernel refuses what nobody reaches; of uplink_filter.c's programs some
 * have such steps: there is nothing to drop, or too much to look for. */
START_TEST(steps_that_nobody_reaches_are_left_out)
{
	const struct sock_filter program[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
		BPF_STMT(BPF_LD | BPF_ABS | BPF_B, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 1),
		BPF_STMT(BPF_RET | BPF_K, 11),
	};
	uint8_t frame[FRAME] = {0};
	struct program whole = steps(program, 5);

	ck_assert_uint_eq(answer(program, 5, frame, FRAME), 0x40000);
	ck_assert_int_gt(convert(&whole), 0);
	for (int at = 0; at < whole.made; at++)
		ck_assert_int_ne(whole.code[at].imm, 11);
	/* three to begin with, two jumps, "take" */
	ck_assert_int_eq(whole.made, 3 + 2 + 2 + 2);
}
END_TEST

START_TEST(longest_program_fits)
{
	struct program program = {.count = FAST_FILTER_CLASSIC};
	uint8_t frame[FRAME] = {0};

	for (uint32_t i = 0; i < FAST_FILTER_CLASSIC; i++)
		program.classic[i] = (struct sock_filter)BPF_STMT(
			BPF_LDX | BPF_MSH | BPF_B, 0);
	program.classic[FAST_FILTER_CLASSIC - 1] = take;
	ck_assert_int_gt(convert(&program), 0);
	ck_assert_int_le(program.made, (int)FAST_FILTER_SIZE);
	ck_assert_uint_eq(extended_answer(&program, frame, FRAME), 0x40000);
	/* and jumps over all that there can be */
	program.classic[0] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, 0, 254, 253);
	program.classic[FAST_FILTER_CLASSIC - 2] = drop;
	ck_assert_int_gt(convert(&program), 0);
	ck_assert_uint_eq(extended_answer(&program, frame, FRAME), 0x40000);
	program.classic[0].k = 1;
	ck_assert_int_gt(convert(&program), 0);
	ck_assert_uint_eq(extended_answer(&program, frame, FRAME), 0);
}
END_TEST

/* -- refused ----------------------------------------------------------------
 */

static bool is_refused(const struct sock_filter *first, uint32_t count)
{
	struct program program = steps(first, count);

	return convert(&program) == -EINVAL;
}

START_TEST(steps_that_are_not_known_are_refused)
{
	static const uint16_t known[] = {
		BPF_LD | BPF_ABS | BPF_B,  BPF_LD | BPF_ABS | BPF_H,
		BPF_LD | BPF_ABS | BPF_W,  BPF_LD | BPF_IND | BPF_B,
		BPF_LD | BPF_IND | BPF_H,  BPF_LD | BPF_IND | BPF_W,
		BPF_LDX | BPF_MSH | BPF_B, BPF_JMP | BPF_JEQ | BPF_K,
		BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGE | BPF_K,
		BPF_RET | BPF_K,
	};
	uint32_t taken = 0;

	for (uint32_t code = 0; code < 1024; code++) {
		const struct sock_filter step = {.code = (uint16_t)code};
		bool expected = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			expected |= known[i] == code;
		ck_assert_int_eq(is_refused(&step, 1), !expected);
		taken += expected;
	}
	ck_assert_uint_eq(taken, sizeof(known) / sizeof(known[0]));
}
END_TEST

/* What lies further is the kernel's own: negative offsets. */
START_TEST(loads_from_far_away_are_refused)
{
	static const uint16_t loads[] = {
		BPF_LD | BPF_ABS | BPF_B, BPF_LD | BPF_ABS | BPF_W,
		BPF_LD | BPF_IND | BPF_H, BPF_LDX | BPF_MSH | BPF_B};

	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct sock_filter step = {.code = loads[i], .k = INT16_MAX};

		ck_assert(!is_refused(&step, 1));
		step.k++;
		ck_assert(is_refused(&step, 1));
		step.k = (uint32_t)SKF_AD_OFF;
		ck_assert(is_refused(&step, 1));
	}
}
END_TEST

START_TEST(jumps_out_of_the_program_are_refused)
{
	struct sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1);
	struct program last = {.count = 2, .classic = {jump, take}};

	ck_assert(!is_refused(&jump, 1));
	jump.jt = 2;
	ck_assert(is_refused(&jump, 1));
	jump.jt = 0;
	jump.jf = 2;
	ck_assert(is_refused(&jump, 1));
	jump.jf = 255;
	ck_assert(is_refused(&jump, 1));
	ck_assert_int_eq(convert(&last), -EINVAL);
}
END_TEST

START_TEST(program_that_does_not_end_in_an_answer_is_refused)
{
	const struct sock_filter load = BPF_STMT(BPF_LD | BPF_ABS | BPF_B, 0);
	struct program program = {.count = 2, .classic = {load, load}};

	ck_assert_int_eq(convert(&program), -EINVAL);
	program.classic[1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	ck_assert_int_eq(convert(&program), -EINVAL);
	program.classic[1] = drop;
	ck_assert_int_gt(convert(&program), 0);
	program.count = 0;
	ck_assert_int_eq(convert(&program), -EINVAL);
}
END_TEST

START_TEST(program_of_257_steps_is_refused)
{
	struct program program = {.count = FAST_FILTER_CLASSIC + 1};

	for (uint32_t i = 0; i <= FAST_FILTER_CLASSIC; i++)
		program.classic[i] = take;
	ck_assert_int_eq(convert(&program), -EINVAL);
	program.count--;
	ck_assert_int_gt(convert(&program), 0);
}
END_TEST

/* -- by the kernel ----------------------------------------------------------
 */

/* The kernel takes an Ethernet header off what it gives a socket's filter. */
#define TAKEN_OFF 14u

static int kernel_load(const struct program *program)
{
	return bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "fast_filter",
			     "Apache-2.0", program->code, (size_t)program->made,
			     NULL);
}

static bool kernel_lets_us(void)
{
	struct program program = {.count = 1, .classic = {take}};
	int fd;

	if (convert(&program) < 0)
		return true; /* other tests say so */
	fd = kernel_load(&program);
	if (fd >= 0)
		close(fd);
	else
		fprintf(stderr, "not in the kernel: %s\n", strerror(errno));
	return fd >= 0;
}

static uint32_t kernel_answer(int fd, const uint8_t *frame, uint32_t size)
{
	uint8_t bytes[TAKEN_OFF + FRAME] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes,
		    .data_size_in = TAKEN_OFF + size, .repeat = 1);

	memcpy(bytes + TAKEN_OFF, frame, size);
	ck_assert_int_eq(bpf_prog_test_run_opts(fd, &run), 0);
	return run.retval;
}

static void compare_in_kernel(struct program *program, struct prng *prng)
{
	uint8_t frame[FRAME];
	int fd;

	ck_assert_int_gt(convert(program), 0);
	fd = kernel_load(program);
	ck_assert_msg(fd >= 0, "%u steps: %s", program->count, strerror(errno));
	for (int i = 0; i < 20; i++) {
		uint32_t size = random_frame(prng, frame);

		if (size < 40)
			size = FRAME;
		ck_assert_uint_eq(kernel_answer(fd, frame, size),
				  classic_answer(program, frame, size));
	}
	close(fd);
}

START_TEST(kernel_takes_them_and_judges_as_before)
{
	struct prng prng = prng_start(prng_seed());
	struct program program;

	for (int round = 0; round < 60; round++) {
		uplink_program(&program, &prng);
		compare_in_kernel(&program, &prng);
	}
	for (int round = 0; round < 60; round++) {
		random_program(&program, &prng);
		compare_in_kernel(&program, &prng);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fast_filter");
	TCase *tests = tcase_create("fast_filter");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, filters_of_uplinks_judge_as_before);
	tcase_add_test(tests, programs_at_random_judge_as_before);
	tcase_add_test(tests, header_length_leaves_the_accumulator_alone);
	tcase_add_test(tests, index_is_zero_at_first);
	tcase_add_test(tests, tests_are_of_32_bits_without_a_sign);
	tcase_add_test(tests, answers_are_whole_32_bit_numbers);
	tcase_add_test(tests, steps_that_nobody_reaches_are_left_out);
	tcase_add_test(tests, longest_program_fits);
	tcase_add_test(tests, steps_that_are_not_known_are_refused);
	tcase_add_test(tests, loads_from_far_away_are_refused);
	tcase_add_test(tests, jumps_out_of_the_program_are_refused);
	tcase_add_test(tests,
		       program_that_does_not_end_in_an_answer_is_refused);
	tcase_add_test(tests, program_of_257_steps_is_refused);
	if (kernel_lets_us())
		tcase_add_test(tests, kernel_takes_them_and_judges_as_before);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
