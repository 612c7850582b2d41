/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The privileged door and the watch against the real kernel: TAPs in
 * namespaces, names that the kernel would change, devices that come and go.
 */
#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>

#include "io/netlink.h"
#include "io/watch.h"
#include "tests/support/netns.h"
#include "tests/support/shell.h"
#include "tests/support/suite.h"

static struct shell shell;

static void begin(void)
{
	netns_create('a');
	shell_open(&shell);
}

static void end(void)
{
	shell_close(&shell);
	netns_remove_all();
}

static struct priv_request tap_request(const char *device)
{
	struct priv_request request = {
		.op = PRIV_OPEN_TAP,
		.flags = PRIV_FLAG_UP,
	};

	snprintf(request.device, sizeof(request.device), "%s", device);
	snprintf(request.netns, sizeof(request.netns), "%s", netns_name('a'));
	return request;
}

static struct priv_address v4(uint8_t last, uint8_t length)
{
	return (struct priv_address){
		.octet = {[10] = 0xff, 0xff, 10, 0, 0, last},
		.length = (uint8_t)(96 + length),
	};
}

START_TEST(tap_in_a_namespace_has_what_was_asked_for)
{
	struct priv_request request = tap_request("eth0");
	struct shell_answer answer;

	request.mtu = 1458;
	memcpy(request.mac, "\x02\0\0\0\0\x05", 6);
	request.address_count = 1;
	request.addresses[0] = v4(5, 24);
	request.gateway_count = 1;
	request.gateways[0] = v4(1, 32);
	answer = shell_ask(&shell, &request);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	ck_assert_uint_eq(answer.reply.mtu, 1458);
	ck_assert_uint_eq(answer.reply.up, 1);
	ck_assert_uint_eq(answer.reply.features & PRIV_HAS_TSO, PRIV_HAS_TSO);
	ck_assert_int_eq(memcmp(answer.reply.mac, request.mac, 6), 0);
	ck_assert_uint_ge(answer.reply.address_count, 1);
	ck_assert_int_eq(run("ip -n %s route get 8.8.8.8 | grep -q "
			     "'via 10.0.0.1 dev eth0 src 10.0.0.5'",
			     netns_name('a')),
			 0);
	close(answer.fds[0]);
	ck_assert_int_ne(
		run("ip -n %s link show eth0 2>/dev/null", netns_name('a')), 0);
}
END_TEST

static bool tap_answered;

/* Takes nothing. */
static void only_look(struct priv_caller *caller,
		      const struct priv_reply *reply, int fds[2])
{
	(void)caller;
	ck_assert_msg(!reply->error, "%s", reply->text);
	ck_assert_int_ge(fds[0], 0);
	tap_answered = true;
}

START_TEST(what_an_answer_brings_and_nobody_takes_is_closed)
{
	struct priv_request request = tap_request("eth0");
	struct priv_caller caller = {.answer = only_look};

	ck_assert_int_eq(
		privileged_ask(shell.privileged, &request, -1, &caller), 0);
	TURN_UNTIL(shell.loop, tap_answered);
	ck_assert_int_ne(
		run("ip -n %s link show eth0 2>/dev/null", netns_name('a')), 0);
}
END_TEST

START_TEST(addresses_not_asked_for_go_away_when_exact)
{
	struct priv_request request = tap_request("eth0");
	struct shell_answer tap, set;

	request.address_count = 1;
	request.addresses[0] = v4(5, 24);
	tap = shell_ask(&shell, &request);
	ck_assert_msg(!tap.reply.error, "%s", tap.reply.text);
	request.op = PRIV_SET_LINK;
	request.flags = PRIV_FLAG_EXACT;
	request.addresses[0] = v4(6, 24);
	set = shell_ask(&shell, &request);
	ck_assert_msg(!set.reply.error, "%s", set.reply.text);
	ck_assert_int_eq(run("ip -n %s -4 -o addr show eth0 | grep -q 10.0.0.6",
			     netns_name('a')),
			 0);
	ck_assert_int_ne(run("ip -n %s -4 -o addr show eth0 | grep -q 10.0.0.5",
			     netns_name('a')),
			 0);
	close(tap.fds[0]);
}
END_TEST

