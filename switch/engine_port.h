/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_port.h: ports and their devices; main thread only.
 *
 * Theory of operation
 * -------------------
 * A port is intent; its device is an attachment with a life of its own:
 *
 *   PORT_WAITING   no device; `why` says what it waits for; no fd, no timer
 *   PORT_OPENING   a privileged request is under way; its answer moves on
 *   PORT_ATTACHED  a link exists, the published snapshot names it
 *
 * Beside that, policy may say that it must not forward now (`refused`): the
 * device is there, frames are dropped port_waits.
 *
 * Files: engine_port.c (the states), engine_port_request.c (what each step asks
 * of the privileged side), engine_watch.c (what the kernel tells of devices),
 * engine_closing.c (what was let go).
 */
#ifndef ENGINE_PORT_H
#define ENGINE_PORT_H

#include <vswitch/extension.h>

#include "address_range.h"
#include "engine_group.h"
#include "io/link.h"
#include "io/privileged.h"
#include "io/watch.h"

struct engine;
struct engine_switch;

enum port_state { PORT_WAITING, PORT_OPENING, PORT_ATTACHED, PORT_STATES };

enum port_driver {
	DRIVER_TAP,
	DRIVER_PACKET,
	DRIVER_PCAP,
	DRIVER_NULL,
	DRIVER_UPLINK, /* packet, as a device of the external port */
	DRIVER_HOST,   /* tap in the daemon's own namespace */
	DRIVERS
};

/* What identifies an attachment: a change of it is another port. */
struct port_intent {
	uint8_t driver; /* enum port_driver */
	char name[VS_PORT_NAME_SIZE];
	char device[PRIV_PATH]; /* netdev, or the pcap file to read */
	char netns[PRIV_NAME];
	char output[PRIV_PATH]; /* the pcap file to write */
};

/* What the device shall be like. */
struct port_dress {
	uint16_t mtu;	   /* 0 = leave */
	struct vs_mac mac; /* zero = leave */
	uint16_t address_count, gateway_count;
	struct vs_prefix addresses[VS_PROFILE_ADDRESSES];
	struct vs_ip gateways[2];
};

/* Which privileged request of a port is under way. */
enum port_step {
	STEP_OPEN,
	STEP_DRESS,
	STEP_FILTER,
	STEP_HOLD,
	STEP_FAST,
	STEP_OUTPUT,
};

struct port_filter {
	uint16_t count; /* instructions; 0 = everything passes */
	bool promiscuous;
	bool groups; /* all multicast: solicited-node groups of our own */
	bool echoes; /* pings of addresses that no kernel has are ours */
	bool vxlan;  /* UDP to its port is ours, not the kernel's */
	uint64_t program[256];
	uint16_t address_count;
	struct vs_ip addresses[PRIV_ADDRESSES]; /* provider's, the first */
	uint16_t range_count;
	struct address_range ranges[PRIV_RANGES]; /* that stand for VMs' */
};

/* Of a port that was attached before. */
struct port_links {
	struct vs_link *links;	   /* that a worker may still use */
	struct link_counts counts; /* of those that are closed */
};

/* What is known of a device beside its attachment. */
struct port_device {
	struct vs_mac last_mac; /* of the TAP we made: the next has it too */
	uint16_t mtu_limit;	/* what extensions let it have; 0: anything */
	bool missed;		/* it changed while a request was under way */
};

struct engine_port {
	struct engine_port *next;
	struct engine_switch *owner;
	struct priv_caller caller;
	struct port_intent intent;
	struct vs_port_info info;
	struct vs_link *link;
	struct port_links before;
	uint8_t state;	  /* enum port_state */
	uint8_t step;	  /* enum port_step, while a request is under way */
	uint8_t features; /* PRIV_HAS_* */
	/* a request is under way; and something changed meanwhile */
	bool asking, redo;
	bool wanted;  /* by the policy that is being prepared */
	bool pending; /* made by a prepare that is not committed */
	bool named;   /* a published snapshot names `link` */
	bool watched; /* watch_add was called for its namespace */
	uint16_t worker;
	int fd; /* opened, not yet the link's */
	/* uplinks: two keep the kernel from our tunnels, one is the link's
	 * second, until that is there; two keep it in the fast path */
	int held_fds[5];
	struct port_device device;
	uint64_t retry_ns;    /* when to try again; 0 = when the watch says */
	char why[PRIV_TEXT];  /* what it waits for */
	char said[PRIV_TEXT]; /* what the log was told of that */
	char refused[160];    /* why policy does not let it forward now */
	struct port_dress dress, next_dress; /* true, prepared */
	char next_refused[160];
	struct port_filter filter, next_filter;
	struct engine_groups groups; /* an uplink's */
};

/* engine_port_makes_device - a TAP: it is there because the port is. */
static inline bool engine_port_makes_device(const struct engine_port *port)
{
	return port->intent.driver == DRIVER_TAP ||
	       port->intent.driver == DRIVER_HOST;
}

/* engine_port_uses_netdev - somebody else's device. */
static inline bool engine_port_uses_netdev(const struct engine_port *port)
{
	return port->intent.driver == DRIVER_PACKET ||
	       port->intent.driver == DRIVER_UPLINK;
}

/* -- engine_port.c ----------------------------------------------------------
 */

struct engine_port *engine_port_create(struct engine_switch *es,
				       const struct port_intent *intent);
/* engine_port_destroy - cancels its requests; the link must be retired. */
void engine_port_destroy(struct engine_port *port);
/* engine_port_attach - set the device in motion, or dress it again. */
void engine_port_attach(struct engine_port *port);
/* engine_port_lost - the pump or the watch says that the device is gone. */
void engine_port_lost(struct engine_port *port, const char *why);
/* engine_port_retry - try again what failed a while ago; the next time. */
uint64_t engine_port_retry(struct engine_switch *es, uint64_t now);
/* engine_port_counts - over its life, whatever links it had; false: no link
 * now, and nothing counted before. */
bool engine_port_counts(const struct engine_port *port,
			struct link_counts *counts);
/* engine_port_changed - its switch needs a new snapshot. */
void engine_port_changed(struct engine_port *port);

/* -- engine_port_request.c --------------------------------------------------
 */

/* engine_port_request - what port->step asks for; `request` is zero. */
void engine_port_request(const struct engine_port *port,
			 struct priv_request *request);

/* -- engine_watch.c ---------------------------------------------------------
 */

/* engine_port_gone - some link said that its device is dead: find it. */
void engine_port_gone(struct engine *engine);
/* engine_watch_calls - the answers to io/watch.h. */
extern const struct watch_owner engine_watch_calls;

#endif
