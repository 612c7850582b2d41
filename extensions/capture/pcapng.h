/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng.h: the blocks of a pcapng file (draft-ietf-opsawg-pcapng), as bytes.
 *
 * Pure: blocks are written to a caller's buffer, in this machine's byte order,
 * which the section header tells. Stamps are nanoseconds since 1970 UTC.
 * A frame's block is made around its bytes, which are not copied: head, the
 * bytes themselves, tail.
 */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#define PCAPNG_BLOCK_SIZE   256u /* enough for any block but a frame's */
#define PCAPNG_HEAD_SIZE    28u
#define PCAPNG_TAIL_SIZE    96u
#define PCAPNG_COMMENT_SIZE 64u /* longer comments are cut */

enum pcapng_direction {
	PCAPNG_UNKNOWN,
	PCAPNG_INBOUND,
	PCAPNG_OUTBOUND,
};

struct pcapng_frame {
	uint32_t interface; /* the n-th interface block, from 0 */
	uint32_t captured;  /* bytes that follow the head */
	uint32_t original;  /* bytes of the frame */
	enum pcapng_direction direction;
	uint64_t wall_ns;
	const char *comment; /* NULL = none */
};

/* What an interface gave, and how much of it is not in the file. */
struct pcapng_statistics {
	uint32_t interface;
	uint64_t wall_ns;
	uint64_t received, dropped;
	const char *comment; /* NULL = none */
};

/* Each returns the bytes written, a multiple of 4. */

/* pcapng_section - begins a file; `application` says who writes it. */
uint32_t pcapng_section(uint8_t block[PCAPNG_BLOCK_SIZE],
			const char *application);
/* pcapng_interface - an Ethernet interface; names longer than 63 are cut. */
uint32_t pcapng_interface(uint8_t block[PCAPNG_BLOCK_SIZE], const char *name,
			  const char *description, uint32_t snap);
/* pcapng_statistics - the last of an interface holds. */
uint32_t pcapng_statistics(uint8_t block[PCAPNG_BLOCK_SIZE],
			   const struct pcapng_statistics *statistics);
/* pcapng_head, pcapng_tail - around `captured` bytes. */
uint32_t pcapng_head(uint8_t head[PCAPNG_HEAD_SIZE],
		     const struct pcapng_frame *frame);
uint32_t pcapng_tail(uint8_t tail[PCAPNG_TAIL_SIZE],
		     const struct pcapng_frame *frame);

#endif
