/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvgre_file FILE [vxlan] [ipv6]: what host A puts on the wire, as a pcap file,
 * for tests/wire/nvgre.sh and tunnels.sh: recipes of WNV, finished by the
 * link's segmenter. Without more words: NVGRE over IPv4.
 *
 * Frames, in order: blue UDP 5 > 7 · red, the same bytes · blue TCP over IPv6
 * · a SYN, clamped · a broadcast (two copies) · a UDP packet of 2,000 bytes
 * (two fragments) · a TCP super-frame (three segments) · blue 5 > 8, whose
 * host reads no FlowID.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "packet/segment.h"
#include "tests/support/wnv_lab.h"

#define FRAME_LIMIT 4096u

struct writer {
	FILE *file;
	uint32_t frames;
};

static void write32(FILE *file, uint32_t value)
{
	uint8_t bytes[4];

	vs_store32(bytes, value);
	fwrite(bytes, 1, sizeof(bytes), file);
}

static void write_frame(struct writer *writer, const uint8_t *bytes,
			uint32_t size)
{
	write32(writer->file, 1700000000);
	write32(writer->file, writer->frames++);
	write32(writer->file, size);
	write32(writer->file, size);
	fwrite(bytes, 1, size, writer->file);
}

/* As a link's tx does it. */
static void finish(struct writer *writer, const struct vs_recipe *recipe)
{
	static struct vs_segmenter segmenter;
	uint8_t bytes[FRAME_LIMIT];
	uint32_t offset, size;
	uint16_t header;
	int pieces;

	pieces = vs_segment_begin(&segmenter, recipe,
				  (uint16_t)(100 + writer->frames));
	assert(pieces > 0);
	while ((header = vs_segment_next(&segmenter, bytes, &offset, &size))) {
		assert(header + size <= sizeof(bytes));
		memcpy(bytes + header, vs_view(recipe->frame)->data + offset,
		       size);
		write_frame(writer, bytes, header + size);
	}
}

static void send(struct writer *writer, struct lab *lab,
		 struct vs_packet *packet)
{
	const char *verdict = lab_out(lab, packet);
	unsigned int i;

	if (strcmp(verdict, "sent") != 0) {
		fprintf(stderr, "not sent: %s\n", verdict);
		exit(1);
	}
	for (i = 0; i < lab->fake->seen.sent_count; i++)
		finish(writer, &lab->fake->seen.sent[i]);
	lab_clear(lab);
}

static struct frames udp(uint8_t *buffer, uint8_t to, uint32_t payload)
{
	struct frames frame = lab_frame4(buffer, 5, to, VS_IP_UDP);

	buffer[20] = 0; /* DF clear */
	vs_store16(buffer + 18, 0x0102);
	frames_udp(&frame);
	memset(buffer + frame.size, 0x75, payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static void send_udp(struct writer *writer, struct lab *lab)
{
	uint8_t buffer[FRAME_LIMIT];
	struct frames frame = udp(buffer, 7, 32);

	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_RED));
}

static void send_tcp(struct writer *writer, struct lab *lab)
{
	static const uint8_t options[4] = {2, 4, 0x05, 0xb4};
	uint8_t buffer[FRAME_LIMIT];
	struct frames frame = lab_frame6(buffer, 5, 7, VS_IP_TCP);

	frames_tcp(&frame, 1000, 0x18);
	frames_bytes(&frame, "six", 3);
	frames_finish(&frame, VS_IP_TCP);
	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
	frame = lab_frame4(buffer, 5, 7, VS_IP_TCP);
	frames_tcp(&frame, 1000, 0x02);
	buffer[frame.l4 + 12] = 0x60;
	frames_bytes(&frame, options, sizeof(options));
	frames_finish(&frame, VS_IP_TCP);
	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
}

static void send_super_frame(struct writer *writer, struct lab *lab)
{
	uint8_t buffer[FRAME_LIMIT];
	struct frames frame = lab_frame4(buffer, 5, 7, VS_IP_TCP);
	struct vs_packet *packet;

	frames_tcp(&frame, 5000, 0x18);
	memset(buffer + frame.size, 0x67, 3000);
	frame.size += 3000;
	frames_finish(&frame, VS_IP_TCP);
	vs_store16(buffer + 50,
		   vs_sum_fold(vs_sum_pseudo(buffer + 14, VS_IP_TCP,
					     frame.size - 34)));
	packet = lab_packet(lab, buffer, frame.size, LAB_BLUE);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1460,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	send(writer, lab, packet);
}

static void send_rest(struct writer *writer, struct lab *lab)
{
	uint8_t buffer[FRAME_LIMIT];
	struct frames frame = udp(buffer, 255, 8);

	memset(buffer, 0xff, 6);
	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
	frame = udp(buffer, 7, 2000);
	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
	send_super_frame(writer, lab);
	frame = udp(buffer, 8, 32);
	send(writer, lab, lab_packet(lab, buffer, frame.size, LAB_BLUE));
}

int main(int argc, char **argv)
{
	struct lab_options options = {.host = 1, .dscp = WNV_DSCP_COPY};
	struct writer writer = {NULL, 0};
	struct lab lab;
	int i;

	if (argc < 2 || !(writer.file = fopen(argv[1], "wb")))
		return 1;
	for (i = 2; i < argc; i++) {
		options.vxlan |= strcmp(argv[i], "vxlan") == 0;
		options.ipv6 |= strcmp(argv[i], "ipv6") == 0;
	}
	/* what the link carries less */
	options.mtu =
		(uint16_t)(1500 - codec_overhead(options.vxlan ? CODEC_VXLAN
							       : CODEC_NVGRE,
						 options.ipv6));
	lab = lab_open(&options);
	write32(writer.file, 0xa1b2c3d4); /* pcap, big endian, version 2.4 */
	write32(writer.file, 0x00020004);
	write32(writer.file, 0);
	write32(writer.file, 0);
	write32(writer.file, 65535);
	write32(writer.file, 1);
	lab_know(&lab);
	send_udp(&writer, &lab);
	send_tcp(&writer, &lab);
	send_rest(&writer, &lab);
	lab_close(&lab);
	return fclose(writer.file) ? 1 : 0;
}
