/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one layout of everything that crosses the kernel boundary: packet records, flow keys and values, statistics.
 * Included by the eBPF programs, by the addon (C++), and by the program that prints the golden blob which the
 * TypeScript decoder (electron/shared/abi.ts) must read. All integers are in host byte order unless a name ends in _be.
 * No implicit padding: every struct is laid out by hand and asserted.
 */
#ifndef XDPEEK_EVENTS_H
#define XDPEEK_EVENTS_H

#ifdef __bpf__
#include <linux/types.h>
typedef __u8 xdpeek_u8;
typedef __u16 xdpeek_u16;
typedef __u32 xdpeek_u32;
typedef __u64 xdpeek_u64;
#else
#include <stdint.h>
typedef uint8_t xdpeek_u8;
typedef uint16_t xdpeek_u16;
typedef uint32_t xdpeek_u32;
typedef uint64_t xdpeek_u64;
#endif

#ifdef __cplusplus
#define XDPEEK_ASSERT(condition, text) static_assert(condition, text)
#else
#define XDPEEK_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* Where a packet was seen; index into HOOKS of electron/shared/capture.ts. */
enum xdpeek_hook {
	XDPEEK_HOOK_XDP = 0,
	XDPEEK_HOOK_TC_INGRESS = 1,
	XDPEEK_HOOK_TC_EGRESS = 2,
	XDPEEK_HOOK_OBSERVE = 3,
	XDPEEK_HOOK_SOCKET = 4,
	XDPEEK_HOOK_AFXDP = 5
};

/* How packets leave the kernel. */
enum xdpeek_way { XDPEEK_WAY_PERF = 0, XDPEEK_WAY_RING = 1, XDPEEK_WAY_AREA = 2 };

/* pcapng epb_flags bits 0–1. */
enum xdpeek_direction { XDPEEK_DIRECTION_NONE = 0, XDPEEK_DIRECTION_IN = 1, XDPEEK_DIRECTION_OUT = 2 };

/* xdpeek_packet.flags */
#define XDPEEK_PACKET_VLAN 1u    /* the NIC or kernel moved the outer tag to metadata: vlan_tci / vlan_proto_be hold it */
#define XDPEEK_PACKET_HASH 2u    /* `hash` is valid */
#define XDPEEK_PACKET_QUEUE 4u   /* `rx_queue` is valid */
#define XDPEEK_PACKET_RAW_IP 8u  /* no Ethernet header */
#define XDPEEK_PACKET_ID 16u     /* `sequence` is valid: with `cpu` it names the packet, in both of its images */
#define XDPEEK_PACKET_NO_VERDICT 32u /* nobody has judged it yet, or this hook does not judge */

/* Pieces of a capture that packets, counters and flows are kept apart by: one a pcapng interface. */
#define XDPEEK_MAX_SLOTS 32

/* One packet: this header, then captured_length bytes. Ring-buffer records and perf samples may have padding behind. */
struct xdpeek_packet {
	xdpeek_u64 time_ns;         /* TAI clock, or boot time before Linux 6.1 */
	xdpeek_u32 wire_length;     /* bytes on the wire without a tag that sits in metadata */
	xdpeek_u32 captured_length; /* bytes that follow */
	xdpeek_u32 ifindex;
	xdpeek_u32 rx_queue;
	xdpeek_u32 hash;
	xdpeek_u32 lost_before;     /* packets lost on this CPU since the previous record of this CPU and target */
	xdpeek_u16 cpu;
	xdpeek_u16 vlan_tci;
	xdpeek_u16 vlan_proto_be;
	xdpeek_u8 target;           /* slot = pcapng interface id */
	xdpeek_u8 hook;             /* enum xdpeek_hook */
	xdpeek_u8 direction;        /* enum xdpeek_direction */
	xdpeek_u8 verdict;          /* enum xdp_action: what the capture program (observe: the observed one) returned */
	xdpeek_u8 flags;
	xdpeek_u8 reserved;
	xdpeek_u32 sequence;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_packet) == 48, "packet header is 48 bytes");
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_packet, cpu) == 32, "cpu at 32");
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_packet, target) == 38, "target at 38");
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_packet, sequence) == 44, "sequence at 44");

