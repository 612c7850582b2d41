// SPDX-License-Identifier: Apache-2.0
/*
 * membership.c: see membership.h.
 */
#include "core/membership.h"

#include <string.h>

#include <vswitch/wire.h>

#define IP_IGMP 2u

#define IGMP_QUERY     0x11u
#define IGMP_REPORT_V1 0x12u
#define IGMP_REPORT_V2 0x16u
#define IGMP_LEAVE     0x17u
#define IGMP_REPORT_V3 0x22u
#define IGMP_SIZE      8u

#define MLD_QUERY     130u
#define MLD_REPORT_V1 131u
#define MLD_DONE      132u
#define MLD_REPORT_V2 143u
#define MLD_SIZE      24u /* version 1; of version 2, 8 before the records */

/* Of a record (RFC 3376 4.2.12, RFC 3810 5.2.12). */
#define IS_INCLUDE 1u
#define IS_EXCLUDE 2u
#define TO_INCLUDE 3u
#define TO_EXCLUDE 4u
#define ALLOW	   5u

#define RECORD_HEAD 4u /* before the group: type, words behind, sources */
#define REPORT_HEAD 8u /* before the records */

static uint32_t address_size(const struct membership_message *message)
{
	return message->family == 4 ? 4 : 16;
}

static struct vs_ip address(const struct membership_message *message,
			    const uint8_t *at)
{
	return message->family == 4 ? vs_ip_from_v4(at) : vs_ip_from_v6(at);
}

/* Records follow, as many as the message says. */
static enum membership_kind read_records(struct membership_message *message)
{
	if (message->end - message->at < (ptrdiff_t)REPORT_HEAD)
		return MEMBERSHIP_NONE;
	message->left = vs_load16(message->at + 6);
	message->at += REPORT_HEAD;
	message->single = 0;
	return MEMBERSHIP_REPORT;
}

static enum membership_kind read_single(struct membership_message *message)
{
	message->single = message->at[0];
	message->at += message->family == 4 ? 4 : 8;
	message->left = 1;
	return MEMBERSHIP_REPORT;
}

static enum membership_kind read_igmp(const struct vs_view *view,
				      struct membership_message *message)
{
	const uint8_t *ip = view->data + view->l3;

	message->family = 4;
	message->end = ip + vs_load16(ip + 2);
	if (ip[8] != 1 || message->end - message->at < (ptrdiff_t)IGMP_SIZE)
		return MEMBERSHIP_NONE;
	switch (message->at[0]) {
	case IGMP_QUERY:
		message->querier = vs_load32(ip + 12) != 0;
		return MEMBERSHIP_QUERY;
	case IGMP_REPORT_V3:
		return read_records(message);
	case IGMP_REPORT_V1:
	case IGMP_REPORT_V2:
	case IGMP_LEAVE:
		return read_single(message);
	default:
		return MEMBERSHIP_NONE;
	}
}

static enum membership_kind read_mld(const struct vs_view *view,
				     struct membership_message *message)
{
	const uint8_t *ip = view->data + view->l3;
	struct vs_ip source = vs_ip_from_v6(ip + 8);
	ptrdiff_t size;

	message->family = 6;
	message->end = ip + VS_IPV6_SIZE + vs_load16(ip + 4);
	size = message->end - message->at;
	if (ip[7] != 1)
		return MEMBERSHIP_NONE;
	/* a host that has no address yet reports from :: (RFC 3590) */
	if (!vs_ip_is_link_local(&source) && !vs_ip_is_unspecified(&source))
		return MEMBERSHIP_NONE;
	message->querier = vs_ip_is_link_local(&source);
	switch (message->at[0]) {
	case MLD_QUERY:
		return size < (ptrdiff_t)MLD_SIZE ? MEMBERSHIP_NONE
						  : MEMBERSHIP_QUERY;
	case MLD_REPORT_V2:
		return read_records(message);
	case MLD_REPORT_V1:
	case MLD_DONE:
		return size < (ptrdiff_t)MLD_SIZE ? MEMBERSHIP_NONE
						  : read_single(message);
	default:
		return MEMBERSHIP_NONE;
	}
}

