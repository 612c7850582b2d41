// SPDX-License-Identifier: Apache-2.0
/*
 * coalesce.c: segments that follow each other become one super-frame before
 * they are written to a port that takes such. Decides which may join; a frame
 * about which there is any doubt goes through alone, and closes the run of its
 * flow, so that nothing overtakes it.
 *
 * Before this file: the outbox of one flush. After it: the link's tx.
 */
#include <assert.h>
#include <string.h>

#include <vswitch/wire.h>

#include "packet/coalesce.h"

#define TCP_FLAGS    13u
#define TCP_CHECKSUM 16u
#define TCP_PSH	     0x08u
#define TCP_ACK	     0x10u
#define UDP_CHECKSUM 6u
#define IPV4_DF	     0x4000u

/* What is remembered of a run while it may grow. */
struct growth {
	bool open;
	uint32_t flow;		    /* hash */
	uint32_t sequence;	    /* TCP: that the next member must have */
	uint16_t id;		    /* IPv4: of the last member */
	const struct vs_view *view; /* of the first member */
	const struct vs_recipe *recipe;
};

/* A frame's headers, if it is a plain data segment or datagram. */
struct segment {
	const struct vs_recipe *recipe;
	const struct vs_view *view;
	const uint8_t *ip, *l4;
	uint32_t payload_size;
};

static bool is_tcp(const struct vs_view *view)
{
	return view->protocol == VS_IP_TCP;
}

static uint16_t checksum_offset(const struct vs_view *view)
{
	return is_tcp(view) ? TCP_CHECKSUM : UDP_CHECKSUM;
}

/* What goes out is the frame as it is, behind nothing or NVGRE over IPv4. */
static bool is_whole_frame(const struct vs_recipe *recipe, unsigned int kinds)
{
	const struct vs_view *view = vs_view(recipe->frame);

	return recipe->slice_offset == 0 && recipe->slice_size == view->size &&
	       (recipe->lead_size
			? kinds & VS_COALESCE_WRAPPED &&
				  recipe->encapsulation == VS_ENCAP_NVGRE &&
				  recipe->lead_size == VS_COALESCE_LEAD &&
				  recipe->inner == VS_COALESCE_LEAD
			: recipe->encapsulation == VS_ENCAP_NONE);
}

/* Everything of two leads but length, ID and checksum of the IPv4 header. */
static bool leads_join(const struct vs_recipe *a, const struct vs_recipe *b)
{
	return a->lead_size == b->lead_size &&
	       (!a->lead_size || (memcmp(a->lead, b->lead, 16) == 0 &&
				  memcmp(a->lead + 20, b->lead + 20, 4) == 0 &&
				  memcmp(a->lead + 26, b->lead + 26,
					 VS_COALESCE_LEAD - 26) == 0));
}

/* IPv4 without options and with a good checksum, IPv6 without extensions;
 * no bytes behind the packet. */
static bool ip_is_plain(const struct vs_view *view)
{
	const uint8_t *ip = view->data + view->l3;
	uint32_t size = view->size - view->l3;

	if (view->flags & VS_FRAME_FRAGMENT)
		return false;
	if (view->flags & VS_FRAME_IPV4)
		return view->l4 == view->l3 + VS_IPV4_SIZE &&
		       vs_load16(ip + 2) == size &&
		       vs_sum_fold(vs_sum(0, ip, VS_IPV4_SIZE)) == 0xffff;
	return view->flags & VS_FRAME_IPV6 &&
	       view->l4 == view->l3 + VS_IPV6_SIZE &&
	       vs_load16(ip + 4) == size - VS_IPV6_SIZE;
}

/* Known good, or still to be made by whoever needs one. */
static bool checksum_is_good(const struct vs_view *view)
{
	uint32_t size = view->size - view->l4;
	uint64_t sum;

	if (view->offload.csum_start != VS_ABSENT)
		return view->offload.csum_start == view->l4 &&
		       view->offload.csum_offset == checksum_offset(view);
	/* a UDP sender that wants none gets none */
	if (!is_tcp(view) && !vs_load16(view->data + view->l4 + UDP_CHECKSUM))
		return false;
	if (view->offload.verified)
		return true;
	sum = vs_sum_pseudo(view->data + view->l3, view->protocol, size);
	return vs_sum_fold(vs_sum(sum, view->data + view->l4, size)) == 0xffff;
}

static bool l4_is_plain(const struct vs_view *view, unsigned int kinds)
{
	const uint8_t *l4 = view->data + view->l4;

	if (is_tcp(view))
		return (l4[TCP_FLAGS] & ~TCP_PSH) == TCP_ACK;
	return kinds & VS_COALESCE_UDP && view->protocol == VS_IP_UDP &&
	       vs_load16(l4 + 4) == view->size - view->l4;
}

