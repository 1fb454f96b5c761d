// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc capture, ingress and egress, Ethernet and raw IP: passes every packet on to the next program unchanged. */
#include "skb_header.h"

/*
 * As a TCX link TCX_NEXT goes on to the next program; as a clsact direct-action filter the same value, there called
 * TC_ACT_UNSPEC, goes on to the next filter. One program serves both.
 */
SEC("tc")
int xdpeek_tc(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &stages, STAGE_FIRST);
	return TCX_NEXT;
}

SEC("tc")
int xdpeek_tc_take(struct __sk_buff *skb)
{
	struct xdpeek_packet header = {};

	fill_header(skb, cfg_hook == XDPEEK_HOOK_TC_EGRESS ? XDPEEK_DIRECTION_OUT : XDPEEK_DIRECTION_IN, &header);
	/* Headers may sit outside the linear part: pull what parsing reads (a no-op for most packets). */
	if (cfg_flows || cfg_stats) {
		if ((void *)(long)skb->data + 128 > (void *)(long)skb->data_end)
			bpf_skb_pull_data(skb, skb->len < 128 ? skb->len : 128);
	}
	struct cursor head = { .at = (void *)(long)skb->data, .end = (void *)(long)skb->data_end };

	capture(skb, head, skb->len, &header);
	return TCX_NEXT;
}

char _license[] SEC("license") = "Dual BSD/GPL";
