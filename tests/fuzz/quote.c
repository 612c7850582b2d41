/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packet that an ICMP error quotes, over any bytes: one byte (bit 0: the
 * error's checksum is yet to be made), 32 bytes of other addresses, then a
 * frame in a block of exactly its size. The error's checksum is afterwards as
 * right or as wrong as before, and back is the identity.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "wnv/rewrite.h"

#define L3 14u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What the message sums up to; a right one to 0xffff. */
static uint16_t sum_of(const uint8_t *bytes, uint32_t size,
		       const struct rewrite_packet *packet)
{
	return vs_sum_fold(vs_sum(0, bytes + packet->l4, size - packet->l4));
}

static void there_and_back(uint8_t *bytes, uint32_t size,
			   const struct rewrite_packet *packet,
			   const uint8_t *input)
{
	struct rewrite_quote quote;
	struct rewrite_addresses to, back, now;
	bool partial = input[0] & 1;
	uint16_t before;

	if (!rewrite_quote_read(bytes, size, packet, &quote))
		return;
	if (quote.packet.end > size || quote.packet.l3 < packet->l4 + 8u)
		abort();
	before = sum_of(bytes, size, packet);
	to.source = packet->ipv6 ? vs_ip_from_v6(input + 1)
				 : vs_ip_from_v4(input + 1);
	to.target = packet->ipv6 ? vs_ip_from_v6(input + 17)
				 : vs_ip_from_v4(input + 17);
	back = rewrite_get(bytes, &quote.packet);
	rewrite_quote_apply(bytes, &quote, &to, partial);
	if (!partial && (sum_of(bytes, size, packet) - before) % 0xffff != 0)
		abort();
	now = rewrite_get(bytes, &quote.packet);
	if (!vs_ip_equal(&now.source, &to.source) ||
	    !vs_ip_equal(&now.target, &to.target))
		abort();
	rewrite_quote_apply(bytes, &quote, &back, partial);
	now = rewrite_get(bytes, &quote.packet);
	if (!vs_ip_equal(&now.source, &back.source) ||
	    !vs_ip_equal(&now.target, &back.target))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rewrite_packet packet;
	uint8_t *exact;

	if (size < 34 || size > 4096)
		return 0;
	exact = malloc(size - 33);
	memcpy(exact, bytes + 33, size - 33);
	if (rewrite_read(exact, (uint32_t)size - 33, L3, &packet))
		there_and_back(exact, (uint32_t)size - 33, &packet, bytes);
	free(exact);
	return 0;
}
