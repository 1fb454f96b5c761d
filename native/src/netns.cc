// Opening, checking and entering network namespaces. See netns.h for the rule that keeps callers where they are.
#include "netns.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <set>
#include <thread>

#include "errors.h"

namespace xdpeek {

namespace {

constexpr const char* kNetnsDir = "/run/netns";
constexpr size_t kNameMax = 255;

bool is_pid_name(const std::string& name) {
  constexpr size_t prefix = 4;
  return name.rfind("pid:", 0) == 0 && name.size() > prefix && name.size() <= prefix + 10 && name[prefix] != '0' &&
         std::all_of(name.begin() + prefix, name.end(), [](unsigned char c) { return std::isdigit(c); });
}

/// nsfs and of type CLONE_NEWNET: any other file under the same name is not entered.
bool is_netns(int fd) {
  struct statfs fs {};
  return ::fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC && ::ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

/// O_NONBLOCK: a FIFO put there must not hold us up.
UniqueFd open_namespace_file(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

}  // namespace

std::string in_netns(const NetnsName& name) { return name ? " in network namespace " + *name : std::string(); }

void check_netns_name(const std::string& name) {
  if (is_pid_name(name)) return;
  const bool plain = !name.empty() && name.size() <= kNameMax && name != "." && name.find("..") == std::string::npos &&
                     name.rfind("pid:", 0) != 0 && std::none_of(name.begin(), name.end(), [](unsigned char c) {
                       return c == '/' || c == '%' || c < 0x20 || c == 0x7f;
                     });
  if (!plain)
    throw Failure("EINVAL", "use that network namespace", "its name is not one that /run/netns can hold",
                  "Name a namespace that `ip netns` lists, or pid:N for the one that process N runs in.");
}

UniqueFd open_netns(const std::string& name) {
  check_netns_name(name);
  const bool by_pid = is_pid_name(name);
  const std::string path = by_pid ? "/proc/" + name.substr(4) + "/ns/net" : std::string(kNetnsDir) + "/" + name;
  const std::string tried = "open network namespace " + name;
  UniqueFd fd = open_namespace_file(path);
  if (!fd) {
    const int error = errno;
    if (error == ENOENT)
      throw Failure(error, tried,
                    by_pid ? "No process has that id." : "`ip netns` lists the names there are; `xdpeek ifaces` too.");
    throw Failure(error, tried, error == EACCES ? "Only that process's user, or root with CAP_SYS_PTRACE, may name it." : "");
  }
  if (!is_netns(fd.get()))
    throw Failure("EINVAL", tried, "that file is not a network namespace",
                  "It may be left over from before a restart: `ip netns delete` removes it.");
  return fd;
}

std::vector<NetnsEntry> all_netns() {
  std::vector<NetnsEntry> entries;
  std::set<std::pair<dev_t, ino_t>> seen;
  const auto add = [&](NetnsName name, UniqueFd fd) {
    struct stat st {};
    if (::fstat(fd.get(), &st) == 0 && seen.emplace(st.st_dev, st.st_ino).second)
      entries.push_back({std::move(name), std::move(fd)});
  };
  if (UniqueFd own = open_namespace_file("/proc/thread-self/ns/net")) add(std::nullopt, std::move(own));

  std::vector<std::string> names;
  if (std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(kNetnsDir), ::closedir); dir)
    while (const dirent* entry = ::readdir(dir.get()))
      names.emplace_back(entry->d_name);  // "." and ".." fail the check of names below
  std::sort(names.begin(), names.end());
  for (std::string& name : names) {
    try {
      UniqueFd fd = open_netns(name);
      add(std::move(name), std::move(fd));
    } catch (const Failure&) {
      // A stale mount point or a name that we could not be asked for: not a namespace for us.
    }
  }
  return entries;
}

void run_in_netns_fd(int netns_fd, const std::string& label, const std::function<void()>& body) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      if (::setns(netns_fd, CLONE_NEWNET) != 0) {
        const int error = errno;
        throw Failure(error, "enter network namespace " + label,
                      error == EPERM ? "Entering another namespace needs root (CAP_SYS_ADMIN)." : "");
      }
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

void run_in_netns(const NetnsName& name, const std::function<void()>& body) {
  if (!name) return body();
  const UniqueFd fd = open_netns(*name);
  run_in_netns_fd(fd.get(), *name, body);
}

}  // namespace xdpeek
