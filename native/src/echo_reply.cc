#include "echo_reply.h"

#include <algorithm>

namespace xdpeek {
namespace {

constexpr size_t kEthernet = 14, kTag = 4, kIpv6 = 40, kEcho = 8;
constexpr uint16_t kIpv4Type = 0x0800, kIpv6Type = 0x86dd;
constexpr uint8_t kIcmp = 1, kIcmpv6 = 58, kRequest = 8, kReply = 0, kRequest6 = 128, kReply6 = 129;

uint16_t read16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }

/// The type is the upper byte of a 16-bit word: HC' = ~(~HC + ~m + m') (RFC 1624). Zero is 0xffff: both are right over data that are not all zero, and only that one
/// over those that are.
void turn(uint8_t* icmp, uint8_t type) {
  const uint16_t code = icmp[1];
  uint32_t sum = static_cast<uint16_t>(~read16(icmp + 2)) + static_cast<uint16_t>(~(icmp[0] << 8 | code)) + static_cast<uint32_t>(type << 8 | code);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  const auto checksum = static_cast<uint16_t>(sum == 0xffff ? 0xffff : ~sum);
  icmp[0] = type;
  icmp[2] = static_cast<uint8_t>(checksum >> 8);
  icmp[3] = static_cast<uint8_t>(checksum);
}

bool answer_ipv4(uint8_t* ip, size_t length) {
  if (length < 20 || ip[0] >> 4 != 4) return false;
  const size_t header = size_t{ip[0] & 0x0fu} * 4;
  const bool fragment = (read16(ip + 6) & 0x3fff) != 0;
  if (header < 20 || length < header + kEcho || ip[9] != kIcmp || fragment || ip[header] != kRequest) return false;
  std::swap_ranges(ip + 12, ip + 16, ip + 16);
  turn(ip + header, kReply);
  return true;
}

bool answer_ipv6(uint8_t* ip, size_t length) {
  if (length < kIpv6 + kEcho || ip[0] >> 4 != 6 || ip[6] != kIcmpv6 || ip[kIpv6] != kRequest6) return false;
  // The pseudo-header's sum does not care which address is whose.
  std::swap_ranges(ip + 8, ip + 24, ip + 24);
  turn(ip + kIpv6, kReply6);
  return true;
}

}  // namespace

bool make_echo_reply(uint8_t* frame, size_t length) {
  size_t at = kEthernet;
  if (length < at) return false;
  uint16_t type = read16(frame + 12);
  for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++, at += kTag) {
    if (length < at + kTag) return false;
    type = read16(frame + at + 2);
  }
  const bool answered = type == kIpv4Type ? answer_ipv4(frame + at, length - at) : type == kIpv6Type && answer_ipv6(frame + at, length - at);
  if (answered) std::swap_ranges(frame, frame + 6, frame + 6);
  return answered;
}

}  // namespace xdpeek
