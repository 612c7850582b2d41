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
#include "io/pcap_format.h"

struct writer;

/*
 * pcap_link_create - `in` to read from, `to` to record to (-1 = none, not
 * both). 0: the link owns the fds; -errno with `error` filled: the caller
 * still does. The writer must outlive the link.
 */
int pcap_link_create(struct vs_link **link, int in, int to,
		     struct writer *writer, struct vs_error *error);

#endif
