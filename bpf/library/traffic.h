/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets and bytes by IP protocol, TCP port and UDP port: what traffic_calls and traffic_tailcall count, each in its own way. */
#ifndef XDPEEK_TRAFFIC_H
#define XDPEEK_TRAFFIC_H

#include "library.h"

struct traffic {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 256);
	__type(key, __u8);
	__type(value, struct traffic);
} protocols SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u16); /* destination, host order */
	__type(value, struct traffic);
} tcp_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u16);
	__type(value, struct traffic);
} udp_ports SEC(".maps");

static __always_inline void add_traffic(void *map, const void *key, __u64 bytes)
{
	struct traffic first = { .packets = 1, .bytes = bytes }, *seen = bpf_map_lookup_elem(map, key);

	if (seen) {
		seen->packets += 1;
		seen->bytes += bytes;
	} else {
		/* The key may be there by now, from another CPU; this one's value is 0 all the same. */
		bpf_map_update_elem(map, key, &first, BPF_ANY);
	}
}

#endif
