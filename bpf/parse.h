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

/* Headers are read straight from the packet: `data`, `end` as in struct xdp_md / __sk_buff. */
struct cursor {
	void *at;
	void *end;
};

static __always_inline int has(const struct cursor *c, __u32 length)
{
	return c->at + length <= c->end;
}

static __always_inline __u16 load_u16(const void *at)
{
	return bpf_ntohs(*(const __u16 *)at);
}

/* EtherType behind all tags, 0 if the frame is too short. */
static __always_inline __u16 parse_ethernet(struct cursor *c)
{
	if (!has(c, ETH_HLEN))
		return 0;
	__u16 type = load_u16(c->at + 12);
	c->at += ETH_HLEN;
#pragma unroll
	for (int i = 0; i < PARSE_MAX_TAGS; i++) {
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		if (!has(c, 4))
			return 0;
		type = load_u16(c->at + 2);
		c->at += 4;
	}
	return type;
}

static __always_inline void parse_transport(struct cursor *c, struct parsed *p)
{
	switch (p->key.protocol) {
	case IPPROTO_TCP:
		p->protocol_class = XDPEEK_PROTO_TCP;
		if (!has(c, 14))
			return;
		p->tcp_flags = *(__u8 *)(c->at + 13);
		break;
	case IPPROTO_UDP:
		p->protocol_class = XDPEEK_PROTO_UDP;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		p->protocol_class = p->key.protocol == IPPROTO_ICMP ? XDPEEK_PROTO_ICMP : XDPEEK_PROTO_ICMPV6;
		if (!has(c, 2))
			return;
		p->key.source_port = *(__u8 *)c->at;
		p->key.destination_port = *(__u8 *)(c->at + 1);
		return;
	case 132: /* SCTP has its ports in the same place */
		break;
	default:
		return;
	}
	if (!has(c, 4))
		return;
	p->key.source_port = load_u16(c->at);
	p->key.destination_port = load_u16(c->at + 2);
}

static __always_inline void parse_ipv4(struct cursor *c, struct parsed *p)
{
	if (!has(c, 20))
		return;
	__u8 *ip = c->at;
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
	c->at += header;
	parse_transport(c, p);
}

static __always_inline void parse_ipv6(struct cursor *c, struct parsed *p)
{
	if (!has(c, 40))
		return;
	__u8 *ip = c->at;

	if (ip[0] >> 4 != 6)
		return;
	p->key.family = 6;
	p->protocol_class = XDPEEK_PROTO_OTHER_IPV6;
	__builtin_memcpy(p->key.source, ip + 8, 16);
	__builtin_memcpy(p->key.destination, ip + 24, 16);
	__u8 next = ip[6];
	c->at += 40;
#pragma unroll
	for (int i = 0; i < PARSE_MAX_EXTENSIONS; i++) {
		__u32 length;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT &&
		    next != IPPROTO_AH)
			break;
		if (!has(c, 8)) {
			p->key.protocol = next;
			return;
		}
		__u8 *extension = c->at;

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
		c->at += length;
	}
	p->key.protocol = next;
	parse_transport(c, p);
}

/* Fills `p` (which the caller zeroed) from an Ethernet frame or, with raw_ip, from an IP packet. */
static __always_inline void parse_packet(void *data, void *end, int raw_ip, struct parsed *p)
{
	struct cursor c = { .at = data, .end = end };
	__u16 type;

	p->protocol_class = XDPEEK_PROTO_OTHER;
	if (raw_ip) {
		if (!has(&c, 1))
			return;
		type = *(__u8 *)data >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP;
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
