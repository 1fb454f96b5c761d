// A packet socket whose eBPF filter is our entry program (packet(7), SO_ATTACH_BPF of socket(7)). It answers 0 to every packet, so the
// socket's own queue stays empty; the packet leaves through our ring.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>

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

}  // namespace

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
