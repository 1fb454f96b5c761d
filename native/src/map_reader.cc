// Per-CPU values arrive as one array a key, each padded to 8 bytes (ours are multiples of 8).
#include "map_reader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "errors.h"

namespace xdpeek {
namespace {

size_t possible_cpus() {
  static const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) throw Failure(-cpus, "count the possible CPUs");
  return static_cast<size_t>(cpus);
}

class FlowCollector {
 public:
  FlowCollector(const WallClock& clock, uint32_t max_flows) : clock_(clock), max_(max_flows) {}

  void add(const xdpeek_flow_key& key, const xdpeek_flow_value* per_cpu) {
    if (out_.size() / sizeof(xdpeek_flow_record) >= max_) return;
    xdpeek_flow_record record{key, {}};
    record.value.first_ns = UINT64_MAX;
    for (size_t cpu = 0; cpu < possible_cpus(); cpu++) {
      const xdpeek_flow_value& v = per_cpu[cpu];
      if (v.packets == 0 || v.first_ns == 0) continue;  // or its first packet is just being counted
      record.value.packets += v.packets;
      record.value.bytes += v.bytes;
      record.value.first_ns = std::min(record.value.first_ns, v.first_ns);
      record.value.last_ns = std::max(record.value.last_ns, v.last_ns);
      record.value.tcp_flags |= v.tcp_flags;
    }
    if (record.value.packets == 0) return;
    record.value.first_ns = clock_.to_epoch_ns(record.value.first_ns);
    record.value.last_ns = clock_.to_epoch_ns(record.value.last_ns);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&record);
    out_.insert(out_.end(), bytes, bytes + sizeof record);
  }
  std::vector<uint8_t> take() { return std::move(out_); }

 private:
  const WallClock& clock_;
  size_t max_;
  std::vector<uint8_t> out_;
};

/// False where the kernel has no batches for this map type.
bool collect_batches(int map_fd, uint32_t max_flows, FlowCollector& collector) {
  const size_t cpus = possible_cpus();
  // A hash bucket is read whole: room for the largest plausible one.
  uint32_t room = std::min(max_flows, 4096u) + 256;
  std::vector<xdpeek_flow_key> keys;
  std::vector<xdpeek_flow_value> values;
  uint32_t cursor = 0;
  bool first = true;
  for (;;) {
    keys.resize(room);
    values.resize(room * cpus);
    uint32_t count = room;
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    uint32_t next = cursor;
    const int error = bpf_map_lookup_batch(map_fd, first ? nullptr : &cursor, &next, keys.data(), values.data(), &count, &options);
    if (error == -ENOSPC) {
      room *= 2;
      continue;
    }
    if (error < 0 && error != -ENOENT) return false;
    for (uint32_t i = 0; i < count; i++) collector.add(keys[i], &values[i * cpus]);
    if (error == -ENOENT) return true;
    cursor = next;
    first = false;
  }
}

void collect_one_by_one(int map_fd, uint32_t max_flows, FlowCollector& collector) {
  std::vector<xdpeek_flow_value> values(possible_cpus());
  xdpeek_flow_key key, next;
  const void* at = nullptr;
  // A key that is deleted under us restarts the walk: bound it.
  for (uint32_t steps = 0; steps < 2 * max_flows + 16 && bpf_map_get_next_key(map_fd, at, &next) == 0; steps++) {
    key = next;
    at = &key;
    if (bpf_map_lookup_elem(map_fd, &key, values.data()) == 0) collector.add(key, values.data());
  }
}

}  // namespace

std::vector<xdpeek_counters> counters_per_cpu(int map_fd, uint32_t slot) {
  std::vector<xdpeek_counters> values(possible_cpus());
  if (bpf_map_lookup_elem(map_fd, &slot, values.data()) < 0) values.assign(values.size(), {});
  return values;
}

std::vector<uint8_t> read_stats_per_cpu(int map_fd) {
  std::vector<uint8_t> out(possible_cpus() * sizeof(xdpeek_stats));
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(map_fd, &zero, out.data()) < 0) throw Failure(errno, "read the statistics map");
  return out;
}

std::vector<uint8_t> read_flow_records(int map_fd, uint32_t max_flows, const WallClock& clock) {
  FlowCollector batches(clock, max_flows);
  if (collect_batches(map_fd, max_flows, batches)) return batches.take();
  FlowCollector singly(clock, max_flows);
  collect_one_by_one(map_fd, max_flows, singly);
  return singly.take();
}

}  // namespace xdpeek
