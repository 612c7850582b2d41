/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: the host's rules that span fields and objects.
 *
 * One message for each; what only an extension can judge is its configure's.
 * Before this file: document.h. After it: apply.h, then the owner's prepare.
 */
#ifndef CONTROL_CHECK_H
#define CONTROL_CHECK_H

#include "control/store.h"

/* check_store - a sealed candidate; 0 or -errno with `error`. */
int check_store(const struct store *store, struct vs_error *error);
/* check_device - may a network device have this name? */
int check_device(const char *name, struct vs_error *error);

#endif
