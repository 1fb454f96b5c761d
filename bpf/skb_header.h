/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What struct __sk_buff knows of a packet beside its bytes, for the hooks that have one (tc, packet socket). */
#ifndef XDPEEK_SKB_HEADER_H
#define XDPEEK_SKB_HEADER_H

#include "capture.h"

static __always_inline long load_bytes(void *ctx, __u32 from, void *to, __u32 length)
{
	return bpf_skb_load_bytes(ctx, from, to, length);
}

static __always_inline long output(void *ctx, __u64 flags, struct xdpeek_packet *header)
{
	return bpf_perf_event_output(ctx, &perf, flags, header, sizeof(*header));
}

static __always_inline void fill_header(struct __sk_buff *skb, __u32 direction, struct xdpeek_packet *header)
{
	header->ifindex = skb->ifindex;
	header->hash = skb->hash;
	header->flags = skb->hash ? XDPEEK_PACKET_HASH : 0;
	header->direction = direction;
	header->verdict = XDP_PASS;
	if (direction == XDPEEK_DIRECTION_IN && skb->queue_mapping) { /* the kernel keeps queue + 1, 0 = unknown */
		header->rx_queue = skb->queue_mapping - 1;
		header->flags |= XDPEEK_PACKET_QUEUE;
	}
	if (skb->vlan_present) {
		header->vlan_tci = skb->vlan_tci;
		header->vlan_proto_be = skb->vlan_proto;
		header->flags |= XDPEEK_PACKET_VLAN;
	}
}

#endif
