/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h: what a hook may ask of the host.
 *
 * Every data hook gets a struct vs_call: nothing is ambient. All services are
 * bounded and never block; each may be called only by the worker that the
 * call came from, and only until the hook returns. A service that does not
 * fit a hook's rights (emit from a capture, recipe outside the translate
 * class) answers -EPERM, and the first one is an event, service_refused. A
 * rule broken otherwise - a frame that is not one's own, a port that is not
 * there, a second answer - has no effect, and the first is an event too,
 * rule_broken; both name the extension and the rule.
 */
#ifndef VSWITCH_HOST_H
#define VSWITCH_HOST_H

#include <vswitch/packet.h>
#include <vswitch/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vs_call;
struct vs_reply;    /* extension.h */
struct vs_instance; /* the extension's: main thread only */
struct vs_state;    /* the extension's: immutable, published */
struct vs_shard;    /* the extension's: one per worker */

#define VS_LEAD_SIZE 256u

/* How the bytes of a recipe are wrapped: tells a link what to patch per
 * segment. */
enum vs_encapsulation {
	VS_ENCAP_NONE,	/* lead + slice is a plain frame */
	VS_ENCAP_NVGRE, /* outer Ethernet, IP, GRE with key, inner Ethernet */
	VS_ENCAP_VXLAN, /* outer Ethernet, IP, UDP, VXLAN, inner Ethernet */
	VS_ENCAP_GRE,	/* outer Ethernet, IP, GRE without, inner Ethernet */
	VS_ENCAPS
};

/*
 * A recipe: one frame that leaves, without a copy of its payload. What goes
 * out is `lead` followed by `slice_size` bytes of `frame` from
 * `slice_offset`. Several recipes may share one frame. `offload` describes
 * what goes out; its offsets count from the lead's first byte. The link
 * completes checksums and cuts super-frames (patching the headers of both
 * levels: total lengths, IDs, sums); headers up to offload.header_size must
 * be covered by lead + slice. With an encapsulation, `inner` is the offset of
 * the inner frame's destination MAC in lead + slice. The outer UDP checksum of
 * VS_ENCAP_VXLAN is always made: with work left inside, together with that;
 * else offload names it as a checksum to complete.
 */
struct vs_recipe {
	const struct vs_frame *frame;
	uint32_t slice_offset, slice_size;
	struct vs_offload offload;
	struct vs_port_id port; /* an uplink */
	uint16_t lead_size;
	uint16_t inner;
	uint8_t encapsulation; /* enum vs_encapsulation */
	/* the other frames of the flow (vs_frame_cacheable in packet.h) leave
	 * in the same way until invalidate (or invalidate_vsid of the frame's
	 * VSID), if their IP packet, or a segment
	 * of it, has at most so many bytes; the host may then send them
	 * without asking. 0: it may not */
	uint16_t steady;
	uint8_t lead[VS_LEAD_SIZE];
};

enum vs_emit {
	VS_EMIT_INGRESS, /* into the ingress half, below the caller */
	VS_EMIT_ADMIT,	 /* translate: in at admit, as if from the wire */
	VS_EMIT_UPLINK,	 /* translate: out of the uplink vs_view.port names,
			  * provider side, untranslated (ARP and ND of ours) */
	VS_EMIT_PORT,	 /* any class but capture: to the one port named by
			  * `to`, through egress and deliver (a server's
			  * answers, ICMP errors, a mirror's copies) */
};

/* A note between worker and main thread, or main thread and worker. */
#define VS_NOTE_SIZE 112u
struct vs_note {
	uint16_t kind; /* the extension's own */
	uint16_t size; /* bytes used of `bytes` */
	uint32_t reserved;
	uint8_t bytes[VS_NOTE_SIZE];
};

struct vs_host {
	uint32_t struct_size;

	/*
	 * frame_new - a frame of `size` bytes (<= 65536; over 2048 it takes
	 * one of the few big buffers), uninitialised, source
	 * port 0, VSID `vsid`, with 128 bytes of headroom. NULL: no buffer.
	 * Give it away by emit, or back by frame_free, each once. Who keeps
	 * half of the buffers so gets no more; what an extension has when it
	 * leaves the stack is the host's again.
	 */
	struct vs_frame *(*frame_new)(const struct vs_call *call, uint32_t size,
				      struct vs_vsid vsid);
	void (*frame_free)(const struct vs_call *call, struct vs_frame *frame);
	/*
	 * frame_copy - a frame_new with the bytes, offload, VSID and source
	 * port of another of any size; a super-frame's copy is as large. It
	 * has no destinations. NULL: no buffer. Whoever copies what walks by
	 * passes over VS_FRAME_INJECTED, or it copies its own copies.
	 */
	struct vs_frame *(*frame_copy)(const struct vs_call *call,
				       const struct vs_frame *frame);

