/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_wrap.c: let the kernel cut super-frames inside NVGRE.
 *
 * A packet socket may send a super-frame, but not one inside GRE: the kernel
 * does not look behind the outer header and refuses it. A program at the
 * device's egress tells it: of a super-frame that this socket sent (by its
 * mark) with NVGRE over IPv4 in front, it takes the 42 bytes out and has the
 * kernel put them in again as an encapsulation of its own. From there on it is
 * what a GRE device of the kernel's sends: cut by the device if that can
 * (`ethtool -k`: tx-gre-segmentation), by the kernel if not, whole over a veth.
 *
 * The program goes with its link's fd. Needs BPF links at egress (6.6), probed
 * by trying; without it packet_socket.c cuts.
 *
 * Before it: privileged_packet.c opened the socket. After it: the link keeps
 * the fd.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vswitch/wire.h>

#define TCX_EGRESS 47	/* enum bpf_attach_type since 6.6 */
#define TCX_NEXT   (-1) /* enum tcx_action_base */

#define MARK 0x76735752 /* ours alone: the program takes it off again */

/* Outer IPv4, GRE with key, inner Ethernet: behind the outer Ethernet. */
#define WRAP_AT	  14
#define WRAP_SIZE 42
#define SAVED	  (-48) /* of the stack, aligned */

#define ENCAP_L2(size) ((uint64_t)(size) << 56)
#define ENCAP_L2_ETH   (1u << 6) /* since 5.14 */
#define WRAP_FLAGS                                                             \
	(BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 |             \
	 BPF_F_ADJ_ROOM_ENCAP_L4_GRE | ENCAP_L2_ETH |                          \
	 ENCAP_L2(VS_ETHERNET_SIZE))

#define MOVE(to, from)                                                         \
	{                                                                      \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to),          \
		.src_reg = (from)                                              \
	}
#define SET(to, value)                                                         \
	{                                                                      \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to),          \
		.imm = (value)                                                 \
	}
#define ADD(to, value)                                                         \
	{                                                                      \
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (to),          \
		.imm = (value)                                                 \
	}
#define SET64(to, value)                                                       \
	{.code = BPF_LD | BPF_DW | BPF_IMM,                                    \
	 .dst_reg = (to),                                                      \
	 .imm = (int32_t)(uint32_t)(value)},                                   \
	{                                                                      \
		.imm = (int32_t)(uint32_t)((uint64_t)(value) >> 32)            \
	}
#define MEMBER(to, member)                                                     \
	{                                                                      \
		.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (to),            \
		.src_reg = 6, .off = offsetof(struct __sk_buff, member)        \
	}
#define STORE(member, from)                                                    \
	{                                                                      \
		.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = 6,               \
		.src_reg = (from), .off = offsetof(struct __sk_buff, member)   \
	}
#define BYTES(size, at)                                                        \
	{                                                                      \
		.code = BPF_LD | BPF_ABS | (size), .imm = (at)                 \
	}
/* to go: instructions left behind this one up to the target */
#define UNLESS(value, to_go)                                                   \
	{                                                                      \
		.code = BPF_JMP | BPF_JNE | BPF_K, .off = (to_go),             \
		.imm = (value)                                                 \
	}
#define IF(value, to_go)                                                       \
	{                                                                      \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .off = (to_go),             \
		.imm = (value)                                                 \
	}
#define CALL(function)                                                         \
	{                                                                      \
		.code = BPF_JMP | BPF_CALL, .imm = (function)                  \
	}
#define EXIT                                                                   \
	{                                                                      \
		.code = BPF_JMP | BPF_EXIT                                     \
	}

/* Verdicts stand at 41 (let it pass) and 43 (drop it: a half-wrapped frame is
 * nobody's). */
#define PASS_FROM(here) (41 - (here)-1)
#define DROP_FROM(here) (43 - (here)-1)

static const struct bpf_insn program[] = {
	[0] = MOVE(6, 1),
	MEMBER(0, mark),
	UNLESS(MARK, PASS_FROM(2)),
	SET(1, 0),
	STORE(mark, 1),
	MEMBER(0, gso_size),
	IF(0, PASS_FROM(6)),
	BYTES(BPF_H, 12),
	UNLESS(ETH_P_IP, PASS_FROM(8)),
	BYTES(BPF_B, 23),
	UNLESS(IPPROTO_GRE, PASS_FROM(10)),
	/* remember the headers */
	[11] = MOVE(1, 6),
	SET(2, WRAP_AT),
	MOVE(3, 10),
	ADD(3, SAVED),
	SET(4, WRAP_SIZE),
	CALL(BPF_FUNC_skb_load_bytes),
	UNLESS(0, DROP_FROM(17)),
	/* take them out */
	[18] = MOVE(1, 6),
	SET(2, -WRAP_SIZE),
	SET(3, BPF_ADJ_ROOM_MAC),
	SET(4, BPF_F_ADJ_ROOM_FIXED_GSO),
	CALL(BPF_FUNC_skb_adjust_room),
	UNLESS(0, DROP_FROM(23)),
	/* room for an encapsulation */
	[24] = MOVE(1, 6),
	SET(2, WRAP_SIZE),
	SET(3, BPF_ADJ_ROOM_MAC),
	SET64(4, WRAP_FLAGS),
	CALL(BPF_FUNC_skb_adjust_room),
	UNLESS(0, DROP_FROM(30)),
	/* and the headers into it */
	[31] = MOVE(1, 6),
	SET(2, WRAP_AT),
	MOVE(3, 10),
	ADD(3, SAVED),
	SET(4, WRAP_SIZE),
	SET(5, 0),
	CALL(BPF_FUNC_skb_store_bytes),
	UNLESS(0, DROP_FROM(38)),
	[39] = SET(0, TCX_NEXT),
	EXIT,
	[41] = SET(0, TCX_NEXT),
	EXIT,
	[43] = SET(0, TC_ACT_SHOT),
	EXIT,
};

static int load_program(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, "vswitch_wrap", sizeof("vswitch_wrap"));
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

int wrap_attach(int fd, uint32_t if_index)
{
	const int mark = MARK;
	union bpf_attr attr;
	int loaded = load_program(), link;

	if (loaded < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)loaded;
	attr.link_create.target_ifindex = if_index;
	attr.link_create.attach_type = TCX_EGRESS;
	link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	close(loaded);
	if (link >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0) {
		close(link);
		return -1;
	}
	return link;
}
