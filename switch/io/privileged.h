/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privileged.h: the only door to open, socket, setns, TUNSETIFF.
 *
 * Everything that needs a privilege or a path is a request: a fixed-size
 * struct in, a fixed-size struct and at most two fds out, no pointers, so
 * that the same structs can cross a socket to a privileged keeper later. At
 * present one file (privileged_local.c) answers them in process; the answer
 * still comes through the callback, so that no caller relies on it being at
 * once. Nothing is kept by the answering side but what is said below.
 *
 * Text members are NUL-terminated; one that is not is refused with EINVAL.
 */
#ifndef IO_PRIVILEGED_H
#define IO_PRIVILEGED_H

#include <stdbool.h>
#include <stdint.h>

#define PRIV_NAME      64u /* switch, port, netns, role names */
#define PRIV_DEVICE    16u /* IFNAMSIZ */
#define PRIV_PATH      256u
#define PRIV_ADDRESSES 10u
#define PRIV_RANGES    16u
#define PRIV_TEXT      256u

enum priv_op {
	/*
	 * Make (or re-attach to) a TAP: setns, TUNSETIFF with IFF_TAP,
	 * IFF_NO_PI, IFF_VNET_HDR; TUNSETVNETHDRSZ 10; TUNSETOFFLOAD CSUM,
	 * TSO4, TSO6 and, where the kernel knows them, USO4, USO6. Created in
	 * the daemon's namespace under a temporary name when netns is given,
	 * then moved and renamed, so that no name collides. fd 0: the TAP,
	 * non-blocking; with an error as well, if it failed after it was made:
	 * to close it takes the kernel long (closer.h). Refused: names over 15
	 * characters, '%', '/'.
	 */
	PRIV_OPEN_TAP,
	/*
	 * A packet socket bound to an existing netdev (in `netns`, or here):
	 * PACKET_VNET_HDR, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING,
	 * promiscuous or with all multicast if asked. fd 0: the socket,
	 * non-blocking, drained of what arrived before the bind.
	 */
	PRIV_OPEN_NETDEV,
	/*
	 * MAC, MTU, up (PRIV_FLAG_UP), addresses and default routes of a device
	 * in a netns; unset members are left as they are. PRIV_OPEN_TAP does
	 * the same for the device it makes.
	 */
	PRIV_SET_LINK,
	/* fd 0: an rtnetlink socket in the netns subscribed to links and
	 * addresses; fd 1: inotify on /run/netns (netns "" only) */
	PRIV_WATCH_NETNS,
	/*
	 * Keep the kernel's own stack away from tunnels to the provider
	 * addresses in `addresses` on the uplink `device`: GRE, and with
	 * PRIV_FLAG_VXLAN UDP 4789. fd 0: sockets in the uplink's netns with
	 * drop-all filters, so that the kernel answers no ICMP (one fd holds
	 * them all). fd 1: a BPF link at the device's ingress that drops
	 * tunnels to them behind our tap, so that the kernel does not pay for
	 * them, or -1 where the kernel can't. Closing the fds ends both.
	 */
	PRIV_HOLD_PROTOCOL,
	/* attach a classic BPF program to a packet socket of ours (fd in);
	 * an empty one takes it off */
	PRIV_SET_FILTER,
	/* fd 0: a socket that is a member of the group addresses[0] on the
	 * device for as long as it is open */
	PRIV_JOIN_GROUP,
	/* the maps of the fast path (fast.h), empty: fd 0 its keys, fd 1 its
	 * flows. ENOSYS: the kernel can't (tcx came with 6.6) */
	PRIV_OPEN_FAST,
	/*
	 * Take the packet socket (fd in) and its `device` into the fast path
	 * over the maps of these numbers: what is no flow of theirs meets
	 * `filter`, as before. fd 0: the program at the device's ingress; fd
	 * 1: keeps the filter. The socket's filter stays what it is when they
	 * are closed: set another one first, or close the socket.
	 */
	PRIV_JOIN_FAST,
	PRIV_OPEN_LISTENER,  /* fd 0: the control socket, 0660, of the group */
	PRIV_OPEN_FILE,	     /* fd 0: a file of a role */
	PRIV_OPEN_EXTENSION, /* fd 0: an extension's .so, after its checks */
	PRIV_OPS
};

