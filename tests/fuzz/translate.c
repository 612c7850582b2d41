/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WNV's data path over any bytes: one byte (bit 0: outbound; bit 1: with
 * offload), 12 bytes of offload, then a frame in a block of exactly its size.
 * What is neither dropped nor consumed is untouched, or a customer frame of a
 * known VSID; no recipe reaches beyond its frame.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/wnv_lab.h"

#define LIMIT 9000u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct lab *the_lab(void)
{
	static const struct lab_options options = {.host = 2,
						   .dscp = WNV_DSCP_COPY};
	static struct lab lab;

	if (!lab.fake) {
		lab = lab_open(&options);
		lab_know(&lab);
	}
	return &lab;
}

static void judge_inbound(const struct vs_packet *packet, const uint8_t *bytes,
			  uint32_t size)
{
	const struct vs_view *view = &packet->view;

	if (packet->verdict.action != VS_PASS || view->vsid.value == 0) {
		if (view->size != size || memcmp(view->data, bytes, size) != 0)
			abort();
		return;
	}
	if ((view->vsid.value != LAB_BLUE && view->vsid.value != LAB_RED) ||
	    view->size > size - 42 || view->size < 14)
		abort();
}

static void judge_outbound(const struct lab *lab,
			   const struct vs_packet *packet)
{
	const struct fake_records *seen = &lab->fake->seen;
	unsigned int i;

	if (packet->verdict.action == VS_PASS)
		abort(); /* no answer */
	if ((packet->verdict.action == VS_SENT) != (seen->sent_count > 0))
		abort();
	for (i = 0; i < seen->sent_count; i++)
		if (seen->sent[i].lead_size < 42 ||
		    seen->sent[i].lead_size > VS_LEAD_SIZE ||
		    vs_load16(seen->sent[i].lead + 34) != 0x2000)
			abort();
}

static void run(struct lab *lab, struct vs_packet *packet, bool outbound)
{
	struct vs_packet before = *packet;
	uint32_t size = packet->view.size;
	uint8_t *exact = malloc(VS_PACKET_HEADROOM + size);

	memcpy(exact + VS_PACKET_HEADROOM, packet->view.data, size);
	packet->buffer = exact;
	packet->capacity = VS_PACKET_HEADROOM + size;
	packet->view.data = exact + VS_PACKET_HEADROOM;
	if (outbound) {
		lab_out(lab, packet);
		judge_outbound(lab, packet);
	} else {
		lab_in(lab, packet);
		judge_inbound(packet, before.view.data, size);
	}
	packet->buffer = before.buffer;
	packet->capacity = before.capacity;
	packet->view.data = before.view.data;
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct lab *lab = the_lab();
	struct vs_offload offload;
	struct vs_packet *packet;
	bool outbound;

	if (size < 13 + 14 || size > LIMIT)
		return 0;
	outbound = bytes[0] & 1;
	memcpy(&offload, bytes + 1, sizeof(offload));
	packet = lab_packet(lab, bytes + 13, (uint32_t)size - 13,
			    outbound ? LAB_BLUE : 0);
	if (bytes[0] & 2) {
		packet->view.offload = offload;
		vs_packet_parse(packet);
	}
	run(lab, packet, outbound);
	lab_clear(lab);
	return 0;
}
