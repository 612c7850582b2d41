// SPDX-License-Identifier: Apache-2.0
/*
 * The capture extension on the fake host: which frames reach a sink, when
 * files are opened, when streams end.
 */
#include "tests/support/suite.h"

#include <errno.h>
#include <string.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"

enum { PORT, DIRECTION, WIRE, FILTER, SNAP, COUNT, ARGUMENTS };

#define WEB 5u
#define DB  6u
#define ETH 7u /* an uplink */

static const uint8_t bytes[61] = {0x02, 0, 0, 0, 0, 2,	  0x02,
				  0,	0, 0, 0, 1, 0x88, 0xb5};

static struct fake_host *fake;
static struct fake_settings *settings;
static struct vs_error error;
static struct vs_value values[ARGUMENTS];

/* An empty switch, of which captures are children. */
static void open_settings(void)
{
	static const struct vs_field name = {.name = "name",
					     .kind = VS_KIND_NAME};
	static struct vs_noun nouns[2] = {
		{.name = "switch", .fields = &name, .field_count = 1}};

	nouns[1] = vs_extension.nouns[0];
	settings = fake_settings_open(nouns, 2);
	fake_settings_load(settings, "switch lab\n");
}

static void set_up(void)
{
	memset(&error, 0, sizeof(error));
	memset(values, 0, sizeof(values));
	fake = fake_host_open(&vs_extension);
	fake_port(fake, VS_PORT_ORDINARY, WEB, "web");
	fake_port(fake, VS_PORT_ORDINARY, DB, "db");
	fake_port(fake, VS_PORT_UPLINK, ETH, "eth1");
	open_settings();
}

static void tear_down(void)
{
	fake_host_close(fake);
	fake_settings_close(settings);
}

static void configure(void)
{
	ck_assert_msg(fake_configure(fake, &settings->settings, &error) == 0,
		      "%s", error.text);
}

static struct vs_value text(const char *value)
{
	return (struct vs_value){
		.kind = VS_KIND_TEXT, .present = true, .text = value};
}

static struct vs_value size(uint64_t value)
{
	return (struct vs_value){
		.kind = VS_KIND_NUMBER, .present = true, .number = value};
}

static void tick(void)
{
	vs_extension.tick_main(fake->instance, fake->call.now_ns);
}

static void number(struct vs_reply *reply, const char *name, uint64_t value)
{
	(void)reply;
	ck_assert_str_eq(name, "stream");
	ck_assert_uint_gt(value, 0);
}

static char said[16];

static void say(struct vs_reply *reply, const char *name, const char *words)
{
	(void)reply;
	if (strcmp(name, "switch") == 0)
		ck_assert_str_eq(words, "fake");
	else
		snprintf(said, sizeof(said), "%s %s", name, words);
}

/* What `capture ended` answers of a stream. */
static const char *ended(uint64_t stream)
{
	static const struct vs_reply_ops ops = {.struct_size = sizeof(ops),
						.text = say};
	const struct vs_value number_of = size(stream);
	struct vs_reply reply = {&ops};

	said[0] = '\0';
	if (vs_extension.methods[1].run(fake->instance, &number_of, &reply,
					&error))
		return "unknown";
	return said;
}

static int run_stream(void)
{
	static const struct vs_reply_ops ops = {
		.struct_size = sizeof(ops), .number = number, .text = say};
	struct vs_reply reply = {&ops};

	return vs_extension.methods[0].run(fake->instance, values, &reply,
					   &error);
}

static void start_stream(void)
{
	ck_assert_msg(run_stream() == 0, "%s", error.text);
	configure();
}

static struct vs_packet *frame_from(uint16_t port)
{
	struct vs_packet *packet =
		fake_frame(fake, bytes, sizeof(bytes), port, 5001);

	if (port == ETH)
		packet->view.flags |= VS_FRAME_FROM_WIRE;
	return packet;
}

static struct fake_sink *sink(void)
{
	return &fake->seen.sinks[0];
}

/* Blocks of a type in the first sink; checks that the blocks join. */
static unsigned int blocks(uint32_t type)
{
	unsigned int count = 0;
	uint32_t word[2];
	size_t at;

	for (at = 0; at < sink()->size; at += word[1]) {
		memcpy(word, sink()->bytes + at, sizeof(word));
		ck_assert_uint_ge(word[1], 12);
		count += word[0] == type;
	}
	ck_assert_uint_eq(at, sink()->size);
	return count;
}

