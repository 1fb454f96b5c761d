// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs of "somebody else" for the tests of hook observe. By UDP destination port: 7 drops, 8 swaps the MAC addresses and sends back, 9
 * puts 4 zero bytes in front, 10 is aborted, 11 shortens by 6 bytes; everything else passes untouched. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int rewrite(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 mac[6];

	if (data + 42 > end || data[12] != 8 || data[13] != 0 || data[23] != 17)
		return XDP_PASS;
	switch (data[36] << 8 | data[37]) {
	case 7:
		return XDP_DROP;
	case 8:
		__builtin_memcpy(mac, data, 6);
		__builtin_memcpy(data, data + 6, 6);
		__builtin_memcpy(data + 6, mac, 6);
		return XDP_TX;
	case 9:
		if (bpf_xdp_adjust_head(ctx, -4))
			return XDP_ABORTED;
		data = (void *)(long)ctx->data;
		end = (void *)(long)ctx->data_end;
		if (data + 4 <= end)
			*(__u32 *)data = 0;
		return XDP_PASS;
	case 10:
		return XDP_ABORTED;
	case 11:
		bpf_xdp_adjust_tail(ctx, -6);
		return XDP_PASS;
	}
	return XDP_PASS;
}

/* A name longer than the 15 characters that the kernel shows. */
SEC("xdp")
int count_and_let_everything_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int jumbo(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
