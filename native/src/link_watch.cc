// RTM_GETLINK for one index. See link_watch.h.
#include "link_watch.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "errors.h"
#include "netlink.h"

namespace xdpeek {

LinkWatch::LinkWatch(const Target& target) : target_(target), now_(read()) {}

std::optional<LinkState> LinkWatch::read() const {
  std::optional<LinkState> found;
  try {
    run_in_netns(target_.netns, [&] {
      NetlinkSocket route(NETLINK_ROUTE);
      NetlinkRequest request(RTM_GETLINK, 0);
      ifinfomsg wanted{};
      wanted.ifi_index = target_.ifindex;
      request.header(wanted);
      route.exchange(std::move(request), [&](uint16_t, Bytes payload) {
        if (payload.size() < sizeof(ifinfomsg)) return;
        LinkState& link = found.emplace();
        link.up = (read_at<ifinfomsg>(payload).ifi_flags & IFF_UP) != 0;
        for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof(ifinfomsg))), [&](uint16_t type, Bytes value) {
          if (type == IFLA_IFNAME) link.name = read_string(value);
          if (type == IFLA_MTU) link.mtu = read_at<uint32_t>(value);
          if (type != IFLA_STATS64) return;
          const auto stats = read_at<rtnl_link_stats64>(value);
          link.dropped = stats.rx_dropped + stats.rx_missed_errors;
        });
      });
    });
  } catch (const Failure&) {  // the namespace itself is gone
  }
  return found;
}

std::vector<std::string> LinkWatch::refresh() {
  const std::optional<LinkState> before = std::exchange(now_, read());
  std::vector<std::string> news;
  if (!now_ || !before) {
    if (before) news.push_back(before->name + " is no longer in its network namespace" + in_netns(target_.netns) + ": it was deleted, or moved to another one");
    return news;
  }
  // Counters that start anew (a driver was reset) add nothing.
  if (now_->dropped > before->dropped) dropped_ += now_->dropped - before->dropped;
  if (now_->name != before->name) news.push_back(before->name + " is now called " + now_->name + "; the capture goes on, its file says " + target_.ifname);
  if (now_->up != before->up) news.push_back(now_->name + (now_->up ? " is up again" : " was brought down: nothing arrives until it is up again; the capture waits"));
  if (now_->mtu != before->mtu) news.push_back("the MTU of " + now_->name + " changed from " + std::to_string(before->mtu) + " to " + std::to_string(now_->mtu));
  return news;
}

}  // namespace xdpeek
