// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts calls of execve(2): `execve_count` as a kprobe on the system call's function (__x64_sys_execve, __arm64_sys_execve…), `execve_count_tp` on its tracepoint, for kernels without kprobes. Attach one
 * of them.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} calls SEC(".maps");

static __always_inline int count(void)
{
	__u32 only = 0;
	__u64 *counter = bpf_map_lookup_elem(&calls, &only);

	if (counter)
		*counter += 1;
	return 0;
}

SEC("kprobe")
int execve_count(void *ctx)
{
	return count();
}

SEC("tracepoint/syscalls/sys_enter_execve")
int execve_count_tp(void *ctx)
{
	return count();
}

char _license[] SEC("license") = "Dual BSD/GPL";
