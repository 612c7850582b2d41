/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon_config.c: the members of vswitchd.json as a table; see the header.
 */
#include "daemon_config.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include <vswitch/control.h>

enum member_kind {
	MEMBER_PATH,
	MEMBER_TEXT,
	MEMBER_COUNT,
	MEMBER_SPIN,
	MEMBER_YES
};

struct member {
	const char *name;
	enum member_kind kind;
	size_t offset, size;
};

#define TEXT_MEMBER(name, kind, field)                                         \
	{                                                                      \
		name, kind, offsetof(struct daemon_config, field),             \
			sizeof(((struct daemon_config *)0)->field)             \
	}

static const struct member members[] = {
	TEXT_MEMBER("rundir", MEMBER_PATH, rundir),
	TEXT_MEMBER("statedir", MEMBER_PATH, statedir),
	TEXT_MEMBER("extension-dir", MEMBER_PATH, extension_dir),
	TEXT_MEMBER("document", MEMBER_PATH, document),
	TEXT_MEMBER("group", MEMBER_TEXT, group),
	TEXT_MEMBER("host", MEMBER_TEXT, host),
	TEXT_MEMBER("workers", MEMBER_COUNT, workers),
	TEXT_MEMBER("spin-us", MEMBER_SPIN, spin_us),
	TEXT_MEMBER("fast-path", MEMBER_YES, fast_path),
};

void daemon_config_default(struct daemon_config *config)
{
	*config = (struct daemon_config){.workers = 1, .spin_us = -1};
	strcpy(config->rundir, VS_RPC_RUNDIR);
	strcpy(config->statedir, VS_RPC_STATEDIR);
}

static int read_text(struct daemon_config *config, const struct member *m,
		     const json_t *value, struct vs_error *error)
{
	const char *text = json_string_value(value);

	if (!text || !*text)
		return vs_error_set(error, EINVAL, m->name,
				    "not a string; write \"%s\": \"...\"",
				    m->name);
	if (strlen(text) >= m->size)
		return vs_error_set(error, EINVAL, m->name, "over %zu bytes",
				    m->size - 1);
	if (m->kind == MEMBER_PATH && text[0] != '/')
		return vs_error_set(error, EINVAL, m->name,
				    "\"%s\" is not an absolute path", text);
	strcpy((char *)config + m->offset, text);
	return 0;
}

static int read_number(struct daemon_config *config, const struct member *m,
		       const json_t *value, struct vs_error *error)
{
	json_int_t number = json_integer_value(value);

	if (m->kind == MEMBER_COUNT) {
		if (!json_is_integer(value) || number < 1 || number > 15)
			return vs_error_set(error, EINVAL, m->name,
					    "not a number from 1 to 15");
		config->workers = (uint16_t)number;
		return 0;
	}
	if (m->kind == MEMBER_YES) {
		if (!json_is_boolean(value))
			return vs_error_set(error, EINVAL, m->name,
					    "neither true nor false");
		config->fast_path = json_is_true(value);
		return 0;
	}
	if (json_is_string(value) && !strcmp(json_string_value(value), "auto"))
		number = -1;
	else if (!json_is_integer(value) || number < 0 || number > 50)
		return vs_error_set(error, EINVAL, m->name,
				    "not \"auto\" or microseconds from 0 to "
				    "50");
	config->spin_us = (int32_t)number;
	return 0;
}

static int read_log(struct daemon_config *config, json_t *value,
		    struct vs_error *error)
{
	const char *module;
	json_t *level;

	if (!json_is_object(value))
		return vs_error_set(error, EINVAL, "log",
				    "not an object of \"module\": \"level\"");
	config->log_count = 0;
	json_object_foreach(value, module, level)
	{
		struct daemon_log *log = &config->log[config->log_count];
		const char *text = json_string_value(level);

		if (config->log_count == DAEMON_LOG_MODULES || !text ||
		    strlen(text) >= sizeof(log->level) ||
		    strlen(module) >= sizeof(log->module))
			return vs_error_set(error, EINVAL, "log",
					    "\"%s\": not a level name", module);
		strcpy(log->module, module);
		strcpy(log->level, text);
		config->log_count++;
	}
	return 0;
}

static int read_member(struct daemon_config *config, const char *name,
		       json_t *value, struct vs_error *error)
{
	if (!strcmp(name, "log"))
		return read_log(config, value, error);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(name, members[i].name) != 0)
			continue;
		return members[i].kind <= MEMBER_TEXT
			       ? read_text(config, &members[i], value, error)
			       : read_number(config, &members[i], value, error);
	}
	return vs_error_set(
		error, EINVAL, name,
		"no such member; there are rundir, statedir, "
		"extension-dir, group, host, document, workers, "
		"spin-us, fast-path and log (policy belongs in the document)");
}

int daemon_config_parse(struct daemon_config *config, const char *text,
			size_t size, struct vs_error *error)
{
	struct daemon_config read = *config;
	json_error_t where;
	json_t *root, *value;
	const char *name;
	int result = 0;

	root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		return vs_error_set(error, EINVAL, "", "line %d, column %d: %s",
				    where.line, where.column, where.text);
	if (!json_is_object(root)) {
		result = vs_error_set(error, EINVAL, "", "not a JSON object");
		goto out;
	}
	json_object_foreach(root, name, value)
	{
		result = read_member(&read, name, value, error);
		if (result)
			goto out;
	}
	*config = read;
out:
	json_decref(root);
	return result;
}
