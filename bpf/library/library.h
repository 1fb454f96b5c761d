/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the sample programs share: headers of the packet in place, verdicts counted, checksums mended. Unlike parse.h, which copies what it learns,
 * these give pointers into the packet, to be written through. One bounds check a header, with the very pointer that is then used.
 */
#ifndef XDPEEK_LIBRARY_H
#define XDPEEK_LIBRARY_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_TAGS 2
#define VLAN_ID_MASK 0x0fff

struct vlan_tag {
	__be16 tci;
	__be16 type;
};

/* RFC 791 */
struct ipv4_header {
	__u8 version_ihl;
	__u8 tos;
	__be16 total_length;
	__be16 identification;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__sum16 checksum;
	__be32 source;
	__be32 destination;
};

/* RFC 8200 */
struct ipv6_header {
	__be32 flow;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
};

/* RFC 792 and RFC 4443 begin alike. */
struct icmp_header {
	__u8 type;
	__u8 code;
	__sum16 checksum;
};

struct ports {
	__be16 source;
	__be16 destination;
};

struct udp_header {
	struct ports ports;
	__be16 length;
	__sum16 checksum;
};

struct tcp_header {
	struct ports ports;
	__be32 sequence;
	__be32 acknowledgement;
	__be16 flags;
	__be16 window;
	__sum16 checksum;
	__be16 urgent;
};

struct cursor {
	void *at;
	void *end;
};

static __always_inline struct cursor packet(struct xdp_md *ctx)
{
	struct cursor c = { .at = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end };

	return c;
}

/* The next header, or NULL when the packet ends before; the cursor goes behind it. */
#define take(cursor, type)                                                        \
	({                                                                        \
		type *header = (cursor)->at;                                      \
		if ((void *)(header + 1) > (cursor)->end)                         \
			header = 0;                                               \
		else                                                              \
			(cursor)->at = header + 1;                                \
		header;                                                           \
	})

static __always_inline int is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

/* EtherType behind the tags (network order), or -1 when the packet ends before. */
static __always_inline int skip_tags(struct cursor *c, __be16 type)
{
#pragma unroll
	for (int i = 0; i < MAX_TAGS; i++) {
		struct vlan_tag *tag;

		if (!is_vlan(type))
			break;
		tag = take(c, struct vlan_tag);
		if (!tag)
			return -1;
		type = tag->type;
	}
	return type;
}

/* The IPv4 header with its options skipped; NULL for what is none. */
static __always_inline struct ipv4_header *take_ipv4(struct cursor *c)
{
	struct ipv4_header *ip = take(c, struct ipv4_header);
	__u32 length;

	if (!ip || ip->version_ihl >> 4 != 4)
		return 0;
	length = (ip->version_ihl & 0x0f) * 4;
	if (length < sizeof(*ip))
		return 0;
	c->at = (void *)ip + length;
	return c->at > c->end ? 0 : ip;
}

static __always_inline struct ipv6_header *take_ipv6(struct cursor *c)
{
	struct ipv6_header *ip = take(c, struct ipv6_header);

	return ip && (*(__u8 *)ip >> 4) == 6 ? ip : 0;
}

/* Later fragments have no transport header. */
static __always_inline int is_fragment(const struct ipv4_header *ip)
{
	return (ip->fragment & bpf_htons(0x1fff)) != 0;
}

/*
 * A checksum after one 16-bit word of what it covers changed (RFC 1624: HC' = ~(~HC + ~m + m')). Zero is 0xffff: both are right over words that are not
 * all zero, and only that one over those that are.
 */
static __always_inline __sum16 mended(__sum16 checksum, __be16 before, __be16 after)
{
	__u32 sum = (__u16)~checksum + (__u16)~before + after;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? (__sum16)0xffff : (__sum16)~sum;
}

/* Broadcast or multicast. */
static __always_inline int is_group(const struct ethhdr *eth)
{
	return eth->h_dest[0] & 1;
}

static __always_inline void swap_macs(struct ethhdr *eth)
{
	__u8 kept[ETH_ALEN];

	__builtin_memcpy(kept, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, kept, ETH_ALEN);
}

/* Packets and bytes by verdict, per CPU: every sample program counts what it did here, and xdpeek shows it while it is attached. */
struct verdict_count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5); /* enum xdp_action */
	__type(key, __u32);
	__type(value, struct verdict_count);
} verdicts SEC(".maps");

static __always_inline int counted(struct xdp_md *ctx, __u32 action)
{
	struct verdict_count *count = bpf_map_lookup_elem(&verdicts, &action);

	if (!count)
		return XDP_ABORTED;
	count->packets += 1;
	count->bytes += ctx->data_end - ctx->data;
	return action;
}

#endif
