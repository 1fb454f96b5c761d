// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where files are opened: as the function begins and as it returns, each counted by its own program. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32); /* 0 = begun, 1 = returned */
	__type(value, __u64);
} opened SEC(".maps");

static __always_inline int count(__u32 which)
{
	__u64 *calls = bpf_map_lookup_elem(&opened, &which);

	if (calls)
		__sync_fetch_and_add(calls, 1);
	return 0;
}

SEC("fentry/do_sys_openat2")
int open_begins(void *ctx)
{
	return count(0);
}

SEC("fexit/do_sys_openat2")
int open_returns(void *ctx)
{
	return count(1);
}

char _license[] SEC("license") = "GPL";