	/*
	 * emit - queue a frame of frame_new or frame_copy; it runs after the
	 * current burst. The frame is the host's from here, whatever the
	 * answer. `to`: the uplink or port for VS_EMIT_UPLINK and
	 * VS_EMIT_PORT, else 0. `from`: whose frame it is, and is booked
	 * under. VS_EMIT_INGRESS: that port's policies hold for it as for
	 * what it sends; 0 is the source of the frame that was copied, or, of
	 * a new one, the switch itself, which no policy holds for: only the
	 * port's VSIDs. So name a port wherever the frame is somebody's.
	 * VS_EMIT_PORT: likewise; `from` equal to `to` is an answer to what
	 * that port sent, from the switch itself. -ENOBUFS: the queue (256)
	 * is full, counted; -EPERM; -EINVAL: no such port.
	 */
	int (*emit)(const struct vs_call *call, struct vs_frame *frame,
		    enum vs_emit where, struct vs_port_id to,
		    struct vs_port_id from);

	/*
	 * recipe_open - the next outbox entry, to be filled in place, or NULL
	 * (never in to_wire: the outbox is flushed first). The members frame,
	 * slice_*, offload and port are preset to "the whole outbound frame".
	 * recipe_commit sends it (the host takes a reference on the frame);
	 * without it the entry is free again. Held frames may be sent the
	 * same way from tick, noted_shard and from_wire. -EINVAL: a member is
	 * out of range; nothing is sent.
	 */
	struct vs_recipe *(*recipe_open)(const struct vs_call *call,
					 const struct vs_frame *frame);
	int (*recipe_commit)(const struct vs_call *call,
			     struct vs_recipe *recipe);

	/*
	 * reflect - answer an outbound frame by sending it in again at admit,
	 * under `vsid`, with the first `header_size` bytes replaced by
	 * `header` (routed: MACs, TTL). At most once per frame; the second
	 * time it is dropped reflect_loop.
	 */
	int (*reflect)(const struct vs_call *call, struct vs_outbound *outbound,
		       struct vs_vsid vsid, const uint8_t *header,
		       uint16_t header_size);

	/*
	 * hold - keep a frame beyond the hook: the extension's shard now
	 * holds it, the ledger shows it as held. Filters (ingress), and
	 * translate (to_wire). -ENOBUFS when holds own half
	 * of the pools already (the frame is then unanswered as before).
	 * release ends it: VS_SENT (recipes were committed for it), VS_PASS
	 * (a filter's: goes on below the filter, after this burst), or
	 * VS_DROP with a reason. What is held for over 30 seconds the host
	 * drops, ext_held; what a filter holds when it leaves the stack goes
	 * on below its place. The frame is then no more the extension's, and
	 * a release of it does nothing.
	 */
	int (*hold)(const struct vs_call *call, struct vs_frame *frame);
	int (*hold_outbound)(const struct vs_call *call,
			     struct vs_outbound *outbound,
			     const struct vs_frame **frame);
	void (*release)(const struct vs_call *call,
			const struct vs_frame *frame, enum vs_action action,
			uint16_t reason);

	/* post - to the instance's `noted` hook on the main thread. */
	int (*post)(const struct vs_call *call, const struct vs_note *note);
	/* kick - to the `noted_shard` hook of another worker. */
	int (*kick)(const struct vs_call *call, uint16_t worker,
		    const struct vs_note *note);
	/* event - index into the descriptor's events; `text` one line;
	 * rate-limited per event (10/s), shown by vsctl monitor. */
	void (*event)(const struct vs_call *call, uint16_t event,
		      const char *text);
	/* count - add to a counter of the descriptor's table. */
	void (*count)(const struct vs_call *call, uint16_t counter,
		      uint64_t amount);
	/* sink - a record for the writer thread (the extension's sink id,
	 * see open_sink); -ENOBUFS: the ring is full. A reader that does not
	 * keep up, or a disk that is full, loses records that were taken:
	 * see sink_counts. */
	int (*sink)(const struct vs_call *call, uint32_t sink,
		    const uint8_t *const pieces[], const uint32_t sizes[],
		    uint16_t count);
	uint64_t (*random)(const struct vs_call *call);
	/* port - the attachment's side of a port; NULL = no such port. */
	const struct vs_port_info *(*port)(const struct vs_call *call,
					   struct vs_port_id id);
	/* trace - one line for vsctl trace; call only if call->tracing. */
	void (*trace)(const struct vs_call *call, const char *text);
	/* tick_at - from a data hook: call `tick` for this shard at `when_ns`
	 * or before. What tick answers then counts again. Without it, a hook
	 * that begins something (a hold, a time-out) is too late: the deadline
	 * is what the last tick answered. */
	void (*tick_at)(const struct vs_call *call, uint64_t when_ns);
	/* invalidate - what cacheable answers (packet.h) of this extension
	 * are made from has changed: all of them are asked for again, on every
	 * worker with its next burst. */
	void (*invalidate)(const struct vs_call *call);
	/* mismatch - the guest behind the frame's source port goes by another
	 * gateway, or the like, than policy says; `text`: "asks for ...". The
	 * event guest_mismatch, and shown with the port: one for each port. It
	 * is asked for anew when something is published: then the frame walks
	 * once more, tracing, and what it does not bring here again is
	 * forgotten. true: it is news; with NULL it only asks. A frame of no
	 * port, of an uplink or of another trace is none. */
	bool (*mismatch)(const struct vs_call *call,
			 const struct vs_frame *frame, const char *text);
	/*
	 * invalidate_vsid - as invalidate, for the answers about frames of this
	 * VSID alone: those that bear it when their walk ends. It is for what
	 * VMs can bring about themselves, so that they end no other tenant's
	 * flows. A routed frame bears one VSID, and its answer may come from
	 * what is known of another: then that of each that it may bear.
	 */
	void (*invalidate_vsid)(const struct vs_call *call,
				struct vs_vsid vsid);
};

