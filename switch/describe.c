/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.c: words to a frame, for trace; see describe.h. Decides nothing
 * about where the frame goes: the real walk does that.
 */
#include "describe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

static const char *const kind_names[] = {
	[DESCRIBE_TCP] = "tcp",	  [DESCRIBE_UDP] = "udp",
	[DESCRIBE_ICMP] = "icmp", [DESCRIBE_ARP] = "arp",
	[DESCRIBE_ND] = "nd",	  [DESCRIBE_BROADCAST] = "broadcast",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) == DESCRIBE_KINDS,
	       "a name per kind");

static int refuse(struct vs_error *error, const char *word, const char *why)
{
	return vs_error_set(error, EINVAL, "frame", "\"%s\": %s", word, why);
}

static int parse_number(const char *text, unsigned long maximum,
			unsigned long *value)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	*value = strtoul(text, &end, 10);
	return *end || *value > maximum ? -EINVAL : 0;
}

/* ADDRESS, ADDRESS:PORT, [V6]:PORT; a bare IPv6 address has no port. */
static int parse_endpoint(const char *word, struct vs_ip *ip, uint16_t *port)
{
	char text[64];
	char *colon, *address = text;
	unsigned long number;

	if (strlen(word) >= sizeof(text))
		return -EINVAL;
	strcpy(text, word);
	if (!vs_ip_parse(text, ip))
		return 0;
	colon = strrchr(text, ':');
	if (!colon || parse_number(colon + 1, 65535, &number))
		return -EINVAL;
	*colon = '\0';
	*port = (uint16_t)number;
	if (text[0] == '[' && colon > text + 1 && colon[-1] == ']') {
		colon[-1] = '\0';
		address++;
	}
	return vs_ip_parse(address, ip);
}

static int parse_numeric_option(const char *name, const char *value,
				struct describe *d)
{
	unsigned long number;

	if (!strcmp(name, "size")) {
		if (parse_number(value, DESCRIBE_FRAME_SIZE - 128, &number))
			return -EINVAL;
		d->size = (uint16_t)number;
	} else if (!strcmp(name, "ttl")) {
		if (parse_number(value, 255, &number))
			return -EINVAL;
		d->ttl = (uint8_t)number;
	} else if (!strcmp(name, "vlan")) {
		if (parse_number(value, 4094, &number))
			return -EINVAL;
		d->vlan = (uint16_t)number;
	} else {
		return -ENOENT;
	}
	return 0;
}

static int parse_option(char *word, struct describe *d, struct vs_error *error)
{
	char *value = strchr(word, '=');
	int result;

	if (!strcmp(word, "df")) {
		d->df = true;
		return 0;
	}
	if (!value)
		return refuse(error, word,
			      "expected df, from=, smac=, dmac=, size=, ttl= "
			      "or vlan=");
	*value++ = '\0';
	if (!strcmp(word, "from")) {
		d->has_source_ip = true;
		result = parse_endpoint(value, &d->source_ip, &d->source_port);
	} else if (!strcmp(word, "smac")) {
		d->has_source_mac = true;
		result = vs_mac_parse(value, &d->source_mac);
	} else if (!strcmp(word, "dmac")) {
		d->has_target_mac = true;
		result = vs_mac_parse(value, &d->target_mac);
	} else {
		result = parse_numeric_option(word, value, d);
	}
	if (result == -ENOENT)
		return refuse(error, word,
			      "no such option; there are df, from=, smac=, "
			      "dmac=, size=, ttl= and vlan=");
	return result ? refuse(error, value, "not a value for this option") : 0;
}

static int parse_kind(const char *word, struct describe *d,
		      struct vs_error *error)
{
	for (int kind = 0; kind < DESCRIBE_KINDS; kind++) {
		if (!strcmp(word, kind_names[kind])) {
			d->kind = (enum describe_kind)kind;
			return 0;
		}
	}
	if (!strcmp(word, "ping")) {
		d->kind = DESCRIBE_ICMP;
		return 0;
	}
	return refuse(error, word,
		      "expected tcp, udp, icmp, arp, nd or broadcast, as in "
		      "'tcp 10.0.0.7:443'");
}