/* Is this a plain data segment whose every byte is as its sender meant? */
static bool segment_read(struct segment *segment,
			 const struct vs_recipe *recipe, unsigned int kinds)
{
	const struct vs_view *view = vs_view(recipe->frame);

	if (!is_whole_frame(recipe, kinds) || view->payload == VS_ABSENT ||
	    view->payload >= view->size ||
	    recipe->lead_size + view->payload >
		    sizeof(((struct vs_run *)0)->header) ||
	    view->offload.gso != VS_GSO_NONE || !l4_is_plain(view, kinds) ||
	    !ip_is_plain(view) || !checksum_is_good(view))
		return false;
	segment->recipe = recipe;
	segment->view = view;
	segment->ip = view->data + view->l3;
	segment->l4 = view->data + view->l4;
	segment->payload_size = view->size - view->payload;
	return true;
}

/* Everything of two IP headers but length, ID and checksum. */
static bool ip_joins(const struct segment *segment, const struct growth *growth)
{
	const uint8_t *a = segment->ip;
	const uint8_t *b = growth->view->data + growth->view->l3;

	if (segment->view->flags & VS_FRAME_IPV6)
		return memcmp(a, b, 4) == 0 && memcmp(a + 6, b + 6, 34) == 0;
	/* Without DF the ID counts, and must come back when cut again. */
	if (!(vs_load16(a + 6) & IPV4_DF) &&
	    vs_load16(a + 4) != (uint16_t)(growth->id + 1))
		return false;
	return memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0 &&
	       memcmp(a + 12, b + 12, 8) == 0;
}

/* Everything of two TCP headers but sequence, PSH and checksum. */
static bool tcp_joins(const struct segment *segment,
		      const struct growth *growth)
{
	const uint8_t *a = segment->l4;
	const uint8_t *b = growth->view->data + growth->view->l4;
	uint32_t size = segment->view->payload - (uint32_t)segment->view->l4;

	return memcmp(a, b, 4) == 0 && memcmp(a + 8, b + 8, 5) == 0 &&
	       memcmp(a + 14, b + 14, 2) == 0 &&
	       memcmp(a + 18, b + 18, size - 18) == 0 &&
	       vs_load32(a + 4) == growth->sequence;
}

/* UDP: the ports; length and checksum come anew. */
static bool l4_joins(const struct segment *segment, const struct growth *growth)
{
	if (is_tcp(segment->view))
		return tcp_joins(segment, growth);
	return memcmp(segment->l4, growth->view->data + growth->view->l4, 4) ==
	       0;
}

static bool run_takes(const struct vs_run *run, const struct growth *growth,
		      const struct segment *segment)
{
	const struct vs_view *view = segment->view;
	uint32_t ip_size = segment->recipe->lead_size + run->payload -
			   (uint32_t)view->l3 + run->payload_size +
			   segment->payload_size;

	return growth->open && run->members < VS_COALESCE_MEMBERS &&
	       view->payload == run->payload && view->l3 == growth->view->l3 &&
	       view->l4 == growth->view->l4 &&
	       view->protocol == growth->view->protocol &&
	       memcmp(view->data, growth->view->data, view->l3) == 0 &&
	       segment->payload_size <= run->offload.gso_size &&
	       ip_size <= UINT16_MAX &&
	       leads_join(segment->recipe, growth->recipe) &&
	       ip_joins(segment, growth) && l4_joins(segment, growth);
}

static uint8_t gso_of(const struct vs_view *view)
{
	if (!is_tcp(view))
		return VS_GSO_UDP;
	return view->flags & VS_FRAME_IPV4 ? VS_GSO_TCP4 : VS_GSO_TCP6;
}

/* A run of one recipe; `segment` NULL = it stays one. */
static void run_begin(struct vs_run *run, struct growth *growth, uint16_t index,
		      const struct segment *segment)
{
	uint16_t lead;

	run->first = index;
	run->members = 1;
	run->member[0] = index;
	run->header_size = 0;
	run->payload = 0;
	run->payload_size = 0;
	*growth = (struct growth){0};
	if (!segment)
		return;
	lead = segment->recipe->lead_size;
	memcpy(run->header, segment->recipe->lead, lead);
	run->payload = segment->view->payload;
	run->payload_size = segment->payload_size;
	run->offload = (struct vs_offload){
		.gso = gso_of(segment->view),
		.verified = 1,
		.gso_size = (uint16_t)segment->payload_size,
		.header_size = (uint16_t)(lead + segment->view->payload),
		.csum_start = (uint16_t)(lead + segment->view->l4),
		.csum_offset = checksum_offset(segment->view),
	};
	growth->view = segment->view;
	growth->recipe = segment->recipe;
	growth->id = vs_load16(segment->ip + 4);
	growth->open = true;
	if (!is_tcp(segment->view))
		return;
	growth->sequence = vs_load32(segment->l4 + 4) + segment->payload_size;
	growth->open = !(segment->l4[TCP_FLAGS] & TCP_PSH);
}

