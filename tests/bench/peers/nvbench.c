// SPDX-License-Identifier: Apache-2.0
/* nvbench - tiny traffic generator / meter for the switch-peer benchmarks.
 *
 *   nvbench pps  -s SRCNS -d DSTNS -a DSTIP [-r PPS|0] [-t SECS] [-l LEN]
 *                [-S CPU] [-D CPU] [-P pid,pid] [-w]
 *                -w: whole frames, written past SRCNS's IP stack, as its UDP
 *                would be: for more than that stack can send
 *   nvbench ndr  same, [-x LOSS] [-i ITERS] [-m START_PPS]  binary search for
 * the loss-free rate nvbench rtt  same, [-n COUNT] UDP request/response latency
 *   nvbench cpu  [-P pid,pid] -o FILE -- CMD...             run CMD, write CPU
 * accounting to FILE nvbench wake [-S CPU] [-D CPU] [-n COUNT] thread-to-thread
 * wake-up round trip (no network) nvbench pcap [-f FLOWS] [-l LEN] [-k VSID]
 * [-R] -o FILE  LEN-byte frames, one per flow: own dst MAC, IP and port; -R
 * swaps src and dst; -k adds NVGRE nvbench quiet [-t MAXSECS] wait until
 * nothing else uses the CPUs
 *
 * Both ends live in one process (sockets are opened inside each namespace with
 * setns), so no control channel is needed.  Output: one line of key=value
 * pairs. CPU of the switch = sum of /proc/PID/task/N/schedstat (ns precise);
 * CPU of the machine = wall - idle from /proc/stat, per cpu.  foreign_pct = CPU
 * used meanwhile by processes that are neither ours (process group, -P pids)
 * nor inside a vsb-* namespace: the caller repeats a measurement that was
 * disturbed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nvbench_wire.h"

#define BATCH	    64
#define MAX_BURST   256 /* packets; a TAP queue holds 1000 */
#define MAX_FOREIGN 4.0 /* percent of one CPU */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

static void sleep_until(uint64_t t)
{
	struct timespec ts = {(time_t)(t / 1000000000ull),
			      (long)(t % 1000000000ull)};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
	       EINTR) {
	}
}

static void pin(int cpu)
{
	if (cpu < 0)
		return;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set))
		die("sched_setaffinity");
}

/* ---------------------------------------------------------------- CPU meter */

struct cpu_snap {
	uint64_t t, sw_ns, idle[2], steal[2], forks, foreign_ns;
};
static const char *opt_pids;

static uint64_t pid_cpu_ns(long pid)
{
	char path[64], name[384];
	uint64_t sum = 0;
	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	DIR *d = opendir(path);
	if (!d)
		return 0;
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s/schedstat", path, e->d_name);
		FILE *f = fopen(name, "r");
		unsigned long long v;
		if (!f)
			continue;
		if (fscanf(f, "%llu", &v) == 1)
			sum += v;
		fclose(f);
	}
	closedir(d);
	return sum;
}

static int is_switch_pid(long pid)
{
	for (const char *p = opt_pids ? opt_pids : ""; *p;) {
		char *end;
		if (strtol(p, &end, 10) == pid)
			return 1;
		if (end == p)
			break;
		p = *end ? end + 1 : end;
	}
	return 0;
}

