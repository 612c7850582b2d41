/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sniff.c: `secret sniff DEVICE OUT OWN FOREIGN...`: count the frames on a
 * VM's device that carry its own secret and those that carry another's.
 * `secret sniff DEVICE OUT VSID=FILE...`: on the wire: a frame of a VSID may
 * carry that VSID's secret only. Until SIGTERM; then OUT gets one line:
 *     frames=N bytes=N own=N foreign=N lost=N super=N
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>

#include "secret.h"

#define TENANTS	   8
#define FRAME_SIZE (80 * 1024)

struct tenant {
	struct secret secret;
	unsigned long vsid; /* wire sniffer only */
};

struct sniffer {
	bool wire;
	int tenant_count;
	struct tenant tenants[TENANTS]; /* a VM's: [0] is its own */
	unsigned long frames, bytes, own, foreign, super, lost;
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* The VSID of an NVGRE frame, 0 if it is none. */
static unsigned long vsid_of(const uint8_t *frame, size_t size)
{
	size_t ip = 14, gre;

	if (size < ip + 28 || frame[12] != 0x08 || frame[13] != 0x00 ||
	    frame[ip + 9] != 47)
		return 0;
	gre = ip + (frame[ip] & 15u) * 4u;
	if (size < gre + 8 || frame[gre] != 0x20 || frame[gre + 2] != 0x65)
		return 0;
	return (unsigned long)frame[gre + 4] << 16 |
	       (unsigned long)frame[gre + 5] << 8 | frame[gre + 6];
}

static void judge(struct sniffer *s, const uint8_t *frame, size_t size)
{
	unsigned long vsid = s->wire ? vsid_of(frame, size) : 0;
	bool own = false, foreign = false;

	s->frames++;
	s->bytes += size;
	s->super += size > 1600;
	for (int i = 0; i < s->tenant_count; i++) {
		const struct tenant *t = &s->tenants[i];
		bool mine = s->wire ? t->vsid == vsid : i == 0;

		if (!memmem(frame, size, t->secret.digits, SECRET_SIZE))
			continue;
		own |= mine;
		foreign |= !mine;
	}
	s->own += own;
	s->foreign += foreign;
}

static void read_tenants(struct sniffer *s, int argc, char **argv)
{
	s->wire = strchr(argv[3], '=') != NULL;
	for (int i = 3; i < argc && s->tenant_count < TENANTS; i++) {
		struct tenant *t = &s->tenants[s->tenant_count++];
		char *file = strchr(argv[i], '=');

		t->vsid = s->wire ? strtoul(argv[i], NULL, 10) : 0;
		t->secret = secret_read(file ? file + 1 : argv[i]);
	}
}

static void count_lost(struct sniffer *s, int fd)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof(stats);

	if (!getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		s->lost = stats.tp_drops;
}

static void report(const struct sniffer *s, const char *file)
{
	FILE *out = fopen(file, "w");

	if (!out)
		err(2, "%s", file);
	fprintf(out,
		"frames=%lu bytes=%lu own=%lu foreign=%lu lost=%lu "
		"super=%lu\n",
		s->frames, s->bytes, s->own, s->foreign, s->lost, s->super);
	fclose(out);
}

int sniff_main(int argc, char **argv)
{
	static uint8_t frame[FRAME_SIZE];
	struct sigaction action = {.sa_handler = stop};
	struct sniffer sniffer = {0};
	int fd;

	if (argc < 4)
		errx(2, "usage: secret sniff DEVICE OUT OWN FOREIGN... | "
			"VSID=FILE...");
	read_tenants(&sniffer, argc, argv);
	fd = packet_open(argv[1]);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!stopped) {
		ssize_t n = recv(fd, frame, sizeof(frame), 0);

		if (n > 0)
			judge(&sniffer, frame, (size_t)n);
		else if (n < 0 && errno != EINTR && errno != ENETDOWN)
			err(2, "%s", argv[1]);
	}
	/* what is still queued was on the wire, too */
	for (;;) {
		ssize_t n = recv(fd, frame, sizeof(frame), MSG_DONTWAIT);

		if (n <= 0)
			break;
		judge(&sniffer, frame, (size_t)n);
	}
	count_lost(&sniffer, fd);
	report(&sniffer, argv[2]);
	return 0;
}
