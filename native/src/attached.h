// Which eBPF programs sit on an interface: XDP from the link message, tc from TCX queries and clsact filters.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "netlink.h"

namespace xdpeek {

struct AttachedProgram {
  const char* hook = "other";  ///< a Hook of electron/shared/capture.ts, "netkit" or "other"
  const char* mode = nullptr;  ///< XDP only: "native", "generic", "offload"
  uint32_t id = 0;
  std::string name;
  bool ours = false;
};

/// Programs that this process attached are marked `ours`: whoever attaches says so here. Thread-safe.
void remember_own_program(uint32_t id);
void forget_own_program(uint32_t id);
bool is_own_program(uint32_t id);

/// The program's name, or nothing where we may not ask (CAP_SYS_ADMIN) or it is gone.
std::string program_name(uint32_t id);

/// Reads the payload of IFLA_XDP.
std::vector<AttachedProgram> xdp_programs(Bytes ifla_xdp);

/// Programs on tc ingress and egress of an interface in the calling thread's namespace, TCX first as the kernel runs them.
/// `has_clsact`: the interface has a clsact (or ingress) qdisc, so that legacy filters are worth asking for.
std::vector<AttachedProgram> tc_programs(NetlinkSocket& route, int ifindex, bool has_clsact);

/// Interfaces of this namespace that have a clsact or ingress qdisc.
std::vector<int> clsact_interfaces(NetlinkSocket& route);

}  // namespace xdpeek
