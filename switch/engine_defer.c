/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_defer.c: see engine_defer.h. A call waits for two minutes at most.
 * Before it: engine_methods.c, and the extension by way of its host. After it:
 * the client.
 */
#include "engine_defer.h"

#include <errno.h>
#include <stdlib.h>

#define WAIT_NS	 UINT64_C(120000000000)
#define DEFERRED 64u

struct engine_deferred {
	struct loop_timer timer; /* first */
	struct engine_deferred *next;
	struct engine_switch *es;
	struct request_call *call;
	int token;
};

static void forget(struct engine_deferred *deferred)
{
	struct engine_deferred **at = &deferred->es->engine->run.deferred;

	while (*at != deferred)
		at = &(*at)->next;
	*at = deferred->next;
	loop_timer_remove(&deferred->timer);
	free(deferred);
}

static void refuse(struct engine_deferred *deferred,
		   const struct vs_error *error)
{
	struct request_call *call = deferred->call;

	forget(deferred);
	request_refuse(call, error);
}

static void expired(struct loop_timer *timer)
{
	struct vs_error error = {0};

	vs_error_set(&error, ETIMEDOUT, "", "the extension did not answer");
	refuse((struct engine_deferred *)timer, &error);
}

static struct engine_deferred *find(const struct engine_switch *es, int token)
{
	struct engine_deferred *deferred = es->engine->run.deferred;

	while (deferred && (deferred->es != es || deferred->token != token))
		deferred = deferred->next;
	return deferred;
}

static unsigned int count(const struct engine *engine)
{
	const struct engine_deferred *deferred = engine->run.deferred;
	unsigned int waiting = 0;

	for (; deferred; deferred = deferred->next)
		waiting++;
	return waiting;
}

int engine_defer(struct engine_switch *es)
{
	struct engine *engine = es->engine;
	struct engine_deferred *deferred;

	if (!engine->calling)
		return -EINVAL;
	if (count(engine) >= DEFERRED)
		return -EBUSY;
	deferred = calloc(1, sizeof(*deferred));
	if (!deferred)
		return -EBUSY;
	deferred->timer.expired = expired;
	if (loop_timer_set(engine->loop, &deferred->timer, WAIT_NS)) {
		free(deferred);
		return -EBUSY;
	}
	engine->run.token = engine->run.token % 1000000 + 1;
	deferred->token = engine->run.token;
	deferred->es = es;
	deferred->call = engine->calling;
	deferred->next = engine->run.deferred;
	engine->run.deferred = deferred;
	request_defer(engine->calling);
	engine_hurry(engine);
	return deferred->token;
}

void engine_defer_undo(struct engine *engine, const struct request_call *call)
{
	struct engine_deferred *deferred = engine->run.deferred;

	while (deferred && deferred->call != call)
		deferred = deferred->next;
	if (deferred)
		forget(deferred);
}

struct vs_reply *engine_deferred(struct engine_switch *es, int token)
{
	struct engine_deferred *deferred = find(es, token);

	return deferred ? request_reply(deferred->call) : NULL;
}

void engine_deferred_answer(struct engine_switch *es, int token,
			    const struct vs_error *error)
{
	struct engine_deferred *deferred = find(es, token);
	struct request_call *call;

	if (!deferred || deferred->call == es->engine->calling)
		return;
	if (error) {
		refuse(deferred, error);
		return;
	}
	call = deferred->call;
	forget(deferred);
	request_finish(call);
}

void engine_defer_leave(struct engine_switch *es)
{
	struct engine_deferred *deferred = es->engine->run.deferred, *next;
	struct vs_error error = {0};

	vs_error_set(&error, ENOENT, "", "switch %s is gone", es->name);
	for (; deferred; deferred = next) {
		next = deferred->next;
		if (deferred->es == es)
			refuse(deferred, &error);
	}
}
