// One attachment point of a capture and how it is held on to. Mirrors CaptureTarget and AttachmentInfo of
// electron/shared/capture.ts.
#pragma once
#include <cstdint>
#include <string>

#include "netns.h"

namespace xdpeek {

enum class Hook : uint8_t { kXdp = 0, kTcIngress = 1, kTcEgress = 2 };  // order is the ABI of bpf/events.h
enum class XdpMode { kAuto, kNative, kGeneric };

struct Target {
  std::string ifname;
  NetnsName netns;
  Hook hook = Hook::kXdp;
  XdpMode mode = XdpMode::kAuto;
  int ifindex = 0;    ///< resolved
  int link_type = 1;  ///< resolved, LINKTYPE_*
  uint64_t speed_bps = 0;
};

/// "veth0 (XDP, native) in network namespace blue": for messages.
std::string describe(const Target& target);

/// Finds the interface in its namespace and fills in ifindex and link type. Throws ENODEV with a hint.
void resolve(Target& target);

}  // namespace xdpeek
