// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Answers ICMP and ICMPv6 echo requests in the driver: addresses swapped, type turned into a reply, its checksum mended, and back out of the interface (XDP_TX).
 * The stack never sees them. Requests to a group (broadcast, multicast) are the stack's: their destination may not be a reply's source.
 */
#include "library.h"

#define ECHO_REQUEST 8
#define ECHO_REPLY 0
#define ECHO_REQUEST_V6 128
#define ECHO_REPLY_V6 129

static __always_inline void turn(struct icmp_header *icmp, __u8 type)
{
	__be16 before = *(__be16 *)icmp;

	icmp->type = type;
	icmp->checksum = mended(icmp->checksum, before, *(__be16 *)icmp);
}

static __always_inline int answer_ipv4(struct cursor *c)
{
	struct ipv4_header *ip = take_ipv4(c);
	struct icmp_header *icmp;
	__be32 kept;

	/* A fragment is no whole message: the stack puts it together and answers. */
	if (!ip || ip->protocol != IPPROTO_ICMP || (ip->fragment & bpf_htons(0x3fff)))
		return 0;
	icmp = take(c, struct icmp_header);
	if (!icmp || icmp->type != ECHO_REQUEST)
		return 0;
	/* The header's sum does not care which address is whose. */
	kept = ip->source;
	ip->source = ip->destination;
	ip->destination = kept;
	turn(icmp, ECHO_REPLY);
	return 1;
}

static __always_inline int answer_ipv6(struct cursor *c)
{
	struct ipv6_header *ip = take_ipv6(c);
	struct icmp_header *icmp;
	__u8 kept[16];

	if (!ip || ip->next_header != IPPROTO_ICMPV6)
		return 0;
	icmp = take(c, struct icmp_header);
	if (!icmp || icmp->type != ECHO_REQUEST_V6)
		return 0;
	__builtin_memcpy(kept, ip->source, 16);
	__builtin_memcpy(ip->source, ip->destination, 16);
	__builtin_memcpy(ip->destination, kept, 16);
	turn(icmp, ECHO_REPLY_V6);
	return 1;
}

SEC("xdp")
int icmp_echo(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	int type, answered = 0;

	if (!eth || is_group(eth))
		return counted(ctx, XDP_PASS);
	type = skip_tags(&c, eth->h_proto);
	if (type == bpf_htons(ETH_P_IP))
		answered = answer_ipv4(&c);
	else if (type == bpf_htons(ETH_P_IPV6))
		answered = answer_ipv6(&c);
	if (!answered)
		return counted(ctx, XDP_PASS);
	swap_macs(eth);
	return counted(ctx, XDP_TX);
}

char _license[] SEC("license") = "Dual BSD/GPL";
