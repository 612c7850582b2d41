/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell's loop and privileged door for a test: ask and wait.
 */
#ifndef TESTS_SUPPORT_SHELL_H
#define TESTS_SUPPORT_SHELL_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/privileged.h"
#include "tests/support/turn.h"

struct shell {
	struct loop *loop;
	struct privileged *privileged;
	struct loop_watch answers;
	char directory[64];
};

static inline void shell_answers(struct loop_watch *watch, unsigned int what)
{
	struct shell *shell = (struct shell *)((char *)watch -
					       offsetof(struct shell, answers));

	(void)what;
	privileged_run(shell->privileged);
}

static inline void shell_open(struct shell *shell)
{
	char run[96], state[96];
	struct priv_config config = {
		.rundir = run,
		.statedir = state,
		.extension_dir = "/nonexistent",
	};

	memset(shell, 0, sizeof(*shell));
	strcpy(shell->directory, "/tmp/vsio-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(shell->directory));
	snprintf(run, sizeof(run), "%s/run", shell->directory);
	snprintf(state, sizeof(state), "%s/state", shell->directory);
	ck_assert_int_eq(loop_create(&shell->loop), 0);
	ck_assert_int_eq(privileged_open(&shell->privileged, &config), 0);
	shell->answers.ready = shell_answers;
	ck_assert_int_eq(loop_watch_add(shell->loop, &shell->answers,
					privileged_fd(shell->privileged),
					LOOP_READ),
			 0);
}

static inline void shell_close(struct shell *shell)
{
	char command[128];

	loop_watch_remove(&shell->answers);
	privileged_close(shell->privileged);
	loop_destroy(shell->loop);
	snprintf(command, sizeof(command), "rm -r %s", shell->directory);
	ck_assert_int_eq(system(command), 0);
}

/* One request and its answer; the fds are the test's. */
struct shell_answer {
	struct priv_caller caller; /* first */
	bool came;
	struct priv_reply reply;
	int fds[2];
};

static inline void shell_answered(struct priv_caller *caller,
				  const struct priv_reply *reply, int fds[2])
{
	struct shell_answer *answer = (struct shell_answer *)caller;

	answer->came = true;
	answer->reply = *reply;
	answer->fds[0] = priv_take_fd(&fds[0]);
	answer->fds[1] = priv_take_fd(&fds[1]);
}

static inline struct shell_answer shell_ask(struct shell *shell,
					    const struct priv_request *request)
{
	struct shell_answer answer = {.caller.answer = shell_answered};

	ck_assert_int_eq(
		privileged_ask(shell->privileged, request, -1, &answer.caller),
		0);
	TURN_UNTIL(shell->loop, answer.came);
	return answer;
}

#endif
