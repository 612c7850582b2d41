// SPDX-License-Identifier: Apache-2.0
/*
 * Turns by weight: ports that always have more to send share as their weights
 * say, in frames if they are small and in bytes if they are super-frames; who
 * has little to send gets all of it through, and one alone gets everything.
 */
#include "io/share.h"
#include "tests/support/prng.h"
#include "tests/support/suite.h"

#define PORTS 4

struct port {
	struct share share;
	uint32_t weight, size; /* of its frames */
	uint32_t waiting;      /* frames; UINT32_MAX = without end */
	uint64_t frames, bytes;
	uint32_t turns; /* without a frame though it had some */
};

static void turn(struct port *port, uint32_t heaviest)
{
	uint16_t room = share_begin(&port->share, port->weight, heaviest);
	uint16_t count = 0;
	uint32_t bytes = 0;

	port->turns = room ? 0 : port->turns + 1;
	if (!room)
		return;
	/* as a device reads: a frame that begins within the bytes is whole */
	while (count < room && port->waiting &&
	       bytes < (uint32_t)port->share.bytes) {
		count++;
		bytes += port->size;
		port->waiting -= port->waiting != UINT32_MAX;
	}
	port->frames += count;
	port->bytes += bytes;
	share_end(&port->share, room, count, bytes);
}

/* Rounds as the pump makes them: the heaviest of those that have something. */
static void rounds(struct port ports[PORTS], uint32_t count)
{
	while (count--) {
		uint32_t heaviest = 1;

		for (int i = 0; i < PORTS; i++)
			if (ports[i].waiting && ports[i].weight > heaviest)
				heaviest = ports[i].weight;
		for (int i = 0; i < PORTS; i++)
			if (ports[i].waiting)
				turn(&ports[i], heaviest);
	}
}

static void close_to(uint64_t part, uint64_t whole, uint32_t weight,
		     uint32_t sum)
{
	uint64_t wanted = whole * weight / sum;

	ck_assert_uint_ge(part * 100, wanted * 98);
	ck_assert_uint_le(part * 98, wanted * 100);
}

START_TEST(small_frames_are_shared_by_number)
{
	struct port ports[PORTS] = {
		{.weight = 1}, {.weight = 3}, {.weight = 50}, {.weight = 100}};
	uint64_t all = 0;

	for (int i = 0; i < PORTS; i++) {
		ports[i].size = 64;
		ports[i].waiting = UINT32_MAX;
	}
	rounds(ports, 10000);
	for (int i = 0; i < PORTS; i++)
		all += ports[i].frames;
	for (int i = 0; i < PORTS; i++)
		close_to(ports[i].frames, all, ports[i].weight, 154);
}
END_TEST

START_TEST(super_frames_are_shared_by_bytes)
{
	static const uint32_t sizes[PORTS] = {65226, 65226, 33000, 20000};
	struct port ports[PORTS] = {
		{.weight = 1}, {.weight = 10}, {.weight = 10}, {.weight = 20}};
	uint64_t all = 0;

	for (int i = 0; i < PORTS; i++) {
		ports[i].size = sizes[i];
		ports[i].waiting = UINT32_MAX;
	}
	rounds(ports, 20000);
	for (int i = 0; i < PORTS; i++)
		all += ports[i].bytes;
	for (int i = 0; i < PORTS; i++)
		close_to(ports[i].bytes, all, ports[i].weight, 41);
}
END_TEST

START_TEST(light_port_alone_gets_full_turns)
{
	struct port ports[PORTS] = {{.weight = 1, .size = 64}};

	ports[0].waiting = UINT32_MAX;
	for (int i = 1; i < PORTS; i++)
		ports[i].weight = 100;
	rounds(ports, 1000);
	ck_assert_uint_eq(ports[0].frames, 1000 * SHARE_FRAMES);
}
END_TEST

/* Who sends less than its part loses none of it to who floods. */
START_TEST(modest_ports_get_all_through_beside_a_flood)
{
	struct prng prng = prng_start(prng_seed());
	struct port ports[PORTS] = {{.weight = 1, .size = 65226},
				    {.weight = 1, .size = 64},
				    {.weight = 1, .size = 1500},
				    {.weight = 1, .size = 9000}};
	uint64_t offered[PORTS] = {0};

	ports[0].waiting = UINT32_MAX;
	for (int i = 0; i < 20000; i++) {
		for (int k = 1; k < PORTS; k++) {
			uint32_t some = prng_below(&prng, 28);

			ports[k].waiting += some;
			offered[k] += some;
		}
		rounds(ports, 1);
		for (int k = 1; k < PORTS; k++)
			ck_assert_uint_le(ports[k].waiting, 60);
	}
	rounds(ports, 10);
	for (int k = 1; k < PORTS; k++)
		ck_assert_uint_eq(ports[k].frames, offered[k]);
}
END_TEST

START_TEST(nobody_saves_up_and_nobody_starves)
{
	struct port ports[PORTS] = {{.weight = 1, .size = 65226},
				    {.weight = 100, .size = 64}};

	ports[0].waiting = 1;
	ports[1].waiting = UINT32_MAX;
	rounds(ports, 1000);
	ck_assert_uint_eq(ports[0].frames, 1);
	ports[0].waiting = UINT32_MAX;
	for (int i = 0; i < 100000; i++) {
		rounds(ports, 1);
		/* a turn of 2621 bytes pays for a super-frame in 25 */
		ck_assert_uint_le(ports[0].turns, 100);
	}
	close_to(ports[0].bytes, SHARE_BYTES, 100000, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("share");
	TCase *tcase = tcase_create("share");

	tcase_add_test(tcase, small_frames_are_shared_by_number);
	tcase_add_test(tcase, super_frames_are_shared_by_bytes);
	tcase_add_test(tcase, light_port_alone_gets_full_turns);
	tcase_add_test(tcase, modest_ports_get_all_through_beside_a_flood);
	tcase_add_test(tcase, nobody_saves_up_and_nobody_starves);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
