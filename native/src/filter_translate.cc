// Classic BPF → eBPF, with bpf_filter()'s meaning of every instruction (libpcap; bpf(4)): 32-bit arithmetic, big-endian loads, a load
// outside the packet or a division by zero ends the filter without a match.
//
// The program holds up to three versions of the filter and takes one at its start:
//   fast     XDP and tc: the packet is long enough for every load at a constant offset; one comparison stands for all of theirs
//   checked  each load compares for itself, and asks a helper for bytes that are not in the linear part
//   tagged   tc and packet sockets: the kernel holds a VLAN tag in metadata; offsets are as if it stood in its place, at byte 12
//
// Registers: r6 context, r7 A, r8 X, r9 start of the packet (not for packet sockets). Stack, from the frame pointer down: 8 bytes for
// helpers, bytes 8 to 19 of the tagged packet, the 16 words of memory, fentry's packet length.
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/filter.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "bpf_assembler.h"
#include "events.h"
#include "filter_program.h"

namespace xdpeek {
namespace {

using Label = BpfAssembler::Label;

enum : uint8_t { r0, r1, r2, r3, r4, r5, ctx, a, x, data, fp };
constexpr int16_t kScratch = -8, kTagged = -32, kMemory = -96, kLength = -104;
/// What the tagged version keeps on the stack: virtual bytes 8…19.
constexpr uint32_t kTaggedFrom = 8, kTagAt = 12, kTagBytes = 4;
/// Bytes that one comparison at the start may ask for: more would send ordinary small packets the slow way.
constexpr uint32_t kFastBytes = 128;
constexpr uint32_t kMaxOffset = 0xffff;

constexpr uint32_t bytes_of(uint16_t code) { return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1; }
constexpr uint8_t size_of(uint32_t bytes) { return bytes == 4 ? BPF_W : bytes == 2 ? BPF_H : BPF_B; }

bool is_constant_load(const ClassicInstruction& each) {
  const unsigned kind = BPF_CLASS(each.code), mode = BPF_MODE(each.code);
  return (kind == BPF_LD && mode == BPF_ABS) || (kind == BPF_LDX && mode == BPF_MSH);
}
uint32_t load_bytes(const ClassicInstruction& each) { return BPF_CLASS(each.code) == BPF_LDX ? 1 : bytes_of(each.code); }

class Translator {
 public:
  Translator(const std::vector<ClassicInstruction>& code, FilterContext context, const FilterStage& stage) : code_(code), context_(context), stage_(stage) {}

  std::vector<bpf_insn> run() {
    accept_ = out_.label();
    reject_ = out_.label();
    find_reachable();
    prologue();
    const uint32_t needed = fast_bytes();
    if (needed > 0) {
      const Label checked = out_.label();
      out_.mov(r1, data);
      out_.add_imm(r1, static_cast<int32_t>(needed));
      out_.load(BPF_W, r2, ctx, data_end_offset());
      out_.jump_if(BPF_JGT, r1, r2, checked);
      version(Version::kFast, needed);
      out_.bind(checked);
    }
    version(Version::kChecked, 0);
    if (may_be_tagged()) tagged_version();
    verdicts();
    return out_.finish();
  }

 private:
  enum class Version { kFast, kChecked, kTagged };

  bool direct() const { return context_ == FilterContext::kXdp || context_ == FilterContext::kTc; }
  bool skb() const { return context_ == FilterContext::kTc || context_ == FilterContext::kSocket; }
  bool may_be_tagged() const { return skb() && stage_.ethernet; }
  int16_t data_end_offset() const {
    return static_cast<int16_t>(context_ == FilterContext::kXdp ? offsetof(xdp_md, data_end) : offsetof(__sk_buff, data_end));
  }

  /// How far the constant loads reach, as far as one comparison can serve them; 0 = no fast version.
  uint32_t fast_bytes() const {
    uint32_t needed = 0;
    if (!direct()) return 0;
    for (const ClassicInstruction& each : code_)
      if (is_constant_load(each) && each.k <= kFastBytes && each.k + load_bytes(each) <= kFastBytes) needed = std::max(needed, each.k + load_bytes(each));
    return needed;
  }

