// SPDX-License-Identifier: Apache-2.0
/*
 * hand_over.c: what one instance saves and its successor restores. It decides
 * whose bytes an extension may see: those of its own GUID. Main thread only.
 * Before: attachment.c; after: the successor's configure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attachment.h"

/* An instance may grow between two questions, but not for ever. */
#define TRIES 4

/* *bytes is the caller's to free. How many, or -errno. */
static int64_t save(struct vs_attachment *attachment, uint8_t **bytes)
{
	const struct vs_extension *ext = attachment->ext;
	size_t room = 0, size = 0;

	*bytes = NULL;
	for (int i = 0; i < TRIES; i++) {
		uint8_t *more;

		size = ext->save(attachment->instance, NULL, *bytes, room);
		if (size <= room)
			return (int64_t)size;
		more = realloc(*bytes, size);
		if (!more)
			return -ENOMEM;
		*bytes = more;
		room = size;
	}
	return -EAGAIN;
}

int64_t vs_attachment_hand_over(struct vs_attachment *from,
				struct vs_attachment *to,
				struct vs_error *error)
{
	struct vs_saved saved = {.struct_size = sizeof(saved),
				 .guid = from->ext->guid,
				 .version = from->ext->version};
	uint8_t *bytes;
	int64_t size;
	int refused;

	if (!from->ext->save || !to->ext->restore)
		return 0;
	if (strcmp(from->ext->guid, to->ext->guid) != 0)
		return vs_error_set(error, EPERM, "",
				    "what %s saved belongs to GUID %s",
				    from->ext->name, from->ext->guid);
	size = save(from, &bytes);
	if (size > 0) {
		saved.bytes = bytes;
		saved.size = (size_t)size;
		refused = to->ext->restore(to->instance, &saved, error);
		if (refused)
			size = refused;
	} else if (size < 0) {
		vs_error_set(error, (int)-size, "", "%s could not save",
			     from->ext->name);
	}
	free(bytes);
	return size;
}