#define frames() blocks(6)

START_TEST(nobody_looks_nothing_is_written)
{
	configure();
	fake_ingress(fake, frame_from(WEB));
	fake_egress(fake, frame_from(WEB), DB);
	ck_assert_uint_eq(sink()->size, 0);
}
END_TEST

START_TEST(stream_gets_both_directions_of_its_port_alone)
{
	values[PORT] = text("web");
	start_stream();
	ck_assert_uint_eq(blocks(0x0a0d0d0a), 1);
	ck_assert_uint_eq(blocks(1), 1);
	fake_ingress(fake, frame_from(WEB));
	fake_ingress(fake, frame_from(DB));
	fake_egress(fake, frame_from(DB), WEB);
	fake_egress(fake, frame_from(WEB), DB);
	ck_assert_uint_eq(frames(), 2);
	ck_assert_uint_eq(fake->seen.counters[0], 2);
}
END_TEST

START_TEST(direction_restricts)
{
	values[PORT] = text("web");
	values[DIRECTION] = (struct vs_value){
		.kind = VS_KIND_CHOICE, .present = true, .choice = 1};
	start_stream();
	fake_ingress(fake, frame_from(WEB));
	fake_egress(fake, frame_from(DB), WEB);
	ck_assert_uint_eq(frames(), 1);
}
END_TEST

START_TEST(without_a_port_every_port_is_seen)
{
	start_stream();
	ck_assert_uint_eq(blocks(1), 3); /* external, web, db */
	fake_ingress(fake, frame_from(WEB));
	fake_ingress(fake, frame_from(ETH));
	fake_egress(fake, frame_from(DB), VS_PORT_EXTERNAL);
	ck_assert_uint_eq(frames(), 3);
}
END_TEST

START_TEST(external_port_is_the_wire_in_customer_form)
{
	values[PORT] = text("external");
	start_stream();
	fake_ingress(fake, frame_from(ETH));
	fake_ingress(fake, frame_from(WEB));
	fake_egress(fake, frame_from(WEB), VS_PORT_EXTERNAL);
	fake_egress(fake, frame_from(WEB), DB);
	ck_assert_uint_eq(frames(), 2);
}
END_TEST

START_TEST(filter_decides_and_a_bad_one_is_refused)
{
	values[FILTER] = text("ether proto 0x88b5 and len = 61");
	start_stream();
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(frames(), 1);
	values[FILTER] = text("port http");
	ck_assert_int_eq(run_stream(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "\"http\""));
	ck_assert_uint_eq(fake->seen.sinks[1].size, 0);
}
END_TEST

START_TEST(snap_cuts_the_frame_and_keeps_its_size)
{
	size_t before;
	uint32_t sizes[2];

	values[SNAP] = size(64);
	values[PORT] = text("web");
	start_stream();
	before = sink()->size;
	fake_ingress(fake, fake_frame(fake, (uint8_t[200]){2}, 200, WEB, 0));
	memcpy(sizes, sink()->bytes + before + 20, sizeof(sizes));
	ck_assert_uint_eq(sizes[0], 64);
	ck_assert_uint_eq(sizes[1], 200);
}
END_TEST

static void wire(bool outbound, const uint8_t *lead, uint32_t lead_size)
{
	struct vs_wire_frame frame = {
		.struct_size = sizeof(frame),
		.uplink = {ETH},
		.vsid = {5001},
		.outbound = outbound,
		.lead = lead,
		.lead_size = lead_size,
		.slice = bytes,
		.slice_size = sizeof(bytes),
	};

	vs_extension.capture->wire(&fake->call, &frame);
}

START_TEST(wire_sees_lead_and_slice_and_no_port)
{
	uint8_t lead[42] = {2, [12] = 0x08, 0x00, 0x45, [23] = 47};
	size_t before;

	values[WIRE] = (struct vs_value){.present = true, .truth = true};
	values[FILTER] = text("ip proto 47");
	start_stream();
	ck_assert_uint_eq(blocks(1), 1);
	before = sink()->size;
	wire(true, lead, sizeof(lead));
	wire(false, NULL, 0); /* not IP */
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(frames(), 1);
	ck_assert_mem_eq(sink()->bytes + before + 28, lead, sizeof(lead));
	ck_assert_mem_eq(sink()->bytes + before + 28 + sizeof(lead), bytes,
			 sizeof(bytes));
}
END_TEST

