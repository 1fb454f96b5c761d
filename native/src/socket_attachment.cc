// Sockets with an eBPF filter (SO_ATTACH_BPF of socket(7)). A packet socket's is the entry program of a capture, or one of the workbench's: ours answers 0 to every
// packet, so the socket's own queue stays empty; the packet leaves through our ring. A UDP socket that listens is there to try a filter on: what it lets through is
// received and thrown away.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include "attachment.h"
#include "errors.h"

namespace xdpeek {
namespace {

class SocketAttachment final : public Attachment {
 public:
  explicit SocketAttachment(UniqueFd fd) : fd_(std::move(fd)) {}
  const char* via() const override { return "socket"; }
  /// The kernel unbinds the socket (index -1) when its interface goes away.
  bool alive() const override {
    sockaddr_ll address{};
    socklen_t length = sizeof address;
    return ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0 && address.sll_ifindex > 0;
  }

 private:
  UniqueFd fd_;
};

class UdpAttachment final : public Attachment {
 public:
  explicit UdpAttachment(UniqueFd fd) : fd_(std::move(fd)), reader_([this] { drain(); }) {}
  ~UdpAttachment() override {
    stop_ = true;
    reader_.join();
  }
  const char* via() const override { return "udp-socket"; }
  /// A socket on no interface loses none.
  bool alive() const override { return true; }

 private:
  void drain() {
    std::array<char, 1> byte;
    // The socket's time limit is how soon the end is noticed.
    while (!stop_) ::recv(fd_.get(), byte.data(), byte.size(), MSG_TRUNC);
  }

  UniqueFd fd_;
  std::atomic<bool> stop_{false};
  std::thread reader_;
};

/// Both families where there are both. The filter is there before the first datagram can be.
UniqueFd listening_udp(uint16_t port, int program_fd, const std::string& tried) {
  UniqueFd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool both = static_cast<bool>(fd);
  if (!both) fd = UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) throw Failure(errno, tried);
  const int off = 0;
  if (both) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const timeval limit{.tv_sec = 0, .tv_usec = 200'000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_BPF, &program_fd, sizeof program_fd) < 0)
    throw Failure(errno, tried, errno == EINVAL ? "It must be a socket filter (section \"socket\")." : "");
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  const auto* address = both ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
  if (::bind(fd.get(), address, both ? sizeof six : sizeof four) < 0)
    throw Failure(errno, tried, errno == EADDRINUSE ? "Somebody listens there already: choose another port." : errno == EACCES ? "Choose a port of 1024 or more." : "");
  return fd;
}

}  // namespace

std::unique_ptr<Attachment> attach_udp(const NetnsName& netns, uint16_t port, int program_fd) {
  const std::string tried = "attach to a UDP socket on port " + std::to_string(port) + in_netns(netns);
  return std::make_unique<UdpAttachment>(call_in_netns(netns, [&] { return listening_udp(port, program_fd, tried); }));
}

std::unique_ptr<Attachment> attach_socket(const Target& target, int program_fd) {
  const std::string tried = "attach to " + describe(target);
  return call_in_netns(target.netns, [&] {
    // Protocol 0 until it is bound: no packet of another interface ever reaches the filter.
    UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!fd) throw Failure(errno, tried, errno == EPERM ? "Packet sockets need root, or CAP_NET_RAW in the namespace of the interface." : "");
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_BPF, &program_fd, sizeof program_fd) < 0) throw Failure(errno, tried);
    const int on = 1;
    ::setsockopt(fd.get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
    const sockaddr_ll address{.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = target.ifindex};
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) throw Failure(errno, tried);
    return std::unique_ptr<Attachment>(std::make_unique<SocketAttachment>(std::move(fd)));
  });
}

}  // namespace xdpeek
