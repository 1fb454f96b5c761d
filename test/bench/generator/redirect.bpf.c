// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Run by BPF_PROG_TEST_RUN on live frames: numbers each UDP frame (payload bytes 0–7), spreads them over flows by the source port, and
 * sends them out of an interface. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 out_ifindex = 0;
const volatile __u32 flows = 1024; /* power of two */

__u64 sent = 0;

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 60 > end)
		return XDP_DROP;
	__u64 number = sent++; /* one CPU runs this */

	*(__u16 *)(data + 34) = bpf_htons(1024 + (number & (flows - 1)));
	*(__u64 *)(data + 42) = number;
	return bpf_redirect(out_ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
