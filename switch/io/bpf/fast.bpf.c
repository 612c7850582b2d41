// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * fast.bpf.c: the fast path in the kernel: frames of a flow whose way the
 * switch has shown lately go from device to device. Read ../fast.h first.
 *
 * Two programs see each frame of a device, one after the other on one CPU: the
 * filter of the daemon's packet socket, which looks the flow up and keeps the
 * frame from the daemon if it is known, and the one at the device's ingress
 * (tcx), which changes and redirects it. Only the first one decides, and tells
 * the second: a frame is neither lost nor doubled between them.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "io/fast_layout.h"

#define NEXT   (-1) /* TCX_NEXT */
#define SHOT   2    /* TC_ACT_SHOT */
#define ACCEPT 0x40000

#define PADDED	    60u
#define ETHERNET    14u
#define IPV4	    20u
#define IPV6	    40u
#define AT_TTL	    (ETHERNET + 8u)
#define AT_CHECKSUM (ETHERNET + 10u)
#define AT_SOURCE4  (ETHERNET + 12u)
#define AT_HOP	    (ETHERNET + 7u)
#define AT_SOURCE6  (ETHERNET + 8u)

/* The daemon writes it meanwhile. */
#define READ(member) (*(volatile uint64_t *)&(member))

/* FIN, SYN, RST, URG: what begins and ends goes through the switch */
#define TCP_RARE 0x27u

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FAST_FLOWS);
	__type(key, struct fast_key);
	__type(value, uint32_t);
} fast_keys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FAST_FLOWS);
	__type(key, uint32_t);
	__type(value, struct fast_flow);
} fast_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct fast_pending);
} fast_told SEC(".maps");

/* A socket's own: slot 0 is the filter that it has without the fast path. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint32_t);
} fast_filter SEC(".maps");

/* -- what the sender wants done with the frame
 * ---------------------------------
 *
 * It may say where a checksum goes and where a super-frame is cut, and lie.
 * The context of a program does not show what it said: it is read from the
 * kernel's own structures, wherever they have it (CO-RE).
 */

#pragma clang attribute push(__attribute__((preserve_access_index)),           \
			     apply_to = record)
struct sk_buff {
	uint8_t ip_summed : 2;
	uint16_t csum_start, csum_offset;
	unsigned char *head, *data;
	unsigned int end;
};
struct skb_shared_info {
	uint16_t gso_size, gso_segs;
	unsigned int gso_type;
};
#pragma clang attribute pop

extern void *bpf_cast_to_kern_ctx(void *context) __ksym;
extern void *bpf_rdonly_cast(const void *object, uint32_t type) __ksym;

#define PARTIAL	      3u /* CHECKSUM_PARTIAL */
#define GSO_TCP4      (1u << 0)
#define GSO_DODGY     (1u << 1)
#define GSO_ECN	      (1u << 2)
#define GSO_FIXEDID   (1u << 3)
#define GSO_TCP6      (1u << 4)
#define GSO_UDP	      (1u << 17) /* USO: SKB_GSO_UDP_L4 */
#define GSO_HARMLESS  (GSO_DODGY | GSO_ECN | GSO_FIXEDID)
#define SEGMENTS_MOST 2048u /* as admit lets in */

/* Of a packet of this protocol whose transport header is at `at`, and which
 * has `payload` bytes behind it. */
static __always_inline int is_honest(struct __sk_buff *context, uint32_t at,
				     uint32_t payload, uint8_t protocol,
				     uint8_t ipv6)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(context);
	struct skb_shared_info *shared;
	unsigned char *head = skb->head;
	uint32_t begins = (uint32_t)(skb->data - head);
	unsigned int type, want;

	if (BPF_CORE_READ_BITFIELD(skb, ip_summed) == PARTIAL &&
	    (skb->csum_start != begins + at ||
	     skb->csum_offset != (protocol == IPPROTO_TCP ? 16 : 6)))
		return 0;
	shared = bpf_rdonly_cast(
		head + skb->end,
		bpf_core_type_id_kernel(struct skb_shared_info));
	type = shared->gso_type;
	if (!context->gso_size)
		return 1; /* TCP leaves its type in frames that it does not cut
			   */
	want = protocol == IPPROTO_UDP ? GSO_UDP : ipv6 ? GSO_TCP6 : GSO_TCP4;
	return (type & ~GSO_HARMLESS) == want &&
	       BPF_CORE_READ_BITFIELD(skb, ip_summed) == PARTIAL &&
	       payload <= SEGMENTS_MOST * context->gso_size;
}

/* -- whose it is --------------------------------------------------------------
 */

/* What else the headers say. */
struct seen {
	uint32_t size; /* of the IP packet or, if it is cut, of a segment */
	uint32_t hops;
};

