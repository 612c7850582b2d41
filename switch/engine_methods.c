/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_methods.c: the engine's own methods of the control socket, as a table
 * for control/request.c, and the small ones among them. What they look at is
 * in engine_show.c, engine_count.c and engine_trace.c.
 */
#define _GNU_SOURCE /* memfd seals */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "control/host_nouns.h"
#include "engine_defer.h"
#include "engine_methods.h"
#include "engine_ping.h"
#include "engine_switch.h"
#include "log.h"

static void hello(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_reply *reply = request_reply(call);
	struct utsname host;
	uint8_t features = engine->run.features;

	reply->ops->text(reply, "version", VS_VERSION);
	reply->ops->number(reply, "abi", VS_ABI);
	reply->ops->text(reply, "build", VS_BUILD_ID);
	reply->ops->open_row(reply, "limits");
	reply->ops->number(reply, "line", VS_RPC_LINE_SIZE);
	reply->ops->number(reply, "depth", VS_RPC_DEPTH);
	reply->ops->number(reply, "clients", VS_RPC_CLIENTS);
	reply->ops->close(reply);
	reply->ops->open_row(reply, "probes");
	reply->ops->text(reply, "kernel", uname(&host) ? "?" : host.release);
	reply->ops->truth(reply, "vnet_hdr", features & PRIV_HAS_VNET);
	reply->ops->truth(reply, "tcp_segmentation", features & PRIV_HAS_TSO);
	reply->ops->truth(reply, "udp_segmentation", features & PRIV_HAS_USO);
	reply->ops->truth(reply, "fast_path", engine->run.fast);
	reply->ops->number(reply, "workers", engine->config.workers);
	reply->ops->close(reply);
	reply->ops->open_list(reply, "extensions");
	for (uint16_t i = 0; i < engine->library.count; i++) {
		reply->ops->open_row(reply, NULL);
		reply->ops->text(reply, "name",
				 engine->library.extensions[i]->name);
		reply->ops->text(reply, "version",
				 engine->library.extensions[i]->version);
		reply->ops->close(reply);
	}
	reply->ops->close(reply);
	request_finish(call);
}

static void monitor(struct request_engine *methods, struct request_call *call)
{
	struct vs_reply *reply = request_reply(call);

	(void)methods;
	reply->ops->truth(reply, "subscribed", true);
	request_subscribe(call);
	request_finish(call);
}

static const char *const level_names[] = {"fatal", "warn", "info", "debug",
					  NULL};
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVELS + 1,
	       "one name each");

static const struct vs_field level_params[] = {
	{.name = "module",
	 .kind = VS_KIND_NAME,
	 .flags = VS_FIELD_REQUIRED,
	 .help = "engine, io, core, control, keeper, loader, an extension, or "
		 "all"},
	{.name = "level",
	 .kind = VS_KIND_CHOICE,
	 .flags = VS_FIELD_REQUIRED,
	 .choices = level_names,
	 .help = "what is written to the log from now on"},
};

static void refuse_module(const char *module, struct vs_error *error)
{
	char names[300] = "";
	const char *name;
	size_t size = 0;

	for (unsigned int i = 0; (name = log_module_name(i)); i++)
		if (size < sizeof(names))
			size += (size_t)snprintf(names + size,
						 sizeof(names) - size, "%s, ",
						 name);
	vs_error_set(error, ENOENT, "module", "no module \"%s\"; try %sor all",
		     module, names);
}

static void log_level(struct request_engine *methods, struct request_call *call)
{
	const char *module = request_value(call, 0)->text;
	struct vs_error error = {0};

	(void)methods;
	if (log_set_level(module,
			  (enum log_level)request_value(call, 1)->choice)) {
		refuse_module(module, &error);
		request_refuse(call, &error);
		return;
	}
	request_finish(call);
}

static void flush_fdb(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	const struct vs_value *name = request_value(call, 0);
	struct vs_reply *reply = request_reply(call);
	uint64_t flushed = 0;

	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		if (name->present && strcmp(es->name, name->text) != 0)
			continue;
		flushed += vs_table_flush(vs_switch_macs(es->sw), UINT32_MAX);
		vs_switch_changed(es->sw);
	}
	reply->ops->number(reply, "flushed", flushed);
	request_finish(call);
}

/* -- captures: a method of the capture extension, found by its name
 * ------------- */