/*
 * Per CPU and slot: what the program saw and what the kernel buffer could not take.
 * seen = filtered + matched, matched = handed over + skipped + lost + refused, exactly.
 */
struct xdpeek_counters {
	xdpeek_u64 matched_packets;
	xdpeek_u64 matched_bytes;
	xdpeek_u64 lost_packets;
	xdpeek_u64 lost_since; /* lost since the last record that got through: goes into that record's lost_before */
	xdpeek_u64 filtered_packets; /* refused by the filter's program (native/src/filter_*) */
	xdpeek_u64 skipped_packets;  /* left out by sampling */
	xdpeek_u64 refused_packets;  /* mapped areas only: lost because user space does not get rid of what it has */
};
XDPEEK_ASSERT(sizeof(struct xdpeek_counters) == 56, "counters are 56 bytes");
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_counters, filtered_packets) == 32, "filtered_packets at 32");

/*
 * The area of one CPU (bpf/area.h): finished pcapng blocks, written in the kernel into memory that user space has mapped. It is cut into
 * chunks, numbered from 0 on; chunk N lies at place N % chunks. The program fills one after another, user space gives them back in the
 * same order. Each side has its own cache line.
 */
#define XDPEEK_AREA_CHUNKS 128        /* at most; a power of two in use */
#define XDPEEK_AREA_DATA 4096         /* where the chunks begin: a page of their own */
#define XDPEEK_AREA_SPARE (68u << 10) /* behind the last: room for the longest block, so that the verifier sees that it fits */

struct xdpeek_chunk {
	xdpeek_u64 filled; /* low half: bytes of whole blocks; high half: packets in them. One store, after the block */
	xdpeek_u64 wire_bytes;
};

struct xdpeek_area {
	xdpeek_u64 current; /* number of the chunk that is being filled; those before it are finished */
	xdpeek_u64 packets; /* ids given out */
	xdpeek_u32 busy;    /* a block is being written: what interrupts it cannot */
	xdpeek_u32 padding[11];
	/* User space's. */
	xdpeek_u64 released; /* chunks before this number may be filled again */
	xdpeek_u64 clock_offset_ns; /* to be added to the kernel's clock: ns since the epoch */
	xdpeek_u32 behind;  /* a full area is the fault of who takes the blocks, not of too small a buffer */
	xdpeek_u32 reserved[11];
	struct xdpeek_chunk chunks[XDPEEK_AREA_CHUNKS];
};
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_area, released) == 64, "user space's line at 64");
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_area, chunks) == 128, "chunks at 128");
XDPEEK_ASSERT(sizeof(struct xdpeek_area) <= XDPEEK_AREA_DATA, "the area's head fits in its page");

/* What the companion program leaves in front of a packet that goes into an AF_XDP socket. */
#define XDPEEK_STAMP_MAGIC 0x786b7064u
struct xdpeek_stamp {
	xdpeek_u64 time_ns; /* same clock as xdpeek_packet.time_ns */
	xdpeek_u32 magic;
	xdpeek_u32 cpu;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_stamp) == 16, "stamp is 16 bytes");

/* Flow identity, in packet order (no canonical direction). IPv4 addresses use the first 4 bytes, the rest is zero. */
struct xdpeek_flow_key {
	xdpeek_u8 source[16];
	xdpeek_u8 destination[16];
	xdpeek_u16 source_port;      /* host order; ICMP: type */
	xdpeek_u16 destination_port; /* host order; ICMP: code */
	xdpeek_u8 family;            /* 4 or 6 */
	xdpeek_u8 protocol;          /* IP protocol number behind extension headers */
	xdpeek_u8 target;
	xdpeek_u8 direction;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_flow_key) == 40, "flow key is 40 bytes");