static void run_join(struct vs_run *run, struct growth *growth, uint16_t index,
		     const struct segment *segment)
{
	assert(growth->open);
	/* The first to join: now there is a header to patch. */
	if (run->members == 1) {
		uint16_t lead = segment->recipe->lead_size; /* as the first's */

		memcpy(run->header + lead, growth->view->data, run->payload);
		run->header_size = (uint16_t)(lead + run->payload);
	}
	run->member[run->members++] = index;
	run->payload_size += segment->payload_size;
	growth->id = vs_load16(segment->ip + 4);
	if (segment->payload_size < run->offload.gso_size)
		growth->open = false;
	if (!is_tcp(segment->view))
		return;
	growth->sequence += segment->payload_size;
	if (segment->l4[TCP_FLAGS] & TCP_PSH) {
		run->header[run->offload.csum_start + TCP_FLAGS] |= TCP_PSH;
		growth->open = false;
	}
}

static void finish_ipv4(uint8_t *ip, uint32_t total)
{
	vs_store16(ip + 2, (uint16_t)total);
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, VS_IPV4_SIZE)));
}

/* Lengths, and the pseudo-header's sum where the checksum stood. */
static void run_finish(struct vs_run *run, const struct growth *growth)
{
	uint32_t lead = run->header_size - (uint32_t)run->payload;
	uint8_t *ip = run->header + lead + growth->view->l3;
	uint8_t *l4 = run->header + run->offload.csum_start;
	uint32_t size = run->header_size - (uint32_t)run->offload.csum_start +
			run->payload_size;

	if (lead)
		finish_ipv4(run->header + VS_ETHERNET_SIZE,
			    run->header_size + run->payload_size -
				    VS_ETHERNET_SIZE);

	if (ip[0] >> 4 == 6) {
		vs_store16(ip + 4, (uint16_t)size);
	} else {
		finish_ipv4(ip, size + VS_IPV4_SIZE);
	}
	if (!is_tcp(growth->view))
		vs_store16(l4 + 4, (uint16_t)size);
	vs_store16(
		l4 + run->offload.csum_offset,
		vs_sum_fold(vs_sum_pseudo(ip, growth->view->protocol, size)));
}

/* Nothing may join what is older than this frame of its flow. */
static void close_flow(struct growth growths[], uint16_t runs, uint32_t flow,
		       bool every)
{
	uint16_t i;

	for (i = 0; i < runs; i++)
		if (every || growths[i].flow == flow)
			growths[i].open = false;
}

static uint16_t find_run(const struct vs_run runs[],
			 const struct growth growths[], uint16_t count,
			 uint32_t flow, const struct segment *segment)
{
	uint16_t i;

	for (i = 0; i < count; i++)
		if (growths[i].flow == flow &&
		    run_takes(&runs[i], &growths[i], segment))
			return i;
	return count;
}

uint16_t vs_coalesce(const struct vs_recipe *const recipes[], uint16_t count,
		     unsigned int kinds, struct vs_run runs[VS_COALESCE_RUNS],
		     uint16_t *used)
{
	struct growth growths[VS_COALESCE_RUNS];
	struct segment segment;
	uint16_t i, at, made = 0;
	uint32_t flow;
	bool good;

	for (i = 0; i < count; i++) {
		good = segment_read(&segment, recipes[i], kinds);
		flow = vs_frame_flow_hash(recipes[i]->frame, 0);
		at = good ? find_run(runs, growths, made, flow, &segment)
			  : made;
		if (at < made) {
			run_join(&runs[at], &growths[at], i, &segment);
			continue;
		}
		if (made == VS_COALESCE_RUNS)
			break;
		/* A fragment's hash is not its flow's. */
		close_flow(growths, made, flow,
			   vs_view(recipes[i]->frame)->flags &
				   VS_FRAME_FRAGMENT);
		run_begin(&runs[made], &growths[made], i,
			  good ? &segment : NULL);
		growths[made++].flow = flow;
	}
	*used = i;
	for (i = 0; i < made; i++)
		if (runs[i].members > 1)
			run_finish(&runs[i], &growths[i]);
	return made;
}
