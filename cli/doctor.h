/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.h: is the host fit for the switch? What vsctl doctor knows, and what
 * it says of it.
 *
 * Facts are one JSON object: the daemon's answers ("show", "version"; arrays
 * of objects: "pa", "peer", "unusable", "subnet", "vxlan"; "drops"), and
 * "host", what the kernel says in the daemon's network namespace
 * (doctor_host.c):
 *
 *	"daemon": pid, "entered": bool, "nofile": number,
 *	"sysctl": {"net.ipv4.conf.all.rp_filter": "0", ...},
 *	"links": as `ip -json -details link` prints them,
 *	"offloads": {"eth1": {"lro": bool, "gro": bool}},
 *	"clock": bool (it is synchronised)
 *
 * What is absent is not judged. Findings are an array of {"severity", "about",
 * "what", "cure"}: an error keeps frames from where they belong, a warning may,
 * a note costs speed or sight. The cure is a command to type.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>

#include <jansson.h>

/* doctor_findings - pure; worst first; the caller's. */
json_t *doctor_findings(const json_t *facts);

/* doctor_host - the "host" fact; `socket` is a connection to the daemon, whose
 * namespace this process enters if it may, for good. */
json_t *doctor_host(int socket, const json_t *show);

#endif
