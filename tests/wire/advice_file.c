/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice_file FILE [vxlan] [ipv6] [PREFIX]: what host B tells host A about
 * packets that are not for it, as a pcap file, for tests/wire/advice.sh. With
 * PREFIX each inner frame is written to a file of its own as well: corpus of
 * fuzz/control.
 *
 * Frames, in order: REDIRECT about blue 10.0.0.8, which is on C; UNREACHABLE
 * about 10.0.0.200, which nobody knows.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/wnv_lab.h"

#define FRAME_LIMIT 4096u

static void write32(FILE *file, uint32_t value)
{
	uint8_t bytes[4];

	vs_store32(bytes, value);
	fwrite(bytes, 1, sizeof(bytes), file);
}

static void write_head(FILE *file)
{
	write32(file, 0xa1b2c3d4); /* pcap, big endian, version 2.4 */
	write32(file, 0x00020004);
	write32(file, 0);
	write32(file, 0);
	write32(file, 65535);
	write32(file, 1);
}

static void write_frame(FILE *file, uint32_t number, const struct vs_view *view)
{
	write32(file, 1700000000);
	write32(file, number);
	write32(file, view->size);
	write32(file, view->size);
	fwrite(view->data, 1, view->size, file);
}

static void write_inner(const char *prefix, uint32_t number,
			const struct vs_view *view)
{
	struct codec_packet packet;
	struct codec_outer outer;
	enum wnv_reason reason;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s%u", prefix, number);
	file = fopen(path, "wb");
	assert(file && codec_find(view->data, view->size, &outer));
	codec_read(view, &outer, &packet, &reason);
	fwrite(view->data + packet.inner, 1, packet.end - packet.inner, file);
	fclose(file);
}

static struct wnv_pa pa(const struct lab_options *options, uint8_t host)
{
	uint8_t bytes[16] = {0x20, 1, 0x0d, 0xb8, [12] = 192, 0, 2, host};

	return (struct wnv_pa){options->ipv6 ? vs_ip_from_v6(bytes)
					     : vs_ip_from_v4(bytes + 12)};
}

/* UDP of 10.0.0.5 on A, sent to B though it is for another VM. */
static uint32_t write_stray(const struct lab_options *options, uint8_t to,
			    uint8_t *bytes)
{
	uint8_t inner[FRAME_LIMIT], lead[CODEC_LEAD];
	struct frames frame = lab_frame4(inner, 5, to, VS_IP_UDP);
	const struct codec_ends ends = {
		.source_mac = lab_host_mac(1),
		.hop_mac = lab_host_mac(2),
		.source = pa(options, 1),
		.target = pa(options, 2),
		.kind = options->vxlan ? CODEC_VXLAN : CODEC_NVGRE,
	};
	struct codec_path path;

	frames_udp(&frame);
	frames_bytes(&frame, "who is there?", 13);
	frames_finish(&frame, VS_IP_UDP);
	codec_path_make(&path, &ends);
	codec_write(
		&path,
		&(struct codec_frame){.vsid = {LAB_BLUE}, .size = frame.size},
		lead);
	memcpy(bytes, lead, path.size);
	memcpy(bytes + path.size, inner, frame.size);
	return path.size + frame.size;
}

/* UDP's checksum is the link's to make. */
static void finish(struct vs_view *view, uint8_t *bytes)
{
	uint32_t start = view->offload.csum_start;

	memcpy(bytes, view->data, view->size);
	view->data = bytes;
	if (start == VS_ABSENT)
		return;
	vs_store16(bytes + start + view->offload.csum_offset,
		   vs_checksum(vs_sum(0, bytes + start, view->size - start)));
}

static void tell(struct lab *lab, const struct lab_options *options, uint8_t to,
		 struct vs_view *view)
{
	static uint8_t made[2][FRAME_LIMIT];
	static unsigned int count;
	uint8_t bytes[FRAME_LIMIT];
	uint32_t size = write_stray(options, to, bytes);
	struct vs_packet *packet = lab_packet(lab, bytes, size, 0);

	if (options->vxlan) { /* as a device that has checked it says */
		packet->view.offload.csum_start =
			(uint16_t)(options->ipv6 ? 54 : 34);
		packet->view.offload.csum_offset = 6;
	}
	if (strcmp(lab_in(lab, packet), "dst_not_local") != 0 ||
	    lab->fake->seen.emitted_count != 1) {
		fprintf(stderr, "nothing was said\n");
		exit(1);
	}
	*view = lab->fake->seen.emitted[0].packet->view;
	finish(view, made[count++]);
	lab_clear(lab);
}

int main(int argc, char **argv)
{
	struct lab_options options = {.host = 2, .advises = true};
	static const uint8_t strays[2] = {8, 200};
	const char *prefix = NULL;
	struct vs_view view;
	struct lab lab;
	FILE *file;
	int i;

	if (argc < 2 || !(file = fopen(argv[1], "wb")))
		return 1;
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "vxlan") == 0)
			options.vxlan = true;
		else if (strcmp(argv[i], "ipv6") == 0)
			options.ipv6 = true;
		else
			prefix = argv[i];
	}
	lab = lab_open(&options);
	lab_know(&lab);
	write_head(file);
	for (i = 0; i < 2; i++) {
		tell(&lab, &options, strays[i], &view);
		write_frame(file, (uint32_t)i, &view);
		if (prefix)
			write_inner(prefix, (uint32_t)i, &view);
	}
	lab_close(&lab);
	return fclose(file) ? 1 : 0;
}
