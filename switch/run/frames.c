// SPDX-License-Identifier: Apache-2.0
/*
 * frames.c: capture files and hex text, both ways.
 */
#include "frames.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "io/pcap_format.h"
#include "packet/hex.h"

#define FILE_LARGEST (1u << 30)
#define READ_STEP    65536u
#define FRAME_SIZE   65550u /* the largest a port takes: IPv4's, and a header */
#define SECOND_NS    UINT64_C(1000000000)

struct bytes {
	uint8_t *at;
	size_t size;
};

/* -- a file as bytes -- */

static int read_all(FILE *stream, struct bytes *bytes)
{
	size_t room = 0, got;

	do {
		if (bytes->size + READ_STEP > room) {
			uint8_t *grown;

			room = room ? room * 2 : READ_STEP;
			if (room > FILE_LARGEST)
				return -EFBIG;
			grown = realloc(bytes->at, room + 1);
			if (!grown)
				return -ENOMEM;
			bytes->at = grown;
		}
		got = fread(bytes->at + bytes->size, 1, READ_STEP, stream);
		bytes->size += got;
	} while (got);
	bytes->at[bytes->size] = '\0';
	return ferror(stream) ? -EIO : 0;
}

static int load(const char *file, struct bytes *bytes, struct vs_error *error)
{
	bool is_stdin = strcmp(file, "-") == 0;
	FILE *stream = is_stdin ? stdin : fopen(file, "rb");
	int result;

	if (!stream)
		return vs_error_set(error, errno, file, "cannot be opened: %s",
				    strerror(errno));
	result = read_all(stream, bytes);
	if (!is_stdin)
		fclose(stream);
	if (result)
		return vs_error_set(error, -result, file, "cannot be read: %s",
				    strerror(-result));
	return 0;
}

static int add(struct frames *frames, const struct frame *frame)
{
	struct frame *to;

	if (frames->count == frames->room) {
		size_t room = frames->room ? frames->room * 2 : 256;
		struct frame *grown =
			realloc(frames->at, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		frames->at = grown;
		frames->room = room;
	}
	to = &frames->at[frames->count];
	*to = *frame;
	to->order = frames->count;
	to->bytes = malloc(frame->size ? frame->size : 1);
	if (!to->bytes)
		return -ENOMEM;
	memcpy(to->bytes, frame->bytes, frame->size);
	frames->count++;
	return 0;
}

/* -- pcap -- */

static uint64_t stamp(const struct pcap_format *format, const uint8_t *record)
{
	uint32_t seconds = vs_load32(record), rest = vs_load32(record + 4);

	if (format->swapped) {
		seconds = __builtin_bswap32(seconds);
		rest = __builtin_bswap32(rest);
	}
	return seconds * SECOND_NS + (format->nanoseconds ? rest : rest * 1000);
}

static int read_pcap(struct frames *frames, const struct bytes *bytes,
		     const char *port, struct vs_error *error)
{
	struct frame frame = {.port = port};
	struct pcap_format format;
	struct pcap_record record;
	size_t at = PCAP_HEADER_SIZE, count = 0;

	if (pcap_parse_header(bytes->at, &format))
		return vs_error_set(error, ENOTSUP, "",
				    "not a capture of Ethernet");
	for (; at < bytes->size; at += PCAP_RECORD_SIZE + record.size) {
		count++;
		if (bytes->size - at < PCAP_RECORD_SIZE ||
		    pcap_parse_record(&format, bytes->at + at, &record) ||
		    record.size > bytes->size - at - PCAP_RECORD_SIZE)
			return vs_error_set(error, EINVAL, "",
					    "record %zu is cut or damaged: "
					    "take what is before it by "
					    "editcap",
					    count);
		if (record.size < record.wire_size || record.size > FRAME_SIZE)
			return vs_error_set(error, EINVAL, "",
					    "record %zu has %u of %u bytes: "
					    "capture whole frames (tcpdump -s "
					    "0) of at most %u bytes",
					    count, record.size,
					    record.wire_size, FRAME_SIZE);
		frame.time_ns = stamp(&format, bytes->at + at);
		frame.size = record.size;
		frame.bytes = bytes->at + at + PCAP_RECORD_SIZE;
		if (add(frames, &frame))
			return vs_error_set(error, ENOMEM, "", "out of memory");
	}
	return 0;
}

/* -- text -- */

/* "12.25" to nanoseconds; NULL: not a time. Returns what is behind it. */
static const char *parse_time(const char *text, uint64_t *time_ns)
{
	uint64_t seconds = 0, unit = SECOND_NS / 10, rest = 0;

	if (!isdigit((unsigned char)*text))
		return NULL;
	for (; isdigit((unsigned char)*text); text++) {
		seconds = seconds * 10 + (uint64_t)(*text - '0');
		if (seconds > UINT32_MAX)
			return NULL;
	}
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++) {
			rest += unit * (uint64_t)(*text - '0');
			unit /= 10;
		}
	*time_ns = seconds * SECOND_NS + rest;
	return *text == ' ' || *text == '\t' ? text : NULL;
}

