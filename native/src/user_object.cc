// libbpf does the opening, relocating and loading; here are the choices, the checks before them, and the words for each failure.
#include "user_object.h"

#include <bpf/bpf.h>
#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "errors.h"
#include "kernel_maps.h"
#include "kernel_objects.h"
#include "libbpf_log.h"
#include "own_objects.h"
#include "pin_folder.h"

namespace xdpeek {
namespace {

constexpr size_t kLogBytes = 8 << 20;
/// libbpf's own error numbers begin here (libbpf.h, enum libbpf_errno).
constexpr int kLibbpfErrors = 4000;

template <class Type, class Name>
std::optional<Type> by_name(const std::string& wanted, Name&& name_of) {
  for (int value = 0; value < 128; value++) {
    const char* name = name_of(static_cast<Type>(value));
    if (name && wanted == name) return static_cast<Type>(value);
  }
  return std::nullopt;
}

/// What libbpf would say as a number, before it is asked.
void check_elf(const std::vector<uint8_t>& bytes, const std::string& tried) {
  const auto refuse = [&](const std::string& why, const char* hint = "Make one with clang -O2 -g -target bpf -c.") { throw Failure("FORMAT", tried, why, hint); };
  if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) refuse("it is not an ELF object file");
  if (bytes.size() < sizeof(Elf64_Ehdr)) refuse("it is cut off within its header");
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64) refuse("it is a 32-bit ELF file; eBPF objects have 64 bits");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) refuse("it is for machines of the other byte order", "Compile it with -target bpf (or bpfel).");
  if (header.e_machine != EM_BPF) refuse("it is for another processor (ELF machine " + std::to_string(header.e_machine) + "), not for eBPF", "Compile it with clang -target bpf.");
  if (header.e_shoff > bytes.size() || size_t{header.e_shnum} * sizeof(Elf64_Shdr) > bytes.size() - header.e_shoff) refuse("it is cut off: its table of sections lies beyond its end", "Copy or compile it again.");
}

std::string names_of(bpf_object* object) {
  std::string names;
  bpf_program* program;
  bpf_object__for_each_program(program, object) names += std::string(names.empty() ? "" : ", ") + bpf_program__name(program);
  return names.empty() ? "It has none." : "It has: " + names + ".";
}

bpf_program* find_program(bpf_object* object, const std::string& wanted, const std::string& tried) {
  if (bpf_program* found = bpf_object__find_program_by_name(object, wanted.c_str())) return found;
  bpf_program* program;
  bpf_object__for_each_program(program, object) if (wanted == bpf_program__section_name(program)) return program;
  throw Failure("ENOENT", tried, "it has no program '" + wanted + "', neither by name nor by section", names_of(object));
}

bpf_map* find_map(bpf_object* object, const std::string& wanted, const std::string& tried) {
  if (bpf_map* found = bpf_object__find_map_by_name(object, wanted.c_str())) return found;
  std::string names;
  bpf_map* map;
  bpf_object__for_each_map(map, object) if (!bpf_map__is_internal(map)) names += std::string(names.empty() ? "" : ", ") + bpf_map__name(map);
  throw Failure("ENOENT", tried, "it has no map '" + wanted + "'", names.empty() ? "It has none." : "It has: " + names + ".");
}

void choose_programs(bpf_object* object, const ObjectOptions& options, const std::string& tried) {
  bpf_program* program;
  if (!options.programs.empty()) {
    bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
    for (const std::string& name : options.programs) bpf_program__set_autoload(find_program(object, name, tried), true);
  }
  for (const auto& [name, type] : options.types) {
    const auto known = program_type_of(type);
    if (!known) throw Failure("EINVAL", tried, "there is no program type '" + type + "'", "Types have libbpf's names: xdp, sched_cls, socket_filter, kprobe, tracepoint, tracing….");
    bpf_program__set_type(find_program(object, name, tried), *known);
    if (*known == BPF_PROG_TYPE_XDP) bpf_program__set_expected_attach_type(find_program(object, name, tried), BPF_XDP);
  }
  bpf_object__for_each_program(program, object)
    if (bpf_program__autoload(program) && bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC)
      throw Failure("NOTYPE", tried, std::string("the section '") + bpf_program__section_name(program) + "' of program '" + bpf_program__name(program) + "' does not say what kind of program it is",
                    "Name its type, as in " + std::string(bpf_program__name(program)) + "=xdp, or rename the section to one that libbpf knows (xdp, tc, …).");
}

