/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the capture programs of every hook share: the maps, the settings (constants that the loader fills in before the verifier
 * sees the program, so switched-off parts cost nothing), counting, flows, and handing one packet to user space through the
 * transport that the loader chose. Each slot (interface + hook) is its own instance; all instances share the maps but `stages`.
 *
 * What is attached is a small entry program that calls stages[STAGE_FIRST]: the capture program, or a filter's program in front of
 * it, which calls stages[STAGE_CAPTURE] for what matches. A filter is changed by one store into that array: each packet is judged
 * by the old or by the new one, on every hook alike.
 *
 * matched = records handed over + skipped + lost, exactly: losses are counted from the helper's return value.
 */
#ifndef XDPEEK_CAPTURE_H
#define XDPEEK_CAPTURE_H

#include "parse.h"

#define STAGE_FIRST 0
#define STAGE_CAPTURE 1

/* Answers of the ways out, beside 0. */
#define SEND_LOST (-1)    /* no room */
#define SEND_REFUSED (-2) /* no room because what is there is not taken */


/* Settings, one copy an instance. */
const volatile __u32 cfg_slot = 0;
const volatile __u32 cfg_hook = 0;
const volatile __u32 cfg_snaplen = 65535;
const volatile __u32 cfg_sample = 1;  /* of so many matching packets of a CPU, one is handed over */
const volatile __u8 cfg_raw_ip = 0;
const volatile __u8 cfg_way = XDPEEK_WAY_RING; /* how packets leave */
const volatile __u8 cfg_tai = 1;      /* bpf_ktime_get_tai_ns is there (Linux 6.1) */
const volatile __u8 cfg_packets = 1;
const volatile __u8 cfg_flows = 1;
const volatile __u8 cfg_stats = 1;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} stages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* CPUs */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, XDPEEK_AREA_DATA); /* and the chunks, and XDPEEK_AREA_SPARE */
} areas SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XDPEEK_MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct xdpeek_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct xdpeek_flow_key);
	__type(value, struct xdpeek_flow_value);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpeek_stats);
} stats SEC(".maps");

/* The compiler shall not leave out a comparison because it knows its outcome: the verifier may have forgotten what it knew. */
#define keep_checks(variable) asm volatile("" : "+r"(variable))

static __always_inline __u64 now_ns(void)
{
	return cfg_tai ? bpf_ktime_get_tai_ns() : bpf_ktime_get_boot_ns();
}

/* Classes of xdpeek_stats.size. */
static __always_inline __u32 size_class(__u32 length)
{
	return length <= 64 ? 0 : length <= 127 ? 1 : length <= 255 ? 2 : length <= 511 ? 3 : length <= 1023 ? 4 : length <= 1518 ? 5 : length <= 9000 ? 6 : 7;
}

/* Only this CPU touches its values, and a program is not preempted by another instance on the same CPU while in softirq; a
 * process-context tc egress can be interrupted by an ingress softirq, so additions are atomic where that could lose one. */
static __always_inline void add(__u64 *counter, __u64 by)
{
#ifdef XDPEEK_SOFTIRQ_ONLY /* XDP: nothing that counts here can come in between */
	*counter += by;
#else
	__sync_fetch_and_add(counter, by);
#endif
}

static __always_inline void count_stats(const struct parsed *p, __u32 length, __u32 verdict)
{
	__u32 zero = 0, protocol = p->protocol_class, size = size_class(length);
	struct xdpeek_stats *s = bpf_map_lookup_elem(&stats, &zero);

	keep_checks(verdict);
	keep_checks(protocol);
	keep_checks(size);
	if (!s || verdict >= XDPEEK_VERDICTS || protocol >= XDPEEK_PROTO_COUNT || size >= XDPEEK_SIZE_CLASSES)
		return;
	add(&s->verdict[verdict].packets, 1);
	add(&s->verdict[verdict].bytes, length);
	add(&s->protocol[protocol].packets, 1);
	add(&s->protocol[protocol].bytes, length);
	add(&s->size[size].packets, 1);
	add(&s->size[size].bytes, length);
}

static __always_inline void count_flow(const struct parsed *p, __u32 length, __u64 time_ns)
{
	struct xdpeek_flow_value *flow = bpf_map_lookup_elem(&flows, &p->key);

	if (flow) {
		add(&flow->packets, 1);
		add(&flow->bytes, length);
		if (!flow->first_ns) /* made by another CPU: this CPU's slot starts zeroed */
			flow->first_ns = time_ns;
		flow->last_ns = time_ns;
		flow->tcp_flags |= p->tcp_flags;
		return;
	}
	struct xdpeek_flow_value fresh = { .packets = 1, .bytes = length, .first_ns = time_ns, .last_ns = time_ns, .tcp_flags = p->tcp_flags };

	/* Another CPU may have made it meanwhile: BPF_ANY then writes this CPU's slot only. */
	bpf_map_update_elem(&flows, &p->key, &fresh, BPF_ANY);
}

/* True for the packets that sampling leaves out, which it counts. Call after matched_packets was raised. */
static __always_inline int sampled_out(struct xdpeek_counters *mine)
{
	if (cfg_sample <= 1 || (mine->matched_packets - 1) % cfg_sample == 0)
		return 0;
	add(&mine->skipped_packets, 1);
	return 1;
}