struct vs_call {
	uint16_t struct_size;
	uint16_t worker; /* 0..workers-1 */
	bool tracing;	 /* a synthetic frame walks: change nothing lasting */
	uint8_t reserved[3];
	uint64_t now_ns; /* monotonic, read once per burst */
	const struct vs_host *host;
	const struct vs_state *state;
	struct vs_shard *shard;
};

/* What became of a sink's records. */
struct vs_sink_counts {
	uint32_t struct_size;
	int32_t error;	/* an errno that ended it; 0 = none */
	uint64_t lost;	/* records that were taken and not written */
	uint64_t bytes; /* written */
};

/*
 * The main thread's services, for life-cycle hooks. Bounded, not blocking.
 */
struct vs_main_host {
	uint32_t struct_size;
	const char *switch_name;
	/* shards 0..workers-1; the last is the probe's, which walks for vsctl
	 * trace (vs_call.tracing) and keeps nothing: a kick to it is lost */
	uint16_t workers;
	/* event, as above, from the main thread */
	void (*event)(const struct vs_main_host *host, uint16_t event,
		      const char *text);
	/* note to one worker's shard (UINT16_MAX = all) */
	int (*kick)(const struct vs_main_host *host, uint16_t worker,
		    const struct vs_note *note);
	/* ask for configure() with unchanged settings (a port changed, ...) */
	void (*reconfigure)(const struct vs_main_host *host);
	/* 64 random bits, of cryptographic quality */
	uint64_t (*random)(const struct vs_main_host *host);
	uint64_t (*now_ns)(const struct vs_main_host *host);
	/*
	 * open_sink - a stream of records: to the file `name` in the capture
	 * directory (no '/'), or, with name NULL, to the client of the method
	 * call that is running. Returns the sink id >= 1, or -errno. It is
	 * closed by close_sink, or with the client; then sink() answers
	 * -EPIPE.
	 */
	int (*open_sink)(const struct vs_main_host *host, const char *name,
			 struct vs_error *error);
	void (*close_sink)(const struct vs_main_host *host, int sink);
	/*
	 * sink - as vs_host.sink, from the main thread. The record stands
	 * before those that workers make under any state published later, so
	 * that a format's header comes first, and it waits, within bounds, for
	 * a reader that does not keep up. With count 0 it only asks: 0, or
	 * -EPIPE when the reader is gone, or the file can't be written.
	 */
	int (*sink)(const struct vs_main_host *host, int sink,
		    const uint8_t *const pieces[], const uint32_t sizes[],
		    uint16_t count);
	/* wall_ns - time of day, ns since 1970 UTC: for stamps in files and
	 * leases. It may jump; deadlines are monotonic. */
	uint64_t (*wall_ns)(const struct vs_main_host *host);
	/* invalidate - as vs_host.invalidate, from the main thread. */
	void (*invalidate)(const struct vs_main_host *host);
	/*
	 * defer - a method that runs will answer later: run() returns 0 and
	 * writes nothing. A token >= 1; -EINVAL: no method of a client runs;
	 * -EBUSY: too many wait. tick_main runs soon.
	 * deferred - its reply, to be written; NULL: the token is none (its
	 * client waited for two minutes and got an error).
	 * answer - the reply is sent, or, with `error`, that. Not before run()
	 * has returned.
	 */
	int (*defer)(const struct vs_main_host *host);
	struct vs_reply *(*deferred)(const struct vs_main_host *host,
				     int token);
	void (*answer)(const struct vs_main_host *host, int token,
		       const struct vs_error *error);
	/* sink_counts - since open_sink, until close_sink; -EPIPE: no such
	 * sink. A client's or a file's end is seen here, too. */
	int (*sink_counts)(const struct vs_main_host *host, int sink,
			   struct vs_sink_counts *counts);
};

#ifdef __cplusplus
}
#endif
#endif