void set_variables(bpf_object* object, const ObjectOptions& options, const std::string& tried) {
  for (const ObjectOptions::Variable& variable : options.variables) {
    bpf_map* map;
    uint8_t* bytes = nullptr;
    size_t size = 0;
    bpf_object__for_each_map(map, object)
      if (bpf_map__is_internal(map) && std::string(bpf_map__name(map)).ends_with(variable.section)) bytes = static_cast<uint8_t*>(const_cast<void*>(bpf_map__initial_value(map, &size)));
    if (!bytes || variable.offset + variable.data.size() > size) throw Failure("EINVAL", tried, "there is no variable at " + variable.section + "+" + std::to_string(variable.offset));
    std::memcpy(bytes + variable.offset, variable.data.data(), variable.data.size());
  }
}

std::string shape(const char* type, uint32_t key, uint32_t value, uint32_t entries) {
  return std::string(type ? type : "?") + ", key " + std::to_string(key) + " B, value " + std::to_string(value) + " B, " + std::to_string(entries) + " entries";
}

/// Uses the map behind `fd` if it is what the object wants.
void reuse_map(bpf_map* map, int fd, const std::string& tried) {
  bpf_map_info info{};
  uint32_t length = sizeof info;
  if (bpf_map_get_info_by_fd(fd, &info, &length) < 0) throw Failure(errno, tried);
  const bool same = info.type == bpf_map__type(map) && info.key_size == bpf_map__key_size(map) && info.value_size == bpf_map__value_size(map) && info.max_entries == bpf_map__max_entries(map);
  if (!same)
    throw Failure("MAPMISMATCH", tried, std::string("the map '") + bpf_map__name(map) + "' wants to be " + shape(libbpf_bpf_map_type_str(bpf_map__type(map)), bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map)) +
                      "; map " + std::to_string(info.id) + " is " + shape(libbpf_bpf_map_type_str(static_cast<bpf_map_type>(info.type)), info.key_size, info.value_size, info.max_entries),
                  "Choose another map, unpin the old one, or load without using maps again.");
  if (bpf_map__reuse_fd(map, fd) < 0) throw Failure(errno, tried);
}

/// Maps that are pinned in the folder already are used; the others are returned, to be pinned there after loading.
std::vector<bpf_map*> reuse_pinned(bpf_object* object, const std::string& pin_dir, const std::string& tried) {
  std::vector<bpf_map*> fresh;
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__is_internal(map)) continue;
    // The name is the file's word: pin_path refuses what would lead elsewhere.
    const UniqueFd fd(bpf_obj_get(pin_path(pin_dir + "/" + bpf_map__name(map)).c_str()));
    if (fd) reuse_map(map, fd.get(), tried);
    else fresh.push_back(map);
  }
  return fresh;
}

/// All of them or none.
void pin_all(const std::vector<bpf_map*>& maps, const std::string& pin_dir) {
  std::vector<std::string> pinned;
  for (bpf_map* map : maps) {
    const std::string name = pin_dir + "/" + bpf_map__name(map), path = pin_path(name);
    if (bpf_map__pin(map, path.c_str()) == 0) {
      pinned.push_back(path);
      continue;
    }
    const int error = errno;
    for (const std::string& each : pinned) ::unlink(each.c_str());
    tidy_pin_folder(name);
    throw Failure(error, "pin the map " + std::string(bpf_map__name(map)) + " as " + path);
  }
}

