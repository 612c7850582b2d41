/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a port saved on another host, over any bytes in a block of exactly their
 * size: refused with a reason and nothing taken, or taken and saved again as
 * addresses of that port only, which the same host takes once more.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"
#include "wnv/nouns.h"

#define ROOM 65536u
#define LAB                                                                    \
	"uplink eth1\npa 192.0.2.1 prefix=24\nnetwork blue\n"                  \
	"subnet 5001 prefixes=10.0.0.0/24,fd00::/64\n"                         \
	"ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"                     \
	"l2only 02:00:00:00:00:0b pa=192.0.2.1\n"                              \
	"port vm11 tap=t0 vsid=5001 mac=02:00:00:00:00:0b ip-limit=8\n"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int restore(struct fake_host *host, const uint8_t *bytes, size_t size)
{
	const struct vs_saved saved = {
		.struct_size = sizeof(saved),
		.guid = vs_extension.guid,
		.version = vs_extension.version,
		.port = "vm11",
		.bytes = bytes,
		.size = size,
	};
	struct vs_error error = {.code = 0};
	int refused = vs_extension.restore(host->instance, &saved, &error);

	if (refused && (!error.code || !error.text[0]))
		abort();
	return refused;
}

static void check(struct fake_host *host, const uint8_t *bytes, size_t size)
{
	static uint8_t again[ROOM];
	size_t made;
	int refused = restore(host, bytes, size);

	made = vs_extension.save(host->instance, "vm11", again, ROOM);
	if ((refused && made) || made > 8 + 8 * 26)
		abort();
	for (size_t at = 8; at + 26 <= made; at += 26)
		if (vs_load32(again + at) != 5001 || again[at + 25] != 0x0b)
			abort();
	if (made && restore(host, again, made))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fake_settings *settings;
	struct fake_host *host;
	struct vs_error error;
	uint8_t *exact;

	if (size > 4096)
		return 0;
	exact = malloc(size ? size : 1);
	host = fake_host_open(&vs_extension);
	settings = fake_settings_open(wnv_nouns, WNV_NOUNS);
	if (!exact)
		abort();
	memcpy(exact, bytes, size);
	fake_settings_load(settings, LAB);
	if (fake_configure(host, &settings->settings, &error))
		abort();
	check(host, exact, size);
	fake_host_close(host);
	fake_settings_close(settings);
	free(exact);
	return 0;
}
