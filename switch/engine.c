/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.c: the engine's life: what is opened in which order, the one timer,
 * the policy's owner. After it: engine_build.c for what a policy means,
 * engine_port.c for devices, engine_show.c for what clients ask.
 */
#include "engine.h"

#include <errno.h>
#include <grp.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine_boot.h"
#include "engine_closing.h"
#include "engine_fast.h"
#include "engine_methods.h"
#include "engine_store.h"
#include "engine_switch.h"
#include "io/fast.h"
#include "loader.h"
#include "log.h"

#define IDLE_NS 1000000000ull

/* Nouns that are known to exist in the world, for `vsctl ca` without WNV. */
static const struct schema_absent known_nouns[] = {
	{"network", "wnv"}, {"subnet", "wnv"}, {"ca", "wnv"},
	{"route", "wnv"},   {"pa", "wnv"},     {"paroute", "wnv"},
	{"peer", "wnv"},    {"l2only", "wnv"}, {"gateway", "wnv"},
	{"group", "wnv"},
};

static struct engine *of_policy(struct policy_owner *owner)
{
	return (struct engine *)owner;
}

/* -- the policy's owner ---------------------------------------------------- */

static int owner_prepare(struct policy_owner *owner,
			 const struct store *candidate,
			 struct cursor_maker *warnings, struct vs_error *error)
{
	int result = engine_build(of_policy(owner), candidate, warnings, error);

	if (result)
		log_debug(LOG_CONTROL, "refused: %s%s%s", error->path,
			  error->path[0] ? ": " : "", error->text);
	return result;
}

static void owner_commit(struct policy_owner *owner,
			 const struct store *candidate)
{
	engine_build_commit(of_policy(owner), candidate);
	engine_commit_note(of_policy(owner));
	engine_hurry(of_policy(owner));
}

static void owner_abort(struct policy_owner *owner)
{
	engine_build_abort(of_policy(owner));
}

static const struct vs_port_info *owner_port(struct policy_owner *owner,
					     const struct vs_object *object)
{
	return engine_build_port(of_policy(owner), object);
}

static const struct policy_owner_ops owner_ops = {
	.prepare = owner_prepare,
	.commit = owner_commit,
	.abort = owner_abort,
	.persist = engine_store_persist,
	.compact = engine_store_compact,
	.port = owner_port,
};

static const struct vs_port_info *maker_port(struct cursor_maker *maker,
					     const struct vs_object *object)
{
	return engine_build_port(
		(struct engine *)((char *)maker -
				  offsetof(struct engine, maker)),
		object);
}

/* A rebuild repeats what was accepted; what it remarks is about devices. */
static void maker_warn(struct cursor_maker *maker,
		       const struct vs_object *object, const char *text)
{
	struct switch_remarks *remarks =
		((struct engine *)((char *)maker -
				   offsetof(struct engine, maker)))
			->remarks;

	(void)object; /* the text names it */
	if (remarks && remarks->count < ENGINE_WARNINGS)
		snprintf(remarks->text[remarks->count++],
			 sizeof(remarks->text[0]), "%s", text);
}

static const struct cursor_maker_ops maker_ops = {.port = maker_port,
						  .warn = maker_warn};

/* -- events and time
 * ----------------------------------------------------------- */

void engine_event(struct engine *engine, const struct event_said *said)
{
	struct timespec wall;
	struct vs_reply *reply;

	event_log_say(engine->run.events, said);
	if (!engine->server || !request_listened(engine->server))
		return;
	clock_gettime(CLOCK_REALTIME, &wall);
	reply = request_event(engine->server, said->name);
	if (!reply)
		return;
	reply->ops->number(reply, "time", (uint64_t)wall.tv_sec);
	reply->ops->text(reply, "switch", said->sw);
	reply->ops->text(reply, "source", said->source);
	reply->ops->text(reply, "name", said->name);
	reply->ops->text(reply, "text", said->text);
	request_event_send(engine->server, NULL);
}