/* Bytes up to the line's end or a #; their number, or -1: not hex. */
static int parse_hex(const char *text, const char *end, uint8_t *bytes)
{
	int size = 0, byte;

	while (text < end && *text != '#') {
		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		byte = hex_byte(text);
		if (byte < 0 || size == (int)FRAME_SIZE)
			return -1;
		bytes[size++] = (uint8_t)byte;
		text += 2;
	}
	return size;
}

static const char *skip_blanks(const char *text, const char *end)
{
	while (text < end && isspace((unsigned char)*text))
		text++;
	return text;
}

static int read_line(struct frames *frames, struct frame *frame,
		     const char *text, const char *end)
{
	int size;

	text = skip_blanks(text, end);
	if (text == end || *text == '#')
		return 0;
	text = parse_time(text, &frame->time_ns);
	if (!text)
		return -EINVAL;
	size = parse_hex(text, end, frame->bytes);
	if (size <= 0)
		return -EINVAL;
	frame->size = (uint32_t)size;
	return add(frames, frame);
}

static int read_text(struct frames *frames, const struct bytes *bytes,
		     const char *port, struct vs_error *error)
{
	const char *line = (const char *)bytes->at, *stop = line + bytes->size;
	struct frame frame = {.port = port, .bytes = malloc(FRAME_SIZE)};
	unsigned int number = 0;
	int result = frame.bytes ? 0 : -ENOMEM;

	for (; !result && line < stop; number++) {
		const char *end = memchr(line, '\n', (size_t)(stop - line));

		if (!end)
			end = stop;
		result = read_line(frames, &frame, line, end);
		line = end < stop ? end + 1 : stop;
	}
	free(frame.bytes);
	if (result == -EINVAL)
		return vs_error_set(error, EINVAL, "",
				    "line %u: neither a pcap file nor a line "
				    "of text: seconds, then the frame's bytes "
				    "in hex (pcapng: editcap -F pcap)",
				    number);
	if (result)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	return 0;
}

int frames_read(struct frames *frames, const char *file, const char *port,
		struct vs_error *error)
{
	struct bytes bytes = {NULL, 0};
	struct pcap_format format;
	int result = load(file, &bytes, error);

	if (result) {
		free(bytes.at);
		return result;
	}
	if (bytes.size >= PCAP_HEADER_SIZE &&
	    pcap_parse_header(bytes.at, &format) != -EINVAL)
		result = read_pcap(frames, &bytes, port, error);
	else
		result = read_text(frames, &bytes, port, error);
	if (result)
		snprintf(error->path, sizeof(error->path), "%s", file);
	free(bytes.at);
	return result;
}

static int by_time(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void frames_sort(struct frames *frames)
{
	if (frames->count)
		qsort(frames->at, frames->count, sizeof(*frames->at), by_time);
}

void frames_free(struct frames *frames)
{
	for (size_t i = 0; i < frames->count; i++)
		free(frames->at[i].bytes);
	free(frames->at);
	*frames = (struct frames){0};
}

/* -- recording -- */

FILE *frames_record_open(const char *file, struct vs_error *error)
{
	/* nanoseconds, version 2.4, zone, accuracy, largest, Ethernet */
	static const uint32_t header[] = {
		PCAP_MAGIC_NS,	    2 | 4u << 16, 0, 0,
		PCAP_FRAME_LARGEST, PCAP_ETHERNET};
	FILE *stream = fopen(file, "wb");

	if (!stream) {
		vs_error_set(error, errno, file, "cannot be written: %s",
			     strerror(errno));
		return NULL;
	}
	fwrite(header, sizeof(header), 1, stream);
	return stream;
}

void frames_record(FILE *file, uint64_t time_ns, const uint8_t *bytes,
		   uint32_t size)
{
	uint32_t record[] = {(uint32_t)(time_ns / SECOND_NS),
			     (uint32_t)(time_ns % SECOND_NS), size, size};

	if (!file)
		return;
	fwrite(record, sizeof(record), 1, file);
	fwrite(bytes, size, 1, file);
}

int frames_record_close(FILE *file, const char *name, struct vs_error *error)
{
	bool is_bad;

	if (!file)
		return 0;
	is_bad = ferror(file) != 0;
	if (fclose(file) || is_bad)
		return vs_error_set(error, EIO, name,
				    "not all of it could be written: is the "
				    "disk full?");
	return 0;
}
