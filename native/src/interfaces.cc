// RTM_GETLINK and RTM_GETADDR dumps joined with what ethtool, netdev and bpf know. See interfaces.h.
#include "interfaces.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "errors.h"
#include "link_details.h"

namespace xdpeek {

namespace {

// LINKTYPE_* values: https://www.tcpdump.org/linktypes.html
constexpr int kLinkEthernet = 1, kLinkRaw = 101, kLink80211 = 105, kLinkRadiotap = 127, kLinkUser0 = 147, kLinkCan = 227,
              kLinkInfiniband = 247, kLinkNetlink = 253;

std::string mac_text(Bytes bytes) {
  if (bytes.size() != 6) return {};
  char text[18];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
  return text;
}

void read_stats(Interface& link, Bytes value) {
  const auto stats = read_at<rtnl_link_stats64>(value);
  link.rx_packets = stats.rx_packets;
  link.rx_bytes = stats.rx_bytes;
  link.rx_dropped = stats.rx_dropped + stats.rx_missed_errors;
  link.tx_packets = stats.tx_packets;
  link.tx_bytes = stats.tx_bytes;
  link.tx_dropped = stats.tx_dropped;
}

Interface read_link(Bytes payload) {
  const auto header = read_at<ifinfomsg>(payload);
  Interface link;
  link.ifindex = header.ifi_index;
  link.up = (header.ifi_flags & IFF_UP) != 0;
  link.loopback = (header.ifi_flags & IFF_LOOPBACK) != 0;
  link.link_type = link_type_of(header.ifi_type);
  const bool has_mac = header.ifi_type == ARPHRD_ETHER;
  uint8_t operstate = IF_OPER_UNKNOWN;
  for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof header)), [&](uint16_t type, Bytes value) {
    switch (type) {
      case IFLA_IFNAME: link.name = read_string(value); break;
      case IFLA_ADDRESS: if (has_mac) link.mac = mac_text(value); break;
      case IFLA_MTU: link.mtu = read_at<uint32_t>(value); break;
      case IFLA_OPERSTATE: operstate = read_at<uint8_t>(value); break;
      case IFLA_NUM_RX_QUEUES: link.rx_queues = read_at<uint32_t>(value); break;
      case IFLA_STATS64: read_stats(link, value); break;
      case IFLA_XDP: link.attached = xdp_programs(value); break;
      case IFLA_LINKINFO:
        for_each_attribute(value, [&](uint16_t info, Bytes data) {
          if (info == IFLA_INFO_KIND) link.kind = read_string(data);
        });
        break;
    }
  });
  // Loopback and tun never leave "unknown" although they carry traffic.
  link.running = link.up && (operstate == IF_OPER_UP || operstate == IF_OPER_UNKNOWN) && (header.ifi_flags & IFF_RUNNING) != 0;
  return link;
}

std::vector<Interface> read_links(NetlinkSocket& route) {
  std::vector<Interface> links;
  NetlinkRequest request(RTM_GETLINK, NLM_F_DUMP);
  request.header(ifinfomsg{});
  const int error = route.exchange(std::move(request), [&](uint16_t type, Bytes payload) {
    if (type == RTM_NEWLINK && payload.size() >= sizeof(ifinfomsg)) links.push_back(read_link(payload));
  });
  if (error != 0) throw Failure(error, "list the network interfaces");
  std::sort(links.begin(), links.end(), [](const Interface& a, const Interface& b) { return a.ifindex < b.ifindex; });
  return links;
}

/// ifindex → "address/prefix". On point-to-point links IFA_LOCAL is ours and IFA_ADDRESS the peer's.
std::map<int, std::vector<std::string>> read_addresses(NetlinkSocket& route) {
  std::map<int, std::vector<std::string>> addresses;
  NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP);
  request.header(ifaddrmsg{});
  const int error = route.exchange(std::move(request), [&](uint16_t type, Bytes payload) {
    if (type != RTM_NEWADDR || payload.size() < sizeof(ifaddrmsg)) return;
    const auto header = read_at<ifaddrmsg>(payload);
    if (header.ifa_family != AF_INET && header.ifa_family != AF_INET6) return;
    Bytes address, local;
    for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof header)), [&](uint16_t attribute, Bytes value) {
      if (attribute == IFA_ADDRESS) address = value;
      if (attribute == IFA_LOCAL) local = value;
    });
    const Bytes ours = local.empty() ? address : local;
    char text[INET6_ADDRSTRLEN];
    if (ours.size() != (header.ifa_family == AF_INET ? 4u : 16u) || !::inet_ntop(header.ifa_family, ours.data(), text, sizeof text)) return;
    addresses[static_cast<int>(header.ifa_index)].push_back(std::string(text) + "/" + std::to_string(header.ifa_prefixlen));
  });
  if (error != 0) throw Failure(error, "list the interfaces' addresses");
  return addresses;
}

}  // namespace

int link_type_of(unsigned hardware_type) {
  switch (hardware_type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK: return kLinkEthernet;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_PPP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_IP6GRE: return kLinkRaw;
    case ARPHRD_IEEE80211: return kLink80211;
    case ARPHRD_IEEE80211_RADIOTAP: return kLinkRadiotap;
    case ARPHRD_CAN: return kLinkCan;
    case ARPHRD_INFINIBAND: return kLinkInfiniband;
    case ARPHRD_NETLINK: return kLinkNetlink;
    default: return kLinkUser0;
  }
}

std::vector<Interface> list_interfaces() {
  NetlinkSocket route(NETLINK_ROUTE);
  std::vector<Interface> links = read_links(route);
  auto addresses = read_addresses(route);
  const std::vector<int> clsact = clsact_interfaces(route);
  const auto features = xdp_features();
  const EthtoolReader ethtool;
  for (Interface& link : links) {
    link.addresses = std::move(addresses[link.ifindex]);
    const LinkDetails details = ethtool.read(link.name);
    link.driver = details.driver;
    link.speed_mbps = details.speed_mbps;
    const auto known = features ? features->find(link.ifindex) : decltype(features->end()){};
    if (features && known != features->end())
      link.xdp_native = (known->second & 1) != 0 ? NativeXdp::kYes : NativeXdp::kNo;  // bit 0: NETDEV_XDP_ACT_BASIC
    else
      link.xdp_native = native_xdp_of_driver(link.driver, link.kind, link.loopback);
    const bool has_clsact = std::find(clsact.begin(), clsact.end(), link.ifindex) != clsact.end();
    for (AttachedProgram& program : tc_programs(route, link.ifindex, has_clsact)) link.attached.push_back(std::move(program));
  }
  return links;
}

std::vector<Interface> list_interfaces_in(const NetnsName& netns) {
  std::vector<Interface> found;
  const auto add = [&found](const NetnsName& name) {
    for (Interface& link : list_interfaces()) {
      link.netns = name;
      found.push_back(std::move(link));
    }
  };
  if (netns != "*") {
    run_in_netns(netns, [&] { add(netns); });
    return found;
  }
  for (const NetnsEntry& entry : all_netns()) {
    if (!entry.name) {
      add(entry.name);
      continue;
    }
    try {
      run_in_netns_fd(entry.fd.get(), *entry.name, [&] { add(entry.name); });
    } catch (const Failure& failure) {
      if (failure.error_number() != EPERM) throw;
    }
  }
  return found;
}

}  // namespace xdpeek