enum membership_kind membership_read(const struct vs_view *view,
				     struct membership_message *message)
{
	*message = (struct membership_message){.left = 0};
	if (view->l4 == VS_ABSENT || view->flags & VS_FRAME_FRAGMENT ||
	    view->offload.gso != VS_GSO_NONE)
		return MEMBERSHIP_NONE;
	message->at = view->data + view->l4;
	if (view->flags & VS_FRAME_IPV4 && view->protocol == IP_IGMP)
		return read_igmp(view, message);
	if (view->flags & VS_FRAME_IPV6 && view->protocol == VS_IP_ICMP6)
		return read_mld(view, message);
	return MEMBERSHIP_NONE;
}

static bool next_record(struct membership_message *message, struct vs_ip *group,
			bool *joins)
{
	uint32_t size = RECORD_HEAD + address_size(message), sources;
	const uint8_t *at = message->at;

	if (message->end - at < (ptrdiff_t)size)
		return false;
	sources = vs_load16(at + 2);
	size += sources * address_size(message) + at[1] * 4u;
	if (message->end - at < (ptrdiff_t)size)
		return false;
	*group = address(message, at + RECORD_HEAD);
	*joins = at[0] == IS_EXCLUDE || at[0] == TO_EXCLUDE || at[0] == ALLOW ||
		 ((at[0] == IS_INCLUDE || at[0] == TO_INCLUDE) && sources);
	/* who blocks sources, or says what nobody knows, stays as it is */
	if (!*joins && at[0] != IS_INCLUDE && at[0] != TO_INCLUDE)
		*group = (struct vs_ip){{0}};
	message->at += size;
	return true;
}

bool membership_next(struct membership_message *message, struct vs_ip *group,
		     bool *joins)
{
	while (message->left) {
		message->left--;
		if (message->single) {
			*group = address(message, message->at);
			*joins = message->single != IGMP_LEAVE &&
				 message->single != MLD_DONE;
		} else if (!next_record(message, group, joins)) {
			message->left = 0;
			return false;
		}
		/* an IPv4-mapped one is nobody's in MLD */
		if (vs_ip_is_group(group) &&
		    vs_ip_is_v4(group) == (message->family == 4))
			return true;
	}
	return false;
}

static bool is_of_one_link(const struct vs_ip *group)
{
	static const uint8_t link[3] = {224, 0, 0};

	if (vs_ip_is_v4(group))
		return memcmp(group->octet + 12, link, sizeof(link)) == 0 ||
		       group->octet[12] == 255;
	return (group->octet[1] & 0x0f) <= 2;
}

/* RFC 1112 6.4, RFC 2464 7. */
static bool fits_mac(const struct vs_ip *group, const uint8_t *mac)
{
	const uint8_t *ip = group->octet;

	if (!vs_ip_is_v4(group))
		return mac[0] == 0x33 && mac[1] == 0x33 &&
		       memcmp(mac + 2, ip + 12, 4) == 0;
	return mac[0] == 0x01 && mac[1] == 0x00 && mac[2] == 0x5e &&
	       mac[3] == (ip[13] & 0x7f) && mac[4] == ip[14] &&
	       mac[5] == ip[15];
}

bool membership_group(const struct vs_view *view, struct vs_ip *group)
{
	const uint8_t *ip = view->data + view->l3;

	if (view->flags & VS_FRAME_IPV4)
		*group = vs_ip_from_v4(ip + 16);
	else if (view->flags & VS_FRAME_IPV6)
		*group = vs_ip_from_v6(ip + 24);
	else
		return false;
	return vs_ip_is_group(group) && !is_of_one_link(group) &&
	       fits_mac(group, view->data);
}
