#include "frame.h"

#include "bytes.h"

namespace lines {
namespace {

constexpr uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100, kServiceVlan = 0x88a8;
constexpr int kIpv4Header = 20, kIpv6Header = 40;
constexpr int kTag = 4, kTagType = 2, kMaxTags = 4;  // bytes of a tag, and where it says what follows

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

FrameKind read_network(uint16_t type, const uint8_t* header, const uint8_t* end, Frame& frame) {
  if (type == kIpv4) return read_ipv4(header, end, frame);
  return type == kIpv6 ? read_ipv6(header, end, frame) : FrameKind::kOther;
}

/// Where a link's header says what it carries, and where that begins.
struct Layout {
  int type, header;
};
constexpr Layout layout_of(LinkType link) {
  switch (link) {
    case kCooked: return {14, 16};
    case kCooked2: return {0, 20};
    case kRaw: return {0, 0};
    default: return {12, 14};
  }
}

}  // namespace

FrameKind read_frame(LinkType link, const uint8_t* begin, const uint8_t* end, Frame& frame) {
  const Layout layout = layout_of(link);
  const uint8_t *type = begin + layout.type, *header = begin + layout.header;
  if (end - begin < layout.header + kIpv4Header) return FrameKind::kOther;
  if (link == kRaw) return read_network(header[0] >> 4 == 4 ? kIpv4 : header[0] >> 4 == 6 ? kIpv6 : 0, header, end, frame);
  for (int tags = 0; (u16(type) == kVlan || u16(type) == kServiceVlan) && tags < kMaxTags; tags++) {
    type = header + kTagType;
    header += kTag;
    if (end - header < kIpv4Header) return FrameKind::kOther;
  }
  return read_network(u16(type), header, end, frame);
}

}  // namespace lines
