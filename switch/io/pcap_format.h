/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap_format.h: the numbers of classic pcap files
 * (draft-ietf-opsawg-pcap): Ethernet, both byte orders, micro- and nanosecond
 * stamps. Pure: who has the bytes is pcap_file.c, or vswitch-ext-run.
 */
#ifndef IO_PCAP_FORMAT_H
#define IO_PCAP_FORMAT_H

#include <vswitch/types.h>

#define PCAP_MAGIC_US	   0xa1b2c3d4u
#define PCAP_MAGIC_NS	   0xa1b23c4du
#define PCAP_ETHERNET	   1u
#define PCAP_FRAME_LARGEST 0x40000u /* what capture tools write at most */
#define PCAP_HEADER_SIZE   24u
#define PCAP_RECORD_SIZE   16u

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

#endif
