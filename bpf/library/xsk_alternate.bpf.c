// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts packets by receive queue and gives every second one to the AF_XDP socket of that queue; the others pass. Without a socket in `sockets` all of them pass.
 */
#include "library.h"

#define MAX_QUEUES 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY); /* not per CPU: a queue may move, and every second one is by the queue's count */
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} queues SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

SEC("xdp")
int xsk_alternate(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *count = bpf_map_lookup_elem(&queues, &queue);

	if (!count)
		return counted(ctx, XDP_PASS);
	if (__sync_fetch_and_add(count, 1) & 1)
		return counted(ctx, XDP_PASS);
	return counted(ctx, bpf_redirect_map(&sockets, queue, XDP_PASS));
}

char _license[] SEC("license") = "Dual BSD/GPL";