static __always_inline struct xdpeek_counters *counters_of(__u32 slot)
{
	return bpf_map_lookup_elem(&counters, &slot);
}

/* Statistics and flow of a packet whose headers were read. `length` is the wire length with all tags. */
static __always_inline void count(struct parsed *p, __u32 length, __u32 verdict, __u32 slot, __u32 direction, __u64 time_ns)
{
	if (cfg_stats)
		count_stats(p, length, verdict);
	if (cfg_flows && p->key.family) {
		p->key.target = slot;
		p->key.direction = direction;
		count_flow(p, length, time_ns);
	}
}

#ifndef XDPEEK_NO_OUTPUT /* AF_XDP has its own way out */
/*
 * The hook's own ways to hand bytes over, defined by its file:
 * load_bytes copies packet bytes into a ring record or an area; output gives header and packet bytes to the perf ring.
 */
#ifndef XDPEEK_PERF_ONLY
static __always_inline long load_bytes(void *ctx, __u32 from, void *to, __u32 length);
#endif
static __always_inline long output(void *ctx, __u64 flags, struct xdpeek_packet *header);

#ifndef XDPEEK_PERF_ONLY
#include "area.h"

/* A reserved record needs a size that is constant to the verifier: one branch a class. It also wants to see that the length is not 0
 * (older ones do not learn that from a comparison with 0): one less, compared, one more. */
#define RING_CLASS(space)                                                                                             \
	if (length <= (space) - sizeof(*header)) {                                                                        \
		__u8 *record = bpf_ringbuf_reserve(&ring, (space), 0);                                                        \
		if (!record)                                                                                                  \
			return SEND_LOST;                                                                                         \
		__builtin_memcpy(record, header, sizeof(*header));                                                            \
		__u32 last = length - 1;                                                                                      \
		keep_checks(last);                                                                                            \
		if (last < (space) - sizeof(*header) && load_bytes(ctx, 0, record + sizeof(*header), last + 1) < 0) {         \
			bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);                                                            \
			return SEND_LOST;                                                                                         \
		}                                                                                                             \
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);                                                                 \
		return 0;                                                                                                     \
	}

static __always_inline long send_ring(void *ctx, const struct xdpeek_packet *header, __u32 length)
{
	RING_CLASS(112)
	RING_CLASS(176)
	RING_CLASS(304)
	RING_CLASS(624)
	RING_CLASS(1136)
	RING_CLASS(1584)
	RING_CLASS(4144)
	RING_CLASS(9072)
	RING_CLASS(16432)
	RING_CLASS(32816)
	RING_CLASS(65584)
	return SEND_LOST;
}

#endif

static __always_inline long send(void *ctx, struct xdpeek_packet *header, __u32 length)
{
#ifndef XDPEEK_PERF_ONLY
	if (cfg_way == XDPEEK_WAY_AREA)
		return send_area(ctx, header, length);
	if (cfg_way == XDPEEK_WAY_RING)
		return send_ring(ctx, header, length);
#endif
	return output(ctx, BPF_F_CURRENT_CPU | ((__u64)length << 32), header) < 0 ? SEND_LOST : 0;
}

/*
 * Hands one packet over. The caller has filled in what its hook knows: ifindex, queue, hash, VLAN metadata, direction, verdict,
 * sequence, flags. `length` is the wire length without a tag held in metadata.
 */
static __always_inline void emit(void *ctx, __u32 length, __u32 slot, __u64 time_ns, struct xdpeek_packet *header, struct xdpeek_counters *mine)
{
	__u32 captured = length < cfg_snaplen ? length : cfg_snaplen;

	if (captured > 65535)
		captured = 65535;
	header->time_ns = time_ns;
	header->wire_length = length;
	header->captured_length = captured;
	header->cpu = bpf_get_smp_processor_id();
	header->target = slot;
	header->hook = cfg_hook;
	header->lost_before = mine->lost_since;
	if (cfg_raw_ip)
		header->flags |= XDPEEK_PACKET_RAW_IP;

	long result = send(ctx, header, captured);

	if (result < 0) {
		add(result == SEND_REFUSED ? &mine->refused_packets : &mine->lost_packets, 1);
		add(&mine->lost_since, 1);
	} else {
		mine->lost_since = 0;
	}
}

/* Everything for one packet on a hook that sees it once. True if it was handed over or lost: not left out. */
static __always_inline int capture(void *ctx, struct cursor head, __u32 length, struct xdpeek_packet *header)
{
	__u32 tag = header->flags & XDPEEK_PACKET_VLAN ? 4 : 0;
	struct xdpeek_counters *mine = counters_of(cfg_slot);

	if (!mine)
		return 0;
	__u64 time_ns = now_ns();

	add(&mine->matched_packets, 1);
	add(&mine->matched_bytes, length + tag);
	if (cfg_flows || cfg_stats) {
		struct parsed p;

		__builtin_memset(&p, 0, sizeof(p));
		parse_packet(head, cfg_raw_ip, &p);
		count(&p, length + tag, header->verdict, cfg_slot, header->direction, time_ns);
	}
	if (!cfg_packets || sampled_out(mine))
		return 0;
	emit(ctx, length, cfg_slot, time_ns, header, mine);
	return 1;
}
#endif

#endif
