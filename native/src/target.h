// One attachment point of a capture and how it is held on to. Mirrors CaptureTarget and AttachmentInfo of
// electron/shared/capture.ts.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "netns.h"

namespace xdpeek {

enum class Hook : uint8_t { kXdp = 0, kTcIngress, kTcEgress, kObserve, kSocket, kAfXdp };  // order is the ABI of bpf/events.h
constexpr const char* kHookNames[] = {"xdp", "tc-ingress", "tc-egress", "observe", "socket", "afxdp"};
enum class XdpMode { kAuto, kNative, kGeneric, kOffload };
enum class TcxOrder { kDefault, kFirst, kLast };

constexpr int kLinkTypeEthernet = 1;

struct Target {
  std::string ifname;
  NetnsName netns;
  Hook hook = Hook::kXdp;
  XdpMode mode = XdpMode::kAuto;
  TcxOrder order = TcxOrder::kDefault;
  bool busy_poll = false;  ///< AF_XDP: our thread runs the driver instead of sleeping
  std::string program;  ///< observe: name or id of the one to observe; empty = all
  // Resolved:
  int ifindex = 0;
  int link_type = kLinkTypeEthernet;  ///< LINKTYPE_*
  uint64_t speed_bps = 0;
  std::string driver;
  bool loopback = false;
  std::array<uint8_t, 6> mac{};

  bool is_tc() const { return hook == Hook::kTcIngress || hook == Hook::kTcEgress; }
  bool ethernet() const { return link_type == kLinkTypeEthernet; }
};

/// "veth0 (XDP, native) in network namespace blue": for messages.
std::string describe(const Target& target);

/// Finds the interface in its namespace and fills in ifindex and link type. Throws ENODEV with a hint.
void resolve(Target& target);

}  // namespace xdpeek
