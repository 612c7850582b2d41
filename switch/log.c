// SPDX-License-Identifier: Apache-2.0
/*
 * Lines to stderr or syslog, with a level per module and a limit per call
 * site. The only mutable state of the process that is not in a struct of
 * main.c: a log must work before there is one and after it is gone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strerror_r that returns the text */
#endif
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static struct {
	_Atomic uint8_t target;
	_Atomic(const char *) name;
	_Atomic uint32_t added; /* modules of extensions */
	char added_names[LOG_MODULES - LOG_OWN_MODULES][LOG_MODULE_NAME];
	bool awaited[LOG_MODULES - LOG_OWN_MODULES];
	_Atomic uint8_t levels[LOG_MODULES]; /* enum log_level + 1; 0 = info */
} logger;

static const char *const own_names[] = {"engine",  "io",     "core",
					"control", "keeper", "loader"};
_Static_assert(sizeof(own_names) / sizeof(own_names[0]) == LOG_OWN_MODULES,
	       "a name per module");

static const struct {
	const char *name;
	int priority;	    /* syslog's */
	const char *prefix; /* on stderr */
} levels[] = {
	{"fatal", LOG_CRIT, "fatal: "},
	{"warn", LOG_WARNING, "warning: "},
	{"info", LOG_INFO, ""},
	{"debug", LOG_DEBUG, "debug: "},
};
_Static_assert(sizeof(levels) / sizeof(levels[0]) == LOG_LEVELS,
	       "a name per level");

void log_open(enum log_target target, const char *name)
{
	atomic_store(&logger.name, name);
	if (target == LOG_TO_SYSLOG)
		openlog(name, LOG_PID, LOG_DAEMON);
	atomic_store(&logger.target, (uint8_t)target);
}

const char *log_module_name(unsigned int module)
{
	if (module < LOG_OWN_MODULES)
		return own_names[module];
	module -= LOG_OWN_MODULES;
	return module < atomic_load(&logger.added) ? logger.added_names[module]
						   : NULL;
}

unsigned int log_module_add(const char *name)
{
	uint32_t added = atomic_load(&logger.added);
	const char *known;
	unsigned int i;

	for (i = 0; (known = log_module_name(i)); i++) {
		if (strcmp(known, name) == 0) {
			if (i >= LOG_OWN_MODULES)
				logger.awaited[i - LOG_OWN_MODULES] = false;
			return i;
		}
	}
	if (i >= LOG_MODULES)
		return LOG_ENGINE;
	snprintf(logger.added_names[added], LOG_MODULE_NAME, "%s", name);
	atomic_store(&logger.added, added + 1);
	return i;
}

unsigned int log_module_find(const char *name, unsigned int otherwise)
{
	const char *known;

	for (unsigned int i = 0; (known = log_module_name(i)); i++)
		if (strcmp(known, name) == 0)
			return i;
	return otherwise;
}

int log_await(const char *module, enum log_level level)
{
	unsigned int added;

	if (log_set_level(module, level) == 0)
		return 0;
	added = log_module_add(module);
	if (added < LOG_OWN_MODULES)
		return -ENOENT;
	logger.awaited[added - LOG_OWN_MODULES] = true;
	return log_set_level(module, level);
}

const char *log_awaited(void)
{
	for (uint32_t i = 0; i < atomic_load(&logger.added); i++)
		if (logger.awaited[i])
			return logger.added_names[i];
	return NULL;
}

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

