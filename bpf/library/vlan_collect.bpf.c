// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Collects the ids of up to two VLAN tags. A frame whose inner id is `inner_id` (42) is aborted, which trips the tracepoint xdp:xdp_exception: the
 * Monitor shows it. Ids are counted by tag and id.
 */
#include "library.h"

const volatile __u32 inner_id = 42;

struct vlan_key {
	__u32 depth; /* 0 = outer */
	__u32 id;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct vlan_key);
	__type(value, __u64);
} vlans SEC(".maps");

static __always_inline void count_vlan(__u32 depth, __u32 id)
{
	struct vlan_key key = { .depth = depth, .id = id };
	__u64 one = 1, *count = bpf_map_lookup_elem(&vlans, &key);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&vlans, &key, &one, BPF_ANY); /* of this CPU */
}

SEC("xdp")
int vlan_collect(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	__u32 ids[MAX_TAGS] = {}, depth = 0;
	__be16 type;

	if (!eth)
		return counted(ctx, XDP_ABORTED);
	type = eth->h_proto;
#pragma unroll
	for (int i = 0; i < MAX_TAGS; i++) {
		struct vlan_tag *tag;

		if (!is_vlan(type))
			break;
		tag = take(&c, struct vlan_tag);
		if (!tag)
			return counted(ctx, XDP_ABORTED);
		ids[i] = bpf_ntohs(tag->tci) & VLAN_ID_MASK;
		count_vlan(i, ids[i]);
		type = tag->type;
		depth++;
	}
	return counted(ctx, depth == MAX_TAGS && ids[1] == inner_id ? XDP_ABORTED : XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
