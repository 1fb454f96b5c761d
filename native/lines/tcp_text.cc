#include "tcp_text.h"

#include <algorithm>
#include <string_view>

#include "bytes.h"

namespace lines {
namespace {

enum Option : uint8_t { kEnd, kNop, kMss, kScale, kSackPermitted, kSack, kTimestamps = 8 };
constexpr uint32_t kFillersAndTimestamps = 0x0101080a;  // the options of nearly every segment
constexpr size_t kWithTimestamps = 20 + 12;
constexpr int kMostShift = 14;

struct Word {
  uint32_t flag;
  std::string_view text;
};
/// In the order in which a line names them.
constexpr Word kWords[] = {
    {kFastRetransmission, "TCP Fast Retransmission"},
    {kSpuriousRetransmission, "TCP Spurious Retransmission"},
    {kRetransmission, "TCP Retransmission"},
    {kOutOfOrder, "TCP Out-Of-Order"},
    {kLostSegment, "TCP Previous segment not captured"},
    {kAckLostSegment, "TCP ACKed unseen segment"},
    {kWindowUpdate, "TCP Window Update"},
    {kWindowFull, "TCP Window Full"},
    {kKeepAlive, "TCP Keep-Alive"},
    {kKeepAliveAck, "TCP Keep-Alive ACK"},
    {kDuplicateAck, "TCP Dup ACK "},
    {kZeroWindowProbe, "TCP ZeroWindowProbe"},
    {kZeroWindowProbeAck, "TCP ZeroWindowProbeAck"},
    {kZeroWindow, "TCP ZeroWindow"},
};
constexpr std::string_view kFlagNames[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"};

void write_flags(unsigned flags, Text& text) {
  bool first = true;
  for (unsigned i = 0; i < std::size(kFlagNames); i++) {
    if (!(flags >> i & 1)) continue;
    if (!first) text.put(", ");
    first = false;
    text.put(kFlagNames[i]);
  }
  if (first) text.put("<None>");
}

void labelled(std::string_view label, uint64_t value, Text& text) {
  text.put(label);
  text.number(value);
}

/// @param look gets kind, place and length of each option until one makes no sense
template <class Look>
void each_option(const TcpHeader& header, Look look) {
  for (const uint8_t* at = header.options(); at < header.end();) {
    const uint8_t kind = at[0];
    if (kind == kEnd) return;
    const size_t length = kind == kNop ? 1 : at + 1 < header.end() ? at[1] : 0;
    if (length == 0 || (kind != kNop && length < 2) || length > static_cast<size_t>(header.end() - at)) return;
    look(kind, at, length);
    at += length;
  }
}

void write_options(const TcpHeader& header, uint32_t base, Text& text) {
  each_option(header, [&](uint8_t kind, const uint8_t* at, size_t length) {
    if (kind == kMss && length == 4)
      labelled(" MSS=", u16(at + 2), text);
    else if (kind == kScale && length == 3)
      labelled(" WS=", 1u << std::min<int>(at[2], kMostShift), text);
    else if (kind == kSackPermitted && length == 2)
      text.put(" SACK_PERM");
    else if (kind == kTimestamps && length == 10) {
      labelled(" TSval=", u32(at + 2), text);
      labelled(" TSecr=", u32(at + 6), text);
    } else if (kind == kSack)
      for (const uint8_t* edge = at + 2; edge + 8 <= at + length; edge += 8) {
        labelled(" SLE=", u32(edge) - base, text);
        labelled(" SRE=", u32(edge + 4) - base, text);
      }
  });
}

}  // namespace

int scale_option(const TcpHeader& header) {
  // An option of length 1 is none, and is stepped over all the same: that is how the dissector looks for one.
  for (const uint8_t* at = header.options(); at < header.end();) {
    if (at[0] == kEnd) return -1;
    const size_t length = at[0] == kNop ? 1 : at + 1 < header.end() ? at[1] : 0;
    if (length == 0 || length > static_cast<size_t>(header.end() - at)) return -1;
    if (at[0] == kScale) return length == 3 ? at[2] : -1;
    at += length;
  }
  return -1;
}

void write_analysis(const Analysis& analysis, Text& text) {
  if (analysis.flags == 0) return;
  for (const auto& [flag, words] : kWords) {
    if (!(analysis.flags & flag)) continue;
    if (flag == kRetransmission && analysis.flags & (kFastRetransmission | kSpuriousRetransmission)) continue;
    text.byte('[');
    text.put(words);
    if (flag == kDuplicateAck) {
      text.number(analysis.dup_ack_frame);
      text.byte('#');
      text.number(analysis.dup_ack_number);
    }
    text.put("] ");
  }
}

void write_tcp(const TcpHeader& header, const Segment& segment, const Direction& fwd, const Direction& rev, Text& text) {
  text.number(u16(header.at));
  text.put(" → ");
  text.number(u16(header.at + 2));
  text.put(" [");
  write_flags(u16(header.at + 12) & 0x1ff, text);
  labelled("] Seq=", segment.seq - fwd.base, text);
  if (segment.flags & kAck) labelled(" Ack=", segment.ack - rev.base, text);
  const bool scaled = fwd.scale > 0 && !(segment.flags & kSyn);
  labelled(" Win=", scaled ? static_cast<uint64_t>(segment.window) << fwd.scale : segment.window, text);
  if (segment.flags & kUrg) labelled(" Urg=", u16(header.at + 18), text);
  labelled(" Len=", segment.length, text);
  if (header.length == kWithTimestamps && u32(header.options()) == kFillersAndTimestamps) {
    labelled(" TSval=", u32(header.options() + 4), text);
    labelled(" TSecr=", u32(header.options() + 8), text);
  } else if (header.length > 20)
    write_options(header, rev.base, text);
}

}  // namespace lines
