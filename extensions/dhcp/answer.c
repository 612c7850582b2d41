// SPDX-License-Identifier: Apache-2.0
/*
 * answer.c: see answer.h. Before: dhcp.c, which has the frame; after: the
 * client.
 */
#include "answer.h"

#include <string.h>

#include <vswitch/wire.h>

#define PORT_SERVER   67u
#define PORT_CLIENT   68u
#define UDP_SIZE      8u
#define FIXED	      236u /* BOOTP's part, before the cookie */
#define COOKIE	      0x63825363u
#define REQUEST	      1u
#define REPLY	      2u
#define FLAG	      0x8000u
#define TTL	      64u
#define HEADERS	      (VS_ETHERNET_SIZE + VS_IPV4_SIZE + UDP_SIZE)
#define LEAST_MESSAGE 300u /* old relays and clients want as much */

enum option {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_DNS = 6,
	OPTION_DOMAIN = 15,
	OPTION_MTU = 26,
	OPTION_WANTED = 50,
	OPTION_LEASE = 51,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_END = 255
};

/* Who answers: no VM has this MAC, it is local and ours. */
static const uint8_t server_mac[6] = {0x02, 0x76, 0x73, 0x64, 0x68, 0x63};

/* -- reading ----------------------------------------------------------------
 */

static void take_option(struct dhcp_question *question, uint8_t option,
			const uint8_t *bytes, uint8_t size)
{
	if (option == OPTION_TYPE && size == 1) {
		question->type = bytes[0];
	} else if (option == OPTION_WANTED && size == 4) {
		question->has_wanted = true;
		memcpy(question->wanted, bytes, 4);
	} else if (option == OPTION_SERVER && size == 4) {
		question->has_server = true;
		memcpy(question->server, bytes, 4);
	}
}

static void read_options(struct dhcp_question *question, const uint8_t *bytes,
			 uint32_t size)
{
	uint32_t at = 0;

	while (at < size && bytes[at] != OPTION_END) {
		if (bytes[at] == OPTION_PAD) {
			at++;
			continue;
		}
		if (size - at < 2 || bytes[at + 1] > size - at - 2)
			return;
		take_option(question, bytes[at], bytes + at + 2, bytes[at + 1]);
		at += 2u + bytes[at + 1];
	}
}

/* The message behind UDP, or NULL. */
static const uint8_t *message_of(const struct vs_frame *frame, uint32_t *size)
{
	const struct vs_view *view = vs_view(frame);
	const uint8_t *udp;

	if (!(view->flags & VS_FRAME_IPV4) || view->protocol != VS_IP_UDP ||
	    view->flags & VS_FRAME_FRAGMENT || view->payload == VS_ABSENT)
		return NULL;
	udp = vs_frame_at(frame, view->l4, UDP_SIZE);
	if (!udp || vs_load16(udp + 2) != PORT_SERVER)
		return NULL;
	*size = vs_load16(udp + 4);
	if (*size < UDP_SIZE + FIXED + 4)
		return NULL;
	*size -= UDP_SIZE;
	return vs_frame_at(frame, view->payload, *size);
}

bool dhcp_read(const struct vs_frame *frame, struct dhcp_question *question)
{
	static const uint8_t no_relay[4];
	uint32_t size;
	const uint8_t *message = message_of(frame, &size);

	if (!message || message[0] != REQUEST || message[1] != 1 ||
	    message[2] != 6 || memcmp(message + 24, no_relay, 4) != 0 ||
	    vs_load32(message + FIXED) != COOKIE)
		return false;
	memset(question, 0, sizeof(*question));
	memcpy(question->id, message + 4, 4);
	question->broadcast = vs_load16(message + 10) & FLAG;
	memcpy(question->client, message + 12, 4);
	memcpy(question->mac.octet, message + 28, 6);
	read_options(question, message + FIXED + 4, size - FIXED - 4);
	return question->type != 0;
}

/* -- deciding ---------------------------------------------------------------
 */

static uint32_t mask_of(const struct dhcp_lease *lease)
{
	return lease->length ? ~UINT32_C(0) << (32 - lease->length) : 0;
}

void dhcp_server(const struct dhcp_lease *lease, uint8_t address[4])
{
	if (lease->has_gateway)
		memcpy(address, lease->gateway, 4);
	else
		vs_store32(address,
			   (vs_load32(lease->address) & mask_of(lease)) | 1);
}

/* Does it ask for the address that it has by policy? */
static bool asks_for(const struct dhcp_question *question,
		     const uint8_t address[4])
{
	if (question->has_wanted)
		return memcmp(question->wanted, address, 4) == 0;
	return memcmp(question->client, address, 4) == 0;
}

