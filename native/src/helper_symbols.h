// Names of the kernel functions that a program calls. In code that the kernel hands out, a helper's number is its distance from __bpf_call_base.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xdpeek {

/// Immediate → symbol, for the calls of `xlated` (struct bpf_insn × n). Empty where the kernel hides its addresses (kptr_restrict, lockdown).
std::map<int32_t, std::string> helper_symbols(const std::vector<uint8_t>& xlated);

}  // namespace xdpeek
