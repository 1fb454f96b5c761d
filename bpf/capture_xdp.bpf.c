// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * XDP capture: sees every received frame before the stack and lets it pass unchanged. The programs with `frags` take multi-buffer packets
 * (Linux 5.18); the linear ones are for kernels before that.
 */
#define XDPEEK_SOFTIRQ_ONLY
#include "capture.h"

static __always_inline long load_bytes(void *ctx, __u32 from, void *to, __u32 length)
{
	return bpf_xdp_load_bytes(ctx, from, to, length);
}

static __always_inline long output(void *ctx, __u64 flags, struct xdpeek_packet *header)
{
	return bpf_perf_event_output(ctx, &perf, flags, header, sizeof(*header));
}

static __always_inline int observe(struct xdp_md *ctx, __u32 length)
{
	struct xdpeek_packet header = {};
	struct cursor head = { .at = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end };

	header.ifindex = ctx->ingress_ifindex;
	header.rx_queue = ctx->rx_queue_index;
	header.direction = XDPEEK_DIRECTION_IN;
	header.verdict = XDP_PASS;
	header.flags = XDPEEK_PACKET_QUEUE;
	capture(ctx, head, length, &header);
	return XDP_PASS;
}

SEC("xdp.frags")
int xdpeek_xdp(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &stages, STAGE_FIRST);
	return XDP_PASS;
}

/* The wire length of all fragments is asked from the kernel. */
SEC("xdp.frags")
int xdpeek_xdp_take(struct xdp_md *ctx)
{
	return observe(ctx, bpf_xdp_get_buff_len(ctx));
}

SEC("xdp")
int xdpeek_linear(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &stages, STAGE_FIRST);
	return XDP_PASS;
}

SEC("xdp")
int xdpeek_linear_take(struct xdp_md *ctx)
{
	return observe(ctx, ctx->data_end - ctx->data);
}

char _license[] SEC("license") = "Dual BSD/GPL";
