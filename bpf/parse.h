/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bounded parsing for every program: Ethernet, 802.1Q/802.1ad tags, IPv4, IPv6 with extension headers, and the first
 * bytes of TCP, UDP and ICMP. Works on a small copy of the packet's head on the stack, so the same code serves XDP and
 * tc, linear and fragmented packets. One length check, then plain reads (RFC 791, 8200, 9293, 768, 792, 4443).
 */
#ifndef XDPEEK_PARSE_H
#define XDPEEK_PARSE_H

#include "events.h"
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PARSE_MAX_TAGS 3
#define PARSE_MAX_EXTENSIONS 6

struct parsed {
	struct xdpeek_flow_key key; /* family 0: not IP */
	__u32 tcp_flags;
	__u32 protocol_class; /* enum xdpeek_protocol */
};

/*
 * Where parsing stands. XDP and tc read the packet itself, between the context's `data` and `data_end`; programs that may not (socket
 * filter, fentry) define XDPEEK_PARSE_COPY and read a copy of the packet's head in map memory, where the verifier wants offsets.
 */
#ifdef XDPEEK_PARSE_COPY
#define PARSE_COPY_BYTES 256

struct cursor {
	__u8 *base; /* PARSE_COPY_BYTES of them */
	__u32 offset;
	__u32 length; /* bytes that are there */
};

static __always_inline void *need(const struct cursor *c, __u32 length)
{
	if (c->offset > PARSE_COPY_BYTES - length || c->offset + length > c->length)
		return 0;
	return c->base + c->offset;
}

static __always_inline void skip(struct cursor *c, __u32 length)
{
	c->offset += length;
}
#else
struct cursor {
	void *at;
	void *end;
};

/* The next `length` (constant) bytes, or NULL if the packet ends before. */
static __always_inline void *need(const struct cursor *c, __u32 length)
{
	return c->at + length <= c->end ? c->at : 0;
}

static __always_inline void skip(struct cursor *c, __u32 length)
{
	c->at += length;
}
#endif

static __always_inline __u16 load_u16(const void *at)
{
	return bpf_ntohs(*(const __u16 *)at);
}

/* EtherType behind all tags, 0 if the frame is too short. */
static __always_inline __u16 parse_ethernet(struct cursor *c)
{
	void *frame = need(c, ETH_HLEN);

	if (!frame)
		return 0;
	__u16 type = load_u16(frame + 12);
	skip(c, ETH_HLEN);
#pragma unroll
	for (int i = 0; i < PARSE_MAX_TAGS; i++) {
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		void *tag = need(c, 4);

		if (!tag)
			return 0;
		type = load_u16(tag + 2);
		skip(c, 4);
	}
	return type;
}

static __always_inline void parse_transport(struct cursor *c, struct parsed *p)
{
	void *header;

	switch (p->key.protocol) {
	case IPPROTO_TCP:
		p->protocol_class = XDPEEK_PROTO_TCP;
		header = need(c, 14);
		if (!header)
			return;
		p->tcp_flags = *(__u8 *)(header + 13);
		break;
	case IPPROTO_UDP:
		p->protocol_class = XDPEEK_PROTO_UDP;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		p->protocol_class = p->key.protocol == IPPROTO_ICMP ? XDPEEK_PROTO_ICMP : XDPEEK_PROTO_ICMPV6;
		header = need(c, 2);
		if (!header)
			return;
		p->key.source_port = *(__u8 *)header;
		p->key.destination_port = *(__u8 *)(header + 1);
		return;
	case 132: /* SCTP has its ports in the same place */
		break;
	default:
		return;
	}
	header = need(c, 4);
	if (!header)
		return;
	p->key.source_port = load_u16(header);
	p->key.destination_port = load_u16(header + 2);
}

static __always_inline void parse_ipv4(struct cursor *c, struct parsed *p)
{
	__u8 *ip = need(c, 20);

	if (!ip)
		return;
	__u32 header = (ip[0] & 0x0f) * 4;

	if (ip[0] >> 4 != 4 || header < 20)
		return;
	p->key.family = 4;
	p->key.protocol = ip[9];
	p->protocol_class = XDPEEK_PROTO_OTHER_IPV4;
	__builtin_memcpy(p->key.source, ip + 12, 4);
	__builtin_memcpy(p->key.destination, ip + 16, 4);
	if (load_u16(ip + 6) & 0x1fff) { /* a later fragment has no transport header */
		if (ip[9] == IPPROTO_TCP)
			p->protocol_class = XDPEEK_PROTO_TCP;
		else if (ip[9] == IPPROTO_UDP)
			p->protocol_class = XDPEEK_PROTO_UDP;
		else if (ip[9] == IPPROTO_ICMP)
			p->protocol_class = XDPEEK_PROTO_ICMP;
		return;
	}
	skip(c, header);
	parse_transport(c, p);
}

static __always_inline void parse_ipv6(struct cursor *c, struct parsed *p)
{
	__u8 *ip = need(c, 40);

	if (!ip)
		return;
	if (ip[0] >> 4 != 6)
		return;
	p->key.family = 6;
	p->protocol_class = XDPEEK_PROTO_OTHER_IPV6;
	__builtin_memcpy(p->key.source, ip + 8, 16);
	__builtin_memcpy(p->key.destination, ip + 24, 16);
	__u8 next = ip[6];
	skip(c, 40);
#pragma unroll
	for (int i = 0; i < PARSE_MAX_EXTENSIONS; i++) {
		__u32 length;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT &&
		    next != IPPROTO_AH)
			break;
		__u8 *extension = need(c, 8);

		if (!extension) {
			p->key.protocol = next;
			return;
		}

		if (next == IPPROTO_FRAGMENT) {
			length = 8;
			if (load_u16(extension + 2) & 0xfff8) {
				p->key.protocol = extension[0];
				return;
			}
		} else if (next == IPPROTO_AH) {
			length = (extension[1] + 2) * 4;
		} else {
			length = (extension[1] + 1) * 8;
		}
		next = extension[0];
		skip(c, length);
	}
	p->key.protocol = next;
	parse_transport(c, p);
}

/* Fills `p` (which the caller zeroed) from an Ethernet frame or, with raw_ip, from an IP packet that starts at the cursor. */
static __always_inline void parse_packet(struct cursor c, int raw_ip, struct parsed *p)
{
	__u16 type = 0;

	p->protocol_class = XDPEEK_PROTO_OTHER;
	if (raw_ip) {
		__u8 *first = need(&c, 1);

		if (first)
			type = *first >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP;
	} else {
		type = parse_ethernet(&c);
	}
	if (type == ETH_P_IP)
		parse_ipv4(&c, p);
	else if (type == ETH_P_IPV6)
		parse_ipv6(&c, p);
	else if (type == ETH_P_ARP || type == ETH_P_RARP)
		p->protocol_class = XDPEEK_PROTO_ARP;
}

#endif
