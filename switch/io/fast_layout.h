/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * fast_layout.h: what the daemon and its programs in the kernel share: the
 * flows of the fast path, byte for byte. Read fast.h first.
 */
#ifndef IO_FAST_LAYOUT_H
#define IO_FAST_LAYOUT_H

#include <stdint.h>

/*
 * Elements of the array. The first ones are no flows: their bytes are the
 * generations (struct vs_changes), as words: everybody's, one that only the
 * daemon reads, and those of the parts.
 */
#define FAST_FLOWS 16384u
#define FAST_WORDS 32u /* of an element */
#define FAST_PART  16u /* the word of the first part */
#define FAST_PARTS 1024u
#define FAST_FIRST ((FAST_PART + FAST_PARTS + FAST_WORDS - 1) / FAST_WORDS)

/* A flow's frames as they come in; no byte unset. Bytes of the frame are in
 * their order; if_index in the host's. */
struct fast_key {
	uint32_t if_index;
	uint8_t macs[12]; /* destination, source */
	uint8_t ipv6, protocol;
	uint8_t ports[4]; /* source, destination */
	uint8_t reserved[2];
	uint8_t addresses[32]; /* source, destination; IPv4: 4 bytes each */
};

/* What becomes of them. */
struct fast_change {
	uint8_t macs[12];
	uint8_t ipv6, protocol;
	uint8_t hop;	   /* 1: a hop less */
	uint8_t readdress; /* 1: other addresses */
	uint8_t addresses[32];
};

/*
 * An element of the array. Only the daemon writes the first part, and the
 * change only while no key leads to the element; the kernel counts.
 */
struct fast_flow {
	uint64_t until;	     /* ns, CLOCK_MONOTONIC: then the daemon is asked */
	uint64_t generation; /* as long as everybody's is the same */
	uint64_t part_generation; /* and that of its part */
	uint32_t part;		  /* a word of the generations */
	uint32_t out;		  /* if_index */
	uint32_t most; /* IP bytes of a segment; a larger one is asked for */
	struct fast_change change;
	/* whose it is: an element of the hash may be another key's by the
	 * time that its value is read */
	struct fast_key key;
	uint8_t reserved[52];	   /* counters have a line of the cache */
	uint64_t frames, bytes;	   /* sent on */
	uint64_t lost, lost_bytes; /* half changed, dropped */
	uint64_t spare[4];
};

/* The answer about a frame, from the socket's filter to the program behind
 * it. */
struct fast_pending {
	uint32_t flow; /* index; 0: none */
	uint32_t if_index;
	uint32_t size;
};

#endif
