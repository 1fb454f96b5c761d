// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Capture by a packet socket's filter: both directions, on any interface, also where XDP and tc are not to be had. The packet
 * leaves through our own ring; the socket itself takes nothing (a filter's answer 0), so its queue stays empty.
 */
#define XDPEEK_PARSE_COPY
#include "skb_header.h"

#define PACKET_OUTGOING 4 /* linux/if_packet.h */

const volatile __u8 cfg_loopback = 0; /* every packet passes twice: the second time, arriving, is taken */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[PARSE_COPY_BYTES]);
} heads SEC(".maps");

SEC("socket")
int xdpeek_socket(struct __sk_buff *skb)
{
	if (cfg_loopback && skb->pkt_type == PACKET_OUTGOING)
		return 0;
	bpf_tail_call(skb, &stages, STAGE_FIRST);
	return 0;
}

SEC("socket")
int xdpeek_socket_take(struct __sk_buff *skb)
{
	struct xdpeek_packet header = {};
	struct cursor head = {};
	__u32 zero = 0, length = skb->len;

	fill_header(skb, skb->pkt_type == PACKET_OUTGOING ? XDPEEK_DIRECTION_OUT : XDPEEK_DIRECTION_IN, &header);
	header.flags |= XDPEEK_PACKET_NO_VERDICT;
	head.base = bpf_map_lookup_elem(&heads, &zero);
	if (!head.base)
		return 0;
	if (cfg_flows || cfg_stats) {
		__u32 last = (length < PARSE_COPY_BYTES ? length : PARSE_COPY_BYTES) - 1; /* as in RING_CLASS */

		keep_checks(last);
		if (last < PARSE_COPY_BYTES && bpf_skb_load_bytes(skb, 0, head.base, last + 1) == 0)
			head.length = last + 1;
	}
	capture(skb, head, length, &header);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