int describe_parse(const char *text, struct describe *d, struct vs_error *error)
{
	static const uint8_t all[4] = {255, 255, 255, 255};
	char copy[512];
	char *rest, *word;
	int result;

	*d = (struct describe){
		.ttl = 64, .source_port = 49152, .target_port = 9, .size = 0};
	if (strlen(text) >= sizeof(copy))
		return refuse(error, "frame", "over 511 characters");
	strcpy(copy, text);
	word = strtok_r(copy, " ", &rest);
	if (!word)
		return refuse(error, "", "empty; say 'tcp 10.0.0.7:443'");
	result = parse_kind(word, d, error);
	if (result)
		return result;
	if (d->kind == DESCRIBE_BROADCAST) {
		d->target_ip = vs_ip_from_v4(all);
	} else {
		word = strtok_r(NULL, " ", &rest);
		if (!word ||
		    parse_endpoint(word, &d->target_ip, &d->target_port))
			return refuse(error, word ? word : kind_names[d->kind],
				      "expected an address, as in 10.0.0.7, "
				      "10.0.0.7:443 or [fd00::7]:443");
	}
	while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
		result = parse_option(word, d, error);
		if (result)
			return result;
	}
	return 0;
}

/* -- building ---------------------------------------------------------------
 */

static bool is_broadcast(const struct describe *d)
{
	static const uint8_t all[4] = {255, 255, 255, 255};

	return d->kind == DESCRIBE_BROADCAST || d->kind == DESCRIBE_ARP ||
	       (vs_ip_is_v4(&d->target_ip) &&
		!memcmp(d->target_ip.octet + 12, all, 4));
}

/* RFC 2464 7 and RFC 4291 2.7.1, RFC 1112 6.4. */
static struct vs_mac group_mac(const struct describe *d)
{
	const uint8_t *ip = d->target_ip.octet;

	if (d->kind == DESCRIBE_ND)
		return (struct vs_mac){
			{0x33, 0x33, 0xff, ip[13], ip[14], ip[15]}};
	if (vs_ip_is_v4(&d->target_ip))
		return (struct vs_mac){
			{0x01, 0x00, 0x5e, ip[13] & 0x7f, ip[14], ip[15]}};
	return (struct vs_mac){{0x33, 0x33, ip[12], ip[13], ip[14], ip[15]}};
}

/* Where a VM's own stack would send it. */
static struct vs_mac target_mac(const struct describe *d)
{
	bool group = d->kind == DESCRIBE_ND || vs_ip_is_group(&d->target_ip);

	if (is_broadcast(d) && !d->has_target_mac)
		return (struct vs_mac){{255, 255, 255, 255, 255, 255}};
	return group && !d->has_target_mac ? group_mac(d) : d->target_mac;
}

static uint8_t *put_ethernet(const struct describe *d, uint8_t *p,
			     uint16_t type)
{
	struct vs_mac target = target_mac(d);

	memcpy(p, target.octet, 6);
	memcpy(p + 6, d->source_mac.octet, 6);
	p += 12;
	if (d->vlan) {
		vs_store16(p, VS_TYPE_VLAN);
		vs_store16(p + 2, d->vlan);
		p += 4;
	}
	vs_store16(p, type);
	return p + 2;
}

static uint8_t *put_arp(const struct describe *d, uint8_t *p)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};

	memcpy(p, head, 8);
	memcpy(p + 8, d->source_mac.octet, 6);
	memcpy(p + 14, d->source_ip.octet + 12, 4);
	memset(p + 18, 0, 6);
	memcpy(p + 24, d->target_ip.octet + 12, 4);
	return p + VS_ARP_SIZE;
}

static uint8_t protocol_of(const struct describe *d)
{
	switch (d->kind) {
	case DESCRIBE_TCP:
		return VS_IP_TCP;
	case DESCRIBE_UDP:
	case DESCRIBE_BROADCAST:
		return VS_IP_UDP;
	default:
		return vs_ip_is_v4(&d->target_ip) ? VS_IP_ICMP : VS_IP_ICMP6;
	}
}

static uint32_t transport_size(const struct describe *d)
{
	switch (d->kind) {
	case DESCRIBE_TCP:
		return 20u + d->size;
	case DESCRIBE_ND:
		return 32u; /* solicitation with the source's link address */
	default:
		return 8u + d->size;
	}
}

