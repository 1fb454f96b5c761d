// The old way of attaching to tc, for kernels without TCX (before 6.6): a direct-action filter on a clsact qdisc. It outlives its
// process, so each is journalled (one file a filter, in a root-owned folder) and cleaned at the next start. Only a filter that still
// holds the very program we attached is ever removed, and the qdisc only if we made it and nothing else hangs on it.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "attached.h"
#include "attachment.h"
#include "errors.h"
#include "netlink.h"

namespace xdpeek {
namespace {

struct Filter {
  NetnsName netns;
  std::string ifname;
  int ifindex = 0;
  int point = 0;  ///< BPF_TC_INGRESS or BPF_TC_EGRESS
  uint32_t handle = 0, priority = 0, program_id = 0;
  bool made_qdisc = false;
  long pid = 0;  ///< who attached it
};

bpf_tc_hook hook_of(const Filter& f) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = f.ifindex;
  hook.attach_point = static_cast<bpf_tc_attach_point>(f.point);
  return hook;
}

/// Which program the filter's place holds now, 0 for none.
uint32_t program_at(const Filter& f) {
  bpf_tc_hook hook = hook_of(f);
  LIBBPF_OPTS(bpf_tc_opts, options, .handle = f.handle, .priority = f.priority);
  return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

/// Both directions go at once: it is one qdisc.
void destroy_qdisc(bpf_tc_hook hook) {
  hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  bpf_tc_hook_destroy(&hook);
}

/// In the filter's namespace. True if something of ours was removed.
bool remove_filter(const Filter& f) {
  if (program_at(f) != f.program_id) return false;
  bpf_tc_hook hook = hook_of(f);
  LIBBPF_OPTS(bpf_tc_opts, options, .handle = f.handle, .priority = f.priority);
  if (bpf_tc_detach(&hook, &options) < 0) return false;
  NetlinkSocket route(NETLINK_ROUTE);
  if (f.made_qdisc && tc_programs(route, f.ifindex, true).empty()) destroy_qdisc(hook);
  return true;
}

std::string journal_path(const std::string& dir, const Filter& f) { return dir + "/clsact-" + std::to_string(f.program_id); }

void write_journal(const std::string& dir, const Filter& f) {
  if (dir.empty()) return;
  ::mkdir(dir.c_str(), 0700);
  std::ofstream out(journal_path(dir, f), std::ios::trunc);
  out << f.netns.value_or("-") << ' ' << f.ifname << ' ' << f.ifindex << ' ' << f.point << ' ' << f.handle << ' ' << f.priority << ' ' << f.program_id << ' '
      << f.made_qdisc << ' ' << ::getpid() << '\n';
}

class ClsactAttachment final : public Attachment {
 public:
  ClsactAttachment(Filter filter, std::string journal_dir) : filter_(std::move(filter)), journal_dir_(std::move(journal_dir)) {}
  ~ClsactAttachment() override {
    try {
      run_in_netns(filter_.netns, [&] { remove_filter(filter_); });
    } catch (const Failure&) {  // the namespace is gone, and the filter with it
    }
    if (!journal_dir_.empty()) ::unlink(journal_path(journal_dir_, filter_).c_str());
  }
  const char* via() const override { return "clsact"; }
  std::string note() const override { return "this kernel has no TCX links, so a clsact filter is used"; }
  bool alive() const override {
    try {
      return call_in_netns(filter_.netns, [&] { return program_at(filter_) == filter_.program_id; });
    } catch (const Failure&) {
      return false;
    }
  }

 private:
  Filter filter_;
  std::string journal_dir_;
};

}  // namespace

std::unique_ptr<Attachment> attach_clsact(const Target& target, int program_fd, uint32_t program_id, const std::string& journal_dir) {
  Filter filter{target.netns, target.ifname, target.ifindex, target.hook == Hook::kTcIngress ? BPF_TC_INGRESS : BPF_TC_EGRESS, 0, 0, program_id, false, ::getpid()};
  run_in_netns(target.netns, [&] {
    bpf_tc_hook hook = hook_of(filter);
    const int made = bpf_tc_hook_create(&hook);
    if (made < 0 && made != -EEXIST) throw Failure(-made, "add a clsact qdisc to " + describe(target));
    filter.made_qdisc = made == 0;
    LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program_fd);
    const int error = bpf_tc_attach(&hook, &options);
    if (error < 0) {
      if (filter.made_qdisc) destroy_qdisc(hook);
      throw Failure(-error, "attach to " + describe(target));
    }
    filter.handle = options.handle;
    filter.priority = options.priority;
  });
  write_journal(journal_dir, filter);
  return std::make_unique<ClsactAttachment>(filter, journal_dir);
}

std::vector<std::string> clean_stale_clsact(const std::string& journal_dir) {
  std::vector<std::string> removed;
  DIR* dir = ::opendir(journal_dir.c_str());
  if (!dir) return removed;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (!name.starts_with("clsact-")) continue;
    const std::string path = journal_dir + "/" + name;
    std::ifstream in(path);
    Filter f;
    std::string netns;
    if (!(in >> netns >> f.ifname >> f.ifindex >> f.point >> f.handle >> f.priority >> f.program_id >> f.made_qdisc >> f.pid)) continue;
    if (::access(("/proc/" + std::to_string(f.pid)).c_str(), F_OK) == 0 && f.pid != ::getpid()) continue;  // its owner lives
    if (netns != "-") f.netns = netns;
    try {
      run_in_netns(f.netns, [&] {
        if (remove_filter(f)) removed.push_back("removed a filter (program " + std::to_string(f.program_id) + ") that a dead xdpeek left on " + f.ifname + in_netns(f.netns));
      });
    } catch (const Failure&) {
    }
    ::unlink(path.c_str());
  }
  ::closedir(dir);
  return removed;
}

}  // namespace xdpeek
