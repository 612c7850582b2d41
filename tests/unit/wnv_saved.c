// SPDX-License-Identifier: Apache-2.0
/*
 * What was learned of a VM goes along with it: saved by the port on one host,
 * restored to another where it fits, refused whole where it does not.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"
#include "tests/support/suite.h"
#include "wnv/nouns.h"

#define SUBNET                                                                 \
	"uplink eth1\npa 192.0.2.1 prefix=24\nnetwork blue\n"                  \
	"subnet 5001 prefixes=10.0.0.0/24,fd00::/64\n"                         \
	"ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"                     \
	"l2only 02:00:00:00:00:0b pa=192.0.2.1\n"
#define OTHER_VM "l2only 02:00:00:00:00:0c pa=192.0.2.1\n"
#define PORTS                                                                  \
	"port vm11 tap=t0 vsid=5001 mac=02:00:00:00:00:0b ip-limit=3\n"        \
	"port vm12 tap=t1 vsid=5001 mac=02:00:00:00:00:0c\n"
#define HERE SUBNET OTHER_VM PORTS

#define HEAD  8u
#define ENTRY 26u
#define ROOM  1024u

struct entry {
	const char *ca;
	uint8_t mac; /* the last byte */
	uint32_t vsid;
};

static struct fake_host *host;
static struct fake_settings *settings;
static struct vs_error error;

static void configure(const char *lines)
{
	settings = fake_settings_open(wnv_nouns, WNV_NOUNS);
	fake_settings_load(settings, lines);
	ck_assert_msg(!fake_configure(host, &settings->settings, &error), "%s",
		      error.text);
}

static void open_host(const char *lines)
{
	host = fake_host_open(&vs_extension);
	configure(lines);
}

static void close_host(void)
{
	fake_host_close(host);
	fake_settings_close(settings);
}

static size_t pack(uint8_t *bytes, const struct entry *entries, uint32_t count)
{
	uint8_t *at = bytes + HEAD;

	memcpy(bytes, "wnv\1", 4);
	vs_store32(bytes + 4, count);
	for (uint32_t i = 0; i < count; i++, at += ENTRY) {
		struct vs_ip ip;

		ck_assert(!vs_ip_parse(entries[i].ca, &ip));
		memset(at, 0, ENTRY);
		vs_store32(at, entries[i].vsid);
		memcpy(at + 4, ip.octet, 16);
		at[20] = 2;
		at[25] = entries[i].mac;
	}
	return HEAD + (size_t)count * ENTRY;
}

static int restore(const char *port, const uint8_t *bytes, size_t size)
{
	const struct vs_saved saved = {
		.struct_size = sizeof(saved),
		.guid = vs_extension.guid,
		.version = vs_extension.version,
		.port = port,
		.bytes = bytes,
		.size = size,
	};

	error = (struct vs_error){.code = 0};
	return vs_extension.restore(host->instance, &saved, &error);
}

static int restore_entries(const char *port, const struct entry *entries,
			   uint32_t count)
{
	uint8_t bytes[ROOM];

	return restore(port, bytes, pack(bytes, entries, count));
}

static size_t save(const char *port, uint8_t *bytes)
{
	return vs_extension.save(host->instance, port, bytes, ROOM);
}

/* How many addresses are saved of the port, or of all. */
static size_t known(const char *port)
{
	uint8_t bytes[ROOM];
	size_t size = save(port, bytes);

	return size ? (size - HEAD) / ENTRY : 0;
}

static const struct entry two[] = {{"10.0.0.11", 0x0b, 5001},
				   {"fd00::11", 0x0b, 5001}};
static const struct entry neighbour[] = {{"10.0.0.12", 0x0c, 5001}};

START_TEST(addresses_of_a_port_go_to_the_next_host)
{
	uint8_t bytes[ROOM], again[ROOM];
	size_t size;

	open_host(HERE);
	ck_assert(!restore_entries("vm11", two, 2));
	ck_assert(!restore_entries("vm12", neighbour, 1));
	ck_assert_uint_eq(known(NULL), 3);
	size = save("vm11", bytes);
	ck_assert_uint_eq(size, HEAD + 2 * ENTRY);
	close_host();

	open_host(HERE);
	ck_assert_uint_eq(known(NULL), 0);
	ck_assert(!restore("vm11", bytes, size));
	ck_assert_uint_eq(save("vm11", again), size);
	ck_assert_uint_eq(known("vm12"), 0);
	ck_assert_uint_eq(host->seen.event_count, 2);
	ck_assert_ptr_nonnull(
		strstr(host->seen.events[0].text, "as was saved"));
	/* once more changes nothing */
	ck_assert(!restore("vm11", bytes, size));
	ck_assert_uint_eq(known(NULL), 2);
	ck_assert_uint_eq(host->seen.event_count, 2);
	close_host();
}
END_TEST

START_TEST(nothing_learned_is_nothing_saved)
{
	open_host(HERE);
	ck_assert_uint_eq(known(NULL), 0);
	ck_assert_uint_eq(known("vm11"), 0);
	ck_assert_uint_eq(known("nobody"), 0);
	close_host();
}
END_TEST

START_TEST(size_is_said_when_there_is_no_room)
{
	uint8_t bytes[HEAD + 1] = {[HEAD] = 0xee};

	open_host(HERE);
	ck_assert(!restore_entries("vm11", two, 2));
	ck_assert_uint_eq(vs_extension.save(host->instance, "vm11", NULL, 0),
			  HEAD + 2 * ENTRY);
	ck_assert_uint_eq(
		vs_extension.save(host->instance, "vm11", bytes, HEAD),
		HEAD + 2 * ENTRY);
	ck_assert_uint_eq(bytes[HEAD], 0xee);
	close_host();
}
END_TEST

