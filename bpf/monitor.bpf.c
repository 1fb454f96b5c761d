// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts what XDP's tracepoints tell (include/trace/events/xdp.h): redirects and their errors, exceptions, cpumaps, devmaps; packets that the stack
 * drops (skb:kfree_skb), and programs that processes start. Everything is per CPU and plain: a raw tracepoint runs without preemption.
 * Each program stands alone, so that a kernel without one of the tracepoints still has the others.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "events.h"

struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

struct sk_buff {
	__be16 protocol;
} __attribute__((preserve_access_index));

enum skb_drop_reason { SKB_DROP_REASON_NOT_SPECIFIED___ours };

#define PER_CPU_ARRAY(name, of, entries)                       \
	struct {                                               \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);       \
		__uint(max_entries, entries);                  \
		__type(key, __u32);                            \
		__type(value, of);                             \
	} name SEC(".maps")

PER_CPU_ARRAY(redirects, __u64, XDPEEK_MONITOR_ERRORS);
PER_CPU_ARRAY(exceptions, __u64, XDPEEK_MONITOR_ACTIONS);
PER_CPU_ARRAY(enqueued, struct xdpeek_monitor_cpumap, XDPEEK_MONITOR_CPUS);
PER_CPU_ARRAY(kthreads, struct xdpeek_monitor_cpumap, 1);
PER_CPU_ARRAY(execs, __u64, 1);

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct xdpeek_monitor_devices);
	__type(value, struct xdpeek_monitor_devmap);
} devmaps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct xdpeek_monitor_drop);
	__type(value, __u64);
} drops SEC(".maps");

static __always_inline void count_one(void *map, __u32 index)
{
	__u64 *counter = bpf_map_lookup_elem(map, &index);

	if (counter)
		*counter += 1;
}

/* (dev, program, target, err, map_type, map_id, index) */
static __always_inline int count_redirect(struct bpf_raw_tracepoint_args *ctx)
{
	int error = (int)ctx->args[3];
	__u32 index = error < 0 ? -error : 0;

	if (index >= XDPEEK_MONITOR_ERRORS)
		index = XDPEEK_MONITOR_ERRORS - 1;
	count_one(&redirects, index);
	return 0;
}

SEC("raw_tp/xdp_redirect")
int on_redirect(struct bpf_raw_tracepoint_args *ctx)
{
	return count_redirect(ctx);
}

SEC("raw_tp/xdp_redirect_err")
int on_redirect_err(struct bpf_raw_tracepoint_args *ctx)
{
	return count_redirect(ctx);
}

SEC("raw_tp/xdp_redirect_map")
int on_redirect_map(struct bpf_raw_tracepoint_args *ctx)
{
	return count_redirect(ctx);
}

SEC("raw_tp/xdp_redirect_map_err")
int on_redirect_map_err(struct bpf_raw_tracepoint_args *ctx)
{
	return count_redirect(ctx);
}

/* (dev, program, act) */
SEC("raw_tp/xdp_exception")
int on_exception(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 action = (__u32)ctx->args[2];

	count_one(&exceptions, action < XDPEEK_MONITOR_ACTIONS - 1 ? action : XDPEEK_MONITOR_ACTIONS - 1);
	return 0;
}

/* (map_id, processed, drops, to_cpu) */
SEC("raw_tp/xdp_cpumap_enqueue")
int on_cpumap_enqueue(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 to = (__u32)ctx->args[3];
	struct xdpeek_monitor_cpumap *counters = bpf_map_lookup_elem(&enqueued, &to);
	__u32 processed, drops;

	if (!counters)
		return 0;
	/* A batch of native XDP names what it held and, of that, what was dropped. Generic XDP has batches of one, and does not
	 * count that one as processed when it is dropped: to us it was held as well. */
	processed = (__u32)ctx->args[1];
	drops = (__u32)ctx->args[2];
	counters->processed += drops > processed ? drops : processed;
	counters->drops += drops;
	counters->batches += 1;
	return 0;
}

/* (map_id, processed, drops, sched, statistics) */
SEC("raw_tp/xdp_cpumap_kthread")
int on_cpumap_kthread(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 only = 0;
	struct xdpeek_monitor_cpumap *counters = bpf_map_lookup_elem(&kthreads, &only);

	if (!counters)
		return 0;
	counters->processed += (__u32)ctx->args[1];
	counters->drops += (__u32)ctx->args[2];
	counters->scheduled += ctx->args[3] ? 1 : 0;
	counters->batches += 1;
	return 0;
}

/* (from_dev, to_dev, sent, drops, err) */
SEC("raw_tp/xdp_devmap_xmit")
int on_devmap_xmit(struct bpf_raw_tracepoint_args *ctx)
{
	struct net_device *from = (void *)ctx->args[0], *to = (void *)ctx->args[1];
	struct xdpeek_monitor_devices key = { .from = BPF_CORE_READ(from, ifindex), .to = BPF_CORE_READ(to, ifindex) };
	struct xdpeek_monitor_devmap zero = {}, *counters = bpf_map_lookup_elem(&devmaps, &key);

	if (!counters) {
		bpf_map_update_elem(&devmaps, &key, &zero, BPF_NOEXIST);
		counters = bpf_map_lookup_elem(&devmaps, &key);
		if (!counters)
			return 0;
	}
	counters->sent += (__u32)ctx->args[2];
	counters->drops += (__u32)ctx->args[3];
	counters->batches += 1;
	if ((int)ctx->args[4] < 0) {
		counters->errors += 1;
		counters->last_error = -(int)ctx->args[4];
	}
	return 0;
}

/* (skb, location, reason); reasons came with Linux 5.17 */
SEC("raw_tp/kfree_skb")
int on_kfree_skb(struct bpf_raw_tracepoint_args *ctx)
{
	struct sk_buff *skb = (void *)ctx->args[0];
	struct xdpeek_monitor_drop key = { .place = ctx->args[1] };
	__u64 one = 1, *counter;

	if (bpf_core_type_exists(enum skb_drop_reason))
		key.reason = (__u32)ctx->args[2];
	key.protocol = bpf_ntohs(BPF_CORE_READ(skb, protocol));
	counter = bpf_map_lookup_elem(&drops, &key);
	if (counter)
		*counter += 1;
	else
		bpf_map_update_elem(&drops, &key, &one, BPF_NOEXIST);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *ctx)
{
	count_one(&execs, 0);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
