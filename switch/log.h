/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h: what the daemon says about itself, one line at a time.
 *
 * The verbs are OpenBSD's: log_warn adds the text of errno, log_warnx does
 * not. Each line belongs to a module, whose level can be changed at run time
 * by name (`vsctl log`). Each call site is limited to LOG_BURST lines in
 * LOG_WINDOW_SECONDS; what was held back is named with the next line that
 * passes: "(12 suppressed)". Any thread may log; nothing is allocated; a line
 * longer than LOG_LINE is cut. Packets are never logged: they have drop
 * reasons.
 *
 *	log_warn(LOG_IO, "uplink %s: send", name);
 *	log_info(LOG_ENGINE, "switch %s: %u ports", name, count);
 */
#ifndef LOG_H
#define LOG_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#define LOG_LINE	   1024u
#define LOG_BURST	   10u
#define LOG_WINDOW_SECONDS 10u
#define LOG_MODULES	   64u /* own and added */
#define LOG_MODULE_NAME	   64u

/* The daemon's own modules; log_module_add makes more, for extensions. */
enum log_module {
	LOG_ENGINE,
	LOG_IO,
	LOG_CORE,
	LOG_CONTROL,
	LOG_KEEPER,
	LOG_LOADER,
	LOG_OWN_MODULES
};

enum log_level {
	LOG_LEVEL_FATAL, /* cannot be switched off */
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO, /* the default */
	LOG_LEVEL_DEBUG,
	LOG_LEVELS
};

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG, /* facility daemon */
};

/* One per call site, static, zeroed; the macros below make it. */
struct log_site {
	_Atomic uint64_t window;     /* second in which it began */
	_Atomic uint32_t lines;	     /* passed in the window */
	_Atomic uint32_t suppressed; /* since the last that passed */
};

/* log_open - where lines go from now on; `name` (kept) precedes each line.
 * Before it is called: stderr, "vswitchd". */
void log_open(enum log_target target, const char *name);

/* log_module_add - a module for an extension, or the one that has the name
 * already. Returns its number, or LOG_ENGINE when all are taken. Main thread.
 */
unsigned int log_module_add(const char *name);
/* log_module_name - NULL behind the last one: for lists. */
const char *log_module_name(unsigned int module);

/* log_module_find - of that name; `otherwise` if there is none. */
unsigned int log_module_find(const char *name, unsigned int otherwise);
/* log_await - a module of that name shall have the level, and be added by and
 * by if there is none; -ENOENT: no more can be added. log_awaited - one that
 * was not added yet, or NULL. Main thread. */
int log_await(const char *module, enum log_level level);
const char *log_awaited(void);

/* log_level_name, log_level_parse - "fatal", "warn", "info", "debug";
 * -EINVAL. */
const char *log_level_name(enum log_level level);
int log_level_parse(const char *text, enum log_level *level);

/* log_set_level - of the module of that name, or of all ("all"); -ENOENT. */
int log_set_level(const char *module, enum log_level level);
enum log_level log_module_level(unsigned int module);
/* log_passes - would a line be written? For what is costly to say. */
bool log_passes(unsigned int module, enum log_level level);

struct log_line {
	unsigned int module;
	enum log_level level;
	int number; /* an errno whose text is added; 0 = none */
};

/* log_write - what the macros call. */
void log_write(struct log_site *site, struct log_line line, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));

#define LOG_AT(module, level, number, ...)                                     \
	do {                                                                   \
		static struct log_site log_site_;                              \
		if (log_passes(module, level))                                 \
			log_write(&log_site_,                                  \
				  (struct log_line){module, level, number},    \
				  __VA_ARGS__);                                \
	} while (0)

#define log_warn(module, ...)  LOG_AT(module, LOG_LEVEL_WARN, errno, __VA_ARGS__)
#define log_warnx(module, ...) LOG_AT(module, LOG_LEVEL_WARN, 0, __VA_ARGS__)
#define log_info(module, ...)  LOG_AT(module, LOG_LEVEL_INFO, 0, __VA_ARGS__)
#define log_debug(module, ...) LOG_AT(module, LOG_LEVEL_DEBUG, 0, __VA_ARGS__)

/* fatal, fatalx - one last line, then exit(1). main.c and keeper/ only. */
_Noreturn void fatal(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
_Noreturn void fatalx(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif
