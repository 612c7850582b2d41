// SPDX-License-Identifier: Apache-2.0
/* taprelay - the floor: the least code that can carry frames between two ports.
 *
 *   taprelay tap A B
 *     copy frames between two TAP devices (read/write, epoll)
 *
 *   taprelay tapvnet A B
 *     the same with IFF_VNET_HDR, TSO and CSUM offload passed through
 *
 *   taprelay nvgre A PHY SIP DIP SMAC DMAC KEY
 *     TAP <-> NVGRE (IPv4, GRE key, 0x6558) on AF_PACKET PHY, one read per
 *     frame, sendmmsg/recvmmsg batches of 64
 *
 *   taprelay wire A PHY
 *     TAP <-> AF_PACKET PHY, frames as they are with their offload headers:
 *     the floor for IP rewrite
 *
 * No learning, no lookup, no policy: a switch built on the same system calls
 * can come close to these numbers but not beat them by much.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define ENCAP 42

static void die(const char *w)
{
	perror(w);
	exit(1);
}

static int tap_open(const char *name, int vnet, int sz)
{
	struct ifreq r = {0};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("/dev/net/tun");
	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	r.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | (vnet ? IFF_VNET_HDR : 0));
	if (ioctl(fd, TUNSETIFF, &r))
		die("TUNSETIFF");
	if (vnet) {
		if (ioctl(fd, TUNSETVNETHDRSZ, &sz))
			die("TUNSETVNETHDRSZ");
		if (ioctl(fd, TUNSETOFFLOAD,
			  TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
			die("TUNSETOFFLOAD");
	}
	return fd;
}

static int packet_open(const char *ifname, struct sockaddr_ll *sll, int all)
{
	/* accept only IPv4 protocol 47; drop in the kernel everything else */
	struct sock_filter f[] = {
		{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, ETH_P_IP},
		{BPF_LD | BPF_B | BPF_ABS, 0, 0, 23},
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, IPPROTO_GRE},
		{BPF_RET | BPF_K, 0, 0, 0xffff},
		{BPF_RET | BPF_K, 0, 0, 0},
	};
	struct sock_fprog p = {sizeof f / sizeof *f, f};
	uint16_t protocol = htons(all ? ETH_P_ALL : ETH_P_IP);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), one = 1,
	    big = 8 << 20;
	if (fd < 0)
		die("AF_PACKET");
	memset(sll, 0, sizeof *sll);
	sll->sll_family = AF_PACKET;
	sll->sll_protocol = protocol;
	sll->sll_ifindex = (int)if_nametoindex(ifname);
	if (all ? setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one)
		: setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p))
		die(all ? "PACKET_VNET_HDR" : "filter");
	if (bind(fd, (struct sockaddr *)sll, sizeof *sll))
		die("bind");
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
	if (!all) /* with super-frames it loses them */
		setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
			   sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
	return fd;
}

static uint16_t ip_sum(const uint8_t *h)
{
	uint32_t s = 0;
	for (int i = 0; i < 20; i += 2)
		s += (uint32_t)h[i] << 8 | h[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static uint8_t encap[ENCAP];
static uint8_t bufs[BATCH][ENCAP + 2048];
static struct mmsghdr mm[BATCH];
static struct iovec iov[BATCH];

static void nvgre_header(const char *sip, const char *dip, const char *smac,
			 const char *dmac, uint32_t key)
{
	uint8_t *h = encap;
	sscanf(dmac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", h, h + 1, h + 2, h + 3,
	       h + 4, h + 5);
	sscanf(smac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", h + 6, h + 7, h + 8,
	       h + 9, h + 10, h + 11);
	h[12] = 8;
	h[14] = 0x45;
	h[20] = 0x40;
	h[22] = 64;
	h[23] = IPPROTO_GRE;
	inet_pton(AF_INET, sip, h + 26);
	inet_pton(AF_INET, dip, h + 30);
	h[34] = 0x20; /* key present */
	h[36] = 0x65;
	h[37] = 0x58;
	key = htonl(key << 8); /* 24-bit VSID, 8-bit FlowID */
	memcpy(h + 38, &key, 4);
}

static void tap_to_phy(int tap, int phy)
{
	for (int more = 1; more;) {
		int n = 0;
		while (n < BATCH) {
			uint8_t *b = bufs[n];
			ssize_t l = read(tap, b + ENCAP, 2048);
			if (l <= 0) {
				more = 0;
				break;
			}
			uint16_t tot = (uint16_t)(l + ENCAP - 14), c;
			memcpy(b, encap, ENCAP);
			b[16] = (uint8_t)(tot >> 8);
			b[17] = (uint8_t)tot;
			c = ip_sum(b + 14);
			b[24] = (uint8_t)(c >> 8);
			b[25] = (uint8_t)c;
			iov[n] = (struct iovec){b, (size_t)l + ENCAP};
			mm[n].msg_hdr = (struct msghdr){.msg_iov = &iov[n],
							.msg_iovlen = 1};
			n++;
		}
		for (int o = 0; o < n;) {
			int r = sendmmsg(phy, mm + o, (unsigned)(n - o), 0);
			o += r > 0 ? r : 1; /* drop what the wire refuses */
		}
	}
}

static void phy_to_tap(int phy, int tap)
{
	int n;
	do {
		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){bufs[i], sizeof bufs[i]};
			mm[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i],
							.msg_iovlen = 1};
		}
		n = recvmmsg(phy, mm, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			uint8_t *b = bufs[i];
			if (mm[i].msg_len > ENCAP + 14 &&
			    !memcmp(b + 34, encap + 34, 8) &&
			    !memcmp(b + 26, encap + 30, 4))
				if (write(tap, b + ENCAP,
					  mm[i].msg_len - ENCAP) < 0) {
				}
		}
	} while (n == BATCH);
}

static void tap_to_tap(int from, int to)
{
	static uint8_t big[1 << 17];
	for (int i = 0; i < BATCH; i++) {
		ssize_t l = read(from, big, sizeof big);
		if (l <= 0)
			return;
		if (write(to, big, (size_t)l) < 0) {
		}
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc < 4)
		return 2;
	int nvgre = !strcmp(argv[1], "nvgre"), wire = !strcmp(argv[1], "wire"),
	    vnet = wire || !strcmp(argv[1], "tapvnet");
	int fd[2], ep = epoll_create1(0);
	struct sockaddr_ll sll;
	if (nvgre && argc != 9)
		return 2;
	fd[0] = tap_open(argv[2], vnet, wire ? 10 : 12);
	if (wire) {
		fd[1] = packet_open(argv[3], &sll, 1);
	} else if (nvgre) {
		nvgre_header(argv[4], argv[5], argv[6], argv[7],
			     (uint32_t)atoi(argv[8]));
		fd[1] = packet_open(argv[3], &sll, 0);
	} else
		fd[1] = tap_open(argv[3], vnet, 12);
	for (uint32_t i = 0; i < 2; i++) {
		struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e))
			die("epoll_ctl");
	}
	for (;;) {
		struct epoll_event ev[2];
		int n = epoll_wait(ep, ev, 2, -1);
		for (int i = 0; i < n; i++) {
			uint32_t k = ev[i].data.u32;
			if (!nvgre)
				tap_to_tap(fd[k], fd[!k]);
			else if (k == 0)
				tap_to_phy(fd[0], fd[1]);
			else
				phy_to_tap(fd[1], fd[0]);
		}
	}
}
