#include "frame.h"

#include "bytes.h"

namespace lines {
namespace {

constexpr int kTypeAt = 12;
constexpr uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100, kServiceVlan = 0x88a8;
constexpr int kIpv4Header = 20, kIpv6Header = 40, kMaxTags = 4;

FrameKind read_ipv4(const uint8_t* at, const uint8_t* end, Frame& frame) {
  frame.addresses = at + 12;
  frame.address_size = 4;
  const int header = (at[0] & 0x0f) * 4, total = u16(at + 2);
  if (at[0] >> 4 != 4 || header < kIpv4Header || total < header || total > end - at) return FrameKind::kOdd;
  if (u16(at + 6) & 0x3fff) return FrameKind::kOdd;  // a fragment
  frame.protocol = at[9];
  frame.start = at + header;
  frame.end = at + total;
  return FrameKind::kPlain;
}

FrameKind read_ipv6(const uint8_t* at, const uint8_t* end, Frame& frame) {
  if (end - at < kIpv6Header) return FrameKind::kOther;
  frame.addresses = at + 8;
  frame.address_size = 16;
  const int length = u16(at + 4);
  if (at[0] >> 4 != 6 || length == 0 || length > end - at - kIpv6Header) return FrameKind::kOdd;
  frame.protocol = at[6];
  frame.start = at + kIpv6Header;
  frame.end = frame.start + length;
  return FrameKind::kPlain;
}

}  // namespace

FrameKind read_frame(const uint8_t* begin, const uint8_t* end, Frame& frame) {
  const uint8_t* at = begin + kTypeAt;
  if (end - at < 2 + kIpv4Header) return FrameKind::kOther;
  uint16_t type = u16(at);
  for (int tags = 0; (type == kVlan || type == kServiceVlan) && tags < kMaxTags; tags++) {
    at += 4;
    if (end - at < 2 + kIpv4Header) return FrameKind::kOther;
    type = u16(at);
  }
  if (type == kIpv4) return read_ipv4(at + 2, end, frame);
  return type == kIpv6 ? read_ipv6(at + 2, end, frame) : FrameKind::kOther;
}

}  // namespace lines
