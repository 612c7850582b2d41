// SPDX-License-Identifier: Apache-2.0
/*
 * ext_new.c: writes the project. Whatever is there already is left alone: a
 * directory that exists is refused.
 */
#include "ext_new.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "nearest.h"
#include "session.h"

#define NAME_SIZE 63u
#define GUID_SIZE 37u
#define PATH_SIZE 512u
#define USAGE                                                                  \
	"usage: vsctl ext new NAME [class=capture|filter|forward|translate] "  \
	"[dir=PATH]"

struct project {
	const char *name, *directory;
	const struct ext_class *class;
	char guid[GUID_SIZE];
};

/* -- what is wanted -- */

/* As the loader takes it, and as CMake takes it for a target. */
static bool is_name(const char *name)
{
	if (!isalpha((unsigned char)*name))
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-", *c))
			return false;
	return strlen(name) <= NAME_SIZE;
}

static enum vs_exit find_class(const char *name, struct project *project,
			       struct complaint *complaint)
{
	struct nearest nearest = {.word = name};
	char hint[96];

	for (int i = 0; i < EXT_CLASSES; i++) {
		if (strcmp(ext_classes[i].name, name) == 0) {
			project->class = &ext_classes[i];
			return VS_EXIT_OK;
		}
		nearest_offer(&nearest, ext_classes[i].name);
	}
	return complain(complaint, VS_EXIT_USAGE,
			"class %s is none of capture, filter, forward, "
			"translate%s",
			name, nearest_hint(&nearest, hint, sizeof(hint)));
}

static enum vs_exit parse(const struct words *words, struct project *project,
			  struct complaint *complaint)
{
	const char *class = "filter";

	for (int i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		if (strncmp(word, "class=", 6) == 0)
			class = word + 6;
		else if (strncmp(word, "dir=", 4) == 0)
			project->directory = word + 4;
		else if (!project->name && !strchr(word, '='))
			project->name = word;
		else
			return complain(complaint, VS_EXIT_USAGE,
					"%s is not understood; " USAGE, word);
	}
	if (!project->name)
		return complain(complaint, VS_EXIT_USAGE, USAGE);
	if (!is_name(project->name))
		return complain(complaint, VS_EXIT_USAGE,
				"%.80s is no name for an extension: a letter, "
				"then letters, digits, - and _, at most %u",
				project->name, NAME_SIZE);
	if (!project->directory)
		project->directory = project->name;
	return find_class(class, project, complaint);
}

/* A random one, RFC 9562 section 5.4. */
static bool make_guid(char guid[GUID_SIZE])
{
	uint8_t bytes[16];
	char *to = guid, *end = guid + GUID_SIZE;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		to += snprintf(to, (size_t)(end - to), "%s%02x",
			       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       bytes[i]);
	return true;
}

/* -- the files -- */

/* What stands for a mark at `text`, and the mark's size; NULL: none. */
static const char *value_of(const struct project *project, const char *text,
			    size_t *size)
{
	const struct {
		const char *mark, *value;
	} marks[] = {
		{"@NAME@", project->name},
		{"@GUID@", project->guid},
		{"@CLASS@", project->class->name},
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		*size = strlen(marks[i].mark);
		if (strncmp(text, marks[i].mark, *size) == 0)
			return marks[i].value;
	}
	return NULL;
}

static void fill(FILE *stream, const struct project *project, const char *text)
{
	const char *value;
	size_t size;

	while (*text) {
		value = *text == '@' ? value_of(project, text, &size) : NULL;
		if (value) {
			fputs(value, stream);
			text += size;
		} else {
			fputc(*text++, stream);
		}
	}
}

static enum vs_exit cannot(const char *path, struct complaint *complaint)
{
	return complain(complaint, VS_EXIT_REFUSED, "%s: cannot be made: %s",
			path, strerror(errno));
}

static enum vs_exit write_file(const struct project *project,
			       const struct ext_template *file,
			       struct complaint *complaint)
{
	char path[PATH_SIZE];
	FILE *memory = fmemopen(path, sizeof(path), "w"), *stream;
	bool is_bad;

	if (!memory)
		return cannot(file->path, complaint);
	fprintf(memory, "%s/", project->directory);
	fill(memory, project, file->path);
	if (fclose(memory) || strlen(path) + 1 >= sizeof(path))
		return cannot(file->path, complaint);
	stream = fopen(path, "wx");
	if (!stream)
		return cannot(path, complaint);
	fill(stream, project, file->text);
	is_bad = ferror(stream) != 0;
	return fclose(stream) || is_bad ? cannot(path, complaint) : VS_EXIT_OK;
}

static enum vs_exit make_directories(const struct project *project,
				     struct complaint *complaint)
{
	char tests[PATH_SIZE];

	if (mkdir(project->directory, 0777) && errno == EEXIST)
		return complain(complaint, VS_EXIT_REFUSED,
				"%s exists already: say dir=ELSEWHERE",
				project->directory);
	snprintf(tests, sizeof(tests), "%s/tests", project->directory);
	/* errno of whichever failed: without the first there is no second */
	return mkdir(tests, 0777) ? cannot(project->directory, complaint)
				  : VS_EXIT_OK;
}

static enum vs_exit write_all(const struct project *project,
			      struct complaint *complaint)
{
	const struct ext_template own[] = {
		{"@NAME@.c", project->class->source},
		{"tests/frames", project->class->frames},
		{"tests/expected", project->class->expected},
	};
	enum vs_exit code = make_directories(project, complaint);

	for (size_t i = 0; !code && i < sizeof(own) / sizeof(own[0]); i++)
		code = write_file(project, &own[i], complaint);
	for (const struct ext_template *file = ext_templates;
	     !code && file->path; file++)
		code = write_file(project, file, complaint);
	return code;
}

static void render_new(FILE *stream, const struct view *view,
		       const json_t *result)
{
	const char *at = json_string_value(json_object_get(result, "path"));
	const char *name = json_string_value(json_object_get(result, "name"));

	(void)view;
	fprintf(stream,
		"%s is there. To build, test and use it:\n"
		"  cmake -S %s -B %s/build && cmake --build %s/build\n"
		"  ctest --test-dir %s/build --output-on-failure\n"
		"  sudo cmake --install %s/build\n"
		"  vsctl ext load %s && vsctl ext enable %s\n",
		at, at, at, at, at, at, name, name);
}

enum vs_exit ext_new(struct session *session, const struct words *words,
		     struct complaint *complaint)
{
	struct project project = {.name = NULL};
	enum vs_exit code = parse(words, &project, complaint);
	json_t *result;

	if (code)
		return code;
	if (session->options->dry_run)
		return complain(complaint, VS_EXIT_USAGE,
				"ext new knows no --dry-run: nothing was done");
	if (!make_guid(project.guid))
		return complain(complaint, VS_EXIT_REFUSED,
				"no random numbers: %s", strerror(errno));
	code = write_all(&project, complaint);
	if (code)
		return code;
	result = json_pack("{s:s, s:s, s:s, s:s}", "name", project.name,
			   "class", project.class->name, "guid", project.guid,
			   "path", project.directory);
	session->output.ops->result(&session->output, render_new,
				    &(struct view){.params = NULL}, result);
	json_decref(result);
	return VS_EXIT_OK;
}
