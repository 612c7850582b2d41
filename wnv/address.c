/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

bool wnv_ip_is_martian(const struct vs_ip *ip)
{
	static const struct vs_ip loopback6 = {.octet = {[15] = 1}};

	if (vs_ip_is_group(ip) || vs_ip_is_unspecified(ip))
		return true;
	if (vs_ip_is_v4(ip))
		return ip->octet[12] == 0 || ip->octet[12] == 127;
	return vs_ip_equal(ip, &loopback6);
}

static bool reserves(const struct vs_prefix *prefix, const struct vs_ip *ip)
{
	bool first = true, last = vs_ip_is_v4(ip);
	unsigned int i = prefix->length / 8;
	uint8_t host = (uint8_t)(0xffu >> prefix->length % 8);

	if (prefix->length > 126 || !vs_prefix_contains(prefix, ip))
		return false;
	for (; i < sizeof(ip->octet); i++, host = 0xff) {
		first = first && !(ip->octet[i] & host);
		last = last && (ip->octet[i] & host) == host;
	}
	return first || last;
}

bool wnv_prefixes_reserve(const struct vs_prefix *prefixes, uint16_t count,
			  const struct vs_ip *ip)
{
	for (uint16_t i = 0; i < count; i++)
		if (reserves(&prefixes[i], ip))
			return true;
	return false;
}
