// SPDX-License-Identifier: Apache-2.0
/*
 * storm.c: the operations of storm.h. A frame begins as a template with good
 * headers; the bytes say which, between whom, and what is then broken.
 */
#define _GNU_SOURCE /* memmem */
#include "tests/support/storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fabric_lab.h"
#include "tests/support/frames.h"

#define MARK	     16u
#define FRAME	     40000u
#define MUTATIONS    7u
#define SETTLE_NS    UINT64_C(5000000000)
#define OUTER	     42u
#define TENANT_PORTS 4u

struct storm {
	struct fabric *fabric;
	uint32_t vsid[FABRIC_HOSTS][FABRIC_PORTS + 2]; /* by port id */
	uint64_t delivered;
	uint8_t how;		 /* the document in force */
	const uint8_t *at, *end; /* operations that are left */
	uint8_t frame[FRAME + 128];
};

/* The fabric's callback finds its storm here. */
static struct storm *the_storm;

static void broken(const char *what)
{
	fprintf(stderr, "storm: %s\n", what);
	abort();
}

static uint8_t next(struct storm *storm)
{
	return storm->at < storm->end ? *storm->at++ : 0;
}

/* -- what must hold for a frame that leaves ---------------------------------
 */

static void make_mark(uint8_t *mark, uint32_t vsid)
{
	memcpy(mark, "tenant's own: ", 14);
	vs_store16(mark + 14, (uint16_t)vsid);
}

static bool carries(const struct fabric_seen *seen, uint32_t vsid)
{
	uint8_t mark[MARK];

	make_mark(mark, vsid);
	return memmem(seen->bytes, seen->size, mark, MARK) != NULL;
}

static bool is_nvgre(const struct fabric_seen *seen)
{
	const uint8_t *ip = seen->bytes + 14;

	return seen->size >= 38 && vs_load16(seen->bytes + 12) == 0x0800 &&
	       ip[0] == 0x45 && ip[9] == 47 && vs_load16(ip + 22) == 0x6558;
}

static void judge_uplink(const struct fabric_seen *seen)
{
	const uint8_t *ip = seen->bytes + 14;
	bool ipv4 = seen->size >= 34 && vs_load16(seen->bytes + 12) == 0x0800;

	if (!seen->vsid.value) {
		/* hosts speak under a VSID of their own (RFC 7637 3.2) */
		if (is_nvgre(seen) && !(vs_load16(ip + 6) & 0x1fff) &&
		    vs_load32(ip + 24) >> 8 != VS_VSID_CONTROL)
			broken("NVGRE leaves untranslated");
		return;
	}
	if (!ipv4 || seen->size < OUTER + 14 || ip[0] != 0x45 || ip[9] != 47 ||
	    vs_load16(ip + 2) != seen->size - 14 ||
	    vs_sum_fold(vs_sum(0, ip, 20)) != 0xffff ||
	    vs_load32(ip + 20) != 0x20006558)
		broken("an outer header contradicts itself");
	if (vs_load32(ip + 24) >> 8 != seen->vsid.value)
		broken("a frame is under another VSID on the wire");
	if (seen->size > 14 + 1500)
		broken("an outer packet does not fit the wire");
}

static void look(struct fabric *fabric, const struct fabric_seen *seen)
{
	struct storm *storm = the_storm;
	uint32_t vsid = storm->vsid[seen->host][seen->port];
	static const uint32_t all[] = {0, LAB_BLUE, LAB_RED};
	unsigned int i;

	(void)fabric;
	if (seen->uplink) {
		judge_uplink(seen);
		return;
	}
	storm->delivered++;
	if (seen->vsid.value != vsid)
		broken("a frame of another VSID leaves on a port");
	/* a port on the provider network sees what a wire floods */
	if (!vsid && is_nvgre(seen))
		return;
	for (i = 0; i < 3; i++)
		if (all[i] != vsid && carries(seen, all[i]))
			broken("another tenant's bytes leave on a port");
}

