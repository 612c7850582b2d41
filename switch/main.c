/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: vswitchd's command line. Reads how the daemon shall run, makes the
 * engine, runs it until a signal; the only file beside keeper/ that may say
 * fatal.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/daemon_config.h"
#include "engine.h"
#include "engine_dump.h"
#include "input.h"
#include "log.h"
#include "notify.h"

#define CONFIG_FILE "/etc/vswitch/vswitchd.json"
#define CONFIG_SIZE 65536

enum action { RUN, DUMP_SCHEMA, CHECK_DOCUMENT };

struct arguments {
	enum action action;
	const char *config_file; /* NULL: the usual one, if it is there */
	const char *check;
	bool syslog;
};

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"rundir", required_argument, NULL, 'r'},
	{"statedir", required_argument, NULL, 's'},
	{"extension-dir", required_argument, NULL, 'x'},
	{"document", required_argument, NULL, 'd'},
	{"group", required_argument, NULL, 'g'},
	{"host", required_argument, NULL, 'H'},
	{"workers", required_argument, NULL, 'w'},
	{"spin", required_argument, NULL, 'S'},
	{"fast-path", no_argument, NULL, 'f'},
	{"log", required_argument, NULL, 'l'},
	{"syslog", no_argument, NULL, 'y'},
	{"schema", no_argument, NULL, 1},
	{"check", required_argument, NULL, 2},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"usage: vswitchd [option ...]\n"
	"  --config FILE         how to run (" CONFIG_FILE ")\n"
	"  --rundir DIR          control socket and lock (" VS_RPC_RUNDIR ")\n"
	"  --statedir DIR        the policy (" VS_RPC_STATEDIR ")\n"
	"  --document FILE       the policy to begin with, where there is "
	"none\n"
	"  --host NAME           which of the document's hosts (the machine's "
	"name)\n"
	"  --workers N           packet threads, 1 to 15 (1)\n"
	"  --spin US|auto        microseconds to spin before sleeping (auto)\n"
	"  --fast-path           let the kernel carry flows that it may\n"
	"  --extension-dir DIR   where extensions are (" VS_EXTENSION_DIR ")\n"
	"  --group NAME          group of the control socket (vswitch)\n"
	"  --log [MODULE:]LEVEL  fatal, warn, info or debug; may be repeated\n"
	"  --syslog              log to syslog instead of stderr\n"
	"  --check FILE          say whether a document is sound, change "
	"nothing\n"
	"  --schema              print nouns, fields and drop reasons as JSON\n"
	"  --version, --help\n"
	"vswitchd stays in the foreground; see vswitchd(8).\n";

static void set_text(char *to, size_t size, const char *option)
{
	if (strlen(optarg) >= size)
		fatalx("--%s: over %zu bytes", option, size - 1);
	strcpy(to, optarg);
}

/* Relative paths count from where the daemon was started. */
static void set_path(char *to, size_t size, const char *option)
{
	char *cwd;
	int needed;

	if (optarg[0] == '/') {
		set_text(to, size, option);
		return;
	}
	cwd = realpath(".", NULL);
	if (!cwd)
		fatal("--%s: the current directory", option);
	needed = snprintf(to, size, "%s/%s", cwd, optarg);
	free(cwd);
	if (needed < 0 || (size_t)needed >= size)
		fatalx("--%s: over %zu bytes", option, size - 1);
}

static long number_of(const char *option, long minimum, long maximum)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(optarg, &end, 10);
	if (errno || *end || end == optarg || value < minimum ||
	    value > maximum)
		fatalx("--%s: \"%s\" is not a number from %ld to %ld", option,
		       optarg, minimum, maximum);
	return value;
}

static void set_level(const char *module, const char *level)
{
	enum log_level parsed;

	if (log_level_parse(level, &parsed))
		fatalx("log level \"%s\": say fatal, warn, info or debug",
		       level);
	if (log_await(module, parsed)) /* an extension's, perhaps */
		fatalx("log module \"%s\": there is no such module", module);
}

static void set_log(void)
{
	char text[64], *colon;

	set_text(text, sizeof(text), "log");
	colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	set_level(colon ? text : "all", colon ? colon + 1 : text);
}