static uint64_t foreign_cpu_ns(void)
{
	static ino_t ours[16];
	static int nours = -1;
	uint64_t sum = 0;
	struct stat st;
	char path[300];
	DIR *d;
	if (nours < 0) {
		nours = 0;
		d = opendir("/run/netns");
		for (struct dirent *e; d && (e = readdir(d));) {
			snprintf(path, sizeof path, "/run/netns/%s", e->d_name);
			if (!strncmp(e->d_name, "vsb-", 4) && nours < 16 &&
			    !stat(path, &st))
				ours[nours++] = st.st_ino;
		}
		if (d)
			closedir(d);
	}
	d = opendir("/proc");
	for (struct dirent *e; d && (e = readdir(d));) {
		long pid = atol(e->d_name), ppid, pgrp;
		char buf[512], *p;
		if (pid <= 0 || is_switch_pid(pid))
			continue;
		snprintf(path, sizeof path, "/proc/%ld/stat", pid);
		FILE *f = fopen(path, "r");
		if (!f)
			continue;
		size_t n = fread(buf, 1, sizeof buf - 1, f);
		fclose(f);
		buf[n] = 0;
		if (!(p = strrchr(buf, ')')) ||
		    sscanf(p + 1, " %*c %ld %ld", &ppid, &pgrp) != 2)
			continue;
		if (ppid == 2 || pid == 2 || pgrp == getpgrp())
			continue;
		snprintf(path, sizeof path, "/proc/%ld/ns/net", pid);
		if (stat(path, &st))
			continue;
		int mine = 0;
		for (int i = 0; i < nours; i++)
			mine |= st.st_ino == ours[i];
		if (!mine)
			sum += pid_cpu_ns(pid);
	}
	if (d)
		closedir(d);
	return sum;
}

static struct cpu_snap snap_at(int before)
{
	struct cpu_snap s = {0};
	if (before)
		s.foreign_ns = foreign_cpu_ns();
	s.t = now_ns();
	const char *p = opt_pids ? opt_pids : "";
	while (*p) {
		char *end;
		long pid = strtol(p, &end, 10);
		if (end == p)
			break;
		s.sw_ns += pid_cpu_ns(pid);
		p = *end ? end + 1 : end;
	}
	FILE *f = fopen("/proc/stat", "r");
	if (!f)
		die("/proc/stat");
	char line[512];
	const uint64_t tick = 1000000000ull / (uint64_t)sysconf(_SC_CLK_TCK);
	while (fgets(line, sizeof line, f)) {
		int c;
		unsigned long long u, n, sy, id, io, hi, si, st;
		if (sscanf(line,
			   "cpu%d %llu %llu %llu %llu %llu %llu %llu %llu", &c,
			   &u, &n, &sy, &id, &io, &hi, &si, &st) == 9 &&
		    c < 2) {
			s.idle[c] = (id + io) * tick;
			s.steal[c] = st * tick;
		}
		sscanf(line, "processes %llu", (unsigned long long *)&s.forks);
	}
	fclose(f);
	if (!before)
		s.foreign_ns = foreign_cpu_ns();
	return s;
}

/* the scan of /proc stays outside the timed window */
static struct cpu_snap snap(void)
{
	return snap_at(0);
}
static struct cpu_snap snap_before(void)
{
	return snap_at(1);
}

/* percent of one CPU; a burst of forks (compilers, shells) counts as noise too
 */
static double foreign_pct(const struct cpu_snap *a, const struct cpu_snap *b)
{
	double wall = (double)(b->t - a->t) + 1;
	double used = b->foreign_ns > a->foreign_ns
			      ? (double)(b->foreign_ns - a->foreign_ns)
			      : 0;
	double forks = (double)(b->forks - a->forks) * 1e9 / wall;
	return used * 100 / wall + (forks > 40 ? 100 : 0);
}

static void print_cpu(FILE *o, const struct cpu_snap *a,
		      const struct cpu_snap *b)
{
	uint64_t wall = b->t - a->t;
	fprintf(o, " wall_ns=%llu sw_ns=%llu", (unsigned long long)wall,
		(unsigned long long)(b->sw_ns - a->sw_ns));
	for (int c = 0; c < 2; c++) {
		int64_t busy =
			(int64_t)wall - (int64_t)(b->idle[c] - a->idle[c]);
		fprintf(o, " cpu%d_ns=%lld", c,
			(long long)(busy < 0 ? 0 : busy));
	}
	fprintf(o, " foreign_pct=%.2f", foreign_pct(a, b));
	fprintf(o, " steal_ns=%llu",
		(unsigned long long)(b->steal[0] + b->steal[1] - a->steal[0] -
				     a->steal[1]));
}