/* -- documents --------------------------------------------------------------
 */

static void note_vsids(struct storm *storm)
{
	static const char *const blue[FABRIC_HOSTS][2] = {{"blue5", "blue6"},
							  {"blue7", "blue8"}};
	static const char *const red[FABRIC_HOSTS][2] = {{"red5", "red6"},
							 {"red7", "red8"}};
	unsigned int host, i;

	for (host = 0; host < FABRIC_HOSTS; host++)
		for (i = 0; i < 2; i++) {
			uint16_t b =
				fabric_port(storm->fabric, host, blue[host][i]);
			uint16_t r =
				fabric_port(storm->fabric, host, red[host][i]);

			storm->vsid[host][b] =
				storm->how & 1 ? LAB_RED : LAB_BLUE;
			storm->vsid[host][r] =
				storm->how & 1 ? LAB_BLUE : LAB_RED;
		}
}

#define NO_GUARDS ", \"mac-guard\": false, \"ca-guard\": false"
#define POLICED                                                                \
	", \"dhcp-guard\": true, \"router-guard\": true, "                     \
	"\"storm-limit\": 20, \"bandwidth-out\": 2000000, "                    \
	"\"bandwidth-in\": 2000000"

static void republish(struct storm *storm, uint8_t how)
{
	static const char *const more[] = {"", NO_GUARDS, POLICED,
					   NO_GUARDS POLICED};
	const struct lab_variant variant = {
		how & 1 ? "6001" : "5001", how & 1 ? "5001" : "6001",
		more[(how >> 1 & 1) | (how >> 2 & 2)], how & 4};
	struct lab_text text;
	unsigned int host;

	lab_document(&text, &variant);
	storm->how = how & 7;
	note_vsids(storm);
	for (host = 0; host < FABRIC_HOSTS; host++)
		fabric_apply(storm->fabric, host, text.bytes);
}

/* -- frames -----------------------------------------------------------------
 */

/* Who speaks to whom; `to` may be the gateway or nobody. */
struct talk {
	uint8_t from, to;
	uint32_t vsid;
};

static struct frames begin(struct storm *storm, const struct talk *talk,
			   uint16_t type)
{
	struct frames frame = frames_ethernet(storm->frame, type);

	storm->frame[5] = talk->to;
	storm->frame[11] = talk->from;
	if (talk->to == 1 && talk->vsid) {
		storm->frame[1] = 0x56;
		storm->frame[2] = 0x53;
		vs_store16(storm->frame + 4, (uint16_t)talk->vsid);
	}
	return frame;
}

static void fill(struct storm *storm, struct frames *frame,
		 const struct talk *talk, uint32_t size)
{
	uint8_t mark[MARK];

	if (size > FRAME - frame->size)
		size = FRAME - frame->size;
	memset(storm->frame + frame->size, 0x61, size);
	make_mark(mark, talk->vsid);
	if (size >= MARK)
		memcpy(storm->frame + frame->size, mark, MARK);
	frame->size += size;
}

static struct frames ip_frame(struct storm *storm, const struct talk *talk,
			      uint8_t protocol, uint32_t payload)
{
	struct frames frame = begin(storm, talk, VS_TYPE_IPV4);

	frames_ipv4(&frame, protocol);
	storm->frame[29] = talk->from;
	storm->frame[33] = talk->to;
	if (protocol == VS_IP_UDP)
		frames_udp(&frame);
	else if (protocol == VS_IP_TCP)
		frames_tcp(&frame, 1, 0x12);
	else
		frames_bytes(&frame, "\10\0\0\0\0\1\0\1", 8);
	fill(storm, &frame, talk, payload);
	if (protocol == VS_IP_UDP || protocol == VS_IP_TCP)
		frames_finish(&frame, protocol);
	else
		frames_finish_ip(&frame);
	return frame;
}

