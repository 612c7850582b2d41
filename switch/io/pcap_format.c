// SPDX-License-Identifier: Apache-2.0
/*
 * pcap_format.c: can a capture file's numbers be believed?
 */
#include "io/pcap_format.h"

#include <errno.h>

#include <vswitch/wire.h>

static uint32_t number(const struct pcap_format *format, const uint8_t *bytes)
{
	uint32_t value = vs_load32(bytes);

	return format->swapped ? __builtin_bswap32(value) : value;
}

int pcap_parse_header(const uint8_t bytes[PCAP_HEADER_SIZE],
		      struct pcap_format *format)
{
	uint32_t magic = vs_load32(bytes);

	*format = (struct pcap_format){
		.swapped = magic == __builtin_bswap32(PCAP_MAGIC_US) ||
			   magic == __builtin_bswap32(PCAP_MAGIC_NS),
	};
	magic = number(format, bytes);
	if (magic != PCAP_MAGIC_US && magic != PCAP_MAGIC_NS)
		return -EINVAL;
	format->nanoseconds = magic == PCAP_MAGIC_NS;
	format->snap = number(format, bytes + 16);
	/* the upper bits say how long a frame check sequence follows */
	return (number(format, bytes + 20) & 0xffff) == PCAP_ETHERNET
		       ? 0
		       : -ENOTSUP;
}

int pcap_parse_record(const struct pcap_format *format,
		      const uint8_t bytes[PCAP_RECORD_SIZE],
		      struct pcap_record *record)
{
	record->size = number(format, bytes + 8);
	record->wire_size = number(format, bytes + 12);
	return record->size <= PCAP_FRAME_LARGEST &&
			       record->size <= record->wire_size
		       ? 0
		       : -EINVAL;
}
