// SPDX-License-Identifier: Apache-2.0
/*
 * trace.c: what the probe worker says of its walk (vsctl trace). Reads, never
 * changes; nothing here runs on an ordinary worker.
 */
#include <stdarg.h>
#include <stdio.h>

#include <vswitch/wire.h>

#include "core/walk.h"

void walk_trace(struct vs_worker *worker, const char *format, ...)
{
	char text[256];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (worker->tracer->line)
		worker->tracer->line(worker->tracer, worker->station, text);
}

static const char *lane_text(struct vs_vsid vsid, char text[24])
{
	uint16_t vlan = vs_vsid_vlan(vsid);

	snprintf(text, 24, vlan ? "VLAN %u" : "VSID %u",
		 vlan ? vlan : vsid.value);
	return text;
}

void lane_trace(struct vs_worker *worker, const struct vs_port *port,
		struct vs_vsid vsid)
{
	char text[24];

	WALK_TRACE(worker, "%s %s on %s",
		   port->tags == PORT_TAGS_VLAN ? "it is in" : "its tag names",
		   lane_text(vsid, text), port->plan.info.name);
}

void walk_trace_packet(struct vs_worker *worker, const struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;
	struct vs_mac source, target;
	char from[VS_MAC_TEXT], to[VS_MAC_TEXT], lane[24];

	if (view->size < VS_ETHERNET_SIZE) {
		walk_trace(worker, "%u bytes: no Ethernet frame", view->size);
		return;
	}
	source = vs_frame_source_mac((const struct vs_frame *)view);
	target = vs_frame_target_mac((const struct vs_frame *)view);
	walk_trace(worker, "%u bytes, %s to %s, type 0x%04x, %s", view->size,
		   vs_mac_format(&source, from), vs_mac_format(&target, to),
		   view->ether_type, lane_text(view->vsid, lane));
}
