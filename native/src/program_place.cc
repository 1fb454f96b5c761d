// XDP by RTM_GETLINK, tc by TCX queries and clsact dumps (attached.cc); links are found by their program and interface.
#include "program_place.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "attached.h"
#include "errors.h"
#include "kernel_objects.h"

namespace xdpeek {
namespace {

UniqueFd link_of(uint32_t program_id, int ifindex) {
  for (const LinkRecord& link : list_links())
    if (link.info.prog_id == program_id && link.ifindex == static_cast<uint32_t>(ifindex)) return UniqueFd(bpf_link_get_fd_by_id(link.info.id));
  return UniqueFd();
}

std::vector<AttachedProgram> programs_of(const Target& target) {
  std::vector<AttachedProgram> found;
  NetlinkSocket route(NETLINK_ROUTE);
  if (target.is_tc()) return tc_programs(route, target.ifindex, true);
  NetlinkRequest request(RTM_GETLINK, 0);
  ifinfomsg header{};
  header.ifi_index = target.ifindex;
  request.header(header);
  route.exchange(std::move(request), [&](uint16_t, Bytes payload) {
    if (payload.size() < sizeof(ifinfomsg)) return;
    for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof(ifinfomsg))), [&](uint16_t type, Bytes value) {
      if (type == IFLA_XDP) found = xdp_programs(value);
    });
  });
  return found;
}

uint32_t mode_flags(const std::string& mode) { return mode == "generic" ? XDP_FLAGS_SKB_MODE : mode == "offload" ? XDP_FLAGS_HW_MODE : XDP_FLAGS_DRV_MODE; }

struct FilterPlace {
  uint32_t handle = 0, priority = 0;
};

/// Where a clsact filter with this program sits.
FilterPlace filter_place(const Target& target, uint32_t program_id) {
  FilterPlace place;
  NetlinkSocket route(NETLINK_ROUTE);
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = target.ifindex;
  header.tcm_parent = TC_H_MAKE(TC_H_CLSACT, target.hook == Hook::kTcIngress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  NetlinkRequest request(RTM_GETTFILTER, NLM_F_DUMP);
  request.header(header);
  route.exchange(std::move(request), [&](uint16_t type, Bytes payload) {
    if (type != RTM_NEWTFILTER || payload.size() < sizeof(tcmsg)) return;
    const auto filter = read_at<tcmsg>(payload);
    for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof(tcmsg))), [&](uint16_t attribute, Bytes value) {
      if (attribute != TCA_OPTIONS) return;
      for_each_attribute(value, [&](uint16_t option, Bytes data) {
        if (option == TCA_BPF_ID && read_at<uint32_t>(data) == program_id) place = {filter.tcm_handle, filter.tcm_info >> 16};
      });
    });
  });
  return place;
}

void take_off_filter(const Target& target, uint32_t program_id, const std::string& tried) {
  const FilterPlace place = filter_place(target, program_id);
  if (place.handle == 0) throw Failure("ESTALE", tried, "it was removed just now");
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = target.ifindex;
  hook.attach_point = target.hook == Hook::kTcIngress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
  LIBBPF_OPTS(bpf_tc_opts, options, .handle = place.handle, .priority = place.priority);
  const int error = bpf_tc_detach(&hook, &options);
  if (error < 0) throw Failure(-error, tried);
}

}  // namespace

Present present_at(const Target& target, uint32_t wanted) {
  return call_in_netns(target.netns, [&] {
    Present present;
    for (const AttachedProgram& each : programs_of(target)) {
      if (std::string(each.hook) != kHookNames[static_cast<int>(target.hook)]) continue;
      if (present.program_id != 0 && each.id != wanted) continue;
      present.program_id = each.id;
      present.mode = each.mode ? each.mode : "";
    }
    if (present.program_id != 0) present.link = link_of(present.program_id, target.ifindex);
    return present;
  });
}

void check_expected(const Present& present, uint32_t expected, const std::string& tried) {
  if (expected == 0 || present.program_id == expected) return;
  if (present.program_id == 0) throw Failure("ESTALE", tried, "nothing is attached there now, while program " + std::to_string(expected) + " was expected", "Look at the list again.");
  throw Failure("ESTALE", tried, "program " + std::to_string(present.program_id) + " ('" + program_name(present.program_id) + "') is there now, not program " + std::to_string(expected),
                "Somebody replaced it. If you want this one gone, name its id.");
}

void take_off(const Target& target, const Present& present, const std::string& tried) {
  if (present.link) {
    // Read again: the link may have got another program meanwhile.
    bpf_link_info info{};
    uint32_t length = sizeof info;
    if (bpf_link_get_info_by_fd(present.link.get(), &info, &length) < 0 || info.prog_id != present.program_id) throw Failure("ESTALE", tried, "it was replaced just now", "Look at the list again.");
    if (bpf_link_detach(present.link.get()) < 0) throw Failure(errno, tried, errno == EOPNOTSUPP ? "Such a link can only be ended by who made it." : "");
    return;
  }
  run_in_netns(target.netns, [&] {
    if (target.is_tc()) return take_off_filter(target, present.program_id, tried);
    const UniqueFd old = open_by_id(KernelKind::kProgram, present.program_id);
    LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = old.get());
    const int error = bpf_xdp_detach(target.ifindex, mode_flags(present.mode) | XDP_FLAGS_REPLACE, &options);
    if (error < 0) throw Failure(-error, tried, error == -EEXIST ? "Another program took its place just now." : "");
  });
}

void put_back(const Target& target, const Present& present) {
  run_in_netns(target.netns, [&] {
    const UniqueFd old = open_by_id(KernelKind::kProgram, present.program_id);
    bpf_xdp_attach(target.ifindex, old.get(), mode_flags(present.mode), nullptr);
  });
}

}  // namespace xdpeek