class LogBuffers {
 public:
  LogBuffers(bpf_object* object, int level) {
    bpf_program* program;
    bpf_object__for_each_program(program, object) {
      if (!bpf_program__autoload(program)) continue;
      // Never touched unless written to: the kernel maps the pages when it needs them.
      logs_.push_back({program, std::unique_ptr<char[]>(new char[kLogBytes])});
      logs_.back().text[0] = '\0';
      bpf_program__set_log_buf(program, logs_.back().text.get(), kLogBytes);
      bpf_program__set_log_level(program, static_cast<uint32_t>(level));
    }
  }
  /// "== NAME\n" and what the verifier said, of each program that it said something of.
  std::string text() const {
    std::string all;
    for (const auto& [program, log] : logs_)
      if (log[0] != '\0') all += std::string("== ") + bpf_program__name(program) + "\n" + log.get() + (all.ends_with('\n') ? "" : "\n");
    return all;
  }

 private:
  struct Log {
    bpf_program* program;
    std::unique_ptr<char[]> text;
  };
  std::vector<Log> logs_;
};

[[noreturn]] void refuse_load(int error, const std::string& tried, const std::string& verifier) {
  const std::string& said = libbpf_log();
  if (!verifier.empty()) {
    Failure failure("VERIFIER", tried, "the kernel's verifier refused it: " + last_words(verifier, 1), "Its log shows the instruction, and what it knew there.");
    failure.set_log(verifier);
    throw failure;
  }
  std::string hint;
  if (error == EPERM) hint = "Loading eBPF programs needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; a locked-down kernel refuses even root.";
  else if (error == E2BIG || error == ENOMEM) hint = "A map is larger than the memory that is left: give it fewer entries.";
  else if (error == ESRCH || said.find("BTF") != std::string::npos) hint = "It needs type information (BTF) that this kernel or the object does not have: " + last_words(said, 1);
  else if (!said.empty()) hint = "libbpf said: " + said.substr(said.rfind("libbpf: ", said.size()) == std::string::npos ? 0 : said.rfind("libbpf: "));
  while (hint.ends_with('\n')) hint.pop_back();
  Failure failure(error, tried, hint);
  failure.set_log(said);
  throw failure;
}

}  // namespace

std::optional<bpf_prog_type> program_type_of(const std::string& name) { return by_name<bpf_prog_type>(name, libbpf_bpf_prog_type_str); }
std::optional<bpf_map_type> map_type_of(const std::string& name) { return by_name<bpf_map_type>(name, libbpf_bpf_map_type_str); }
std::optional<bpf_attach_type> attach_type_of(const std::string& name) { return by_name<bpf_attach_type>(name, libbpf_bpf_attach_type_str); }
std::string program_type_name(bpf_prog_type type) {
  const char* name = libbpf_bpf_prog_type_str(type);
  return name ? name : std::to_string(static_cast<int>(type));
}

bpf_object* open_user_object(const std::vector<uint8_t>& bytes, const std::string& name) {
  const std::string tried = "open the eBPF object " + name;
  check_elf(bytes, tried);
  begin_libbpf_log();
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
  bpf_object* object = bpf_object__open_mem(bytes.data(), bytes.size(), &options);
  if (object) {
    // Maps that ask to be pinned by name would land outside of xdpeek's own folder: where pins go is the user's choice (pin_dir), not the object's.
    bpf_map* map;
    bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, nullptr);
    return object;
  }
  const int error = errno;
  const std::string& said = libbpf_log();
  std::string words = last_words(said, 2);
  if (words.empty() && !said.empty()) words = said.substr(said.find(": ") == std::string::npos ? 0 : said.find(": ") + 2);
  while (words.ends_with('\n')) words.pop_back();
  Failure failure("FORMAT", tried, error >= kLibbpfErrors || error == EINVAL || error == ENOEXEC ? "libbpf cannot make sense of it" + (words.empty() ? "" : ": " + words) : std::strerror(error),
                  "Check that it is whole, and compiled with a current clang (-O2 -g -target bpf).");
  failure.set_log(said);
  throw failure;
}