static const char *const capture_ways[] = {"in", "out", "both", NULL};

static const struct vs_field capture_params[] = {
	{.name = "port", .kind = VS_KIND_TEXT, .help = "a port, or wire"},
	{.name = "filter", .kind = VS_KIND_TEXT, .help = "a pcap filter"},
	{.name = "snap",
	 .kind = VS_KIND_NUMBER,
	 .minimum = 14,
	 .maximum = 262144,
	 .help = "bytes kept of each frame"},
	{.name = "count",
	 .kind = VS_KIND_NUMBER,
	 .minimum = 1,
	 .maximum = UINT32_MAX,
	 .help = "stop after so many frames"},
	{.name = "direction",
	 .kind = VS_KIND_CHOICE,
	 .choices = capture_ways,
	 .help = "the VM's view"},
};

/* Our parameter for the extension's argument of the same name. */
static void match_arguments(struct request_call *call,
			    const struct vs_method *method,
			    struct vs_value *values)
{
	static const struct vs_value absent;
	static const struct vs_value yes = {
		.kind = VS_KIND_BOOL, .present = true, .truth = true};
	const struct vs_value *port = request_value(call, 0);
	bool wire = port->present && !strcmp(port->text, "wire");

	for (uint16_t i = 0; i < method->argument_count; i++) {
		const char *name = method->arguments[i].name;

		values[i] = absent;
		if (!strcmp(name, "wire") && wire)
			values[i] = yes;
		for (uint16_t k = wire ? 1 : 0; k < 5; k++)
			if (!strcmp(name, capture_params[k].name))
				values[i] = *request_value(call, k);
	}
}

static struct engine_member *capturing(struct engine *engine, const char *port,
				       const struct vs_method **method,
				       struct vs_error *error)
{
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		if (port && strcmp(port, "wire") != 0 &&
		    !engine_port_find(es, port))
			continue;
		for (uint16_t i = 0; i < es->stack_count; i++) {
			const struct vs_extension *ext = es->stack[i].extension;

			if (strcmp(ext->name, "capture") != 0)
				continue;
			for (uint16_t k = 0; k < ext->method_count; k++) {
				*method = &ext->methods[k];
				if (!strcmp((*method)->verb, "stream"))
					return &es->stack[i];
			}
		}
		vs_error_set(error, ENOTSUP, "",
			     "the capture extension is not on the stack of "
			     "switch %s; vsctl switch set %s "
			     "stack=capture,wnv",
			     es->name, es->name);
		return NULL;
	}
	vs_error_set(error, ENOENT, "port",
		     "no port \"%s\"; vsctl port lists them", port ? port : "");
	return NULL;
}

static void capture(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	const struct vs_value *port = request_value(call, 0);
	struct vs_value values[SCHEMA_FIELDS];
	const struct vs_method *method;
	struct vs_error error = {0};
	struct engine_member *member;
	int result;

	member = capturing(engine, port->present ? port->text : NULL, &method,
			   &error);
	if (!member || method->argument_count > SCHEMA_FIELDS) {
		request_refuse(call, &error);
		return;
	}
	match_arguments(call, method, values);
	engine->calling = call;
	result = method->run(vs_attachment_instance(member->attachment), values,
			     request_reply(call), &error);
	engine->calling = NULL;
	if (result)
		request_refuse(call, &error);
	else
		request_finish(call);
}

/* -- a method of an extension, by vsctl NOUN VERB
 * -------------------------------- */

static int run_on(struct engine *engine, const struct engine_member *member,
		  const struct request_run *run, struct vs_reply *reply,
		  struct vs_error *error)
{
	int result;

	engine->calling = run->call;
	result = run->method->run(vs_attachment_instance(member->attachment),
				  run->values, reply, error);
	if (result)
		engine_defer_undo(engine, run->call);
	engine->calling = NULL;
	return result;
}

int engine_call(struct request_engine *methods,
		const struct vs_extension *extension,
		const struct request_run *run, struct vs_reply *reply,
		struct vs_error *error)
{
	struct engine *engine = engine_of_methods(methods);

	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		if (run->sw && strcmp(run->sw, es->name) != 0)
			continue;
		for (uint16_t i = 0; i < es->stack_count; i++)
			if (es->stack[i].extension == extension)
				return run_on(engine, &es->stack[i], run, reply,
					      error);
	}
	return vs_error_set(error, ENOENT, "",
			    "extension %s is on the stack of no switch%s%s: "
			    "vsctl ext enable %s",
			    extension->name, run->sw ? " named " : "",
			    run->sw ? run->sw : "", extension->name);
}

