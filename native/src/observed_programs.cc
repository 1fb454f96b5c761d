// A dispatcher's programs are freplace programs: each hangs on it by a tracing link whose target object is the dispatcher.
#include "observed_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "attached.h"
#include "errors.h"

namespace xdpeek {
namespace {

std::string tried_text(const Target& target) { return "observe the XDP program of " + target.ifname + in_netns(target.netns); }

/// Name and BTF id of the program's main function: the first entry of its function information.
ObservedProgram read_program(uint32_t id, const Target& target) {
  ObservedProgram found;
  found.id = id;
  found.fd = UniqueFd(bpf_prog_get_fd_by_id(id));
  if (!found.fd) throw Failure(errno, tried_text(target), errno == ENOENT ? "It was removed just now: try again." : "");
  bpf_func_info function{};
  bpf_prog_info info{};
  info.nr_func_info = 1;
  info.func_info_rec_size = sizeof function;
  info.func_info = reinterpret_cast<uint64_t>(&function);
  uint32_t length = sizeof info;
  if (bpf_prog_get_info_by_fd(found.fd.get(), &info, &length) < 0) throw Failure(errno, tried_text(target));
  found.name = info.name;
  if (info.btf_id == 0 || info.nr_func_info == 0)
    throw Failure("ENOENT", tried_text(target), "program '" + found.name + "' (id " + std::to_string(id) + ") carries no type information (BTF), which fentry needs",
                  "Compile it with `clang -g -target bpf` and load it with libbpf, which keeps the BTF.");
  const std::unique_ptr<btf, decltype(&btf__free)> types(btf__load_from_kernel_by_id(info.btf_id), btf__free);
  const btf_type* type = types ? btf__type_by_id(types.get(), function.type_id) : nullptr;
  if (!type) throw Failure(errno, "read the type information of program " + std::to_string(id));
  found.function = btf__name_by_offset(types.get(), type->name_off);
  found.function_id = function.type_id;
  return found;
}

/// Programs that replace functions of `dispatcher`, by the BTF id of the function: the order in which libxdp calls them.
std::vector<uint32_t> components_of(uint32_t dispatcher) {
  std::vector<std::pair<uint32_t, uint32_t>> found;
  uint32_t id = 0;
  while (bpf_link_get_next_id(id, &id) == 0) {
    UniqueFd fd(bpf_link_get_fd_by_id(id));
    bpf_link_info info{};
    uint32_t length = sizeof info;
    if (!fd || bpf_link_get_info_by_fd(fd.get(), &info, &length) < 0) continue;
    if (info.type != BPF_LINK_TYPE_TRACING || info.tracing.target_obj_id != dispatcher) continue;
    bpf_prog_info program{};
    length = sizeof program;
    UniqueFd program_fd(bpf_prog_get_fd_by_id(info.prog_id));
    if (!program_fd || bpf_prog_get_info_by_fd(program_fd.get(), &program, &length) < 0 || program.type != BPF_PROG_TYPE_EXT) continue;
    found.emplace_back(info.tracing.target_btf_id, info.prog_id);
  }
  std::sort(found.begin(), found.end());
  std::vector<uint32_t> ids;
  for (const auto& [function, program] : found) ids.push_back(program);
  return ids;
}

bool is_named(const ObservedProgram& program, const std::string& wanted) { return wanted == program.name || wanted == program.function || wanted == std::to_string(program.id); }

}  // namespace

uint32_t attached_xdp_id(const Target& target) {
  return call_in_netns(target.netns, [&] {
    uint32_t id = 0;
    NetlinkSocket route(NETLINK_ROUTE);
    NetlinkRequest request(RTM_GETLINK, 0);
    ifinfomsg header{};
    header.ifi_index = target.ifindex;
    request.header(header);
    route.exchange(std::move(request), [&](uint16_t, Bytes payload) {
      if (payload.size() < sizeof(ifinfomsg)) return;
      for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof(ifinfomsg))), [&](uint16_t type, Bytes value) {
        if (type != IFLA_XDP) return;
        for (const AttachedProgram& program : xdp_programs(value)) id = id ? id : program.id;
      });
    });
    return id;
  });
}

std::vector<ObservedProgram> find_observed(const Target& target) {
  const uint32_t main_id = attached_xdp_id(target);
  if (main_id == 0)
    throw Failure("ENOENT", tried_text(target), "the interface runs no XDP program", "Attach one first, or capture with --hook xdp.");
  const std::vector<uint32_t> components = components_of(main_id);
  std::vector<ObservedProgram> all, chosen;
  for (const uint32_t id : components) all.push_back(read_program(id, target));
  if (components.empty() || !target.program.empty()) all.push_back(read_program(main_id, target));
  if (target.program.empty()) return all;
  std::string names;
  for (ObservedProgram& each : all) {
    names += (names.empty() ? "" : ", ") + each.name + " (id " + std::to_string(each.id) + ")";
    if (is_named(each, target.program)) chosen.push_back(std::move(each));
  }
  if (chosen.empty()) throw Failure("ENOENT", tried_text(target), "it runs no program '" + target.program + "'", "It runs: " + names + ".");
  return chosen;
}

}  // namespace xdpeek
