/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_port_request.c: the privileged request of each step of a port: its
 * device opened, dressed, filtered, held, its file opened. Decides nothing.
 * Before this file: engine_port.c; after it: io/privileged.h.
 */
#include <stdio.h>
#include <string.h>

#include "engine_allow.h"
#include "engine_switch.h"
#include "io/fast.h"

static void fill_address(struct priv_address *to, const struct vs_ip *ip,
			 uint8_t length)
{
	memcpy(to->octet, ip->octet, sizeof(to->octet));
	to->length = length;
}

static void fill_dress(const struct engine_port *port,
		       struct priv_request *request)
{
	const struct port_dress *dress = &port->dress;
	const struct vs_mac *mac = &dress->mac;

	if (vs_mac_is_zero(mac) && !port->link)
		mac = &port->device.last_mac; /* who asked for the old one's
						 knows */
	request->flags |= PRIV_FLAG_UP;
	request->mtu = engine_allow_mtu(port);
	memcpy(request->mac, mac->octet, 6);
	request->address_count = dress->address_count;
	request->gateway_count = dress->gateway_count;
	for (uint16_t i = 0; i < dress->address_count; i++)
		fill_address(&request->addresses[i], &dress->addresses[i].ip,
			     dress->addresses[i].length);
	for (uint16_t i = 0; i < dress->gateway_count; i++)
		fill_address(&request->gateways[i], &dress->gateways[i], 128);
}

static void fill_open(const struct engine_port *port,
		      struct priv_request *request)
{
	if (engine_port_makes_device(port)) {
		request->op = PRIV_OPEN_TAP;
		fill_dress(port, request);
	} else if (engine_port_uses_netdev(port)) {
		request->op = PRIV_OPEN_NETDEV;
		if (port->intent.driver == DRIVER_PACKET ||
		    port->filter.promiscuous)
			request->flags |= PRIV_FLAG_PROMISCUOUS;
		if (port->filter.groups)
			request->flags |= PRIV_FLAG_GROUPS;
		if (port->intent.driver == DRIVER_UPLINK)
			request->flags |= PRIV_FLAG_WRAP;
	} else {
		request->op = PRIV_OPEN_FILE;
		request->role = PRIV_FILE_PCAP_IN;
		snprintf(request->path, sizeof(request->path), "%s",
			 port->intent.device);
	}
}

static void fill_ranges(struct priv_request *request,
			const struct port_filter *filter)
{
	request->range_count = filter->range_count;
	for (uint16_t i = 0; i < filter->range_count; i++) {
		fill_address(&request->ranges[i].first,
			     &filter->ranges[i].first, 128);
		fill_address(&request->ranges[i].last, &filter->ranges[i].last,
			     128);
	}
}

void engine_port_request(const struct engine_port *port,
			 struct priv_request *request)
{
	snprintf(request->netns, sizeof(request->netns), "%s",
		 port->intent.netns);
	if (port->intent.driver != DRIVER_PCAP)
		snprintf(request->device, sizeof(request->device), "%.15s",
			 port->intent.device);
	switch (port->step) {
	case STEP_OPEN:
		fill_open(port, request);
		break;
	case STEP_DRESS:
		request->op = PRIV_SET_LINK;
		fill_dress(port, request);
		break;
	case STEP_FILTER:
		request->op = PRIV_SET_FILTER;
		request->filter_count = port->filter.count;
		memcpy(request->filter, port->filter.program,
		       sizeof(request->filter));
		break;
	case STEP_FAST:
		request->op = PRIV_JOIN_FAST;
		fast_maps(port->owner->engine->run.fast, request->maps);
		request->filter_count = port->filter.count;
		memcpy(request->filter, port->filter.program,
		       sizeof(request->filter));
		break;
	case STEP_HOLD:
		request->op = PRIV_HOLD_PROTOCOL;
		if (port->filter.vxlan)
			request->flags |= PRIV_FLAG_VXLAN;
		request->address_count = port->filter.address_count;
		for (uint16_t i = 0; i < port->filter.address_count; i++)
			fill_address(&request->addresses[i],
				     &port->filter.addresses[i], 128);
		fill_ranges(request, &port->filter);
		break;
	default:
		request->op = PRIV_OPEN_FILE;
		request->role = PRIV_FILE_PCAP_OUT;
		request->flags = PRIV_FLAG_WRITE | PRIV_FLAG_TRUNCATE;
		snprintf(request->path, sizeof(request->path), "%s",
			 port->intent.output);
	}
}