static void read_option(int option, struct daemon_config *config,
			struct arguments *arguments)
{
	switch (option) {
	case 'r':
		set_path(config->rundir, sizeof(config->rundir), "rundir");
		break;
	case 's':
		set_path(config->statedir, sizeof(config->statedir),
			 "statedir");
		break;
	case 'x':
		set_path(config->extension_dir, sizeof(config->extension_dir),
			 "extension-dir");
		break;
	case 'd':
		set_path(config->document, sizeof(config->document),
			 "document");
		break;
	case 'g':
		set_text(config->group, sizeof(config->group), "group");
		break;
	case 'H':
		set_text(config->host, sizeof(config->host), "host");
		break;
	case 'w':
		config->workers = (uint16_t)number_of("workers", 1, 15);
		break;
	case 'S':
		config->spin_us = strcmp(optarg, "auto")
					  ? (int32_t)number_of("spin", 0, 50)
					  : -1;
		break;
	case 'f':
		config->fast_path = true;
		break;
	case 'l':
		set_log();
		break;
	case 'y':
		arguments->syslog = true;
		break;
	case 1:
		arguments->action = DUMP_SCHEMA;
		break;
	case 2:
		arguments->action = CHECK_DOCUMENT;
		arguments->check = optarg;
		break;
	default:
		break; /* 'c', 'V', 'h': taken before */
	}
}

static void read_config(struct daemon_config *config, const char *file)
{
	static char text[CONFIG_SIZE];
	struct vs_error error = {0};
	FILE *stream = input_open(file ? file : CONFIG_FILE, &error);
	size_t size;

	if (!stream && !file && error.code == ENOENT)
		return;
	if (!stream)
		fatalx("%s", error.text);
	size = fread(text, 1, sizeof(text), stream);
	if (ferror(stream))
		fatal("%s", file ? file : CONFIG_FILE);
	fclose(stream);
	if (size == sizeof(text))
		fatalx("%s: over %d bytes", file ? file : CONFIG_FILE,
		       CONFIG_SIZE - 1);
	if (size && daemon_config_parse(config, text, size, &error))
		fatalx("%s: %s%s%s", file ? file : CONFIG_FILE, error.path,
		       error.path[0] ? ": " : "", error.text);
	for (uint16_t i = 0; i < config->log_count; i++)
		set_level(config->log[i].module, config->log[i].level);
}

/* The command line wins over the file, so the file is found and read first. */
static void read_arguments(int argc, char **argv, struct daemon_config *config,
			   struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (option == 'c')
			arguments->config_file = optarg;
		if (option == 'h') {
			fputs(help, stdout);
			exit(0);
		}
		if (option == 'V') {
			printf("vswitchd %s, extension ABI %u\n", VS_VERSION,
			       VS_ABI);
			exit(0);
		}
		if (option == '?')
			exit(1); /* getopt said why */
	}
	if (optind < argc)
		fatalx("\"%s\": vswitchd takes options only; see --help",
		       argv[optind]);
	read_config(config, arguments->config_file);
	optind = 1;
	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1)
		read_option(option, config, arguments);
}

/* Which host this is, where nobody said: what the machine is called. */
static void name_host(struct daemon_config *config)
{
	if (!config->host[0] && gethostname(config->host, sizeof(config->host)))
		config->host[0] = '\0';
}

/* Before the engine is there, and with it the signals' own way: a document that
 * comes slowly may be given up. */
static int read_document(const char *file)
{
	struct vs_error error = {0};
	int fd = input_document(file, &error);

	if (fd >= 0)
		return fd;
	fprintf(stderr, "vswitchd: %s\n", error.text);
	exit(error.code == ENOENT || error.code == EACCES ? VS_EXIT_ABSENT
							  : VS_EXIT_REFUSED);
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.action = RUN};
	struct daemon_config config;
	struct vs_error error = {0};
	struct engine *engine;
	int result, document = -1;

	log_open(LOG_TO_STDERR, "vswitchd");
	daemon_config_default(&config);
	snprintf(config.extension_dir, sizeof(config.extension_dir), "%s",
		 VS_EXTENSION_DIR);
	read_arguments(argc, argv, &config, &arguments);
	name_host(&config);
	if (arguments.syslog)
		log_open(LOG_TO_SYSLOG, "vswitchd");
	if (arguments.action == CHECK_DOCUMENT)
		document = read_document(arguments.check);
	result = engine_create(&engine, &config, &error);
	if (!result && arguments.action != RUN) {
		result = arguments.action == DUMP_SCHEMA
				 ? engine_dump_schema(engine)
				 : engine_check_document(
					   engine, arguments.check, document);
		engine_destroy(engine);
		return result;
	}
	if (!result)
		result = engine_start(engine, &error);
	if (result) {
		engine_destroy(engine);
		fatalx("%s%s%s", error.path, error.path[0] ? ": " : "",
		       error.text);
	}
	log_info(LOG_ENGINE, "ready");
	result = notify_ready();
	if (result)
		log_warnx(LOG_ENGINE, "NOTIFY_SOCKET: %s", strerror(-result));
	result = engine_run(engine);
	engine_destroy(engine);
	return result ? 1 : 0;
}
