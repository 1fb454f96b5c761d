// Who keeps eBPF alive: processes with an open fd (/proc/PID/fdinfo), and names in bpffs.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernel_objects.h"

namespace xdpeek {

struct Holder {
  int pid = 0;
  std::string comm;
};
using KernelId = std::pair<KernelKind, uint32_t>;

/// Every process that holds a program, map or link; one entry a process and object.
std::map<KernelId, std::vector<Holder>> all_holders();

struct Pin {
  std::string path;
  KernelKind kind;
  uint32_t id;
};

/// Everything below /sys/fs/bpf, in the order of paths; at most `most`. Symbolic links are not followed.
std::vector<Pin> all_pins(size_t most = 10'000);

}  // namespace xdpeek