/* The first two entries fit the port; the last one does not. */
static const struct {
	struct entry entry;
	const char *want;
	int code;
} misfits[] = {
	{{"10.0.0.12", 0x0c, 5001}, "is not of port vm11", EINVAL},
	{{"10.0.0.12", 0x0b, 5002}, "is not of port vm11", EINVAL},
	{{"10.9.0.12", 0x0b, 5001}, "no VM's address", EINVAL},
	{{"10.0.0.1", 0x0b, 5001}, "no VM's address", EINVAL},
	{{"::", 0x0b, 5001}, "no VM's address", EINVAL},
	{{"10.0.0.77", 0x0b, 5001}, "is at 02:00:00:00:00:0c here", EEXIST},
};

START_TEST(what_does_not_fit_is_refused_whole)
{
	const struct entry taken[] = {{"10.0.0.77", 0x0c, 5001}};
	const struct entry all[] = {two[0], two[1], misfits[_i].entry};

	open_host(HERE);
	ck_assert(!restore_entries("vm12", taken, 1));
	ck_assert_int_eq(restore_entries("vm11", all, 3), -misfits[_i].code);
	ck_assert_msg(strstr(error.text, misfits[_i].want), "%s", error.text);
	ck_assert_str_eq(error.path, "bytes");
	ck_assert_uint_eq(known("vm11"), 0);
	close_host();
}
END_TEST

START_TEST(address_needs_an_l2only_record_of_its_vm)
{
	open_host(SUBNET PORTS);
	ck_assert_int_eq(restore_entries("vm12", neighbour, 1), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text,
				     "vsctl l2only add "
				     "02:00:00:00:00:0c vsid=5001"));
	close_host();
}
END_TEST

START_TEST(policy_wins_over_what_was_saved)
{
	const struct entry fixed[] = {{"10.0.0.5", 0x0b, 5001}};

	open_host(HERE);
	ck_assert(!restore_entries("vm11", fixed, 1));
	ck_assert_uint_eq(known(NULL), 0);
	close_host();
}
END_TEST

START_TEST(limit_of_the_port_holds)
{
	const struct entry more[] = {two[0],
				     two[1],
				     {"10.0.0.13", 0x0b, 5001},
				     {"10.0.0.14", 0x0b, 5001}};

	open_host(HERE);
	ck_assert_int_eq(restore_entries("vm11", more, 4), -EDQUOT);
	ck_assert_ptr_nonnull(strstr(error.text, "ip-limit"));
	ck_assert_uint_eq(known("vm11"), 0);
	ck_assert(!restore_entries("vm11", more, 3));
	ck_assert(!restore_entries("vm11", more, 2));
	ck_assert_int_eq(restore_entries("vm11", more + 3, 1), -EDQUOT);
	close_host();
}
END_TEST

START_TEST(bytes_of_another_kind_are_refused)
{
	uint8_t bytes[ROOM];
	size_t size = pack(bytes, two, 2);

	open_host(HERE);
	ck_assert_int_eq(restore("vm11", bytes, size - 1), -EINVAL);
	ck_assert_int_eq(restore("vm11", bytes, size - ENTRY), -EINVAL);
	ck_assert_int_eq(restore("vm11", bytes, 7), -EINVAL);
	ck_assert_int_eq(restore("vm11", bytes, 0), -EINVAL);
	bytes[3] = 2;
	ck_assert_int_eq(restore("vm11", bytes, size), -EINVAL);
	ck_assert_str_eq(error.path, "bytes");
	ck_assert_int_eq(restore(NULL, bytes, size), -EINVAL);
	ck_assert_uint_eq(known(NULL), 0);
	close_host();
}
END_TEST

START_TEST(newer_version_inherits_what_its_policy_still_allows)
{
	const struct entry all[] = {
		two[0], neighbour[0], {"10.9.0.12", 0x0b, 5001}};

	host = fake_host_open(&vs_extension);
	ck_assert(!restore_entries(NULL, all, 3));
	configure(SUBNET PORTS); /* vm12 has no l2only record any more */
	ck_assert_uint_eq(known(NULL), 1);
	ck_assert_uint_eq(known("vm11"), 1);
	close_host();
}
END_TEST

START_TEST(inherited_addresses_count_against_the_limit)
{
	const struct entry more[] = {{"10.0.0.13", 0x0b, 5001},
				     {"10.0.0.14", 0x0b, 5001}};

	host = fake_host_open(&vs_extension);
	ck_assert(!restore_entries(NULL, two, 2));
	configure(HERE);
	ck_assert_int_eq(restore_entries("vm11", more, 2), -EDQUOT);
	ck_assert(!restore_entries("vm11", more, 1));
	close_host();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_saved");
	TCase *tcase = tcase_create("wnv_saved");

	tcase_add_test(tcase, addresses_of_a_port_go_to_the_next_host);
	tcase_add_test(tcase, nothing_learned_is_nothing_saved);
	tcase_add_test(tcase, size_is_said_when_there_is_no_room);
	tcase_add_loop_test(tcase, what_does_not_fit_is_refused_whole, 0,
			    (int)(sizeof(misfits) / sizeof(misfits[0])));
	tcase_add_test(tcase, address_needs_an_l2only_record_of_its_vm);
	tcase_add_test(tcase, policy_wins_over_what_was_saved);
	tcase_add_test(tcase, limit_of_the_port_holds);
	tcase_add_test(tcase, bytes_of_another_kind_are_refused);
	tcase_add_test(tcase,
		       newer_version_inherits_what_its_policy_still_allows);
	tcase_add_test(tcase, inherited_addresses_count_against_the_limit);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