uint8_t dhcp_answer_type(const struct dhcp_question *question,
			 const struct dhcp_lease *lease)
{
	switch (question->type) {
	case DHCP_DISCOVER:
		return DHCP_OFFER;
	case DHCP_REQUEST:
		return asks_for(question, lease->address) ? DHCP_ACK : DHCP_NAK;
	case DHCP_INFORM:
		return DHCP_ACK;
	default: /* decline, release: policy stays as it is */
		return 0;
	}
}

/* -- writing ----------------------------------------------------------------
 */

static uint8_t *put(uint8_t *at, enum option option, const void *bytes,
		    size_t size)
{
	at[0] = (uint8_t)option;
	at[1] = (uint8_t)size;
	memcpy(at + 2, bytes, size);
	return at + 2 + size;
}

static uint8_t *put_link(uint8_t *at, const struct dhcp_lease *lease,
			 const struct dhcp_subnet *subnet)
{
	uint8_t mask[4], mtu[2];

	vs_store32(mask, mask_of(lease));
	vs_store16(mtu, subnet->mtu);
	at = put(at, OPTION_MASK, mask, 4);
	if (lease->has_gateway)
		at = put(at, OPTION_ROUTER, lease->gateway, 4);
	at = put(at, OPTION_MTU, mtu, 2);
	if (subnet->name_servers)
		at = put(at, OPTION_DNS, subnet->name_server,
			 4u * subnet->name_servers);
	if (subnet->domain[0])
		at = put(at, OPTION_DOMAIN, subnet->domain,
			 strlen(subnet->domain));
	return at;
}

static uint8_t *put_options(uint8_t *at, uint8_t type,
			    const struct dhcp_question *question,
			    const struct dhcp_lease *lease,
			    const struct dhcp_subnet *subnet)
{
	uint8_t server[4], lease_s[4];

	dhcp_server(lease, server);
	vs_store32(lease_s, subnet->lease_s);
	at = put(at, OPTION_TYPE, &type, 1);
	at = put(at, OPTION_SERVER, server, 4);
	if (type != DHCP_NAK && question->type != DHCP_INFORM)
		at = put(at, OPTION_LEASE, lease_s, 4);
	if (type != DHCP_NAK)
		at = put_link(at, lease, subnet);
	*at++ = OPTION_END;
	return at;
}

/* The frame around a message of `size` bytes; RFC 2131 §4.1: to the address
 * that it gets, unless the client can't take that yet. */
static void put_headers(uint8_t *bytes, uint32_t size, bool to_all,
			const uint8_t *target, const uint8_t server[4])
{
	uint8_t *ip = bytes + VS_ETHERNET_SIZE, *udp = ip + VS_IPV4_SIZE;
	uint8_t *message = udp + UDP_SIZE;

	if (to_all)
		memset(bytes, 0xff, 6);
	else
		memcpy(bytes, message + 28, 6);
	memcpy(bytes + 6, server_mac, 6);
	vs_store16(bytes + 12, VS_TYPE_IPV4);
	memset(ip, 0, VS_IPV4_SIZE + UDP_SIZE);
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)(VS_IPV4_SIZE + UDP_SIZE + size));
	ip[8] = TTL;
	ip[9] = VS_IP_UDP;
	memcpy(ip + 12, server, 4);
	if (to_all)
		memset(ip + 16, 0xff, 4);
	else
		memcpy(ip + 16, target, 4);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, VS_IPV4_SIZE)));
	vs_store16(udp, PORT_SERVER);
	vs_store16(udp + 2, PORT_CLIENT);
	vs_store16(udp + 4, (uint16_t)(UDP_SIZE + size)); /* sum 0: none */
}

uint32_t dhcp_write(uint8_t *bytes, uint8_t type,
		    const struct dhcp_question *question,
		    const struct dhcp_lease *lease,
		    const struct dhcp_subnet *subnet)
{
	static const uint8_t nowhere[4];
	uint8_t *message = bytes + HEADERS, *end, server[4];
	bool keeps = memcmp(question->client, nowhere, 4) != 0;
	uint32_t size;

	memset(bytes, 0, DHCP_FRAME);
	message[0] = REPLY;
	message[1] = 1;
	message[2] = 6;
	memcpy(message + 4, question->id, 4);
	if (question->broadcast)
		vs_store16(message + 10, FLAG);
	if (type != DHCP_NAK)
		memcpy(message + 12, question->client, 4);
	if (type != DHCP_NAK && question->type != DHCP_INFORM)
		memcpy(message + 16, lease->address, 4);
	memcpy(message + 28, question->mac.octet, 6);
	vs_store32(message + FIXED, COOKIE);
	end = put_options(message + FIXED + 4, type, question, lease, subnet);
	size = (uint32_t)(end - message);
	if (size < LEAST_MESSAGE)
		size = LEAST_MESSAGE;
	dhcp_server(lease, server);
	put_headers(bytes, size,
		    type == DHCP_NAK || (question->broadcast && !keeps),
		    keeps ? question->client : lease->address, server);
	return HEADERS + size;
}
