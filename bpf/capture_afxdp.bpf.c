// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The companion program of AF_XDP sockets: sends what a capture wants into the socket of its queue and lets everything else pass to the
 * stack: what the filter refuses, what sampling leaves out, and all of it while no packets are wanted. In front of each packet it
 * leaves a stamp (struct xdpeek_stamp) in XDP metadata: the socket itself knows no time.
 */
#define XDPEEK_NO_OUTPUT
#define XDPEEK_SOFTIRQ_ONLY
#include "capture.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xsks SEC(".maps");

const volatile __u32 cfg_longest = 0xffffffff; /* what a socket takes of one packet */

static __always_inline void stamp(struct xdp_md *ctx, __u64 time_ns)
{
	struct xdpeek_stamp *at;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*at)) < 0)
		return; /* the driver has no metadata: the reader takes the time of reading */
	at = (void *)(long)ctx->data_meta;
	if ((void *)(at + 1) > (void *)(long)ctx->data)
		return;
	at->time_ns = time_ns;
	at->magic = XDPEEK_STAMP_MAGIC;
	at->cpu = bpf_get_smp_processor_id();
}

SEC("xdp.frags")
int xdpeek_afxdp(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &stages, STAGE_FIRST);
	return XDP_PASS;
}

SEC("xdp.frags")
int xdpeek_afxdp_take(struct xdp_md *ctx)
{
	struct cursor head = { .at = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end };
	struct xdpeek_counters *mine = counters_of(cfg_slot);
	__u32 length = bpf_xdp_get_buff_len(ctx);
	int action = XDP_PASS;

	if (!mine)
		return XDP_PASS;
	__u64 time_ns = now_ns();

	add(&mine->matched_packets, 1);
	add(&mine->matched_bytes, length);
	if (cfg_packets && !sampled_out(mine)) {
		if (length <= cfg_longest)
			action = bpf_redirect_map(&xsks, ctx->rx_queue_index, XDP_PASS);
		if (action != XDP_REDIRECT) /* too long, or no socket for this queue: the stack has it */
			add(&mine->lost_packets, 1);
	}
	if (cfg_flows || cfg_stats) {
		struct parsed p;

		__builtin_memset(&p, 0, sizeof(p));
		parse_packet(head, cfg_raw_ip, &p);
		count(&p, length, action, cfg_slot, XDPEEK_DIRECTION_IN, time_ns);
	}
	if (action == XDP_REDIRECT)
		stamp(ctx, time_ns);
	return action;
}

char _license[] SEC("license") = "Dual BSD/GPL";
