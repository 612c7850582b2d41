/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types.h: the values that everything else is written in.
 *
 * Addresses and identifiers are struct types, so that a MAC where an id is
 * wanted does not compile. All are plain bytes: copy them, compare them with
 * the functions below, keep them as long as you like.
 *
 * Before this file: nothing. After it: wire.h, packet.h.
 */
#ifndef VSWITCH_TYPES_H
#define VSWITCH_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Virtual subnet id (hnv.md A1.4 to A1.6), host byte order. 0 = not
 * virtualised; 4096..16777214 = a tenant's subnet; everything else is
 * reserved and never appears in a valid object.
 */
struct vs_vsid {
	uint32_t value;
};

#define VS_VSID_MINIMUM 4096u
#define VS_VSID_MAXIMUM 16777214u
#define VS_VSID_CONTROL 16777215u /* 0xFFFFFF, NVE to NVE (RFC 7637 3.4) */
/*
 * Frames of VLAN n of the provider's network are kept apart like those of a
 * virtual subnet: where a VSID says whose a frame is (view, tables, books), it
 * is VS_VSID_VLAN + n then. No object of a tenant ever has such a one.
 */
#define VS_VSID_VLAN	16777216u
#define VS_VLAN_MAXIMUM 4094u

/*
 * A port of one switch: 1..VS_PORTS_MAXIMUM-1, unique among the ports that
 * exist now, used again after a port is gone. 0 = no port: the switch itself.
 * VS_PORT_EXTERNAL is the external port, which every switch has: the
 * destination of what goes to the wire. Uplinks are ports of their own behind
 * it: a frame's source and a recipe's port.
 */
struct vs_port_id {
	uint16_t value;
};

#define VS_PORTS_MAXIMUM 1024u
#define VS_PORT_EXTERNAL 1u

/* A MAC address in wire order. */
struct vs_mac {
	uint8_t octet[6];
};

/*
 * An IPv4 or IPv6 address in wire order. IPv4 is kept in its IPv4-mapped form
 * (RFC 4291 2.5.5.2: ten zero bytes, ff ff, the four bytes), so one type and
 * one comparison serve both families. A frame that carries a mapped address
 * in an IPv6 header is malformed (VS_FRAME_MAPPED_V6) and matches nothing.
 */
struct vs_ip {
	uint8_t octet[16];
};

/* An address block; length counts in the 128-bit form (IPv4: 96..128). */
struct vs_prefix {
	struct vs_ip ip;
	uint8_t length;
};

/* A GUID in wire (big endian) order. */
struct vs_uuid {
	uint8_t octet[16];
};

/* Why an operation was refused; owned by the caller, filled by the callee. */
struct vs_error {
	int code;	/* a positive errno value; 0 = no error */
	char path[192]; /* the place: a JSON path or a file, "" = none */
	char text[512]; /* the thing and the fix, one line, no full stop */
};

/*
 * vs_error_set - fill `error` (NULL is allowed) from a printf format.
 * Returns -code, so that a caller can write `return vs_error_set(...)`.
 */
