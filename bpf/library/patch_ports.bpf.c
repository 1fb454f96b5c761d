// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Decrements the destination port of TCP and UDP over IPv4 and IPv6 by `by`, and mends the checksum, without which the receiver would drop the packet. Only
 * packets to `port` are changed when that is set.
 */
#include "library.h"

const volatile __u32 by = 1;
const volatile __u32 port = 0; /* 0 = any */

static __always_inline void patch(struct ports *ports, __sum16 *checksum, int may_be_absent)
{
	__be16 before = ports->destination;
	__be16 after = bpf_htons((__u16)(bpf_ntohs(before) - by));

	if (port != 0 && bpf_ntohs(before) != port)
		return;
	ports->destination = after;
	/* UDP over IPv4 may go without (RFC 768): 0 says so, and a sum that comes out as 0 is sent as 0xffff. TCP has no such exception. */
	if (may_be_absent && *checksum == 0)
		return;
	*checksum = mended(*checksum, before, after);
	if (!may_be_absent && *checksum == (__sum16)0xffff)
		*checksum = 0;
}

static __always_inline int patch_transport(struct cursor *c, __u8 protocol)
{
	if (protocol == IPPROTO_UDP) {
		struct udp_header *udp = take(c, struct udp_header);

		if (!udp)
			return XDP_ABORTED;
		patch(&udp->ports, &udp->checksum, 1);
	} else if (protocol == IPPROTO_TCP) {
		struct tcp_header *tcp = take(c, struct tcp_header);

		if (!tcp)
			return XDP_ABORTED;
		patch(&tcp->ports, &tcp->checksum, 0);
	}
	return XDP_PASS;
}

SEC("xdp")
int patch_ports(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	int type, action = XDP_PASS;

	if (!eth)
		return counted(ctx, XDP_ABORTED);
	type = skip_tags(&c, eth->h_proto);
	if (type == bpf_htons(ETH_P_IP)) {
		struct ipv4_header *ip = take_ipv4(&c);

		if (ip && !is_fragment(ip))
			action = patch_transport(&c, ip->protocol);
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6_header *ip = take_ipv6(&c);

		if (ip)
			action = patch_transport(&c, ip->next_header);
	}
	return counted(ctx, action);
}

char _license[] SEC("license") = "Dual BSD/GPL";
