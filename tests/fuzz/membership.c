/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IGMP and MLD over any bytes: a frame in a block of exactly its size. What is
 * read lies in it, ends, and names groups only.
 */
#include "core/membership.h"
#include "tests/support/fuzz.h"

#define LARGEST 65536u

static void read_all(const struct vs_view *view)
{
	struct membership_message message;
	enum membership_kind kind = membership_read(view, &message);
	struct vs_ip group;
	uint32_t count = 0;
	bool joins;

	if (kind == MEMBERSHIP_NONE)
		return;
	if (message.at < view->data || message.end > view->data + view->size)
		abort();
	while (membership_next(&message, &group, &joins)) {
		if (!vs_ip_is_group(&group) || ++count > LARGEST)
			abort();
		if (vs_ip_is_v4(&group) != (message.family == 4))
			abort();
	}
	if (message.at > message.end && !message.single)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct vs_view view;
	struct vs_ip group;
	uint8_t *block;

	if (size > LARGEST || size < VS_ETHERNET_SIZE)
		return 0;
	block = fuzz_block(bytes, size);
	fuzz_view(&view, block, (uint32_t)size);
	read_all(&view);
	if (membership_group(&view, &group) && !vs_ip_is_group(&group))
		abort();
	free(block);
	return 0;
}
