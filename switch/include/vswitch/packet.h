/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet.h: frames, bursts, and the answers that a hook may give.
 *
 * Theory of operation
 * -------------------
 * A frame is opaque; it belongs to the host, always. A hook borrows it until
 * it returns (hold in host.h is the one way to keep it longer). What may be
 * done with it is in the handle's type:
 *
 *   struct vs_frame *         ingress of a filter: read, edit, answer
 *   const struct vs_frame *   captures: read
 *   struct vs_delivery *      egress: read the frame, take destinations away
 *   struct vs_decision *      the forwarding extension: edit and choose
 *   struct vs_outbound *      the translate class at the wire, outbound
 *
 * Hooks get a burst: up to 64 frames of one worker. Not answering a frame is
 * passing it on. Example: drop every frame that is not IPv4.
 *
 *	static void ingress(const struct vs_call *call, struct vs_burst *burst)
 *	{
 *		struct vs_frame *frame;
 *
 *		VS_FOR_EACH (frame, burst)
 *			if (vs_view(frame)->ether_type != VS_TYPE_IPV4)
 *				vs_drop(frame, MY_NOT_IPV4);
 *	}
 *
 * Byte order: what stands in `data` is as on the wire; every number in a
 * struct is in host order.
 */
#ifndef VSWITCH_PACKET_H
#define VSWITCH_PACKET_H

#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vs_frame;
struct vs_delivery;
struct vs_decision;
struct vs_outbound;

#define VS_ABSENT	0xffffu /* "there is none" for offsets and vlan */
#define VS_BURST_FRAMES 64u

/* What parsing found out; bits of vs_view.flags. */
enum vs_frame_flag {
	VS_FRAME_GROUP = 1 << 0, /* group destination MAC */
	VS_FRAME_BROADCAST = 1 << 1,
	VS_FRAME_IPV4 = 1 << 2, /* a whole, consistent IPv4 header at l3 */
	VS_FRAME_IPV6 = 1 << 3,
	VS_FRAME_ARP = 1 << 4,	    /* a whole ARP packet for IPv4 at l3 */
	VS_FRAME_ND = 1 << 5,	    /* ICMPv6 133..137 at l4 */
	VS_FRAME_FRAGMENT = 1 << 6, /* any fragment */
	VS_FRAME_LATER = 1 << 7,    /* a fragment that is not the first */
	VS_FRAME_BAD_IP = 1 << 8, /* IP type, but header cut or inconsistent */
	VS_FRAME_MAPPED_V6 = 1 << 9,  /* IPv6 with an IPv4-mapped address */
	VS_FRAME_FROM_WIRE = 1 << 10, /* came in on the external port */
	VS_FRAME_INJECTED = 1 << 11,  /* made by an extension or the switch */
	VS_FRAME_REFLECTED = 1 << 12, /* routed: came back from to_wire */
	VS_FRAME_DF = 1 << 13,	      /* IPv4 don't fragment */
};

enum vs_gso {
	VS_GSO_NONE,
	VS_GSO_TCP4,
	VS_GSO_TCP6,
	VS_GSO_UDP, /* UDP segmentation, both families */
};

/*
 * What a link needs to finish a frame. Offsets count from the first byte of
 * the frame (of lead + slice in a recipe, host.h).
 */
struct vs_offload {
	uint8_t gso;	      /* enum vs_gso */
	uint8_t verified;     /* 1 = the sender's checksum is known good */
	uint16_t gso_size;    /* payload bytes per segment */
	uint16_t header_size; /* bytes repeated on each segment; 0 = no gso */
	uint16_t csum_start;  /* VS_ABSENT = checksums are complete */
	uint16_t csum_offset; /* of the field, from csum_start */
	uint16_t reserved;
};

/*
 * The read-only face of a frame; the host keeps it true. Grows only at its
 * end: test struct_size before reading a member of a later ABI.
 */
struct vs_view {
	const uint8_t *data; /* the destination MAC's first byte */
	uint32_t size;	     /* bytes from there; a super-frame is one frame */
	uint16_t struct_size;
	uint16_t flags;		/* enum vs_frame_flag */
	struct vs_vsid vsid;	/* 0 = not virtualised; a VLAN's: types.h */
	struct vs_port_id port; /* the source; 0 = the switch */
	uint16_t ether_type;	/* behind the tag; below 1536 = a length */
	uint16_t vlan;		/* the outermost tag's TCI if tags > 0 */
	uint16_t l3;		/* offset of the network header, or VS_ABSENT */
	uint16_t l4; /* of the transport header; absent if cut, or elsewhere */
	uint16_t payload;	   /* behind TCP or UDP, or VS_ABSENT */
	uint8_t protocol;	   /* last IP protocol number; 0 without IP */
	uint8_t tags;		   /* 802.1Q and 802.1ad tags found, 0..2 */
	struct vs_offload offload; /* as received */
	uint8_t priority;	   /* 802.1p of the tag that named its VLAN */
	uint8_t reserved_byte;
	uint16_t reserved[8];
};