XDPEEK_ASSERT(__builtin_offsetof(struct xdpeek_flow_key, family) == 36, "family at 36");

struct xdpeek_flow_value {
	xdpeek_u64 packets;
	xdpeek_u64 bytes;     /* wire length */
	xdpeek_u64 first_ns;  /* same clock as xdpeek_packet.time_ns */
	xdpeek_u64 last_ns;
	xdpeek_u32 tcp_flags; /* OR of all flag bytes */
	xdpeek_u32 reserved;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_flow_value) == 40, "flow value is 40 bytes");

/* What a FLOWS frame holds: a key with the per-CPU values summed; times are ns since the epoch. */
struct xdpeek_flow_record {
	struct xdpeek_flow_key key;
	struct xdpeek_flow_value value;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_flow_record) == 80, "flow record is 80 bytes");

/* Statistics: counters per class. Sums over each group are equal: every packet counts once in each. */
enum xdpeek_protocol {
	XDPEEK_PROTO_TCP = 0, XDPEEK_PROTO_UDP, XDPEEK_PROTO_ICMP, XDPEEK_PROTO_ICMPV6, XDPEEK_PROTO_ARP,
	XDPEEK_PROTO_OTHER_IPV4, XDPEEK_PROTO_OTHER_IPV6, XDPEEK_PROTO_OTHER, XDPEEK_PROTO_COUNT
};
/* Wire length: ≤64, 65–127, 128–255, 256–511, 512–1023, 1024–1518, 1519–9000, >9000 */
#define XDPEEK_SIZE_CLASSES 8
#define XDPEEK_VERDICTS 5 /* aborted, drop, pass, tx, redirect; tc actions are mapped onto them */

struct xdpeek_counter {
	xdpeek_u64 packets;
	xdpeek_u64 bytes;
};

struct xdpeek_stats {
	struct xdpeek_counter verdict[XDPEEK_VERDICTS];
	struct xdpeek_counter protocol[XDPEEK_PROTO_COUNT];
	struct xdpeek_counter size[XDPEEK_SIZE_CLASSES];
};
XDPEEK_ASSERT(sizeof(struct xdpeek_stats) == 16 * (5 + 8 + 8), "statistics are 336 bytes");

/* The monitor (bpf/monitor.bpf.c): what each CPU counted. */
#define XDPEEK_MONITOR_ERRORS 256 /* redirects by errno; 0 = redirected, the last one = that or larger */
#define XDPEEK_MONITOR_ACTIONS 6  /* exceptions by verdict; the last one = none that is known */
#define XDPEEK_MONITOR_CPUS 1024  /* cpumap targets */

struct xdpeek_monitor_cpumap {
	xdpeek_u64 processed;
	xdpeek_u64 drops;
	xdpeek_u64 scheduled; /* kthread only: how often it gave the CPU away */
	xdpeek_u64 batches;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_monitor_cpumap) == 32, "cpumap counters are 32 bytes");

struct xdpeek_monitor_devices {
	xdpeek_u32 from; /* ifindex */
	xdpeek_u32 to;
};
XDPEEK_ASSERT(sizeof(struct xdpeek_monitor_devices) == 8, "a pair of devices is 8 bytes");

struct xdpeek_monitor_devmap {
	xdpeek_u64 sent;
	xdpeek_u64 drops;
	xdpeek_u64 batches;
	xdpeek_u64 errors;
	xdpeek_u64 last_error; /* errno of the last batch that the driver refused */
};
XDPEEK_ASSERT(sizeof(struct xdpeek_monitor_devmap) == 40, "devmap counters are 40 bytes");

struct xdpeek_monitor_drop {
	xdpeek_u64 place;  /* address in the kernel */
	xdpeek_u32 reason; /* enum skb_drop_reason of the running kernel */
	xdpeek_u32 protocol; /* Ethernet type, host order */
};
XDPEEK_ASSERT(sizeof(struct xdpeek_monitor_drop) == 16, "a drop's key is 16 bytes");

#endif
