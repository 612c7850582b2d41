/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extension.h: the one object that an extension exports, and its hooks.
 *
 * Theory of operation
 * -------------------
 * An extension is a shared library with one exported object,
 *
 *	const struct vs_extension vs_extension = { VS_EXTENSION_HEAD, ... };
 *
 * The host walks, the extension answers: a hook never calls the next one,
 * and a hook that is not set passes. The class is the class table that is
 * filled: exactly one. Order on the stack: capture on top, filter, forward
 * (at most one), translate at the bottom (at most one).
 *
 * Three kinds of memory, no globals, no threads, no locks:
 *
 *   instance  made by attach, one per switch; main thread only
 *   state     made by configure from the settings; immutable; published with
 *             everything else in one pointer swap; workers read it;
 *             retire is called when no worker can see it any more
 *   shard     shard_size zeroed bytes per worker, opened by shard_open;
 *             touched by that worker alone (pending frames, scratch)
 *
 * plus vs_table, which everybody may use at once.
 *
 * A life, narrated: attach -> shard_open (per worker) -> configure -> the
 * state is published -> data hooks run -> a document changes: configure gives
 * a second state, published; after a grace period retire gets the first ->
 * detach: hooks stop, grace period, retire, shard_close, detach.
 *
 * The descriptor and everything it points to is const and lives as long as
 * the library is mapped, which is until the process ends.
 */
#ifndef VSWITCH_EXTENSION_H
#define VSWITCH_EXTENSION_H

#include <vswitch/build.h>
#include <vswitch/host.h>
#include <vswitch/packet.h>
#include <vswitch/port.h>
#include <vswitch/settings.h>
#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * 0 until the first tagged release: a 0 extension loads only into the build
 * that made it (VS_BUILD_ID of build.h must match). From 1 on, for ever.
 */
#define VS_ABI 0u

struct vs_instance {
	const struct vs_main_host *host; /* set by attach from its argument */
};

struct vs_named {	  /* a counter, an event */
	const char *name; /* stable, snake_case */
	const char *help; /* one sentence */
};

struct vs_reason_entry {
	uint16_t number;  /* stable for ever, unique in the extension */
	const char *name; /* stable, snake_case, says what is wrong */
	const char *help; /* a sentence for vswitch-drops(7), with the cure */
};

/* -- class tables --------------------------------------------------------- */

/* A frame at the wire: seen by capture's `wire`, provider form, read-only. */
struct vs_wire_frame {
	uint16_t struct_size;
	struct vs_port_id uplink;
	struct vs_vsid vsid; /* of the customer frame inside; 0 unknown */
	bool outbound;
	const uint8_t *lead; /* outbound: the recipe's */
	uint32_t lead_size;
	const uint8_t *slice;
	uint32_t slice_size;
};

struct vs_capture_class {
	void (*ingress)(const struct vs_call *call,
			const struct vs_capture_burst *burst);
	void (*egress)(const struct vs_call *call,
		       const struct vs_sight_burst *burst);
	void (*wire)(const struct vs_call *call,
		     const struct vs_wire_frame *frame);
	/* main thread: does it look at frames with this state? NULL: yes */
	bool (*looks)(const struct vs_state *state);
};

struct vs_filter_class {
	void (*ingress)(const struct vs_call *call, struct vs_burst *burst);
	void (*egress)(const struct vs_call *call,
		       struct vs_delivery_burst *burst);
};

struct vs_forward_class {
	void (*decide)(const struct vs_call *call,
		       struct vs_decision_burst *burst);
	void (*egress)(const struct vs_call *call,
		       struct vs_delivery_burst *burst);
};

/* What a source claims to be; for may_send. */
enum vs_claim_kind {
	VS_CLAIM_NONE, /* no customer address: only (VSID, MAC) */
	VS_CLAIM_IP,   /* source of an IP header */
	VS_CLAIM_ARP,  /* ARP sender; sender 0.0.0.0 is VS_CLAIM_NONE */
	VS_CLAIM_ND,   /* source of neighbour discovery, an advertised target */
	/* to be a router: sends router advertisements or redirects from `ip` */
	VS_CLAIM_ROUTER,
};

