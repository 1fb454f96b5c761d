/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way out of the kernel that costs user space least: the program itself writes finished pcapng blocks (draft-ietf-opsawg-pcapng §4.3) into
 * an area of its CPU's, in memory that user space has mapped and hands on by whole chunks without looking at a packet. Layout:
 * struct xdpeek_area in events.h; block layout as native/src/pcapng.cc writes it. Included by capture.h.
 */
#ifndef XDPEEK_AREA_H
#define XDPEEK_AREA_H

#define EPB_HEAD 28
/* Longest trailer: flags, hash, drop count, id, queue, verdict, end of options, length. */
#define EPB_TRAILER (8 + 12 + 12 + 12 + 8 + 16 + 4 + 4)
XDPEEK_ASSERT(EPB_HEAD + 65536 + 4 + EPB_TRAILER <= XDPEEK_AREA_SPARE, "the longest block fits into the spare room");

const volatile __u32 cfg_area_mask = 0;       /* chunks - 1 */
const volatile __u32 cfg_chunk_bytes = 65536; /* longer than the longest block */
const volatile __u8 cfg_mac_known = 0;        /* of the interface, for epb_flags: */
const volatile __u32 cfg_mac_start = 0;       /* its first four bytes and */
const volatile __u32 cfg_mac_end = 0;         /* its last two, as they lie in memory */
const volatile __u32 cfg_id_high = 0;         /* bits 32 to 63 of every packet id, above those of observed packets */

/* Where something is read or written once, at this point. */
#define once(variable) (*(volatile typeof(variable) *)&(variable))

/* Visible to the reader after everything that was written before. x86 keeps stores in order; elsewhere an exchange is a full barrier. */
static __always_inline void publish(__u64 *where, __u64 value)
{
#ifdef __TARGET_ARCH_x86
	asm volatile("" ::: "memory");
	once(*where) = value;
#else
	__sync_lock_test_and_set(where, value);
#endif
}

static __always_inline void word(__u8 *at, __u32 value)
{
	*(__u32 *)at = value;
}

/* Head of an option: code, then length. */
static __always_inline void option(__u8 *at, __u16 code, __u16 length)
{
	word(at, code | (__u32)length << 16);
}

/* Bits 2-4 of epb_flags for a frame that arrived: 1 for us, 2 multicast, 3 broadcast, 4 for somebody else. */
static __always_inline __u32 reception(const __u8 *packet)
{
	__u32 start = *(__u32 *)packet, end = *(__u16 *)(packet + 4);

	if (start & 1)
		return start == 0xffffffff && end == 0xffff ? 3 : 2;
	return start == cfg_mac_start && end == cfg_mac_end ? 1 : 4;
}

/* The packet's bytes, with a tag that sat in metadata put back behind the MAC addresses. `kept` is what of all that stays, > 0. */
static __always_inline long packet_bytes(void *ctx, __u8 *to, const struct xdpeek_packet *header, __u32 kept, __u32 tag)
{
	__u32 last = kept - 1; /* as in RING_CLASS */

	if (!tag || kept <= 12) {
		keep_checks(last);
		return last < 65536 ? load_bytes(ctx, 0, to, last + 1) : -1;
	}
	if (load_bytes(ctx, 0, to, 12) < 0)
		return -1;
	__u32 fields = header->vlan_proto_be | (__u32)(__u16)__builtin_bswap16(header->vlan_tci) << 16;

	if (kept < 16) /* the snaplen cuts the tag itself: the rest is padding */
		fields &= ((__u32)1 << (kept - 12) * 8) - 1;
	word(to + 12, fields);
	if (kept <= 16)
		return 0;
	last = kept - 17;
	keep_checks(last);
	return last < 65536 ? load_bytes(ctx, 12, to + 16, last + 1) : -1;
}

