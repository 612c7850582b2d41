/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon_config.h: how the daemon runs: /etc/vswitch/vswitchd.json and the
 * command line. Never policy: that is the document's (design 6). Pure.
 */
#ifndef CONTROL_DAEMON_CONFIG_H
#define CONTROL_DAEMON_CONFIG_H

#include <vswitch/types.h>

#define DAEMON_PATH_SIZE   200u
#define DAEMON_LOG_MODULES 16u

struct daemon_log {
	char module[32];
	char level[16];
};

struct daemon_config {
	char rundir[DAEMON_PATH_SIZE];
	char statedir[DAEMON_PATH_SIZE];
	char extension_dir[DAEMON_PATH_SIZE];
	char group[64]; /* of the control socket; "": the usual, if any */
	char host[65];	/* which of the document's hosts this is; "" = unsaid */
	char document[DAEMON_PATH_SIZE]; /* applied at the first start */
	uint16_t workers;		 /* 1..15 */
	int32_t spin_us; /* 0..50 before a worker sleeps; -1 = auto */
	bool fast_path;	 /* known flows go through the kernel */
	uint16_t log_count;
	struct daemon_log log[DAEMON_LOG_MODULES];
};

/* daemon_config_default - what holds when nothing is said. */
void daemon_config_default(struct daemon_config *config);

/*
 * daemon_config_parse - read a JSON object of `size` bytes over `config`:
 * rundir, statedir, extension-dir, group, host, document, workers, spin-us,
 * log {module: level}. -EINVAL with the member's path and the fix; config is
 * then unchanged.
 */
int daemon_config_parse(struct daemon_config *config, const char *text,
			size_t size, struct vs_error *error);

#endif
