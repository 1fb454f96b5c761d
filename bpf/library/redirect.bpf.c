// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sends every frame out of the interface `to_ifindex`, to the MAC address `to_mac`. */
#include "library.h"

const volatile __u32 to_ifindex = 0;
const volatile __u8 to_mac[ETH_ALEN] = {};

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);

	if (!eth || to_ifindex == 0)
		return counted(ctx, XDP_PASS);
#pragma unroll
	for (int i = 0; i < ETH_ALEN; i++)
		eth->h_dest[i] = to_mac[i];
	return counted(ctx, bpf_redirect(to_ifindex, 0));
}

char _license[] SEC("license") = "Dual BSD/GPL";
