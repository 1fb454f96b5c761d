// What rtnetlink does not say of an interface: driver and speed (ethtool), native XDP (netdev generic netlink, 6.3).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "interfaces.h"

namespace xdpeek {

struct LinkDetails {
  std::string driver;
  uint32_t speed_mbps = 0;
};

/// ethtool ioctls in the calling thread's namespace. Devices without ethtool (loopback…) give empty details.
class EthtoolReader {
 public:
  EthtoolReader();
  LinkDetails read(const std::string& ifname) const;

 private:
  UniqueFd fd_;
};

/// ifindex → enum netdev_xdp_act bits, for the calling thread's namespace; nullopt where the kernel has no such family.
std::optional<std::map<int, uint64_t>> xdp_features();

/// What is known of a driver by its name, for kernels that do not say it themselves.
NativeXdp native_xdp_of_driver(const std::string& driver, const std::string& kind, bool loopback);

}  // namespace xdpeek