static __always_inline long write_block(void *ctx, struct xdpeek_area *area, const struct xdpeek_packet *header, __u32 captured)
{
	__u32 tag = header->flags & XDPEEK_PACKET_VLAN && captured >= 12 ? 4 : 0;
	__u32 wire = header->wire_length + (header->flags & XDPEEK_PACKET_VLAN ? 4 : 0);
	__u32 kept = captured + tag < cfg_snaplen ? captured + tag : cfg_snaplen;

	keep_checks(kept);
	if (kept > 65536)
		kept = 65536;
	__u32 padded = (kept + 3) & ~3u;
	__u32 size = EPB_HEAD + padded + 8 + 12 + 4 + 4;

	if (header->flags & XDPEEK_PACKET_HASH)
		size += 12;
	if (header->lost_before)
		size += 12;
	if (header->flags & XDPEEK_PACKET_QUEUE)
		size += 8;
	if (!(header->flags & XDPEEK_PACKET_NO_VERDICT))
		size += 16;

	__u64 number = area->current;
	struct xdpeek_chunk *chunk = &area->chunks[number & cfg_area_mask & (XDPEEK_AREA_CHUNKS - 1)];
	__u64 filled = chunk->filled;
	__u32 used = filled;

	if (used + size > cfg_chunk_bytes) {
		if (number + 1 - once(area->released) > cfg_area_mask)
			return once(area->behind) ? SEND_REFUSED : SEND_LOST;
		number++;
		chunk = &area->chunks[number & cfg_area_mask & (XDPEEK_AREA_CHUNKS - 1)];
		chunk->filled = filled = used = 0;
		chunk->wire_bytes = 0;
		publish(&area->current, number);
	}
	__u32 place = (number & cfg_area_mask) * cfg_chunk_bytes;

	keep_checks(used);
	if (used > cfg_chunk_bytes)
		return SEND_LOST;
	__u8 *block = (__u8 *)area + XDPEEK_AREA_DATA + place + used;
	__u8 *packet = block + EPB_HEAD;
	__u8 *at = packet + padded;

	if (kept) {
		word(packet + (kept & ~3u), 0); /* the padding */
		if (packet_bytes(ctx, packet, header, kept, tag) < 0)
			return SEND_LOST;
	}
	__u64 time_ns = header->time_ns + area->clock_offset_ns, id = ((__u64)cfg_id_high << 32 | (__u64)header->cpu << 40) + ++area->packets;

	word(block, 6);
	word(block + 4, size);
	word(block + 8, header->target);
	word(block + 12, time_ns >> 32);
	word(block + 16, time_ns);
	word(block + 20, kept);
	word(block + 24, wire);
	option(at, 2, 4); /* epb_flags */
	word(at + 4, header->direction | (cfg_mac_known && header->direction == XDPEEK_DIRECTION_IN && kept >= 6 ? reception(packet) << 2 : 0));
	at += 8;
	if (header->flags & XDPEEK_PACKET_HASH) { /* epb_hash: an octet for the algorithm (5 = Toeplitz), the value, padding */
		option(at, 3, 5);
		word(at + 4, 5 | header->hash << 8);
		word(at + 8, header->hash >> 24);
		at += 12;
	}
	if (header->lost_before) { /* epb_dropcount */
		option(at, 4, 8);
		word(at + 4, header->lost_before);
		word(at + 8, 0);
		at += 12;
	}
	option(at, 5, 8); /* epb_packetid */
	word(at + 4, id);
	word(at + 8, id >> 32);
	at += 12;
	if (header->flags & XDPEEK_PACKET_QUEUE) { /* epb_queue */
		option(at, 6, 4);
		word(at + 4, header->rx_queue);
		at += 8;
	}
	if (!(header->flags & XDPEEK_PACKET_NO_VERDICT)) { /* epb_verdict: 1 = tc, whose answer of ours is TC_ACT_UNSPEC; 2 = XDP; as 64 bits; padding */
		__u32 tc = cfg_hook == XDPEEK_HOOK_TC_INGRESS || cfg_hook == XDPEEK_HOOK_TC_EGRESS;

		option(at, 7, 9);
		word(at + 4, tc ? 0xffffff01 : 2 | (__u32)header->verdict << 8);
		word(at + 8, tc ? 0xffffffff : 0);
		word(at + 12, tc ? 0xff : 0);
		at += 16;
	}
	word(at, 0); /* opt_endofopt */
	word(at + 4, size);
	chunk->wire_bytes += wire;
	publish(&chunk->filled, (filled + ((__u64)1 << 32)) + size);
	return 0;
}

/* One block into this CPU's area. A CPU that was not there when the capture began has none. */
static __always_inline long send_area(void *ctx, const struct xdpeek_packet *header, __u32 captured)
{
	__u32 cpu = header->cpu;
	struct xdpeek_area *area = bpf_map_lookup_elem(&areas, &cpu);

	if (!area || once(area->busy))
		return SEND_LOST;
	once(area->busy) = 1;
	long result = write_block(ctx, area, header, captured);

	once(area->busy) = 0;
	return result;
}

#endif