void engine_status(struct request_engine *methods,
		   const struct vs_object *object, struct vs_reply *reply)
{
	struct engine *engine = engine_of_methods(methods);
	const struct schema_noun *noun = object_noun(object);
	const struct vs_object *sw = object_switch(object);
	const struct vs_object *parent = object_parent(object);

	if (noun->noun == &host_nouns[HOST_ACL])
		engine_acl_status(engine, object, reply);
	if (noun->noun == &host_nouns[HOST_PORT])
		engine_port_status(engine, object, reply);
	if (!noun->extension || !noun->extension->status)
		return;
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		if (sw && strcmp(es->name, object_key(sw)) != 0)
			continue;
		for (uint16_t i = 0; i < es->stack_count; i++) {
			if (es->stack[i].extension != noun->extension)
				continue;
			noun->extension->status(
				vs_attachment_instance(es->stack[i].attachment),
				noun->noun, parent ? object_key(parent) : "",
				object_key(object), reply);
			return;
		}
	}
}

void engine_list(struct request_engine *methods,
		 const struct vs_extension *extension,
		 const struct vs_noun *noun, struct vs_rows *rows)
{
	struct engine *engine = engine_of_methods(methods);

	if (!extension->list)
		return;
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (uint16_t i = 0; i < es->stack_count; i++)
			if (es->stack[i].extension == extension)
				extension->list(
					vs_attachment_instance(
						es->stack[i].attachment),
					noun, rows);
}

/* -- documents too large for a line
 * ------------------------------------------------ */

int engine_map(struct request_engine *methods, int fd, const char **bytes,
	       size_t *size, struct vs_error *error)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	struct stat info;
	void *mapped;

	(void)methods;
	if ((fcntl(fd, F_GET_SEALS) & seals) != seals)
		return vs_error_set(error, EINVAL, "fd",
				    "not a memfd sealed against writing and "
				    "resizing");
	if (fstat(fd, &info) || info.st_size <= 0)
		return vs_error_set(error, EINVAL, "", "the document is empty");
	if (info.st_size > VS_RPC_DOCUMENT_SIZE)
		return vs_error_set(error, E2BIG, "fd", "over %d bytes",
				    VS_RPC_DOCUMENT_SIZE);
	mapped =
		mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED)
		return vs_error_set(error, errno, "fd", "%s", strerror(errno));
	*bytes = mapped;
	*size = (size_t)info.st_size;
	return 0;
}

void engine_unmap(struct request_engine *methods, const char *bytes,
		  size_t size)
{
	munmap((void *)(uintptr_t)bytes, size);
	engine_trim_soon(engine_of_methods(methods));
}

/* -- the table
 * ------------------------------------------------------------------------ */

static const struct vs_field switch_param[] = {
	{.name = "switch", .kind = VS_KIND_NAME, .help = "this switch only"},
};

static const struct vs_field stats_params[] = {
	{.name = "port", .kind = VS_KIND_TEXT, .help = "this port only"},
};

static const struct vs_field flows_params[] = {
	{.name = "port",
	 .kind = VS_KIND_TEXT,
	 .flags = VS_FIELD_REQUIRED,
	 .help = "the port with the stateful rules"},
	{.name = "limit",
	 .kind = VS_KIND_NUMBER,
	 .maximum = UINT32_MAX,
	 .unset = "1000",
	 .help = "so many flows at most; all are counted"},
};

static const struct vs_field drops_params[] = {
	{.name = "port", .kind = VS_KIND_TEXT, .help = "this port only"},
	{.name = "vsid",
	 .kind = VS_KIND_NUMBER,
	 .maximum = VS_VSID_MAXIMUM,
	 .help = "this VSID only"},
	{.name = "reason",
	 .kind = VS_KIND_TEXT,
	 .help = "this reason only; EXTENSION:REASON, too"},
};

static const struct vs_field ext_params[] = {
	{.name = "name",
	 .kind = VS_KIND_NAME,
	 .flags = VS_FIELD_REQUIRED,
	 .help = "the extension"},
	{.name = "path",
	 .kind = VS_KIND_TEXT,
	 .maximum = 4095,
	 .help = "its file, in the extension directory"},
};

