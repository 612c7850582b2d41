/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.h: a document judged, not applied: what each host would refuse, and
 * what extensions find wrong between its hosts.
 *
 * Each host of the document becomes a store of its own, each of its switches
 * a site; extensions with a check() are shown those that have them on the
 * stack. The answer: {"findings": [{"severity", "path", "text"}], "errors",
 * "warnings"}, errors first; beyond INSPECT_FINDINGS they are only counted.
 *
 * Before this file: document.h, check.h. After it: request_policy.c.
 */
#ifndef CONTROL_INSPECT_H
#define CONTROL_INSPECT_H

#include <jansson.h>

#include "control/apply.h"

#define INSPECT_FINDINGS 1000u

/* inspect_document - any JSON; its faults are findings. NULL: no memory. */
json_t *inspect_document(const struct schema *schema, const json_t *document);
/* inspect_policy - the policy that holds, with the devices as they are. */
json_t *inspect_policy(const struct policy *policy);

#endif
