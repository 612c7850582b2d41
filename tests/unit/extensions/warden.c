// SPDX-License-Identifier: Apache-2.0
/*
 * The extension that tests of vetoes load. It says no to ports whose names
 * begin with "no", to changes of ports whose names begin with "fixed", and to
 * the devices of ports whose names begin with "bare"; "small" ones get an MTU
 * of 1300. It counts what it hears of ports.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

struct warden {
	struct vs_instance instance; /* first */
	uint32_t heard[VS_PORT_REMOVED + 1];
};

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct warden *warden = calloc(1, sizeof(*warden));

	(void)error;
	if (!warden)
		return NULL;
	warden->instance.host = host;
	return &warden->instance;
}

static void detach(struct vs_instance *instance)
{
	free(instance);
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

static int allow_change(struct vs_instance *instance,
			const struct vs_settings *settings,
			const struct vs_object *before,
			const struct vs_object *after, struct vs_error *error)
{
	struct vs_error place = {.code = 0};
	const char *name = settings->ops->value(after, 0)->text;

	(void)instance;
	settings->ops->place(after, NULL, &place);
	if (!strstr(place.path, ".ports.") || strstr(place.path, ".acl"))
		return 0;
	if (!before && begins(name, "no"))
		return vs_error_set(error, EPERM, "",
				    "its name begins with no");
	if (before && begins(name, "fixed"))
		return vs_error_set(error, EPERM, place.path,
				    "it is to stay as it is");
	return 0;
}

static int allow_nic(struct vs_instance *instance,
		     const struct vs_port_info *nic, struct vs_nic_terms *terms,
		     struct vs_error *error)
{
	(void)instance;
	if (begins(nic->name, "bare"))
		return vs_error_set(error, EPERM, "", "it is to be bare");
	if (begins(nic->name, "small"))
		terms->mtu = 1300;
	if (begins(nic->name, "huge"))
		terms->mtu = 9000;
	return 0;
}

static void port_event(struct vs_instance *instance, enum vs_port_change change,
		       const struct vs_port_info *port)
{
	(void)port;
	((struct warden *)instance)->heard[change]++;
}

static int tell(struct vs_instance *instance, const struct vs_value *values,
		struct vs_reply *reply, struct vs_error *error)
{
	static const char *const names[] = {"added", "attached", "detached",
					    "removed"};
	const struct warden *warden = (const struct warden *)instance;

	(void)values;
	(void)error;
	for (int i = 0; i <= VS_PORT_REMOVED; i++)
		reply->ops->number(reply, names[i], warden->heard[i]);
	return 0;
}

static const struct vs_filter_class filter = {NULL, NULL};
static const struct vs_method methods[] = {
	{.verb = "heard", .run = tell, .help = "what it heard of ports"},
};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "warden",
	.version = "1",
	.guid = "7c0f7d0e-9f6e-4a3e-8a55-0a2f64c6a1d9",
	.help = "what tests of vetoes load",
	.filter = &filter,
	.attach = attach,
	.detach = detach,
	.allow_change = allow_change,
	.allow_nic = allow_nic,
	.port_event = port_event,
	.methods = methods,
	.method_count = 1,
};
