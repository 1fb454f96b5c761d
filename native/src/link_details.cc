// Driver, speed and XDP features. See link_details.h.
#include "link_details.h"

#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/netdev.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <set>
#include <vector>

namespace xdpeek {

namespace {

bool ethtool(int fd, const std::string& ifname, void* command) {
  ifreq request{};
  std::strncpy(request.ifr_name, ifname.c_str(), IFNAMSIZ - 1);
  request.ifr_data = static_cast<char*>(command);
  return ::ioctl(fd, SIOCETHTOOL, &request) == 0;
}

/// ETHTOOL_GLINKSETTINGS is asked twice: the kernel first answers how many mask words it wants (as a negative number).
uint32_t speed_of(int fd, const std::string& ifname) {
  constexpr size_t kMaxWords = 127;
  alignas(ethtool_link_settings) std::array<uint8_t, sizeof(ethtool_link_settings) + 3 * kMaxWords * sizeof(uint32_t)> buffer{};
  auto* settings = reinterpret_cast<ethtool_link_settings*>(buffer.data());
  settings->cmd = ETHTOOL_GLINKSETTINGS;
  if (!ethtool(fd, ifname, settings) || settings->link_mode_masks_nwords >= 0) return 0;
  const auto words = static_cast<__s8>(-settings->link_mode_masks_nwords);
  buffer.fill(0);
  settings->cmd = ETHTOOL_GLINKSETTINGS;
  settings->link_mode_masks_nwords = words;
  if (!ethtool(fd, ifname, settings)) return 0;
  return settings->speed == static_cast<uint32_t>(SPEED_UNKNOWN) ? 0 : settings->speed;
}

uint16_t family_id(NetlinkSocket& generic, const std::string& name) {
  uint16_t id = 0;
  NetlinkRequest request(GENL_ID_CTRL, 0);
  request.header(genlmsghdr{.cmd = CTRL_CMD_GETFAMILY, .version = 1, .reserved = 0});
  request.attribute(CTRL_ATTR_FAMILY_NAME, Bytes(reinterpret_cast<const uint8_t*>(name.c_str()), name.size() + 1));
  generic.exchange(std::move(request), [&](uint16_t, Bytes payload) {
    if (payload.size() < GENL_HDRLEN) return;
    for_each_attribute(payload.subspan(GENL_HDRLEN), [&](uint16_t type, Bytes value) {
      if (type == CTRL_ATTR_FAMILY_ID) id = read_at<uint16_t>(value);
    });
  });
  return id;
}

}  // namespace

EthtoolReader::EthtoolReader() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

LinkDetails EthtoolReader::read(const std::string& ifname) const {
  LinkDetails details;
  if (!fd_) return details;
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (ethtool(fd_.get(), ifname, &info)) details.driver = std::string(info.driver, ::strnlen(info.driver, sizeof info.driver));
  details.speed_mbps = speed_of(fd_.get(), ifname);
  return details;
}

std::optional<std::map<int, uint64_t>> xdp_features() {
  NetlinkSocket generic(NETLINK_GENERIC);
  const uint16_t family = family_id(generic, NETDEV_FAMILY_NAME);
  if (family == 0) return std::nullopt;
  std::map<int, uint64_t> features;
  NetlinkRequest request(family, NLM_F_DUMP);
  request.header(genlmsghdr{.cmd = NETDEV_CMD_DEV_GET, .version = NETDEV_FAMILY_VERSION, .reserved = 0});
  const int error = generic.exchange(std::move(request), [&](uint16_t, Bytes payload) {
    if (payload.size() < GENL_HDRLEN) return;
    int ifindex = 0;
    uint64_t bits = 0;
    for_each_attribute(payload.subspan(GENL_HDRLEN), [&](uint16_t type, Bytes value) {
      if (type == NETDEV_A_DEV_IFINDEX) ifindex = read_at<int32_t>(value);
      if (type == NETDEV_A_DEV_XDP_FEATURES) bits = read_at<uint64_t>(value);
    });
    features[ifindex] = bits;
  });
  if (error != 0) return std::nullopt;
  return features;
}

NativeXdp native_xdp_of_driver(const std::string& driver, const std::string& kind, bool loopback) {
  static const std::set<std::string> with{
      "atlantic", "bnxt_en",   "cpsw",   "dpaa2-eth",  "ena",     "fsl_enetc",  "gve",    "hv_netvsc",
      "i40e",     "ice",       "igb",    "igc",        "ixgbe",   "ixgbevf",    "mana",   "mlx4_en",
      "mlx5_core", "mvneta",   "mvpp2",  "netsec",     "nfp",     "nicvf",      "qede",   "rvu_nicpf",
      "sfc",      "stmmaceth", "tsnep",  "tun",        "veth",    "virtio_net", "vif",    "vmxnet3"};
  static const std::set<std::string> without{"bridge", "dummy", "gre", "ip6tnl", "ipip", "ipvlan", "macvlan", "sit", "vlan", "vxlan", "wireguard"};
  if (loopback || without.count(kind) != 0) return NativeXdp::kNo;
  if (with.count(driver) != 0) return NativeXdp::kYes;
  return NativeXdp::kUnknown;
}

}  // namespace xdpeek
