/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_store.c: the policy's files: read at start, written by the writer
 * thread. What the bytes mean is control/journal.c's business; here is only
 * that an answer never comes before the disk has it (design 6).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "engine_store.h"
#include "log.h"

/* More bytes than this take long to sync, and much memory to make. */
#define LARGE (1024u * 1024u)

/* One write at a time: control waits for policy_persisted. */
struct engine_store {
	struct engine *engine;
	struct writer_job document, journal;
	bool compacting; /* `document` is a part of a compaction */
	int failed;	 /* why it could not even begin; 0 or -errno */
	size_t unsynced; /* of a compaction; a change never waits for more */
	bool large;	 /* what is persisted */
	/* what is in the journal is in the document, but it could not be
	 * emptied: before a line is appended, it must */
	bool stale;
	int lock_fd, journal_fd, directory_fd, document_fd;
};

struct asked {
	struct priv_caller caller;
	struct priv_reply reply;
	int wanted; /* the first so many fds */
	int fds[2]; /* -1: not wanted, or refused */
	bool answered;
};

static void ask_answered(struct priv_caller *caller,
			 const struct priv_reply *reply, int fds[2])
{
	struct asked *asked = (struct asked *)caller;

	asked->reply = *reply;
	for (int i = 0; !reply->error && i < asked->wanted; i++)
		asked->fds[i] = priv_take_fd(&fds[i]);
	asked->answered = true;
}

static int ask_now(struct engine *engine, const struct priv_request *request,
		   int wanted, struct asked *asked, struct vs_error *error)
{
	int result;

	*asked = (struct asked){.caller = {.answer = ask_answered},
				.wanted = wanted,
				.fds = {-1, -1}};
	result =
		privileged_ask(engine->privileged, request, -1, &asked->caller);
	if (result)
		return vs_error_set(error, -result, "", "%s",
				    strerror(-result));
	/* the transport is in process: each run answers what was asked */
	for (int i = 0; i < 1024 && !asked->answered; i++)
		privileged_run(engine->privileged);
	if (!asked->answered) {
		privileged_cancel(engine->privileged, &asked->caller);
		return vs_error_set(error, ETIMEDOUT, "", "no answer");
	}
	if (!asked->reply.error)
		return 0;
	return vs_error_set(error, asked->reply.error, "", "%s",
			    asked->reply.text[0]
				    ? asked->reply.text
				    : strerror(asked->reply.error));
}

int engine_ask_fds(struct engine *engine, const struct priv_request *request,
		   int fds[2], struct vs_error *error)
{
	struct asked asked;
	int result = ask_now(engine, request, 2, &asked, error);

	memcpy(fds, asked.fds, sizeof(asked.fds));
	return result;
}

int engine_ask_now(struct engine *engine, const struct priv_request *request,
		   struct vs_error *error)
{
	struct asked asked;
	int result = ask_now(engine, request, 1, &asked, error);

	return result ? result : asked.fds[0];
}

uint8_t engine_probe(struct engine *engine)
{
	struct priv_request request = {.op = PRIV_OPEN_TAP};
	struct vs_error error = {0};
	struct asked asked;
	int result;

	/* a TAP that is gone again at once */
	snprintf(request.device, sizeof(request.device), "vsp%ld",
		 (long)getpid() % 100000000);
	result = ask_now(engine, &request, 0, &asked, &error);
	if (result) {
		log_warnx(LOG_IO, "probing /dev/net/tun: %s", error.text);
		return 0;
	}
	return asked.reply.features;
}

static int open_role(struct engine *engine, enum priv_file_role role,
		     uint32_t flags, struct vs_error *error)
{
	struct priv_request request = {
		.op = PRIV_OPEN_FILE, .role = role, .flags = flags};

	return engine_ask_now(engine, &request, error);
}