static struct frames ip6_frame(struct storm *storm, const struct talk *talk,
			       uint8_t extension, uint8_t icmp)
{
	struct frames frame = begin(storm, talk, VS_TYPE_IPV6);
	uint8_t *ip = storm->frame + 14, *nd;
	uint64_t sum;

	frames_ipv6(&frame, extension ? extension : VS_IP_ICMP6);
	memset(ip + 8, 0, 32);
	ip[7] = 255;
	ip[8] = ip[24] = 0xfd;
	ip[23] = talk->from;
	ip[39] = talk->to;
	if (extension)
		frames_bytes(&frame, "\x3a\0\0\0\0\0\0\0", 8);
	nd = storm->frame + frame.size;
	memset(nd, 0, 32);
	nd[0] = icmp;
	nd[8] = 0xfd;
	nd[23] = icmp == VS_ND_ADVERT ? talk->from : talk->to;
	nd[24] = icmp == VS_ND_ADVERT ? 2 : 1;
	nd[25] = 1;
	memcpy(nd + 26, storm->frame + 6, 6);
	frame.size += 32;
	frames_finish_ip(&frame);
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, 32);
	vs_store16(nd + 2, vs_checksum(vs_sum(sum, nd, 32)));
	return frame;
}

static struct frames arp_frame(struct storm *storm, const struct talk *talk,
			       uint16_t operation)
{
	struct frames frame = begin(storm, talk, VS_TYPE_ARP);
	uint8_t *arp = storm->frame + 14;

	memset(arp, 0, 46);
	memcpy(arp, "\0\1\10\0\6\4", 6);
	vs_store16(arp + 6, operation);
	memcpy(arp + 8, storm->frame + 6, 6);
	vs_store32(arp + 14, 0x0a000000u + talk->from);
	if (storm->how & 4) /* one to be learned, of few: VMs contest them */
		arp[17] = 32 + next(storm) % 4;
	vs_store32(arp + 24, 0x0a000000u + talk->to);
	if (operation == 1)
		memset(storm->frame, 0xff, 6);
	frame.size = 60;
	return frame;
}

static void to_group(struct storm *storm, uint8_t which)
{
	if (which & 1)
		memset(storm->frame, 0xff, 6);
	else
		memcpy(storm->frame, "\x33\x33\xff\0\0\7", 6);
}

static struct frames template(struct storm *storm, const struct talk *talk,
			      uint8_t which)
{
	struct frames frame;

	switch (which % 14) {
	case 0:
	case 1:
	case 2:
		return ip_frame(storm, talk, VS_IP_UDP, 40);
	case 3:
		return ip_frame(storm, talk, VS_IP_TCP, 100);
	case 4: /* inner fragmentation, or too big */
		return ip_frame(storm, talk, VS_IP_UDP, 1440);
	case 5:
		return ip_frame(storm, talk, VS_IP_ICMP, 48);
	case 6:
		return arp_frame(storm, talk, 1);
	case 7:
		return arp_frame(storm, talk, 2);
	case 8:
		frame = ip6_frame(storm, talk, 0, VS_ND_SOLICIT);
		to_group(storm, 0);
		return frame;
	case 9:
		return ip6_frame(storm, talk, next(storm) & 63, VS_ND_ADVERT);
	case 10:
		frame = ip_frame(storm, talk, VS_IP_UDP, 60);
		to_group(storm, which >> 4);
		return frame;
	case 11:
		return ip_frame(storm, talk, 47, 100);
	case 12: /* a super-frame */
		return ip_frame(storm, talk, VS_IP_TCP, 9000);
	default:
		frame = begin(storm, talk, 0x88b5);
		fill(storm, &frame, talk, 60);
		return frame;
	}
}

static void push_tag(struct storm *storm, struct frames *frame, uint16_t tci)
{
	if (frame->size < 12)
		return;
	memmove(storm->frame + 16, storm->frame + 12, frame->size - 12);
	vs_store16(storm->frame + 12, VS_TYPE_VLAN);
	vs_store16(storm->frame + 14, tci);
	frame->size += 4;
}

