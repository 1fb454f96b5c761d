// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sends every frame out of the interface `to_ifindex`, to the MAC address `to_mac`, or to whom it was sent where that is all zeroes. A veth takes frames in native mode
 * only while its other end has an XDP program (redirect_receiver in redirect_map is one that passes them).
 */
#include "library.h"

const volatile __u32 to_ifindex = 0;
const volatile __u8 to_mac[ETH_ALEN] = {};

static __always_inline int is_given(const volatile __u8 *mac)
{
	return (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) != 0;
}

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);

	if (!eth || to_ifindex == 0)
		return counted(ctx, XDP_PASS);
	if (is_given(to_mac)) {
#pragma unroll
		for (int i = 0; i < ETH_ALEN; i++)
			eth->h_dest[i] = to_mac[i];
	}
	return counted(ctx, bpf_redirect(to_ifindex, 0));
}

char _license[] SEC("license") = "Dual BSD/GPL";