  /// Instructions that some packet can come to: the verifier refuses others. Jumps go forward, so one pass is enough.
  void find_reachable() {
    reachable_.assign(code_.size(), false);
    reachable_[0] = true;
    for (size_t i = 0; i < code_.size(); i++) {
      const ClassicInstruction& each = code_[i];
      if (!reachable_[i] || BPF_CLASS(each.code) == BPF_RET || never_there(each)) continue;
      if (BPF_CLASS(each.code) != BPF_JMP) {
        reachable_[i + 1] = true;
      } else if (BPF_OP(each.code) == BPF_JA) {
        reachable_[i + 1 + each.k] = true;
      } else {
        reachable_[i + 1 + each.jt] = reachable_[i + 1 + each.jf] = true;
      }
    }
  }
  /// A load behind the end of any packet.
  static bool never_there(const ClassicInstruction& each) { return is_constant_load(each) && each.k > kMaxOffset - load_bytes(each); }

  void prologue() {
    out_.mov(ctx, r1);
    out_.mov32_imm(a, 0);
    out_.mov32_imm(x, 0);
    for (uint32_t word = 0; word < BPF_MEMWORDS; word++)
      if (uses_memory(word)) out_.store_imm(BPF_W, fp, memory(word), 0);
    if (context_ == FilterContext::kXdp) out_.load(BPF_W, data, ctx, offsetof(xdp_md, data));
    if (context_ == FilterContext::kTc) out_.load(BPF_W, data, ctx, offsetof(__sk_buff, data));
    if (context_ == FilterContext::kTracing) {
      // ctx[0] is the struct xdp_buff, whose first members are data and data_end (net/xdp.h).
      out_.load(BPF_DW, r1, ctx, 0);
      out_.load(BPF_DW, data, r1, 0);
      out_.load(BPF_DW, r2, r1, 8);
      out_.raw(BPF_ALU64 | BPF_SUB | BPF_X, r2, data, 0, 0);
      out_.store(BPF_DW, fp, kLength, r2);
    }
    if (may_be_tagged()) {
      tagged_ = out_.label();
      out_.load(BPF_W, r1, ctx, offsetof(__sk_buff, vlan_present));
      out_.jump_if_imm(BPF_JNE, r1, 0, *tagged_);
    }
  }

  bool uses_memory(uint32_t word) const {
    return std::any_of(code_.begin(), code_.end(), [&](const ClassicInstruction& each) {
      const unsigned kind = BPF_CLASS(each.code);
      const bool load = (kind == BPF_LD || kind == BPF_LDX) && BPF_MODE(each.code) == BPF_MEM;
      return (load || kind == BPF_ST || kind == BPF_STX) && each.k == word;
    });
  }
  static int16_t memory(uint32_t word) { return static_cast<int16_t>(kMemory + 4 * static_cast<int>(word)); }

  void tagged_version() {
    out_.bind(*tagged_);
    helper_load_constant(kTaggedFrom, 4, kTagged);
    out_.load(BPF_W, r1, ctx, offsetof(__sk_buff, vlan_proto));  // already in network order
    out_.store(BPF_H, fp, kTagged + 4, r1);
    out_.load(BPF_W, r1, ctx, offsetof(__sk_buff, vlan_tci));
    out_.from_be(r1, 16);
    out_.store(BPF_H, fp, kTagged + 6, r1);
    helper_load_constant(kTagAt, 4, kTagged + 8);  // zeros where the packet ends before; loads check its length
    version(Version::kTagged, 0);
  }

  void version(Version version, uint32_t fast) {
    version_ = version;
    fast_ = fast;
    starts_.clear();
    for (size_t i = 0; i < code_.size(); i++) starts_.push_back(out_.label());
    for (size_t i = 0; i < code_.size(); i++) {
      if (!reachable_[i]) continue;
      out_.bind(starts_[i]);
      instruction(code_[i], i);
    }
    // Out of line, so that the usual way is straight.
    while (!later_.empty()) {
      std::vector<std::function<void()>> batch = std::move(later_);
      later_.clear();
      for (const auto& emit : batch) emit();
    }
  }