struct vs_claim {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint8_t kind; /* enum vs_claim_kind */
	uint8_t reserved;
	struct vs_ip ip;
};

/* A provider address of this switch, for the uplink's receive filter. A group
 * address is one that the host joins on the uplink, by IGMP or MLD, for as
 * long as it stands in the list; with a `vlan`, the host only takes it in, and
 * the extension reports it itself. */
struct vs_provider {
	struct vs_ip ip;
	struct vs_mac mac; /* zero: the uplink's */
	struct vs_port_id uplink;
	uint16_t vlan; /* its VLAN id on the wire; 0: untagged */
	bool owned;    /* we answer ARP and neighbour solicitations for it */
	/* that come to it: 1 << enum vs_encapsulation; with VS_ENCAP_NONE all
	 * IP is for the extension */
	uint8_t encapsulations;
};

/* What policy knows of a port: the host sets its device up from this. */
#define VS_PROFILE_ADDRESSES 8u
struct vs_port_profile {
	uint16_t struct_size;
	uint16_t mtu; /* 0 = no opinion */
	bool has_mac;
	struct vs_mac mac;
	uint16_t address_count;
	struct vs_prefix addresses[VS_PROFILE_ADDRESSES]; /* host bits kept */
	uint16_t gateway_count;
	struct vs_ip gateways[2]; /* default routes for netns= ports */
	/* not empty: the port must not forward now, and why (a record whose
	 * PA is not on this host, ...): it waits */
	char waits[160];
	struct vs_wandering_macs wandering;
};

struct vs_translate_class {
	/*
	 * Frames of the external port, provider form: turn into customer form
	 * (pull the outer headers, set VSID and offload), or leave untouched
	 * (pass-through, VSID 0), drop, or consume. admit runs afterwards.
	 */
	void (*from_wire)(const struct vs_call *call, struct vs_burst *burst);
	/*
	 * Frames for the external port with VSID != 0, and frames for the
	 * gateway or proxy: each gets exactly one answer: recipes committed
	 * (then nothing more), drop, consume, reflect or hold_outbound. No
	 * answer is a drop `untranslated`.
	 */
	void (*to_wire)(const struct vs_call *call,
			struct vs_outbound_burst *burst);
	/* May this source send on a local port? (design 8: the CA guard) */
	bool (*may_send)(const struct vs_call *call,
			 const struct vs_claim *claim);
	/* Is this address, or this MAC, a provider address of policy? */
	bool (*is_provider_ip)(const struct vs_state *state,
			       const struct vs_ip *ip);
	bool (*is_provider_mac)(const struct vs_state *state,
				const struct vs_mac *mac);
	/* Does policy place (VSID, MAC) behind the uplink, so that it must
	 * never be learned on a local port? */
	bool (*is_remote)(const struct vs_state *state, struct vs_vsid vsid,
			  const struct vs_mac *mac);
	/* Does policy know the VSID? (deliver's set of the external port) */
	bool (*serves)(const struct vs_state *state, struct vs_vsid vsid);
	/* -- main thread -- */
	/* fill `profile` for a port object of the settings that made `state` */
	void (*profile)(const struct vs_state *state, const char *port,
			struct vs_port_profile *profile);
	/* how many there are, groups among them; up to `room` are given */
	uint16_t (*providers)(const struct vs_state *state,
			      struct vs_provider *providers, uint16_t room);
	/* -- workers again -- */
	/*
	 * A mirror's copy of a frame for an address of the provider network:
	 * commit one recipe for it, whatever VSID it is in, or none (booked
	 * mirror_unreachable). The frame goes its own way: no answer.
	 */
	void (*mirror)(const struct vs_call *call, const struct vs_frame *frame,
		       const struct vs_ip *to);
};

/* -- objects and methods --------------------------------------------------- */

