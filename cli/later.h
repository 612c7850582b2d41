/* SPDX-License-Identifier: Apache-2.0 */
/*
 * later.h: words that this version does not know yet, and what to do instead.
 */
#ifndef CLI_LATER_H
#define CLI_LATER_H

/*
 * What to do instead of `word`; NULL if it is not planned. To be asked only
 * about what the daemon's schema does not have: what it has, works.
 */
const char *later_instead(const char *word);

#endif