/* vs_view - a frame begins with its view; this costs nothing. */
static inline const struct vs_view *vs_view(const struct vs_frame *frame)
{
	return (const struct vs_view *)frame;
}

/* vs_frame_at - `size` bytes at `offset`, or NULL if the frame is shorter. */
static inline const uint8_t *vs_frame_at(const struct vs_frame *frame,
					 uint32_t offset, uint32_t size)
{
	const struct vs_view *view = vs_view(frame);

	return offset <= view->size && size <= view->size - offset
		       ? view->data + offset
		       : NULL;
}

/* vs_frame_source_mac, vs_frame_target_mac - valid from 14 bytes up, which
 * admit guarantees for every frame that a hook sees. */
static inline struct vs_mac vs_frame_target_mac(const struct vs_frame *frame)
{
	struct vs_mac mac;

	__builtin_memcpy(mac.octet, vs_view(frame)->data, 6);
	return mac;
}

static inline struct vs_mac vs_frame_source_mac(const struct vs_frame *frame)
{
	struct vs_mac mac;

	__builtin_memcpy(mac.octet, vs_view(frame)->data + 6, 6);
	return mac;
}

/*
 * vs_frame_flow_hash - the same number for every frame of a flow: addresses,
 * protocol, ports, or, for fragments, addresses, protocol and ID; MACs and
 * EtherType without IP. `seed` separates users.
 */
uint32_t vs_frame_flow_hash(const struct vs_frame *frame, uint32_t seed);

/*
 * Editing: ingress of a filter, decide of a forward extension, translate's
 * from_wire, and frames of frame_new and frame_copy until they are emitted;
 * nowhere else: there vs_frame_edit gives NULL, the others -EPERM, and the
 * attempt is an event. The host parses an edited frame again; checksums are the
 * editor's business (wire.h). While offload.csum_start is not VS_ABSENT, the
 * checksum field holds the folded pseudo-header sum, not a checksum.
 *
 * vs_frame_edit     `size` writable bytes at `offset`, or NULL
 * vs_frame_pull     remove bytes in front; -EINVAL if the frame is shorter;
 *                   the offload's offsets move along (headers that are gone
 *                   take their claims with them)
 * vs_frame_push     add bytes (uninitialised) in front; -ENOBUFS without
 *                   room; the offload's offsets move along
 * vs_frame_resize   cut or lengthen at the end; -ENOBUFS without room
 * vs_frame_set_vsid translate only: the VSID that the wire said
 */
uint8_t *vs_frame_edit(struct vs_frame *frame, uint32_t offset, uint32_t size);
int vs_frame_pull(struct vs_frame *frame, uint32_t size);
int vs_frame_push(struct vs_frame *frame, uint32_t size);
int vs_frame_resize(struct vs_frame *frame, uint32_t size);
void vs_frame_set_vsid(struct vs_frame *frame, struct vs_vsid vsid);
/* vs_frame_set_offload - replace the offload metadata (from_wire, and frames
 * of one's own). */
void vs_frame_set_offload(struct vs_frame *frame,
			  const struct vs_offload *offload);

/* The answers. */
enum vs_action {
	VS_PASS,
	VS_DROP,
	VS_CONSUME,
	VS_HOLD,
	VS_SENT,    /* to_wire only */
	VS_REFLECT, /* to_wire only */
};

struct vs_verdict {
	uint8_t action;	 /* enum vs_action */
	uint8_t flags;	 /* 0 */
	uint16_t reason; /* VS_DROP: a reason; VS_CONSUME: enum vs_consumer */
};

/*
 * Drop reasons: below VS_REASON_OWN the switch's own (core's table, shown by
 * vswitch-drops(7)); an extension answers VS_REASON(i), i = its index in its
 * descriptor's reason table. An index out of range is the extension's fault:
 * booked as ext_bad_verdict, the frame is dropped.
 */
#define VS_REASON_OWN	 0x8000u
#define VS_REASON(index) ((uint16_t)(VS_REASON_OWN + (index)))

/* Who answered a frame instead of passing it (design: the ledger). */
enum vs_consumer {
	VS_CONSUMED_ARP_PROXY,
	VS_CONSUMED_ND_PROXY,
	VS_CONSUMED_GATEWAY_ECHO,
	VS_CONSUMED_NEIGHBOUR, /* ARP, ND, path MTU of the provider side */
	VS_CONSUMED_REDIRECT,  /* NVE to NVE control */
	VS_CONSUMED_REFLECTED,
	VS_CONSUMED_TOO_BIG, /* answered with ICMP too big */
	VS_CONSUMED_EXTENSION,
	VS_CONSUMED_UNREACHABLE,   /* answered with ICMP unreachable */
	VS_CONSUMED_TIME_EXCEEDED, /* ... time exceeded */
	VS_CONSUMED_PING,	   /* an answer that vsctl ping waited for */
	VS_CONSUMERS
};

