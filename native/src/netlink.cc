// Netlink requests and answers. See netlink.h.
#include "netlink.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

#include "errors.h"

namespace xdpeek {

namespace {

/// Room for the largest message the kernel sends in a dump (it fits them to the reader's buffer, 32 KiB at most).
constexpr size_t kBufferBytes = 64 * 1024;
constexpr size_t aligned(size_t size) { return NLMSG_ALIGN(size); }

}  // namespace

std::string read_string(Bytes bytes) {
  const char* text = reinterpret_cast<const char*>(bytes.data());
  return std::string(text, ::strnlen(text, bytes.size()));
}

void for_each_attribute(Bytes bytes, const std::function<void(uint16_t, Bytes)>& visit) {
  while (bytes.size() >= sizeof(nlattr)) {
    const auto head = read_at<nlattr>(bytes);
    if (head.nla_len < sizeof(nlattr) || head.nla_len > bytes.size()) return;
    visit(head.nla_type & NLA_TYPE_MASK, bytes.subspan(sizeof(nlattr), head.nla_len - sizeof(nlattr)));
    bytes = bytes.subspan(std::min(bytes.size(), aligned(head.nla_len)));
  }
}

NetlinkRequest::NetlinkRequest(uint16_t type, uint16_t flags) {
  nlmsghdr head{};
  head.nlmsg_type = type;
  head.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  append(&head, sizeof head);
}

NetlinkRequest& NetlinkRequest::append(const void* data, size_t size) {
  const auto* first = static_cast<const uint8_t*>(data);
  bytes_.insert(bytes_.end(), first, first + size);
  bytes_.resize(aligned(bytes_.size()));
  return *this;
}

NetlinkRequest& NetlinkRequest::attribute(uint16_t type, Bytes payload) {
  const nlattr head{static_cast<uint16_t>(sizeof(nlattr) + payload.size()), type};
  return append(&head, sizeof head).append(payload.data(), payload.size());
}

const std::vector<uint8_t>& NetlinkRequest::finish(uint32_t sequence) {
  auto head = read_at<nlmsghdr>(bytes_);
  head.nlmsg_len = static_cast<uint32_t>(bytes_.size());
  head.nlmsg_seq = sequence;
  std::memcpy(bytes_.data(), &head, sizeof head);
  return bytes_;
}

bool NetlinkRequest::is_dump() const { return (read_at<nlmsghdr>(bytes_).nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP; }

NetlinkSocket::NetlinkSocket(int protocol) : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)) {
  if (!fd_) throw Failure(errno, "open a netlink socket");
  // A kernel that never answers must not hang the process: nothing legitimate takes this long.
  const timeval timeout{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  // Filters and attributes of a dump are checked by the kernel instead of silently ignored (4.20; older ones refuse: fine).
  const int on = 1;
  ::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
}

int NetlinkSocket::exchange(NetlinkRequest request, const std::function<void(uint16_t, Bytes)>& visit) {
  const uint32_t sequence = ++sequence_;
  const std::vector<uint8_t>& bytes = request.finish(sequence);
  if (::send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) throw Failure(errno, "ask the kernel over netlink");

  std::vector<uint8_t> buffer(kBufferBytes);
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Failure(errno, "read the kernel's answer over netlink");
    Bytes rest(buffer.data(), static_cast<size_t>(got));
    while (rest.size() >= sizeof(nlmsghdr)) {
      const auto head = read_at<nlmsghdr>(rest);
      if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) break;
      const Bytes payload = rest.subspan(sizeof head, head.nlmsg_len - sizeof head);
      rest = rest.subspan(std::min(rest.size(), aligned(head.nlmsg_len)));
      if (head.nlmsg_seq != sequence) continue;
      // Both carry an int: NLMSG_ERROR a negative errno or 0 for "done", NLMSG_DONE the dump's own result.
      if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) return -read_at<int32_t>(payload);
      visit(head.nlmsg_type, payload);
      if (!request.is_dump()) return 0;
    }
  }
}

}  // namespace xdpeek
