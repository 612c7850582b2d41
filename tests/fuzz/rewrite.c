/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP rewrite there and back over any bytes: one byte (bit 0: the transport's
 * checksum is partial), 32 bytes of other addresses, then a frame in a block
 * of exactly its size. Back is the identity, but for a sum of 0 that may come
 * back as 0xffff; nothing outside of what is announced changes.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "wnv/rewrite.h"

#define L3 14u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A checksum of 0 and one of 0xffff say the same. */
static void settle(uint8_t *bytes, const struct rewrite_packet *packet)
{
	uint8_t *ip = bytes + packet->l3;

	if (!packet->ipv6 && vs_load16(ip + 10) == 0xffff)
		vs_store16(ip + 10, 0);
	if (packet->checksum != VS_ABSENT &&
	    vs_load16(bytes + packet->checksum) == 0xffff)
		vs_store16(bytes + packet->checksum, 0);
}

static void judge(uint8_t *exact, const uint8_t *frame, uint32_t size,
		  const struct rewrite_packet *packet)
{
	uint8_t *before = malloc(size);

	memcpy(before, frame, size);
	if (memcmp(exact, before, packet->l3) != 0 || packet->end > size ||
	    memcmp(exact + packet->end, before + packet->end,
		   size - packet->end) != 0)
		abort();
	settle(before, packet);
	settle(exact, packet);
	if (memcmp(exact, before, size) != 0)
		abort();
	free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rewrite_addresses to, back;
	struct rewrite_packet packet, again;
	const uint8_t *frame = bytes + 33;
	uint8_t *exact;

	if (size < 34 || size > 4096)
		return 0;
	size -= 33;
	exact = malloc(size);
	memcpy(exact, frame, size);
	if (rewrite_read(exact, (uint32_t)size, L3, &packet)) {
		to.source = packet.ipv6 ? vs_ip_from_v6(bytes + 1)
					: vs_ip_from_v4(bytes + 1);
		to.target = packet.ipv6 ? vs_ip_from_v6(bytes + 17)
					: vs_ip_from_v4(bytes + 17);
		back = rewrite_get(exact, &packet);
		rewrite_apply(exact, &packet, &to, bytes[0] & 1);
		if (!rewrite_read(exact, (uint32_t)size, L3, &again) ||
		    memcmp(&again, &packet, sizeof(packet)) != 0)
			abort();
		rewrite_apply(exact, &packet, &back, bytes[0] & 1);
		judge(exact, frame, (uint32_t)size, &packet);
	}
	free(exact);
	return 0;
}
