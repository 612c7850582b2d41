/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NOTIFY_VARIABLE "NOTIFY_SOCKET"
#define NOTIFY_WORDS	"READY=1"

/* A path, or "@NAME" for a name that is in no file system. */
static int address_of(const char *name, struct sockaddr_un *address,
		      socklen_t *size)
{
	size_t length = strlen(name);

	if (name[0] != '/' && name[0] != '@')
		return -EAFNOSUPPORT;
	if (length >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return 0;
}

static int tell(const char *name)
{
	struct sockaddr_un address;
	socklen_t size;
	int error = address_of(name, &address, &size), fd;

	if (error)
		return error;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, NOTIFY_WORDS, strlen(NOTIFY_WORDS), MSG_NOSIGNAL,
		   (const struct sockaddr *)&address, size) < 0)
		error = -errno;
	close(fd);
	return error;
}

int notify_ready(void)
{
	const char *name = getenv(NOTIFY_VARIABLE);
	int error = name && name[0] ? tell(name) : 0;

	unsetenv(NOTIFY_VARIABLE);
	return error;
}
