// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that make happen what the monitor counts; monitor.test.ts compiles and attaches them. */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

const volatile __u32 target;

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp")
int give_up(struct xdp_md *ctx)
{
	return XDP_ABORTED;
}

SEC("xdp")
int no_verdict(struct xdp_md *ctx)
{
	return 77;
}

SEC("xdp")
int to_index(struct xdp_md *ctx)
{
	return bpf_redirect(target, 0);
}

SEC("xdp")
int to_port(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, 0, 0);
}

SEC("xdp")
int to_cpu(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpus, target, 0);
}

static __u64 address(const unsigned char *bytes)
{
	__u64 number = 0;
	int i;

	for (i = ETH_ALEN - 1; i >= 0; i--)
		number = number << 8 | bytes[i];
	return number;
}

SEC("xdp")
int say(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	bpf_printk("src: %llu, dst: %llu, proto: %u", address(eth->h_source), address(eth->h_dest), bpf_ntohs(eth->h_proto));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
