/** Programs to begin with, small and whole. */
import type { Language } from './editor-modes.ts';
import type { WrittenType } from './program-types.ts';

export interface Template {
  id: string;
  label: string;
  detail: string;
  language: Language;
  /** Of assembly, which has no sections. */
  type: WrittenType;
  text: string;
}

const C_HEAD = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
`;
const C_FOOT = `
char _license[] SEC("license") = "GPL";
`;

export const TEMPLATES: readonly Template[] = [
  {
    id: 'asm-pass',
    label: 'XDP: let everything pass',
    detail: 'Two instructions: a verdict, and the end',
    language: 'assembly',
    type: 'xdp',
    text: `; Let every frame pass.
r0 = 2          ; XDP_PASS
exit
`,
  },
  {
    id: 'asm-no-ipv6',
    label: 'XDP: drop IPv6',
    detail: 'Reads the EtherType behind a bounds check',
    language: 'assembly',
    type: 'xdp',
    text: `; Drop IPv6, let the rest pass.
r2 = *(u32 *)(r1 +0)      ; data
r3 = *(u32 *)(r1 +4)      ; data_end
r4 = r2
r4 += 14                  ; an Ethernet header
if r4 > r3 goto pass      ; shorter than that
r5 = *(u16 *)(r2 +12)     ; EtherType, big-endian
r0 = 1                    ; XDP_DROP
if r5 == 0xdd86 goto out
pass:
r0 = 2                    ; XDP_PASS
out:
exit
`,
  },
  {
    id: 'asm-count',
    label: 'XDP: count in a map',
    detail: 'Declares a map, looks a key up in it, adds one',
    language: 'assembly',
    type: 'xdp',
    text: `; Let everything pass, and count it. An array of five numbers, one a verdict, shows below while the program is attached.
.map verdicts percpu_array 4 8 5
*(u32 *)(r10 -4) = 2      ; the key: XDP_PASS
r1 = map[verdicts]
r2 = r10
r2 += -4
call bpf_map_lookup_elem
if r0 == 0 goto out
r1 = *(u64 *)(r0 +0)
r1 += 1
*(u64 *)(r0 +0) = r1
out:
r0 = 2
exit
`,
  },
  {
    id: 'asm-refused',
    label: 'XDP: refused by the verifier',
    detail: 'Reads the packet without a check: see what it says',
    language: 'assembly',
    type: 'xdp',
    text: `; The verifier refuses this: nothing says that the packet has 14 bytes.
r2 = *(u32 *)(r1 +0)      ; data
r0 = *(u16 *)(r2 +12)     ; EtherType
exit
`,
  },
  {
    id: 'asm-tc-mark',
    label: 'tc: mark packets',
    detail: 'Sets the mark of each packet, for routing and firewalls',
    language: 'assembly',
    type: 'sched_cls',
    text: `; Mark each packet with 7.
r2 = 7
*(u32 *)(r1 +8) = r2      ; __sk_buff.mark
r0 = 0                    ; TC_ACT_OK
exit
`,
  },
  {
    id: 'asm-socket',
    label: 'Socket filter: UDP only',
    detail: 'Keeps whole IPv4 packets with UDP, as a filter of tcpdump does',
    language: 'assembly',
    type: 'socket_filter',
    text: `; IPv4 with UDP is kept whole, the rest not at all.
r6 = r1                       ; where the loads below look for the packet
r0 = *(u16 *)skb[12]          ; EtherType
if r0 != 0x800 goto none
r0 = *(u8 *)skb[23]           ; protocol
if r0 != 17 goto none
r0 = -1                       ; all bytes
exit
none:
r0 = 0
exit
`,
  },
  {
    id: 'c-verdicts',
    label: 'XDP: drop a UDP port, count verdicts',
    detail: 'A global variable to set, a map of counters',
    language: 'c',
    type: 'xdp',
    text: `${C_HEAD}#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

/* Can be set before loading. */
const volatile __u16 port = 7777;

struct verdict_count {
	__u64 packets;
	__u64 bytes;
};

/* xdpeek shows an array of five like this one while the program is attached. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, struct verdict_count);
} verdicts SEC(".maps");

static __always_inline int counted(struct xdp_md *ctx, __u32 action)
{
	struct verdict_count *count = bpf_map_lookup_elem(&verdicts, &action);

	if (count) {
		count->packets += 1;
		count->bytes += ctx->data_end - ctx->data;
	}
	return action;
}

SEC("xdp")
int drop_port(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return counted(ctx, XDP_PASS);
	if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return counted(ctx, XDP_PASS);
	return counted(ctx, udp->dest == bpf_htons(port) ? XDP_DROP : XDP_PASS);
}
${C_FOOT}`,
  },
  {
    id: 'c-tc',
    label: 'tc: count packets by length',
    detail: 'A histogram of sizes in powers of two',
    language: 'c',
    type: 'sched_cls',
    text: `${C_HEAD}#include <linux/pkt_cls.h>

/* Packets whose length has its highest bit at this place. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 17);
	__type(key, __u32);
	__type(value, __u64);
} lengths SEC(".maps");

SEC("tc")
int count_lengths(struct __sk_buff *skb)
{
	__u32 length = skb->len, bit = 0;
	__u64 *count;

	for (int i = 0; i < 16; i++)
		if (length >> (i + 1))
			bit = i + 1;
	count = bpf_map_lookup_elem(&lengths, &bit);
	if (count)
		*count += 1;
	return TC_ACT_OK;
}
${C_FOOT}`,
  },
  {
    id: 'c-tracepoint',
    label: 'Tracepoint: programs started',
    detail: 'Prints each execve to the trace log',
    language: 'c',
    type: 'tracepoint',
    text: `${C_HEAD}
SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(void *ctx)
{
	char name[16];

	bpf_get_current_comm(name, sizeof(name));
	bpf_printk("%s starts a program", name);
	return 0;
}
${C_FOOT}`,
  },
];

export const firstOf = (language: Language) => TEMPLATES.find((template) => template.language === language)!;
