// SPDX-License-Identifier: Apache-2.0
/*
 * Block layouts by section of draft-ietf-opsawg-pcapng.
 */
#include "pcapng.h"

#include <assert.h>
#include <string.h>

#define BLOCK_SECTION	0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_NUMBERS	5u
#define BLOCK_FRAME	6u
#define BYTE_ORDER_TEST 0x1a2b3c4du
#define LINK_ETHERNET	1u

#define OPTION_END	     0u
#define OPTION_COMMENT	     1u
#define SECTION_APPLICATION  4u
#define INTERFACE_NAME	     2u
#define INTERFACE_TEXT	     3u
#define INTERFACE_RESOLUTION 9u
#define FRAME_FLAGS	     2u
#define NUMBERS_RECEIVED     4u
#define NUMBERS_DROPPED	     5u

#define TEXT_SIZE 63u

/* A place in a block that grows. */
struct pen {
	uint8_t *bytes;
	uint32_t size, room;
};

static void put(struct pen *pen, const void *bytes, uint32_t size)
{
	assert(size <= pen->room - pen->size);
	memcpy(pen->bytes + pen->size, bytes, size);
	pen->size += size;
}

static void put16(struct pen *pen, uint32_t value)
{
	uint16_t half = (uint16_t)value;

	put(pen, &half, sizeof(half));
}

static void put32(struct pen *pen, uint32_t value)
{
	put(pen, &value, sizeof(value));
}

static uint32_t padding(uint32_t size)
{
	return -size & 3u;
}

static void pad(struct pen *pen)
{
	static const uint8_t zero[3];

	put(pen, zero, padding(pen->size));
}

/* Section 3.5: code, size, value, padded to 4. */
static void option(struct pen *pen, uint32_t code, const void *value,
		   uint32_t size)
{
	put16(pen, code);
	put16(pen, size);
	put(pen, value, size);
	pad(pen);
}

static void option_text(struct pen *pen, uint32_t code, const char *text,
			size_t limit)
{
	option(pen, code, text, (uint32_t)strnlen(text, limit));
}

static void begin(struct pen *pen, uint8_t *block, uint32_t type)
{
	*pen = (struct pen){.bytes = block, .room = PCAPNG_BLOCK_SIZE};
	put32(pen, type);
	put32(pen, 0); /* total size: end() */
}

static uint32_t end(struct pen *pen)
{
	uint32_t size;

	option(pen, OPTION_END, "", 0);
	size = pen->size + 4;
	put32(pen, size);
	memcpy(pen->bytes + 4, &size, sizeof(size));
	return size;
}

uint32_t pcapng_section(uint8_t block[PCAPNG_BLOCK_SIZE],
			const char *application)
{
	static const uint8_t unknown[8] = {255, 255, 255, 255,
					   255, 255, 255, 255};
	struct pen pen;

	begin(&pen, block, BLOCK_SECTION);
	put32(&pen, BYTE_ORDER_TEST);
	put16(&pen, 1); /* version 1.0 */
	put16(&pen, 0);
	put(&pen, unknown, sizeof(unknown)); /* the section's size */
	option_text(&pen, SECTION_APPLICATION, application, TEXT_SIZE);
	return end(&pen);
}

uint32_t pcapng_interface(uint8_t block[PCAPNG_BLOCK_SIZE], const char *name,
			  const char *description, uint32_t snap)
{
	static const uint8_t nanoseconds = 9;
	struct pen pen;

	begin(&pen, block, BLOCK_INTERFACE);
	put16(&pen, LINK_ETHERNET);
	put16(&pen, 0);
	put32(&pen, snap);
	option_text(&pen, INTERFACE_NAME, name, TEXT_SIZE);
	option_text(&pen, INTERFACE_TEXT, description, TEXT_SIZE);
	option(&pen, INTERFACE_RESOLUTION, &nanoseconds, 1);
	return end(&pen);
}

uint32_t pcapng_statistics(uint8_t block[PCAPNG_BLOCK_SIZE],
			   const struct pcapng_statistics *statistics)
{
	struct pen pen;

	begin(&pen, block, BLOCK_NUMBERS);
	put32(&pen, statistics->interface);
	put32(&pen, (uint32_t)(statistics->wall_ns >> 32));
	put32(&pen, (uint32_t)statistics->wall_ns);
	if (statistics->comment)
		option_text(&pen, OPTION_COMMENT, statistics->comment,
			    TEXT_SIZE);
	option(&pen, NUMBERS_RECEIVED, &statistics->received, 8);
	option(&pen, NUMBERS_DROPPED, &statistics->dropped, 8);
	return end(&pen);
}

/* The options behind a frame's bytes, without the end. */
static void frame_options(struct pen *pen, const struct pcapng_frame *frame)
{
	uint32_t flags = frame->direction; /* section 4.3.1: bits 0 and 1 */

	if (frame->direction != PCAPNG_UNKNOWN)
		option(pen, FRAME_FLAGS, &flags, sizeof(flags));
	if (frame->comment)
		option_text(pen, OPTION_COMMENT, frame->comment,
			    PCAPNG_COMMENT_SIZE);
	option(pen, OPTION_END, "", 0);
}

uint32_t pcapng_tail(uint8_t tail[PCAPNG_TAIL_SIZE],
		     const struct pcapng_frame *frame)
{
	static const uint8_t zero[3];
	struct pen pen = {.bytes = tail, .room = PCAPNG_TAIL_SIZE};
	uint32_t before = padding(frame->captured);

	/* the options' own padding counts from a multiple of 4 */
	pen.bytes += before;
	pen.room -= before;
	memcpy(tail, zero, before);
	frame_options(&pen, frame);
	put32(&pen, PCAPNG_HEAD_SIZE + frame->captured + before + pen.size + 4);
	return before + pen.size;
}

uint32_t pcapng_head(uint8_t head[PCAPNG_HEAD_SIZE],
		     const struct pcapng_frame *frame)
{
	struct pen pen = {.bytes = head, .room = PCAPNG_HEAD_SIZE};
	uint8_t tail[PCAPNG_TAIL_SIZE];

	put32(&pen, BLOCK_FRAME);
	put32(&pen,
	      PCAPNG_HEAD_SIZE + frame->captured + pcapng_tail(tail, frame));
	put32(&pen, frame->interface);
	put32(&pen, (uint32_t)(frame->wall_ns >> 32));
	put32(&pen, (uint32_t)frame->wall_ns);
	put32(&pen, frame->captured);
	put32(&pen, frame->original);
	return pen.size;
}
