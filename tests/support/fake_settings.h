/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_settings.h: a settings cursor over objects written as lines of text,
 * for tests of an extension's configure().
 *
 *	struct fake_settings *fake = fake_settings_open(nouns, count);
 *
 *	fake_settings_load(fake, "network blue\n"
 *				 "subnet 5001 prefixes=10.0.0.0/24\n"
 *				 "ca 10.0.0.5 mac=02:00:00:00:00:05\n");
 *	... configure(&fake->settings) ...
 *	fake_settings_close(fake);
 *
 * A line is NOUN KEY field=value ...; its parent is the last object of the
 * parent noun above it. Uplinks and ports are there besides the given nouns.
 * Anything that does not parse asserts.
 */
#ifndef TESTS_SUPPORT_FAKE_SETTINGS_H
#define TESTS_SUPPORT_FAKE_SETTINGS_H

#include <vswitch/settings.h>

#define FAKE_FIELDS   48u
#define FAKE_LIST     32u
#define FAKE_WARNINGS 64u

struct fake_settings {
	struct vs_settings settings;
	const struct vs_noun *nouns;
	uint16_t noun_count;
	struct vs_object *first, *last;
	char warnings[FAKE_WARNINGS][256];
	unsigned int warning_count;
	/* what version() says, and the settings that before() and changes()
	 * are about; 0 and NULL: not known */
	uint64_t version;
	const struct fake_settings *before;
	bool forced;
};

struct fake_settings *fake_settings_open(const struct vs_noun *nouns,
					 uint16_t count);
void fake_settings_close(struct fake_settings *fake);
void fake_settings_load(struct fake_settings *fake, const char *lines);
/* fake_settings_attach - what the cursor says of a port's or uplink's device;
 * `info` must outlive the cursor's use. */
void fake_settings_attach(struct fake_settings *fake, const char *key,
			  const struct vs_port_info *info);

#endif
