/* SPDX-License-Identifier: Apache-2.0 */
/* Links on real devices in a test's namespaces. */
#ifndef TESTS_SUPPORT_DEVICES_H
#define TESTS_SUPPORT_DEVICES_H

#include "io/packet_socket.h"
#include "io/tap.h"
#include "tests/support/netns.h"
#include "tests/support/shell.h"

/* eth0 in namespace `letter`, 10.0.0.`last`/24, MAC 02:..:`last`. */
static inline struct vs_link *open_tap(struct shell *shell, char letter,
				       uint8_t last)
{
	struct priv_request request = {
		.op = PRIV_OPEN_TAP,
		.flags = PRIV_FLAG_UP,
		.mtu = 1500,
		.device = "eth0",
		.mac = {2, 0, 0, 0, 0, last},
		.address_count = 1,
		.addresses = {{.octet = {[10] = 0xff, 0xff, 10, 0, 0, last},
			       .length = 96 + 24}},
	};
	struct shell_answer answer;
	struct vs_link *link;

	snprintf(request.netns, sizeof(request.netns), "%s",
		 netns_name(letter));
	answer = shell_ask(shell, &request);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	ck_assert_int_eq(tap_link_create(&link, answer.fds[0], 1500,
					 answer.reply.features & PRIV_HAS_USO),
			 0);
	return link;
}

static inline struct vs_link *open_packet(struct shell *shell, char letter,
					  const char *device)
{
	struct priv_request request = {
		.op = PRIV_OPEN_NETDEV,
		.flags = PRIV_FLAG_PROMISCUOUS,
	};
	struct shell_answer answer;
	struct vs_link *link;

	snprintf(request.device, sizeof(request.device), "%s", device);
	snprintf(request.netns, sizeof(request.netns), "%s",
		 netns_name(letter));
	answer = shell_ask(shell, &request);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	ck_assert_int_eq(
		packet_socket_create(&link, answer.fds[0], answer.fds[1], 1500),
		0);
	return link;
}

/* The whole packet out of the link; the reference is given away. */
static inline void send_whole(struct vs_link *link,
			      struct link_scratch *scratch,
			      struct vs_packet *packet)
{
	struct vs_outbox_entry entry = {
		.packet = packet,
		.link = link,
		.recipe =
			{
				.frame = vs_packet_frame(packet),
				.slice_size = packet->view.size,
				.offload = packet->view.offload,
			},
	};
	const struct vs_outbox_entry *entries[] = {&entry};

	link->ops->tx_burst(link, entries, 1, scratch);
	vs_packet_unref(packet);
}

#endif
