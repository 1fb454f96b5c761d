// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Takes the outer VLAN tag off a frame that has one, and puts one with the id `vlan_id` on a frame that has none. */
#include "library.h"

const volatile __u32 vlan_id = 1;

static __always_inline int pop_tag(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr), kept;
	struct vlan_tag *tag = take(&c, struct vlan_tag);
	__be16 type;

	if (!eth || !tag)
		return XDP_ABORTED;
	type = tag->type;
	__builtin_memcpy(&kept, eth, sizeof(kept));
	/* The addresses move over the tag. */
	if (bpf_xdp_adjust_head(ctx, (int)sizeof(*tag)) < 0)
		return XDP_ABORTED;
	c = packet(ctx);
	eth = take(&c, struct ethhdr);
	if (!eth)
		return XDP_ABORTED;
	__builtin_memcpy(eth, &kept, sizeof(kept));
	eth->h_proto = type;
	return XDP_PASS;
}

static __always_inline int push_tag(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr), kept;
	struct vlan_tag *tag;

	if (!eth)
		return XDP_ABORTED;
	__builtin_memcpy(&kept, eth, sizeof(kept));
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*tag)) < 0)
		return XDP_ABORTED;
	c = packet(ctx);
	eth = take(&c, struct ethhdr);
	tag = take(&c, struct vlan_tag);
	if (!eth || !tag)
		return XDP_ABORTED;
	__builtin_memcpy(eth, &kept, sizeof(kept));
	eth->h_proto = bpf_htons(ETH_P_8021Q);
	tag->tci = bpf_htons(vlan_id & VLAN_ID_MASK);
	tag->type = kept.h_proto;
	return XDP_PASS;
}

SEC("xdp")
int vlan_swap(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);

	if (!eth)
		return counted(ctx, XDP_ABORTED);
	return counted(ctx, is_vlan(eth->h_proto) ? pop_tag(ctx) : push_tag(ctx));
}

char _license[] SEC("license") = "Dual BSD/GPL";
