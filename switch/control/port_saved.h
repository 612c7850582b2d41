/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port_saved.h: what a port takes along to another host, as a document.
 *
 * Theory of operation
 * -------------------
 * The policy of a VM's port is the same on both hosts, or comes with their
 * documents. What is not policy is what extensions found out about it (hnv.md
 * C7): each writes bytes that only it understands, tagged with its GUID.
 *
 *	{
 *	  "format": 1,
 *	  "port": {"name": "web", "vsid": 5001, "mac": "02:00:00:00:00:05"},
 *	  "state": {
 *	    "8d1f6c2e-3a57-4c94-b0e2-77a1f5d30c61":
 *	      {"name": "wnv", "version": "1", "bytes": "776e..."}
 *	  }
 *	}
 *
 * The port may have another name there, but VSID and MAC say that it is the
 * same VM's. Bytes are written in hexadecimal.
 *
 * Before this file: request_port.c. After it: the engine (engine_saved.c).
 */
#ifndef CONTROL_PORT_SAVED_H
#define CONTROL_PORT_SAVED_H

#include <jansson.h>

#include <vswitch/port.h>
#include <vswitch/types.h>

#define PORT_SAVED_FORMAT 1
#define PORT_SAVED_STATES 17u /* those of a stack, and the flows */
#define PORT_SAVED_TEXT	  64u

/* Of one extension. */
struct port_state_saved {
	char guid[PORT_SAVED_TEXT], name[PORT_SAVED_TEXT];
	char version[PORT_SAVED_TEXT];
	uint8_t *bytes; /* owned, or NULL */
	size_t size;
};

struct port_saved { /* zeroed: nothing */
	char port[VS_PORT_NAME_SIZE];
	struct vs_vsid vsid; /* 0: none */
	struct vs_mac mac;   /* zero: not known */
	uint16_t count;
	struct port_state_saved states[PORT_SAVED_STATES];
};

/* port_saved_clear - give back what it owns. */
void port_saved_clear(struct port_saved *saved);

/* port_saved_write - the document; NULL: memory ran out. */
json_t *port_saved_write(const struct port_saved *saved);
/* port_saved_read - 0 or -errno, `error` has the place in the document and
 * `saved` must be cleared in any case. */
int port_saved_read(const json_t *document, struct port_saved *saved,
		    struct vs_error *error);

#endif
