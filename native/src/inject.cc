// AF_PACKET sender. The socket is made inside the namespace (and stays in it); sending happens on whatever thread called.
#include "inject.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "errors.h"
#include "interfaces.h"

namespace xdpeek {

namespace {

/// Pauses of 200 µs in a row before a full queue counts as one that nobody empties: 2 s.
constexpr unsigned kQueueFullMax = 10'000;

struct Sender {
  UniqueFd fd;
  int ifindex = 0;
  bool raw_ip = false;
};

/// Keeps the calling thread on its CPU while it lives: frames that one CPU sends arrive in order, those of two may pass each other.
class OnOneCpu {
 public:
  OnOneCpu() : held_(::sched_getaffinity(0, sizeof before_, &before_) == 0) {
    const int cpu = ::sched_getcpu();
    if (!held_ || cpu < 0 || cpu >= CPU_SETSIZE) return;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    ::sched_setaffinity(0, sizeof only, &only);
  }
  ~OnOneCpu() {
    if (held_) ::sched_setaffinity(0, sizeof before_, &before_);
  }
  OnOneCpu(const OnOneCpu&) = delete;
  OnOneCpu& operator=(const OnOneCpu&) = delete;

 private:
  cpu_set_t before_{};
  bool held_;
};

std::string target_text(const Injection& injection) { return injection.ifname + in_netns(injection.netns); }

Sender open_sender(const Injection& injection) {
  const std::string tried = "send frames on " + target_text(injection);
  return call_in_netns(injection.netns, [&] {
    Sender sender;
    sender.fd = UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!sender.fd)
      throw Failure(errno, tried, errno == EPERM ? "Raw frames need root (CAP_NET_RAW) in that namespace." : "");
    ifreq request{};
    std::strncpy(request.ifr_name, injection.ifname.c_str(), IFNAMSIZ - 1);
    if (::ioctl(sender.fd.get(), SIOCGIFINDEX, &request) != 0)
      throw Failure(errno, tried, "There is no interface of that name; `xdpeek ifaces` lists them.");
    sender.ifindex = request.ifr_ifindex;
    if (::ioctl(sender.fd.get(), SIOCGIFHWADDR, &request) != 0) throw Failure(errno, tried);
    constexpr int kRawLinkType = 101;
    sender.raw_ip = link_type_of(request.ifr_hwaddr.sa_family) == kRawLinkType;
    return sender;
  });
}

/// Raw-IP devices have no header that names the protocol: the packet's version nibble does.
uint16_t protocol_of(const Sender& sender, const std::vector<uint8_t>& frame) {
  if (sender.raw_ip) return htons((frame.front() >> 4) == 6 ? ETH_P_IPV6 : ETH_P_IP);
  uint16_t type = 0;
  if (frame.size() >= ETH_HLEN) std::memcpy(&type, frame.data() + 12, sizeof type);
  return type;
}

void sleep_until(timespec& next, uint64_t step_us) {
  const uint64_t nanoseconds = static_cast<uint64_t>(next.tv_nsec) + step_us * 1000;
  next.tv_sec += static_cast<time_t>(nanoseconds / 1'000'000'000);
  next.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr) == EINTR) {
  }
}

[[noreturn]] void fail(const Injection& injection, int error, uint64_t sent) {
  const std::string tried = "send frame " + std::to_string(sent + 1) + " on " + target_text(injection);
  const char* hint = error == ENETDOWN   ? "The interface is down: `ip link set dev NAME up`."
                     : error == EMSGSIZE ? "The frame is longer than the interface's MTU allows."
                     : error == ENOBUFS  ? "The interface's queue stayed full: nothing takes its frames."
                                         : "";
  throw Failure(error, tried, hint);
}

}  // namespace

uint64_t send_frames(const Injection& injection) {
  const Sender sender = open_sender(injection);
  const OnOneCpu here;
  const uint64_t total = static_cast<uint64_t>(injection.frames.size()) * injection.repeat;
  constexpr size_t kBatch = 64;
  const size_t batch = injection.interval_us == 0 ? kBatch : 1;
  std::array<sockaddr_ll, kBatch> addresses{};
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  timespec next{};
  ::clock_gettime(CLOCK_MONOTONIC, &next);

  uint64_t sent = 0;
  unsigned full_for = 0;
  while (sent < total) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(batch, total - sent));
    for (size_t i = 0; i < count; i++) {
      const std::vector<uint8_t>& frame = injection.frames[(sent + i) % injection.frames.size()];
      addresses[i] = {.sll_family = AF_PACKET, .sll_protocol = protocol_of(sender, frame), .sll_ifindex = sender.ifindex, .sll_halen = 0};
      parts[i] = {.iov_base = const_cast<uint8_t*>(frame.data()), .iov_len = frame.size()};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = &addresses[i];
      messages[i].msg_hdr.msg_namelen = sizeof addresses[i];
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int taken = ::sendmmsg(sender.fd.get(), messages.data(), static_cast<unsigned>(count), 0);
    if (taken > 0) {
      sent += static_cast<uint64_t>(taken);
      full_for = 0;
      if (injection.interval_us != 0 && sent < total) sleep_until(next, injection.interval_us);
    } else if ((errno == ENOBUFS || errno == EAGAIN) && full_for < kQueueFullMax) {
      const timespec pause{.tv_sec = 0, .tv_nsec = 200'000};  // the queue is full: let it run off
      ::nanosleep(&pause, nullptr);
      full_for++;
    } else if (errno != EINTR) {
      fail(injection, errno, sent);
    }
  }
  return sent;
}

}  // namespace xdpeek
