/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_program.c: see hold_program.h. Jumps name labels while the program is
 * written and get their distances at the end:
 *
 *	IPv4? to a range of ours? drop; is it GRE with Ethernet inside, or
 *VXLAN? to one of ours? drop IPv6? the same else pass
 */
#include "io/hold_program.h"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include <vswitch/wire.h>

#define TCX_NEXT    (-1) /* enum tcx_action_base; newer than headers */
#define TYPE_OFFSET 12

enum label {
	HERE, /* `off` is right as it is */
	PASS,
	DROP,
	FAMILY, /* of IPv6 */
	GRE,	/* + 1 for IPv6 */
	UDP = GRE + 2,
	TARGET = UDP + 2,
	LABELS = TARGET + 2
};

struct writer {
	struct hold_program *program;
	uint8_t label[HOLD_STEPS];
	uint32_t at[LABELS];
};

/* What differs between the families. */
struct family {
	unsigned int index;
	int32_t protocol, target; /* offsets in the frame */
	int32_t shim;		  /* GRE's protocol, UDP's destination port */
	int words, skip;	  /* of an address; in its mapped form */
};

static const struct family ipv4 = {0, 23, 30, 36, 1, 12};
static const struct family ipv6 = {1, 20, 38, 56, 4, 0};

static void put(struct writer *writer, struct bpf_insn insn, unsigned int label)
{
	writer->label[writer->program->count] = (uint8_t)label;
	writer->program->step[writer->program->count++] = insn;
}

static void put_label(struct writer *writer, unsigned int label)
{
	writer->at[label] = writer->program->count;
}

static void put_load(struct writer *writer, uint8_t size, int32_t offset)
{
	put(writer,
	    (struct bpf_insn){.code = (uint8_t)(BPF_LD | BPF_ABS | size),
			      .imm = offset},
	    HERE);
}

/* 32-bit compare: an address above 127.x must not be sign-extended */
static void put_equal(struct writer *writer, uint32_t value, unsigned int label)
{
	put(writer,
	    (struct bpf_insn){.code = BPF_JMP32 | BPF_JEQ | BPF_K,
			      .imm = (int32_t)value},
	    label);
}

static void put_pass(struct writer *writer)
{
	put(writer, (struct bpf_insn){.code = BPF_JMP | BPF_JA}, PASS);
}

static void put_end(struct writer *writer, int32_t verdict)
{
	put(writer,
	    (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K,
			      .imm = verdict},
	    HERE);
	put(writer, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT}, HERE);
}

static bool is_ipv4(const struct priv_address *address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, 0xff};

	return memcmp(address->octet, mapped, sizeof(mapped)) == 0;
}

static void put_address(struct writer *writer, const struct family *family,
			const uint8_t *octet)
{
	int i, left;

	for (i = 0; i < family->words; i++) {
		left = family->words - 1 - i;
		put_load(writer, BPF_W, family->target + 4 * i);
		if (left == 0)
			put_equal(writer, vs_load32(octet + 4 * i), DROP);
		else /* another: the rest of this address is stepped over */
			put(writer,
			    (struct bpf_insn){
				    .code = BPF_JMP32 | BPF_JNE | BPF_K,
				    .off = (int16_t)(2 * left),
				    .imm = (int32_t)vs_load32(octet + 4 * i)},
			    HERE);
	}
}

/* All IP to a range: the last word between its ends, those before as they
 * are. */
static void put_range(struct writer *writer, const struct family *family,
		      const struct priv_range *range)
{
	const uint8_t *first = range->first.octet + family->skip;
	const uint8_t *last = range->last.octet + family->skip;
	int i, end = family->words - 1;

	for (i = 0; i < end; i++) {
		put_load(writer, BPF_W, family->target + 4 * i);
		put(writer,
		    (struct bpf_insn){.code = BPF_JMP32 | BPF_JNE | BPF_K,
				      .off = (int16_t)(2 * (end - i) + 1),
				      .imm = (int32_t)vs_load32(first + 4 * i)},
		    HERE);
	}
	put_load(writer, BPF_W, family->target + 4 * end);
	put(writer,
	    (struct bpf_insn){.code = BPF_JMP32 | BPF_JLT | BPF_K,
			      .off = 1,
			      .imm = (int32_t)vs_load32(first + 4 * end)},
	    HERE);
	put(writer,
	    (struct bpf_insn){.code = BPF_JMP32 | BPF_JLE | BPF_K,
			      .imm = (int32_t)vs_load32(last + 4 * end)},
	    DROP);
}

/* What says that it is a tunnel; the verifier wants no step without a use. */
static void put_shim(struct writer *writer, const struct family *family,
		     unsigned int label, uint32_t value)
{
	put_label(writer, label + family->index);
	put_load(writer, BPF_H, family->shim);
	put_equal(writer, value, TARGET + family->index);
	put_pass(writer);
}

static void put_family(struct writer *writer, const struct family *family,
		       const struct priv_request *request)
{
	bool vxlan = request->flags & PRIV_FLAG_VXLAN;
	uint16_t i;

	for (i = 0; i < request->range_count; i++)
		if (is_ipv4(&request->ranges[i].first) == (family == &ipv4))
			put_range(writer, family, &request->ranges[i]);
	put_load(writer, BPF_B, family->protocol);
	put_equal(writer, IPPROTO_GRE, GRE + family->index);
	if (vxlan)
		put_equal(writer, IPPROTO_UDP, UDP + family->index);
	put_pass(writer);
	put_shim(writer, family, GRE, VS_TYPE_TEB);
	if (vxlan)
		put_shim(writer, family, UDP, VS_UDP_VXLAN);
	put_label(writer, TARGET + family->index);
	for (i = 0; i < request->address_count; i++)
		if (is_ipv4(&request->addresses[i]) == (family == &ipv4))
			put_address(writer, family,
				    request->addresses[i].octet + family->skip);
	put_pass(writer);
}

static void resolve(struct writer *writer)
{
	struct hold_program *program = writer->program;
	uint32_t i;

	for (i = 0; i < program->count; i++)
		if (writer->label[i] != HERE)
			program->step[i].off =
				(int16_t)(writer->at[writer->label[i]] - i - 1);
}

void hold_program_write(struct hold_program *program,
			const struct priv_request *request)
{
	struct writer writer = {.program = program};

	program->count = 0;
	put(&writer,
	    (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X,
			      .dst_reg = BPF_REG_6,
			      .src_reg = BPF_REG_1},
	    HERE);
	put_load(&writer, BPF_H, TYPE_OFFSET);
	put_equal(&writer, ETH_P_IPV6, FAMILY);
	put(&writer,
	    (struct bpf_insn){.code = BPF_JMP32 | BPF_JNE | BPF_K,
			      .imm = ETH_P_IP},
	    PASS);
	put_family(&writer, &ipv4, request);
	put_label(&writer, FAMILY);
	put_family(&writer, &ipv6, request);
	put_label(&writer, PASS);
	put_end(&writer, TCX_NEXT);
	put_label(&writer, DROP);
	put_end(&writer, TC_ACT_SHOT);
	resolve(&writer);
}