static void put_transport(const struct describe *d, uint8_t *p)
{
	bool v4 = vs_ip_is_v4(&d->target_ip);

	memset(p, 0, transport_size(d));
	switch (d->kind) {
	case DESCRIBE_TCP:
		vs_store16(p, d->source_port);
		vs_store16(p + 2, d->target_port);
		vs_store32(p + 4, 1);
		p[12] = 5 << 4;
		p[13] = 0x02; /* SYN */
		vs_store16(p + 14, 65535);
		break;
	case DESCRIBE_UDP:
	case DESCRIBE_BROADCAST:
		vs_store16(p, d->source_port);
		vs_store16(p + 2, d->target_port);
		vs_store16(p + 4, (uint16_t)transport_size(d));
		break;
	case DESCRIBE_ND:
		p[0] = VS_ND_SOLICIT;
		memcpy(p + 8, d->target_ip.octet, 16);
		p[24] = 1; /* source link-layer address, 8 bytes */
		p[25] = 1;
		memcpy(p + 26, d->source_mac.octet, 6);
		break;
	default:
		p[0] = v4 ? 8 : 128; /* echo request */
		vs_store16(p + 6, 1);
		break;
	}
}

static void put_checksum(const struct describe *d, const uint8_t *ip,
			 uint8_t *l4)
{
	static const uint8_t fields[] = {[VS_IP_TCP] = 16,
					 [VS_IP_UDP] = 6,
					 [VS_IP_ICMP] = 2,
					 [VS_IP_ICMP6] = 2};
	uint8_t protocol = protocol_of(d);
	uint32_t size = transport_size(d);
	uint64_t sum =
		protocol == VS_IP_ICMP ? 0 : vs_sum_pseudo(ip, protocol, size);
	uint16_t checksum = vs_checksum(vs_sum(sum, l4, size));

	if (protocol == VS_IP_UDP && !checksum)
		checksum = 0xffff;
	vs_store16(l4 + fields[protocol], checksum);
}

static uint8_t *put_ipv4(const struct describe *d, uint8_t *p)
{
	uint32_t size = VS_IPV4_SIZE + transport_size(d);

	memset(p, 0, VS_IPV4_SIZE);
	p[0] = 0x45;
	vs_store16(p + 2, (uint16_t)size);
	vs_store16(p + 4, 1);
	vs_store16(p + 6, d->df ? 0x4000 : 0);
	p[8] = d->ttl;
	p[9] = protocol_of(d);
	memcpy(p + 12, d->source_ip.octet + 12, 4);
	memcpy(p + 16, d->target_ip.octet + 12, 4);
	vs_store16(p + 10, vs_checksum(vs_sum(0, p, VS_IPV4_SIZE)));
	return p + VS_IPV4_SIZE;
}

static uint8_t *put_ipv6(const struct describe *d, uint8_t *p)
{
	bool nd = d->kind == DESCRIBE_ND;

	memset(p, 0, VS_IPV6_SIZE);
	p[0] = 0x60;
	vs_store16(p + 4, (uint16_t)transport_size(d));
	p[6] = protocol_of(d);
	p[7] = nd ? 255 : d->ttl;
	memcpy(p + 8, d->source_ip.octet, 16);
	if (nd) { /* the solicited-node group */
		p[24] = 0xff;
		p[25] = 0x02;
		p[35] = 0x01;
		p[36] = 0xff;
		memcpy(p + 37, d->target_ip.octet + 13, 3);
	} else {
		memcpy(p + 24, d->target_ip.octet, 16);
	}
	return p + VS_IPV6_SIZE;
}

int describe_build(const struct describe *d, uint8_t *frame, size_t room,
		   struct vs_error *error)
{
	bool v4 = vs_ip_is_v4(&d->target_ip);
	uint8_t *ip, *p;

	if (vs_ip_is_v4(&d->source_ip) != v4)
		return refuse(error, kind_names[d->kind],
			      "source and target are of different families; "
			      "say from=ADDRESS");
	if ((d->kind == DESCRIBE_ARP && !v4) || (d->kind == DESCRIBE_ND && v4))
		return refuse(error, kind_names[d->kind],
			      "arp is for IPv4, nd for IPv6");
	if (room < 18 + VS_IPV6_SIZE + 20u + d->size)
		return refuse(error, "size", "the frame would be too large");
	if (d->kind == DESCRIBE_ARP)
		return (int)(put_arp(d, put_ethernet(d, frame, VS_TYPE_ARP)) -
			     frame);
	ip = put_ethernet(d, frame, v4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6);
	p = v4 ? put_ipv4(d, ip) : put_ipv6(d, ip);
	put_transport(d, p);
	put_checksum(d, ip, p);
	return (int)(p + transport_size(d) - frame);
}
