// SPDX-License-Identifier: Apache-2.0
/*
 * ended.c: why streams of the method ended. The client that reads one finds
 * its pipe at the end and asks; the last few are remembered for that.
 *
 * Before it: stream_end(). After it: `capture ended`, which vsctl asks.
 */
#include <errno.h>

#include "capture.h"

const struct vs_field ended_arguments[ENDED_ARGUMENTS] = {
	[ENDED_STREAM] = {.name = "stream",
			  .kind = VS_KIND_NUMBER,
			  .flags = VS_FIELD_REQUIRED,
			  .help = "the number that capture answered"},
};

void ended_note(struct instance *instance, const struct stream *stream,
		enum stream_end why)
{
	struct ended *place = &instance->ended[instance->ended_next];

	*place = (struct ended){.number = stream->number, .why = why};
	instance->ended_next = (instance->ended_next + 1) % ENDED;
}

int ended_run(struct vs_instance *base, const struct vs_value *values,
	      struct vs_reply *reply, struct vs_error *error)
{
	static const char *const words[] = {[STREAM_COUNT] = "count",
					    [STREAM_PORT] = "port",
					    [STREAM_BROKEN] = "broken"};
	const struct instance *instance = (const struct instance *)base;
	uint64_t number = values[ENDED_STREAM].number;

	for (uint32_t i = 0; i < ENDED; i++) {
		if (!number || instance->ended[i].number != number)
			continue;
		reply->ops->text(reply, "why", words[instance->ended[i].why]);
		return 0;
	}
	return vs_error_set(error, ENOENT, "stream",
			    "no such stream ended lately");
}
