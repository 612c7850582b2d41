/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_closing.c: see engine_closing.h. Decides whose name is taken, and who
 * may go on when it no longer is. Where there is no memory to remember a
 * device by, it is closed at once and on this thread.
 */
#include "engine_closing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "io/closer.h"

struct closing_device {
	struct closer_job job; /* first */
	struct engine *engine;
	struct closing_device *next;
	const struct vs_link *link; /* used; NULL: closing */
	char netns[PRIV_NAME];
	char name[PRIV_PATH]; /* "": no name that anybody could wait for */
};

struct engine_closing {
	struct closer *closer;
	struct closing_device *devices;
};

static bool has_name(const struct closing_device *device,
		     const struct port_intent *intent)
{
	return !strcmp(device->name, intent->device) &&
	       !strcmp(device->netns, intent->netns);
}

static void forget(struct closing_device *device)
{
	struct closing_device **at = &device->engine->run.closing->devices;

	while (*at != device)
		at = &(*at)->next;
	*at = device->next;
}

bool engine_closing_has(const struct engine_port *port)
{
	const struct closing_device *device =
		port->owner->engine->run.closing->devices;

	while (device && !has_name(device, &port->intent))
		device = device->next;
	return device && engine_port_makes_device(port);
}

/* Who waits for the name has no time at which to try again. */
static void name_is_free(const struct closing_device *device)
{
	struct engine_switch *es = device->engine->switches;

	for (; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (!p->pending && p->state == PORT_WAITING &&
			    !p->retry_ns && engine_port_makes_device(p) &&
			    has_name(device, &p->intent))
				engine_port_attach(p);
}

static void closed(struct closer_job *job)
{
	struct closing_device *device = (struct closing_device *)job;

	forget(device);
	name_is_free(device);
	free(device);
}

static struct closing_device *remember(struct engine *engine,
				       const struct engine_port *port)
{
	struct engine_closing *closing = engine->run.closing;
	struct closing_device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->job.closed = closed;
	device->engine = engine;
	if (port && engine_port_makes_device(port)) {
		strcpy(device->netns, port->intent.netns);
		strcpy(device->name, port->intent.device);
	}
	device->next = closing->devices;
	closing->devices = device;
	return device;
}

static void begin(struct closing_device *device, int fd)
{
	if (!device) {
		close(fd);
		return;
	}
	device->link = NULL;
	device->job.fd = fd;
	closer_submit(device->engine->run.closing->closer, &device->job);
}

void engine_closing_announce(const struct engine_port *port)
{
	struct closing_device *device =
		engine_port_makes_device(port)
			? remember(port->owner->engine, port)
			: NULL;

	if (device)
		device->link = port->link;
}

/* Nobody uses it any more. */
static void end(struct engine *engine, struct vs_link *link)
{
	struct closing_device *device = engine->run.closing->devices;
	int fd = link_take_fd(link);

	while (device && device->link != link)
		device = device->next;
	link_close(link);
	if (fd >= 0)
		begin(device ? device : remember(engine, NULL), fd);
}

void engine_closing_link(struct engine_port *port, struct vs_link *link)
{
	link_add_counts(link, &port->before.counts);
	end(port->owner->engine, link);
}

void engine_link_retired(struct engine_switch *es, struct vs_link *link)
{
	for (struct engine_port *p = es->ports; p; p = p->next) {
		for (struct vs_link **at = &p->before.links; *at;
		     at = &(*at)->older) {
			if (*at != link)
				continue;
			*at = link->older;
			engine_closing_link(p, link);
			return;
		}
	}
	end(es->engine, link); /* its port is gone */
}

void engine_closing_fd(const struct engine_port *port, int fd)
{
	if (fd >= 0)
		begin(remember(port->owner->engine, port), fd);
}

int engine_closing_create(struct engine *engine)
{
	struct engine_closing *closing = calloc(1, sizeof(*closing));
	int result = closing ? closer_create(&closing->closer, engine->loop)
			     : -ENOMEM;

	if (result)
		free(closing);
	else
		engine->run.closing = closing;
	return result;
}

void engine_closing_destroy(struct engine *engine)
{
	struct engine_closing *closing = engine->run.closing;

	if (!closing)
		return;
	closer_destroy(closing->closer);
	free(closing);
	engine->run.closing = NULL;
}
