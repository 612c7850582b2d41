/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo.h: an echo request as if a port's VM had sent it, and its reply, which
 * the VM never sees (hnv.md A12.2).
 *
 * Theory of operation
 * -------------------
 * The main thread writes down what it waits for and has the port's worker send
 * the request in at admit: it is judged, filtered, routed and translated like
 * the VM's own. Whatever worker comes to deliver the reply to that port, or an
 * ICMP error about the request, takes it out of the burst (consumed[ping]) and
 * tells the main thread; who drops one of the two tells that.
 *
 *   main                      worker
 *   vs_switch_echo            echo_send: SENT
 *                             echo_catch: REPLY or ERROR at deliver
 *                             echo_dropped: DROPPED, with the reason
 *   vs_switch_echo_end
 *
 * The VM may be down or have no address: until the end its ARP and neighbour
 * solicitations are answered in its name, which policy knows, for it too.
 *
 * What is awaited stands in a vs_table: the main thread writes, all workers
 * read. `waiting` keeps it from costing more than a load while nobody pings.
 */
#ifndef CORE_ECHO_H
#define CORE_ECHO_H

#include <stdatomic.h>

#include <vswitch/echo.h>
#include <vswitch/table.h>

#define VS_ECHOES 256u /* at once, on a switch */

struct vs_switch;
struct mail;

/* What to ask, as whom. */
struct vs_echo_question {
	struct vs_echo echo; /* id != 0; size >= VS_ECHO_COOKIE */
	struct vs_vsid vsid;
	struct vs_port_id port;
	struct vs_mac source_mac, target_mac;
	uint32_t serial; /* the caller's, != 0: news carry it */
};

enum vs_echo_event {
	VS_ECHO_SENT, /* it walked; whatever follows comes later */
	VS_ECHO_REPLY,
	VS_ECHO_ERROR,	 /* an ICMP error came instead */
	VS_ECHO_DROPPED, /* by this switch: `reason` */
};

struct vs_echo_news {
	uint64_t at_ns; /* when the burst was read, or the mail */
	uint32_t serial;
	uint16_t event;	 /* enum vs_echo_event */
	uint16_t reason; /* DROPPED: a global number */
	bool reply;	 /* DROPPED: it was the reply */
	uint8_t hop_limit;
	uint8_t type, code; /* ERROR */
	uint16_t size, mtu;
	struct vs_ip from; /* REPLY, ERROR */
};

/*
 * vs_switch_echo - send it; 0, -ENOENT (no such port), or -EBUSY (too many at
 * once). vs_switch_echo_end - nothing is awaited any more; after each one
 * that was sent. Main thread.
 */
int vs_switch_echo(struct vs_switch *sw,
		   const struct vs_echo_question *question, uint64_t now);
void vs_switch_echo_end(struct vs_switch *sw,
			const struct vs_echo_question *question);

/* The switch's own: what is awaited. */
struct echoes {
	struct vs_table *table;
	_Atomic uint32_t waiting;
};

int echoes_create(struct echoes *echoes, uint64_t seed);
void echoes_destroy(struct echoes *echoes);
/* echo_tell - a worker's mail, to the owner. */
void echo_tell(struct vs_switch *sw, const struct mail *mail);

#endif
