/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk.c: `secret talk FILE ADDRESS BYTES DATAGRAMS`: fetch the peer's secret
 * over TCP and UDP and say whose it is: prints
 *     tcp=own|other|none bytes=N udp=own|other|none replies=N
 * Exit 0 if everything that came was FILE's secret and something came.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "secret.h"

#define WAIT_SECONDS  15
#define GIVE_UP_AFTER 8 /* datagrams in a row without a reply */

struct heard {
	unsigned long own, other; /* bytes or replies */
};

/* All datagrams leave from one port: frames of two tenants are the same but
 * for what the lab says is different. */
static void bind_datagrams(int fd, int family)
{
	struct sockaddr_in6 from = {.sin6_family = (sa_family_t)family,
				    .sin6_port = htons(SECRET_FROM_PORT)};
	int yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&from,
		 family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(from)))
		err(2, "port %d", SECRET_FROM_PORT);
}

static int open_client(const char *address, const char *port, int type)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
				 .ai_socktype = type};
	struct timeval wait = {.tv_sec = WAIT_SECONDS};
	struct addrinfo *to;
	int fd;

	if (getaddrinfo(address, port, &hints, &to))
		errx(2, "%s: not an address", address);
	fd = socket(to->ai_family, type, 0);
	if (fd < 0)
		err(2, "socket");
	if (type == SOCK_DGRAM)
		bind_datagrams(fd, to->ai_family);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, to->ai_addr, to->ai_addrlen)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(to);
	return fd;
}

static struct heard talk_stream(const struct secret *secret,
				const char *address, long bytes)
{
	static char block[SECRET_BLOCK];
	struct heard heard = {0, 0};
	int fd = open_client(address, "7000", SOCK_STREAM);
	unsigned long at = 0;
	char line[32];
	ssize_t n;

	if (fd < 0 || bytes <= 0)
		return heard;
	snprintf(line, sizeof(line), "%ld\n", bytes);
	if (write(fd, line, strlen(line)) < 0)
		return heard;
	while ((n = read(fd, block, sizeof(block))) > 0) {
		for (ssize_t i = 0; i < n; i++, at++) {
			if (block[i] == secret->digits[at % SECRET_SIZE])
				heard.own++;
			else
				heard.other++;
		}
	}
	close(fd);
	return heard;
}

static struct heard talk_datagrams(const struct secret *secret,
				   const char *address, long count)
{
	char block[1200];
	struct heard heard = {0, 0};
	int fd = open_client(address, "7001", SOCK_DGRAM), silent = 0;

	if (fd < 0)
		return heard;
	for (long i = 0; i < count && silent < GIVE_UP_AFTER; i++) {
		uint32_t size = (uint32_t)(64 + i % 1100);
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t n;

		secret_fill(secret, block, size);
		silent++;
		if (send(fd, block, size, 0) < 0 || poll(&ready, 1, 500) <= 0)
			continue;
		n = recv(fd, block, sizeof(block), MSG_DONTWAIT);
		if (n <= 0)
			continue;
		silent = 0;
		if (secret_holds(secret, block, (uint32_t)n))
			heard.own++;
		else
			heard.other++;
	}
	close(fd);
	return heard;
}

static const char *whose(const struct heard *heard)
{
	return heard->other ? "other" : heard->own ? "own" : "none";
}

int talk_main(int argc, char **argv)
{
	struct heard stream, datagrams;
	struct secret secret;

	if (argc != 5)
		errx(2, "usage: secret talk FILE ADDRESS BYTES DATAGRAMS");
	secret = secret_read(argv[1]);
	stream = talk_stream(&secret, argv[2], atol(argv[3]));
	datagrams = talk_datagrams(&secret, argv[2], atol(argv[4]));
	printf("tcp=%s bytes=%lu udp=%s replies=%lu\n", whose(&stream),
	       stream.own + stream.other, whose(&datagrams),
	       datagrams.own + datagrams.other);
	return stream.other || datagrams.other || !(stream.own || datagrams.own)
		       ? 1
		       : 0;
}