enum priv_file_role {
	PRIV_FILE_LOCK, /* <rundir>/vswitchd.lock, flock'ed; EWOULDBLOCK */
	PRIV_FILE_DOCUMENT_FIRST, /* an absolute path: read */
	PRIV_FILE_DOCUMENT,	  /* <statedir>/policy.json: read */
	PRIV_FILE_DOCUMENT_NEW,	  /* <statedir>/policy.json.new: write */
	PRIV_FILE_JOURNAL,	  /* <statedir>/journal: read, append */
	PRIV_FILE_JOURNAL_BAD,	  /* <statedir>/journal.bad: write */
	PRIV_FILE_GENERATION, /* <statedir>/generations/<name>: read, write */
	PRIV_FILE_STATE_DIR,  /* the directory, for fsync; flock'ed */
	PRIV_FILE_CAPTURE,    /* <statedir>/captures/<name>: write */
	PRIV_FILE_PCAP_IN,    /* an absolute path of a pcap port: read */
	PRIV_FILE_PCAP_OUT,   /* an absolute path: create, write */
	PRIV_FILE_SAVED,      /* <statedir>/saved.json: read, write */
	PRIV_FILE_ROLES
};

struct priv_address {
	uint8_t octet[16]; /* mapped form for IPv4 */
	uint8_t length;	   /* 128-bit form */
	uint8_t reserved[3];
};

struct priv_range { /* both ends belong to it */
	struct priv_address first, last;
};

struct priv_request {
	uint32_t op;	/* enum priv_op */
	uint32_t flags; /* PRIV_FLAG_* */
	uint64_t tag;	/* the caller's, comes back */
	char device[PRIV_DEVICE];
	char netns[PRIV_NAME]; /* "" = the daemon's own */
	char path[PRIV_PATH];  /* listener, files: name within the role */
	uint32_t role;	       /* enum priv_file_role */
	uint32_t mtu;	       /* 0 = leave */
	uint8_t mac[6];	       /* zero = leave */
	uint8_t reserved[2];
	uint16_t address_count, gateway_count;
	struct priv_address addresses[PRIV_ADDRESSES];
	struct priv_address gateways[2];
	uint16_t filter_count; /* struct sock_filter instructions */
	uint16_t range_count;
	struct priv_range ranges[PRIV_RANGES]; /* hold: all IP to them */
	uint64_t filter[256];
	uint32_t maps[2]; /* PRIV_JOIN_FAST: keys, flows */
};

#define PRIV_FLAG_UP	      (1u << 0)
#define PRIV_FLAG_PROMISCUOUS (1u << 1)
#define PRIV_FLAG_WRITE	      (1u << 2)
#define PRIV_FLAG_TRUNCATE    (1u << 3)
#define PRIV_FLAG_NO_OFFLOAD  (1u << 4)
/* SET_LINK: addresses of global scope that the request lacks go away */
#define PRIV_FLAG_EXACT (1u << 5)
/* OPEN_NETDEV: the device takes every multicast frame */
#define PRIV_FLAG_GROUPS (1u << 6)
/* HOLD_PROTOCOL: VXLAN as well */
#define PRIV_FLAG_VXLAN (1u << 7)
/* OPEN_NETDEV: super-frames inside NVGRE are to be sent; fd 1 of the reply, if
 * there is one: they may be while it is open */
#define PRIV_FLAG_WRAP (1u << 8)

/* What a device is like, as found when it was opened or set. */
struct priv_reply {
	uint32_t op;
	int32_t error; /* 0 or a positive errno */
	uint64_t tag;
	uint32_t if_index;
	uint32_t mtu;
	uint8_t mac[6];
	uint8_t up;	  /* administratively up and carrier */
	uint8_t features; /* PRIV_HAS_* */
	uint16_t address_count;
	uint16_t reserved;
	struct priv_address addresses[PRIV_ADDRESSES]; /* kernel's, netdev */
	char text[PRIV_TEXT]; /* which step failed, and the fix */
};

#define PRIV_HAS_VNET (1u << 0)
#define PRIV_HAS_TSO  (1u << 1)
#define PRIV_HAS_USO  (1u << 2)

struct privileged;

struct priv_caller {
	/* fds[i] = -1 where there is none; what is not taken (priv_take_fd) is
	 * closed behind the call */
	void (*answer)(struct priv_caller *caller,
		       const struct priv_reply *reply, int fds[2]);
};

/* priv_take_fd - of an answer: the callee's now. */
static inline int priv_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

struct priv_config {
	const char *rundir, *statedir, *extension_dir, *group;
};

/* privileged_open - the in-process transport. */
int privileged_open(struct privileged **privileged,
		    const struct priv_config *config);
void privileged_close(struct privileged *privileged);
/*
 * privileged_ask - send a request; the answer comes by privileged_run, never
 * from inside this call. `fd` (-1 = none) is duplicated as needed. Returns 0
 * or -errno (queue of 1024 full: -EAGAIN).
 */
int privileged_ask(struct privileged *privileged,
		   const struct priv_request *request, int fd,
		   struct priv_caller *caller);
/* privileged_cancel - no answer will reach this caller any more; fds that
 * come later are closed. */
void privileged_cancel(struct privileged *privileged,
		       struct priv_caller *caller);
/* privileged_run - deliver answers that are ready; call when the fd of
 * privileged_fd is readable. */
void privileged_run(struct privileged *privileged);
int privileged_fd(const struct privileged *privileged);

#endif
