// /proc/kallsyms: "ffffffff814dcf10 T __bpf_call_base", a line a symbol; all zero when hidden.
#include "helper_symbols.h"

#include <linux/bpf.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace xdpeek {
namespace {

constexpr const char* kBase = "__bpf_call_base";

/// "address T name" → name; empty for data and for hidden addresses.
std::string function_of(const std::string& line, uint64_t& address) {
  char* rest = nullptr;
  address = std::strtoull(line.c_str(), &rest, 16);
  if (address == 0 || *rest != ' ' || (rest[1] | 0x20) != 't' || rest[2] != ' ') return {};
  return std::string(rest + 3, std::strcspn(rest + 3, "\t"));
}

}  // namespace

std::map<int32_t, std::string> helper_symbols(const std::vector<uint8_t>& xlated) {
  std::map<int32_t, std::string> names;
  for (size_t at = 0; at + sizeof(bpf_insn) <= xlated.size(); at += sizeof(bpf_insn)) {
    bpf_insn one;
    std::memcpy(&one, &xlated[at], sizeof one);
    // Numbers below this one are helpers by number: tail calls, and programs that were not translated.
    if (one.code == (BPF_JMP | BPF_CALL) && one.src_reg != BPF_PSEUDO_CALL && (one.imm < 0 || one.imm >= __BPF_FUNC_MAX_ID)) names[one.imm];
  }
  if (names.empty()) return names;

  std::ifstream in("/proc/kallsyms");
  std::stringstream symbols;
  symbols << in.rdbuf();
  uint64_t base = 0, address = 0;
  for (std::string line; base == 0 && std::getline(symbols, line);)
    if (line.ends_with(kBase) && function_of(line, address) == kBase) base = address;
  if (base == 0) return {};
  symbols.clear();
  symbols.seekg(0);
  for (std::string line; std::getline(symbols, line);) {
    const uint64_t far = std::strtoull(line.c_str(), nullptr, 16) - base;
    const auto found = names.find(static_cast<int32_t>(far));
    if (found == names.end() || static_cast<int64_t>(far) != found->first || !found->second.empty()) continue;
    found->second = function_of(line, address);
  }
  std::erase_if(names, [](const auto& each) { return each.second.empty(); });
  return names;
}

}  // namespace xdpeek
