/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complaint.h: why a command did not do what was asked.
 *
 * Every function of the client that can fail returns an enum vs_exit, 0 when
 * all is well, and fills the caller's complaint: one line that names the
 * thing and the fix. main() prints it; nothing below main exits.
 */
#ifndef CLI_COMPLAINT_H
#define CLI_COMPLAINT_H

#include <jansson.h>

#include <vswitch/control.h>

#define COMPLAINT_SIZE 1024

struct complaint {
	char text[COMPLAINT_SIZE];
	json_t *error; /* the daemon's error object, owned; NULL: our own */
};

/* Writes the text and returns the code, so that it reads as one statement. */
__attribute__((format(printf, 3, 4))) enum vs_exit
complain(struct complaint *complaint, enum vs_exit code, const char *format,
	 ...);

/* Takes over an error object of an answer; returns the exit code it asks. */
enum vs_exit complain_answer(struct complaint *complaint, json_t *error);

/* Back to empty; frees what it owns. */
void complaint_clear(struct complaint *complaint);

#endif
