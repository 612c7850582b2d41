// SPDX-License-Identifier: Apache-2.0
/* nvbench_wire.c: frames as eth0 would get them from UDP. */
#include "nvbench_wire.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint32_t sum16(const void *bytes, size_t size, uint32_t sum)
{
	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t word;
		memcpy(&word, (const char *)bytes + i, 2);
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void wire_open(int fd)
{
	struct ifreq dev = {.ifr_name = "eth0"};
	int on = 1;
	if (ioctl(fd, SIOCGIFINDEX, &dev))
		die("eth0");
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_ifindex = dev.ifr_ifindex};
	if (bind(fd, (struct sockaddr *)&at, sizeof at) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on))
		die("packet socket");
}

void wire_head(struct wire_head *h, int fd, const char *address, uint16_t size)
{
	struct arpreq arp = {.arp_dev = "eth0"};
	struct ifreq mac = {.ifr_name = "eth0"}, ip = {.ifr_name = "eth0"};
	struct sockaddr_in to = {.sin_family = AF_INET}, from;
	inet_pton(AF_INET, address, &to.sin_addr);
	memcpy(&arp.arp_pa, &to, sizeof to);
	if (ioctl(fd, SIOCGIFHWADDR, &mac) || ioctl(fd, SIOCGIFADDR, &ip) ||
	    ioctl(fd, SIOCGARP, &arp))
		die("eth0: its MAC, its address or the neighbour");
	memcpy(&from, &ip.ifr_addr, sizeof from);
	*h = (struct wire_head){
		.vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			 .csum_start = sizeof h->ether + sizeof h->ip,
			 .csum_offset = 6},
		.ether = {.ether_type = htons(ETHERTYPE_IP)},
		.ip = {.version = 4,
		       .ihl = 5,
		       .ttl = 64,
		       .frag_off = htons(IP_DF),
		       .protocol = IPPROTO_UDP,
		       .saddr = from.sin_addr.s_addr,
		       .daddr = to.sin_addr.s_addr},
		.udp = {.source = htons(PORT0 + 2), .dest = htons(PORT0)},
	};
	memcpy(h->ether.ether_shost, mac.ifr_hwaddr.sa_data, 6);
	memcpy(h->ether.ether_dhost, arp.arp_ha.sa_data, 6);
	h->udp.len = htons((uint16_t)(sizeof h->udp + size));
	h->ip.tot_len = htons((uint16_t)(sizeof h->ip + sizeof h->udp + size));
	/* the pseudo header, for the device to go on from */
	h->udp.check = (uint16_t)sum16(
		&h->ip.saddr, 8,
		sum16(&h->udp.len, 2, (uint32_t)htons(IPPROTO_UDP)));
}

void wire_number(struct wire_head head[], unsigned n, uint16_t *id)
{
	for (unsigned i = 0; i < n; i++) {
		head[i].ip.id = htons((*id)++);
		head[i].ip.check = 0;
		head[i].ip.check =
			(uint16_t)~sum16(&head[i].ip, sizeof head[i].ip, 0);
	}
}

static void ip_header(uint8_t *h, int len, int proto, uint32_t src,
		      uint32_t dst)
{
	uint32_t s = 0;
	memset(h, 0, 20);
	h[0] = 0x45;
	h[2] = (uint8_t)(len >> 8);
	h[3] = (uint8_t)len;
	h[8] = 64;
	h[9] = (uint8_t)proto;
	src = htonl(src);
	dst = htonl(dst);
	memcpy(h + 12, &src, 4);
	memcpy(h + 16, &dst, 4);
	for (int i = 0; i < 20; i += 2)
		s += (uint32_t)h[i] << 8 | h[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	h[10] = (uint8_t)(~s >> 8);
	h[11] = (uint8_t)~s;
}

/* inner: src 02:77:aa:00:00:00 10.1.0.1:1000, dst 02:77:bb:FLOW 10.2.FLOW:FLOW;
 * outer (-k): the PA and MAC addresses of lib.sh, from host B to host A */
int wire_pcap(const char *out, int flows, int len, int vsid, int reverse)
{
	FILE *f = fopen(out, "w");
	const uint32_t head[6] = {0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1};
	int off = vsid ? 42 : 0;
	if (!f || len < 60 || len > 1500)
		die(out);
	fwrite(head, sizeof head, 1, f);
	for (int i = 0; i < flows; i++) {
		uint8_t p[2048] = {0}, *e = p + off,
			src[6] = {2, 0x77, 0xaa, 0, 0, 0};
		uint8_t dst[6] = {2,	     0x77, 0xbb, 0, (uint8_t)(i >> 8),
				  (uint8_t)i};
		uint32_t rec[4] = {0, 0, (uint32_t)(len + off),
				   (uint32_t)(len + off)};
		uint32_t a = 0x0a010001, b = 0x0a020000 + (uint32_t)i;
		if (vsid) {
			static const uint8_t mac[12] = {2, 0x77, 0, 0, 1, 1,
							2, 0x77, 0, 0, 1, 2};
			memcpy(p, mac, 12);
			p[12] = 8;
			ip_header(p + 14, len + 28, 47, 0xc0000202, 0xc0000201);
			p[34] = 0x20;
			p[36] = 0x65;
			p[37] = 0x58;
			p[38] = (uint8_t)(vsid >>
					  16); /* OVS: the whole 32-bit key; */
			p[39] = (uint8_t)(vsid >>
					  8); /* NVGRE: VSID << 8 | FlowID  */
			p[40] = (uint8_t)vsid;
		}
		memcpy(e, reverse ? src : dst, 6);
		memcpy(e + 6, reverse ? dst : src, 6);
		e[12] = 8;
		ip_header(e + 14, len - 14, 17, reverse ? b : a,
			  reverse ? a : b);
		e[34] = (uint8_t)(1000 >> 8);
		e[35] = (uint8_t)(1000 & 255);
		e[36] = (uint8_t)((2000 + i) >> 8);
		e[37] = (uint8_t)(2000 + i);
		e[39] = (uint8_t)(len - 34);
		fwrite(rec, sizeof rec, 1, f);
		fwrite(p, (size_t)(len + off), 1, f);
	}
	return fclose(f) != 0;
}