UserObject::UserObject(const ObjectOptions& options) {
  const std::string tried = "load " + options.name;
  object_.reset(open_user_object(options.bytes, options.name));
  bpf_object* object = object_.get();
  choose_programs(object, options, tried);
  set_variables(object, options, tried);
  for (const auto& [name, entries] : options.map_sizes)
    if (bpf_map__set_max_entries(find_map(object, name, tried), entries) < 0) throw Failure(errno, tried, "The map '" + name + "' cannot have " + std::to_string(entries) + " entries.");
  for (const auto& [name, id] : options.reuse) reuse_map(find_map(object, name, tried), open_by_id(KernelKind::kMap, id).get(), tried);
  std::vector<bpf_map*> to_pin;
  if (!options.pin_dir.empty()) to_pin = reuse_pinned(object, options.pin_dir, tried);
  const LogBuffers logs(object, options.log_level);
  begin_libbpf_log();
  if (bpf_object__load(object) < 0) {
    const int error = errno;
    refuse_load(error, tried, logs.text());
  }
  log_ = logs.text();
  if (!to_pin.empty()) make_pin_folder(options.pin_dir);
  pin_all(to_pin, options.pin_dir);
  bpf_map* map;
  bpf_object__for_each_map(map, object)
    if (bpf_map__fd(map) >= 0) adopt_map(bpf_map__name(map), bpf_map__fd(map));
  bpf_program* program;
  bpf_object__for_each_program(program, object)
    if (bpf_program__fd(program) >= 0)
      adopt_program({bpf_program__name(program), bpf_program__section_name(program), program_type_name(bpf_program__type(program)), 0, bpf_program__fd(program), program});
}

UserObject::UserObject(const CodeOptions& options) {
  const std::string tried = "load the program " + options.name;
  const auto type = program_type_of(options.type);
  if (!type || *type == BPF_PROG_TYPE_UNSPEC) throw Failure("EINVAL", tried, "there is no program type '" + options.type + "'", "Types have libbpf's names: xdp, sched_cls, socket_filter….");
  if (options.code.empty() || options.code.size() % sizeof(bpf_insn) != 0) throw Failure("EINVAL", tried, "instructions have 8 bytes each, and there must be some");
  std::vector<bpf_insn> code(options.code.size() / sizeof(bpf_insn));
  std::memcpy(code.data(), options.code.data(), options.code.size());
  std::vector<UniqueFd> maps;
  for (size_t i = 0; i < code.size(); i++) {
    if (code[i].code != (BPF_LD | BPF_IMM | BPF_DW)) continue;
    if (code[i].src_reg == BPF_PSEUDO_MAP_FD || code[i].src_reg == BPF_PSEUDO_MAP_VALUE) {
      const auto slot = std::find_if(options.maps.begin(), options.maps.end(), [&](const auto& each) { return each.first == static_cast<uint32_t>(code[i].imm); });
      if (slot == options.maps.end()) throw Failure("EINVAL", tried, "instruction " + std::to_string(i) + " uses map " + std::to_string(code[i].imm) + ", which is none of those given");
      maps.push_back(open_by_id(KernelKind::kMap, slot->second));
      code[i].imm = maps.back().get();
    }
    i++;  // its second half
  }
  std::unique_ptr<char[]> log(new char[kLogBytes]);
  log[0] = '\0';
  LIBBPF_OPTS(bpf_prog_load_opts, load);
  if (!options.attach_type.empty()) {
    const auto attach = attach_type_of(options.attach_type);
    if (!attach) throw Failure("EINVAL", tried, "there is no attach type '" + options.attach_type + "'");
    load.expected_attach_type = *attach;
  } else if (*type == BPF_PROG_TYPE_XDP) load.expected_attach_type = BPF_XDP;
  const auto attempt = [&](int level) {
    load.log_level = static_cast<uint32_t>(level);
    load.log_buf = level > 0 ? log.get() : nullptr;
    load.log_size = level > 0 ? kLogBytes : 0;
    return UniqueFd(bpf_prog_load(*type, options.name.c_str(), options.license.c_str(), code.data(), code.size(), &load));
  };
  begin_libbpf_log();
  UniqueFd fd = attempt(options.log_level);
  if (!fd) {
    const int error = errno;
    if (options.log_level == 0) attempt(1);
    refuse_load(error, tried, log[0] == '\0' ? "" : "== " + options.name + "\n" + log.get());
  }
  if (log[0] != '\0') log_ = "== " + options.name + "\n" + log.get();
  const int number = fd.get();
  fds_.push_back(std::move(fd));
  adopt_program({options.name, "", options.type, 0, number, nullptr});
}

