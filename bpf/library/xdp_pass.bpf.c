// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The smallest XDP program that does something: everything passes, and is counted. `xdp_drop` and `xdp_abort` beside it give the other
 * verdicts, to see what each does to traffic.
 */
#include "library.h"

SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	return counted(ctx, XDP_PASS);
}

SEC("xdp")
int xdp_drop(struct xdp_md *ctx)
{
	return counted(ctx, XDP_DROP);
}

SEC("xdp")
int xdp_abort(struct xdp_md *ctx)
{
	return counted(ctx, XDP_ABORTED);
}

char _license[] SEC("license") = "Dual BSD/GPL";