START_TEST(uplink_and_the_word_wire_mean_the_provider_side)
{
	values[PORT] = text("wire");
	start_stream();
	wire(false, NULL, 0);
	ck_assert_uint_eq(frames(), 1);
	fake_ingress(fake, frame_from(ETH));
	ck_assert_uint_eq(frames(), 1);
	values[PORT] = text("eth1");
	start_stream();
	wire(true, NULL, 0);
	ck_assert_uint_eq(frames(), 2);
	ck_assert_uint_eq(fake->seen.sinks[1].records, 3);
}
END_TEST

START_TEST(port_that_appears_gets_its_interface_before_its_frames)
{
	start_stream();
	ck_assert_uint_eq(fake->seen.reconfigures, 1);
	fake_port(fake, VS_PORT_ORDINARY, 9, "late");
	ck_assert_uint_eq(fake->seen.reconfigures, 2);
	fake_ingress(fake, frame_from(9));
	ck_assert_uint_eq(frames(), 0);
	configure();
	ck_assert_uint_eq(blocks(1), 4);
	fake_ingress(fake, frame_from(9));
	ck_assert_uint_eq(frames(), 1);
	configure();
	ck_assert_uint_eq(blocks(1), 4);
}
END_TEST

START_TEST(unknown_port_is_refused)
{
	values[PORT] = text("nobody");
	ck_assert_int_eq(run_stream(), -ENOENT);
	values[PORT] = text("web");
	values[WIRE] = (struct vs_value){.present = true, .truth = true};
	ck_assert_int_eq(run_stream(), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "no uplink web"));
}
END_TEST

START_TEST(count_ends_the_stream)
{
	int i;

	values[COUNT] = size(3);
	values[PORT] = text("web");
	start_stream();
	for (i = 0; i < 5; i++)
		fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(frames(), 3);
	ck_assert_uint_eq(fake->seen.post_count, 1);
	vs_extension.noted(fake->instance, &fake->seen.posts[0].note);
	ck_assert(sink()->open);
	configure(); /* the state that refers to it goes */
	ck_assert(!sink()->open);
	ck_assert_str_eq(ended(1), "why count");
}
END_TEST

static void leaves(uint16_t id)
{
	struct vs_port_info info = {.struct_size = sizeof(info),
				    .kind = VS_PORT_ORDINARY,
				    .id = {id}};

	vs_extension.port_event(fake->instance, VS_PORT_REMOVED, &info);
}

START_TEST(port_that_is_deleted_ends_the_stream)
{
	values[PORT] = text("web");
	start_stream();
	/* another device, another port of this name: the stream goes on */
	leaves(WEB);
	fake_port(fake, VS_PORT_ORDINARY, WEB, "web");
	tick();
	ck_assert_str_eq(ended(1), "unknown");
	leaves(DB); /* not its own */
	tick();
	ck_assert_str_eq(ended(1), "unknown");
	leaves(WEB);
	tick();
	configure();
	ck_assert(!sink()->open);
	ck_assert_str_eq(ended(1), "why port");
	ck_assert_str_eq(ended(2), "unknown");
}
END_TEST

START_TEST(client_that_went_away_ends_the_stream)
{
	start_stream();
	sink()->broken = true;
	fake_ingress(fake, frame_from(WEB));
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(fake->seen.post_count, 1);
	tick();
	configure();
	ck_assert(!sink()->open);
	ck_assert_str_eq(ended(1), "why broken");
	/* the worker's word comes late and finds nothing */
	vs_extension.noted(fake->instance, &fake->seen.posts[0].note);
}
END_TEST

START_TEST(file_is_opened_by_the_tick_and_not_by_the_candidate)
{
	fake_settings_load(settings, "capture all port=web\n");
	configure();
	ck_assert(!sink()->open);
	tick();
	ck_assert(sink()->open);
	ck_assert_str_eq(sink()->name, "all.pcapng");
	ck_assert_uint_gt(fake->seen.reconfigures, 0);
	configure();
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(frames(), 1);
}
END_TEST

/* What `capture list` shows of one. */
static struct {
	char state[16];
	uint64_t frames, lost;
} shown;

static void show_text(struct vs_reply *reply, const char *name,
		      const char *words)
{
	(void)reply;
	ck_assert_str_eq(name, "state");
	snprintf(shown.state, sizeof(shown.state), "%s", words);
}

static void show_number(struct vs_reply *reply, const char *name,
			uint64_t value)
{
	(void)reply;
	*(strcmp(name, "lost") == 0 ? &shown.lost : &shown.frames) = value;
}