/* Bytes replaced near the front, mostly; the end cut. */
static void mutate(struct storm *storm, struct frames *frame, uint8_t count)
{
	uint32_t at;

	for (; count; count--) {
		at = next(storm);
		if (at == 255)
			at = (uint32_t)next(storm) << 4;
		if (at == 254) {
			at = next(storm);
			if (at < frame->size)
				frame->size = at;
			continue;
		}
		if (at == 253) {
			push_tag(storm, frame, next(storm));
			continue;
		}
		if (frame->size)
			storm->frame[at % frame->size] ^= next(storm);
	}
}

static void set_offload(struct storm *storm, struct vs_packet *packet,
			const struct frames *frame, uint8_t how)
{
	struct vs_offload *offload = &packet->view.offload;

	if (how & 1) {
		offload->csum_start = (uint16_t)frame->l4;
		offload->csum_offset = 16;
	}
	if (how & 2) {
		offload->gso = (uint8_t)(1 + (how >> 5) % 3);
		offload->gso_size = 1400;
		offload->header_size = 54;
	}
	if (how & 4) {
		offload->csum_start = next(storm);
		offload->csum_offset = next(storm);
	}
	if (how & 8) {
		offload->gso = next(storm) & 3;
		offload->gso_size =
			(uint16_t)(next(storm) * (how & 16 ? 1 : 16));
		offload->header_size = next(storm);
	}
	if ((how & 0xf0) == 0xf0) {
		packet->view.tags = 1;
		packet->view.vlan = next(storm);
	}
	/* as io/vnet.c lets through */
	if (offload->csum_start != VS_ABSENT &&
	    (uint32_t)offload->csum_start + offload->csum_offset + 2 >
		    packet->view.size)
		offload->csum_start = VS_ABSENT;
	if (offload->gso != VS_GSO_NONE &&
	    (!offload->gso_size || offload->header_size < 14 ||
	     offload->header_size >= packet->view.size))
		offload->gso = VS_GSO_NONE;
}

static void send(struct storm *storm, unsigned int host, uint16_t port,
		 const struct frames *frame, uint8_t offload)
{
	struct vs_packet *packet = fabric_packet(storm->fabric, host, port,
						 storm->frame, frame->size);

	if (!packet)
		broken("no buffer is left");
	set_offload(storm, packet, frame, offload);
	fabric_walk(storm->fabric, host, port, packet);
}

static void vm_frame(struct storm *storm)
{
	uint8_t who = next(storm), what = next(storm), how = next(storm);
	unsigned int host = who & 1;
	uint16_t port = (uint16_t)(3 + (who >> 1) % (TENANT_PORTS + 1));
	const char *name = storm->fabric->host[host].info[port - 2].name;
	struct talk talk = {
		.from = name[0] == 'p'
				? (uint8_t)(0x41 + host)
				: (uint8_t)(name[strlen(name) - 1] - '0'),
		.to = (uint8_t)(1 + (what >> 4) % 10),
		.vsid = storm->vsid[host][port],
	};
	struct frames frame = template(storm, &talk, what);
	uint8_t offload = how & 8 ? next(storm) : what % 14 == 12 ? 3 : 0;

	mutate(storm, &frame, how & MUTATIONS);
	send(storm, host, port, &frame, offload);
}

