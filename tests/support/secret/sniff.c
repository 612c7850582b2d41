/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sniff.c: `secret sniff DEVICE OUT OWN FOREIGN...`: count the frames on a
 * VM's device that carry its own secret and those that carry another's.
 * `secret sniff DEVICE OUT VSID=FILE...`: on the wire: a frame of a VSID may
 * carry that VSID's secret only. Until SIGTERM; then OUT gets one line:
 *     frames=N bytes=N own=N foreign=N lost=N super=N
 * and, of what arrived with its own secret, how many of each kind:
 *     arp=N nd=N broadcast=N multicast=N unknown=N tcp4=N tcp6=N udp=N icmp=N
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

enum kind {
	KIND_ARP,
	KIND_ND,
	KIND_BROADCAST,
	KIND_MULTICAST,
	KIND_UNKNOWN, /* unicast to a MAC that nobody has */
	KIND_TCP4,
	KIND_TCP6,
	KIND_UDP,
	KIND_ICMP,
	KIND_OTHER,
	KINDS
};

static const char *const kind_names[] = {
	"arp",	"nd",	"broadcast", "multicast", "unknown",
	"tcp4", "tcp6", "udp",	     "icmp",	  "other",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) == KINDS,
	       "each kind has a name");

struct tenant {
	struct secret secret;
	unsigned long vsid; /* wire sniffer only */
};

struct sniffer {
	bool wire;
	int tenant_count;
	struct tenant tenants[TENANTS]; /* a VM's: [0] is its own */
	unsigned long frames, bytes, own, foreign, super, lost;
	unsigned long kinds[KINDS]; /* own ones that arrived */
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

static enum kind kind_of_protocol(uint8_t protocol, bool ip6)
{
	switch (protocol) {
	case 1:
	case 58:
		return KIND_ICMP;
	case 6:
		return ip6 ? KIND_TCP6 : KIND_TCP4;
	case 17:
		return KIND_UDP;
	default:
		return KIND_OTHER;
	}
}

/* A frame that holds a secret has room for every header looked at here. */
static enum kind kind_of(const uint8_t *frame)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	unsigned int type = (unsigned int)frame[12] << 8 | frame[13];

	if (type == 0x0806)
		return KIND_ARP;
	if (type == 0x86dd && frame[20] == 58 && frame[54] >= 133 &&
	    frame[54] <= 137)
		return KIND_ND;
	if (memcmp(frame, all, 6) == 0)
		return KIND_BROADCAST;
	if (frame[0] & 1)
		return KIND_MULTICAST;
	if (frame[0] == 2 && frame[1] == 0xee)
		return KIND_UNKNOWN;
	if (type == 0x0800)
		return kind_of_protocol(frame[23], false);
	if (type == 0x86dd)
		return kind_of_protocol(frame[20], true);
	return KIND_OTHER;
}

static void judge(struct sniffer *s, const uint8_t *frame, size_t size,
		  bool arrived)
{
	unsigned long vsid = s->wire ? vsid_of(frame, size) : 0;
	bool own = false, foreign = false;

	s->frames++;
	s->bytes += size;
	s->super += size > 1600;
	for (int i = 0; i < s->tenant_count; i++) {
		const struct tenant *t = &s->tenants[i];
		bool mine = s->wire ? t->vsid == vsid : i == 0;

		if (!secret_within(&t->secret, frame, size))
			continue;
		own |= mine;
		foreign |= !mine;
	}
	s->own += own;
	if (own && arrived && size >= 55)
		s->kinds[kind_of(frame)]++;
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
	for (int i = 0; i < KINDS && !s->wire; i++)
		fprintf(out, "%s=%lu%c", kind_names[i], s->kinds[i],
			i == KINDS - 1 ? '\n' : ' ');
	fclose(out);
}

/* One frame, or false. */
static bool sniff_one(struct sniffer *sniffer, int fd, int flags)
{
	static uint8_t frame[FRAME_SIZE];
	struct sockaddr_ll where = {0};
	socklen_t size = sizeof(where);
	ssize_t n = recvfrom(fd, frame, sizeof(frame), flags,
			     (struct sockaddr *)&where, &size);

	if (n > 0)
		judge(sniffer, frame, (size_t)n,
		      where.sll_pkttype != PACKET_OUTGOING);
	return n >= 0;
}

int sniff_main(int argc, char **argv)
{
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
	while (!stopped)
		if (!sniff_one(&sniffer, fd, 0) && errno != EINTR &&
		    errno != ENETDOWN)
			err(2, "%s", argv[1]);
	/* what is still queued was on the wire, too */
	while (sniff_one(&sniffer, fd, MSG_DONTWAIT))
		continue;
	count_lost(&sniffer, fd);
	report(&sniffer, argv[2]);
	return 0;
}
