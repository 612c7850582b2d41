/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCP of extensions/dhcp over any bytes: one byte (bit 0: the subnet has a
 * gateway; bit 1: name servers and a domain; bits 2 to 6: the prefix), then a
 * client's frame in a block of exactly its size. What is read is a question
 * with an owner; what is written is a right frame, says its type and nobody
 * else's address, and is no question.
 */
#include <vswitch/wire.h>

#include "extensions/dhcp/answer.h"
#include "packet/packet.h"
#include "tests/support/fuzz.h"

#define LARGEST 65536u
#define MESSAGE 240u /* up to the options */

static struct dhcp_subnet subnet_of(uint8_t choice)
{
	struct dhcp_subnet subnet = {.lease_s = 3600, .mtu = 1458};

	if (choice & 2) {
		subnet.name_servers = DHCP_SERVERS;
		memset(subnet.domain, 'd', DHCP_DOMAIN - 1);
	}
	return subnet;
}

/* An option's bytes, its size in *size; NULL: it is not there. */
static const uint8_t *option(const struct vs_view *view, uint8_t wanted,
			     uint8_t *size)
{
	const uint8_t *at = view->data + view->payload + MESSAGE;
	const uint8_t *end = view->data + view->size;

	for (; at < end && *at != 255; at += 2u + at[1]) {
		must(end - at > 2 && at[1] <= end - at - 2);
		*size = at[1];
		if (*at == wanted)
			return at + 2;
	}
	must(at < end);
	return NULL;
}

static void check_answer(uint8_t *bytes, uint32_t size, uint8_t type,
			 const struct dhcp_question *asked,
			 const struct dhcp_lease *lease)
{
	struct vs_packet packet = {.view.size = 0};
	const struct vs_view *view = &packet.view;
	struct dhcp_question again;
	const uint8_t *message, *found;
	uint8_t found_size;

	fuzz_view(&packet.view, bytes, size);
	must(view->flags & VS_FRAME_IPV4 && view->protocol == VS_IP_UDP);
	must(vs_sum_fold(vs_sum(0, bytes + view->l3, VS_IPV4_SIZE)) == 0xffff);
	must(vs_load16(bytes + view->l3 + 2) == size - view->l3);
	must(vs_load16(bytes + view->l4 + 4) == size - view->l4);
	message = bytes + view->payload;
	must(memcmp(message + 4, asked->id, 4) == 0);
	must(memcmp(message + 28, asked->mac.octet, 6) == 0);
	found = option(view, 53, &found_size);
	must(found && found_size == 1 && *found == type);
	if (type == DHCP_NAK || asked->type == DHCP_INFORM)
		must(vs_load32(message + 16) == 0);
	else
		must(memcmp(message + 16, lease->address, 4) == 0);
	found = option(view, 3, &found_size);
	must((found != NULL) == (lease->has_gateway && type != DHCP_NAK));
	must(!dhcp_read(vs_packet_frame(&packet), &again));
}

static void answer(const struct dhcp_question *question, uint8_t choice)
{
	const struct dhcp_subnet subnet = subnet_of(choice);
	const struct dhcp_lease lease = {.mac = question->mac,
					 .length = choice >> 2 & 31,
					 .has_gateway = choice & 1,
					 .address = {10, 0, 0, 5},
					 .gateway = {10, 0, 0, 1}};
	uint8_t type = dhcp_answer_type(question, &lease), *room;
	uint32_t size;

	if (!type)
		return;
	must(type == DHCP_OFFER || type == DHCP_ACK || type == DHCP_NAK);
	must((type == DHCP_OFFER) == (question->type == DHCP_DISCOVER));
	room = malloc(DHCP_FRAME);
	must(room != NULL);
	size = dhcp_write(room, type, question, &lease, &subnet);
	must(size <= DHCP_FRAME);
	check_answer(room, size, type, question, &lease);
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dhcp_question question;
	struct vs_packet packet = {.view.size = 0};
	uint8_t *block;

	if (size > LARGEST || size < 1 + VS_ETHERNET_SIZE)
		return 0;
	block = fuzz_block(bytes + 1, size - 1);
	fuzz_view(&packet.view, block, (uint32_t)size - 1);
	if (dhcp_read(vs_packet_frame(&packet), &question)) {
		must(question.type != 0);
		answer(&question, bytes[0]);
	}
	free(block);
	return 0;
}
