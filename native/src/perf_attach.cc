#include "perf_attach.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "errors.h"
#include "trace_fs.h"

namespace xdpeek {
namespace {

UniqueFd open_event(const perf_event_attr& attributes) { return UniqueFd(static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC))); }

/// Before 5.15 there is no such link: the event's fd is what holds the program then.
UniqueFd link_event(int program_fd, UniqueFd event, const std::string& tried) {
  UniqueFd link(bpf_link_create(program_fd, event.get(), BPF_PERF_EVENT, nullptr));
  const int error = errno;
  if (!link && ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, program_fd) < 0) throw Failure(error, tried, error == EINVAL ? "The program is of another type than this place takes." : "");
  if (ioctl(event.get(), PERF_EVENT_IOC_ENABLE, 0) < 0) throw Failure(errno, tried);
  return link ? std::move(link) : std::move(event);
}

int number_in(const std::string& path) {
  std::ifstream in(path);
  int number = -1;
  in >> number;
  return number;
}

}  // namespace

UniqueFd link_tracepoint(int program_fd, const std::string& name) {
  const std::string tried = "attach to the tracepoint " + name;
  std::string path = name;
  path[path.find(':')] = '/';
  const std::string id = read_tracefs("events/" + path + "/id");
  if (id.empty()) throw Failure("ENOENT", tried, "this kernel has no such tracepoint", "They are listed in /sys/kernel/tracing/available_events.");
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = std::strtoull(id.c_str(), nullptr, 10);
  attributes.sample_period = 1;
  attributes.wakeup_events = 1;
  UniqueFd event = open_event(attributes);
  if (!event) throw Failure(errno, tried, errno == EACCES || errno == EPERM ? "Tracepoints need root, or CAP_PERFMON." : "");
  return link_event(program_fd, std::move(event), tried);
}

UniqueFd link_raw_tracepoint(int program_fd, const std::string& name) {
  const size_t colon = name.find(':');
  const std::string bare = colon == std::string::npos ? name : name.substr(colon + 1);
  UniqueFd link(bpf_raw_tracepoint_open(bare.c_str(), program_fd));
  if (link) return link;
  const int error = errno;
  throw Failure(error, "attach to the raw tracepoint " + bare, error == ENOENT ? "This kernel has no tracepoint of that name." : error == EINVAL ? "The program is of another type: raw_tracepoint is wanted." : "");
}

UniqueFd link_kprobe(int program_fd, const std::string& function, bool at_return) {
  const std::string tried = std::string("attach a ") + (at_return ? "kretprobe" : "kprobe") + " to " + function;
  const int type = number_in("/sys/bus/event_source/devices/kprobe/type");
  if (type < 0) throw Failure("EOPNOTSUPP", tried, "this kernel has no kprobes", "Attach to a tracepoint instead, or use a kernel built with CONFIG_KPROBES.");
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = static_cast<uint32_t>(type);
  attributes.config = at_return ? 1 : 0;  // bit 0 of the PMU's "retprobe" format
  attributes.kprobe_func = reinterpret_cast<uint64_t>(function.c_str());
  UniqueFd event = open_event(attributes);
  if (!event) throw Failure(errno, tried, errno == ENOENT || errno == EINVAL || errno == EADDRNOTAVAIL ? "The kernel has no such function, or lets nobody probe it: see /proc/kallsyms." : "");
  return link_event(program_fd, std::move(event), tried);
}

}  // namespace xdpeek