/* ------------------------------------------------------------------ sockets */

static const char *opt_src, *opt_dst, *opt_ip;
static int opt_srccpu = -1, opt_dstcpu = -1, opt_len = 64, opt_wire;
static double opt_secs = 1.0;

static int socket_in_ns(const char *ns, int family, int type)
{
	char path[256];
	snprintf(path, sizeof path, "/run/netns/%s", ns);
	int self = open("/proc/self/ns/net", O_RDONLY),
	    fd = open(path, O_RDONLY);
	if (self < 0 || fd < 0)
		die(path);
	if (setns(fd, CLONE_NEWNET))
		die("setns");
	int s = socket(family, type, 0);
	if (s < 0)
		die("socket");
	if (setns(self, CLONE_NEWNET))
		die("setns back");
	close(self);
	close(fd);
	return s;
}

static int udp_in_ns(const char *ns)
{
	return socket_in_ns(ns, AF_INET, SOCK_DGRAM);
}

static int rx_socket(int port)
{
	int s = udp_in_ns(opt_dst), big = 64 << 20;
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port)};
	struct timeval tv = {0, 50000};
	setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	if (bind(s, (struct sockaddr *)&a, sizeof a))
		die("bind");
	return s;
}

struct trial {
	double rate;
	uint64_t sent, recv, start, end;
	uint32_t id;
	int tx, rx;
};
static atomic_int stop_rx, rx_ready;

static void *rx_main(void *arg)
{
	struct trial *t = arg;
	static char buf[BATCH][2048];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	pin(opt_dstcpu);
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){buf[i], sizeof buf[i]};
		memset(&m[i], 0, sizeof m[i]);
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	atomic_store(&rx_ready, 1);
	for (;;) {
		int n = recvmmsg(t->rx, m, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			uint32_t id;
			memcpy(&id, buf[i], 4);
			if (id == t->id)
				t->recv++;
		}
		if (n <= 0 && atomic_load(&stop_rx))
			break;
	}
	return NULL;
}

static void *tx_main(void *arg)
{
	struct trial *t = arg;
	static char buf[2048];
	struct mmsghdr m[BATCH];
	struct wire_head head[BATCH] = {0};
	struct iovec iov[BATCH][2];
	uint16_t id = 0;
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(PORT0)};
	pin(opt_srccpu);
	prctl(PR_SET_TIMERSLACK, 1);
	memcpy(buf, &t->id, 4);
	inet_pton(AF_INET, opt_ip, &to.sin_addr);
	if (opt_wire)
		wire_head(&head[0], t->tx, opt_ip, (uint16_t)opt_len);
	for (int i = 0; i < BATCH; i++) {
		head[i] = head[0];
		iov[i][0] = (struct iovec){&head[i], sizeof head[i]};
		iov[i][1] = (struct iovec){buf, (size_t)opt_len};
		memset(&m[i], 0, sizeof m[i]);
		m[i].msg_hdr.msg_iov = opt_wire ? iov[i] : &iov[i][1];
		m[i].msg_hdr.msg_iovlen = opt_wire ? 2 : 1;
		if (opt_wire)
			continue;
		m[i].msg_hdr.msg_name = &to;
		m[i].msg_hdr.msg_namelen = sizeof to;
	}
	uint64_t debt = 0;
	t->start = now_ns();
	const uint64_t stop = t->start + (uint64_t)(opt_secs * 1e9);
	for (;;) {
		uint64_t now = now_ns();
		if (now >= stop)
			break;
		unsigned n = BATCH;
		if (t->rate >
		    0) { /* paced: send what is due, then sleep 100 us */
			double due = t->rate * (double)(now - t->start) / 1e9 -
				     (double)(t->sent + debt);
			if (due < 1) {
				sleep_until(now + 100000);
				continue;
			}
			if (due < n)
				n = (unsigned)due;
			if (due > MAX_BURST) /* we were descheduled: forget the
						debt, do not burst */
				debt += (uint64_t)(due - MAX_BURST);
		}
		if (opt_wire)
			wire_number(head, n, &id);
		int r = sendmmsg(t->tx, m, n, 0);
		if (r > 0)
			t->sent += (uint64_t)r;
		else if (opt_wire && errno == ENOBUFS)
			t->sent++; /* the device's queue is full: it is lost
				    * there, as UDP's are without a word */
		else if (errno != ENOBUFS && errno != EAGAIN)
			die("sendmmsg");
	}
	t->end = now_ns();
	return NULL;
}

