// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same as traffic_calls by tail calls: the entry finds the IP header and jumps through the program array `stages`, whose programs each take over for good. What
 * one stage learned goes to the next in per-CPU memory. The array can be changed while it runs: put another program in, or take one out (then those packets
 * just pass, uncounted).
 */
#include "traffic.h"

enum { STAGE_IPV4, STAGE_IPV6, STAGE_TCP, STAGE_UDP, STAGES };

struct learned {
	__u32 offset; /* of the header that the next stage reads */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct learned);
} scratch SEC(".maps");

int on_ipv4(struct xdp_md *ctx);
int on_ipv6(struct xdp_md *ctx);
int on_tcp(struct xdp_md *ctx);
int on_udp(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STAGES);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} stages SEC(".maps") = {
	.values = {
		[STAGE_IPV4] = (void *)&on_ipv4,
		[STAGE_IPV6] = (void *)&on_ipv6,
		[STAGE_TCP] = (void *)&on_tcp,
		[STAGE_UDP] = (void *)&on_udp,
	},
};

#define FURTHEST 256

/* The packet from where the stage before left off; an empty cursor when there is nothing. */
static __always_inline struct cursor resume(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx), none = {};
	__u32 only = 0;
	struct learned *learned = bpf_map_lookup_elem(&scratch, &only);

	if (!learned || learned->offset > FURTHEST)
		return none;
	c.at += learned->offset;
	return c;
}

static __always_inline void jump(struct xdp_md *ctx, const struct cursor *c, __u32 stage)
{
	__u32 only = 0;
	struct learned *learned = bpf_map_lookup_elem(&scratch, &only);

	if (!learned)
		return;
	learned->offset = c->at - (void *)(long)ctx->data;
	bpf_tail_call(ctx, &stages, stage);
}

static __always_inline void to_transport(struct xdp_md *ctx, const struct cursor *c, __u8 protocol)
{
	add_traffic(&protocols, &protocol, ctx->data_end - ctx->data);
	if (protocol == IPPROTO_TCP)
		jump(ctx, c, STAGE_TCP);
	else if (protocol == IPPROTO_UDP)
		jump(ctx, c, STAGE_UDP);
}

static __always_inline int count_ports(struct xdp_md *ctx, void *map)
{
	struct cursor c = resume(ctx);
	struct ports *ports;
	__u16 port;

	if (!c.at)
		return counted(ctx, XDP_PASS);
	ports = take(&c, struct ports);
	if (ports) {
		port = bpf_ntohs(ports->destination);
		add_traffic(map, &port, ctx->data_end - ctx->data);
	}
	return counted(ctx, XDP_PASS);
}

SEC("xdp")
int on_tcp(struct xdp_md *ctx)
{
	return count_ports(ctx, &tcp_ports);
}

SEC("xdp")
int on_udp(struct xdp_md *ctx)
{
	return count_ports(ctx, &udp_ports);
}

SEC("xdp")
int on_ipv4(struct xdp_md *ctx)
{
	struct cursor c = resume(ctx);
	struct ipv4_header *ip;

	if (!c.at)
		return counted(ctx, XDP_PASS);
	ip = take_ipv4(&c);
	if (ip && is_fragment(ip))
		add_traffic(&protocols, &ip->protocol, ctx->data_end - ctx->data);
	else if (ip)
		to_transport(ctx, &c, ip->protocol);
	return counted(ctx, XDP_PASS);
}

SEC("xdp")
int on_ipv6(struct xdp_md *ctx)
{
	struct cursor c = resume(ctx);
	struct ipv6_header *ip;

	if (!c.at)
		return counted(ctx, XDP_PASS);
	ip = take_ipv6(&c);
	if (ip)
		to_transport(ctx, &c, ip->next_header);
	return counted(ctx, XDP_PASS);
}

SEC("xdp")
int traffic_tailcall(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	int type;

	if (!eth)
		return counted(ctx, XDP_PASS);
	type = skip_tags(&c, eth->h_proto);
	if (type == bpf_htons(ETH_P_IP))
		jump(ctx, &c, STAGE_IPV4);
	else if (type == bpf_htons(ETH_P_IPV6))
		jump(ctx, &c, STAGE_IPV6);
	return counted(ctx, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
