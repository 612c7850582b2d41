// SPDX-License-Identifier: Apache-2.0
/*
 * reply.c: an answer's numbers, texts and rows as JSON, where they belong.
 */
#include "control/reply.h"

#include <stdlib.h>
#include <string.h>

#include "control/json_text.h"

static struct reply *reply_of(struct vs_reply *reply)
{
	return (struct reply *)reply;
}

static void put(struct reply *reply, const char *name, json_t *value)
{
	json_t *place = reply->stack[reply->depth];

	if (reply->lost || !value)
		json_decref(value);
	else if (json_is_array(place))
		json_array_append_new(place, value);
	else
		json_object_set_new(place, name ? name : "", value);
}

static void reply_text(struct vs_reply *reply, const char *name,
		       const char *text)
{
	put(reply_of(reply), name, json_text_string(text));
}

static void reply_number(struct vs_reply *reply, const char *name,
			 uint64_t number)
{
	/* JSON's integers here end at 2^63 - 1 */
	if (number > INT64_MAX)
		number = INT64_MAX;
	put(reply_of(reply), name, json_integer((json_int_t)number));
}

static void reply_truth(struct vs_reply *reply, const char *name, bool truth)
{
	put(reply_of(reply), name, json_boolean(truth));
}

static void open_new(struct reply *reply, const char *name, json_t *opened)
{
	if (reply->lost || !opened || reply->depth + 1 == REPLY_DEPTH) {
		json_decref(opened);
		reply->lost++;
		return;
	}
	put(reply, name, opened);
	reply->stack[++reply->depth] = opened;
}

static void reply_open_list(struct vs_reply *reply, const char *name)
{
	open_new(reply_of(reply), name, json_array());
}

static void reply_open_row(struct vs_reply *reply, const char *name)
{
	open_new(reply_of(reply), name, json_object());
}

static void reply_close(struct vs_reply *reply)
{
	struct reply *r = reply_of(reply);

	if (r->lost)
		r->lost--;
	else if (r->depth)
		r->depth--;
}

static const struct vs_reply_ops reply_ops = {
	.struct_size = sizeof(reply_ops),
	.text = reply_text,
	.number = reply_number,
	.truth = reply_truth,
	.open_list = reply_open_list,
	.open_row = reply_open_row,
	.close = reply_close,
};

void reply_start(struct reply *reply, json_t *whole)
{
	*reply = (struct reply){.reply = {.ops = &reply_ops}};
	reply->stack[0] = whole;
}
