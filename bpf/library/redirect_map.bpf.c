// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sends frames of known senders out of the interface in `ports`: the map `destinations` says, for each source MAC address, which one to send to. Frames of others
 * pass; with an empty `ports` those of known senders are aborted. Both maps can be changed while it runs.
 */
#include "library.h"

struct mac {
	__u8 bytes[ETH_ALEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct mac);
	__type(value, struct mac);
} destinations SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32); /* ifindex */
} ports SEC(".maps");

SEC("xdp")
int redirect_map(struct xdp_md *ctx)
{
	struct cursor c = packet(ctx);
	struct ethhdr *eth = take(&c, struct ethhdr);
	struct mac source, *destination;

	if (!eth)
		return counted(ctx, XDP_PASS);
	__builtin_memcpy(source.bytes, eth->h_source, ETH_ALEN);
	destination = bpf_map_lookup_elem(&destinations, &source);
	if (!destination)
		return counted(ctx, XDP_PASS);
	__builtin_memcpy(eth->h_dest, destination->bytes, ETH_ALEN);
	return counted(ctx, bpf_redirect_map(&ports, 0, 0));
}

/* For the other end of a veth that frames are sent out of: in native mode they arrive only while an XDP program is there. */
SEC("xdp")
int redirect_receiver(struct xdp_md *ctx)
{
	return counted(ctx, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
