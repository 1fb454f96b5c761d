// What eBPF the kernel holds: programs, maps and links by their ids, with what bpf_obj_get_info_by_fd tells of them. What goes away while we
// look is left out. Needs CAP_SYS_ADMIN (ids) and CAP_BPF.
#pragma once
#include <linux/bpf.h>

#include <cstdint>
#include <string>
#include <vector>

#include "unique_fd.h"

namespace xdpeek {

enum class KernelKind { kProgram, kMap, kLink };

/// Throws ENOENT with a hint for an id that is gone, EPERM without the rights.
UniqueFd open_by_id(KernelKind kind, uint32_t id);
/// All ids of a kind, rising.
std::vector<uint32_t> ids_of(KernelKind kind);

struct ProgramRecord {
  bpf_prog_info info{};
  std::string name;  ///< from BTF where there is one: the kernel's own has 15 characters
  std::vector<uint32_t> map_ids;
  uint64_t memory_bytes = 0;
};
std::vector<ProgramRecord> list_programs();

struct MapRecord {
  bpf_map_info info{};
  uint64_t memory_bytes = 0;
  bool frozen = false;
};
std::vector<MapRecord> list_maps();

struct LinkRecord {
  bpf_link_info info{};
  /// Name of a tracepoint, function or iterator, where the link has one.
  std::string name;
  std::string attach_type;
  uint32_t ifindex = 0;
};
std::vector<LinkRecord> list_links();

/// bpf_prog_info with its arrays. Throws ENOENT.
struct ProgramCode {
  std::vector<uint8_t> xlated, jited, line_info, func_info;
  std::vector<uint64_t> jited_ksyms, jited_line_info;
  std::vector<uint32_t> jited_lengths;
  uint32_t btf_id = 0;
};
ProgramCode read_program_code(uint32_t id);

/// The name of the function that a program begins with, from its BTF; empty without.
std::string whole_program_name(int program_fd);

/// A number behind `key` ("memlock:") in /proc/self/fdinfo of an fd; 0 where there is none.
uint64_t fdinfo_number(int fd, const char* key);

}  // namespace xdpeek