int engine_read_file(int fd, size_t most, char **bytes, size_t *size)
{
	struct stat info;
	size_t got = 0;

	*bytes = NULL;
	if (fstat(fd, &info))
		return -errno;
	if ((size_t)info.st_size > most)
		return -EFBIG;
	*bytes = malloc((size_t)info.st_size + 1);
	if (!*bytes)
		return -ENOMEM;
	while (got < (size_t)info.st_size) {
		ssize_t n = read(fd, *bytes + got, (size_t)info.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int result = -errno;

			free(*bytes);
			*bytes = NULL;
			return result;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*size = got;
	return 0;
}

int engine_write_file(int fd, const char *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t some = write(fd, bytes + done, size - done);

		if (some < 0)
			return -errno;
		done += (size_t)some;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int read_role(struct engine *engine, enum priv_file_role role,
		     char **bytes, size_t *size, struct vs_error *error)
{
	int fd = open_role(engine, role, 0, error);
	int result;

	*bytes = NULL;
	*size = 0;
	if (fd == -ENOENT) {
		memset(error, 0, sizeof(*error));
		return 0;
	}
	if (fd < 0)
		return fd;
	result = engine_read_file(fd, SIZE_MAX, bytes, size);
	close(fd);
	return result ? vs_error_set(error, -result, "", "reading: %s",
				     strerror(-result))
		      : 0;
}

static int open_files(struct engine_store *store, struct vs_error *error)
{
	struct engine *engine = store->engine;

	store->lock_fd =
		open_role(engine, PRIV_FILE_LOCK, PRIV_FLAG_WRITE, error);
	if (store->lock_fd == -EWOULDBLOCK)
		return vs_error_set(error, EBUSY, engine->config.rundir,
				    "another vswitchd runs on this run "
				    "directory; stop it, or choose another "
				    "with --rundir");
	if (store->lock_fd < 0)
		return store->lock_fd;
	store->directory_fd = open_role(engine, PRIV_FILE_STATE_DIR, 0, error);
	if (store->directory_fd == -EWOULDBLOCK)
		return vs_error_set(error, EBUSY, engine->config.statedir,
				    "another vswitchd keeps its policy in "
				    "this state directory; choose another "
				    "with --statedir");
	if (store->directory_fd < 0)
		return store->directory_fd;
	store->journal_fd =
		open_role(engine, PRIV_FILE_JOURNAL, PRIV_FLAG_WRITE, error);
	return store->journal_fd < 0 ? store->journal_fd : 0;
}

/* Puts the file before the place in it. */
static void name_file(struct vs_error *error, const char *file)
{
	char path[sizeof(error->path)];

	memcpy(path, error->path, sizeof(path));
	snprintf(error->path, sizeof(error->path), "%.90s%s%.90s", file,
		 path[0] ? ": " : "", path);
}

/* Which files, and the way out. */
static void refuse_stored(struct vs_error *error, const char *directory)
{
	size_t used = strlen(error->text);

	name_file(error, directory);
	snprintf(error->text + used, sizeof(error->text) - used,
		 "; its files are policy.json and journal: put a good copy "
		 "back, "
		 "or move both away, which starts with an empty policy, and "
		 "apply a dump");
}

static int first_document(struct engine *engine, struct vs_error *error)
{
	struct priv_request request = {.op = PRIV_OPEN_FILE,
				       .role = PRIV_FILE_DOCUMENT_FIRST};
	struct timespec wall;
	char *bytes = NULL;
	size_t size = 0;
	int fd, result;

	snprintf(request.path, sizeof(request.path), "%s",
		 engine->config.document);
	fd = engine_ask_now(engine, &request, error);
	if (fd < 0)
		return fd;
	result = engine_read_file(fd, SIZE_MAX, &bytes, &size);
	close(fd);
	if (result)
		return vs_error_set(error, -result, engine->config.document,
				    "%s", strerror(-result));
	clock_gettime(CLOCK_REALTIME, &wall);
	result = policy_import(engine->policy, bytes, size, wall.tv_sec, error);
	free(bytes);
	if (result)
		name_file(error, engine->config.document);
	return result;
}

/* Whoever wants to may look at it there; without room it is gone. */
static int keep_torn(struct engine *engine, const char *bytes, size_t size,
		     struct vs_error *error)
{
	int fd = open_role(engine, PRIV_FILE_JOURNAL_BAD, 0, error), result;

	if (fd < 0)
		return fd;
	result = engine_write_file(fd, bytes, size);
	close(fd);
	return result ? vs_error_set(error, -result, "", "%s",
				     strerror(-result))
		      : 0;
}

/* The last line, torn by a crash: nobody was told that it holds. */
static int cut_torn(const struct engine_store *store,
		    const struct policy_loaded *loaded, const char *journal,
		    struct vs_error *error)
{
	const char *directory = store->engine->config.statedir;
	struct vs_error why = {0};
	char kept[256];

	if (keep_torn(store->engine, journal + loaded->journal_size,
		      loaded->torn_size, &why))
		snprintf(kept, sizeof(kept), "they could not be kept (%.160s)",
			 why.text);
	else
		snprintf(kept, sizeof(kept), "they are kept as %.180s/%s",
			 directory, "journal.bad");
	log_warnx(LOG_ENGINE,
		  "%.180s/journal: the last line, %zu bytes behind the first "
		  "%zu, was not whole, as after a crash, and is cut off; %s; "
		  "the last good change is generation %llu",
		  directory, loaded->torn_size, loaded->journal_size, kept,
		  (unsigned long long)loaded->generation);
	if (ftruncate(store->journal_fd, (off_t)loaded->journal_size))
		return vs_error_set(error, errno, "journal",
				    "cutting its torn end: %s",
				    strerror(errno));
	return 0;
}

static int load_files(struct engine_store *store, struct policy_loaded *loaded,
		      struct vs_error *error)
{
	struct engine *engine = store->engine;
	struct policy_files files = {0};
	char *document, *journal = NULL;
	int result;

	result = read_role(engine, PRIV_FILE_DOCUMENT, &document,
			   &files.document_size, error);
	if (!result)
		result = read_role(engine, PRIV_FILE_JOURNAL, &journal,
				   &files.journal_size, error);
	files.document = document;
	files.journal = journal;
	if (!result) {
		result = policy_load(engine->policy, &files, loaded, error);
		if (result)
			refuse_stored(error, engine->config.statedir);
	}
	if (!result && loaded->torn_size)
		result = cut_torn(store, loaded, journal, error);
	free(document);
	free(journal);
	return result;
}

static int load_policy(struct engine_store *store, struct vs_error *error)
{
	struct engine *engine = store->engine;
	struct policy_loaded loaded = {0};
	int result = load_files(store, &loaded, error);

	if (result)
		return result;
	if (loaded.reverted)
		log_warnx(LOG_CONTROL, "an apply that was never confirmed was "
				       "taken back");
	log_info(LOG_CONTROL, "policy: generation %llu",
		 (unsigned long long)loaded.generation);
	if (!loaded.generation && engine->config.document[0])
		return first_document(engine, error);
	return 0;
}

int engine_store_open(struct engine *engine, struct vs_error *error)
{
	struct engine_store *store = calloc(1, sizeof(*store));

	if (!store)
		return vs_error_set(error, ENOMEM, "", "no memory");
	store->engine = engine;
	store->lock_fd = store->journal_fd = -1;
	store->directory_fd = store->document_fd = -1;
	engine->files = store;
	return open_files(store, error);
}

int engine_store_load(struct engine *engine, struct vs_error *error)
{
	return load_policy(engine->files, error);
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

void engine_store_close(struct engine *engine)
{
	struct engine_store *store = engine->files;

	if (!store)
		return;
	close_one(store->document_fd);
	close_one(store->journal_fd);
	close_one(store->directory_fd);
	close_one(store->lock_fd);
	free(store);
	engine->files = NULL;
}

/* -- writing
 * -------------------------------------------------------------------- */

static void finished(struct engine_store *store, int result)
{
	struct vs_error error = {0};

	if (result)
		vs_error_set(&error, -result, "",
			     "could not write the policy to %.120s: %s; "
			     "nothing changed: make room there, or make it "
			     "writable, and say it again",
			     store->engine->config.statedir, strerror(-result));
	policy_persisted(store->engine->policy, result ? &error : NULL);
	if (store->large)
		engine_trim_soon(store->engine);
	engine_hurry(store->engine);
}

static void compacted(struct engine_store *store, int result)
{
	struct vs_error error = {0};

	store->compacting = false;
	if (result) {
		log_warnx(LOG_ENGINE, "writing the policy anew: %s",
			  strerror(-result));
		vs_error_set(&error, -result, "", "%s", strerror(-result));
	}
	policy_compacted(store->engine->policy, &error);
	engine_hurry(store->engine);
}

static void journal_done(struct writer_job *job)
{
	struct engine_store *store =
		(struct engine_store *)((char *)job -
					offsetof(struct engine_store, journal));

	if (job->flags & WRITER_TRUNCATE)
		store->stale = job->error;
	/* a change appends, also while a part is written; who empties the
	 * journal is the end of the document */
	if (job->size) {
		finished(store, job->error);
		return;
	}
	if (job->error)
		log_warnx(LOG_ENGINE, "emptying the journal: %s",
			  strerror(-job->error));
	/* the document is on the disk: it is what counts */
	if (store->compacting)
		compacted(store, 0);
	else
		finished(store, 0);
}

static void submit_journal(struct engine_store *store, const char *bytes,
			   size_t size)
{
	bool empty = !size || store->stale;

	store->journal = (struct writer_job){
		.done = journal_done,
		.bytes = (const uint8_t *)bytes,
		.size = size,
		.fd = store->journal_fd,
		.directory = -1,
		.flags = WRITER_SYNC | (empty ? WRITER_TRUNCATE : 0u),
	};
	writer_submit(store->engine->writer, &store->journal);
}

static void document_done(struct writer_job *job)
{
	struct engine_store *store =
		(struct engine_store *)((char *)job -
					offsetof(struct engine_store,
						 document));
	int result = job->error ? job->error : store->failed;

	store->failed = 0;
	if (!job->from && !result) { /* more will come */
		compacted(store, 0);
		return;
	}
	close_one(store->document_fd);
	store->document_fd = -1;
	if (!result)
		submit_journal(store, NULL, 0);
	else if (store->compacting)
		compacted(store, result);
	else
		finished(store, result);
}

static int open_document(struct engine_store *store)
{
	struct vs_error error = {0};

	close_one(store->document_fd); /* of a compaction that was given up */
	store->document_fd =
		open_role(store->engine, PRIV_FILE_DOCUMENT_NEW,
			  PRIV_FLAG_WRITE | PRIV_FLAG_TRUNCATE, &error);
	return store->document_fd < 0 ? store->document_fd : 0;
}

static void write_document(struct engine_store *store, const char *bytes,
			   size_t size, bool last)
{
	store->unsynced += size;
	store->document = (struct writer_job){
		.done = document_done,
		.bytes = (const uint8_t *)bytes,
		.size = size,
		.fd = store->document_fd,
		.directory = -1,
	};
	if (last) {
		store->document.directory = store->directory_fd;
		store->document.from = "policy.json.new";
		store->document.to = "policy.json";
		store->document.flags = WRITER_SYNC;
	}
	if (store->unsynced > LARGE)
		store->document.flags = WRITER_SYNC;
	if (store->document.flags)
		store->unsynced = 0;
	writer_submit(store->engine->writer, &store->document);
}

void engine_store_compact(struct policy_owner *owner,
			  const struct policy_part *part)
{
	struct engine_store *store = ((struct engine *)owner)->files;
	if (store->engine->run.stopping)
		return; /* the journal has it all */
	store->compacting = true;
	if (part->first)
		store->failed = open_document(store);
	write_document(store, part->bytes, part->size,
		       part->last && !store->failed);
}

void engine_store_persist(struct policy_owner *owner,
			  const struct policy_write *write)
{
	struct engine_store *store = ((struct engine *)owner)->files;

	int result;

	store->large = write->size > LARGE;
	if (write->kind == POLICY_APPEND) {
		submit_journal(store, write->bytes, write->size);
		return;
	}
	result = open_document(store);
	if (result)
		finished(store, result);
	else
		write_document(store, write->bytes, write->size, true);
}
