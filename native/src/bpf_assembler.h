// eBPF instructions appended one by one, with labels that are resolved at the end (kernel: Documentation/bpf/standardization/instruction-set.rst).
#pragma once
#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xdpeek {

class BpfAssembler {
 public:
  using Label = size_t;

  Label label();
  /// Something jumps there already. The verifier refuses code that nothing reaches.
  bool used(Label label) const;
  void bind(Label label) { positions_[label] = static_cast<int64_t>(code_.size()); }

  void raw(uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm) { code_.push_back({code, static_cast<uint8_t>(dst & 15), static_cast<uint8_t>(src & 15), off, imm}); }
  void mov(uint8_t dst, uint8_t src) { raw(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0); }
  void mov_imm(uint8_t dst, int32_t imm) { raw(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm); }
  void mov32(uint8_t dst, uint8_t src) { raw(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0); }
  /// The upper half becomes zero.
  void mov32_imm(uint8_t dst, uint32_t imm) { raw(BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, static_cast<int32_t>(imm)); }
  void add_imm(uint8_t dst, int32_t imm) { raw(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm); }
  void add(uint8_t dst, uint8_t src) { raw(BPF_ALU64 | BPF_ADD | BPF_X, dst, src, 0, 0); }
  void alu32(uint8_t op, uint8_t dst, uint8_t src) { raw(static_cast<uint8_t>(BPF_ALU | op | BPF_X), dst, src, 0, 0); }
  void alu32_imm(uint8_t op, uint8_t dst, uint32_t imm) { raw(static_cast<uint8_t>(BPF_ALU | op | BPF_K), dst, 0, 0, static_cast<int32_t>(imm)); }
  /// `size`: BPF_B, BPF_H, BPF_W or BPF_DW.
  void load(uint8_t size, uint8_t dst, uint8_t base, int16_t off) { raw(static_cast<uint8_t>(BPF_LDX | BPF_MEM | size), dst, base, off, 0); }
  void store(uint8_t size, uint8_t base, int16_t off, uint8_t src) { raw(static_cast<uint8_t>(BPF_STX | BPF_MEM | size), base, src, off, 0); }
  void store_imm(uint8_t size, uint8_t base, int16_t off, int32_t imm) { raw(static_cast<uint8_t>(BPF_ST | BPF_MEM | size), base, 0, off, imm); }
  /// Network to host order, 16 or 32 bits; the rest of the register becomes zero.
  void from_be(uint8_t dst, int bits) { raw(BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, bits); }
  void call(int32_t helper) { raw(BPF_JMP | BPF_CALL, 0, 0, 0, helper); }
  void exit() { raw(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }
  void map_fd(uint8_t dst, int fd) {
    raw(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0, fd);
    raw(0, 0, 0, 0, 0);
  }
  void jump(Label to) { branch(BPF_JMP | BPF_JA, 0, 0, 0, to); }
  /// 64-bit comparisons, `op` BPF_JEQ, BPF_JGT…
  void jump_if(uint8_t op, uint8_t dst, uint8_t src, Label to) { branch(static_cast<uint8_t>(BPF_JMP | op | BPF_X), dst, src, 0, to); }
  void jump_if_imm(uint8_t op, uint8_t dst, int32_t imm, Label to) { branch(static_cast<uint8_t>(BPF_JMP | op | BPF_K), dst, 0, imm, to); }
  void jump32_if(uint8_t op, uint8_t dst, uint8_t src, Label to) { branch(static_cast<uint8_t>(BPF_JMP32 | op | BPF_X), dst, src, 0, to); }
  void jump32_if_imm(uint8_t op, uint8_t dst, uint32_t imm, Label to) { branch(static_cast<uint8_t>(BPF_JMP32 | op | BPF_K), dst, 0, static_cast<int32_t>(imm), to); }

  /// Throws Failure("FILTER") when a jump is longer than eBPF can express (32,767 instructions).
  std::vector<bpf_insn> finish();

 private:
  void branch(uint8_t code, uint8_t dst, uint8_t src, int32_t imm, Label to);
  struct Fixup {
    size_t at;
    Label to;
  };
  std::vector<bpf_insn> code_;
  std::vector<int64_t> positions_;
  std::vector<Fixup> fixups_;
};

}  // namespace xdpeek
