// Network interfaces as the kernel describes them (rtnetlink), in the namespace of the calling thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "attached.h"
#include "netns.h"

namespace xdpeek {

enum class NativeXdp { kUnknown, kYes, kNo };

/// Mirrors InterfaceInfo of electron/shared/capture.ts, where units and meanings are documented.
struct Interface {
  int ifindex = 0;
  std::string name;
  NetnsName netns;
  std::string mac;
  uint32_t mtu = 0;
  bool up = false;
  bool running = false;
  bool loopback = false;
  int link_type = 0;
  std::string kind;
  std::string driver;
  uint32_t speed_mbps = 0;  ///< 0 = not known
  uint32_t rx_queues = 1;
  std::vector<std::string> addresses;  ///< "10.0.0.1/24", in the kernel's order
  NativeXdp xdp_native = NativeXdp::kUnknown;
  std::vector<AttachedProgram> attached;
  uint64_t rx_packets = 0, rx_bytes = 0, rx_dropped = 0;
  uint64_t tx_packets = 0, tx_bytes = 0, tx_dropped = 0;
};

/// The LINKTYPE_* (pcap) of what XDP and tc programs see on a device of this hardware type (ARPHRD_*).
int link_type_of(unsigned hardware_type);

/// All interfaces of the calling thread's namespace, by index.
std::vector<Interface> list_interfaces();

/// As native/index.d.ts says of `interfaces(netns?)`; "*" leaves out namespaces that we may not enter.
std::vector<Interface> list_interfaces_in(const NetnsName& netns);

}  // namespace xdpeek
