// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc capture, ingress and egress, Ethernet and raw IP: passes every packet on to the next program unchanged. */
#include "capture.h"

static __always_inline long load_bytes(void *ctx, void *to, __u32 length)
{
	return bpf_skb_load_bytes(ctx, 0, to, length);
}

static __always_inline void observe(struct __sk_buff *skb)
{
	struct xdpeek_packet header = {};

	header.ifindex = skb->ifindex;
	header.hash = skb->hash;
	header.flags = skb->hash ? XDPEEK_PACKET_HASH : 0;
	if (cfg_direction == XDPEEK_DIRECTION_IN && skb->queue_mapping) { /* the kernel keeps queue + 1, 0 = unknown */
		header.rx_queue = skb->queue_mapping - 1;
		header.flags |= XDPEEK_PACKET_QUEUE;
	}
	if (skb->vlan_present) {
		header.vlan_tci = skb->vlan_tci;
		header.vlan_proto_be = skb->vlan_proto;
		header.flags |= XDPEEK_PACKET_VLAN;
	}
	/* Headers may sit outside the linear part: pull what parsing reads (a no-op for most packets). */
	if (cfg_flows || cfg_stats) {
		if ((void *)(long)skb->data + 128 > (void *)(long)skb->data_end)
			bpf_skb_pull_data(skb, skb->len < 128 ? skb->len : 128);
	}
	capture(skb, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len, XDP_PASS, &header);
}

/* As a TCX link: go on to the next program. */
SEC("tc")
int xdpeek_tcx(struct __sk_buff *skb)
{
	observe(skb);
	return TCX_NEXT;
}

/* As a clsact direct-action filter: TC_ACT_UNSPEC goes on to the next filter. Same value, another name. */
SEC("tc")
int xdpeek_clsact(struct __sk_buff *skb)
{
	observe(skb);
	return -1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