  void instruction(const ClassicInstruction& each, size_t at) {
    switch (BPF_CLASS(each.code)) {
      case BPF_LD:
      case BPF_LDX:
        return load(each);
      case BPF_ST:
        return out_.store(BPF_W, fp, memory(each.k), a);
      case BPF_STX:
        return out_.store(BPF_W, fp, memory(each.k), x);
      case BPF_ALU:
        return arithmetic(each);
      case BPF_JMP:
        return jump(each, at);
      case BPF_RET:
        if (each.code == (BPF_RET | BPF_K)) return out_.jump(each.k ? accept_ : reject_);
        out_.jump32_if_imm(BPF_JNE, a, 0, accept_);
        return out_.jump(reject_);
      default:
        return each.code == (BPF_MISC | BPF_TAX) ? out_.mov32(x, a) : out_.mov32(a, x);
    }
  }

  void load(const ClassicInstruction& each) {
    if (never_there(each)) return out_.jump(reject_);
    const uint8_t to = BPF_CLASS(each.code) == BPF_LD ? a : x;
    switch (BPF_MODE(each.code)) {
      case BPF_IMM:
        return out_.mov32_imm(to, each.k);
      case BPF_MEM:
        return out_.load(BPF_W, to, fp, memory(each.k));
      case BPF_LEN:
        return length(to);
      case BPF_ABS:
        return load_at(each.k, bytes_of(each.code), a);
      case BPF_MSH:
        load_at(each.k, 1, x);
        out_.alu32_imm(BPF_AND, x, 0x0f);
        return out_.alu32_imm(BPF_LSH, x, 2);
      default:
        return load_indirect(each.k, bytes_of(each.code));
    }
  }

  void length(uint8_t to) {
    if (context_ == FilterContext::kTracing) return out_.load(BPF_DW, to, fp, kLength);
    if (skb()) {
      out_.load(BPF_W, to, ctx, offsetof(__sk_buff, len));
      if (version_ == Version::kTagged) out_.alu32_imm(BPF_ADD, to, kTagBytes);
      return;
    }
    if (stage_.fragments) {
      out_.mov(r1, ctx);
      out_.call(BPF_FUNC_xdp_get_buff_len);
      return out_.mov32(to, r0);
    }
    out_.load(BPF_W, to, ctx, data_end_offset());
    out_.raw(BPF_ALU64 | BPF_SUB | BPF_X, to, data, 0, 0);
  }

  /// to = the big-endian `bytes` at a constant offset.
  void load_at(uint32_t offset, uint32_t bytes, uint8_t to) {
    if (version_ == Version::kTagged) {
      if (offset + bytes > kTagAt && offset < kTagAt + kTagBytes) return load_tagged(offset, bytes, to);
      if (offset >= kTagAt + kTagBytes) offset -= kTagBytes;
    }
    if (version_ == Version::kFast && offset + bytes <= fast_) {
      out_.load(size_of(bytes), to, data, static_cast<int16_t>(offset));
      return swap(to, bytes);
    }
    // Instructions have 16 signed bits for an offset.
    if (!direct() || offset + bytes > INT16_MAX) {
      helper_load_constant(offset, bytes, kScratch);
      return take_scratch(bytes, to);
    }
    const Label slow = out_.label(), done = out_.label();
    out_.mov(r1, data);
    out_.add_imm(r1, static_cast<int32_t>(offset + bytes));
    out_.load(BPF_W, r2, ctx, data_end_offset());
    out_.jump_if(BPF_JGT, r1, r2, slow);
    out_.load(size_of(bytes), to, data, static_cast<int16_t>(offset));
    swap(to, bytes);
    out_.bind(done);
    later_.push_back([=, this] {
      out_.bind(slow);
      helper_load_constant(offset, bytes, kScratch);
      take_scratch(bytes, to);
      out_.jump(done);
    });
  }

