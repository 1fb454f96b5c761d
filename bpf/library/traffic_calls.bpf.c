// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Traffic by IP protocol and by TCP and UDP port, with real function calls (BPF to BPF): handle_ipv4 and handle_ipv6 both call the count_ functions. The verifier's log
 * lists the functions, and the Programs view shows who calls whom.
 */
#include "traffic.h"

static __noinline int count_protocol(__u32 protocol, __u64 bytes)
{
	__u8 key = protocol;

	add_traffic(&protocols, &key, bytes);
	return 0;
}

static __noinline int count_tcp(__u32 port, __u64 bytes)
{
	__u16 key = port;

	add_traffic(&tcp_ports, &key, bytes);
	return 0;
}

static __noinline int count_udp(__u32 port, __u64 bytes)
{
	__u16 key = port;

	add_traffic(&udp_ports, &key, bytes);
	return 0;
}

static __always_inline int count_transport(struct cursor *c, __u8 protocol, __u64 bytes)
{
	struct ports *ports;

	count_protocol(protocol, bytes);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return 0;
	ports = take(c, struct ports);
	if (!ports)
		return 0;
	return protocol == IPPROTO_TCP ? count_tcp(bpf_ntohs(ports->destination), bytes) : count_udp(bpf_ntohs(ports->destination), bytes);
}

static __noinline int handle_ipv4(struct xdp_md *ctx, __u32 offset)
{
	struct cursor c = packet(ctx);
	struct ipv4_header *ip;

	if (offset > ETH_HLEN + MAX_TAGS * sizeof(struct vlan_tag))
		return 0;
	c.at += offset;
	ip = take_ipv4(&c);
	if (!ip)
		return 0;
	if (is_fragment(ip))
		return count_protocol(ip->protocol, ctx->data_end - ctx->data);
	return count_transport(&c, ip->protocol, ctx->data_end - ctx->data);
}

static __noinline int handle_ipv6(struct xdp_md *ctx, __u32 offset)
{
	struct cursor c = packet(ctx);
	struct ipv6_header *ip;

	if (offset > ETH_HLEN + MAX_TAGS * sizeof(struct vlan_tag))
		return 0;
	c.at += offset;
	ip = take_ipv6(&c);
	return ip ? count_transport(&c, ip->next_header, ctx->data_end - ctx->data) : 0;
}

SEC("xdp")
int traffic_calls(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	int type;

	if (!eth)
		return counted(ctx, XDP_PASS);
	type = skip_tags(&c, eth->h_proto);
	if (type == bpf_htons(ETH_P_IP))
		handle_ipv4(ctx, c.at - (void *)(long)ctx->data);
	else if (type == bpf_htons(ETH_P_IPV6))
		handle_ipv6(ctx, c.at - (void *)(long)ctx->data);
	return counted(ctx, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
