/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h: the address spaces of network virtualization, as types.
 *
 * A customer address (hnv.md A1.1) belongs to a tenant and may exist many
 * times; a provider address (A1.2) belongs to the fabric and exists once; a
 * routing domain (A1.3) is the wall between tenants. Each has its own struct,
 * so that one where another is wanted does not compile.
 */
#ifndef WNV_ADDRESS_H
#define WNV_ADDRESS_H

#include <vswitch/types.h>

struct wnv_ca { /* customer address, IPv4 or IPv6 */
	struct vs_ip ip;
};

struct wnv_pa { /* provider address */
	struct vs_ip ip;
};

struct wnv_rdid { /* routing domain id */
	struct vs_uuid uuid;
};

static inline bool wnv_ca_equal(const struct wnv_ca *a, const struct wnv_ca *b)
{
	return vs_ip_equal(&a->ip, &b->ip);
}

static inline bool wnv_pa_equal(const struct wnv_pa *a, const struct wnv_pa *b)
{
	return vs_ip_equal(&a->ip, &b->ip);
}

/* wnv_pa_compare - order of the bytes: what "lowest" means. */
static inline int wnv_pa_compare(const struct wnv_pa *a, const struct wnv_pa *b)
{
	return __builtin_memcmp(a->ip.octet, b->ip.octet, 16);
}

/* wnv_pa_is_set - a record without a provider address has all zero bytes. */
static inline bool wnv_pa_is_set(const struct wnv_pa *pa)
{
	static const struct wnv_pa none;

	return !wnv_pa_equal(pa, &none);
}

/*
 * wnv_mac_is_virtual - 00:00:5e:00:01:xx or :02:xx, a VRRP router's (RFC 5798
 * 7.3): whichever VM is the master has it. wnv_mac_fits - that of the family?
 */
static inline bool wnv_mac_is_virtual(const struct vs_mac *mac)
{
	static const uint8_t block[4] = {0x00, 0x00, 0x5e, 0x00};

	return __builtin_memcmp(mac->octet, block, sizeof(block)) == 0 &&
	       (mac->octet[4] == 1 || mac->octet[4] == 2);
}

static inline bool wnv_mac_fits(const struct vs_mac *mac, bool ipv6)
{
	return mac->octet[4] == (ipv6 ? 2 : 1);
}

/*
 * wnv_ip_is_martian - never the source of a packet between hosts: 0/8, 127/8,
 * ::, ::1, and every group or broadcast address.
 */
bool wnv_ip_is_martian(const struct vs_ip *ip);

/*
 * wnv_prefixes_reserve - no host's address in one of the `count` prefixes: the
 * first of a prefix, and in IPv4 its last; /31, /32, /127 and /128 reserve
 * none.
 */
bool wnv_prefixes_reserve(const struct vs_prefix *prefixes, uint16_t count,
			  const struct vs_ip *ip);

/* wnv_is_link_local6 - fe80::/10: a source without a customer address. */
static inline bool wnv_is_link_local6(const struct vs_ip *ip)
{
	return ip->octet[0] == 0xfe && (ip->octet[1] & 0xc0) == 0x80;
}

/* wnv_link_local6 - the one that a MAC makes (RFC 4291 appendix A). */
static inline struct vs_ip wnv_link_local6(const struct vs_mac *mac)
{
	const uint8_t *octet = mac->octet;

	return (struct vs_ip){{0xfe, 0x80, [8] = (uint8_t)(octet[0] ^ 2),
			       octet[1], octet[2], 0xff, 0xfe, octet[3],
			       octet[4], octet[5]}};
}

#endif
