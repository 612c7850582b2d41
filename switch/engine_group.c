/* SPDX-License-Identifier: Apache-2.0 */
#include "engine_group.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "log.h"

struct engine_membership {
	struct engine_membership *next;
	struct priv_caller caller;
	struct engine_port *port;
	struct vs_ip group;
	int fd; /* the member; -1: being asked for, or refused */
	bool refused;
};

void engine_groups_plan(struct engine_port *port, const struct vs_ip *groups,
			uint16_t count)
{
	struct vs_ip *copy = count ? calloc(count, sizeof(*copy)) : NULL;

	if (copy)
		memcpy(copy, groups, count * sizeof(*copy));
	else if (count)
		log_warnx(LOG_IO, "uplink %s: no memory for %u groups",
			  port->intent.name, count);
	free(port->groups.wanted);
	port->groups.wanted = copy;
	port->groups.wanted_count = copy ? count : 0;
}

static void joined(struct priv_caller *caller, const struct priv_reply *reply,
		   int fds[2])
{
	struct engine_membership *member =
		(struct engine_membership *)((char *)caller -
					     offsetof(struct engine_membership,
						      caller));
	char text[VS_IP_TEXT];

	/* without it the fabric may send us nothing for the group: said, and
	 * tried again with the next change of policy or device */
	member->refused = reply->error;
	if (reply->error)
		log_warnx(LOG_IO, "uplink %s: cannot join %s: %s",
			  member->port->intent.name,
			  vs_ip_format(&member->group, text),
			  reply->text[0] ? reply->text
					 : strerror(reply->error));
	else
		member->fd = priv_take_fd(&fds[0]);
}

static void leave(struct engine_membership *member)
{
	privileged_cancel(member->port->owner->engine->privileged,
			  &member->caller);
	if (member->fd >= 0)
		close(member->fd);
	free(member);
}

static void join(struct engine_port *port, const struct vs_ip *group)
{
	struct engine_membership *member = calloc(1, sizeof(*member));
	struct priv_request request = {.op = PRIV_JOIN_GROUP,
				       .address_count = 1};

	if (!member)
		return;
	*member = (struct engine_membership){.next = port->groups.list,
					     .caller.answer = joined,
					     .port = port,
					     .group = *group,
					     .fd = -1};
	snprintf(request.device, sizeof(request.device), "%.15s",
		 port->intent.device);
	snprintf(request.netns, sizeof(request.netns), "%s",
		 port->intent.netns);
	memcpy(request.addresses[0].octet, group->octet, 16);
	request.addresses[0].length = 128;
	if (privileged_ask(port->owner->engine->privileged, &request, -1,
			   &member->caller)) {
		free(member); /* too many requests: the next change asks */
		return;
	}
	port->groups.list = member;
}

static bool is_wanted(const struct engine_groups *groups,
		      const struct vs_ip *group)
{
	for (uint16_t i = 0; i < groups->wanted_count; i++)
		if (vs_ip_equal(&groups->wanted[i], group))
			return true;
	return false;
}

static bool is_member(const struct engine_groups *groups,
		      const struct vs_ip *group)
{
	for (const struct engine_membership *m = groups->list; m; m = m->next)
		if (vs_ip_equal(&m->group, group))
			return true;
	return false;
}

void engine_groups_join(struct engine_port *port)
{
	struct engine_membership **at = &port->groups.list, *member;

	while ((member = *at)) {
		if (!member->refused &&
		    is_wanted(&port->groups, &member->group)) {
			at = &member->next;
			continue;
		}
		*at = member->next;
		leave(member);
	}
	for (uint16_t i = 0; i < port->groups.wanted_count; i++)
		if (!is_member(&port->groups, &port->groups.wanted[i]))
			join(port, &port->groups.wanted[i]);
}

void engine_groups_leave(struct engine_port *port)
{
	struct engine_membership *member;

	while ((member = port->groups.list)) {
		port->groups.list = member->next;
		leave(member);
	}
}

void engine_groups_destroy(struct engine_port *port)
{
	engine_groups_leave(port);
	free(port->groups.wanted);
	port->groups.wanted = NULL;
	port->groups.wanted_count = 0;
}
