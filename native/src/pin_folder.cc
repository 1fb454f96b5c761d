#include "pin_folder.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "errors.h"

namespace xdpeek {
namespace {

constexpr const char* kFolder = "/sys/fs/bpf/xdpeek";
constexpr long kBpfFsMagic = 0xcafe4a11;
constexpr size_t kLongest = 63;

/// Root's door checks names too: nothing but plain components may become a path.
bool is_plain(const std::string& part) {
  return !part.empty() && part.size() <= kLongest && part.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
}

void make(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) < 0 && errno != EEXIST) throw Failure(errno, "make the folder " + folder);
}

}  // namespace

std::string pin_path(const std::string& name) {
  const size_t slash = name.find('/');
  const bool good = slash == std::string::npos ? is_plain(name) : is_plain(name.substr(0, slash)) && is_plain(name.substr(slash + 1));
  if (!good) throw Failure("EINVAL", "name a pin '" + name + "'", "pins have letters, digits, '_' and '-' in their names, and lie in one folder at most");
  return std::string(kFolder) + "/" + name;
}

void make_pin_folder(const std::string& folder) {
  struct statfs fs{};
  // As bpftool and ip do: where nobody has mounted it, we do.
  if ((statfs("/sys/fs/bpf", &fs) < 0 || fs.f_type != kBpfFsMagic) && mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700") < 0)
    throw Failure(errno, "mount the BPF file system at /sys/fs/bpf", "Pins live there: mount -t bpf bpf /sys/fs/bpf.");
  make(kFolder);
  if (!folder.empty()) make(pin_path(folder));
}

void tidy_pin_folder(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash != std::string::npos) rmdir(pin_path(name.substr(0, slash)).c_str());
  rmdir(kFolder);
}

}  // namespace xdpeek
