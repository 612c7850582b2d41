/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged_hold.c: keep the kernel's own stack away from the provider
 * addresses' GRE. Two means, both gone with their fds, after a SIGKILL too:
 *
 *   a raw protocol-47 socket that drops all: the kernel answers no ICMP
 *   protocol-unreachable; always
 *   a program at the device's ingress, behind the packet socket's tap, that
 *   drops NVGRE to these addresses before the IP stack pays for it; where the
 *   kernel has BPF links for that (6.6), probed by trying
 *
 * Before it: engine_port.c, which keeps the fds as long as the uplink.
 */
#include "io/privileged_local.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vswitch/wire.h>

#define TCX_INGRESS                                                            \
	46	      /* enum bpf_attach_type since 6.6; newer than headers    \
		       */
#define TCX_NEXT (-1) /* enum tcx_action_base */

#define TYPE_OFFSET	12
#define PROTOCOL_OFFSET 23
#define TARGET_OFFSET	30
#define PAYLOAD_OFFSET	36 /* GRE's protocol behind an IPv4 header of 20 */
#define FIXED_STEPS	12

struct steps {
	struct bpf_insn insn[FIXED_STEPS + PRIV_ADDRESSES];
	uint32_t count;
	uint32_t pass, drop; /* where the two ends stand */
};

static void put(struct steps *steps, struct bpf_insn insn)
{
	steps->insn[steps->count++] = insn;
}

static void put_load(struct steps *steps, uint8_t size, int32_t offset)
{
	put(steps, (struct bpf_insn){.code = (uint8_t)(BPF_LD | BPF_ABS | size),
				     .imm = offset});
}

/* 32-bit compare: an address above 127.x must not be sign-extended */
static void put_jump(struct steps *steps, uint8_t kind, uint32_t value,
		     uint32_t target)
{
	put(steps, (struct bpf_insn){
			   .code = (uint8_t)(BPF_JMP32 | kind | BPF_K),
			   .off = (int16_t)(target - steps->count - 1),
			   .imm = (int32_t)value,
		   });
}

static void put_end(struct steps *steps, int32_t verdict)
{
	put(steps, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K,
				     .imm = verdict});
	put(steps, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
}

static void write_program(struct steps *steps,
			  const struct priv_request *request)
{
	steps->count = 0;
	steps->pass = 8u + request->address_count;
	steps->drop = steps->pass + 2;
	put(steps, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X,
				     .dst_reg = BPF_REG_6,
				     .src_reg = BPF_REG_1});
	put_load(steps, BPF_H, TYPE_OFFSET);
	put_jump(steps, BPF_JNE, ETH_P_IP, steps->pass);
	put_load(steps, BPF_B, PROTOCOL_OFFSET);
	put_jump(steps, BPF_JNE, IPPROTO_GRE, steps->pass);
	put_load(steps, BPF_H, PAYLOAD_OFFSET);
	put_jump(steps, BPF_JNE, VS_TYPE_TEB, steps->pass);
	put_load(steps, BPF_W, TARGET_OFFSET);
	for (uint16_t i = 0; i < request->address_count; i++)
		put_jump(steps, BPF_JEQ,
			 vs_load32(request->addresses[i].octet + 12),
			 steps->drop);
	put_end(steps, TCX_NEXT);
	put_end(steps, TC_ACT_SHOT);
}

static int load_program(const struct steps *steps)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uint64_t)(uintptr_t)steps->insn;
	attr.insn_cnt = steps->count;
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, "vswitch_hold", sizeof("vswitch_hold"));
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* The link's fd, or -1: then the raw socket alone must do. */
static int drop_at_ingress(const struct priv_request *request)
{
	struct steps steps;
	union bpf_attr attr;
	int program, link;

	if (!request->address_count)
		return -1;
	write_program(&steps, request);
	program = load_program(&steps);
	if (program < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_ifindex = if_nametoindex(request->device);
	attr.link_create.attach_type = TCX_INGRESS;
	link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	close(program);
	return link;
}

int priv_hold_protocol(struct privileged_job *job)
{
	struct sock_filter drop = {.code = BPF_RET | BPF_K, .k = 0};
	struct sock_fprog program = {.len = 1, .filter = &drop};
	int fd, error = netns_enter(job);

	if (error)
		return error;
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_GRE);
	if (fd < 0)
		error = priv_fail(job, errno, "raw socket: %s",
				  strerror(errno));
	else
		job->fds[1] = drop_at_ingress(job->request);
	netns_leave(job);
	if (!error && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
				 sizeof(program)) < 0) {
		error = priv_fail(job, errno, "drop-all filter: %s",
				  strerror(errno));
		close(fd);
	}
	if (!error)
		job->fds[0] = fd;
	return error;
}
