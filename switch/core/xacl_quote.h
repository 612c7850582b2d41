/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xacl_quote.h: what ICMP says of a flow: an echo's identifier, the packet
 * that an error quotes.
 */
#ifndef CORE_XACL_QUOTE_H
#define CORE_XACL_QUOTE_H

#include "core/xacl.h"

/* xacl_quoted - the packet that an ICMP error quotes, as its port saw it;
 * false: the frame is no error, or quotes too little. */
bool xacl_quoted(const struct vs_view *view, bool inbound,
		 struct xacl_tuple *tuple);
/* xacl_take_echo - the identifier of an echo stands for both ports of its
 * flow; false: no echo. `icmp` has `size` bytes. */
bool xacl_take_echo(struct xacl_tuple *tuple, const uint8_t *icmp,
		    uint32_t size);

#endif
