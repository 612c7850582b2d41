/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learning from ARP, ND and DHCP over any bytes: one byte (bit 0: from the
 * wire, wrapped by the host of its VM; bits 4 and up: seconds that pass
 * before), then a customer frame. Whatever is learned is an address of the
 * subnet that policy gives to nobody, at the MAC of an L2Only record.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/wnv_lab.h"
#include "wnv/learn.h"

#define LIMIT 1500u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct fuzz {
	struct lab lab;
	struct learned *learned;
};

static struct fuzz *the_fuzz(void)
{
	static const struct lab_options options = {.host = 1, .l2only = true};
	static struct fuzz fuzz;

	if (!fuzz.learned) {
		fuzz.lab = lab_open(&options);
		fuzz.learned = learned_create(5);
		if (!fuzz.learned)
			abort();
		wnv_state_set_learned(fuzz.lab.state, fuzz.learned);
		lab_know(&fuzz.lab);
	}
	return &fuzz;
}

static void judge(const struct fuzz *fuzz)
{
	const struct wnv_state *state = fuzz->lab.state;
	const struct wnv_subnet *subnet;
	struct learned_entry entry;
	uint64_t cursor = 0;

	while (learned_next(fuzz->learned, &cursor, fuzz->lab.fake->call.now_ns,
			    &entry)) {
		subnet = wnv_subnet_find(state, entry.key.vsid);
		if (!subnet || entry.key.vsid.value != LAB_BLUE ||
		    !wnv_subnet_holds(subnet, &entry.key.ca) ||
		    wnv_subnet_is_gateway(subnet, &entry.key.ca) ||
		    wnv_ip_is_martian(&entry.key.ca.ip) ||
		    wnv_record_find(state, entry.key.vsid, &entry.key.ca) ||
		    !wnv_l2only_find(state, entry.key.vsid, &entry.mac))
			abort();
	}
}

static void claim(const struct fuzz *fuzz, struct vs_packet *packet,
		  uint8_t kind, const uint8_t *ip)
{
	const struct vs_frame *frame = vs_packet_frame(packet);
	struct vs_claim one = {
		.vsid = {LAB_BLUE},
		.mac = vs_frame_source_mac(frame),
		.kind = kind,
		.ip = kind == VS_CLAIM_ND ? vs_ip_from_v6(ip)
					  : vs_ip_from_v4(ip),
	};

	learn_may_send(&fuzz->lab.fake->call, &one);
}

/* What the core's guard asks about a port's frame, then the hook. */
static void from_port(struct fuzz *fuzz, struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;

	if (view->flags & VS_FRAME_ARP)
		claim(fuzz, packet, VS_CLAIM_ARP, view->data + view->l3 + 14);
	else if (view->flags & VS_FRAME_ND)
		claim(fuzz, packet, VS_CLAIM_ND, view->data + view->l3 + 8);
	lab_out(&fuzz->lab, packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz *fuzz = the_fuzz();
	uint8_t inner[LIMIT], outer[LIMIT + CODEC_LEAD];
	struct frames frame = {.bytes = inner};
	uint32_t wrapped;

	if (size < 1 + VS_ETHERNET_SIZE || size - 1 > LIMIT)
		return 0;
	frame.size = (uint32_t)size - 1;
	memcpy(inner, bytes + 1, frame.size);
	lab_tick(&fuzz->lab, (uint64_t)(bytes[0] >> 4) * 1000 + 1);
	if (bytes[0] & 1) {
		wrapped = lab_wrap(outer, 2, 1, &frame);
		lab_in(&fuzz->lab, lab_packet(&fuzz->lab, outer, wrapped, 0));
	} else {
		from_port(fuzz,
			  lab_packet(&fuzz->lab, inner, frame.size, LAB_BLUE));
	}
	judge(fuzz);
	lab_clear(&fuzz->lab);
	return 0;
}
