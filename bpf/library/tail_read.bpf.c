// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Five ways of reading the last byte of a packet. All of them look right; the verifier takes two. Load one at a time and read its log: what it knows of the
 * register at the refused instruction is the lesson. Each aborts packets whose last byte is 0xff.
 */
#include "library.h"

#define LAST 0xff
#define SHORTEST 14
#define LONGEST 1514

/* Keeps clang from seeing through a number, so that the instruction stands where the source has it. */
#define opaque(variable) asm volatile("" : "+r"(variable))

static __always_inline int verdict(struct xdp_md *ctx, __u8 last)
{
	return counted(ctx, last == LAST ? XDP_ABORTED : XDP_PASS);
}

/*
 * Refused: the comparison says that `length` bytes are there, but the verifier does not tie a variable length to the packet's end, and the byte
 * in front of that point stays out of reach.
 */
SEC("?xdp")
int tail_read_length(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 length = end - data;

	opaque(length);
	if (data + length > end)
		return counted(ctx, XDP_PASS);
	return verdict(ctx, *(__u8 *)(data + length - 1));
}

/* Refused: data_end is a place to compare with. Counting back from it is no pointer that may be read through. */
SEC("?xdp")
int tail_read_end(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	volatile __u8 *last = end - 1;

	return verdict(ctx, *last);
}

/* Refused: the length is bounded, but to more than the verifier allows to be added to a packet pointer (65535). */
SEC("?xdp")
int tail_read_wide(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 offset = end - data;
	__u8 *last;

	opaque(offset);
	offset = (offset - 1) & 0xfffff;
	last = data + offset;
	if ((void *)(last + 1) > end)
		return counted(ctx, XDP_DROP);
	return verdict(ctx, *last);
}

/* Taken: the mask gives the offset a bound, and the check is made with the very pointer that is then read through. */
SEC("?xdp")
int tail_read_mask(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 offset = end - data;
	__u8 *last;

	opaque(offset);
	offset = (offset - 1) & 0x7fff;
	last = data + offset;
	if ((void *)(last + 1) > end)
		return counted(ctx, XDP_DROP);
	return verdict(ctx, *last);
}

/* Taken, and slow: tries every length. The loop has a bound that the verifier sees, and each step checks what it reads. */
SEC("?xdp")
int tail_read_loop(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	for (__u32 length = SHORTEST; length <= LONGEST; length++) {
		__u8 *last = data + length - 1;

		opaque(last);
		if ((void *)(last + 1) > end)
			return counted(ctx, XDP_PASS);
		if ((void *)(last + 1) == end)
			return verdict(ctx, *last);
	}
	return counted(ctx, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
