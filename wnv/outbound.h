/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbound.h: one frame on its way out, and the recipes for it.
 *
 * translate_out.c decides to whom; here it is judged against the MTU, the
 * way is looked up, and the leads are written. The frame is never touched.
 */
#ifndef WNV_OUTBOUND_H
#define WNV_OUTBOUND_H

#include "policy.h"
#include "routes.h"
#include "shard.h"

enum outbound_action {
	OUTBOUND_DROP, /* reason */
	OUTBOUND_SENT,
	OUTBOUND_CONSUME, /* what */
	OUTBOUND_REFLECT, /* header */
	OUTBOUND_WAIT,	  /* hop */
};

/* What the frame before in the burst led to; the same state answers. */
struct outbound_before {
	const struct wnv_subnet *subnet; /* or NULL */
	const struct wnv_record *record;
	const struct wnv_subnet *routed_from; /* or NULL */
	struct wnv_ca routed_to;
	struct wnv_passage passage; /* how */
};

/*
 * The frame before in the burst, if another of its flow may follow it: it went
 * whole and unchanged to one peer. Valid for the very next frame only.
 */
struct outbound_leader {
	const struct vs_view *view;	  /* or NULL: there is none */
	const struct provider_path *path; /* its way */
	uint32_t hash;			  /* of its flow */
	uint8_t tos;			  /* outer */
	bool written;		  /* `lead` is, for the first that follows */
	uint8_t lead[CODEC_LEAD]; /* its outer headers */
};

/* outbound_target - the address that an IP packet is for. */
static inline struct wnv_ca outbound_target(const struct vs_view *view)
{
	const uint8_t *ip = view->data + view->l3;

	return (struct wnv_ca){view->flags & VS_FRAME_IPV6
				       ? vs_ip_from_v6(ip + 24)
				       : vs_ip_from_v4(ip + 16)};
}

struct outbound {
	const struct vs_call *call;
	const struct vs_frame *frame;
	const struct vs_view *view;
	const struct wnv_state *state;
	const struct wnv_subnet *subnet; /* the frame's */
	/* that it goes into: the same one, or where it is routed to */
	const struct wnv_subnet *into;
	struct outbound_before before;
	struct outbound_leader leader;
	struct wnv_dynamic dynamic;
	/* set on the way */
	const struct vs_mac *target_mac; /* instead of the frame's; or NULL */
	bool routed;			 /* see router_rewrite() */
	uint16_t mtu;			 /* of the whole way */
	uint16_t gso_size;
	uint8_t judgement; /* enum mtu_judgement */
	uint16_t tally;	   /* a unicast's peer's; 0: none yet */
	/* the answer */
	enum outbound_action action;
	enum wnv_reason reason;
	enum vs_consumer what;
	struct provider_hop hop;
	uint16_t header_size;
	uint8_t header[160]; /* instead of the frame's first bytes */
};

static inline void outbound_drop(struct outbound *out, enum wnv_reason reason)
{
	out->action = OUTBOUND_DROP;
	out->reason = reason;
}

static inline void outbound_consume(struct outbound *out, enum vs_consumer what)
{
	out->action = OUTBOUND_CONSUME;
	out->what = what;
}

/* outbound_may_answer - within the port's rate? If not, it is dropped.
 * outbound_answered - and what became of the answer. */
bool outbound_may_answer(struct outbound *out);
void outbound_answered(struct outbound *out, bool sent, enum vs_consumer what);
/* outbound_hand_on - to the VM of a record in the frame's own VSID. */
void outbound_hand_on(struct outbound *out, const struct wnv_record *record);
/* outbound_fits - judged against the way's MTU; false: it has its answer. */
bool outbound_fits(struct outbound *out);
/* outbound_mss - where a SYN's MSS stands that must be clamped, if its headers
 * fit into `room` bytes; else 0. outbound_clamp - do it in a copy of them. */
uint32_t outbound_mss(const struct outbound *out, uint32_t room);
void outbound_clamp(const struct outbound *out, uint8_t *inner, uint32_t mss);
/* outbound_rewrite - the same as outbound_unicast under rule=rewrite
 * (rewrite_out.c). */
void outbound_rewrite(struct outbound *out, const struct wnv_record *record);
/* outbound_unicast - to the peer of a record that can be used: sent, answered
 * "too big", waiting for the next hop, or dropped. */
void outbound_unicast(struct outbound *out, const struct wnv_record *record);
/* outbound_lead - the frame was sent along `path`: note it as a leader, if it
 * can be one (follow.c). */
void outbound_lead(struct outbound *out, const struct provider_path *path);
/* outbound_follow - send a frame the way of the one before, if it is another
 * of its flow; false: nothing was done, it must be translated. */
bool outbound_follow(struct outbound *out, const struct vs_frame *frame);
/* outbound_recipe - a recipe along `path`, its lead still to be written;
 * outbound_open - with the outer headers that `frame` says. */
struct vs_recipe *outbound_recipe(const struct outbound *out,
				  const struct provider_path *path);
struct vs_recipe *outbound_open(const struct outbound *out,
				const struct provider_path *path,
				const struct codec_frame *frame);
/* outbound_tos - the outer TOS of out->frame. */
uint8_t outbound_tos(const struct outbound *out);
/* outbound_offload - tell the link what it has to do. */
void outbound_offload(struct vs_recipe *recipe, const struct codec_path *codec);
/* outbound_replicate - a copy to every peer of the subnet that can be reached
 * now (A7.11); no copy waits (design 8). */
void outbound_replicate(struct outbound *out);
/* outbound_seek - the same, to those that may have a VM with an unknown CA. */
void outbound_seek(struct outbound *out);

#endif
