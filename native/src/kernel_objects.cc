// Walking the kernel's ids (BPF_*_GET_NEXT_ID) and reading bpf_*_info (Documentation/bpf/, include/uapi/linux/bpf.h).
#include "kernel_objects.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "errors.h"

namespace xdpeek {
namespace {

const char* word_of(KernelKind kind) { return kind == KernelKind::kProgram ? "program" : kind == KernelKind::kMap ? "map" : "link"; }

int fd_by_id(KernelKind kind, uint32_t id) {
  switch (kind) {
    case KernelKind::kProgram: return bpf_prog_get_fd_by_id(id);
    case KernelKind::kMap: return bpf_map_get_fd_by_id(id);
    default: return bpf_link_get_fd_by_id(id);
  }
}

int next_id(KernelKind kind, uint32_t id, uint32_t* next) {
  switch (kind) {
    case KernelKind::kProgram: return bpf_prog_get_next_id(id, next);
    case KernelKind::kMap: return bpf_map_get_next_id(id, next);
    default: return bpf_link_get_next_id(id, next);
  }
}

constexpr const char* kRights = "Looking at the kernel's eBPF needs root, or CAP_BPF and CAP_SYS_ADMIN.";

/// Asks again with a buffer for the name that this type of link has.
void read_link_name(int fd, LinkRecord& link) {
  std::array<char, 256> name{};
  const uint64_t buffer = reinterpret_cast<uint64_t>(name.data());
  bpf_link_info info{};
  switch (link.info.type) {
    case BPF_LINK_TYPE_RAW_TRACEPOINT:
      info.raw_tracepoint.tp_name = buffer;
      info.raw_tracepoint.tp_name_len = name.size();
      break;
    case BPF_LINK_TYPE_ITER:
      info.iter.target_name = buffer;
      info.iter.target_name_len = name.size();
      break;
    case BPF_LINK_TYPE_PERF_EVENT:
      if (link.info.perf_event.type == BPF_PERF_EVENT_TRACEPOINT) {
        info.perf_event.tracepoint.tp_name = buffer;
        info.perf_event.tracepoint.name_len = name.size();
      } else if (link.info.perf_event.type == BPF_PERF_EVENT_KPROBE || link.info.perf_event.type == BPF_PERF_EVENT_KRETPROBE) {
        info.perf_event.kprobe.func_name = buffer;
        info.perf_event.kprobe.name_len = name.size();
      } else if (link.info.perf_event.type == BPF_PERF_EVENT_UPROBE || link.info.perf_event.type == BPF_PERF_EVENT_URETPROBE) {
        info.perf_event.uprobe.file_name = buffer;
        info.perf_event.uprobe.name_len = name.size();
      } else return;
      break;
    default:
      return;
  }
  uint32_t length = sizeof info;
  if (bpf_link_get_info_by_fd(fd, &info, &length) == 0) link.name = name.data();
}

void read_link_place(LinkRecord& link) {
  const auto type = [&](uint32_t value) {
    const char* name = libbpf_bpf_attach_type_str(static_cast<bpf_attach_type>(value));
    link.attach_type = name ? name : std::to_string(value);
  };
  switch (link.info.type) {
    case BPF_LINK_TYPE_XDP: link.ifindex = link.info.xdp.ifindex; break;
    case BPF_LINK_TYPE_TCX: link.ifindex = link.info.tcx.ifindex; type(link.info.tcx.attach_type); break;
    case BPF_LINK_TYPE_NETKIT: link.ifindex = link.info.netkit.ifindex; type(link.info.netkit.attach_type); break;
    case BPF_LINK_TYPE_TRACING: type(link.info.tracing.attach_type); break;
    case BPF_LINK_TYPE_CGROUP: type(link.info.cgroup.attach_type); break;
    case BPF_LINK_TYPE_NETNS: type(link.info.netns.attach_type); break;
    default: break;
  }
}

template <class T>
void resize_and_point(std::vector<T>& out, uint32_t count, uint32_t& wanted, __u64& pointer) {
  out.resize(count);
  wanted = count;
  pointer = reinterpret_cast<uint64_t>(out.data());
}

}  // namespace

UniqueFd open_by_id(KernelKind kind, uint32_t id) {
  UniqueFd fd(fd_by_id(kind, id));
  if (fd) return fd;
  const int error = errno;
  const std::string what = std::string(word_of(kind)) + " " + std::to_string(id);
  if (error == ENOENT) throw Failure("ENOENT", "open " + what, "there is none with this id (any more)", "Look at the list again: ids are never used twice.");
  throw Failure(error, "open " + what, error == EPERM ? kRights : "");
}

std::vector<uint32_t> ids_of(KernelKind kind) {
  std::vector<uint32_t> ids;
  uint32_t id = 0;
  while (next_id(kind, id, &id) == 0) ids.push_back(id);
  if (errno != ENOENT) throw Failure(errno, std::string("list the ") + word_of(kind) + "s of this machine", errno == EPERM ? kRights : "");
  return ids;
}

uint64_t fdinfo_number(int fd, const char* key) {
  std::ifstream in("/proc/self/fdinfo/" + std::to_string(fd));
  const std::string wanted(key);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(wanted)) return std::strtoull(line.c_str() + wanted.size(), nullptr, 10);
  return 0;
}

