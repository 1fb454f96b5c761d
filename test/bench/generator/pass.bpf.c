// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The least that an XDP program can do: what every other one is measured against. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
