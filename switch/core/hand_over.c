// SPDX-License-Identifier: Apache-2.0
/*
 * hand_over.c: what one instance saves and another one restores: its successor
 * in this process, or, of one port, its like on another host. It decides whose
 * bytes an extension may see: those of its own GUID. Main thread only.
 * Before: attachment.c; after: the successor's configure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attachment.h"
#include "core/guid.h"

/* An instance may grow between two questions, but not for ever. */
#define TRIES 4

/* *bytes is the caller's to free. How many, or -errno. */
static int64_t save(struct vs_attachment *attachment, const char *port,
		    uint8_t **bytes)
{
	const struct vs_extension *ext = attachment->ext;
	size_t room = 0, size = 0;

	for (int i = 0; i < TRIES; i++) {
		uint8_t *more;

		size = ext->save(attachment->instance, port, *bytes, room);
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

int64_t vs_attachment_save(struct vs_attachment *attachment, const char *port,
			   uint8_t **bytes, struct vs_error *error)
{
	int64_t size;

	*bytes = NULL;
	if (!attachment->ext->save)
		return 0;
	size = save(attachment, port, bytes);
	if (size > 0)
		return size;
	free(*bytes);
	*bytes = NULL;
	if (size < 0)
		vs_error_set(error, (int)-size, "", "%s could not save",
			     attachment->ext->name);
	return size;
}

int vs_attachment_restore(struct vs_attachment *attachment,
			  const struct vs_saved *saved, struct vs_error *error)
{
	const struct vs_extension *ext = attachment->ext;
	int refused;

	if (!guid_is(saved->guid, ext->guid))
		return vs_error_set(error, EPERM, "",
				    "it was saved by GUID %s, %s has %s",
				    saved->guid, ext->name, ext->guid);
	if (!ext->restore)
		return vs_error_set(error, ENOTSUP, "",
				    "version %s of %s restores nothing",
				    ext->version, ext->name);
	refused = ext->restore(attachment->instance, saved, error);
	if (refused && !error->code) /* it owes a reason */
		vs_error_set(error, -refused, "", "%s refuses it", ext->name);
	return refused;
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
	if (!guid_is(from->ext->guid, to->ext->guid))
		return vs_error_set(error, EPERM, "",
				    "what %s saved belongs to GUID %s",
				    from->ext->name, from->ext->guid);
	size = vs_attachment_save(from, NULL, &bytes, error);
	if (size > 0) {
		saved.bytes = bytes;
		saved.size = (size_t)size;
		refused = vs_attachment_restore(to, &saved, error);
		if (refused)
			size = refused;
	}
	free(bytes);
	return size;
}
