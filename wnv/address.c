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
