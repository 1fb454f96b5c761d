// libbpf with its messages caught: what it would print goes, trimmed, into the error of the call that failed.
#include "bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "errors.h"
#include "libbpf_log.h"

namespace xdpeek {
namespace {

std::string load_hint(int error) {
  switch (error) {
    case EPERM:
      return "Loading eBPF programs needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; a locked-down kernel refuses even root.";
    case ENOMEM:
    case E2BIG:
      return "Choose a smaller buffer or flow table.";
    default:
      return "The kernel's verifier said: " + last_words(libbpf_log(), 8);
  }
}

}  // namespace

BpfObject::BpfObject(const std::string& path) : path_(path) {
  begin_libbpf_log();
  object_.reset(bpf_object__open_file(path.c_str(), nullptr));
  if (!object_) throw Failure(errno, "open the eBPF object " + path.substr(path.rfind('/') + 1), "The installation is incomplete: build or install it again.");
  bpf_program* program;
  bpf_object__for_each_program(program, object_.get()) bpf_program__set_autoload(program, false);
}

bpf_map* BpfObject::map(const char* name) const {
  bpf_map* found = bpf_object__find_map_by_name(object_.get(), name);
  if (!found) throw std::logic_error(path_ + " has no map " + name);
  return found;
}

void BpfObject::set_constants(const std::map<std::string, uint32_t>& values) {
  size_t size = 0;
  auto* bytes = static_cast<uint8_t*>(const_cast<void*>(bpf_map__initial_value(map(".rodata"), &size)));
  const btf* types = bpf_object__btf(object_.get());
  const int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
  const btf_type* layout = btf__type_by_id(types, static_cast<uint32_t>(section));
  size_t written = 0;
  for (int i = 0; layout && i < btf_vlen(layout); i++) {
    const btf_var_secinfo& variable = btf_var_secinfos(layout)[i];
    const auto value = values.find(btf__name_by_offset(types, btf__type_by_id(types, variable.type)->name_off));
    if (value == values.end() || variable.offset + variable.size > size) continue;
    std::memcpy(bytes + variable.offset, &value->second, std::min<size_t>(variable.size, sizeof value->second));  // little-endian hosts
    written++;
  }
  if (written != values.size()) throw std::logic_error(path_ + " lacks a constant that was to be set");
}

void BpfObject::resize(const char* name, uint32_t max_entries) { bpf_map__set_max_entries(map(name), max_entries); }

void BpfObject::resize_value(const char* name, uint32_t bytes) { bpf_map__set_value_size(map(name), bytes); }

void BpfObject::reuse(const char* name, int fd) {
  if (bpf_map__reuse_fd(map(name), fd) < 0) throw Failure(errno, std::string("share the map ") + name);
}

bpf_program* BpfObject::program(const char* name) const {
  bpf_program* found = bpf_object__find_program_by_name(object_.get(), name);
  if (!found) throw std::logic_error(path_ + " has no program " + name);
  return found;
}

void BpfObject::set_attach_target(const char* name, int target_fd, const std::string& function) {
  if (bpf_program__set_attach_target(program(name), target_fd, function.c_str()) < 0)
    throw Failure(errno, "find the function " + function + " in the type information (BTF) of the program");
}

void BpfObject::load(std::initializer_list<const char*> programs, const std::string& tried) {
  for (const char* name : programs) bpf_program__set_autoload(program(name), true);
  begin_libbpf_log();
  if (bpf_object__load(object_.get()) < 0) {
    const int error = errno;
    throw Failure(error, tried, load_hint(error));
  }
}

int BpfObject::map_fd(const char* name) const { return bpf_map__fd(map(name)); }

uint32_t BpfObject::program_id(const char* name) const {
  bpf_prog_info info{};
  uint32_t length = sizeof info;
  return bpf_prog_get_info_by_fd(program_fd(name), &info, &length) == 0 ? info.id : 0;
}

}  // namespace xdpeek