/* TCP without rare flags, UDP of the length that IP says; false: another. */
static __always_inline int read_transport(struct __sk_buff *skb, uint32_t at,
					  uint32_t length, struct fast_key *key,
					  struct seen *seen)
{
	uint8_t tcp[14], udp[6];
	uint32_t header;

	if (key->protocol == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(skb, at, tcp, sizeof(tcp)))
			return 0;
		header = (uint32_t)(tcp[12] >> 4) * 4u;
		if (tcp[13] & TCP_RARE || header < 20 || header > length)
			return 0;
		__builtin_memcpy(key->ports, tcp, 4);
	} else if (key->protocol == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, at, udp, sizeof(udp)))
			return 0;
		header = 8;
		if (header > length ||
		    (!skb->gso_size &&
		     ((uint32_t)udp[4] << 8 | udp[5]) != length))
			return 0;
		__builtin_memcpy(key->ports, udp, 4);
	} else {
		return 0;
	}
	if (skb->gso_size)
		seen->size = at - ETHERNET + header + skb->gso_size;
	return is_honest(skb, at, length - header, key->protocol, key->ipv6);
}

/* The packet ends where the frame does, but for padding. */
static __always_inline int is_whole(struct __sk_buff *skb, uint32_t end)
{
	return end == skb->len || (end < skb->len && skb->len <= PADDED);
}

/* No options, no fragments, and nothing behind it. */
static __always_inline int read_ipv4(struct __sk_buff *skb,
				     struct fast_key *key, struct seen *seen)
{
	uint8_t ip[IPV4];
	uint32_t total;

	if (bpf_skb_load_bytes(skb, ETHERNET, ip, sizeof(ip)) ||
	    ip[0] != 0x45 || ip[6] & 0x3f || ip[7])
		return 0;
	total = (uint32_t)ip[2] << 8 | ip[3];
	if (total < IPV4 || !is_whole(skb, total + ETHERNET))
		return 0;
	seen->hops = ip[8];
	seen->size = total;
	key->protocol = ip[9];
	__builtin_memcpy(key->addresses, ip + 12, 8);
	return read_transport(skb, ETHERNET + IPV4, total - IPV4, key, seen);
}

static __always_inline int read_ipv6(struct __sk_buff *skb,
				     struct fast_key *key, struct seen *seen)
{
	uint8_t ip[IPV6];
	uint32_t payload;

	if (bpf_skb_load_bytes(skb, ETHERNET, ip, sizeof(ip)) ||
	    ip[0] >> 4 != 6)
		return 0;
	payload = (uint32_t)ip[4] << 8 | ip[5];
	if (!payload || !is_whole(skb, payload + ETHERNET + IPV6))
		return 0;
	seen->hops = ip[7];
	seen->size = payload + IPV6;
	key->ipv6 = 1;
	key->protocol = ip[6];
	__builtin_memcpy(key->addresses, ip + 8, 32);
	return read_transport(skb, ETHERNET + IPV6, payload, key, seen);
}

static __always_inline int read_frame(struct __sk_buff *skb,
				      struct fast_key *key, struct seen *seen)
{
	uint8_t type[2];

	if (skb->vlan_present || bpf_skb_load_bytes(skb, 0, key->macs, 12) ||
	    bpf_skb_load_bytes(skb, 12, type, 2))
		return 0;
	key->if_index = skb->ifindex;
	if (type[0] == 0x08 && type[1] == 0x00)
		return read_ipv4(skb, key, seen);
	if (type[0] == 0x86 && type[1] == 0xdd)
		return read_ipv6(skb, key, seen);
	return 0;
}