  /// A = the bytes at X + k.
  void load_indirect(uint32_t k, uint32_t bytes) {
    out_.mov32(r1, x);
    out_.mov32_imm(r2, k);
    out_.add(r1, r2);  // 64 bits: no wrap
    out_.jump_if_imm(BPF_JGT, r1, static_cast<int32_t>(kMaxOffset - bytes), reject_);
    const Label done = out_.label();
    if (version_ == Version::kTagged) {
      const Label shifted = out_.label(), place = out_.label();
      out_.jump_if_imm(BPF_JGE, r1, kTagAt + kTagBytes, shifted);
      for (uint32_t offset = kTagAt - bytes + 1; offset < kTagAt + kTagBytes; offset++) {
        const Label here = out_.label();
        out_.jump_if_imm(BPF_JEQ, r1, static_cast<int32_t>(offset), here);
        later_.push_back([=, this] {
          out_.bind(here);
          load_tagged(offset, bytes, a);
          out_.jump(done);
        });
      }
      out_.jump(place);
      out_.bind(shifted);
      out_.add_imm(r1, -static_cast<int32_t>(kTagBytes));
      out_.bind(place);
    }
    if (direct()) {
      const Label slow = out_.label();
      out_.mov(r2, data);
      out_.add(r2, r1);
      out_.mov(r3, r2);
      out_.add_imm(r3, static_cast<int32_t>(bytes));
      out_.load(BPF_W, r4, ctx, data_end_offset());
      out_.jump_if(BPF_JGT, r3, r4, slow);
      out_.load(size_of(bytes), a, r2, 0);
      swap(a, bytes);
      later_.push_back([=, this] {
        out_.bind(slow);
        helper_load(bytes, kScratch);
        take_scratch(bytes, a);
        out_.jump(done);
      });
    } else {
      helper_load(bytes, kScratch);
      take_scratch(bytes, a);
    }
    out_.bind(done);
  }

  /// From the stack, byte by byte: the verifier wants aligned reads there.
  void load_tagged(uint32_t offset, uint32_t bytes, uint8_t to) {
    out_.load(BPF_W, r1, ctx, offsetof(__sk_buff, len));
    out_.jump_if_imm(BPF_JLT, r1, static_cast<int32_t>(offset + bytes - kTagBytes), reject_);
    for (uint32_t i = 0; i < bytes; i++) {
      const auto at = static_cast<int16_t>(kTagged + static_cast<int>(offset + i - kTaggedFrom));
      out_.load(BPF_B, i == 0 ? to : uint8_t{r1}, fp, at);
      if (i == 0) continue;
      out_.alu32_imm(BPF_LSH, to, 8);
      out_.alu32(BPF_OR, to, r1);
    }
  }

  void helper_load_constant(uint32_t offset, uint32_t bytes, int16_t to) {
    out_.mov32_imm(r1, offset);
    helper_load(bytes, to);
  }

  /// Copies `bytes` from offset r1 of the packet to the stack; r0 says 0 if they are there.
  void helper_load(uint32_t bytes, int16_t to) {
    if (context_ == FilterContext::kTracing) {
      out_.load(BPF_DW, r2, fp, kLength);
      out_.mov(r3, r1);
      out_.add_imm(r3, static_cast<int32_t>(bytes));
      out_.jump_if(BPF_JGT, r3, r2, reject_);
      out_.mov(r3, data);
      out_.add(r3, r1);
      out_.mov(r1, fp);
      out_.add_imm(r1, to);
      out_.mov_imm(r2, static_cast<int32_t>(bytes));
      return out_.call(BPF_FUNC_probe_read_kernel);
    }
    if (context_ == FilterContext::kXdp && !stage_.fragments) {
      out_.store_imm(BPF_W, fp, to, 0);  // there are no bytes but the linear ones
      return out_.mov_imm(r0, -1);
    }
    out_.mov(r2, r1);
    out_.mov(r1, ctx);
    out_.mov(r3, fp);
    out_.add_imm(r3, to);
    out_.mov_imm(r4, static_cast<int32_t>(bytes));
    out_.call(skb() ? BPF_FUNC_skb_load_bytes : BPF_FUNC_xdp_load_bytes);
  }

  void take_scratch(uint32_t bytes, uint8_t to) {
    out_.jump_if_imm(BPF_JNE, r0, 0, reject_);
    out_.load(size_of(bytes), to, fp, kScratch);
    swap(to, bytes);
  }

