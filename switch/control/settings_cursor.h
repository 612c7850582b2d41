/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_cursor.h: vswitch/settings.h's cursor over a store, for one switch.
 *
 * What configure() of an extension gets: objects of the document's top are all
 * seen, those below a switch only if it is this one. Before this file:
 * store.h. After it: an extension's configure, called by the engine.
 */
#ifndef CONTROL_SETTINGS_CURSOR_H
#define CONTROL_SETTINGS_CURSOR_H

#include <vswitch/settings.h>

#include "control/store.h"

struct change_list;
struct cursor_maker;

/* What a cursor asks its maker; both may be NULL. */
struct cursor_maker_ops {
	/* the attachment of a port or uplink object, NULL = none yet */
	const struct vs_port_info *(*port)(struct cursor_maker *maker,
					   const struct vs_object *object);
	void (*warn)(struct cursor_maker *maker, const struct vs_object *object,
		     const char *text);
};
struct cursor_maker {
	const struct cursor_maker_ops *ops;
	/* what is true now, NULL = not known; and how the cursor's store
	 * differs from it, NULL = not at all */
	const struct store *before;
	const struct change_list *changes;
	bool forced; /* what is in use may go */
	/* out: somebody asked what differs, and may have remarked on that only
	 */
	bool asked;
};

struct settings_cursor {
	struct vs_settings settings; /* give &cursor.settings to configure */
	const struct store *store;
	const struct vs_object *sw;
	struct cursor_maker *maker;
};

/* settings_cursor_open - over a sealed store; nothing to close. */
void settings_cursor_open(struct settings_cursor *cursor,
			  const struct store *store, const struct vs_object *sw,
			  struct cursor_maker *maker);

#endif
