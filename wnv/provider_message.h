/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_message.h: what neighbours of the provider network tell each other,
 * as ARP (RFC 826, 5227) and as neighbour discovery (RFC 4861, 4862) alike.
 *
 * Theory of operation
 * -------------------
 * A message has a *subject*, whose MAC it tells, and either *asks* for the MAC
 * of an address or is an answer *to* somebody:
 *
 *                    subject   asked    to      from ::/0.0.0.0
 *   ARP request      sender    target   -       a probe: no subject
 *   ARP reply        sender    -        target
 *   solicitation     source    target   -       a probe: no subject
 *   advertisement    target    -        dest.
 *
 * provider_arp.c and provider_nd.c read and write the two; whoever decides
 * (provider_hear.c, provider_neighbour.c, provider_pa.c) sees only this.
 */
#ifndef WNV_PROVIDER_MESSAGE_H
#define WNV_PROVIDER_MESSAGE_H

#include <vswitch/extension.h>

#include "address.h"

#define PROVIDER_VID_MASK 0x0fffu

struct provider_message {
	struct wnv_pa subject; /* not set: a probe's */
	struct wnv_pa asked;   /* not set: an answer */
	struct wnv_pa to;      /* of an answer */
	struct vs_mac mac;     /* the subject's; zero: not said */
	struct vs_mac from;    /* who sent the frame */
	struct vs_port_id uplink;
	uint16_t vlan;
	bool solicited; /* an answer to a question of ours */
	bool overrides; /* the MAC shall replace a known one */
};

/* Which of the two a frame is. */
enum provider_language { PROVIDER_NEITHER, PROVIDER_ARP, PROVIDER_ND };

enum provider_reading {
	PROVIDER_UNREAD, /* no message, or none that is worth a look */
	PROVIDER_READ,
	PROVIDER_BROKEN /* ND that RFC 4861 7.1 makes us discard; who is
			   asked, and to whom, is filled in */
};

/* Where the bytes behind the Ethernet header, tagged or not, begin. */
struct provider_frame {
	const uint8_t *bytes; /* of the frame */
	uint32_t size;	      /* of the frame */
	uint16_t l3;
	uint16_t vlan; /* 0: untagged, or a priority tag only */
	uint16_t type; /* behind the tag */
	bool open_sum; /* the device has not written the checksum yet */
};

/* provider_frame_of - false: too short, or tags within tags. */
bool provider_frame_of(const struct vs_frame *frame,
		       struct provider_frame *out);

/* provider_language - of a frame from an uplink. */
enum provider_language provider_language(const struct provider_frame *frame);

/* The readers fill all but uplink and vlan. */
enum provider_reading provider_arp_read(const struct provider_frame *frame,
					struct provider_message *message);
enum provider_reading provider_nd_read(const struct provider_frame *frame,
				       struct provider_message *message);

/* What we say. */
enum provider_saying {
	PROVIDER_PROBES,    /* has anybody got `pa`? */
	PROVIDER_ANNOUNCES, /* `pa` is here; to everybody */
	PROVIDER_ASKS,	    /* who has `other`? In the name of `pa` */
	PROVIDER_ANSWERS,   /* `pa` is here, to `other`, or to a prober */
};

struct provider_speech {
	enum provider_saying what;
	struct vs_port_id uplink;
	uint16_t vlan;
	struct vs_mac mac; /* ours */
	struct vs_mac to;  /* ANSWERS; ASKS: who had it, zero: everybody */
	struct wnv_pa pa;  /* ours */
	struct wnv_pa other;
};

/* provider_say - best effort: a lost one is repeated or asked for again. */
void provider_say(const struct vs_call *call,
		  const struct provider_speech *speech);
void provider_arp_say(const struct vs_call *call,
		      const struct provider_speech *speech);
void provider_nd_say(const struct vs_call *call,
		     const struct provider_speech *speech);

/*
 * provider_frame_new - a frame with its Ethernet header, and the PA's tag,
 * written; *at gets the `size` bytes behind them, zeroed. NULL: no buffer.
 * provider_frame_send - it leaves by the speech's uplink.
 */
struct vs_frame *provider_frame_new(const struct vs_call *call,
				    const struct provider_speech *speech,
				    uint16_t type, uint32_t size, uint8_t **at);
void provider_frame_send(const struct vs_call *call, struct vs_frame *frame,
			 const struct provider_speech *speech);

#endif
