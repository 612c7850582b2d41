/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fabric.h: the hosts of one JSON document, whole: control's parser, WNV, the
 * core, and between them a wire that carries what the uplinks' recipes are
 * when they are finished (packet/segment.h). No device, no clock, no root.
 *
 *	struct fabric *fabric = fabric_open(document, 1);
 *
 *	fabric->seen = look;          (called for every frame that leaves)
 *	fabric_in(fabric, 0, fabric_port(fabric, 0, "blue5"), bytes, size);
 *	fabric_check(fabric);         (the law of design 7, and the pools)
 *	fabric_close(fabric);
 *
 * Hosts are called a, b and c in the document (fabric_open: a and b); provider
 *addresses are owned, so fabric_open lets the clock run until they may be used.
 */
#ifndef TESTS_SUPPORT_FABRIC_H
#define TESTS_SUPPORT_FABRIC_H

#include <vswitch/port.h>

#include "core/outbox.h"
#include "core/switch.h"
#include "core/worker.h"

#define FABRIC_HOSTS 2u /* of fabric_open */
#define FABRIC_MOST  3u
#define FABRIC_PORTS 12u
#define FABRIC_FRAME 70000u
#define FABRIC_ANY   UINT16_MAX

struct fabric;
struct store;
struct schema;

/* A frame that leaves: whole for a port, in pieces for the wire. */
struct fabric_seen {
	unsigned int host;
	uint16_t port;
	bool uplink;
	struct vs_vsid vsid; /* the packet's */
	const uint8_t *bytes;
	uint32_t size;
};

struct fabric_host {
	struct vs_outbox outbox; /* first: flush finds the host by it */
	struct vs_switch_owner owner;
	struct fabric *fabric;
	unsigned int index;
	struct vs_switch *sw;
	struct vs_attachment *wnv;
	struct schema *schema;
	struct store *store;
	uint16_t port_count; /* [0] is the uplink */
	struct vs_port_info info[FABRIC_PORTS];
	uint64_t link_drops; /* recipes that segment.h refused */
};

struct fabric_wire { /* a frame on its way */
	struct fabric_wire *next;
	unsigned int from;
	uint32_t size;
	uint8_t bytes[];
};

struct fabric {
	struct fabric_host host[FABRIC_MOST];
	unsigned int hosts;
	uint16_t workers;
	uint64_t now;
	struct fabric_wire *first, *last;
	uint32_t on_wire;
	bool cut; /* what is on the wire is lost */
	/* called for every frame that leaves; may be NULL */
	void (*seen)(struct fabric *fabric, const struct fabric_seen *seen);
	uint8_t finished[FABRIC_FRAME]; /* the frame under `seen` */
};

/* fabric_open - aborts with a message if the document is refused. */
struct fabric *fabric_open(const char *document, uint16_t workers);
/* fabric_open_hosts - the same with 1 to FABRIC_MOST hosts: the wire brings a
 * frame to the uplink with its MAC, else to all others. */
struct fabric *fabric_open_hosts(const char *document, uint16_t workers,
				 unsigned int hosts);
void fabric_close(struct fabric *fabric);
/* fabric_apply - publish another document at a host; same ports only. */
void fabric_apply(struct fabric *fabric, unsigned int host,
		  const char *document);

/* fabric_port - the id of a port by name; the uplink is fabric_uplink. */
uint16_t fabric_port(const struct fabric *fabric, unsigned int host,
		     const char *name);
uint16_t fabric_uplink(const struct fabric *fabric, unsigned int host);

/* fabric_packet - a packet of the port's worker, to be changed, then walked;
 * NULL: its pool is empty. */
struct vs_packet *fabric_packet(struct fabric *fabric, unsigned int host,
				uint16_t port, const uint8_t *bytes,
				uint32_t size);
/* fabric_walk - walk it, and all that this puts on the wire. */
void fabric_walk(struct fabric *fabric, unsigned int host, uint16_t port,
		 struct vs_packet *packet);
void fabric_in(struct fabric *fabric, unsigned int host, uint16_t port,
	       const uint8_t *bytes, uint32_t size);
/* fabric_advance - in steps of a tenth of a second, with ticks. */
void fabric_advance(struct fabric *fabric, uint64_t ms);

/* fabric_dropped - at a host, of a port's rows or FABRIC_ANY, by name; NULL:
 * under any name. */
uint64_t fabric_dropped(const struct fabric *fabric, unsigned int host,
			uint16_t port, const char *reason);
struct vs_ledger_row fabric_total(const struct fabric *fabric,
				  unsigned int host);
/* fabric_check - every row balances, every buffer is in its pool or held;
 * aborts with the row if not. */
void fabric_check(const struct fabric *fabric);

#endif
