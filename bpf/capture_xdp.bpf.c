// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* XDP capture: sees every received frame before the stack and lets it pass unchanged. Multi-buffer (frags) aware. */
#include "capture.h"

static __always_inline long load_bytes(void *ctx, void *to, __u32 length)
{
	return bpf_xdp_load_bytes(ctx, 0, to, length);
}

static __always_inline int observe(struct xdp_md *ctx, __u32 length)
{
	struct xdpeek_packet header = {};

	header.ifindex = ctx->ingress_ifindex;
	header.rx_queue = ctx->rx_queue_index;
	header.flags = XDPEEK_PACKET_QUEUE;
	capture(ctx, (void *)(long)ctx->data, (void *)(long)ctx->data_end, length, XDP_PASS, &header);
	return XDP_PASS;
}

/* Fragmented packets too: the wire length is asked from the kernel (Linux 5.18). */
SEC("xdp.frags")
int xdpeek_xdp(struct xdp_md *ctx)
{
	return observe(ctx, bpf_xdp_get_buff_len(ctx));
}

/* For drivers and kernels without multi-buffer support. */
SEC("xdp")
int xdpeek_xdp_linear(struct xdp_md *ctx)
{
	return observe(ctx, ctx->data_end - ctx->data);
}

char _license[] SEC("license") = "Dual BSD/GPL";
