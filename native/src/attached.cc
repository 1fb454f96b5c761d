// Programs on interfaces. What we are not allowed to see is left out: a listing works without privilege too.
#include "attached.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <set>

namespace xdpeek {

namespace {

std::mutex own_mutex;
std::set<uint32_t> own_programs;

AttachedProgram describe(const char* hook, const char* mode, uint32_t id) {
  return {hook, mode, id, program_name(id), is_own_program(id)};
}

/// TCX (6.6): up to 64 programs a hook, in the order in which they run. Older kernels answer EINVAL.
void add_tcx(std::vector<AttachedProgram>& programs, int ifindex, bpf_attach_type type, const char* hook) {
  std::array<uint32_t, 64> ids{};
  LIBBPF_OPTS(bpf_prog_query_opts, query);
  query.prog_ids = ids.data();
  query.count = ids.size();
  if (bpf_prog_query_opts(ifindex, type, &query) != 0) return;
  for (uint32_t i = 0; i < std::min<uint32_t>(query.count, ids.size()); i++)
    programs.push_back(describe(hook, nullptr, ids[i]));
}

/// Filters of kind "bpf" under the clsact qdisc. The dump also has entries without an id (the chain's head).
void add_clsact(std::vector<AttachedProgram>& programs, NetlinkSocket& route, int ifindex, uint16_t minor, const char* hook) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = ifindex;
  header.tcm_parent = TC_H_MAKE(TC_H_CLSACT, minor);
  NetlinkRequest request(RTM_GETTFILTER, NLM_F_DUMP);
  request.header(header);
  route.exchange(std::move(request), [&](uint16_t type, Bytes payload) {
    if (type != RTM_NEWTFILTER || payload.size() < sizeof(tcmsg)) return;
    std::string kind;
    uint32_t id = 0;
    for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof(tcmsg))), [&](uint16_t attribute, Bytes value) {
      if (attribute == TCA_KIND) kind = read_string(value);
      if (attribute != TCA_OPTIONS || kind != "bpf") return;
      for_each_attribute(value, [&](uint16_t option, Bytes data) {
        if (option == TCA_BPF_ID) id = read_at<uint32_t>(data);
      });
    });
    if (id != 0) programs.push_back(describe(hook, nullptr, id));
  });
}

}  // namespace

void remember_own_program(uint32_t id) {
  const std::lock_guard lock(own_mutex);
  own_programs.insert(id);
}

void forget_own_program(uint32_t id) {
  const std::lock_guard lock(own_mutex);
  own_programs.erase(id);
}

bool is_own_program(uint32_t id) {
  const std::lock_guard lock(own_mutex);
  return own_programs.count(id) != 0;
}

std::string program_name(uint32_t id) {
  const UniqueFd fd(bpf_prog_get_fd_by_id(id));
  if (!fd) return {};
  bpf_prog_info info{};
  uint32_t size = sizeof info;
  if (bpf_prog_get_info_by_fd(fd.get(), &info, &size) != 0) return {};
  return std::string(info.name, ::strnlen(info.name, sizeof info.name));
}

std::vector<AttachedProgram> xdp_programs(Bytes ifla_xdp) {
  std::vector<AttachedProgram> programs;
  // IFLA_XDP_PROG_ID repeats whichever is alone; the three by mode are always there (4.13).
  for_each_attribute(ifla_xdp, [&](uint16_t type, Bytes value) {
    const char* mode = type == IFLA_XDP_DRV_PROG_ID   ? "native"
                       : type == IFLA_XDP_SKB_PROG_ID ? "generic"
                       : type == IFLA_XDP_HW_PROG_ID  ? "offload"
                                                      : nullptr;
    if (const uint32_t id = mode ? read_at<uint32_t>(value) : 0) programs.push_back(describe("xdp", mode, id));
  });
  return programs;
}

std::vector<AttachedProgram> tc_programs(NetlinkSocket& route, int ifindex, bool has_clsact) {
  std::vector<AttachedProgram> programs;
  add_tcx(programs, ifindex, BPF_TCX_INGRESS, "tc-ingress");
  if (has_clsact) add_clsact(programs, route, ifindex, TC_H_MIN_INGRESS, "tc-ingress");
  add_tcx(programs, ifindex, BPF_TCX_EGRESS, "tc-egress");
  if (has_clsact) add_clsact(programs, route, ifindex, TC_H_MIN_EGRESS, "tc-egress");
  return programs;
}

std::vector<int> clsact_interfaces(NetlinkSocket& route) {
  std::vector<int> indices;
  NetlinkRequest request(RTM_GETQDISC, NLM_F_DUMP);
  request.header(tcmsg{});
  route.exchange(std::move(request), [&](uint16_t type, Bytes payload) {
    if (type != RTM_NEWQDISC || payload.size() < sizeof(tcmsg)) return;
    for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof(tcmsg))), [&](uint16_t attribute, Bytes value) {
      if (attribute != TCA_KIND) return;
      const std::string kind = read_string(value);
      if (kind == "clsact" || kind == "ingress") indices.push_back(read_at<tcmsg>(payload).tcm_ifindex);
    });
  });
  return indices;
}

}  // namespace xdpeek
