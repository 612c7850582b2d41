// SPDX-License-Identifier: Apache-2.0
/*
 * capture_file FILE: lets the capture extension write a stream of known
 * frames, for tests/wire/capture.sh to read with other people's programs.
 *
 * Frames, in order, on a clock that begins at 1700000000.000000000 and moves
 * by 1.5 us: web in (TCP), web out (the same, 5000 bytes, cut to 128), wire0
 * in (NVGRE around it, no VSID known).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"

#define WEB	7u
#define WIRE	9u
#define SNAP	128u
#define STEP_NS 1500u

enum { PORT, DIRECTION, WIRED, FILTER, LIMIT, COUNT, ARGUMENTS };

/* TCP 10.0.0.5:1000 > 10.0.0.7:443 */
static const uint8_t tcp[54] = {
	0x02, 0, 0,  0,	 0,    7, 0x02, 0,    0,    0,	  0, 5, 0x08, 0,
	0x45, 0, 0,  40, 0,    0, 0x40, 0,    64,   6,	  0, 0, 10,   0,
	0,    5, 10, 0,	 0,    7, 0x03, 0xe8, 0x01, 0xbb, 0, 0, 0,    1,
	0,    0, 0,  0,	 0x50, 2, 0xff, 0xff, 0,    0,	  0, 0};

static void text(struct vs_reply *reply, const char *name, const char *words)
{
	(void)reply;
	(void)name;
	(void)words;
}

static void number(struct vs_reply *reply, const char *name, uint64_t value)
{
	(void)reply;
	(void)name;
	assert(value);
}

static void start(struct fake_host *fake, struct fake_settings *settings)
{
	static const struct vs_reply_ops ops = {
		.struct_size = sizeof(ops), .number = number, .text = text};
	struct vs_value values[ARGUMENTS] = {
		[LIMIT] = {.present = true, .number = SNAP}};
	struct vs_reply reply = {&ops};
	struct vs_error error = {0};
	int result;

	result = vs_extension.methods[0].run(fake->instance, values, &reply,
					     &error);
	assert(!result);
	values[WIRED] = (struct vs_value){.present = true, .truth = true};
	result = vs_extension.methods[0].run(fake->instance, values, &reply,
					     &error);
	assert(!result);
	result = fake_configure(fake, &settings->settings, &error);
	assert(!result);
}

static void send_frames(struct fake_host *fake)
{
	uint8_t lead[42] = {0x02, [5] = 2, [6] = 0x02, [11] = 1, 0x08, 0,
			    0x45, 0,	   0,	       54 + 28,	 0,    0,
			    0x40, 0,	   64,	       47,	 0,    0,
			    192,  0,	   2,	       1,	 192,  0,
			    2,	  2,	   0x20,       0,	 0x65, 0x58,
			    0,	  0x13,	   0x89,       0};
	struct vs_wire_frame wire = {.struct_size = sizeof(wire),
				     .uplink = {WIRE},
				     .vsid = {5001},
				     .outbound = true,
				     .lead = lead,
				     .lead_size = sizeof(lead),
				     .slice = tcp,
				     .slice_size = sizeof(tcp)};
	static uint8_t big[5000];

	memcpy(big, tcp, sizeof(tcp));
	fake_ingress(fake, fake_frame(fake, tcp, sizeof(tcp), WEB, 5001));
	fake->call.now_ns += STEP_NS;
	fake_egress(fake, fake_frame(fake, big, sizeof(big), WIRE, 5001), WEB);
	fake->call.now_ns += STEP_NS;
	vs_extension.capture->wire(&fake->call, &wire);
}

static bool save(const struct fake_sink *sink, const char *path)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (!file)
		return false;
	good = fwrite(sink->bytes, 1, sink->size, file) == sink->size;
	return !fclose(file) && good;
}

int main(int argc, char **argv)
{
	struct fake_host *fake = fake_host_open(&vs_extension);
	struct fake_settings *settings;
	bool good;

	if (argc != 3)
		return 1;
	settings =
		fake_settings_open(vs_extension.nouns, vs_extension.noun_count);
	fake->call.now_ns = 0;
	fake_port(fake, VS_PORT_ORDINARY, WEB, "web");
	fake_port(fake, VS_PORT_UPLINK, WIRE, "wire0");
	start(fake, settings);
	send_frames(fake);
	good = save(&fake->seen.sinks[0], argv[1]) &&
	       save(&fake->seen.sinks[1], argv[2]);
	fake_host_close(fake);
	fake_settings_close(settings);
	return !good;
}
