/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.h: the outer headers of NVGRE (RFC 7637, hnv.md B1) and VXLAN (RFC
 * 7348), over IPv4 and IPv6: found, read and written. Knows no policy.
 *
 * Theory of operation
 * -------------------
 * On the wire, in bytes:
 *
 *   Ethernet 14, 18 with a tag | IPv4 20 or IPv6 40 | GRE 8 (NVGRE)        |
 * inner frame | UDP 8, VXLAN 8       | inner frame
 *
 *   GRE: 20 00 65 58, then 24 bits of VSID and 8 bits of FlowID.
 *   VXLAN: 08 00 00 00, then 24 bits of VNI = VSID and 8 zero bits; the UDP
 *   source port says the flow, the checksum is always on.
 *
 * In:  codec_find (is it one, and where are its addresses: no check but the
 *      frame's end) -> codec_read (every check, each with its own reason).
 * Out: codec_path_make once per way, a template of the whole lead; codec_write
 *      per frame, which copies it and writes what differs.
 *
 * Four shapes, one code: what depends on the shape is a branch on `ipv6` and
 * on `kind`, which of a burst is the same for nearly every frame. A fifth
 * encapsulation is a kind, a reader like vxlan.c, and a branch in codec_write.
 */
#ifndef WNV_CODEC_H
#define WNV_CODEC_H

#include <vswitch/packet.h>
#include <vswitch/wire.h>

#include "address.h"
#include "reason.h"

enum codec_kind {
	CODEC_NVGRE,
	CODEC_VXLAN,
	CODEC_GRE, /* a mirror's copies: GRE without a key (RFC 2784); written
		    * only */
	CODEC_KINDS
};

#define CODEC_LEAD	 76u  /* room for the longest lead, which has 74 */
#define CODEC_TTL	 128u /* B1.6; the hop limit too */
#define CODEC_ECN	 0x03u
#define CODEC_UDP_SIZE	 8u
#define CODEC_GRE_SIZE	 4u
#define CODEC_VXLAN_SIZE 8u
#define CODEC_PORT_FIRST 49152u /* RFC 7348 5: the dynamic range */

/* codec_overhead - bytes that are added to the customer's IP packet: outer IP,
 * GRE or UDP and VXLAN, inner Ethernet (design 5.5). */
static inline uint16_t codec_overhead(enum codec_kind kind, bool ipv6)
{
	return (uint16_t)((ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE) +
			  (kind == CODEC_VXLAN
				   ? CODEC_UDP_SIZE + CODEC_VXLAN_SIZE
			   : kind == CODEC_GRE ? CODEC_GRE_SIZE
					       : VS_GRE_KEY_SIZE) +
			  VS_ETHERNET_SIZE);
}

/* -- in --------------------------------------------------------------------
 */

/* Where the outer headers of a frame lie. */
struct codec_outer {
	/* source, then target, as they stand on the wire: 4 or 16 bytes each;
	 * together, the key of a pair of hosts */
	const uint8_t *addresses;
	uint16_t l3, l4;
	uint16_t vlan; /* its tag's VLAN id; 0: none, or a priority tag */
	uint8_t kind;  /* enum codec_kind */
	bool ipv6;
	bool fragment; /* IPv6: there is a fragment header */
};

/*
 * codec_find - is it an IP packet, with one tag or none, that carries GRE, or
 * UDP to the VXLAN port? False also if it is too short to say. IPv4 options and
 * IPv6 hop-by-hop and destination options are stepped over.
 */
bool codec_find(const uint8_t *bytes, uint32_t size, struct codec_outer *outer);

static inline struct wnv_pa codec_pa(const struct codec_outer *outer,
				     bool target)
{
	const uint8_t *at =
		outer->addresses + (target ? (outer->ipv6 ? 16 : 4) : 0);

	return (struct wnv_pa){outer->ipv6 ? vs_ip_from_v6(at)
					   : vs_ip_from_v4(at)};
}

static inline struct wnv_pa codec_source(const struct codec_outer *outer)
{
	return codec_pa(outer, false);
}

static inline struct wnv_pa codec_target(const struct codec_outer *outer)
{
	return codec_pa(outer, true);
}

/*
 * codec_is_tunnel - after codec_find: does it carry Ethernet? For packets that
 * are not for us; false if the header that says so is cut off.
 */
bool codec_is_tunnel(const uint8_t *bytes, uint32_t size,
		     const struct codec_outer *outer);

/* The outer headers of a received packet. */
struct codec_packet {
	struct wnv_pa source, target;
	struct vs_vsid vsid;
	uint32_t inner; /* offset of the inner frame */
	uint32_t end;	/* offset behind it, as the outer lengths say */
	uint16_t udp;	/* VXLAN: offset of the UDP header; else 0 */
	uint8_t tos;	/* outer DSCP and ECN */
	uint8_t flow_id;
};

/*
 * codec_read - the outer headers of a frame for which codec_find was true;
 * `view` is its bytes and what the device says of checksums. False with
 * outer_length, outer_csum, outer_fragment, pa_src_martian, control_bad or
 * vsid_reserved; of NVGRE gre_*, of VXLAN udp_* and vxlan_*.
 */
bool codec_read(const struct vs_view *view, const struct codec_outer *outer,
		struct codec_packet *packet, enum wnv_reason *reason);

/* codec_read_vxlan - its half of codec_read: the headers from UDP on. */
bool codec_read_vxlan(const struct vs_view *view,
		      const struct codec_outer *outer,
		      struct codec_packet *packet, enum wnv_reason *reason);

/*
 * codec_ecn_merge - RFC 6040 4.2: the inner ECN after decapsulation, or -1:
 * the frame must be dropped (congestion was marked, and the inner transport
 * would not understand).
 */
int codec_ecn_merge(uint8_t outer_tos, uint8_t inner_tos);

/* What stands between the outer IP header and the inner frame. */
struct codec_shim {
	enum codec_kind kind;
	struct vs_vsid vsid;
	uint8_t size; /* GRE 8, UDP and VXLAN 16 */
};

/*
 * codec_read_quote - the shim of a packet of ours that a message quotes: its
 * `size` bytes behind an IP header of that protocol. Nothing is checked but
 * that it is one; the inner frame may be cut off.
 */
bool codec_read_quote(const uint8_t *l4, uint32_t size, uint8_t protocol,
		      struct codec_shim *shim);

/* -- out -------------------------------------------------------------------
 */

/* Between whom a path runs; both PAs of one family. */
struct codec_ends {
	struct vs_mac source_mac, hop_mac;
	struct wnv_pa source, target;
	uint16_t vlan; /* 0: untagged */
	enum codec_kind kind;
	bool flowid; /* NVGRE: the target reads the key's low byte as FlowID */
};

/* Everything in the outer headers that is the same for all frames of a way. */
struct codec_path {
	uint8_t header[CODEC_LEAD]; /* what differs is 0 */
	uint32_t ip_sum;	    /* of the IPv4 header as it stands there */
	uint32_t udp_sum;	    /* of UDP's pseudo-header, length 0 */
	uint8_t size;		    /* of the lead */
	uint8_t l3, l4;		    /* offsets of IP, and of GRE or UDP */
	uint8_t kind;
	uint8_t flow_mask; /* 0: no FlowID */
	bool ipv6;
};

void codec_path_make(struct codec_path *path, const struct codec_ends *ends);

/* What differs from frame to frame. */
struct codec_frame {
	struct vs_vsid vsid;
	uint32_t size; /* bytes of the inner frame */
	uint32_t hash; /* of the inner flow: FlowID, UDP source, flow label */
	uint16_t id;   /* outer IPv4 ID */
	uint8_t tos;
};

/*
 * codec_write - path->size bytes of outer headers to `lead`, which has room
 * for CODEC_LEAD. Of a super-frame the link patches lengths, IDs and sums per
 * segment. UDP's checksum field holds the pseudo-header's sum: the link, or
 * the kernel, completes it.
 */
void codec_write(const struct codec_path *path, const struct codec_frame *frame,
		 uint8_t *lead);
/*
 * codec_write_like - the same for another frame of a flow: `like` was written
 * along this path, and only size and ID are not its own. Of half the cost.
 */
void codec_write_like(const struct codec_path *path, const uint8_t *like,
		      uint32_t size, uint16_t id, uint8_t *lead);

#endif
