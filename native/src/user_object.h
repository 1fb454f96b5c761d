// Programs and maps that people bring: an object file's bytes, bare instructions, or the wish for one map. Destroying it lets go of all of them;
// what is attached or pinned stays with its holder.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unique_fd.h"

namespace xdpeek {

struct ObjectOptions {
  std::vector<uint8_t> bytes;
  std::string name;
  std::vector<std::string> programs;                          ///< by name or section; empty = all
  std::vector<std::pair<std::string, std::string>> types;     ///< program → libbpf's name of its type
  struct Variable {
    std::string section;
    size_t offset;
    std::vector<uint8_t> data;
  };
  std::vector<Variable> variables;
  std::vector<std::pair<std::string, uint32_t>> map_sizes;
  std::vector<std::pair<std::string, uint32_t>> reuse;        ///< map → id of the one to use
  std::string pin_dir;                                        ///< folder of xdpeek's own in bpffs; empty = none
  int log_level = 0;
};

struct CodeOptions {
  std::vector<uint8_t> code;  ///< struct bpf_insn × n
  std::string name, type, attach_type, license;
  std::vector<std::pair<uint32_t, uint32_t>> maps;  ///< number in the fd slots → map id
  int log_level = 0;
};

struct MapOptions {
  std::string type, name;
  uint32_t key_bytes, value_bytes, max_entries, flags;
  uint32_t inner = 0;  ///< id of the map that those in a map of maps are like
};

class UserObject {
 public:
  struct Program {
    std::string name, section, type;
    uint32_t id;
    int fd;
    bpf_program* program;  ///< null for bare instructions
  };
  struct Map {
    std::string name;
    uint32_t id;
  };

  /// Failures: code FORMAT (no object, or for another machine), VERIFIER (with the log), MAPMISMATCH, ENOENT (no such program or map), or errno's.
  explicit UserObject(const ObjectOptions& options);
  explicit UserObject(const CodeOptions& options);
  explicit UserObject(const MapOptions& options);
  ~UserObject();
  UserObject(const UserObject&) = delete;
  UserObject& operator=(const UserObject&) = delete;

  const std::vector<Program>& programs() const { return programs_; }
  const std::vector<Map>& maps() const { return maps_; }
  const std::string& log() const { return log_; }

 private:
  void adopt_program(Program program);
  void adopt_map(std::string name, int fd);

  struct Close {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };
  std::unique_ptr<bpf_object, Close> object_;
  std::vector<UniqueFd> fds_;
  std::vector<Program> programs_;
  std::vector<Map> maps_;
  std::string log_;
};

/// Opens without loading. Throws FORMAT with what is wrong with the file.
bpf_object* open_user_object(const std::vector<uint8_t>& bytes, const std::string& name);

/// By libbpf's names; nullopt for unknown ones.
std::optional<bpf_prog_type> program_type_of(const std::string& name);
std::optional<bpf_map_type> map_type_of(const std::string& name);
std::optional<bpf_attach_type> attach_type_of(const std::string& name);
std::string program_type_name(bpf_prog_type type);

}  // namespace xdpeek