int vs_error_set(struct vs_error *error, int code, const char *path,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

static inline bool vs_vsid_equal(struct vs_vsid a, struct vs_vsid b)
{
	return a.value == b.value;
}

static inline bool vs_vsid_is_tenant(struct vs_vsid vsid)
{
	return vsid.value >= VS_VSID_MINIMUM && vsid.value <= VS_VSID_MAXIMUM;
}

static inline bool vs_vsid_is_vlan(struct vs_vsid vsid)
{
	return vsid.value >> 12 == VS_VSID_VLAN >> 12;
}

/* vs_vsid_vlan - the VLAN's number; 0: it is of none. */
static inline uint16_t vs_vsid_vlan(struct vs_vsid vsid)
{
	return vs_vsid_is_vlan(vsid) ? (uint16_t)(vsid.value & 0xfff) : 0;
}

/* vs_vsid_of_vlan - VLAN 0: the provider's network without a tag. */
static inline struct vs_vsid vs_vsid_of_vlan(uint16_t vlan)
{
	struct vs_vsid vsid = {vlan ? VS_VSID_VLAN + vlan : 0};

	return vsid;
}

static inline bool vs_port_equal(struct vs_port_id a, struct vs_port_id b)
{
	return a.value == b.value;
}

static inline bool vs_mac_equal(const struct vs_mac *a, const struct vs_mac *b)
{
	return __builtin_memcmp(a->octet, b->octet, sizeof(a->octet)) == 0;
}

/* The I/G bit: multicast or broadcast. */
static inline bool vs_mac_is_group(const struct vs_mac *mac)
{
	return mac->octet[0] & 1;
}

static inline bool vs_mac_is_zero(const struct vs_mac *mac)
{
	static const struct vs_mac zero = {{0}};

	return vs_mac_equal(mac, &zero);
}

static inline bool vs_ip_equal(const struct vs_ip *a, const struct vs_ip *b)
{
	return __builtin_memcmp(a->octet, b->octet, sizeof(a->octet)) == 0;
}

static inline bool vs_ip_is_v4(const struct vs_ip *ip)
{
	/* no [10] = here: C++ reads this header too */
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0,    0,
					   0, 0, 0, 0, 0xff, 0xff};

	return __builtin_memcmp(ip->octet, mapped, sizeof(mapped)) == 0;
}

/* vs_ip_from_v4 - wrap four bytes in wire order. */
static inline struct vs_ip vs_ip_from_v4(const uint8_t *bytes)
{
	struct vs_ip ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};

	__builtin_memcpy(ip.octet + 12, bytes, 4);
	return ip;
}

/* vs_ip_from_v6 - wrap sixteen bytes in wire order. */
static inline struct vs_ip vs_ip_from_v6(const uint8_t *bytes)
{
	struct vs_ip ip;

	__builtin_memcpy(ip.octet, bytes, 16);
	return ip;
}

/* vs_ip_is_unspecified - 0.0.0.0 or ::. */
bool vs_ip_is_unspecified(const struct vs_ip *ip);
/* vs_ip_is_group - 224/4, 255.255.255.255 or ff00::/8. */
bool vs_ip_is_group(const struct vs_ip *ip);
/* vs_ip_is_link_local - fe80::/10 or 169.254/16. */
bool vs_ip_is_link_local(const struct vs_ip *ip);
/* vs_prefix_contains - does the block hold the address (same family)? */
bool vs_prefix_contains(const struct vs_prefix *prefix, const struct vs_ip *ip);
/* vs_prefix_overlaps - do two blocks share an address? */
bool vs_prefix_overlaps(const struct vs_prefix *a, const struct vs_prefix *b);

/* Sizes of the text forms below, with the terminating NUL. */
#define VS_MAC_TEXT    18
#define VS_IP_TEXT     46
#define VS_PREFIX_TEXT 50
#define VS_UUID_TEXT   37

/*
 * Text forms. The _parse functions take a whole NUL-terminated string and
 * return 0 or -EINVAL (nothing written); the _format functions write at most
 * the size above and return their buffer. "02:00:00:00:00:05", "10.0.0.5",
 * "2001:db8::1", "10.0.0.0/24", "11111111-2222-3333-4444-000000000000".
 * A prefix with host bits set is refused.
 */
int vs_mac_parse(const char *text, struct vs_mac *mac);
int vs_ip_parse(const char *text, struct vs_ip *ip);
int vs_prefix_parse(const char *text, struct vs_prefix *prefix);
int vs_uuid_parse(const char *text, struct vs_uuid *uuid);
char *vs_mac_format(const struct vs_mac *mac, char text[VS_MAC_TEXT]);
char *vs_ip_format(const struct vs_ip *ip, char text[VS_IP_TEXT]);
char *vs_prefix_format(const struct vs_prefix *prefix,
		       char text[VS_PREFIX_TEXT]);
char *vs_uuid_format(const struct vs_uuid *uuid, char text[VS_UUID_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
