/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h: nouns, fields, and the typed objects of the document.
 *
 * Theory of operation
 * -------------------
 * The host owns objects, an extension owns their meaning. An extension
 * declares *nouns* in const tables; the host does parsing, add, set, del,
 * list, diff, dump, persistence, dry run and error paths for all nouns, its
 * own and extensions', from such tables. configure() (extension.h) gets the
 * whole typed candidate through a cursor, checks what spans objects and
 * builds its state; it never sees JSON.
 *
 * In the document an object is a member of its parent's object `member`,
 * under its key:
 *
 *	networks.blue.subnets.5001.ca["10.0.0.5"].mac
 *
 * Field 0 of every noun is its key. A noun without parent stands at the top
 * of the document; "switch", "port" and "uplink" are the host's own nouns and
 * may be parents.
 *
 * Lifetime: everything reached from a cursor lives until configure() returns;
 * what a state needs later it copies.
 */
#ifndef VSWITCH_SETTINGS_H
#define VSWITCH_SETTINGS_H

#include <vswitch/port.h>
#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vs_kind {
	VS_KIND_BOOL,	/* JSON true/false; vsctl yes/no/on/off */
	VS_KIND_NUMBER, /* unsigned integer, minimum..maximum */
	VS_KIND_TEXT,	/* UTF-8 without control characters, 1..maximum bytes */
	VS_KIND_NAME, /* [A-Za-z0-9_.-], begins with a letter or digit, <= 63 */
	VS_KIND_MAC,  /* unicast, not zero */
	VS_KIND_IP,
	VS_KIND_PREFIX,
	VS_KIND_VSID, /* 0 (if minimum is 0) or 4096..16777214 */
	VS_KIND_UUID,
	VS_KIND_CHOICE, /* one of `choices`; value.choice is its index */
	VS_KIND_TAG,	/* VLAN:VSID, 0..4094 and 4096..16777214 */
	VS_KIND_RANGE,	/* 10 or 10-20, within minimum..maximum (65535) */
	VS_KINDS
};

enum vs_field_flag {
	VS_FIELD_REQUIRED = 1 << 0,
	VS_FIELD_LIST = 1 << 1,	     /* a JSON array; vsctl a,b,c */
	VS_FIELD_IMMUTABLE = 1 << 2, /* `set` refuses; delete and add */
	VS_FIELD_STATUS = 1 << 3, /* read-only: comes from status(), no input */
	VS_FIELD_ANY = 1 << 4,	  /* the word "any" is a value too: value.any */
};

struct vs_field {
	const char *name; /* JSON member, vsctl field=; lower case and '-' */
	uint8_t kind;	  /* enum vs_kind */
	uint8_t flags;	  /* enum vs_field_flag */
	uint16_t reserved;
	uint64_t minimum, maximum;  /* 0, 0 = the kind's own range */
	const char *const *choices; /* VS_KIND_CHOICE: NULL-terminated */
	const char
		*unset; /* what holds when absent, in words; NULL = nothing */
	const char *refers; /* the noun whose key this names, or NULL */
	const char *help;   /* one line, no full stop */
};

enum vs_noun_flag {
	/*
	 * There may be a million objects: they are kept packed. No noun has
	 * such a one for its parent, and an object that next() gives lives only
	 * until it is handed in as `after`: then it *is* the next one.
	 */
	VS_NOUN_MANY = 1 << 0,
};

/* A verb of a noun that changes certain fields of one object at once: `ca move
 * KEY pa=` sets pa and takes next-pa back. What it does, `set` could do too; it
 * stands in the log under its own name. */
struct vs_edit {
	const char *verb;	 /* not add, set, del, list, show or help */
	const char *const *sets; /* fields that must be said; NULL-terminated */
	const char *const *clears; /* fields taken back to unset; may be NULL */
	const char *help;
};

struct vs_noun {
	const char *name;   /* "ca": what vsctl types */
	const char *member; /* "ca": the parent's JSON member */
	const char *parent; /* name of the parent noun, NULL = the document */
	/* vsctl names the parent by this field: `ca add K vsid=5001`; NULL =
	 * the parent's noun name */
	const char *parent_field;
	/* field names that vsctl also takes without "name=", in order after
	 * the key, NULL-terminated; may be NULL. `acl add PORT ACTION DIR`:
	 * "^" stands for the parent and then comes before the key, and a key
	 * is made by the host from the other fields */
	const char *const *positional;
	const struct vs_field *fields; /* [0] is the key */
	uint16_t field_count;
	uint16_t flags; /* enum vs_noun_flag */
	const char *help;
	const struct vs_edit *edits; /* ends with a verb NULL; may be NULL */
};