/* trust.md 0.5: the kernel cuts at 15 and expands %d */
START_TEST(names_that_the_kernel_would_change_are_refused)
{
	static const char *const names[] = {"a%d", "a/b", "", ".", "a b"};
	struct priv_request request;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		request = tap_request(names[i]);
		ck_assert_int_eq(shell_ask(&shell, &request).reply.error,
				 EINVAL);
	}
	request = tap_request("x");
	memset(request.device, 'x', sizeof(request.device));
	ck_assert_int_eq(shell_ask(&shell, &request).reply.error, EINVAL);
	ck_assert_int_ne(
		run("ip -n %s link show | grep -q ': x'", netns_name('a')), 0);
}
END_TEST

START_TEST(taken_name_is_refused_and_leaves_nothing)
{
	struct priv_request request = tap_request("eth0");
	struct shell_answer first = shell_ask(&shell, &request);
	struct shell_answer second = shell_ask(&shell, &request);

	ck_assert_int_eq(first.reply.error, 0);
	ck_assert_int_eq(second.reply.error, EEXIST);
	/* for who closes it elsewhere: that takes the kernel long */
	ck_assert_int_ge(second.fds[0], 0);
	close(second.fds[0]);
	/* lo and eth0, no third */
	ck_assert_int_eq(
		run("test $(ip -n %s -o link | wc -l) = 2", netns_name('a')),
		0);
	ck_assert_int_ne(
		run("ip -o link | grep -q ': vs%x-'", (unsigned int)getpid()),
		0);
	close(first.fds[0]);
}
END_TEST

START_TEST(absent_namespace_is_said_by_name)
{
	struct priv_request request = tap_request("eth0");
	struct shell_answer answer;

	strcpy(request.netns, "vsio-absent");
	answer = shell_ask(&shell, &request);
	ck_assert_int_eq(answer.reply.error, ENOENT);
	ck_assert_ptr_nonnull(strstr(answer.reply.text, "vsio-absent"));
}
END_TEST

