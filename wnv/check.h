/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: the policy linter: what is wrong between the hosts of a document.
 *
 * What one host alone would refuse, or warn of, is configure's to say and is
 * asked of it for every site; here are the rules that need two hosts, and
 * what configure lets pass because it may be meant. Main thread only. Before
 * this file: the host, which parsed the document once per host of it. After
 * it: configure.h, census.h.
 */
#ifndef WNV_CHECK_H
#define WNV_CHECK_H

#include <vswitch/settings.h>

/* wnv_check - vs_extension.check. */
void wnv_check(struct vs_fabric *fabric);

#endif