void engine_hurry(struct engine *engine)
{
	if (!engine->run.stopping)
		loop_timer_set(engine->loop, &engine->timer, 0);
}

/*
 * A large document, read or applied, takes several times the memory of what is
 * kept of it, in pieces between which that lies: when all is done, the
 * allocator is told to give the pages back.
 */
#define TRIM_NS UINT64_C(500000000)

void engine_trim_soon(struct engine *engine)
{
	engine->run.trim_ns = loop_now_ns() + TRIM_NS;
}

/* The next time to ask; UINT64_MAX = none. */
static uint64_t trim(struct engine *engine, uint64_t now)
{
	if (engine->run.trim_ns && now >= engine->run.trim_ns) {
		engine->run.trim_ns = 0;
		malloc_trim(0);
	}
	return engine->run.trim_ns ? engine->run.trim_ns : UINT64_MAX;
}

static void timer_expired(struct loop_timer *timer)
{
	struct engine *engine =
		(struct engine *)((char *)timer -
				  offsetof(struct engine, timer));
	uint64_t now = loop_now_ns(), next, confirm, trimming;
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	confirm = policy_tick(engine->policy, now, wall.tv_sec);
	next = engine_switch_poll(engine, now);
	trimming = trim(engine, now);
	if (confirm < next)
		next = confirm;
	if (trimming < next)
		next = trimming;
	if (next > now + IDLE_NS)
		next = now + IDLE_NS;
	loop_timer_set(engine->loop, timer, next > now ? next - now : 0);
}

static void privileged_ready(struct loop_watch *watch, unsigned int what)
{
	struct engine *engine =
		(struct engine *)((char *)watch -
				  offsetof(struct engine, privileged_watch));

	(void)what;
	privileged_run(engine->privileged);
}

static void link_gone(struct pump_owner *owner)
{
	struct engine *engine =
		(struct engine *)((char *)owner -
				  offsetof(struct engine, pump_owner));

	loop_wake(&engine->gone_wake);
}

static void gone_woken(struct loop_wake *wake)
{
	engine_port_gone((struct engine *)((char *)wake -
					   offsetof(struct engine, gone_wake)));
}

static void signal_caught(struct loop_signal *caught, int number)
{
	struct engine *engine =
		(struct engine *)((char *)(number == SIGTERM ? caught
							     : caught - 1) -
				  offsetof(struct engine, signals));

	log_info(LOG_ENGINE, "signal %d: leaving", number);
	loop_stop(engine->loop);
}

/* -- sinks
 * ------------------------------------------------------------------------ */

static void sink_broken(struct writer_watcher *watcher, int sink, int error)
{
	(void)watcher;
	if (error != EPIPE && error != -EPIPE)
		log_warnx(LOG_IO, "capture %d: %s", sink, strerror(abs(error)));
}

int engine_open_sink(struct engine *engine, const char *name,
		     struct vs_error *error)
{
	struct priv_request request = {.op = PRIV_OPEN_FILE,
				       .role = PRIV_FILE_CAPTURE,
				       .flags = PRIV_FLAG_WRITE |
						PRIV_FLAG_TRUNCATE};
	int fd, sink;

	if (name) {
		snprintf(request.path, sizeof(request.path), "%s", name);
		fd = engine_ask_now(engine, &request, error);
		if (fd < 0)
			return fd;
	} else {
		fd = engine->calling ? request_take_fd(engine->calling) : -1;
		if (fd < 0)
			return vs_error_set(error, EBADF, "",
					    "no file descriptor came with the "
					    "request; use vsctl capture");
	}
	sink = writer_sink_open(engine->writer, fd, &engine->sink_watcher);
	if (sink < 0) {
		close(fd);
		return vs_error_set(error, -sink, "", "too many captures");
	}
	return sink;
}

/* -- extensions
 * ----------------------------------------------------------------- */