/* A frame's first answer counts; the burst goes on without it. A second one
 * is a mistake, and is said (rule_broken). */
void vs_drop(struct vs_frame *frame, uint16_t reason);
void vs_consume(struct vs_frame *frame, enum vs_consumer what);

/*
 * vs_frame_cacheable (ingress of a filter), vs_delivery_cacheable (egress of a
 * filter or forward extension) - the answer to this frame, to pass it (nothing
 * was done) or to drop it, holds for its whole flow: it is a function of
 * exactly
 *
 *   direction and port (ingress: the source; egress: the source and the one
 *   destination), VSID, both MACs, EtherType, the outermost VLAN tag,
 *   addresses, protocol, TCP or UDP ports, or ICMP type and code
 *
 * and of the extension's state; not of time, size, TCP flags, payload, counts
 * or random numbers. The host then need not call the hook for the flow's
 * other frames: who counts or watches each frame never says so. It asks again
 * when a snapshot was published (configure gave a new state, a port came), and
 * when vs_host.invalidate or vs_main_host.invalidate said that what answers
 * are made from has changed.
 *
 * It is ignored for frames that were edited, fragments and group frames, and
 * beside consume and hold. From from_wire it says that what was made of the
 * provider's frame is such an answer (the key is the provider frame's), edits
 * and all. Example:
 *
 *	if (!allowed(call->state, vs_view(frame)))
 *		vs_drop(frame, MY_FORBIDDEN);
 *	vs_frame_cacheable(frame);
 */
void vs_frame_cacheable(struct vs_frame *frame);
void vs_delivery_cacheable(struct vs_delivery *delivery);

/* Egress: the frame is read-only, destinations can only go away. */
const struct vs_frame *vs_delivery_frame(const struct vs_delivery *delivery);
bool vs_delivery_has(const struct vs_delivery *delivery,
		     struct vs_port_id port);
/* vs_delivery_next - the first destination above `after` (0 to begin), or 0. */
struct vs_port_id vs_delivery_next(const struct vs_delivery *delivery,
				   struct vs_port_id after);
void vs_delivery_exclude(struct vs_delivery *delivery, struct vs_port_id port,
			 uint16_t reason);
/* vs_delivery_drop - exclude every destination. */
void vs_delivery_drop(struct vs_delivery *delivery, uint16_t reason);

/* The forwarding extension: no destination left = dropped no_destination. */
struct vs_frame *vs_decision_frame(struct vs_decision *decision);
/* vs_decision_add - -EINVAL if the port does not exist or is the source; what
 * goes to the wire is for VS_PORT_EXTERNAL; what has not the frame's VSID gets
 * nothing (vsid_acl). May be combined with learn. */
int vs_decision_add(struct vs_decision *decision, struct vs_port_id port);
/* vs_decision_learn - let the built-in learning forwarder choose. */
void vs_decision_learn(struct vs_decision *decision);
void vs_decision_drop(struct vs_decision *decision, uint16_t reason);

/* The translate class, outbound: exactly one answer per frame. */
const struct vs_frame *vs_outbound_frame(const struct vs_outbound *outbound);
void vs_outbound_drop(struct vs_outbound *outbound, uint16_t reason);
void vs_outbound_consume(struct vs_outbound *outbound, enum vs_consumer what);

/*
 * The bursts. One layout, five faces. `live` has a bit for every frame that
 * is still without an answer; VS_FOR_EACH visits those in order and may be
 * left with break. Frames answered during the walk are not visited again.
 */
#define VS_BURST_MEMBERS(handle)                                               \
	uint16_t struct_size;                                                  \
	uint16_t count; /* frames, 1..VS_BURST_FRAMES */                       \
	uint32_t reserved;                                                     \
	uint64_t live;                                                         \
	handle frame[VS_BURST_FRAMES]

struct vs_burst {
	VS_BURST_MEMBERS(struct vs_frame *);
};
struct vs_capture_burst {
	VS_BURST_MEMBERS(const struct vs_frame *);
};
struct vs_delivery_burst {
	VS_BURST_MEMBERS(struct vs_delivery *);
};
struct vs_sight_burst { /* a capture's egress: read-only deliveries */
	VS_BURST_MEMBERS(const struct vs_delivery *);
};
struct vs_decision_burst {
	VS_BURST_MEMBERS(struct vs_decision *);
};
struct vs_outbound_burst {
	VS_BURST_MEMBERS(struct vs_outbound *);
};

#define VS_FOR_EACH(item, burst)                                               \
	for (uint64_t vs_rest_ = (burst)->live;                                \
	     vs_rest_ &&                                                       \
	     ((item) = (burst)->frame[__builtin_ctzll(vs_rest_)], true);       \
	     vs_rest_ &= vs_rest_ - 1)

#ifdef __cplusplus
}
#endif
#endif