/* An attacker on the wire has everything but the tenants' bytes. */
static void wire_frame(struct storm *storm)
{
	uint8_t who = next(storm), what = next(storm), how = next(storm);
	unsigned int host = who & 1;
	struct talk talk = {
		.from = (uint8_t)(1 + (who >> 1) % 10),
		.to = (uint8_t)(1 + (what >> 4) % 10),
		.vsid = 0xffff,
	};
	struct frames frame = template(storm, &talk, what);
	const struct fabric_host *to = &storm->fabric->host[host];
	uint8_t *bytes = storm->frame, *ip = bytes + 14;

	if (frame.size > 2000)
		frame.size = 2000;
	memmove(bytes + OUTER, bytes, frame.size);
	memset(bytes, 0, OUTER);
	memcpy(bytes, to->info[0].mac.octet, 6);
	bytes[6] = 2;
	bytes[11] = 0x99;
	vs_store16(bytes + 12, VS_TYPE_IPV4);
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)(28 + frame.size));
	ip[8] = 64;
	ip[9] = 47;
	vs_store32(ip + 12, 0xc0000200u + (how >> 4) % 4);
	vs_store32(ip + 16, 0xc0000201u + host);
	vs_store32(ip + 20, 0x20006558);
	vs_store32(ip + 24, (who & 128 ? LAB_RED : LAB_BLUE) << 8);
	frame.size += OUTER;
	frame.l4 = OUTER + 34;
	mutate(storm, &frame, how & MUTATIONS);
	if (frame.size >= 34 && (ip[0] & 15) * 4u + 14 <= frame.size &&
	    (ip[0] & 15) >= 5) {
		vs_store16(ip + 10, 0);
		vs_store16(ip + 10,
			   vs_checksum(vs_sum(0, ip, (ip[0] & 15) * 4u)));
	}
	send(storm, host, fabric_uplink(storm->fabric, host), &frame,
	     how & 8 ? next(storm) : 0);
}

/* ARP and whatever else of the provider side. */
static void provider_frame(struct storm *storm)
{
	uint8_t who = next(storm), how = next(storm);
	struct talk talk = {.from = (uint8_t)(1 + (who >> 1) % 4),
			    .to = (uint8_t)(1 + (who >> 3) % 4),
			    .vsid = 0xffff};
	struct frames frame = arp_frame(storm, &talk, 1 + (how >> 7));

	vs_store32(storm->frame + 28, 0xc0000200u + talk.from);
	vs_store32(storm->frame + 38, 0xc0000200u + talk.to);
	mutate(storm, &frame, how & MUTATIONS);
	send(storm, who & 1, fabric_uplink(storm->fabric, who & 1), &frame, 0);
}

uint32_t storm_run(struct storm *storm, const uint8_t *bytes, size_t size)
{
	uint32_t frames = 0;

	the_storm = storm;
	storm->at = bytes;
	storm->end = bytes + size;
	while (storm->at < storm->end) {
		uint8_t operation = next(storm);

		frames++;
		if (operation < 150)
			vm_frame(storm);
		else if (operation < 235)
			wire_frame(storm);
		else if (operation < 245)
			provider_frame(storm);
		else if (operation < 255)
			fabric_advance(storm->fabric,
				       100u * (1 + (next(storm) & 7)));
		else
			republish(storm, next(storm));
	}
	return frames;
}

/* -- life -------------------------------------------------------------------
 */

struct storm *storm_open(uint16_t workers)
{
	const struct lab_variant variant = {"5001", "6001", "", false};
	struct storm *storm = calloc(1, sizeof(*storm));
	struct lab_text text;

	if (!storm)
		abort();
	storm->fabric = fabric_open(lab_document(&text, &variant), workers);
	storm->fabric->seen = look;
	note_vsids(storm);
	return storm;
}

void storm_settle(struct storm *storm)
{
	unsigned int host;

	the_storm = storm;
	fabric_check(storm->fabric);
	storm->fabric->now += SETTLE_NS;
	fabric_advance(storm->fabric, 100);
	if (storm->how)
		republish(storm, 0);
	fabric_check(storm->fabric);
	for (host = 0; host < FABRIC_HOSTS; host++)
		if (fabric_total(storm->fabric, host).held)
			broken("a frame is held for ever");
}

void storm_close(struct storm *storm)
{
	fabric_close(storm->fabric);
	free(storm);
}

uint64_t storm_delivered(const struct storm *storm)
{
	return storm->delivered;
}