/* What a VLAN tag means on a device; VLAN 0 = no tag. */
struct vs_tag {
	struct vs_vsid vsid;
	uint16_t vlan;
	uint16_t reserved; /* 0 */
};

/* Both ends belong to it; first <= last. */
struct vs_range {
	uint16_t first, last;
};

struct vs_value {
	uint8_t kind;	/* enum vs_kind */
	bool present;	/* false: not written; nothing else is valid */
	uint16_t count; /* VS_FIELD_LIST: elements in list */
	bool any;	/* VS_FIELD_ANY: "any" was said; no other value */
	union {
		bool truth;
		uint64_t number;
		const char *text; /* TEXT, NAME */
		struct vs_mac mac;
		struct vs_ip ip;
		struct vs_prefix prefix;
		struct vs_vsid vsid;
		struct vs_uuid uuid;
		uint16_t choice;
		struct vs_tag tag;
		struct vs_range range;
		const struct vs_value *list;
	};
};

struct vs_object;   /* the host's; one object of the document */
struct vs_settings; /* the host's; the whole candidate */

/*
 * What differs between the settings that are true now and the candidate.
 * Example: an extension with a million objects keeps, with each state, the
 * version() that it was built from; if configure() finds one that was built
 * from before(), it visits the changes() of its nouns and of those that it
 * depends on, and makes the new state from that one. Who does not care walks
 * everything with next(), as ever.
 */
struct vs_settings_visitor {
	/* `before` NULL: added; `after` NULL: removed; both live until visit
	 * returns. 0 goes on, anything else ends the walk. */
	int (*visit)(struct vs_settings_visitor *visitor,
		     const struct vs_object *before,
		     const struct vs_object *after);
};

struct vs_settings_ops {
	uint32_t struct_size;
	/* find a noun of the host or of any extension; NULL = unknown */
	const struct vs_noun *(*noun)(const struct vs_settings *settings,
				      const char *name);
	/*
	 * the objects of a noun that belong to this host and switch (of the
	 * document's top: all), in a stable order; after = NULL begins,
	 * NULL = no more. `parent` (may be NULL) restricts to its children.
	 */
	const struct vs_object *(*next)(const struct vs_settings *settings,
					const struct vs_noun *noun,
					const struct vs_object *parent,
					const struct vs_object *after);
	/* the field's value; index as in noun->fields; never NULL */
	const struct vs_value *(*value)(const struct vs_object *object,
					uint16_t field);
	const struct vs_object *(*parent)(const struct vs_object *object);
	/* fill error->path with the object's place (and field name or NULL) */
	void (*place)(const struct vs_object *object, const char *field,
		      struct vs_error *error);
	/* port and uplink objects: the attachment now; NULL for others */
	const struct vs_port_info *(*port)(const struct vs_settings *settings,
					   const struct vs_object *object);
	/* a remark that refuses nothing: shown by apply and kept as why */
	void (*warn)(const struct vs_settings *settings,
		     const struct vs_object *object, const char *text);
	/* a number that no other content of the settings has had in this
	 * process; 0 = not known. Devices are no part of it. */
	uint64_t (*version)(const struct vs_settings *settings);
	/* the version that is true now, which changes() compares with; 0 =
	 * none, or not known */
	uint64_t (*before)(const struct vs_settings *settings);
	/* visit the objects of a noun (as next() shows them) that were added,
	 * changed or removed, in any order; what visit returned last, or 0.
	 * Only if before() is not 0. */
	int (*changes)(const struct vs_settings *settings,
		       const struct vs_noun *noun,
		       struct vs_settings_visitor *visitor);
	/* was it said that what is in use may go (vsctl --force), or is it a
	 * way back, as undo is? Who refuses only because something is in use
	 * does not then. */
	bool (*forced)(const struct vs_settings *settings);
};

struct vs_settings {
	const struct vs_settings_ops *ops;
};

/*
 * A whole fabric, for an extension's check(): what is odd or wrong though (or
 * because) each host for itself would take it. Example: an address that two
 * hosts have. A site is one switch of one host; `networks` and whatever else
 * stands at the top of the document is the same in all of them.
 */
struct vs_site {
	const char *host; /* NULL: the document has no hosts */
	const char *sw;	  /* the switch's name */
	const struct vs_settings *settings;
};

enum vs_severity {
	VS_SEVERITY_WARNING, /* it applies; somebody may miss something */
	VS_SEVERITY_ERROR,   /* refused, or traffic that policy means is lost */
	VS_SEVERITIES
};