static int load_schema(struct engine *engine, struct vs_error *error)
{
	struct schema_config config = {
		.extensions = engine->library.extensions,
		.extension_count = engine->library.count,
		.absent = known_nouns,
		.absent_count = sizeof(known_nouns) / sizeof(known_nouns[0]),
	};

	return schema_create(&engine->schema, &config, error);
}

/* -- life
 * ------------------------------------------------------------------------- */

/* What would end the process, and with it every VM's network, says nothing to
 * a switch: there is nothing to read again. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2,
				      SIGALRM};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

static int open_loop(struct engine *engine)
{
	int result = loop_create(&engine->loop);

	engine->timer.expired = timer_expired;
	engine->privileged_watch.ready = privileged_ready;
	engine->gone_wake.woken = gone_woken;
	engine->gone_wake.fd = -1;
	engine->signals[0].caught = engine->signals[1].caught = signal_caught;
	ignore_signals();
	if (!result)
		result = loop_signal_add(engine->loop, &engine->signals[0],
					 SIGTERM);
	if (!result)
		result = loop_signal_add(engine->loop, &engine->signals[1],
					 SIGINT);
	if (!result)
		result = loop_wake_add(engine->loop, &engine->gone_wake);
	return result;
}

static int open_privileged(struct engine *engine, struct vs_error *error)
{
	struct priv_config config = {
		.rundir = engine->config.rundir,
		.statedir = engine->config.statedir,
		.extension_dir = engine->config.extension_dir,
		.group = engine->config.group,
	};
	int result = privileged_open(&engine->privileged, &config);

	if (!result)
		result = loop_watch_add(engine->loop, &engine->privileged_watch,
					privileged_fd(engine->privileged),
					LOOP_READ);
	if (!result)
		result = writer_create(&engine->writer, engine->loop);
	if (!result)
		result = engine_closing_create(engine);
	return result ? vs_error_set(error, -result, "", "%s",
				     strerror(-result))
		      : 0;
}

static int open_policy(struct engine *engine, struct vs_error *error)
{
	struct policy_config config = {
		.host = engine->config.host[0] ? engine->config.host : NULL,
		.owner = &engine->policy_owner};
	int result = engine_ext_load_all(engine, error);

	engine->policy_owner.ops = &owner_ops;
	engine->maker.ops = &maker_ops;
	if (!result)
		result = load_schema(engine, error);
	if (result)
		return result;
	config.schema = engine->schema;
	result = policy_create(&engine->policy, &config);
	return result ? vs_error_set(error, -result, "", "no memory") : 0;
}

static int open_pump(struct engine *engine, struct vs_error *error)
{
	struct pump_params params = {
		.fast = engine->run.fast,
		.workers = engine->config.workers,
		.spin_us = engine->config.spin_us < 0
				   ? PUMP_SPIN_AUTO
				   : (uint32_t)engine->config.spin_us,
		.owner = &engine->pump_owner,
	};
	int result;

	engine->pump_owner.link_gone = link_gone;
	engine->watch_owner = engine_watch_calls;
	engine->sink_watcher.broken = sink_broken;
	result = watch_create(&engine->watch, engine->loop, engine->privileged,
			      &engine->watch_owner);
	if (result)
		return vs_error_set(error, -result, "", "watching devices: %s",
				    strerror(-result));
	return pump_create(&engine->pump, &params, error);
}

static int open_server(struct engine *engine, struct vs_error *error)
{
	struct request_config config = {.policy = engine->policy,
					.engine = &engine->methods};
	int result;

	engine->methods.methods = engine_methods;
	engine->methods.method_count = engine_method_count;
	engine->methods.map = engine_map;
	engine->methods.unmap = engine_unmap;
	engine->methods.status = engine_status;
	engine->methods.list = engine_list;
	engine->methods.call = engine_call;
	engine->methods.built_in = engine_built_in;
	engine->methods.save_port = engine_save_port;
	engine->methods.restore_port = engine_restore_port;
	result = request_server_create(&engine->server, &config);
	return result ? vs_error_set(error, -result, "", "no memory") : 0;
}

/* A group that was named is asked for by privileged_file.c. */
static void warn_of_group(const struct engine *engine)
{
	if (!engine->config.group[0] && !getgrnam(VS_RPC_GROUP))
		log_warnx(LOG_ENGINE,
			  "there is no group %s: only root may use %s/%s",
			  VS_RPC_GROUP, engine->config.rundir, VS_RPC_SOCKET);
}