static uint32_t next_id = 1;

static struct trial run_trial(double rate, struct cpu_snap *a,
			      struct cpu_snap *b)
{
	static struct trial t;
	memset(&t, 0, sizeof t);
	t.rate = rate;
	t.id = (uint32_t)getpid() << 8 | next_id++;
	t.rx = rx_socket(PORT0);
	t.tx = opt_wire ? socket_in_ns(opt_src, AF_PACKET, SOCK_RAW)
			: udp_in_ns(opt_src);
	if (opt_wire)
		wire_open(t.tx);
	int sb = 4 << 20;
	setsockopt(t.tx, SOL_SOCKET, SO_SNDBUFFORCE, &sb, sizeof sb);
	atomic_store(&stop_rx, 0);
	atomic_store(&rx_ready, 0);
	pthread_t rt, tt;
	pthread_create(&rt, NULL, rx_main, &t);
	while (!atomic_load(&rx_ready))
		usleep(100);
	usleep(20000);
	*a = snap_before();
	pthread_create(&tt, NULL, tx_main, &t);
	pthread_join(tt, NULL);
	*b = snap();
	usleep(150000);
	atomic_store(&stop_rx, 1);
	pthread_join(rt, NULL);
	close(t.rx);
	close(t.tx);
	return t;
}

static void print_trial(const char *name, const struct trial *t,
			const struct cpu_snap *a, const struct cpu_snap *b)
{
	double secs = (double)(t->end - t->start) / 1e9;
	printf("%s offered_pps=%.0f recv_pps=%.0f sent=%llu recv=%llu "
	       "loss=%.5f",
	       name, (double)t->sent / secs, (double)t->recv / secs,
	       (unsigned long long)t->sent, (unsigned long long)t->recv,
	       t->sent ? 1.0 - (double)t->recv / (double)t->sent : 0.0);
	print_cpu(stdout, a, b);
	putchar('\n');
}

static void do_ndr(double maxloss, int iters, double start)
{
	struct cpu_snap a, b, ba = {0}, bb = {0};
	struct trial best = {0}, t;
	double lo = 0, hi = start;
	if (hi <= 0) {
		t = run_trial(0, &a, &b);
		hi = (double)t.sent * 1e9 / (double)(t.end - t.start);
	}
	for (int i = 0; i < iters; i++) {
		double r = i == 0 && start > 0 ? hi : (lo + hi) / 2;
		for (int k = 0; k < 10; k++) { /* a disturbed trial says nothing
						  about the switch */
			t = run_trial(r, &a, &b);
			if (foreign_pct(&a, &b) < MAX_FOREIGN)
				break;
			usleep(200000);
		}
		double off = (double)t.sent * 1e9 / (double)(t.end - t.start);
		double loss =
			t.sent ? 1.0 - (double)t.recv / (double)t.sent : 1.0;
		if (getenv("NVBENCH_V"))
			fprintf(stderr, "  try %.0f offered %.0f loss %.5f\n",
				r, off, loss);
		if (loss <= maxloss) {
			lo = r;
			if (t.recv > best.recv) {
				best = t;
				ba = a;
				bb = b;
			}
		} else
			hi = r;
	}
	if (!best.sent) {
		printf("ndr recv_pps=0\n");
		return;
	}
	print_trial("ndr", &best, &ba, &bb);
}

/* ---------------------------------------------------------------------- rtt */

