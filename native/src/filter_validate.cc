// What classic BPF may be, checked before any of it becomes eBPF: the rules of the kernel's bpf_check_classic() and libpcap's
// pcap_validate_filter(), less the kernel's ancillary loads, which no filter of ours needs.
#include <linux/filter.h>

#include <string>

#include "errors.h"
#include "filter_program.h"

namespace xdpeek {
namespace {

constexpr size_t kMaxInstructions = 4096;  // BPF_MAXINSNS
constexpr uint32_t kMaxOffset = 0xffff;    // no packet is longer

[[noreturn]] void refuse(size_t at, const std::string& why) {
  throw Failure("FILTER", "check the capture filter", "instruction " + std::to_string(at) + " " + why, "The filter was not made by libpcap, or damaged on the way.");
}

void check_load(const ClassicInstruction& each, size_t at) {
  const unsigned mode = BPF_MODE(each.code), size = BPF_SIZE(each.code);
  const bool x = BPF_CLASS(each.code) == BPF_LDX;
  switch (mode) {
    case BPF_IMM:
    case BPF_LEN:
      if (size != BPF_W) refuse(at, "has a load of a wrong size");
      return;
    case BPF_MEM:
      if (size != BPF_W) refuse(at, "has a load of a wrong size");
      if (each.k >= BPF_MEMWORDS) refuse(at, "reads memory that there is not");
      return;
    case BPF_MSH:
      if (!x || size != BPF_B) refuse(at, "has a load of an unknown kind");
      break;
    case BPF_ABS:
    case BPF_IND:
      if (x || size == 0x18) refuse(at, "has a load of an unknown kind");
      break;
    default:
      refuse(at, "has a load of an unknown kind");
  }
  // Negative offsets mean ancillary data to the kernel. Offsets behind any packet are kept: such a load fails, as it does in libpcap.
  if (mode != BPF_IND && each.k > kMaxOffset && static_cast<int32_t>(each.k) < 0) refuse(at, "asks for the kernel's own data");
}

void check_alu(const ClassicInstruction& each, size_t at) {
  const unsigned op = BPF_OP(each.code);
  if (op > BPF_XOR || (each.code & ~(0x07 | 0xf0 | BPF_X))) refuse(at, "has an unknown operation");
  if (op == BPF_NEG && BPF_SRC(each.code) != BPF_K) refuse(at, "has an unknown operation");
  if (BPF_SRC(each.code) != BPF_K) return;
  if ((op == BPF_DIV || op == BPF_MOD) && each.k == 0) refuse(at, "divides by zero");
  if ((op == BPF_LSH || op == BPF_RSH) && each.k > 31) refuse(at, "shifts by more than 31 bits");
}

void check_jump(const ClassicInstruction& each, size_t at, size_t count) {
  const unsigned op = BPF_OP(each.code);
  const size_t left = count - at - 1;
  if (op == BPF_JA) {
    if (each.code != (BPF_JMP | BPF_JA)) refuse(at, "has an unknown jump");
    if (each.k >= left) refuse(at, "jumps out of the program");
    return;
  }
  if (op > BPF_JSET || (each.code & ~(0x07 | 0xf0 | BPF_X))) refuse(at, "has an unknown jump");
  if (each.jt >= left || each.jf >= left) refuse(at, "jumps out of the program");
}

}  // namespace

void validate_filter(const std::vector<ClassicInstruction>& code) {
  if (code.empty() || code.size() > kMaxInstructions)
    throw Failure("FILTER", "check the capture filter", "it has " + std::to_string(code.size()) + " instructions; 1 to " + std::to_string(kMaxInstructions) + " are possible");
  for (size_t at = 0; at < code.size(); at++) {
    const ClassicInstruction& each = code[at];
    if (each.code > 0xff) refuse(at, "has an unknown operation");
    switch (BPF_CLASS(each.code)) {
      case BPF_LD:
      case BPF_LDX:
        check_load(each, at);
        break;
      case BPF_ST:
      case BPF_STX:
        if (each.code != BPF_CLASS(each.code)) refuse(at, "has an unknown store");
        if (each.k >= BPF_MEMWORDS) refuse(at, "writes memory that there is not");
        break;
      case BPF_ALU:
        check_alu(each, at);
        break;
      case BPF_JMP:
        check_jump(each, at, code.size());
        break;
      case BPF_RET:
        if (each.code != (BPF_RET | BPF_K) && each.code != (BPF_RET | BPF_A)) refuse(at, "has an unknown return");
        break;
      default:
        if (each.code != (BPF_MISC | BPF_TAX) && each.code != (BPF_MISC | BPF_TXA)) refuse(at, "has an unknown operation");
    }
  }
  if (BPF_CLASS(code.back().code) != BPF_RET) refuse(code.size() - 1, "is the last one and does not return");
}

}  // namespace xdpeek