int log_level_parse(const char *text, enum log_level *level)
{
	unsigned int i;

	for (i = 0; i < LOG_LEVELS; i++) {
		if (strcmp(text, levels[i].name) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

int log_set_level(const char *module, enum log_level level)
{
	bool all = strcmp(module, "all") == 0;
	int result = all ? 0 : -ENOENT;
	const char *name;
	unsigned int i;

	for (i = 0; i < LOG_MODULES; i++) {
		name = log_module_name(i);
		if (!all && (!name || strcmp(name, module) != 0))
			continue;
		atomic_store(&logger.levels[i], (uint8_t)(level + 1));
		result = 0;
	}
	return result;
}

enum log_level log_module_level(unsigned int module)
{
	uint8_t level =
		module < LOG_MODULES ? atomic_load(&logger.levels[module]) : 0;

	return level ? (enum log_level)(level - 1) : LOG_LEVEL_INFO;
}

bool log_passes(unsigned int module, enum log_level level)
{
	return level <= log_module_level(module);
}

/* Takes a place in the site's window; false = this line is held back. */
static bool admitted(struct log_site *site, uint32_t *suppressed)
{
	struct timespec now;
	uint64_t second, window;

	clock_gettime(CLOCK_MONOTONIC, &now);
	second = (uint64_t)now.tv_sec + 1; /* 0 = never */
	window = atomic_load(&site->window);
	if (!window || second - window >= LOG_WINDOW_SECONDS) {
		/* one thread begins the window; the others join it */
		if (atomic_compare_exchange_strong(&site->window, &window,
						   second))
			atomic_store(&site->lines, 0);
	}
	if (atomic_fetch_add(&site->lines, 1) >= LOG_BURST) {
		atomic_fetch_add(&site->suppressed, 1);
		return false;
	}
	*suppressed = atomic_exchange(&site->suppressed, 0);
	return true;
}

/* Appends to a line of LOG_LINE bytes; cuts what is too long. */
static size_t append(char *line, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static size_t append(char *line, size_t size, const char *format, ...)
{
	va_list arguments;
	int added;

	va_start(arguments, format);
	added = vsnprintf(line + size, LOG_LINE - size, format, arguments);
	va_end(arguments);
	if (added < 0)
		return size;
	size += (size_t)added;
	return size < LOG_LINE ? size : LOG_LINE - 1;
}

/* A text from outside (a name, a path) must not forge lines. */
static void make_one_line(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
}

static void put(unsigned int module, enum log_level level, const char *text)
{
	const char *module_name = log_module_name(module);
	const char *name = atomic_load(&logger.name);
	char line[LOG_LINE];
	size_t size;

	if (atomic_load(&logger.target) == LOG_TO_SYSLOG) {
		syslog(levels[level].priority, "%s: %s", module_name, text);
		return;
	}
	size = append(line, 0, "%s: %s: %s%s", name ? name : "vswitchd",
		      module_name, levels[level].prefix, text);
	if (size == LOG_LINE - 1)
		size--;
	line[size++] = '\n';
	/* one write: lines of several threads do not mix; nothing to be done
	 * when stderr is gone */
	if (write(STDERR_FILENO, line, size) < 0)
		return;
}

static void say(struct log_line line, uint32_t suppressed, const char *format,
		va_list arguments)
{
	char text[LOG_LINE];
	char reason[128];
	size_t size = 0;
	int written;

	written = vsnprintf(text, sizeof(text), format, arguments);
	if (written > 0)
		size = (size_t)written < LOG_LINE ? (size_t)written
						  : LOG_LINE - 1;
	if (line.number)
		size = append(text, size, ": %s",
			      strerror_r(line.number, reason, sizeof(reason)));
	if (suppressed)
		append(text, size, " (%u suppressed)", suppressed);
	make_one_line(text);
	put(line.module, line.level, text);
}

void log_write(struct log_site *site, struct log_line line, const char *format,
	       ...)
{
	int saved = errno;
	uint32_t suppressed;
	va_list arguments;

	if (!log_module_name(line.module))
		line.module = LOG_ENGINE;
	if (admitted(site, &suppressed)) {
		va_start(arguments, format);
		say(line, suppressed, format, arguments);
		va_end(arguments);
	}
	errno = saved;
}

void fatal(const char *format, ...)
{
	struct log_line line = {LOG_ENGINE, LOG_LEVEL_FATAL, errno};
	va_list arguments;

	va_start(arguments, format);
	say(line, 0, format, arguments);
	va_end(arguments);
	exit(EXIT_FAILURE);
}

void fatalx(const char *format, ...)
{
	struct log_line line = {LOG_ENGINE, LOG_LEVEL_FATAL, 0};
	va_list arguments;

	va_start(arguments, format);
	say(line, 0, format, arguments);
	va_end(arguments);
	exit(EXIT_FAILURE);
}