static const struct vs_field trace_params[] = {
	{.name = "port",
	 .kind = VS_KIND_TEXT,
	 .unset = "with bytes: the uplink that has their target",
	 .help = "where the frame comes in"},
	{.name = "frame",
	 .kind = VS_KIND_TEXT,
	 .maximum = 511,
	 .help = "the frame in words, as in tcp 10.0.0.7:443"},
	{.name = "bytes",
	 .kind = VS_KIND_TEXT,
	 .maximum = 4096,
	 .help = "instead of words: the frame in hex"},
	{.name = "hex",
	 .kind = VS_KIND_BOOL,
	 .help = "say the bytes of what leaves"},
};

static const struct vs_field ping_params[] = {
	[PING_PORT] = {.name = "port",
		       .kind = VS_KIND_TEXT,
		       .flags = VS_FIELD_REQUIRED,
		       .help = "the port whose VM it is sent for"},
	[PING_CA] = {.name = "ca",
		     .kind = VS_KIND_IP,
		     .flags = VS_FIELD_REQUIRED,
		     .help = "the customer address that is asked"},
	[PING_SOURCE] = {.name = "src",
			 .kind = VS_KIND_IP,
			 .unset = "the port's address",
			 .help = "the address that it is sent from"},
	[PING_VLAN] = {.name = "vlan",
		       .kind = VS_KIND_NUMBER,
		       .maximum = 4094,
		       .help = "on a port with an rdmap: the tenant's tag"},
	[PING_SIZE] = {.name = "size",
		       .kind = VS_KIND_NUMBER,
		       .minimum = VS_ECHO_COOKIE,
		       .maximum = 9000,
		       .unset = "56",
		       .help = "bytes of payload"},
	[PING_DF] = {.name = "df",
		     .kind = VS_KIND_BOOL,
		     .unset = "off",
		     .help = "IPv4: must not be fragmented on its way"},
	[PING_TTL] = {.name = "ttl",
		      .kind = VS_KIND_NUMBER,
		      .minimum = 1,
		      .maximum = 255,
		      .unset = "64",
		      .help = "time to live, or hop limit"},
	[PING_SEQUENCE] = {.name = "seq",
			   .kind = VS_KIND_NUMBER,
			   .maximum = 65535,
			   .unset = "1",
			   .help = "its sequence number"},
	[PING_WAIT] = {.name = "wait",
		       .kind = VS_KIND_NUMBER,
		       .minimum = 1,
		       .maximum = 60000,
		       .unset = "1000",
		       .help = "ms to wait for the reply"},
};
_Static_assert(sizeof(ping_params) / sizeof(ping_params[0]) == PING_PARAMS,
	       "one each");

#define COUNT(array) ((uint16_t)(sizeof(array) / sizeof((array)[0])))

const struct request_method engine_methods[] = {
	{"hello", NULL, 0, hello},
	{"show", NULL, 0, engine_show},
	{"stats", stats_params, COUNT(stats_params), engine_stats},
	{"drops", drops_params, COUNT(drops_params), engine_drops},
	{"fdb", switch_param, COUNT(switch_param), engine_fdb},
	{"fdb.flush", switch_param, COUNT(switch_param), flush_fdb},
	{"groups", switch_param, COUNT(switch_param), engine_groups},
	{"reasons", NULL, 0, engine_reasons},
	{"trace", trace_params, COUNT(trace_params), engine_trace},
	{"ping", ping_params, COUNT(ping_params), engine_ping},
	{"capture", capture_params, COUNT(capture_params), capture},
	{"monitor", NULL, 0, monitor},
	{"ext.list", switch_param, COUNT(switch_param), engine_ext_list},
	{"ext.available", NULL, 0, engine_ext_available},
	{"ext.load", ext_params, COUNT(ext_params), engine_ext_load},
	{"ext.unload", ext_params, 1, engine_ext_unload},
	{"ext.reload", ext_params, 1, engine_ext_reload},
	{"acl.flows", flows_params, COUNT(flows_params), engine_acl_flows},
	{"log.level", level_params, COUNT(level_params), log_level},
};
const uint16_t engine_method_count = COUNT(engine_methods);