/* Runtime columns of an object (VS_FIELD_STATUS) and answers of methods are
 * written through this; the host makes text or JSON of it. */
struct vs_reply;
struct vs_reply_ops {
	uint32_t struct_size;
	void (*text)(struct vs_reply *reply, const char *name,
		     const char *text);
	void (*number)(struct vs_reply *reply, const char *name,
		       uint64_t number);
	void (*truth)(struct vs_reply *reply, const char *name, bool truth);
	/* begin/end a list of rows or a nested object */
	void (*open_list)(struct vs_reply *reply, const char *name);
	void (*open_row)(struct vs_reply *reply, const char *name);
	void (*close)(struct vs_reply *reply);
};
struct vs_reply {
	const struct vs_reply_ops *ops;
};

/*
 * Objects that hold without standing in the document: records that a port
 * made, peers that records name. `object.list` shows them beside the others,
 * under their key and with their status columns; nothing else sees them.
 */
struct vs_rows;
struct vs_rows_ops {
	uint32_t struct_size;
	/*
	 * begin the next object: write its fields (not the status columns: the
	 * status hook is asked for them) through the reply, by their names, as
	 * they would stand in the document. `parent_key` is NULL for a noun
	 * without a parent. An object that stands in the document, or that the
	 * noun's fields do not admit, is left out.
	 */
	struct vs_reply *(*row)(struct vs_rows *rows, const char *parent_key,
				const char *key);
};
struct vs_rows {
	const struct vs_rows_ops *ops;
};

/* An extra verb of a noun (or, with noun NULL, of the extension itself). If it
 * works on one object, arguments[0] is the object's key, required. */
struct vs_method {
	const char *noun;
	const char *verb;
	const struct vs_field *arguments;
	uint16_t argument_count;
	bool changes_policy; /* reserved for methods that edit objects */
	/* values[i] belongs to arguments[i]; 0 or -errno with `error` */
	int (*run)(struct vs_instance *instance, const struct vs_value *values,
		   struct vs_reply *reply, struct vs_error *error);
	const char *help;
};

/*
 * What an instance wrote for one that comes after it: a newer version of the
 * extension in this process, or the same extension on another host. The host
 * adds who wrote it and shows it to nobody with another GUID; the version is
 * the writer's, so that bytes of before can be understood or refused.
 */
struct vs_saved {
	uint16_t struct_size;
	const char *guid, *version; /* of the writer */
	const char *port; /* only what belongs to this port; NULL: all */
	const uint8_t *bytes;
	size_t size;
};

/* What a device that is about to be connected to a port is like. */
struct vs_nic_terms {
	uint16_t struct_size;
	uint16_t mtu; /* bytes of IP; may be lowered, to 576 at the least */
};

/* -- the descriptor -------------------------------------------------------- */

struct vs_extension {
	uint32_t abi;	   /* VS_ABI */
	uint32_t size;	   /* sizeof(struct vs_extension) */
	const char *build; /* VS_BUILD_ID; checked while abi is 0 */
	const char *name;  /* VS_KIND_NAME; the stack names it by this */
	const char *version;
	const char *guid; /* text form, for ever the same */
	const char *help; /* one line */

	const struct vs_capture_class *capture;
	const struct vs_filter_class *filter;
	const struct vs_forward_class *forward;
	const struct vs_translate_class *translate;

