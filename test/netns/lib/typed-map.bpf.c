// Bit-fields, enums, unions, nested records and arrays in one map's types, for test/netns/workbench-maps.test.ts.
#include <linux/bpf.h>

// What libbpf's headers would give.
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;

enum color { RED, GREEN = 5, BLUE = -2 };

struct inner {
  __u16 low;
  __s8 small;
  char word[5];
};

struct typed_key {
  __u32 id;
  enum color color;
};

struct typed_value {
  __u64 packets;
  __u32 flag : 1;
  __u32 three : 3;
  __s32 minus : 5;
  __u32 rest : 23;
  struct inner inner;
  struct inner pair[2];
  union {
    __u32 number;
    __u8 bytes[4];
  };
  _Bool yes;
  __s64 deep;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16);
  __type(key, struct typed_key);
  __type(value, struct typed_value);
} typed SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, struct inner);
} counted SEC(".maps");

SEC("xdp")
int uses_maps(struct xdp_md *context) {
  struct typed_key key = {.id = 1};
  __u32 zero = 0;
  struct inner *inner = bpf_map_lookup_elem(&counted, &zero);
  if (inner) inner->low++;
  return bpf_map_lookup_elem(&typed, &key) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
