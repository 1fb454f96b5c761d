// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts packets and bytes by IP protocol (IPv4's protocol, IPv6's first next header) in a per-CPU array; everything passes. Good on loopback for a first look at a map: its key is
 * the protocol's number, what is not IP is under 255.
 */
#include "library.h"

#define NOT_IP 255
#define PROTOCOLS 256

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PROTOCOLS);
	__type(key, __u32);
	__type(value, struct verdict_count);
} protocols SEC(".maps");

static __always_inline __u32 protocol_of(struct cursor *c, int type)
{
	if (type == bpf_htons(ETH_P_IP)) {
		struct ipv4_header *ip = take_ipv4(c);

		return ip ? ip->protocol : NOT_IP;
	}
	if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6_header *ip = take_ipv6(c);

		return ip ? ip->next_header : NOT_IP;
	}
	return NOT_IP;
}

SEC("xdp")
int xdp_stats(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	__u32 protocol = eth ? protocol_of(&c, skip_tags(&c, eth->h_proto)) : NOT_IP;
	struct verdict_count *count = bpf_map_lookup_elem(&protocols, &protocol);

	if (count) {
		count->packets += 1;
		count->bytes += ctx->data_end - ctx->data;
	}
	return counted(ctx, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
