/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network namespaces of a test: named vsio-PID-x, so that tests never meet,
 * and removed when the program ends. Only root can: netns_or_skip() ends the
 * program with 77 otherwise.
 */
#ifndef TESTS_SUPPORT_NETNS_H
#define TESTS_SUPPORT_NETNS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Runs a shell command made from a format; its exit status. */
__attribute__((format(printf, 1, 2))) static inline int run(const char *format,
							    ...)
{
	char command[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(command, sizeof(command), format, list);
	va_end(list);
	return system(command);
}

/* The name of namespace `letter`; valid until the next call but three. */
static inline const char *netns_name(char letter)
{
	static char names[4][32];
	static int next;
	char *name = names[next++ % 4];

	snprintf(name, sizeof(names[0]), "vsio-%d-%c", (int)getpid(), letter);
	return name;
}

static inline void netns_remove_all(void)
{
	for (char letter = 'a'; letter <= 'd'; letter++)
		if (run("ip netns del %s 2>/dev/null", netns_name(letter)))
			continue;
}

static inline void netns_create(char letter)
{
	if (run("ip netns add %s && ip -n %s link set lo up",
		netns_name(letter), netns_name(letter)))
		abort();
}

static inline void netns_delete(char letter)
{
	if (run("ip netns del %s", netns_name(letter)))
		abort();
}

static inline void netns_or_skip(void)
{
	if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) != 0 ||
	    run("ip netns add %s 2>/dev/null", netns_name('a'))) {
		fprintf(stderr, "skipped: needs root, namespaces and TAPs\n");
		exit(77);
	}
	netns_delete('a');
	atexit(netns_remove_all);
}

#endif
