// bpf/monitor.bpf.c on its tracepoints, and what it counted so far.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bpf_object.h"
#include "events.h"
#include "unique_fd.h"

namespace xdpeek {

class Monitor {
 public:
  /// Attaches what this kernel has; the rest is in `missing`. Throws when nothing can be attached, or the object is not there.
  explicit Monitor(const std::string& bpf_dir);

  const std::vector<std::string>& missing() const { return missing_; }

  /// Index of the inner vectors = CPU.
  struct Devmap {
    xdpeek_monitor_devices devices;
    std::vector<xdpeek_monitor_devmap> cpus;
  };
  struct Drop {
    xdpeek_monitor_drop key;
    uint64_t count;
  };
  std::vector<std::vector<uint64_t>> redirects() const;   ///< by errno
  std::vector<std::vector<uint64_t>> exceptions() const;  ///< by action
  std::vector<std::vector<xdpeek_monitor_cpumap>> enqueued() const;  ///< by target CPU; as many as there are CPUs
  std::vector<xdpeek_monitor_cpumap> kthreads() const;
  std::vector<Devmap> devmaps() const;
  std::vector<Drop> drops() const;
  uint64_t execs() const;

  /// "NO_SOCKET", from the kernel's own type information; the number where it has none.
  std::string reason_name(uint32_t reason) const;
  /// "tcp_v4_rcv+0x12", or the address where symbols are hidden.
  std::string place_name(uint64_t address) const;

 private:
  void read_reason_names();
  void read_symbols() const;

  BpfObject object_;
  std::vector<UniqueFd> links_;
  std::vector<std::string> missing_;
  std::map<uint32_t, std::string> reasons_;
  mutable std::map<uint64_t, std::string> symbols_;
};

}  // namespace xdpeek
