/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_watch.c: devices and namespaces come, change and go, as io/watch.c and
 * the links say: to which ports that happens. What they do then is
 * engine_port.c's.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "engine_switch.h"
#include "io/link.h"

static struct engine *of_watch(struct watch_owner *owner)
{
	return (struct engine *)((char *)owner -
				 offsetof(struct engine, watch_owner));
}

static void learn_watched(struct engine_port *port,
			  const struct watch_device *device)
{
	struct vs_port_info *info = &port->info;
	struct vs_port_info before = *info;

	info->mtu =
		(uint16_t)(device->mtu > UINT16_MAX ? UINT16_MAX : device->mtu);
	info->up = device->up;
	info->mac = device->mac;
	info->if_index = device->if_index;
	info->address_count = device->address_count;
	memcpy(info->addresses, device->addresses, sizeof(info->addresses));
	if (memcmp(&before, info, sizeof(before)) == 0)
		return;
	link_set_mtu(port->link, device->mtu);
	engine_port_event(port, VS_PORT_ATTACHED);
	engine_port_changed(port);
}

static void device_changed(struct watch_owner *owner,
			   const struct watch_device *device)
{
	struct engine *engine = of_watch(owner);

	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		for (struct engine_port *p = es->ports; p; p = p->next) {
			if (p->pending ||
			    strcmp(p->intent.netns, device->netns) != 0 ||
			    strcmp(p->intent.device, device->name) != 0 ||
			    (!engine_port_uses_netdev(p) &&
			     !engine_port_makes_device(p)))
				continue;
			if (p->state == PORT_ATTACHED &&
			    p->info.if_index != device->if_index)
				engine_port_lost(p, "the device was replaced");
			p->device.missed |= p->asking;
			if (p->state == PORT_ATTACHED)
				learn_watched(p, device);
			else if (engine_port_uses_netdev(p))
				engine_port_attach(p);
		}
	}
}

static void lose(struct engine *engine, const char *netns, const char *device,
		 const char *why)
{
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (!p->pending && p->state == PORT_ATTACHED &&
			    (engine_port_uses_netdev(p) ||
			     engine_port_makes_device(p)) &&
			    !strcmp(p->intent.netns, netns) &&
			    (!device || !strcmp(p->intent.device, device)))
				engine_port_lost(p, why);
}

static void device_vanished(struct watch_owner *owner,
			    const struct watch_device *device)
{
	char why[PRIV_TEXT];

	snprintf(why, sizeof(why), "device %s is gone", device->name);
	lose(of_watch(owner), device->netns, device->name, why);
}

static void netns_appeared(struct watch_owner *owner, const char *netns)
{
	struct engine *engine = of_watch(owner);

	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (!p->pending && p->state == PORT_WAITING &&
			    engine_port_makes_device(p) &&
			    !strcmp(p->intent.netns, netns)) {
				p->retry_ns = 0;
				engine_port_attach(p);
			}
}

static void netns_gone(struct watch_owner *owner, const char *netns)
{
	struct engine *engine = of_watch(owner);
	char why[PRIV_TEXT];

	snprintf(why, sizeof(why), "network namespace %s is gone", netns);
	lose(engine, netns, NULL, why);
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (p->state == PORT_WAITING &&
			    !strcmp(p->intent.netns, netns))
				p->retry_ns = 0; /* until it is back */
}

const struct watch_owner engine_watch_calls = {
	.device_changed = device_changed,
	.device_vanished = device_vanished,
	.netns_appeared = netns_appeared,
	.netns_gone = netns_gone,
};

void engine_port_gone(struct engine *engine)
{
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (p->link && atomic_load(&p->link->gone))
				engine_port_lost(p, "the device is dead");
}
