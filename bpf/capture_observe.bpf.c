// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Observing an XDP program that somebody else attached: fentry shows each packet as that program gets it, fexit as it leaves it, with
 * its verdict. Both images carry one id. The filter and sampling are asked before; what they leave out is left out after, too,
 * so that every image has its pair whatever the program did to the packet. Slot cfg_slot is before, cfg_slot + 1 after.
 *
 * bpf_xdp_output copies all fragments of a packet, and gives to perf rings only.
 */
#define XDPEEK_PARSE_COPY
#define XDPEEK_PERF_ONLY
#include "capture.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* The members of the kernel's structures that are used, found by CO-RE. */
struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

struct xdp_rxq_info {
	struct net_device *dev;
	__u32 queue_index;
} __attribute__((preserve_access_index));

struct xdp_buff {
	void *data;
	void *data_end;
	void *data_hard_start;
	struct xdp_rxq_info *rxq;
	__u32 frame_sz;
	__u32 flags;
} __attribute__((preserve_access_index));

struct skb_shared_info {
	unsigned int xdp_frags_size;
} __attribute__((preserve_access_index));

#define HAS_FRAGS 1u  /* XDP_FLAGS_HAS_FRAGS, net/xdp.h */
#define CACHE_LINE 64 /* skb_shared_info's alignment, SMP_CACHE_BYTES */

/* The packet that this CPU is inside of: an XDP program is not interrupted by another packet's. */
struct inside {
	struct parsed parsed;
	__u32 length;
	__u32 sequence; /* last one given out */
	__u32 pending;  /* set before, cleared after: this packet is wanted */
	__u32 handed;   /* and was not left out by sampling */
	__u8 head[PARSE_COPY_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct inside);
} inside SEC(".maps");

static __always_inline long output(void *ctx, __u64 flags, struct xdpeek_packet *header)
{
	return bpf_xdp_output(ctx, &perf, flags, header, sizeof(*header));
}

/* Bytes of the packet: the linear part, and the fragments where there are some (Linux 5.18). */
static __always_inline __u32 packet_length(struct xdp_buff *xdp)
{
	__u32 length = xdp->data_end - xdp->data;

	if (bpf_core_field_exists(xdp->flags) && xdp->flags & HAS_FRAGS) {
		__u32 size = (bpf_core_type_size(struct skb_shared_info) + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
		struct skb_shared_info *shared = xdp->data_hard_start + xdp->frame_sz - size;
		__u32 fragments = 0;

		bpf_core_read(&fragments, sizeof(fragments), &shared->xdp_frags_size);
		length += fragments;
	}
	return length;
}

static __always_inline void fill_header(struct xdp_buff *xdp, const struct inside *in, struct xdpeek_packet *header)
{
	header->ifindex = xdp->rxq->dev->ifindex;
	header->rx_queue = xdp->rxq->queue_index;
	header->direction = XDPEEK_DIRECTION_IN;
	header->flags = XDPEEK_PACKET_QUEUE | XDPEEK_PACKET_ID;
	header->sequence = in->sequence;
}

SEC("fentry/xdp")
int BPF_PROG(xdpeek_before, struct xdp_buff *xdp)
{
	bpf_tail_call(ctx, &stages, STAGE_FIRST);
	return 0;
}

SEC("fentry/xdp")
int BPF_PROG(xdpeek_before_take, struct xdp_buff *xdp)
{
	struct xdpeek_counters *mine = counters_of(cfg_slot);
	struct xdpeek_packet header = {};
	__u32 zero = 0, length = packet_length(xdp);
	struct inside *in = bpf_map_lookup_elem(&inside, &zero);

	if (!mine || !in)
		return 0;
	add(&mine->matched_packets, 1);
	add(&mine->matched_bytes, length);
	in->pending = 1;
	in->length = length;
	in->sequence++;
	if (cfg_flows || cfg_stats) {
		__u32 linear = xdp->data_end - xdp->data;
		struct cursor head = { .base = in->head, .length = linear < PARSE_COPY_BYTES ? linear : PARSE_COPY_BYTES };

		if (bpf_probe_read_kernel(in->head, head.length, xdp->data) < 0)
			head.length = 0;
		__builtin_memset(&in->parsed, 0, sizeof(in->parsed));
		parse_packet(head, 0, &in->parsed);
	}
	in->handed = cfg_packets && !sampled_out(mine);
	if (!in->handed)
		return 0;
	fill_header(xdp, in, &header);
	header.flags |= XDPEEK_PACKET_NO_VERDICT;
	emit(xdp, length, cfg_slot, now_ns(), &header, mine);
	return 0;
}

SEC("fexit/xdp")
int BPF_PROG(xdpeek_after, struct xdp_buff *xdp, int verdict)
{
	struct xdpeek_counters *mine = counters_of(cfg_slot + 1);
	struct xdpeek_packet header = {};
	__u32 zero = 0;
	struct inside *in = bpf_map_lookup_elem(&inside, &zero);

	if (!mine || !in || !in->pending)
		return 0;
	in->pending = 0;
	__u32 length = packet_length(xdp), judged = (__u32)verdict < XDPEEK_VERDICTS ? verdict : XDP_ABORTED;
	__u64 time_ns = now_ns();

	add(&mine->matched_packets, 1);
	add(&mine->matched_bytes, length);
	if (cfg_flows || cfg_stats) /* headers as they came, verdict as it was given */
		count(&in->parsed, in->length, judged, cfg_slot, XDPEEK_DIRECTION_IN, time_ns);
	if (!in->handed) {
		if (cfg_packets)
			add(&mine->skipped_packets, 1);
		return 0;
	}
	fill_header(xdp, in, &header);
	header.verdict = judged;
	emit(xdp, length, cfg_slot + 1, time_ns, &header, mine);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
