// SPDX-License-Identifier: Apache-2.0
/*
 * types.c: the text forms of addresses and ids, and the few questions about
 * an address that take more than a line. Every form has exactly one spelling
 * class: what _format writes, _parse reads; an IPv4-mapped IPv6 text is
 * refused, for it would be a second name of an IPv4 address.
 *
 * Before this file: text of a request or a document. After it: wire.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <vswitch/types.h>

#include "packet/hex.h"

#define V4_BITS 96u /* the length of ::ffff:0:0/96 */

int vs_error_set(struct vs_error *error, int code, const char *path,
		 const char *format, ...)
{
	va_list arguments;

	if (!error)
		return -code;
	error->code = code;
	snprintf(error->path, sizeof(error->path), "%s", path ? path : "");
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return -code;
}

bool vs_ip_is_unspecified(const struct vs_ip *ip)
{
	static const uint8_t zero[16];
	bool v4 = vs_ip_is_v4(ip);
	size_t from = v4 ? 12 : 0;

	return memcmp(ip->octet + from, zero, 16 - from) == 0;
}

bool vs_ip_is_group(const struct vs_ip *ip)
{
	static const uint8_t broadcast[4] = {255, 255, 255, 255};

	if (!vs_ip_is_v4(ip))
		return ip->octet[0] == 0xff;
	return (ip->octet[12] & 0xf0) == 0xe0 ||
	       memcmp(ip->octet + 12, broadcast, 4) == 0;
}

bool vs_ip_is_link_local(const struct vs_ip *ip)
{
	if (vs_ip_is_v4(ip))
		return ip->octet[12] == 169 && ip->octet[13] == 254;
	return ip->octet[0] == 0xfe && (ip->octet[1] & 0xc0) == 0x80;
}

static bool prefix_is_v4(const struct vs_prefix *prefix)
{
	return prefix->length >= V4_BITS && vs_ip_is_v4(&prefix->ip);
}

/* Are the first `bits` bits of two addresses equal? */
static bool bits_equal(const struct vs_ip *a, const struct vs_ip *b,
		       unsigned int bits)
{
	unsigned int bytes = bits / 8;
	unsigned int mask = 0xff00u >> (bits % 8) & 0xff;

	if (memcmp(a->octet, b->octet, bytes) != 0)
		return false;
	return mask == 0 || ((a->octet[bytes] ^ b->octet[bytes]) & mask) == 0;
}

bool vs_prefix_contains(const struct vs_prefix *prefix, const struct vs_ip *ip)
{
	if (prefix_is_v4(prefix) != vs_ip_is_v4(ip))
		return false;
	return bits_equal(&prefix->ip, ip, prefix->length);
}

bool vs_prefix_overlaps(const struct vs_prefix *a, const struct vs_prefix *b)
{
	if (prefix_is_v4(a) != prefix_is_v4(b))
		return false;
	return bits_equal(&a->ip, &b->ip,
			  a->length < b->length ? a->length : b->length);
}

int vs_mac_parse(const char *text, struct vs_mac *mac)
{
	struct vs_mac result;
	unsigned int i;
	int byte;

	if (strlen(text) != VS_MAC_TEXT - 1)
		return -EINVAL;
	for (i = 0; i < 6; i++) {
		byte = hex_byte(text + 3 * i);
		if (byte < 0 || (i < 5 && text[3 * i + 2] != ':'))
			return -EINVAL;
		result.octet[i] = (uint8_t)byte;
	}
	*mac = result;
	return 0;
}

int vs_ip_parse(const char *text, struct vs_ip *ip)
{
	struct vs_ip result;
	uint8_t v4[4];

	if (inet_pton(AF_INET, text, v4) == 1) {
		*ip = vs_ip_from_v4(v4);
		return 0;
	}
	if (inet_pton(AF_INET6, text, result.octet) != 1 ||
	    vs_ip_is_v4(&result))
		return -EINVAL;
	*ip = result;
	return 0;
}

/* 0..`limit` in decimal, without sign or leading zeros; -1 if it is not. */
static int parse_length(const char *text, int limit)
{
	int value = 0;
	size_t i, length = strlen(text);

	if (length == 0 || length > 3 || (text[0] == '0' && length > 1))
		return -1;
	for (i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= limit ? value : -1;
}

int vs_prefix_parse(const char *text, struct vs_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	struct vs_prefix result;
	char address[VS_IP_TEXT];
	unsigned int bit;
	int length;
	bool v4;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (vs_ip_parse(address, &result.ip) < 0)
		return -EINVAL;
	v4 = vs_ip_is_v4(&result.ip);
	length = parse_length(slash + 1, v4 ? 32 : 128);
	if (length < 0)
		return -EINVAL;
	result.length = (uint8_t)(length + (v4 ? (int)V4_BITS : 0));
	for (bit = result.length; bit < 128; bit++)
		if (result.ip.octet[bit / 8] & 0x80 >> bit % 8)
			return -EINVAL;
	*prefix = result;
	return 0;
}

int vs_uuid_parse(const char *text, struct vs_uuid *uuid)
{
	struct vs_uuid result;
	size_t at = 0;
	unsigned int i;
	int byte;

	if (strlen(text) != VS_UUID_TEXT - 1)
		return -EINVAL;
	for (i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) &&
		    text[at++] != '-')
			return -EINVAL;
		byte = hex_byte(text + at);
		if (byte < 0)
			return -EINVAL;
		result.octet[i] = (uint8_t)byte;
		at += 2;
	}
	*uuid = result;
	return 0;
}

char *vs_mac_format(const struct vs_mac *mac, char text[VS_MAC_TEXT])
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		hex_write(mac->octet[i], text + 3 * i);
		text[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return text;
}

/* A million addresses are written at a time: inet_ntop() prints by printf. */
static void format_v4(const uint8_t octets[4], char *text)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (octets[i] >= 100)
			*text++ = (char)('0' + octets[i] / 100);
		if (octets[i] >= 10)
			*text++ = (char)('0' + octets[i] / 10 % 10);
		*text++ = (char)('0' + octets[i] % 10);
		*text++ = i < 3 ? '.' : '\0';
	}
}

char *vs_ip_format(const struct vs_ip *ip, char text[VS_IP_TEXT])
{
	if (vs_ip_is_v4(ip))
		format_v4(ip->octet + 12, text);
	else
		inet_ntop(AF_INET6, ip->octet, text, VS_IP_TEXT);
	return text;
}

char *vs_prefix_format(const struct vs_prefix *prefix,
		       char text[VS_PREFIX_TEXT])
{
	unsigned int length = prefix->length;
	size_t used;

	if (prefix_is_v4(prefix))
		length -= V4_BITS;
	vs_ip_format(&prefix->ip, text);
	used = strlen(text);
	snprintf(text + used, VS_PREFIX_TEXT - used, "/%u", length);
	return text;
}

char *vs_uuid_format(const struct vs_uuid *uuid, char text[VS_UUID_TEXT])
{
	size_t at = 0;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		hex_write(uuid->octet[i], text + at);
		at += 2;
	}
	text[at] = '\0';
	return text;
}
