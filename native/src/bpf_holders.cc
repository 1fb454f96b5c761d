// fdinfo lines "prog_id:", "map_id:", "link_id:" (kernel/bpf/syscall.c, *_show_fdinfo); bpffs by bpf_obj_get.
#include "bpf_holders.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace xdpeek {
namespace {

namespace fs = std::filesystem;

constexpr std::pair<const char*, KernelKind> kLines[] = {{"prog_id:", KernelKind::kProgram}, {"map_id:", KernelKind::kMap}, {"link_id:", KernelKind::kLink}};

/// A link's fdinfo names its program too: the link is what is held.
std::optional<KernelId> held_by(const fs::path& fdinfo) {
  std::optional<KernelId> found;
  std::ifstream in(fdinfo);
  for (std::string line; std::getline(in, line);)
    for (const auto& [key, kind] : kLines)
      if (line.starts_with(key) && (!found || kind == KernelKind::kLink)) found = {kind, static_cast<uint32_t>(std::strtoul(line.c_str() + std::string(key).size(), nullptr, 10))};
  return found;
}

std::string link_text(const fs::path& path) {
  std::error_code ignored;
  return fs::read_symlink(path, ignored).string();
}

bool is_number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

}  // namespace

std::map<KernelId, std::vector<Holder>> all_holders() {
  std::map<KernelId, std::vector<Holder>> holders;
  std::error_code ignored;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc", ignored)) {
    const std::string pid = process.path().filename();
    if (!is_number(pid)) continue;
    std::string comm;
    std::error_code gone;
    for (fs::directory_iterator fd(process.path() / "fd", gone), end; !gone && fd != end; fd.increment(gone)) {
      // Only these have such lines: reading every fdinfo of a busy machine takes long.
      if (!link_text(fd->path()).starts_with("anon_inode:bpf")) continue;
      const std::optional<KernelId> id = held_by(process.path() / "fdinfo" / fd->path().filename());
      if (!id) continue;
      if (comm.empty()) std::getline(std::ifstream(process.path() / "comm"), comm);
      std::vector<Holder>& list = holders[*id];
      const int number = std::atoi(pid.c_str());
      if (std::none_of(list.begin(), list.end(), [&](const Holder& each) { return each.pid == number; })) list.push_back({number, comm});
    }
  }
  return holders;
}

std::vector<Pin> all_pins(size_t most) {
  std::vector<Pin> pins;
  std::error_code stop;
  fs::recursive_directory_iterator entry("/sys/fs/bpf", fs::directory_options::skip_permission_denied, stop), end;
  for (; !stop && entry != end && pins.size() < most; entry.increment(stop)) {
    std::error_code gone;
    if (entry->is_directory(gone) || entry->is_symlink(gone)) continue;
    const UniqueFd fd(bpf_obj_get(entry->path().c_str()));
    if (!fd) continue;
    if (const std::optional<KernelId> id = held_by("/proc/self/fdinfo/" + std::to_string(fd.get()))) pins.push_back({entry->path(), id->first, id->second});
  }
  std::sort(pins.begin(), pins.end(), [](const Pin& a, const Pin& b) { return a.path < b.path; });
  return pins;
}

}  // namespace xdpeek
