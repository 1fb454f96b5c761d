#pragma once
#include "tcp_analysis.h"
#include "text.h"

namespace lines {

/// A TCP header with all its options.
struct TcpHeader {
  const uint8_t* at;
  size_t length;
  const uint8_t* options() const { return at + 20; }
  const uint8_t* end() const { return at + length; }
};

/// The shift of the window scale option, -1 without one (RFC 7323 §2.2).
int scale_option(const TcpHeader& header);

/// "[TCP Retransmission] " and the like; nothing where nothing is wrong.
void write_analysis(const Analysis& analysis, Text& text);

/// "44240 → 443 [PSH, ACK] Seq=1 Ack=1 Win=501 Len=197 TSval=1 TSecr=2".
void write_tcp(const TcpHeader& header, const Segment& segment, const Direction& fwd, const Direction& rev, Text& text);

}  // namespace lines