	/* life cycle, all optional but attach/detach come as a pair */
	struct vs_instance *(*attach)(const struct vs_main_host *host,
				      struct vs_error *error);
	void (*detach)(struct vs_instance *instance);
	const struct vs_state *(*configure)(struct vs_instance *instance,
					    const struct vs_settings *settings,
					    struct vs_error *error);
	void (*retire)(struct vs_instance *instance,
		       const struct vs_state *state);
	size_t shard_size;
	int (*shard_open)(struct vs_instance *instance, struct vs_shard *shard,
			  uint16_t worker);
	void (*shard_close)(struct vs_instance *instance,
			    struct vs_shard *shard, uint16_t worker);
	void (*port_event)(struct vs_instance *instance,
			   enum vs_port_change change,
			   const struct vs_port_info *port);
	/*
	 * tick - what a shard has to do without a frame; runs under each new
	 * state once, then at the deadline that it returns (ns, monotonic;
	 * UINT64_MAX = none) or that a hook asked for by tick_at. tick_main
	 * likewise for the instance.
	 */
	uint64_t (*tick)(const struct vs_call *call);
	uint64_t (*tick_main)(struct vs_instance *instance, uint64_t now_ns);
	void (*noted)(struct vs_instance *instance, const struct vs_note *note);
	void (*noted_shard)(const struct vs_call *call,
			    const struct vs_note *note);
	/* write the VS_FIELD_STATUS columns of one object; `key` and
	 * `parent_key` as text */
	void (*status)(struct vs_instance *instance, const struct vs_noun *noun,
		       const char *parent_key, const char *key,
		       struct vs_reply *reply);

	const struct vs_noun *nouns;
	uint16_t noun_count;
	uint16_t method_count;
	const struct vs_method *methods;
	const struct vs_reason_entry *reasons;
	uint16_t reason_count;
	uint16_t counter_count;
	const struct vs_named *counters;
	const struct vs_named *events;
	uint16_t event_count;
	/* since ABI 0; new members go below, under "since ABI n" */
	/* list objects of a noun of ours that hold without standing in the
	 * document; optional, main thread */
	void (*list)(struct vs_instance *instance, const struct vs_noun *noun,
		     struct vs_rows *rows);
	/*
	 * save - write what shall outlive the instance, of one port or (port
	 * NULL) all; returns how many bytes there are, and is asked again
	 * with room for them if that is more than `room`. The instance goes
	 * on. restore - the other side: of all, after attach and before
	 * configure; of a port (saved->port is its name here), at any time
	 * after it. Either takes all or, refusing, nothing; a refusal is
	 * said. Optional, as a pair; main thread.
	 */
	size_t (*save)(struct vs_instance *instance, const char *port,
		       uint8_t *bytes, size_t room);
	int (*restore)(struct vs_instance *instance,
		       const struct vs_saved *saved, struct vs_error *error);
	/* judge a document that is not applied: report what configure would
	 * refuse on any host, and what is wrong between hosts; optional, main
	 * thread, without an instance; sites live until it returns */
	void (*check)(struct vs_fabric *fabric);
	/*
	 * The right to say no; not for captures; optional, main thread.
	 * Nobody is asked about what is there already when it comes, nor about
	 * what goes.
	 *
	 * allow_change - below its switch an object of another's nouns (the
	 * switch itself, a port, an uplink, an ACL entry, ...) is to be added
	 * (`before` NULL) or changed. 0, or -errno with why: then nothing of
	 * the whole change holds, and the answer names the extension. It may
	 * be asked and the change come to nothing: it keeps nothing. What it
	 * means for the extension comes with configure(), as ever.
	 *
	 * allow_nic - a device is about to be connected to an ordinary port.
	 * 0, and terms->mtu may be lowered, for headers to be added; or -errno
	 * with why: then the port waits, shown with the extension's name, and
	 * is asked about again. Afterwards port_event says VS_PORT_ATTACHED.
	 */
	int (*allow_change)(struct vs_instance *instance,
			    const struct vs_settings *settings,
			    const struct vs_object *before,
			    const struct vs_object *after,
			    struct vs_error *error);
	int (*allow_nic)(struct vs_instance *instance,
			 const struct vs_port_info *nic,
			 struct vs_nic_terms *terms, struct vs_error *error);
};

#define VS_EXTENSION_HEAD                                                      \
	.abi = VS_ABI, .size = sizeof(struct vs_extension), .build = VS_BUILD_ID

/* The symbol that the loader looks up; all others may be hidden. */
extern __attribute__((visibility("default")))
const struct vs_extension vs_extension;

#ifdef __cplusplus
}
#endif
#endif