std::string whole_program_name(int program_fd) {
  bpf_func_info function{};
  bpf_prog_info info{};
  info.nr_func_info = 1;
  info.func_info_rec_size = sizeof function;
  info.func_info = reinterpret_cast<uint64_t>(&function);
  uint32_t length = sizeof info;
  if (bpf_prog_get_info_by_fd(program_fd, &info, &length) < 0 || info.btf_id == 0 || info.nr_func_info == 0) return {};
  const std::unique_ptr<btf, decltype(&btf__free)> types(btf__load_from_kernel_by_id(info.btf_id), btf__free);
  const btf_type* type = types ? btf__type_by_id(types.get(), function.type_id) : nullptr;
  const char* name = type ? btf__name_by_offset(types.get(), type->name_off) : nullptr;
  return name ? name : "";
}

std::vector<ProgramRecord> list_programs() {
  std::vector<ProgramRecord> programs;
  for (const uint32_t id : ids_of(KernelKind::kProgram)) {
    UniqueFd fd(bpf_prog_get_fd_by_id(id));
    ProgramRecord program;
    uint32_t length = sizeof program.info;
    if (!fd || bpf_prog_get_info_by_fd(fd.get(), &program.info, &length) < 0) continue;
    program.map_ids.resize(program.info.nr_map_ids);
    bpf_prog_info maps{};
    maps.nr_map_ids = program.info.nr_map_ids;
    maps.map_ids = reinterpret_cast<uint64_t>(program.map_ids.data());
    length = sizeof maps;
    if (maps.nr_map_ids > 0 && bpf_prog_get_info_by_fd(fd.get(), &maps, &length) < 0) program.map_ids.clear();
    program.name = program.info.name;
    if (program.name.size() == BPF_OBJ_NAME_LEN - 1) {
      const std::string whole = whole_program_name(fd.get());
      if (whole.starts_with(program.name)) program.name = whole;
    }
    program.memory_bytes = fdinfo_number(fd.get(), "memlock:");
    programs.push_back(std::move(program));
  }
  return programs;
}

std::vector<MapRecord> list_maps() {
  std::vector<MapRecord> maps;
  for (const uint32_t id : ids_of(KernelKind::kMap)) {
    UniqueFd fd(bpf_map_get_fd_by_id(id));
    MapRecord map;
    uint32_t length = sizeof map.info;
    if (!fd || bpf_map_get_info_by_fd(fd.get(), &map.info, &length) < 0) continue;
    map.memory_bytes = fdinfo_number(fd.get(), "memlock:");
    map.frozen = fdinfo_number(fd.get(), "frozen:") != 0;
    maps.push_back(map);
  }
  return maps;
}

std::vector<LinkRecord> list_links() {
  std::vector<LinkRecord> links;
  for (const uint32_t id : ids_of(KernelKind::kLink)) {
    UniqueFd fd(bpf_link_get_fd_by_id(id));
    LinkRecord link;
    uint32_t length = sizeof link.info;
    if (!fd || bpf_link_get_info_by_fd(fd.get(), &link.info, &length) < 0) continue;
    read_link_place(link);
    read_link_name(fd.get(), link);
    links.push_back(std::move(link));
  }
  return links;
}

ProgramCode read_program_code(uint32_t id) {
  const UniqueFd fd = open_by_id(KernelKind::kProgram, id);
  const std::string tried = "read the code of program " + std::to_string(id);
  bpf_prog_info sizes{};
  uint32_t length = sizeof sizes;
  if (bpf_prog_get_info_by_fd(fd.get(), &sizes, &length) < 0) throw Failure(errno, tried);
  ProgramCode code;
  code.btf_id = sizes.btf_id;
  bpf_prog_info info{};
  resize_and_point(code.xlated, sizes.xlated_prog_len, info.xlated_prog_len, info.xlated_prog_insns);
  resize_and_point(code.jited, sizes.jited_prog_len, info.jited_prog_len, info.jited_prog_insns);
  resize_and_point(code.jited_ksyms, sizes.nr_jited_ksyms, info.nr_jited_ksyms, info.jited_ksyms);
  resize_and_point(code.jited_lengths, sizes.nr_jited_func_lens, info.nr_jited_func_lens, info.jited_func_lens);
  resize_and_point(code.jited_line_info, sizes.nr_jited_line_info, info.nr_jited_line_info, info.jited_line_info);
  code.line_info.resize(size_t{sizes.nr_line_info} * sizeof(bpf_line_info));
  code.func_info.resize(size_t{sizes.nr_func_info} * sizeof(bpf_func_info));
  info.nr_line_info = sizes.nr_line_info;
  info.line_info_rec_size = sizeof(bpf_line_info);
  info.line_info = reinterpret_cast<uint64_t>(code.line_info.data());
  info.nr_func_info = sizes.nr_func_info;
  info.func_info_rec_size = sizeof(bpf_func_info);
  info.func_info = reinterpret_cast<uint64_t>(code.func_info.data());
  info.jited_line_info_rec_size = sizeof(uint64_t);
  length = sizeof info;
  if (bpf_prog_get_info_by_fd(fd.get(), &info, &length) < 0) throw Failure(errno, tried);
  // kernel.bpf_jit_harden and lockdown hide them: the pointers come back as zero.
  if (info.xlated_prog_insns == 0) code.xlated.clear();
  if (info.jited_prog_insns == 0) code.jited.clear();
  return code;
}

}  // namespace xdpeek