static __always_inline int is_key(const struct fast_key *left,
				  const struct fast_key *right)
{
	const uint32_t *a = (const uint32_t *)left;
	const uint32_t *b = (const uint32_t *)right;
	uint32_t differ = 0;
	int i;

#pragma unroll
	for (i = 0; i < (int)(sizeof(*left) / 4); i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

/* Is what the switch said of it still so? */
static __always_inline int holds(const struct fast_flow *flow)
{
	uint32_t first = 0, at = flow->part / FAST_WORDS;
	uint64_t *everybody = bpf_map_lookup_elem(&fast_flows, &first);
	uint64_t *part = bpf_map_lookup_elem(&fast_flows, &at);

	return everybody && part &&
	       READ(*everybody) == READ(flow->generation) &&
	       READ(part[flow->part % FAST_WORDS]) ==
		       READ(flow->part_generation);
}

/* The index of its flow; 0: the daemon decides. */
static __always_inline uint32_t find(struct __sk_buff *skb)
{
	struct fast_key key = {0};
	struct seen seen = {0};
	struct fast_flow *flow;
	uint32_t *index, at;

	if (!read_frame(skb, &key, &seen))
		return 0;
	index = bpf_map_lookup_elem(&fast_keys, &key);
	if (!index)
		return 0;
	at = *index;
	flow = bpf_map_lookup_elem(&fast_flows, &at);
	if (!flow || !holds(flow) || !is_key(&flow->key, &key))
		return 0;
	if (seen.size > flow->most || (flow->change.hop && seen.hops < 2) ||
	    bpf_ktime_get_ns() >= READ(flow->until))
		return 0;
	return at;
}

SEC("socket")
int fast_seen(struct __sk_buff *skb)
{
	uint32_t zero = 0;
	struct fast_pending *told = bpf_map_lookup_elem(&fast_told, &zero);

	if (!told)
		return ACCEPT;
	told->flow = find(skb);
	told->if_index = skb->ifindex;
	told->size = skb->len;
	if (told->flow)
		return 0;
	bpf_tail_call(skb, &fast_filter, 0);
	return ACCEPT; /* it has none */
}

/* -- the second program ------------------------------------------------------
 */

static __always_inline int readdress(struct __sk_buff *skb,
				     const struct fast_change *change)
{
	uint32_t at = change->ipv6 ? AT_SOURCE6 : AT_SOURCE4;
	uint32_t transport = ETHERNET + (change->ipv6 ? IPV6 : IPV4);
	uint32_t flags = BPF_F_PSEUDO_HDR;
	uint8_t before[32], after[32];
	int64_t diff;

	__builtin_memcpy(after, change->addresses, sizeof(after));
	if (change->ipv6) {
		if (bpf_skb_load_bytes(skb, at, before, 32))
			return 1;
		diff = bpf_csum_diff((void *)before, 32, (void *)after, 32, 0);
	} else {
		if (bpf_skb_load_bytes(skb, at, before, 8))
			return 1;
		diff = bpf_csum_diff((void *)before, 8, (void *)after, 8, 0);
	}
	if (change->protocol == IPPROTO_TCP)
		transport += 16;
	else
		transport += 6, flags |= BPF_F_MARK_MANGLED_0;
	if (diff < 0 ||
	    bpf_l4_csum_replace(skb, transport, 0, (uint64_t)diff, flags))
		return 1;
	if (!change->ipv6 &&
	    bpf_l3_csum_replace(skb, AT_CHECKSUM, 0, (uint64_t)diff, 0))
		return 1;
	if (change->ipv6) {
		/* no header checksum makes up for the addresses in what a
		 * device summed; that there is no such sum is no error */
		bpf_csum_update(skb, (uint32_t)diff);
		return bpf_skb_store_bytes(skb, at, after, 32, 0) != 0;
	}
	return bpf_skb_store_bytes(skb, at, after, 8, 0) != 0;
}

static __always_inline int hop(struct __sk_buff *skb,
			       const struct fast_change *change)
{
	uint16_t before, after;
	uint8_t hops;

	if (change->ipv6) {
		if (bpf_skb_load_bytes(skb, AT_HOP, &hops, 1))
			return 1;
		hops--;
		return bpf_skb_store_bytes(skb, AT_HOP, &hops, 1,
					   BPF_F_RECOMPUTE_CSUM) != 0;
	}
	if (bpf_skb_load_bytes(skb, AT_TTL, &before, 2))
		return 1;
	after = bpf_htons((uint16_t)(bpf_ntohs(before) - 0x100));
	return bpf_l3_csum_replace(skb, AT_CHECKSUM, before, after, 2) ||
	       bpf_skb_store_bytes(skb, AT_TTL, &after, 2, 0);
}

SEC("tc")
int fast_forward(struct __sk_buff *skb)
{
	uint32_t zero = 0, at;
	struct fast_pending *told = bpf_map_lookup_elem(&fast_told, &zero);
	struct fast_change change;
	struct fast_flow *flow;

	if (!told || !told->flow)
		return NEXT;
	at = told->flow;
	told->flow = 0;
	if (told->if_index != skb->ifindex || told->size != skb->len)
		return NEXT;
	flow = bpf_map_lookup_elem(&fast_flows, &at);
	if (!flow)
		return NEXT;
	change = flow->change;
	if ((change.readdress && readdress(skb, &change)) ||
	    (change.hop && hop(skb, &change)) ||
	    bpf_skb_store_bytes(skb, 0, change.macs, 12, 0)) {
		__sync_fetch_and_add(&flow->lost, 1);
		__sync_fetch_and_add(&flow->lost_bytes, skb->len);
		return SHOT;
	}
	__sync_fetch_and_add(&flow->frames, 1);
	__sync_fetch_and_add(&flow->bytes, skb->len);
	return bpf_redirect(flow->out, 0);
}

char fast_license[] SEC("license") = "GPL";
