/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn_dhcp.c: what DHCP and DHCPv6 teach (hnv.md A7.5, A7.12): only the
 * answer to what a VM with an L2Only record asked for itself, by the number
 * that it gave its question. Who answers is not judged: that is the port's
 * guard, and it is the tenant's own affair.
 *
 * Before it: translate_out.c, translate_in.c. After it: learn.c.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "learn.h"

#define UDP_SIZE 8u

#define FIXED	     236u /* bytes before the magic cookie (RFC 2131 2) */
#define COOKIE	     0x63825363u
#define OPTION_TYPE  53u
#define OPTION_END   255u
#define DHCP_REQUEST 3u
#define DHCP_ACK     5u

/* RFC 8415 7.3, 21 */
#define SOLICIT	       1u
#define REQUEST6       3u
#define RENEW	       5u
#define REBIND	       6u
#define REPLY	       7u
#define OPTION_IA_NA   3u
#define OPTION_IA_TA   4u
#define OPTION_IAADDR  5u
#define OPTION_STATUS  13u
#define IA_NA_HEAD     12u
#define IA_TA_HEAD     4u
#define IAADDR_HEAD    24u
#define LEASES_A_REPLY 8u

static struct learned *learned_of(const struct vs_call *call)
{
	return call->tracing ? NULL
			     : wnv_state_learned(wnv_state_of(call->state));
}

static bool is_l2only(const struct vs_call *call, struct vs_vsid vsid,
		      const struct vs_mac *mac)
{
	return wnv_l2only_find(wnv_state_of(call->state), vsid, mac);
}

/* -- DHCP ------------------------------------------------------------------ */

/* The message type (RFC 2132 9.6), or 0. */
static uint8_t dhcp_type(const uint8_t *options, uint32_t size)
{
	uint32_t at = 0;

	while (at < size && options[at] != OPTION_END) {
		if (options[at] == 0) { /* padding */
			at++;
			continue;
		}
		if (size - at < 2 || size - at - 2 < options[at + 1])
			return 0;
		if (options[at] == OPTION_TYPE && options[at + 1] == 1)
			return options[at + 2];
		at += 2u + options[at + 1];
	}
	return 0;
}

static void hear_dhcp(const struct vs_call *call, struct learned *learned,
		      const struct learn_message *message)
{
	const uint8_t *dhcp = message->udp + UDP_SIZE;
	uint32_t size = message->size - UDP_SIZE;
	struct learned_request request = {.vsid = message->vsid};
	struct wnv_ca ca;
	uint8_t type;

	if (size < FIXED + 4 || dhcp[1] != 1 || dhcp[2] != 6 ||
	    vs_load32(dhcp + FIXED) != COOKIE)
		return;
	type = dhcp_type(dhcp + FIXED + 4, size - FIXED - 4);
	memcpy(request.client.octet, dhcp + 28, 6);
	request.xid = vs_load32(dhcp + 4);
	ca.ip = vs_ip_from_v4(dhcp + 16);
	if (dhcp[0] == 1 && type == DHCP_REQUEST && message->udp[1] == 68 &&
	    vs_mac_equal(&request.client, &message->source) &&
	    is_l2only(call, message->vsid, &request.client))
		learned_asked(learned, &request, call->now_ns);
	else if (dhcp[0] == 2 && type == DHCP_ACK && message->udp[1] == 67 &&
		 learned_answers(learned, &request, call->now_ns))
		learn_lease(call, message->vsid, &ca, &request.client);
}

/* -- DHCPv6 ---------------------------------------------------------------- */

/* Options, one after the other: code, size, and that many bytes. */
struct options {
	const uint8_t *bytes;
	uint32_t size;
};

struct option {
	uint16_t code;
	const uint8_t *bytes;
	uint32_t size;
};

/* False: there is no further one, or it is cut. */
static bool next_option(struct options *rest, struct option *option)
{
	if (rest->size < 4)
		return false;
	option->code = vs_load16(rest->bytes);
	option->size = vs_load16(rest->bytes + 2);
	option->bytes = rest->bytes + 4;
	if (option->size > rest->size - 4)
		return false;
	rest->bytes += 4 + option->size;
	rest->size -= 4 + option->size;
	return true;
}

/* The options inside of one, behind its `head`; none if it is too short. */
static struct options inside(const struct option *option, uint32_t head)
{
	return option->size < head ? (struct options){option->bytes, 0}
				   : (struct options){option->bytes + head,
						      option->size - head};
}

/* No status, or success (RFC 8415 21.13). */
static bool is_granted(struct options options)
{
	struct option option;

	while (next_option(&options, &option))
		if (option.code == OPTION_STATUS &&
		    (option.size < 2 || vs_load16(option.bytes) != 0))
			return false;
	return true;
}

/* The addresses of one association; `left`: how many more are looked at. */
static void take_association(const struct vs_call *call,
			     const struct learned_request *request,
			     struct options options, unsigned int *left)
{
	struct option option;
	struct wnv_ca ca;

	if (!is_granted(options))
		return;
	while (*left && next_option(&options, &option)) {
		if (option.code != OPTION_IAADDR || option.size < IAADDR_HEAD)
			continue;
		--*left;
		ca.ip = vs_ip_from_v6(option.bytes);
		/* a valid lifetime of 0 takes it back */
		if (vs_load32(option.bytes + 20) && !vs_ip_is_v4(&ca.ip) &&
		    is_granted(inside(&option, IAADDR_HEAD)))
			learn_lease(call, request->vsid, &ca, &request->client);
	}
}

static void take_reply(const struct vs_call *call,
		       const struct learned_request *request,
		       struct options options)
{
	unsigned int left = LEASES_A_REPLY;
	struct option option;

	if (!is_granted(options))
		return;
	while (left && next_option(&options, &option)) {
		if (option.code == OPTION_IA_NA)
			take_association(call, request,
					 inside(&option, IA_NA_HEAD), &left);
		else if (option.code == OPTION_IA_TA)
			take_association(call, request,
					 inside(&option, IA_TA_HEAD), &left);
	}
}

/* A client has no address of hardware in it, only its frames do; a relay's
 * messages are not looked into. */
static void hear_dhcp6(const struct vs_call *call, struct learned *learned,
		       const struct learn_message *message)
{
	bool asks = message->udp[1] == 0x22;
	const uint8_t *dhcp = message->udp + UDP_SIZE;
	struct learned_request request = {
		.vsid = message->vsid,
		.client = asks ? message->source : message->target,
		.ipv6 = true,
	};

	if (message->size < UDP_SIZE + 4)
		return;
	request.xid = vs_load32(dhcp) & 0xffffff;
	switch (dhcp[0]) {
	case SOLICIT: /* may be answered at once (rapid commit) */
	case REQUEST6:
	case RENEW:
	case REBIND:
		if (asks && is_l2only(call, message->vsid, &request.client))
			learned_asked(learned, &request, call->now_ns);
		break;
	case REPLY:
		if (!asks && learned_answers(learned, &request, call->now_ns))
			take_reply(
				call, &request,
				(struct options){dhcp + 4,
						 message->size - UDP_SIZE - 4});
		break;
	default:
		break;
	}
}

void learn_dhcp(const struct vs_call *call, const struct learn_message *message)
{
	struct learned *learned = learned_of(call);

	if (!learned || message->size < UDP_SIZE)
		return;
	if (learn_is_dhcp6(message->udp))
		hear_dhcp6(call, learned, message);
	else
		hear_dhcp(call, learned, message);
}
