/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h: DHCP messages (RFC 2131, 2132): what a client asks, and what it is
 * told. Bytes only; a client's message is read within its bounds.
 */
#ifndef DHCP_ANSWER_H
#define DHCP_ANSWER_H

#include "lease.h"

#define DHCP_FRAME 600u /* an answer is no longer */

/* Types of messages, option 53. */
enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM
};

/* What of a client's message matters. */
struct dhcp_question {
	uint8_t type; /* enum dhcp_type */
	bool broadcast;
	bool has_server, has_wanted;
	uint8_t id[4], client[4], wanted[4], server[4];
	struct vs_mac mac;
};

/* dhcp_read - is it a client's message to a server on this link? */
bool dhcp_read(const struct vs_frame *frame, struct dhcp_question *question);
/* dhcp_answer_type - how it is answered; 0: not at all. */
uint8_t dhcp_answer_type(const struct dhcp_question *question,
			 const struct dhcp_lease *lease);
/* dhcp_server - the address that we answer from: the gateway's, or, where
 * there is none, the lowest of the subnet. */
void dhcp_server(const struct dhcp_lease *lease, uint8_t address[4]);
/* dhcp_write - the answer as a frame into DHCP_FRAME bytes; its size. */
uint32_t dhcp_write(uint8_t *bytes, uint8_t type,
		    const struct dhcp_question *question,
		    const struct dhcp_lease *lease,
		    const struct dhcp_subnet *subnet);

#endif
