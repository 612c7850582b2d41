// SPDX-License-Identifier: Apache-2.0
/*
 * The extension that tests of reload exchange for a newer one: it counts its
 * lives, over all versions that handed over. Built in several versions; one
 * cannot restore, one refuses to be configured, one is somebody else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

#ifndef GUID
#define GUID "9a6b1c1e-4a0d-4c6f-b0a5-0e2d7f1f6a33"
#endif
#ifndef RESTORES
#define RESTORES 1
#endif
#ifndef CONFIGURES
#define CONFIGURES 1
#endif

struct keeper {
	struct vs_instance instance; /* first */
	uint32_t lives;
};

struct vs_state {
	char unused;
};

static const struct vs_state state;

static struct keeper *keeper_of(struct vs_instance *instance)
{
	return (struct keeper *)instance;
}

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	(void)error;
	if (!keeper)
		return NULL;
	keeper->instance.host = host;
	keeper->lives = 1;
	return &keeper->instance;
}

static void detach(struct vs_instance *instance)
{
	free(keeper_of(instance));
}

static const struct vs_state *configure(struct vs_instance *instance,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	(void)instance;
	(void)settings;
	if (CONFIGURES)
		return &state;
	vs_error_set(error, EINVAL, "", "keeper: not today");
	return NULL;
}

static size_t save(struct vs_instance *instance, const char *port,
		   uint8_t *bytes, size_t room)
{
	const struct keeper *keeper = keeper_of(instance);

	if (port)
		return 0;
	if (room >= sizeof(keeper->lives))
		memcpy(bytes, &keeper->lives, sizeof(keeper->lives));
	return sizeof(keeper->lives);
}

static int restore(struct vs_instance *instance, const struct vs_saved *saved,
		   struct vs_error *error)
{
	uint32_t lives;

	if (!RESTORES || saved->size != sizeof(lives))
		return vs_error_set(error, EINVAL, "",
				    "version %s is not understood",
				    saved->version);
	memcpy(&lives, saved->bytes, sizeof(lives));
	keeper_of(instance)->lives = lives + 1;
	return 0;
}

static int tell_lives(struct vs_instance *instance,
		      const struct vs_value *values, struct vs_reply *reply,
		      struct vs_error *error)
{
	(void)values;
	(void)error;
	reply->ops->number(reply, "lives", keeper_of(instance)->lives);
	return 0;
}

static const struct vs_filter_class filter = {NULL, NULL};

static const struct vs_field note_fields[] = {
	{.name = "note", .kind = VS_KIND_NAME, .help = "what is noted"},
};
static const struct vs_noun nouns[] = {
	{.name = "note",
	 .member = "notes",
	 .fields = note_fields,
	 .field_count = 1,
	 .help = "a note"},
};
static const struct vs_method methods[] = {
	{.verb = "lives", .run = tell_lives, .help = "how many there were"},
};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "keeper",
	.version = VERSION,
	.guid = GUID,
	.help = "what tests of reload exchange",
	.filter = &filter,
	.attach = attach,
	.detach = detach,
	.configure = configure,
	.nouns = nouns,
	.noun_count = 1,
	.methods = methods,
	.method_count = 1,
	.save = save,
	.restore = restore,
};
