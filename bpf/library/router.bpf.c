// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Routes in the driver: the kernel's own routes and neighbours (bpf_fib_lookup) say where a packet goes; TTL or hop limit goes down by one, MAC addresses are
 * rewritten, and the frame leaves. Whatever the kernel must do itself passes: no neighbour yet, no route, too long, TTL over, IPv4 options, VLAN tags, packets for this host.
 * Routes that say so (blackhole, unreachable, prohibit) drop.
 */
#include "library.h"

#define FAMILY_INET 2
#define FAMILY_INET6 10
#define FLOW_INFO bpf_htonl(0x0fffffff)

/* What the lookup said: enum BPF_FIB_LKUP_RET_*. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} lookups SEC(".maps");

static __always_inline void count_lookup(__u32 result)
{
	__u64 *count = bpf_map_lookup_elem(&lookups, &result);

	if (count)
		*count += 1;
}

/* RFC 1141: the TTL is the upper byte of its word, so one less there is one more in the sum. */
static __always_inline void age_ipv4(struct ipv4_header *ip)
{
	__u32 sum = (__u32)ip->checksum + bpf_htons(0x0100);

	ip->checksum = (__sum16)(sum + (sum >= 0xffff));
	ip->ttl--;
}

static __always_inline int verdict_of(long result)
{
	switch (result) {
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

SEC("xdp")
int router(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	struct bpf_fib_lookup fib = {};
	struct ipv4_header *ip4 = 0;
	struct ipv6_header *ip6 = 0;
	long result;

	if (!eth)
		return counted(ctx, XDP_DROP);
	if (is_group(eth))
		return counted(ctx, XDP_PASS);
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		ip4 = take_ipv4(&c);
		if (!ip4)
			return counted(ctx, XDP_DROP);
		/* The stack tells the sender of the one, and knows what to do with the other. */
		if (ip4->ttl <= 1 || ip4->version_ihl != 0x45)
			return counted(ctx, XDP_PASS);
		fib.family = FAMILY_INET;
		fib.tos = ip4->tos;
		fib.l4_protocol = ip4->protocol;
		fib.tot_len = bpf_ntohs(ip4->total_length);
		fib.ipv4_src = ip4->source;
		fib.ipv4_dst = ip4->destination;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		ip6 = take_ipv6(&c);
		if (!ip6)
			return counted(ctx, XDP_DROP);
		if (ip6->hop_limit <= 1)
			return counted(ctx, XDP_PASS);
		fib.family = FAMILY_INET6;
		fib.flowinfo = ip6->flow & FLOW_INFO;
		fib.l4_protocol = ip6->next_header;
		fib.tot_len = bpf_ntohs(ip6->payload_length) + sizeof(*ip6);
		__builtin_memcpy(fib.ipv6_src, ip6->source, 16);
		__builtin_memcpy(fib.ipv6_dst, ip6->destination, 16);
	} else {
		return counted(ctx, XDP_PASS);
	}
	fib.ifindex = ctx->ingress_ifindex;
	result = bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);
	if (result < 0)
		return counted(ctx, XDP_PASS);
	count_lookup((__u32)result);
	if (result != BPF_FIB_LKUP_RET_SUCCESS)
		return counted(ctx, verdict_of(result));
	if (ip4)
		age_ipv4(ip4);
	else if (ip6)
		ip6->hop_limit--;
	__builtin_memcpy(eth->h_dest, fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, fib.smac, ETH_ALEN);
	return counted(ctx, bpf_redirect(fib.ifindex, 0));
}

char _license[] SEC("license") = "Dual BSD/GPL";