static void expect_shown(const char *state, uint64_t frames, uint64_t lost)
{
	static const struct vs_reply_ops ops = {.struct_size = sizeof(ops),
						.number = show_number,
						.text = show_text};
	struct vs_reply reply = {&ops};

	vs_extension.status(fake->instance, &vs_extension.nouns[0], "lab",
			    "all", &reply);
	ck_assert_str_eq(shown.state, state);
	ck_assert_uint_eq(shown.frames, frames);
	ck_assert_uint_eq(shown.lost, lost);
}

/* A capture of all, to a file that is open. */
static void open_file(void)
{
	fake_settings_load(settings, "capture all\n");
	configure();
	tick();
	configure();
	ck_assert(sink()->open);
}

START_TEST(frame_without_room_is_counted_as_lost)
{
	open_file();
	fake_ingress(fake, frame_from(WEB));
	expect_shown("writing", 1, 0);
	sink()->full = true;
	fake_ingress(fake, frame_from(WEB));
	fake_ingress(fake, frame_from(WEB));
	sink()->full = false;
	fake_ingress(fake, frame_from(WEB));
	expect_shown("writing", 2, 2);
	ck_assert_uint_eq(fake->seen.counters[0], 2);
	ck_assert_uint_eq(fake->seen.counters[1], 2);
	ck_assert_uint_eq(fake->seen.post_count, 0);
}
END_TEST

/* Tells the worker what the main thread found out. */
static void hear_kicks(void)
{
	for (unsigned int i = 0; i < fake->seen.kick_count; i++)
		vs_extension.noted_shard(&fake->call,
					 &fake->seen.kicks[i].note);
	fake->seen.kick_count = 0;
}

START_TEST(frame_that_the_writer_lost_is_counted_and_said_in_the_file)
{
	uint64_t numbers[2];

	open_file();
	for (int i = 0; i < 3; i++)
		fake_ingress(fake, frame_from(WEB));
	tick();
	ck_assert_uint_eq(blocks(5), 0);
	sink()->lost = 2;
	tick();
	hear_kicks();
	expect_shown("writing", 1, 2);
	ck_assert_uint_eq(fake->seen.counters[1], 2);
	ck_assert_uint_eq(blocks(5), 1);
	/* received and dropped are the last options before the end */
	memcpy(&numbers[0], sink()->bytes + sink()->size - 28, 8);
	memcpy(&numbers[1], sink()->bytes + sink()->size - 16, 8);
	ck_assert_uint_eq(numbers[0], 3);
	ck_assert_uint_eq(numbers[1], 2);
	tick();
	hear_kicks();
	ck_assert_uint_eq(fake->seen.counters[1], 2);
	ck_assert_uint_eq(blocks(5), 1);
}
END_TEST

START_TEST(reader_that_stands_still_gets_its_losses_once_and_at_the_end)
{
	values[PORT] = text("web");
	start_stream();
	sink()->lost = 1;
	tick();
	sink()->still = true;
	for (uint64_t i = 2; i < 9; i++) {
		sink()->lost = i;
		tick();
	}
	ck_assert_uint_eq(blocks(5), 2);
	hear_kicks();
	ck_assert_uint_eq(fake->seen.counters[1], 8);
	leaves(WEB);
	tick();
	configure();
	ck_assert(!sink()->open);
	ck_assert_uint_eq(blocks(5), 3);
}
END_TEST

START_TEST(file_that_takes_no_more_is_failed_and_says_why)
{
	open_file();
	fake_ingress(fake, frame_from(WEB));
	sink()->broken = true;
	sink()->error = ENOSPC;
	fake_ingress(fake, frame_from(WEB));
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(fake->seen.post_count, 1);
	vs_extension.noted(fake->instance, &fake->seen.posts[0].note);
	expect_shown("failed", 1, 2);
	ck_assert_uint_eq(fake->seen.counters[1], 2);
	ck_assert_uint_eq(fake->seen.event_count, 1);
	ck_assert_str_eq(fake->seen.events[0].text,
			 "all.pcapng: No space left on device");
	ck_assert(!sink()->open);
	tick(); /* neither told nor opened again */
	configure();
	tick();
	ck_assert_uint_eq(fake->seen.event_count, 1);
	expect_shown("failed", 1, 2);
	ck_assert(!vs_extension.capture->looks(fake->state));
}
END_TEST

