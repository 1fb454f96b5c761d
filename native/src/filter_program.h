// A capture filter as a program in front of a capture program: classic BPF (struct sock_filter) in, a loaded eBPF program out.
#pragma once
#include <cstdint>
#include <vector>

#include "unique_fd.h"

struct bpf_insn;

namespace xdpeek {

/// How the program reaches packet bytes.
enum class FilterContext { kXdp, kTc, kSocket, kTracing };

struct ClassicInstruction {
  uint16_t code;
  uint8_t jt, jf;
  uint32_t k;
};

/// Where the program stands. Stand-alone (stages_fd < 0) it answers 1 for a match and 0 otherwise. Staged, a match tail-calls stages[next];
/// anything else adds 1 to counters[slot].filtered_packets of its CPU and lets the packet pass.
struct FilterStage {
  int stages_fd = -1;
  uint32_t next = 1;
  int counters_fd = -1;
  uint32_t slot = 0;
  bool fragments = true; ///< XDP: the helpers for multi-buffer packets are there (Linux 5.18)
  bool ethernet = true;  ///< the kernel may hold a VLAN tag in metadata: the filter sees it in its place
};

/// Throws Failure("FILTER", …) naming the instruction that is refused.
void validate_filter(const std::vector<ClassicInstruction>& code);
std::vector<bpf_insn> translate_filter(const std::vector<ClassicInstruction>& code, FilterContext context, const FilterStage& stage);
/// Validates, translates, loads. `observed_fd` and `observed_function` (BTF type id) only for kTracing.
UniqueFd load_filter(const std::vector<ClassicInstruction>& code, FilterContext context, const FilterStage& stage, int observed_fd = 0, uint32_t observed_function = 0);

}  // namespace xdpeek
