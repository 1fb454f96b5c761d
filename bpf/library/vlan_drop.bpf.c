// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Drops frames with a VLAN tag (802.1Q or 802.1ad) and lets the others pass. */
#include "library.h"

SEC("xdp")
int vlan_drop(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);

	if (!eth)
		return counted(ctx, XDP_ABORTED);
	return counted(ctx, is_vlan(eth->h_proto) ? XDP_DROP : XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