static int open_socket(struct engine *engine, struct vs_error *error)
{
	struct priv_request request = {.op = PRIV_OPEN_LISTENER};
	int result, listener;

	snprintf(request.path, sizeof(request.path), "%s", VS_RPC_SOCKET);
	listener = engine_ask_now(engine, &request, error);
	if (listener < 0)
		return listener;
	warn_of_group(engine);
	result = ctl_socket_open(&engine->socket, engine->loop, listener,
				 engine->server, &engine->ctl_owner);
	if (!result)
		return 0;
	close(listener);
	return vs_error_set(error, -result, "", "control socket: %s",
			    strerror(-result));
}

int engine_create(struct engine **created, const struct daemon_config *config,
		  struct vs_error *error)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	int result;

	*created = engine;
	if (!engine)
		return vs_error_set(error, ENOMEM, "", "no memory");
	engine->run.events = event_log_create();
	if (!engine->run.events)
		return vs_error_set(error, ENOMEM, "", "no memory");
	engine->config = *config;
	engine->run.started_ns = loop_now_ns();
	result = open_loop(engine);
	if (result)
		return vs_error_set(error, -result, "", "event loop: %s",
				    strerror(-result));
	result = open_privileged(engine, error);
	if (!result)
		result = open_policy(engine, error);
	if (!result)
		engine_fast_open(engine);
	if (!result)
		result = open_pump(engine, error);
	return result ? result : open_server(engine, error);
}

int engine_start(struct engine *engine, struct vs_error *error)
{
	int result = engine_store_open(engine, error);

	engine->run.features = engine_probe(engine);
	if (!result) {
		engine_boot_load(engine);
		result = engine_store_load(engine, error);
		engine_boot_end(engine);
	}
	engine_trim_soon(engine);
	if (!result)
		result = open_socket(engine, error);
	if (!result)
		engine_hurry(engine);
	return result;
}

int engine_run(struct engine *engine)
{
	return loop_run(engine->loop);
}

static void remove_socket(const struct engine *engine)
{
	char path[DAEMON_PATH_SIZE + sizeof(VS_RPC_SOCKET) + 1];

	snprintf(path, sizeof(path), "%s/%s", engine->config.rundir,
		 VS_RPC_SOCKET);
	unlink(path);
}

void engine_destroy(struct engine *engine)
{
	if (!engine)
		return;
	engine->run.stopping = true;
	engine_stats_flush(engine);
	if (engine->socket) {
		engine_boot_store(engine);
		ctl_socket_close(engine->socket);
		remove_socket(engine);
	}
	pump_destroy(engine->pump);
	engine->pump = NULL;
	engine_switch_finish(engine);
	if (engine->watch)
		watch_destroy(engine->watch);
	if (engine->writer)
		writer_destroy(engine->writer);
	if (engine->server)
		request_server_destroy(engine->server);
	policy_destroy(engine->policy);
	schema_destroy(engine->schema);
	loader_destroy(engine->library.loader);
	/* who gets the lock next finds every name free */
	engine_closing_destroy(engine);
	engine_store_close(engine);
	fast_destroy(engine->run.fast);
	if (engine->privileged) {
		loop_watch_remove(&engine->privileged_watch);
		privileged_close(engine->privileged);
	}
	if (engine->loop) {
		loop_timer_remove(&engine->timer);
		loop_wake_remove(&engine->gone_wake);
		loop_signal_remove(&engine->signals[0]);
		loop_signal_remove(&engine->signals[1]);
	}
	loop_destroy(engine->loop);
	event_log_destroy(engine->run.events);
	free(engine);
}
