/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.h: what the three memories of the capture extension hold.
 *
 * Theory of operation
 * -------------------
 * A *stream* is one pcapng output: what is wanted (its spec), the compiled
 * filter, a sink. Two things make streams: an object of the noun `capture`
 * (they live as long as the object) and the method `capture stream` (they
 * live as long as the client reads and the port is there, or until `count`
 * frames). A *state* is
 * the immutable list of active streams with everything that a worker needs;
 * it is built again whenever a stream begins or ends or a port appears.
 *
 * configure() may build a candidate that is thrown away, so it opens nothing:
 * a new object's file is opened by the next tick of the main thread if a
 * state that wants it still exists, and the state is built again.
 *
 * A stream is freed when no state refers to it and the method that made it
 * ended. References are counted on the main thread alone. Workers write only
 * its four atomic numbers; nobody needs them to agree with one another.
 *
 * Views: a port is seen in customer form, at the top of the stack: ingress as
 * its owner sent it, egress as it will get it. The port `external` is the
 * switch's side of the wire, decapsulated. Uplinks are seen in provider form,
 * by their name or all of them by `wire`.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdatomic.h>

#include <vswitch/extension.h>

#include "filter.h"
#include "pcapng.h"

#define STREAMS_MAXIMUM 16u
#define SNAP_MINIMUM	64u
#define SNAP_MAXIMUM	262144u
#define FILE_SIZE	128u
#define NO_INTERFACE	UINT32_MAX
#define ENDED		32u /* streams that are remembered */

enum capture_direction {
	CAPTURE_BOTH,
	CAPTURE_INGRESS, /* from the port into the switch; from the wire */
	CAPTURE_EGRESS,
	CAPTURE_DIRECTIONS
};

struct spec {
	char name[VS_PORT_NAME_SIZE]; /* the object's; "" for a method's */
	char port[VS_PORT_NAME_SIZE]; /* "" = all */
	char file[FILE_SIZE];
	char expression[FILTER_TEXT];
	enum capture_direction direction;
	bool wire;
	uint32_t snap;
	uint64_t count; /* 0 = no end */
};

struct interface {
	struct vs_port_id id;
	char name[VS_PORT_NAME_SIZE];
};

/* Main thread: of the records that the writer took. */
struct losses {
	uint64_t seen;	  /* that it lost */
	uint64_t counted; /* of these, in frames_lost */
	uint64_t stated;  /* lost by the last statistics block */
	uint64_t bytes;	  /* written then */
};

struct stream {
	struct stream *next;
	uint32_t number;     /* for notes; unique in the instance */
	uint32_t references; /* states, and the method while it lives */
	bool live;	     /* a method's, not ended */
	int sink;	     /* 0 = not yet, < 0 = failed: -errno */
	struct spec spec;
	struct filter *filter;
	/* interface blocks written so far, in order */
	struct interface interfaces[VS_PORTS_MAXIMUM];
	uint32_t interface_count;
	_Atomic uint64_t taken; /* frames that matched; those beyond `count`
				   were not written */
	/* given to the writer; no room was there for */
	_Atomic uint64_t written, lost;
	struct losses losses;
	_Atomic bool ended; /* a worker told the main thread */
};

/* A stream as workers see it. */
struct active {
	struct stream *stream;
	const struct filter *filter;
	uint32_t sink, snap;
	uint64_t count;
	struct vs_port_id port; /* 0 = all; VS_PORTS_MAXIMUM = none yet */
	bool ingress, egress, wire;
	uint32_t interfaces[VS_PORTS_MAXIMUM]; /* by port id */
};

struct vs_state {
	int64_t wall_offset;	    /* time of day - monotonic, ns */
	bool ingress, egress, wire; /* does anybody look there? */
	uint32_t stream_count;	    /* referred to, with or without sink */
	struct stream *streams[STREAMS_MAXIMUM];
	uint32_t active_count;
	struct active active[];
};

#define SCRATCH_SIZE 512u

struct vs_shard {
	uint8_t scratch[SCRATCH_SIZE]; /* wire frames, for the filter */
};

enum stream_end {
	STREAM_COUNT,  /* all frames that were wanted are there */
	STREAM_PORT,   /* its port was deleted */
	STREAM_BROKEN, /* nobody reads, or it cannot be written */
};

struct ended {
	uint32_t number; /* 0: none */
	enum stream_end why;
};

struct instance {
	struct vs_instance base;
	struct ended ended[ENDED]; /* the last ones, in a ring */
	uint32_t ended_next;
	struct stream *streams;
	uint32_t next_number;
	struct interface ports[VS_PORTS_MAXIMUM]; /* that exist now */
	bool uplinks[VS_PORTS_MAXIMUM];		  /* parallel to ports */
	uint32_t port_count;
};

/* Notes: from a worker, the stream with this number ended; to a worker, so
 * many more frames are lost. */
enum { NOTE_ENDED = 1, NOTE_LOST };

/* Indices into the descriptor's tables. */
enum { COUNT_WRITTEN, COUNT_LOST };
enum { EVENT_FAILED, EVENT_ENDED };

/* record.c: the data hooks */
extern const struct vs_capture_class capture_class;

/* stream.c: main thread */
struct stream *stream_create(struct instance *instance, const struct spec *spec,
			     struct vs_error *error);
void stream_unref(struct instance *instance, struct stream *stream);
/* stream_open - the sink and its section block; -errno, then sink is < 0. */
int stream_open(struct instance *instance, struct stream *stream,
		struct vs_error *error);
/* stream_activate - describe the ports of the stream that have no interface
 * block yet, and fill `active`. */
void stream_activate(struct instance *instance, struct stream *stream,
		     struct active *active);
/* stream_end - the method's stream gets no more frames. */
void stream_end(struct instance *instance, struct stream *stream,
		enum stream_end why);
/* stream_fail - the file takes no more, for `error`, an errno. */
void stream_fail(struct instance *instance, struct stream *stream, int error);
/* stream_has_port - is what the spec names there? */
bool stream_has_port(const struct instance *instance, const struct spec *spec);

/* losses.c: main thread */
enum losses_when {
	LOSSES_GO_ON, /* the stream goes on */
	LOSSES_END,
};
/* losses_look - count what was lost since the last look, and say it in the
 * stream. */
void losses_look(const struct instance *instance, struct stream *stream,
		 enum losses_when when);
/* losses_of, losses_written - frames that matched and are not in the output,
 * as far as was seen; that are. */
uint64_t losses_of(const struct stream *stream);
uint64_t losses_written(const struct stream *stream);
/* losses_counted - on a worker: the note. */
void losses_counted(const struct vs_call *call, const struct vs_note *note);

/* ended.c: main thread */
enum { ENDED_STREAM, ENDED_ARGUMENTS };
extern const struct vs_field ended_arguments[ENDED_ARGUMENTS];
void ended_note(struct instance *instance, const struct stream *stream,
		enum stream_end why);
int ended_run(struct vs_instance *base, const struct vs_value *values,
	      struct vs_reply *reply, struct vs_error *error);

#endif
