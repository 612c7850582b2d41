/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_ping.h: `ping PORT CA`: one echo in the name of the port's VM, and the
 * answer to the client when its reply came, an error, a drop, or nothing in
 * time.
 */
#ifndef ENGINE_PING_H
#define ENGINE_PING_H

#include "core/echo.h"
#include "engine.h"

/* The parameters of the method, in the order of its table. */
enum ping_param {
	PING_PORT,
	PING_CA,
	PING_SOURCE,
	PING_VLAN,
	PING_SIZE,
	PING_DF,
	PING_TTL,
	PING_SEQUENCE,
	PING_WAIT,
	PING_PARAMS
};

void engine_ping(struct request_engine *methods, struct request_call *call);
/* engine_ping_news - what a worker of the switch said of an echo. */
void engine_ping_news(struct engine_switch *es,
		      const struct vs_echo_news *news);
/* engine_ping_leave - the switch goes: who waits for it is told. */
void engine_ping_leave(struct engine_switch *es);

#endif
