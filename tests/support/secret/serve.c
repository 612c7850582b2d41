/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.c: `secret serve FILE`: a VM's service. TCP: "N\n" gets N bytes of
 * the secret, in writes of 64 KiB; "echo\n" then bytes back. UDP: any
 * datagram gets a datagram of the same size, of the secret.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "secret.h"

static int open_server(int type, uint16_t port)
{
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), yes = 1, no = 0;
	struct sockaddr_in6 where = {.sin6_family = AF_INET6,
				     .sin6_port = htons(port)};

	if (fd < 0)
		err(2, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (bind(fd, (struct sockaddr *)&where, sizeof(where)) ||
	    (type == SOCK_STREAM && listen(fd, 64)))
		err(2, "port %u", port);
	return fd;
}

static void serve_stream(int fd, const struct secret *secret)
{
	static char block[SECRET_BLOCK];
	char line[32] = {0};
	long left;

	if (read(fd, line, sizeof(line) - 1) <= 0)
		return;
	left = strtol(line, NULL, 10);
	secret_fill(secret, block, sizeof(block));
	while (left > 0) {
		size_t size = left < (long)sizeof(block) ? (size_t)left
							 : sizeof(block);
		ssize_t n = write(fd, block, size);

		if (n <= 0)
			return;
		left -= n;
		/* keep the phase: the next byte is where the secret is */
		if (n % SECRET_SIZE) {
			char rest[SECRET_SIZE];
			size_t phase = (size_t)n % SECRET_SIZE;

			secret_fill(secret, rest, sizeof(rest));
			if (left > 0 &&
			    write(fd, rest + phase, SECRET_SIZE - phase) !=
				    (ssize_t)(SECRET_SIZE - phase))
				return;
			left -= (long)(SECRET_SIZE - phase);
		}
	}
}

static void serve_datagram(int fd, const struct secret *secret)
{
	static char block[SECRET_BLOCK];
	struct sockaddr_in6 who;
	socklen_t size = sizeof(who);
	ssize_t n = recvfrom(fd, block, sizeof(block), MSG_DONTWAIT,
			     (struct sockaddr *)&who, &size);

	if (n <= 0)
		return;
	secret_fill(secret, block, (uint32_t)n);
	sendto(fd, block, (size_t)n, 0, (struct sockaddr *)&who, size);
}

static void accept_one(int tcp, const struct secret *secret)
{
	int fd = accept(tcp, NULL, NULL);

	if (fd < 0)
		return;
	if (fork() == 0) {
		alarm(60);
		serve_stream(fd, secret);
		_exit(0);
	}
	close(fd);
}

int serve_main(int argc, char **argv)
{
	struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
	struct secret secret;

	if (argc != 2)
		errx(2, "usage: secret serve FILE");
	secret = secret_read(argv[1]);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	fds[0].fd = open_server(SOCK_STREAM, SECRET_TCP_PORT);
	fds[1].fd = open_server(SOCK_DGRAM, SECRET_UDP_PORT);
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			accept_one(fds[0].fd, &secret);
		if (fds[1].revents)
			serve_datagram(fds[1].fd, &secret);
	}
}
