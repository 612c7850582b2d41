/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap_file.h: a capture file as a link: read into the switch, record what
 * leaves. Classic pcap only (draft-ietf-opsawg-pcap), Ethernet, both byte
 * orders, micro- and nanosecond stamps. Reading is as fast as the pump asks;
 * writing goes through the writer thread.
 */
#ifndef IO_PCAP_FILE_H
#define IO_PCAP_FILE_H

#include <stddef.h>

#include <vswitch/types.h>

#include "io/link.h"

struct writer;

#define PCAP_HEADER_SIZE 24u
#define PCAP_RECORD_SIZE 16u

/* How a file's numbers stand; filled by pcap_parse_header. */
struct pcap_format {
	bool swapped, nanoseconds;
	uint32_t snap;
};

struct pcap_record {
	uint32_t size;	    /* bytes that follow in the file */
	uint32_t wire_size; /* bytes that the frame had; >= size */
};

/* pcap_parse_header - 0, or -EINVAL (not pcap), -ENOTSUP (not Ethernet). */
int pcap_parse_header(const uint8_t bytes[PCAP_HEADER_SIZE],
		      struct pcap_format *format);
/* pcap_parse_record - 0, or -EINVAL: sizes that contradict each other or are
 * larger than any frame: the file is damaged from here on. */
int pcap_parse_record(const struct pcap_format *format,
		      const uint8_t bytes[PCAP_RECORD_SIZE],
		      struct pcap_record *record);

/*
 * pcap_link_create - `in` to read from, `to` to record to (-1 = none, not
 * both). 0: the link owns the fds; -errno with `error` filled: the caller
 * still does. The writer must outlive the link.
 */
int pcap_link_create(struct vs_link **link, int in, int to,
		     struct writer *writer, struct vs_error *error);

#endif