  void swap(uint8_t reg, uint32_t bytes) {
    if (bytes > 1) out_.from_be(reg, static_cast<int>(bytes * 8));
  }

  void arithmetic(const ClassicInstruction& each) {
    const auto op = static_cast<uint8_t>(BPF_OP(each.code));
    if (op == BPF_NEG) return out_.alu32_imm(BPF_NEG, a, 0);
    if (BPF_SRC(each.code) == BPF_K) return out_.alu32_imm(op, a, each.k);
    if (op == BPF_DIV || op == BPF_MOD) out_.jump32_if_imm(BPF_JEQ, x, 0, reject_);
    if (op != BPF_LSH && op != BPF_RSH) return out_.alu32(op, a, x);
    // Classic BPF shifts everything out, eBPF would shift by the lowest five bits.
    const Label all = out_.label(), done = out_.label();
    out_.jump32_if_imm(BPF_JGT, x, 31, all);
    out_.alu32(op, a, x);
    out_.bind(done);
    later_.push_back([=, this] {
      out_.bind(all);
      out_.mov32_imm(a, 0);
      out_.jump(done);
    });
  }

  void jump(const ClassicInstruction& each, size_t at) {
    const auto op = static_cast<uint8_t>(BPF_OP(each.code));
    if (op == BPF_JA) return out_.jump(starts_[at + 1 + each.k]);
    if (each.jt == each.jf) return out_.jump(starts_[at + 1 + each.jt]);
    const Label yes = starts_[at + 1 + each.jt];
    if (BPF_SRC(each.code) == BPF_X) out_.jump32_if(op, a, x, yes);
    else out_.jump32_if_imm(op, a, each.k, yes);
    if (each.jf > 0) out_.jump(starts_[at + 1 + each.jf]);
  }

  /// What lets the packet go on, by context: XDP_PASS, TCX_NEXT, a socket that takes nothing, nothing at all.
  int32_t pass() const { return context_ == FilterContext::kXdp ? XDP_PASS : context_ == FilterContext::kTc ? -1 : 0; }

  void verdicts() {
    if (out_.used(accept_)) accepted(stage_.stages_fd >= 0);
    if (out_.used(reject_)) rejected(stage_.stages_fd >= 0);
  }

  void accepted(bool staged) {
    out_.bind(accept_);
    if (staged) {
      out_.mov(r1, ctx);
      out_.map_fd(r2, stage_.stages_fd);
      out_.mov_imm(r3, static_cast<int32_t>(stage_.next));
      out_.call(BPF_FUNC_tail_call);
    }
    out_.mov_imm(r0, staged ? pass() : 1);
    out_.exit();
  }

  void rejected(bool staged) {
    out_.bind(reject_);
    if (staged) {
      const Label missing = out_.label();
      out_.store_imm(BPF_W, fp, kScratch, static_cast<int32_t>(stage_.slot));
      out_.map_fd(r1, stage_.counters_fd);
      out_.mov(r2, fp);
      out_.add_imm(r2, kScratch);
      out_.call(BPF_FUNC_map_lookup_elem);
      out_.jump_if_imm(BPF_JEQ, r0, 0, missing);
      out_.mov_imm(r1, 1);
      out_.raw(BPF_STX | BPF_ATOMIC | BPF_DW, r0, r1, offsetof(xdpeek_counters, filtered_packets), BPF_ADD);
      out_.bind(missing);
    }
    out_.mov_imm(r0, staged ? pass() : 0);
    out_.exit();
  }

  const std::vector<ClassicInstruction>& code_;
  FilterContext context_;
  FilterStage stage_;
  BpfAssembler out_;
  Version version_ = Version::kChecked;
  uint32_t fast_ = 0;
  Label accept_ = 0, reject_ = 0;
  std::optional<Label> tagged_;
  std::vector<Label> starts_;
  std::vector<bool> reachable_;
  std::vector<std::function<void()>> later_;
};

}  // namespace

std::vector<bpf_insn> translate_filter(const std::vector<ClassicInstruction>& code, FilterContext context, const FilterStage& stage) {
  validate_filter(code);
  return Translator(code, context, stage).run();
}

}  // namespace xdpeek