/* How many devices of our temporary names a listener heard of. */
static unsigned int temporary_devices(int listener)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[32768];
	struct netlink_link link;
	unsigned int count = 0;
	char prefix[16];
	ssize_t size;

	snprintf(prefix, sizeof(prefix), "vs%x-", (unsigned int)getpid());
	while ((size = recv(listener, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		if (!netlink_read_link((const struct nlmsghdr *)bytes, &link))
			count += !strncmp(link.name, prefix, strlen(prefix));
	return count;
}

/* To take one away again costs the kernel more than to make it. */
START_TEST(no_device_is_made_for_an_absent_namespace)
{
	struct priv_request request = tap_request("eth0");
	int listener = netlink_open(RTMGRP_LINK);
	struct shell_answer answer = shell_ask(&shell, &request);

	ck_assert_int_eq(answer.reply.error, 0);
	ck_assert_uint_gt(temporary_devices(listener), 0);
	close(answer.fds[0]);
	strcpy(request.netns, "vsio-absent");
	answer = shell_ask(&shell, &request);
	ck_assert_int_eq(answer.reply.error, ENOENT);
	ck_assert_uint_eq(temporary_devices(listener), 0);
	close(listener);
}
END_TEST

START_TEST(control_socket_of_a_living_daemon_is_not_taken)
{
	struct priv_request request = {.op = PRIV_OPEN_LISTENER};
	struct shell_answer first, second;

	strcpy(request.path, "vswitchd.sock");
	first = shell_ask(&shell, &request);
	ck_assert_int_eq(first.reply.error, 0);
	second = shell_ask(&shell, &request);
	ck_assert_int_eq(second.reply.error, EADDRINUSE);
	/* the daemon died without removing it */
	close(first.fds[0]);
	second = shell_ask(&shell, &request);
	ck_assert_int_eq(second.reply.error, 0);
	close(second.fds[0]);
}
END_TEST

START_TEST(second_lock_is_refused)
{
	struct priv_request request = {
		.op = PRIV_OPEN_FILE,
		.role = PRIV_FILE_LOCK,
	};
	struct shell_answer first = shell_ask(&shell, &request);
	struct shell_answer second = shell_ask(&shell, &request);

	ck_assert_int_eq(first.reply.error, 0);
	ck_assert_int_eq(second.reply.error, EWOULDBLOCK);
	close(first.fds[0]);
}
END_TEST

START_TEST(file_name_cannot_leave_its_directory)
{
	struct priv_request request = {
		.op = PRIV_OPEN_FILE,
		.role = PRIV_FILE_CAPTURE,
	};

	strcpy(request.path, "../journal");
	ck_assert_int_eq(shell_ask(&shell, &request).reply.error, EINVAL);
	strcpy(request.path, "..");
	ck_assert_int_eq(shell_ask(&shell, &request).reply.error, EINVAL);
	request.role = PRIV_FILE_PCAP_IN;
	strcpy(request.path, "/dev/zero");
	ck_assert_int_eq(shell_ask(&shell, &request).reply.error, EINVAL);
}
END_TEST

START_TEST(held_protocol_is_known_to_the_kernel)
{
	struct priv_request request = {.op = PRIV_HOLD_PROTOCOL};
	struct shell_answer answer;

	snprintf(request.netns, sizeof(request.netns), "%s", netns_name('a'));
	answer = shell_ask(&shell, &request);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	/* 47 in hexadecimal; without it GRE is answered with ICMP */
	ck_assert_int_eq(run("ip netns exec %s grep -q ':002F ' /proc/net/raw",
			     netns_name('a')),
			 0);
	close(answer.fds[0]);
	ck_assert_int_ne(run("ip netns exec %s grep -q ':002F ' /proc/net/raw",
			     netns_name('a')),
			 0);
}
END_TEST

/* BPF_RET | BPF_K with `bytes` to keep. */
static uint64_t return_instruction(uint32_t bytes)
{
	return 0x06u | (uint64_t)bytes << 32;
}

static ssize_t frames_seen(int fd)
{
	uint8_t bytes[2048];
	ssize_t count = 0;

	run("ip -n %s neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0; "
	    "ip netns exec %s ping -q -c 2 -i 0.05 -W 0.2 10.0.0.9 >/dev/null",
	    netns_name('a'), netns_name('a'));
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		count++;
	return count;
}

START_TEST(filter_decides_what_a_packet_socket_sees)
{
	struct priv_request request = {
		.op = PRIV_OPEN_NETDEV,
		.device = "v1",
	};
	struct priv_request filter = {
		.op = PRIV_SET_FILTER,
		.filter_count = 1,
	};
	struct shell_answer socket, set = {.caller.answer = shell_answered};

	snprintf(request.netns, sizeof(request.netns), "%s", netns_name('a'));
	run("ip -n %s link add v0 type veth peer name v1; ip -n %s addr add "
	    "10.0.0.1/24 dev v0; ip -n %s link set v0 up; ip -n %s link set "
	    "v1 up",
	    netns_name('a'), netns_name('a'), netns_name('a'), netns_name('a'));
	socket = shell_ask(&shell, &request);
	ck_assert_msg(!socket.reply.error, "%s", socket.reply.text);
	ck_assert_int_gt((int)frames_seen(socket.fds[0]), 0);
	filter.filter[0] = return_instruction(0);
	ck_assert_int_eq(privileged_ask(shell.privileged, &filter,
					socket.fds[0], &set.caller),
			 0);
	TURN_UNTIL(shell.loop, set.came);
	ck_assert_int_eq(set.reply.error, 0);
	ck_assert_int_eq((int)frames_seen(socket.fds[0]), 0);
	filter.filter_count = 0;
	for (int again = 0; again < 2; again++) {
		set = (struct shell_answer){.caller.answer = shell_answered};
		ck_assert_int_eq(privileged_ask(shell.privileged, &filter,
						socket.fds[0], &set.caller),
				 0);
		TURN_UNTIL(shell.loop, set.came);
		ck_assert_int_eq(set.reply.error, 0);
	}
	ck_assert_int_gt((int)frames_seen(socket.fds[0]), 0);
	close(socket.fds[0]);
}
END_TEST

/* -- the watch ------------------------------------------------------------- */

struct story {
	struct watch_owner owner; /* first */
	unsigned int changed, vanished, appeared, gone;
	uint32_t if_index, mtu; /* of eth0 */
	uint16_t addresses;
	bool up, present;
};

static void on_changed(struct watch_owner *owner,
		       const struct watch_device *device)
{
	struct story *story = (struct story *)owner;

	if (strcmp(device->name, "eth0") != 0)
		return;
	story->changed++;
	story->if_index = device->if_index;
	story->mtu = device->mtu;
	story->up = device->up;
	story->addresses = device->address_count;
	story->present = true;
}

static void on_vanished(struct watch_owner *owner,
			const struct watch_device *device)
{
	struct story *story = (struct story *)owner;

	if (strcmp(device->name, "eth0") != 0)
		return;
	story->vanished++;
	story->present = false;
}

static void on_appeared(struct watch_owner *owner, const char *netns)
{
	(void)netns;
	((struct story *)owner)->appeared++;
}

static void on_gone(struct watch_owner *owner, const char *netns)
{
	(void)netns;
	((struct story *)owner)->gone++;
}

static struct story new_story(void)
{
	return (struct story){.owner = {
				      .device_changed = on_changed,
				      .device_vanished = on_vanished,
				      .netns_appeared = on_appeared,
				      .netns_gone = on_gone,
			      }};
}

START_TEST(watch_tells_what_happens_to_a_device)
{
	struct story story = new_story();
	struct watch *watch;
	uint32_t before;

	run("ip -n %s link add eth0 type veth peer name peer", netns_name('a'));
	ck_assert_int_eq(watch_create(&watch, shell.loop, shell.privileged,
				      &story.owner),
			 0);
	ck_assert_int_eq(watch_add(watch, netns_name('a')), 0);
	TURN_UNTIL(shell.loop, story.present);
	ck_assert_uint_eq(story.appeared, 1);
	ck_assert(!story.up);
	run("ip -n %s link set peer up; ip -n %s link set eth0 up mtu 1400",
	    netns_name('a'), netns_name('a'));
	TURN_UNTIL(shell.loop, story.up && story.mtu == 1400);
	run("ip -n %s addr add 192.0.2.1/24 dev eth0", netns_name('a'));
	TURN_UNTIL(shell.loop, story.addresses >= 1);
	ck_assert_ptr_nonnull(watch_find(watch, netns_name('a'), "eth0"));
	before = story.if_index;
	/* trust.md 0.3: the same name, another device */
	run("ip -n %s link del eth0; ip -n %s link add eth0 type veth peer "
	    "name peer",
	    netns_name('a'), netns_name('a'));
	TURN_UNTIL(shell.loop, story.vanished == 1 && story.present);
	ck_assert_uint_ne(story.if_index, before);
	watch_remove(watch, netns_name('a'));
	watch_destroy(watch);
}
END_TEST

START_TEST(watch_finds_a_namespace_that_comes_back)
{
	struct story story = new_story();
	struct watch *watch;

	ck_assert_int_eq(watch_create(&watch, shell.loop, shell.privileged,
				      &story.owner),
			 0);
	ck_assert_int_eq(watch_add(watch, netns_name('b')), 0);
	for (int i = 0; i < 5; i++)
		turn(shell.loop);
	ck_assert_uint_eq(story.appeared, 0);
	for (unsigned int i = 1; i <= 3; i++) {
		netns_create('b');
		run("ip -n %s link add eth0 type veth peer name peer",
		    netns_name('b'));
		TURN_UNTIL(shell.loop, story.appeared == i && story.present);
		netns_delete('b');
		TURN_UNTIL(shell.loop, story.gone == i);
		ck_assert_uint_eq(story.vanished, i);
	}
	watch_destroy(watch);
}
END_TEST

#define MANY 100

static bool all_up(const struct watch *watch)
{
	const struct watch_device *device;
	char name[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		device = watch_find(watch, netns_name('a'), name);
		if (!device || !device->up)
			return false;
	}
	return true;
}

static void every(const char *format)
{
	char path[80], line[128];
	FILE *batch;

	snprintf(path, sizeof(path), "%s/batch", shell.directory);
	batch = fopen(path, "w");
	ck_assert_ptr_nonnull(batch);
	for (int i = 0; i < MANY; i++) {
		snprintf(line, sizeof(line), format, i, i);
		fprintf(batch, "%s\n", line);
	}
	fclose(batch);
	ck_assert_int_eq(run("ip -n %s -batch %s", netns_name('a'), path), 0);
}

/* More events than the socket holds, while a dump is half read: the dump's
 * first part is out of date, and a second one is refused until it ends. */
START_TEST(watch_knows_what_is_true_after_a_flood_of_events)
{
	struct story story = new_story();
	struct watch *watch;

	run("ip -n %s link add eth0 type veth peer name peer", netns_name('a'));
	every("link add v%d type veth peer name w%d");
	every("link set w%d up");
	ck_assert_int_eq(watch_create(&watch, shell.loop, shell.privileged,
				      &story.owner),
			 0);
	ck_assert_int_eq(watch_add(watch, netns_name('a')), 0);
	TURN_UNTIL(shell.loop, story.appeared);
	ck_assert(!all_up(watch));
	for (int round = 0; round < 8; round++) {
		watch_refresh(watch);
		for (int i = 0; i < 8; i++) {
			every("link set v%d down");
			every("link set v%d up");
		}
		TURN_UNTIL(shell.loop, all_up(watch));
		ck_assert_uint_eq(story.vanished, 0);
		ck_assert(story.present);
		every("link set v%d down");
		TURN_UNTIL(shell.loop, !all_up(watch));
	}
	watch_destroy(watch);
}
END_TEST

static Suite *devices_suite(void)
{
	Suite *suite = suite_create("io_devices");
	TCase *tcase = tcase_create("kernel");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, tap_in_a_namespace_has_what_was_asked_for);
	tcase_add_test(tcase, what_an_answer_brings_and_nobody_takes_is_closed);
	tcase_add_test(tcase, addresses_not_asked_for_go_away_when_exact);
	tcase_add_test(tcase, names_that_the_kernel_would_change_are_refused);
	tcase_add_test(tcase, taken_name_is_refused_and_leaves_nothing);
	tcase_add_test(tcase, absent_namespace_is_said_by_name);
	tcase_add_test(tcase, no_device_is_made_for_an_absent_namespace);
	tcase_add_test(tcase, control_socket_of_a_living_daemon_is_not_taken);
	tcase_add_test(tcase, second_lock_is_refused);
	tcase_add_test(tcase, file_name_cannot_leave_its_directory);
	tcase_add_test(tcase, held_protocol_is_known_to_the_kernel);
	tcase_add_test(tcase, filter_decides_what_a_packet_socket_sees);
	tcase_add_test(tcase, watch_tells_what_happens_to_a_device);
	tcase_add_test(tcase, watch_finds_a_namespace_that_comes_back);
	tcase_add_test(tcase, watch_knows_what_is_true_after_a_flood_of_events);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	netns_or_skip();
	return suite_main(devices_suite());
}
