// One opened and loaded eBPF object, with the settings of one target written into its constants. Errors carry what libbpf and the
// verifier said.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
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
  /// Uses another object's map instead of its own.
  void reuse(const char* map, int fd);
  /// Loads `program` alone; the others of the object are left out.
  void load(const char* program, const std::string& tried);
  int map_fd(const char* map) const;
  int program_fd() const { return program_fd_; }
  uint32_t program_id() const;

 private:
  bpf_map* map(const char* name) const;
  struct Close {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };
  std::unique_ptr<bpf_object, Close> object_;
  std::string path_;
  int program_fd_ = -1;
};

}  // namespace xdpeek