struct vs_fabric;
struct vs_fabric_ops {
	uint32_t struct_size;
	/*
	 * one finding: the object's path as place() gives it, and what is
	 * wrong with the fix. `site`: whose object it is (NULL: of any). What
	 * was said already is not said again; warn() of a site's settings
	 * reports too.
	 */
	void (*report)(struct vs_fabric *fabric, const struct vs_site *site,
		       enum vs_severity severity,
		       const struct vs_error *finding);
};
struct vs_fabric {
	const struct vs_fabric_ops *ops;
	const struct vs_site *sites; /* of switches that have the extension */
	uint32_t count;
	bool whole; /* all hosts are here; else others may be elsewhere */
};

/*
 * The host's own nouns that extensions read: field indices. The tables are
 * in control/; a static_assert there holds them to these.
 */
enum vs_switch_field {
	VS_SWITCH_NAME,
	VS_SWITCH_TYPE,
	VS_SWITCH_HOST_PORT,
	VS_SWITCH_STACK,
	VS_SWITCH_MACS,
	VS_SWITCH_MACS_PER_PORT,
	VS_SWITCH_MACS_PER_VSID,
	VS_SWITCH_AGEING,
	VS_SWITCH_FLOWS, /* of stateful ACL rules */
	VS_SWITCH_FLOWS_PER_VSID,
	VS_SWITCH_SNOOPING, /* BOOL, default off: of IGMP and MLD */
	VS_SWITCH_FIELDS
};

enum vs_uplink_field {
	VS_UPLINK_DEVICE, /* the key: the netdev's name */
	VS_UPLINK_FIELDS
};

enum vs_mirror_field {
	VS_MIRROR_NAME,
	VS_MIRROR_FROM,	     /* NAME list: ports */
	VS_MIRROR_TO,	     /* NAME: a monitor port; or */
	VS_MIRROR_PA,	     /* IP: an address of the provider network */
	VS_MIRROR_DIRECTION, /* CHOICE in, out, both */
	VS_MIRROR_FIELDS
};

enum vs_port_field {
	VS_PORT_NAME,
	VS_PORT_TAP,	  /* TEXT: interface name, we hold the fd */
	VS_PORT_PACKET,	  /* TEXT: existing netdev */
	VS_PORT_PCAP,	  /* TEXT: file to read, may be "-" for none */
	VS_PORT_PCAP_OUT, /* TEXT: file to record to */
	VS_PORT_NULL,	  /* BOOL */
	VS_PORT_NETNS,	  /* TEXT: name under /run/netns */
	VS_PORT_VSID,
	VS_PORT_CA, /* IP list */
	VS_PORT_MAC,
	VS_PORT_MTU,
	VS_PORT_MAC_GUARD,    /* BOOL, default on */
	VS_PORT_CA_GUARD,     /* BOOL, default on */
	VS_PORT_RDMAP,	      /* TAG list: a multi-tenant port's VSIDs */
	VS_PORT_VLAN,	      /* NUMBER 1..4094: access, or the primary */
	VS_PORT_TRUNK,	      /* RANGE list: VLANs that it carries */
	VS_PORT_NATIVE,	      /* NUMBER 0..4094: of a trunk, no tag */
	VS_PORT_PRIVATE,      /* CHOICE: isolated, community, promiscuous */
	VS_PORT_SECONDARY,    /* RANGE list: of a private VLAN */
	VS_PORT_ISOLATION,    /* CHOICE: none, and who isolates (hnv.md C8.8) */
	VS_PORT_IP_LIMIT,     /* NUMBER, default 0 = none */
	VS_PORT_REQUIRE,      /* NAME list: extensions that must be there */
	VS_PORT_SEE,	      /* VSID list: a monitor port */
	VS_PORT_DHCP_GUARD,   /* BOOL, default off */
	VS_PORT_ROUTER_GUARD, /* BOOL, default off */
	VS_PORT_STORM_LIMIT,  /* NUMBER, frames a second, 0 = any */
	VS_PORT_BANDWIDTH_OUT, /* NUMBER, bits a second, 0 = any */
	VS_PORT_BANDWIDTH_IN,
	VS_PORT_BANDWIDTH_WEIGHT, /* NUMBER 1..100, default 1 */
	VS_PORT_PRIORITY_TAG,	  /* BOOL, default off */
	VS_PORT_LOOP_GUARD,	  /* BOOL, default on */
	VS_PORT_TEAM,		  /* NAME: equal on the ports of one VM */
	VS_PORT_MISMATCH,	  /* TEXT, status */
	VS_PORT_FIELDS
};

#ifdef __cplusplus
}
#endif
#endif