START_TEST(file_that_fails_while_nothing_comes_is_seen)
{
	open_file();
	sink()->broken = true;
	sink()->error = EIO;
	tick();
	expect_shown("failed", 0, 0);
	ck_assert_uint_eq(fake->seen.event_count, 1);
}
END_TEST

START_TEST(client_that_has_enough_loses_nothing)
{
	start_stream();
	sink()->broken = true;
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(fake->seen.counters[1], 0);
}
END_TEST

START_TEST(candidate_that_is_thrown_away_opens_nothing)
{
	const struct vs_state *candidate;

	configure();
	fake_settings_load(settings, "capture all\n");
	candidate = vs_extension.configure(fake->instance, &settings->settings,
					   &error);
	ck_assert_ptr_nonnull(candidate);
	vs_extension.retire(fake->instance, candidate);
	tick();
	ck_assert(!sink()->open);
}
END_TEST

START_TEST(object_that_is_deleted_closes_its_file)
{
	fake_settings_load(settings, "capture all\n");
	configure();
	tick();
	configure();
	ck_assert(sink()->open);
	fake_settings_close(settings);
	open_settings();
	configure();
	ck_assert(!sink()->open);
}
END_TEST

START_TEST(object_with_a_bad_filter_is_refused_with_its_place)
{
	configure();
	fake_settings_load(settings, "capture good\n"
				     "capture bad filter=http\n");
	ck_assert_int_eq(fake_configure(fake, &settings->settings, &error),
			 -EINVAL);
	ck_assert_str_eq(error.path, "capture bad");
	tick();
	ck_assert(!sink()->open);
}
END_TEST

START_TEST(two_objects_cannot_write_one_file)
{
	fake_settings_load(settings, "capture one file=x.pcapng\n"
				     "capture two file=x.pcapng\n");
	ck_assert_int_eq(fake_configure(fake, &settings->settings, &error),
			 -EEXIST);
	ck_assert_ptr_nonnull(strstr(error.text, "one writes to x.pcapng"));
}
END_TEST

START_TEST(traced_frame_is_not_captured)
{
	start_stream();
	fake->call.tracing = true;
	fake_ingress(fake, frame_from(WEB));
	ck_assert_uint_eq(frames(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture");
	TCase *tcase = tcase_create("capture");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, nobody_looks_nothing_is_written);
	tcase_add_test(tcase, stream_gets_both_directions_of_its_port_alone);
	tcase_add_test(tcase, direction_restricts);
	tcase_add_test(tcase, without_a_port_every_port_is_seen);
	tcase_add_test(tcase, external_port_is_the_wire_in_customer_form);
	tcase_add_test(tcase, filter_decides_and_a_bad_one_is_refused);
	tcase_add_test(tcase, snap_cuts_the_frame_and_keeps_its_size);
	tcase_add_test(tcase, wire_sees_lead_and_slice_and_no_port);
	tcase_add_test(tcase, uplink_and_the_word_wire_mean_the_provider_side);
	tcase_add_test(tcase,
		       port_that_appears_gets_its_interface_before_its_frames);
	tcase_add_test(tcase, unknown_port_is_refused);
	tcase_add_test(tcase, count_ends_the_stream);
	tcase_add_test(tcase, port_that_is_deleted_ends_the_stream);
	tcase_add_test(tcase, client_that_went_away_ends_the_stream);
	tcase_add_test(tcase,
		       file_is_opened_by_the_tick_and_not_by_the_candidate);
	tcase_add_test(tcase, frame_without_room_is_counted_as_lost);
	tcase_add_test(
		tcase,
		frame_that_the_writer_lost_is_counted_and_said_in_the_file);
	tcase_add_test(
		tcase,
		reader_that_stands_still_gets_its_losses_once_and_at_the_end);
	tcase_add_test(tcase, file_that_takes_no_more_is_failed_and_says_why);
	tcase_add_test(tcase, file_that_fails_while_nothing_comes_is_seen);
	tcase_add_test(tcase, client_that_has_enough_loses_nothing);
	tcase_add_test(tcase, candidate_that_is_thrown_away_opens_nothing);
	tcase_add_test(tcase, object_that_is_deleted_closes_its_file);
	tcase_add_test(tcase,
		       object_with_a_bad_filter_is_refused_with_its_place);
	tcase_add_test(tcase, two_objects_cannot_write_one_file);
	tcase_add_test(tcase, traced_frame_is_not_captured);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
