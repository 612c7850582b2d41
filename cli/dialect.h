/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect.h: the lines that people know from other switches, in our words.
 */
#ifndef CLI_DIALECT_H
#define CLI_DIALECT_H

#include <stdbool.h>
#include <stdio.h>

#include "options.h"

/*
 * Is the line of ovs-vsctl, brctl or PowerShell's NetVirtualization? Then the
 * line to type here is printed and true returned; nothing is done.
 */
bool dialect_print(const struct words *words, FILE *stream);

#endif
