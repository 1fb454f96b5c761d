// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's half of an echo responder on AF_XDP: ICMP and ICMPv6 echo requests go into the socket of the queue that they came in on, and are
 * answered there (native/src/xsk_echo.cc). Everything else passes to the stack, and so do requests on a queue without a socket.
 */
#include "../parse.h"

/* RFC 792, RFC 4443: <linux/icmp.h> wants the C library. */
#define ICMP_ECHO 8
#define ICMPV6_ECHO_REQUEST 128

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64); /* queues */
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

static __always_inline int is_echo_request(struct cursor head)
{
	struct parsed p = {};

	parse_packet(head, 0, &p);
	/* parse_packet leaves an ICMP packet's type where others have their source port. */
	if (p.key.family == 4)
		return p.key.protocol == IPPROTO_ICMP && p.key.source_port == ICMP_ECHO;
	return p.key.family == 6 && p.key.protocol == IPPROTO_ICMPV6 && p.key.source_port == ICMPV6_ECHO_REQUEST;
}

SEC("xdp")
int xsk_echo_reply(struct xdp_md *ctx)
{
	struct cursor head = { .at = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end };

	if (!is_echo_request(head))
		return XDP_PASS;
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
