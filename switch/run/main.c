// SPDX-License-Identifier: Apache-2.0
/*
 * main.c: vswitch-ext-run: plays frames of files through one extension and
 * says what became of each. No daemon, no device, no privilege.
 *
 * Reading order: frames.h (what is played), world.h (the switch), walk.h (the
 * clock), verdict_log.h (what is said).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json_text.h"
#include "walk.h"

#define LIBRARIES     WORLD_EXTENSIONS
#define INPUTS	      32
#define DOCUMENT_SIZE (16u << 20)

enum exit_code { DONE, USAGE, REFUSED, BROKEN };

struct input {
	const char *port; /* NULL: the first */
	const char *file;
};

struct arguments {
	struct world_config config;
	const char *libraries[LIBRARIES];
	const char *document, *log, *record;
	struct input input[INPUTS];
	int input_count;
	uint64_t linger_ns;
	bool is_asked; /* only asked for help or the version */
};

static const struct option options[] = {
	{"document", required_argument, NULL, 'd'},
	{"extension", required_argument, NULL, 'e'},
	{"host", required_argument, NULL, 'H'},
	{"log", required_argument, NULL, 'l'},
	{"play", required_argument, NULL, 'p'},
	{"time", required_argument, NULL, 't'},
	{"vsid", required_argument, NULL, 'v'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"usage: vswitch-ext-run [option ...] NAME.so [FRAMES [OUT.pcap]]\n"
	"Plays the frames of FRAMES (pcap, or lines of SECONDS HEX) through "
	"the extension\nand prints what became of each, a JSON object a line.\n"
	"  -d, --document FILE    the switch, as vswitchd takes it (one with "
	"ports in and\n"
	"                         out)\n"
	"  -e, --extension FILE   another extension on the stack\n"
	"  -H, --host NAME        which of the document's hosts\n"
	"  -l, --log FILE         the lines go there\n"
	"  -p, --play PORT=FILE   more frames, on this port or uplink\n"
	"  -t, --time SECONDS     how long time goes on behind the last frame "
	"(1)\n"
	"  -v, --vsid VSID        of the ports in and out\n"
	"Exit codes: 0 done, 1 usage, 2 refused, 3 the extension broke a "
	"rule.\n";

static int complain(const struct vs_error *error)
{
	fflush(stdout);
	fprintf(stderr, "vswitch-ext-run: %s%s%s\n", error->path,
		error->path[0] ? ": " : "", error->text);
	return REFUSED;
}

/* -- the command line -- */

static bool take_number(const char *text, uint64_t most, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return !errno && *text >= '0' && *text <= '9' && !*end &&
	       *number <= most;
}

static bool add_input(struct arguments *arguments, const char *port,
		      const char *file)
{
	if (arguments->input_count == INPUTS)
		return false;
	arguments->input[arguments->input_count++] = (struct input){port, file};
	return true;
}

static bool add_play(struct arguments *arguments, char *word)
{
	char *equals = strchr(word, '=');

	if (!equals || equals == word)
		return false;
	*equals = '\0';
	return add_input(arguments, word, equals + 1);
}

static bool add_library(struct arguments *arguments, const char *file)
{
	uint16_t *count = &arguments->config.library_count;

	if (*count == LIBRARIES)
		return false;
	arguments->libraries[(*count)++] = file;
	return true;
}

static bool take_option(struct arguments *arguments, int letter, char *word)
{
	uint64_t number;

	switch (letter) {
	case 'd':
		arguments->document = word;
		return true;
	case 'e':
		return add_library(arguments, word);
	case 'H':
		arguments->config.host = word;
		return true;
	case 'l':
		arguments->log = word;
		return true;
	case 'p':
		return add_play(arguments, word);
	case 't':
		if (!take_number(word, 86400, &number))
			return false;
		arguments->linger_ns = number * 1000000000;
		return true;
	case 'v':
		if (!take_number(word, VS_VSID_MAXIMUM, &number))
			return false;
		arguments->config.vsid.value = (uint32_t)number;
		return true;
	default:
		return false;
	}
}

static int usage(const char *word)
{
	if (word)
		fprintf(stderr, "vswitch-ext-run: %s is not understood\n",
			word);
	fputs(help, stderr);
	return USAGE;
}

static int parse_options(struct arguments *arguments, int argc, char **argv)
{
	int letter;

	arguments->linger_ns = 1000000000;
	arguments->config.library_count = 1; /* [0] is the one under test */
	while ((letter = getopt_long(argc, argv, "d:e:H:l:p:t:v:Vh", options,
				     NULL)) != -1) {
		if (letter == 'h' || letter == 'V') {
			fputs(letter == 'h' ? help
					    : "vswitch-ext-run " VS_VERSION
					      "\n",
			      stdout);
			arguments->is_asked = true;
			return DONE;
		}
		if (letter == '?' || !take_option(arguments, letter, optarg))
			return usage(letter == '?' ? NULL : optarg);
	}
	if (argc - optind < 1 || argc - optind > 3)
		return usage(NULL);
	arguments->libraries[0] = argv[optind];
	arguments->config.libraries = arguments->libraries;
	if (argc - optind > 1 && !add_input(arguments, NULL, argv[optind + 1]))
		return usage(argv[optind + 1]);
	if (argc - optind > 2)
		arguments->record = argv[optind + 2];
	return DONE;
}

/* -- the files -- */

static int load_document(const char *file, json_t **document,
			 struct vs_error *error)
{
	FILE *stream = fopen(file, "rb");
	char *text = malloc(DOCUMENT_SIZE);
	size_t size;
	int result;

	if (!stream || !text) {
		result = vs_error_set(error, stream ? ENOMEM : errno, file,
				      "cannot be read: %s",
				      strerror(stream ? ENOMEM : errno));
	} else {
		size = fread(text, 1, DOCUMENT_SIZE, stream);
		result = json_text_load(text, size, document, error);
		if (result && error)
			snprintf(error->path, sizeof(error->path), "%s", file);
	}
	if (stream)
		fclose(stream);
	free(text);
	return result;
}

/* The first of the document's ports that is no uplink. */
static const char *first_port(const struct world *world)
{
	for (uint16_t i = 0; i < world->port_count; i++)
		if (world->port[i].kind == VS_PORT_ORDINARY)
			return world->port[i].name;
	return "in";
}

static int read_inputs(const struct arguments *arguments,
		       const struct world *world, struct frames *frames,
		       struct vs_error *error)
{
	int result = 0;

	for (int i = 0; !result && i < arguments->input_count; i++) {
		const struct input *input = &arguments->input[i];
		const char *port =
			input->port ? input->port : first_port(world);

		if (!world_port(world, port))
			return vs_error_set(error, ENOENT, "",
					    "there is no port %s: say one of "
					    "the document's (in, out)",
					    port);
		result = frames_read(frames, input->file, port, error);
	}
	frames_sort(frames);
	return result;
}

/* -- the run -- */

static int play(struct world *world, const struct arguments *arguments,
		struct vs_error *error)
{
	struct frames frames = {0};
	struct walk_plan plan = {.frames = &frames,
				 .linger_ns = arguments->linger_ns};
	int result = read_inputs(arguments, world, &frames, error), closed;

	if (!result && arguments->record) {
		plan.record = frames_record_open(arguments->record, error);
		result = plan.record ? 0 : -error->code;
	}
	if (!result)
		result = walk_run(world, &plan, error);
	closed = frames_record_close(plan.record, arguments->record,
				     result ? NULL : error);
	frames_free(&frames);
	return result ? result : closed;
}

static int run(struct arguments *arguments, struct verdict_log *log,
	       struct vs_error *error)
{
	struct world *world = calloc(1, sizeof(*world));
	struct vs_ledger_row total;
	int result, code = DONE;

	if (!world)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	arguments->config.log = log;
	result = world_open(world, &arguments->config, error);
	if (!result)
		result = play(world, arguments, error);
	if (!result) {
		total = vs_ledger_total(vs_switch_ledger(world->sw));
		verdict_log_end(log, world, &total);
		code = world->accused || !walk_balances(world) ? BROKEN : DONE;
	}
	world_close(world);
	free(world);
	return result ? result : code;
}

static int open_and_run(struct arguments *arguments, struct vs_error *error)
{
	struct verdict_log log = {.stream = stdout};
	json_t *document = NULL;
	int result = 0;

	if (arguments->document)
		result = load_document(arguments->document, &document, error);
	arguments->config.document = document;
	if (!result && arguments->log) {
		log.stream = fopen(arguments->log, "w");
		if (!log.stream)
			result = vs_error_set(error, errno, arguments->log,
					      "cannot be written: %s",
					      strerror(errno));
	}
	if (!result)
		result = run(arguments, &log, error);
	if (log.stream && (fflush(log.stream) || ferror(log.stream)) &&
	    result >= 0)
		result = vs_error_set(error, EIO, "",
				      "not all lines could be written");
	if (log.stream && log.stream != stdout)
		fclose(log.stream);
	json_decref(document);
	arguments->config.document = NULL;
	arguments->config.log = NULL;
	return result;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.document = NULL};
	struct vs_error error = {0};
	int result = parse_options(&arguments, argc, argv);

	if (result || arguments.is_asked)
		return result;
	result = open_and_run(&arguments, &error);
	return result < 0 ? complain(&error) : result;
}
