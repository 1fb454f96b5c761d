#include "monitor.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>

#include "errors.h"

namespace xdpeek {
namespace {

struct Probe {
  const char* program;
  const char* tracepoint;
};
constexpr Probe kProbes[] = {
    {"on_redirect", "xdp_redirect"},
    {"on_redirect_err", "xdp_redirect_err"},
    {"on_redirect_map", "xdp_redirect_map"},
    {"on_redirect_map_err", "xdp_redirect_map_err"},
    {"on_exception", "xdp_exception"},
    {"on_cpumap_enqueue", "xdp_cpumap_enqueue"},
    {"on_cpumap_kthread", "xdp_cpumap_kthread"},
    {"on_devmap_xmit", "xdp_devmap_xmit"},
    {"on_kfree_skb", "kfree_skb"},
    {"on_exec", "sched_process_exec"},
};

size_t cpus() { return static_cast<size_t>(libbpf_num_possible_cpus()); }

template <class T>
std::vector<T> per_cpu(int map_fd, const void* key) {
  std::vector<T> values(cpus());
  if (bpf_map_lookup_elem(map_fd, key, values.data()) < 0) std::fill(values.begin(), values.end(), T{});
  return values;
}

template <class T>
std::vector<std::vector<T>> per_cpu_array(int map_fd, uint32_t entries) {
  std::vector<std::vector<T>> all;
  for (uint32_t i = 0; i < entries; i++) all.push_back(per_cpu<T>(map_fd, &i));
  return all;
}

template <class Key, class Take>
void each_key(int map_fd, Take&& take) {
  Key key{}, next{};
  bool first = true;
  while (bpf_map_get_next_key(map_fd, first ? nullptr : &key, &next) == 0) {
    key = next;
    first = false;
    take(key);
  }
}

}  // namespace

Monitor::Monitor(const std::string& bpf_dir) : object_(bpf_dir + "/monitor.bpf.o") {
  object_.load({"on_redirect", "on_redirect_err", "on_redirect_map", "on_redirect_map_err", "on_exception", "on_cpumap_enqueue", "on_cpumap_kthread", "on_devmap_xmit", "on_kfree_skb", "on_exec"},
               "load the monitor's programs");
  int error = 0;
  for (const Probe& probe : kProbes) {
    UniqueFd link(bpf_raw_tracepoint_open(probe.tracepoint, object_.program_fd(probe.program)));
    if (link) {
      links_.push_back(std::move(link));
      continue;
    }
    error = errno;
    // Newer kernels tell redirects through maps by the plain tracepoints too.
    if (error == ENOENT && std::string(probe.tracepoint).starts_with("xdp_redirect_map")) continue;
    missing_.push_back(std::string(probe.tracepoint) + (error == ENOENT ? ": this kernel has no such tracepoint" : ": " + errno_name(error)));
  }
  if (links_.empty()) throw Failure(error, "attach to the tracepoints of XDP", "The monitor needs root (or CAP_BPF and CAP_PERFMON), and a kernel with tracepoints.");
  read_reason_names();
}

std::vector<std::vector<uint64_t>> Monitor::redirects() const { return per_cpu_array<uint64_t>(object_.map_fd("redirects"), XDPEEK_MONITOR_ERRORS); }
std::vector<std::vector<uint64_t>> Monitor::exceptions() const { return per_cpu_array<uint64_t>(object_.map_fd("exceptions"), XDPEEK_MONITOR_ACTIONS); }

std::vector<std::vector<xdpeek_monitor_cpumap>> Monitor::enqueued() const {
  return per_cpu_array<xdpeek_monitor_cpumap>(object_.map_fd("enqueued"), std::min<uint32_t>(static_cast<uint32_t>(cpus()), XDPEEK_MONITOR_CPUS));
}

std::vector<xdpeek_monitor_cpumap> Monitor::kthreads() const {
  const uint32_t only = 0;
  return per_cpu<xdpeek_monitor_cpumap>(object_.map_fd("kthreads"), &only);
}

uint64_t Monitor::execs() const {
  const uint32_t only = 0;
  uint64_t sum = 0;
  for (const uint64_t each : per_cpu<uint64_t>(object_.map_fd("execs"), &only)) sum += each;
  return sum;
}

std::vector<Monitor::Devmap> Monitor::devmaps() const {
  std::vector<Devmap> all;
  const int fd = object_.map_fd("devmaps");
  each_key<xdpeek_monitor_devices>(fd, [&](const auto& key) { all.push_back({key, per_cpu<xdpeek_monitor_devmap>(fd, &key)}); });
  return all;
}

std::vector<Monitor::Drop> Monitor::drops() const {
  std::vector<Drop> all;
  const int fd = object_.map_fd("drops");
  each_key<xdpeek_monitor_drop>(fd, [&](const auto& key) {
    uint64_t sum = 0;
    for (const uint64_t each : per_cpu<uint64_t>(fd, &key)) sum += each;
    if (sum > 0) all.push_back({key, sum});
  });
  return all;
}

void Monitor::read_reason_names() {
  const std::unique_ptr<btf, decltype(&btf__free)> types(btf__load_vmlinux_btf(), btf__free);
  if (!types) return;
  const int id = btf__find_by_name_kind(types.get(), "skb_drop_reason", BTF_KIND_ENUM);
  const btf_type* reasons = id > 0 ? btf__type_by_id(types.get(), static_cast<uint32_t>(id)) : nullptr;
  const std::string prefix = "SKB_DROP_REASON_";
  for (int i = 0; reasons && i < btf_vlen(reasons); i++) {
    const struct btf_enum& each = ::btf_enum(reasons)[i];
    const std::string name = btf__name_by_offset(types.get(), each.name_off);
    reasons_[static_cast<uint32_t>(each.val)] = name.starts_with(prefix) ? name.substr(prefix.size()) : name.starts_with("SKB_") ? name.substr(4) : name;
  }
}

std::string Monitor::reason_name(uint32_t reason) const {
  const auto found = reasons_.find(reason);
  return found == reasons_.end() ? "reason " + std::to_string(reason) : found->second;
}

/// Read once: a megabyte of text. Hidden addresses (kptr_restrict) are all zero, and then there is nothing to find.
void Monitor::read_symbols() const {
  std::ifstream in("/proc/kallsyms");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    uint64_t address = 0;
    char kind = 0;
    std::string name;
    if (words >> std::hex >> address >> kind >> name && address != 0 && (kind == 't' || kind == 'T')) symbols_.emplace(address, name);
  }
  symbols_.emplace(0, "");
}

std::string Monitor::place_name(uint64_t address) const {
  if (symbols_.empty()) read_symbols();
  auto found = symbols_.upper_bound(address);
  if (found != symbols_.begin()) found--;
  std::ostringstream text;
  if (found->first == 0) text << "0x" << std::hex << address;
  else text << found->second << "+0x" << std::hex << address - found->first;
  return text.str();
}

}  // namespace xdpeek
