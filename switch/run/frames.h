/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames.h: what vswitch-ext-run plays: the frames of a few files, in the
 * order of their times.
 *
 * A file is a classic pcap file of Ethernet, or text, a line a frame:
 *
 *	# seconds  bytes in hex, spaces as one likes
 *	0.000  ffffffffffff 020000000005 0806 0001 0800 06 04 0001 ...
 *
 * Before this file: main.c, which says which port a file is for. After it:
 * walk.c.
 */
#ifndef RUN_FRAMES_H
#define RUN_FRAMES_H

#include <stdio.h>

#include <vswitch/types.h>

struct frame {
	uint64_t time_ns; /* of the file's clock */
	uint64_t order;	  /* of equal times: as they were read */
	const char *port; /* its name; lives as long as the arguments */
	uint32_t size;
	uint8_t *bytes;
};

struct frames {
	struct frame *at;
	size_t count, room;
};

/* frames_read - add the frames of a file, "-" is standard input. 0 or -errno
 * with the file's name, and the place in it, in `error`. */
int frames_read(struct frames *frames, const char *file, const char *port,
		struct vs_error *error);
/* frames_sort - by time. */
void frames_sort(struct frames *frames);
void frames_free(struct frames *frames);

/* Records of what left; NULL writes nothing. */
/* frames_record_open - a pcap file with stamps of nanoseconds. */
FILE *frames_record_open(const char *file, struct vs_error *error);
void frames_record(FILE *file, uint64_t time_ns, const uint8_t *bytes,
		   uint32_t size);
/* frames_record_close - 0, or -errno: not all of it was written. */
int frames_record_close(FILE *file, const char *name, struct vs_error *error);

#endif
