// A netlink socket for dumps and short requests, and safe walking of attributes. Nothing here trusts a length it was
// given: attributes that run past their message end the walk. Sockets belong to the namespace of the thread that made them.
#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "unique_fd.h"

namespace xdpeek {

using Bytes = std::span<const uint8_t>;

/// Reads a T at `offset`; zero when the bytes are too short.
template <class T>
T read_at(Bytes bytes, size_t offset = 0) {
  T value{};
  if (offset <= bytes.size() && bytes.size() - offset >= sizeof(T)) std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// A NUL-terminated string attribute; the NUL may be missing.
std::string read_string(Bytes bytes);

/// Calls `visit(type, payload)` for each attribute in `bytes` (type without the nested and byte-order flags).
void for_each_attribute(Bytes bytes, const std::function<void(uint16_t type, Bytes payload)>& visit);

/// A request under construction: netlink header, a family's fixed header, attributes.
class NetlinkRequest {
 public:
  NetlinkRequest(uint16_t type, uint16_t flags);
  template <class T>
  NetlinkRequest& header(const T& fixed) {
    return append(&fixed, sizeof fixed);
  }
  NetlinkRequest& attribute(uint16_t type, Bytes payload);
  const std::vector<uint8_t>& finish(uint32_t sequence);
  /// A dump is answered by messages up to NLMSG_DONE, anything else by one. (NLM_F_MULTI cannot tell: netdev leaves it out.)
  bool is_dump() const;

 private:
  NetlinkRequest& append(const void* data, size_t size);
  std::vector<uint8_t> bytes_;
};

class NetlinkSocket {
 public:
  /// NETLINK_ROUTE or NETLINK_GENERIC. Throws Failure.
  explicit NetlinkSocket(int protocol);

  /// Sends `request` and calls `visit(type, payload after nlmsghdr)` for each answer. Returns 0, or the errno that the kernel
  /// answered with (the caller knows which of them are no failure). A dump that changed under way is not repeated: the
  /// next refresh shows it.
  int exchange(NetlinkRequest request, const std::function<void(uint16_t type, Bytes payload)>& visit);

 private:
  UniqueFd fd_;
  uint32_t sequence_ = 0;
};

}  // namespace xdpeek
