// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A filter (SO_ATTACH_BPF) for a UDP socket that listens on every address, IPv4 alone or both families: only packets that were sent to 127.0.0.1 (or ::1) come through, the others are dropped before the socket
 * sees them. On a socket like this the packet begins with the UDP header; the IP header is reached by the network offset.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define LOCALHOST 0x7f000001
#define IPV4_DESTINATION 16
#define IPV6_DESTINATION 24
#define WHOLE_PACKET 0xffff
#define NONE 0

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32); /* 0 = refused, 1 = let through */
	__type(value, __u64);
} packets SEC(".maps");

static __always_inline int is_local(struct __sk_buff *skb)
{
	__u32 words[4] = {};

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (bpf_skb_load_bytes_relative(skb, IPV4_DESTINATION, words, 4, BPF_HDR_START_NET) < 0)
			return 0;
		return words[0] == bpf_htonl(LOCALHOST);
	}
	if (skb->protocol != bpf_htons(ETH_P_IPV6) || bpf_skb_load_bytes_relative(skb, IPV6_DESTINATION, words, 16, BPF_HDR_START_NET) < 0)
		return 0;
	return words[0] == 0 && words[1] == 0 && words[2] == 0 && words[3] == bpf_htonl(1);
}

SEC("socket")
int udp_local_only(struct __sk_buff *skb)
{
	__u32 local = is_local(skb);
	__u64 *count = bpf_map_lookup_elem(&packets, &local);

	if (count)
		__sync_fetch_and_add(count, 1);
	return local ? WHOLE_PACKET : NONE;
}

char _license[] SEC("license") = "Dual BSD/GPL";
