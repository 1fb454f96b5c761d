#pragma once
#include <cstddef>
#include <cstdint>

namespace lines {

/// What a frame is to these lines, see electron/packets/lines/plain-frame.ts.
enum class FrameKind {
  kPlain,  ///< perhaps VLAN tags, IPv4 or IPv6 without extension headers, all bytes there, nothing that contradicts itself
  kOdd,    ///< IPv4 or IPv6 between two addresses, and not plain
  kOther,  ///< no IP header where one is looked for
};

struct Frame {
  const uint8_t* addresses;  ///< the sender's, the receiver's behind it; of plain and odd frames
  size_t address_size;       ///< 4 or 16
  uint8_t protocol;          ///< IP protocol; this and what follows are of plain frames
  const uint8_t* start;      ///< what the network header carries: [start, end)
  const uint8_t* end;
};

/// Links whose frames are read here: LINKTYPE_*.
enum LinkType : uint16_t { kEthernet = 1, kRaw = 101, kCooked = 113, kCooked2 = 276 };

/// @param end of the captured bytes
FrameKind read_frame(LinkType link, const uint8_t* begin, const uint8_t* end, Frame& frame);

}  // namespace lines
