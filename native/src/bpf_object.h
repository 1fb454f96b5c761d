// One opened and loaded eBPF object, with the settings of one target written into its constants. Errors carry what libbpf and the
// verifier said.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>

namespace xdpeek {

class BpfObject {
 public:
  /// Opens without loading. Throws Failure (missing file: says that the build is incomplete).
  explicit BpfObject(const std::string& path);
  /// Sets `const volatile` globals by name; unknown names are a programming error.
  void set_constants(const std::map<std::string, uint32_t>& values);
  void resize(const char* map, uint32_t max_entries);
  void resize_value(const char* map, uint32_t bytes);
  /// Uses another object's map instead of its own.
  void reuse(const char* map, int fd);
  /// fentry/fexit: the program to look at, and its function's name. Before `load`.
  void set_attach_target(const char* program, int target_fd, const std::string& function);
  /// Loads the named programs alone; the others of the object are left out.
  void load(std::initializer_list<const char*> programs, const std::string& tried);
  int map_fd(const char* map) const;
  bpf_program* program(const char* name) const;
  int program_fd(const char* name) const { return bpf_program__fd(program(name)); }
  uint32_t program_id(const char* name) const;

 private:
  bpf_map* map(const char* name) const;
  struct Close {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };
  std::unique_ptr<bpf_object, Close> object_;
  std::string path_;
};

}  // namespace xdpeek