UserObject::UserObject(const MapOptions& options) {
  const std::string tried = "make a map " + options.name;
  const auto type = map_type_of(options.type);
  if (!type || *type == BPF_MAP_TYPE_UNSPEC) throw Failure("EINVAL", tried, "there is no map type '" + options.type + "'", "Types have libbpf's names: hash, array, lru_hash, lpm_trie, queue, prog_array….");
  LIBBPF_OPTS(bpf_map_create_opts, create, .map_flags = options.flags);
  const bool of_maps = *type == BPF_MAP_TYPE_ARRAY_OF_MAPS || *type == BPF_MAP_TYPE_HASH_OF_MAPS;
  if (of_maps && options.inner == 0) throw Failure("EINVAL", tried, "a map of maps is made after a map that those in it will be like", "Name one that is there: --inner MAP.");
  const UniqueFd inner = options.inner == 0 ? UniqueFd() : open_by_id(KernelKind::kMap, options.inner);
  if (inner) create.inner_map_fd = static_cast<uint32_t>(inner.get());
  UniqueFd fd(bpf_map_create(*type, options.name.c_str(), options.key_bytes, options.value_bytes, options.max_entries, &create));
  if (!fd) {
    const int error = errno;
    std::string hint;
    if (error == EINVAL)
      hint =
          "Sizes and flags must fit the type: arrays have 4-byte keys, LPM tries the flag NO_PREALLOC (1), queues, stacks and Bloom filters no key; ring buffers no key, no value, and as many entries as a power of two "
          "of whole pages has bytes.";
    if (error == ENOMEM || error == E2BIG) hint = "It is larger than the memory that is left, or than such maps may be: give it fewer entries.";
    throw Failure(error, tried, hint);
  }
  const int number = fd.get();
  fds_.push_back(std::move(fd));
  adopt_map(options.name, number);
}

UserObject::~UserObject() {
  for (const Program& each : programs_) forget_own(KernelKind::kProgram, each.id);
  for (const Map& each : maps_) forget_own(KernelKind::kMap, each.id);
}

void UserObject::adopt_program(Program program) {
  bpf_prog_info info{};
  uint32_t length = sizeof info;
  if (bpf_prog_get_info_by_fd(program.fd, &info, &length) < 0) throw Failure(errno, "look at the program " + program.name);
  program.id = info.id;
  remember_own(KernelKind::kProgram, program.id);
  programs_.push_back(std::move(program));
}

void UserObject::adopt_map(std::string name, int fd) {
  bpf_map_info info{};
  uint32_t length = sizeof info;
  if (bpf_map_get_info_by_fd(fd, &info, &length) < 0) throw Failure(errno, "look at the map " + name);
  remember_own(KernelKind::kMap, info.id);
  maps_.push_back({std::move(name), info.id});
}

}  // namespace xdpeek
