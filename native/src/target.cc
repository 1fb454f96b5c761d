// Names become indexes inside the namespace where they mean something.
#include "target.h"

#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "errors.h"
#include "interfaces.h"
#include "link_details.h"

namespace xdpeek {

std::string describe(const Target& target) {
  static const char* hooks[] = {"XDP", "tc ingress", "tc egress", "observing XDP", "packet socket", "AF_XDP"};
  static const char* modes[] = {"", ", native mode", ", generic mode", ", offload mode"};
  std::string text = target.ifname + " (" + hooks[static_cast<int>(target.hook)] + modes[static_cast<int>(target.mode)];
  return text + ")" + in_netns(target.netns);
}

void resolve(Target& target) {
  run_in_netns(target.netns, [&] {
    const std::string tried = "use interface " + target.ifname + in_netns(target.netns);
    target.ifindex = static_cast<int>(::if_nametoindex(target.ifname.c_str()));
    if (target.ifindex == 0) {
      if (errno != ENODEV && errno != ENXIO) throw Failure(errno, tried);
      throw Failure("ENODEV", tried, "there is no interface of that name",
                    "`xdpeek ifaces` lists the interfaces of every network namespace; name another namespace with --netns.");
    }
    UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, target.ifname.c_str(), IFNAMSIZ - 1);
    if (!socket || ::ioctl(socket.get(), SIOCGIFHWADDR, &request) < 0) throw Failure(errno, tried);
    target.link_type = link_type_of(request.ifr_hwaddr.sa_family);
    target.loopback = request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
    std::memcpy(target.mac.data(), request.ifr_hwaddr.sa_data, target.mac.size());
    const LinkDetails details = EthtoolReader().read(target.ifname);
    target.speed_bps = uint64_t{details.speed_mbps} * 1'000'000;
    target.driver = details.driver;
  });
}

}  // namespace xdpeek
