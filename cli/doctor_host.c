// SPDX-License-Identifier: Apache-2.0
/*
 * doctor_host.c: what the kernel says of the host, in the daemon's network
 * namespace. Reads only. What can't be found out is left out.
 */
#define _GNU_SOURCE
#include "doctor.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include "value.h"

static pid_t daemon_of(int socket)
{
	struct ucred who = {0};
	socklen_t size = sizeof(who);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0
		       ? who.pid
		       : 0;
}

static bool same_namespace(const char *path)
{
	char theirs[64], ours[64];
	ssize_t a = readlink(path, theirs, sizeof(theirs));
	ssize_t b = readlink("/proc/self/ns/net", ours, sizeof(ours));

	return a > 0 && a == b && memcmp(theirs, ours, (size_t)a) == 0;
}

/* Into the daemon's network namespace, unless this is it. */
static bool enter(pid_t pid)
{
	char path[64];
	bool entered;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	if (same_namespace(path))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	entered = setns(fd, CLONE_NEWNET) == 0;
	close(fd);
	return entered;
}

static void add_sysctl(json_t *all, const char *name)
{
	char path[160], text[64];
	FILE *file;
	size_t i = (size_t)snprintf(path, sizeof(path), "/proc/sys/%s", name);

	if (i >= sizeof(path))
		return;
	for (i = sizeof("/proc/sys/") - 1; path[i]; i++)
		if (path[i] == '.')
			path[i] = '/';
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\n")] = '\0';
		json_object_set_new(all, name, json_string(text));
	}
	fclose(file);
}

static json_t *sysctls(const json_t *uplinks)
{
	static const char *const names[] = {
		"net.bridge.bridge-nf-call-iptables",
		"net.bridge.bridge-nf-call-ip6tables",
		"net.ipv4.conf.all.rp_filter",
		"net.netfilter.nf_conntrack_count",
		"net.netfilter.nf_conntrack_max",
	};
	json_t *all = json_object(), *uplink;
	char name[96];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_sysctl(all, names[i]);
	json_array_foreach(uplinks, i, uplink)
	{
		snprintf(name, sizeof(name), "net.ipv4.conf.%.15s.rp_filter",
			 json_string_value(uplink));
		if (!strpbrk(json_string_value(uplink), "./"))
			add_sysctl(all, name);
	}
	return all;
}

static bool ask_driver(int fd, const char *device, uint32_t command,
		       uint32_t *answer)
{
	struct ethtool_value value = {.cmd = command};
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s", device);
	request.ifr_data = (char *)&value;
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		return false;
	*answer = value.data;
	return true;
}

static json_t *offloads(const json_t *uplinks)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	json_t *all = json_object(), *uplink, *one;
	uint32_t answer;
	size_t i;

	json_array_foreach(uplinks, i, uplink)
	{
		const char *name = json_string_value(uplink);

		one = json_object();
		if (ask_driver(fd, name, ETHTOOL_GFLAGS, &answer))
			json_object_set_new(
				one, "lro",
				json_boolean(answer & ETH_FLAG_LRO));
		if (ask_driver(fd, name, ETHTOOL_GGRO, &answer))
			json_object_set_new(one, "gro", json_boolean(answer));
		json_object_set_new(all, name, one);
	}
	if (fd >= 0)
		close(fd);
	return all;
}

/* iproute2 knows every kind of link. */
static json_t *links(void)
{
	FILE *ip = popen("ip -json -details link show 2>/dev/null", "re");
	json_t *all;

	if (!ip)
		return NULL;
	all = json_loadf(ip, 0, NULL);
	pclose(ip);
	return all;
}

static json_t *uplinks_of(const json_t *show)
{
	json_t *all = json_array(), *each, *uplink;
	size_t i, k;

	json_array_foreach(json_object_get(show, "switches"), i, each)
	{
		json_array_foreach(json_object_get(each, "uplinks"), k, uplink)
		{
			json_array_append(all, json_object_get(uplink, "name"));
		}
	}
	return all;
}

json_t *doctor_host(int socket, const json_t *show)
{
	struct timex clock = {0};
	pid_t pid = daemon_of(socket);
	json_t *host = json_pack("{s:i, s:b}", "daemon", (int)pid, "entered",
				 pid && enter(pid));
	json_t *uplinks = uplinks_of(show), *all;
	struct rlimit limit;

	if (pid && prlimit(pid, RLIMIT_NOFILE, NULL, &limit) == 0)
		json_object_set_new(host, "nofile",
				    json_integer((json_int_t)limit.rlim_cur));
	json_object_set_new(host, "clock",
			    json_boolean(adjtimex(&clock) != TIME_ERROR));
	if (member_true(host, "entered")) {
		json_object_set_new(host, "sysctl", sysctls(uplinks));
		json_object_set_new(host, "offloads", offloads(uplinks));
		all = links();
		if (all)
			json_object_set_new(host, "links", all);
	}
	json_decref(uplinks);
	return host;
}
