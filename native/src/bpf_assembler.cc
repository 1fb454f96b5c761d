// See bpf_assembler.h.
#include "bpf_assembler.h"

#include <algorithm>

#include "errors.h"

namespace xdpeek {

BpfAssembler::Label BpfAssembler::label() {
  positions_.push_back(-1);
  return positions_.size() - 1;
}

bool BpfAssembler::used(Label label) const {
  return std::any_of(fixups_.begin(), fixups_.end(), [label](const Fixup& fixup) { return fixup.to == label; });
}

void BpfAssembler::branch(uint8_t code, uint8_t dst, uint8_t src, int32_t imm, Label to) {
  fixups_.push_back({code_.size(), to});
  raw(code, dst, src, 0, imm);
}

std::vector<bpf_insn> BpfAssembler::finish() {
  for (const Fixup& fixup : fixups_) {
    const int64_t distance = positions_[fixup.to] - static_cast<int64_t>(fixup.at) - 1;
    if (distance < INT16_MIN || distance > INT16_MAX)
      throw Failure("FILTER", "translate the capture filter", "it is too long for one eBPF program", "Use networks (net 10.0.0.0/8) and ranges (portrange 1-1024) instead of long lists.");
    code_[fixup.at].off = static_cast<int16_t>(distance);
  }
  return code_;
}

}  // namespace xdpeek