static void *echo_main(void *arg)
{
	int s = *(int *)arg;
	char buf[2048];
	struct sockaddr_in from;
	pin(opt_dstcpu);
	while (!atomic_load(&stop_rx)) {
		socklen_t l = sizeof from;
		ssize_t n = recvfrom(s, buf, sizeof buf, 0,
				     (struct sockaddr *)&from, &l);
		if (n > 0 && sendto(s, buf, (size_t)n, 0,
				    (struct sockaddr *)&from, l) < 0) {
		}
	}
	return NULL;
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static void do_rtt(int count)
{
	int rx = rx_socket(PORT0 + 1), tx = udp_in_ns(opt_src), warm = 500,
	    got = 0;
	struct timeval tv = {0, 200000};
	setsockopt(tx, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(PORT0 + 1)};
	inet_pton(AF_INET, opt_ip, &to.sin_addr);
	if (connect(tx, (struct sockaddr *)&to, sizeof to))
		die("connect");
	pthread_t et;
	pthread_create(&et, NULL, echo_main, &rx);
	pin(opt_srccpu);
	uint64_t *v = calloc((size_t)count, sizeof *v);
	uint32_t buf[512] = {0}, in[512];
	struct cpu_snap a = {0}, b;
	for (int i = -warm; i < count; i++) {
		if (i == 0)
			a = snap_before();
		buf[0] = (uint32_t)(i + warm);
		uint64_t t0 = now_ns();
		if (send(tx, buf, (size_t)opt_len, 0) < 0 && errno != ENOBUFS)
			die("send");
		for (;;) {
			ssize_t n = recv(tx, in, sizeof in, 0);
			if (n < 0)
				break;
			if (in[0] == buf[0]) {
				if (i >= 0)
					v[got++] = now_ns() - t0;
				break;
			}
		}
	}
	b = snap();
	atomic_store(&stop_rx, 1);
	pthread_join(et, NULL);
	if (!got) {
		printf("rtt lost=%d\n", count);
		return;
	}
	qsort(v, (size_t)got, sizeof *v, cmp_u64);
	double sum = 0;
	for (int i = 0; i < got; i++)
		sum += (double)v[i];
	printf("rtt count=%d lost=%d min_us=%.1f p50_us=%.1f p90_us=%.1f "
	       "p99_us=%.1f p999_us=%.1f mean_us=%.1f",
	       got, count - got, (double)v[0] / 1e3, (double)v[got / 2] / 1e3,
	       (double)v[got * 9 / 10] / 1e3, (double)v[got * 99 / 100] / 1e3,
	       (double)v[(long)got * 999 / 1000] / 1e3, sum / got / 1e3);
	print_cpu(stdout, &a, &b);
	putchar('\n');
	free(v);
}

/* ------------------------------------------------------------- wake, quiet */

static int efd[2];

static void *wake_main(void *arg)
{
	uint64_t v;
	(void)arg;
	pin(opt_dstcpu);
	while (read(efd[0], &v, 8) == 8 && v < 1000)
		if (write(efd[1], &v, 8) != 8)
			break;
	return NULL;
}

static void do_wake(int count)
{
	uint64_t *v = calloc((size_t)count, sizeof *v), x = 1;
	pthread_t t;
	efd[0] = eventfd(0, 0);
	efd[1] = eventfd(0, 0);
	pthread_create(&t, NULL, wake_main, NULL);
	pin(opt_srccpu);
	usleep(10000);
	struct cpu_snap a = snap_before(), b;
	for (int i = 0; i < count; i++) {
		uint64_t t0 = now_ns();
		x = 1;
		if (write(efd[0], &x, 8) != 8 || read(efd[1], &x, 8) != 8)
			die("eventfd");
		v[i] = now_ns() - t0;
	}
	b = snap();
	x = 1000;
	if (write(efd[0], &x, 8) != 8)
		die("eventfd");
	pthread_join(t, NULL);
	qsort(v, (size_t)count, sizeof *v, cmp_u64);
	printf("wake min_us=%.1f p50_us=%.1f p99_us=%.1f p999_us=%.1f",
	       (double)v[0] / 1e3, (double)v[count / 2] / 1e3,
	       (double)v[(long)count * 99 / 100] / 1e3,
	       (double)v[(long)count * 999 / 1000] / 1e3);
	print_cpu(stdout, &a, &b);
	putchar('\n');
	free(v);
}

static int do_quiet(double maxsecs)
{
	for (uint64_t end = now_ns() + (uint64_t)(maxsecs * 1e9);
	     now_ns() < end;) {
		struct cpu_snap a = snap_before();
		usleep(150000);
		struct cpu_snap b = snap();
		if (foreign_pct(&a, &b) < MAX_FOREIGN)
			return 0;
	}
	return 1;
}

static int do_cpu(const char *out, char **argv)
{
	struct cpu_snap a = snap_before(), b;
	pid_t p = fork();
	if (p == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	int st;
	if (p < 0 || waitpid(p, &st, 0) < 0)
		die("fork/wait");
	b = snap();
	FILE *f = fopen(out, "w");
	if (!f)
		die(out);
	fprintf(f, "cpu");
	print_cpu(f, &a, &b);
	fputc('\n', f);
	fclose(f);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 1;
}

int main(int argc, char **argv)
{
	double rate = 0, loss = 0.001, start = 0;
	int count = 10000, iters = 8, flows = 1, vsid = 0, reverse = 0, c;
	const char *out = "/dev/stdout", *cmd = argc > 1 ? argv[1] : "";
	optind = 2;
	while ((c = getopt(argc, argv,
			   "+s:d:a:r:t:l:S:D:P:x:i:m:n:o:f:k:Rw")) != -1) {
		switch (c) {
		case 's':
			opt_src = optarg;
			break;
		case 'd':
			opt_dst = optarg;
			break;
		case 'a':
			opt_ip = optarg;
			break;
		case 'r':
			rate = atof(optarg);
			break;
		case 't':
			opt_secs = atof(optarg);
			break;
		case 'l':
			opt_len = atoi(optarg);
			break;
		case 'S':
			opt_srccpu = atoi(optarg);
			break;
		case 'D':
			opt_dstcpu = atoi(optarg);
			break;
		case 'P':
			opt_pids = optarg;
			break;
		case 'x':
			loss = atof(optarg);
			break;
		case 'i':
			iters = atoi(optarg);
			break;
		case 'm':
			start = atof(optarg);
			break;
		case 'n':
			count = atoi(optarg);
			break;
		case 'o':
			out = optarg;
			break;
		case 'f':
			flows = atoi(optarg);
			break;
		case 'k':
			vsid = atoi(optarg);
			break;
		case 'R':
			reverse = 1;
			break;
		case 'w':
			opt_wire = 1;
			break;
		default:
			return 2;
		}
	}
	if (opt_len < 8 || opt_len > 1400)
		return 2;
	if (!strcmp(cmd, "cpu") && optind < argc)
		return do_cpu(out, argv + optind);
	if (!strcmp(cmd, "pcap"))
		return wire_pcap(out, flows, opt_len, vsid, reverse);
	if (!strcmp(cmd, "wake"))
		return do_wake(count), 0;
	if (!strcmp(cmd, "quiet"))
		return do_quiet(opt_secs);
	if (!opt_src || !opt_dst || !opt_ip) {
		fprintf(stderr, "usage: nvbench pps|ndr|rtt -s NS -d NS -a IP "
				"... | cpu -o FILE -- CMD | wake | quiet\n");
		return 2;
	}
	if (!strcmp(cmd, "pps")) {
		struct cpu_snap a, b;
		struct trial t = run_trial(rate, &a, &b);
		print_trial("pps", &t, &a, &b);
	} else if (!strcmp(cmd, "ndr"))
		do_ndr(loss, iters, start);
	else if (!strcmp(cmd, "rtt"))
		do_rtt(count);
	else
		return 2;
	return 0;
}
