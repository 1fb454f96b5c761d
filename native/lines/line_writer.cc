#include "line_writer.h"

#include <algorithm>
#include <cmath>

#include "bytes.h"
#include "http_payload.h"

namespace lines {
namespace {

constexpr size_t kTcpHeader = 20, kUdpHeader = 8;
enum Protocol : uint8_t { kIcmp = 1, kIgmp = 2, kTcp = 6, kUdp = 17, kIcmp6 = 58 };
/// Of a packet's numbers.
enum Column { kStart, kCaptured, kOnWire, kInterface, kTime, kVerdict };

/// More than a line takes: what it says of TCP and its addresses, and up to six bytes for each byte of payload that it has words for ("Compressed Certificate, "
/// for an empty message of four bytes is the most), those of an unfinished TLS record before it too. The first line of an HTTP message that began earlier, 64 KiB
/// at most, is less than that.
constexpr size_t kRoom = 2048, kWordsEach = 6, kUnfinished = 20'000;
/// So much may be kept about what is left out; so many conversations may be looked through for those of a pair.
constexpr size_t kMostLeft = 100'000;
constexpr uint64_t kMostLookedThrough = 50'000'000;
/// Bytes of unfinished units, of all conversations together.
constexpr size_t kMostKept = 64 << 20;
/// Doubles have all whole numbers up to it.
constexpr double kMostNs = 9e15;

/// Another thread read the piece: so many packets before one is looked at, its headers are asked for.
constexpr uint32_t kAhead = 6;
void prefetch(const uint8_t* packet) {
  __builtin_prefetch(packet);
  __builtin_prefetch(packet + 64);
}

Segment read_segment(const TcpHeader& header, const uint8_t* end, uint32_t number, double time_ns) {
  const uint8_t* const at = header.at;
  Segment segment{number, time_ns, u32(at + 4), u32(at + 8), static_cast<uint32_t>(end - header.end()), at[13], u16(at + 14), -1};
  if (segment.flags & kSyn) segment.scale_option = scale_option(header);
  return segment;
}

/// Whether a payload may show that another protocol speaks than the ports say.
bool shows_another(PortClass port_class, const uint8_t* at, const uint8_t* end) {
  return port_class == kUnclaimed ? may_be_recognised_over_tcp(at, end) : port_class == kHttp && starts_http2(at, end);
}

/// Whether a segment is not for these lines: it opens what may be a new connection, has data before there is one, or ends what waits for its end.
bool says_more(const Segment& segment, const Unit& unit, bool is_first) {
  const bool opens = (segment.flags & (kSyn | kAck)) == kSyn;
  if (segment.length > 0) return segment.flags & kSyn;
  return (opens && !is_first) || (segment.flags & kFin && unit.waits());
}

}  // namespace

uint8_t* TextBuffer::end(size_t bytes) {
  if (room_ - length_ < bytes) {
    std::vector<uint8_t> larger(2 * (length_ + bytes));
    std::copy(at_, at_ + length_, larger.begin());
    larger_.swap(larger);
    at_ = larger_.data();
    room_ = larger_.size();
  }
  return at_ + length_;
}

uint32_t LineWriter::write(const Piece& piece, TextBuffer& text, uint32_t* ends) {
  uint32_t printed = 0;
  for (uint32_t i = 0; i < piece.packets && !is_over_; i++) {
    const double* const row = piece.rows + Piece::kStride * i;
    const size_t start = static_cast<size_t>(row[kStart]), captured = static_cast<size_t>(row[kCaptured]);
    if (start > piece.size || captured > piece.size - start) break;  // nothing that a reader finds
    if (i + kAhead < piece.packets) prefetch(piece.bytes + static_cast<size_t>(row[Piece::kStride * kAhead + kStart]));
    const double verdict = row[kVerdict];
    const bool is_usual = row[kTime] >= -kMostNs && row[kTime] <= kMostNs && verdict >= 0 && verdict < static_cast<double>(options_.marks.size());
    const Packet at{piece.bytes + start,
                    piece.bytes + start + captured,
                    piece.before + i + 1,
                    static_cast<uint32_t>(row[kOnWire]),
                    row[kTime],
                    is_usual ? static_cast<uint8_t>(verdict) : uint8_t{0},
                    piece.shards[i],
                    piece.offset + start};
    Frame frame;
    if (!is_usual || row[kCaptured] < row[kOnWire]) {
      if (read_frame(piece.link, at.begin, at.end, frame) != FrameKind::kOther) odd(frame);
      continue;
    }
    Text line(text.end(kRoom + kWordsEach * (captured + kUnfinished)));
    if (!packet(piece.link, at, line)) continue;
    line.byte('\n');
    text.advance_to(line.at());
    piece.shards[i] = kHere;
    ends[printed++] = static_cast<uint32_t>(text.length());
  }
  return printed;
}

bool LineWriter::packet(LinkType link, const Packet& packet, Text& text) {
  Frame frame;
  switch (read_frame(link, packet.begin, packet.end, frame)) {
    case FrameKind::kOther: return false;
    case FrameKind::kOdd: odd(frame); return false;
    case FrameKind::kPlain: break;
  }
  const size_t length = static_cast<size_t>(frame.end - frame.start);
  switch (frame.protocol) {
    case kTcp:
      if (length >= kTcpHeader && (frame.start[12] >> 4) * 4u >= kTcpHeader && (frame.start[12] >> 4) * 4u <= length) return tcp(packet, frame, text);
      break;
    case kUdp:
      if (length >= kUdpHeader && u16(frame.start + 4) >= kUdpHeader && u16(frame.start + 4) <= length) return udp(packet, frame, text);
      break;
    // Nothing of these speaks of the conversations between two hosts, except to quote it.
    case kIcmp:
    case kIgmp:
    case kIcmp6: return false;
  }
  odd(frame);
  return false;
}

void LineWriter::head(const Packet& packet, Text& text) const {
  text.padded(packet.number, 5, ' ');
  text.byte(' ');
  const double below = std::floor(packet.time_ns);
  const double rounded = packet.time_ns - below >= 0.5 ? below + 1 : below;
  if (rounded < 0) text.byte('-');
  const uint64_t whole = static_cast<uint64_t>(std::abs(rounded));
  text.number(whole / 1'000'000'000);
  text.byte('.');
  text.padded(whole % 1'000'000'000, 9, '0');
  text.byte(' ');
  text.put(options_.marks[packet.verdict]);
}

bool LineWriter::tcp(const Packet& packet, const Frame& frame, Text& text) {
  const auto [ends, side] = ends_of(frame);
  Conversation* const known = conversations_.find(ends);
  Conversation& conversation = known ? *known : begin(ends, packet.shard);
  if (conversation.elsewhere) return false;
  const TcpHeader header{frame.start, (frame.start[12] >> 4) * 4u};
  const Segment segment = read_segment(header, frame.end, packet.number, packet.time_ns);
  const bool is_data = segment.length > 0;
  if (says_more(segment, conversation.units[side], !known) || (is_data && shows_another(conversation.port_class, header.end(), frame.end))) {
    leave(conversation);
    return false;
  }
  const Analysis found = conversation.connection.see(segment, side);
  const bool takes = is_data && !(found.flags & kRepeated);
  const Payload said = takes ? payload(conversation, side, header.end(), frame.end, segment) : Payload::kNoUnit;
  if (said == Payload::kElsewhere) leave(conversation);
  if (kept_ > kMostKept) hand_over();
  if (conversation.elsewhere) return false;
  head(packet, text);
  AddressText& addresses = conversation.addresses[side];
  if (addresses.length == 0) write_addresses(frame, addresses);
  text.put_from(addresses.text, addresses.length);
  text.put(said != Payload::kUnits ? "TCP" : conversation.port_class == kTls ? tls_column(conversation.tls) : "HTTP");
  text.byte(' ');
  text.number(packet.on_wire);
  text.byte(' ');
  if (said == Payload::kUnits || said == Payload::kBegins)
    text.put(info_);
  else {
    write_analysis(found, text);
    write_tcp(header, segment, conversation.connection.sides[side], conversation.connection.sides[1 - side], text);
  }
  if (said == Payload::kPart || said == Payload::kBegins) text.put(" [TCP segment of a reassembled PDU]");
  const uint32_t captured = static_cast<uint32_t>(packet.end - packet.begin);
  conversation.last_packet =
      history_.add({packet.time_ns, packet.offset, conversation.last_packet, packet.number, captured, packet.on_wire, conversation.shard});
  return true;
}

Conversation& LineWriter::begin(const Ends& ends, uint8_t shard) {
  if (Conversation* const outgoing = conversations_.outgoing()) clear(*outgoing);
  Conversation& made = conversations_.begin(ends);
  // The lower port first, as there.
  const auto [low, high] = std::minmax(ends.smaller_port, ends.larger_port);
  const auto [of_low, of_high] = std::pair(options_.tcp_ports[low], options_.tcp_ports[high]);
  made.port_class = static_cast<PortClass>(of_low == kUnclaimed ? of_high : of_low);
  made.shard = shard;
  made.elsewhere = made.port_class == kClaimed || is_left(ends);
  return made;
}

Payload LineWriter::payload(Conversation& conversation, int side, const uint8_t* at, const uint8_t* end, const Segment& segment) {
  Unit& unit = conversation.units[side];
  const size_t before = unit.kept.size();
  Payload said = Payload::kNoUnit;
  info_.clear();
  if (conversation.port_class == kTls) said = take_tls(conversation.tls, side, unit, at, end, segment, info_);
  if (conversation.port_class == kHttp) said = take_http(unit, at, end, segment, info_);
  kept_ += unit.kept.size() - before;
  return said;
}

bool LineWriter::udp(const Packet& packet, const Frame& frame, Text& text) {
  const uint16_t from = u16(frame.start), to = u16(frame.start + 2), length = u16(frame.start + 4);
  if (options_.udp_ports[from] != kUnclaimed || options_.udp_ports[to] != kUnclaimed) return false;
  if (!left_pairs_.empty() || !left_datagrams_.empty()) {
    const Ends ends = ends_of(frame).ends;
    if (left_datagrams_.contains(ends) || is_left(ends)) return false;
  }
  if (length > kUdpHeader && may_be_recognised_over_udp(frame.start + kUdpHeader, frame.start + length)) {
    left_datagrams_.insert(ends_of(frame).ends);
    if (left_datagrams_.size() > kMostLeft) hand_over();
    return false;
  }
  head(packet, text);
  AddressText addresses;
  write_addresses(frame, addresses);
  text.put_from(addresses.text, addresses.length);
  text.put("UDP ");
  text.number(packet.on_wire);
  text.byte(' ');
  text.number(from);
  text.put(" → ");
  text.number(to);
  text.put(" Len=");
  text.number(length - kUdpHeader);
  return true;
}

/// A fragment, a header that is not known here: it may hold something of any conversation between its two addresses.
void LineWriter::odd(const Frame& frame) {
  const Pair pair = pair_of(frame);
  if (!left_pairs_.insert(pair).second) return;
  looked_through_ += conversations_.size();
  if (left_pairs_.size() > kMostLeft || looked_through_ > kMostLookedThrough) {
    hand_over();
    return;
  }
  conversations_.each([&](Conversation& conversation) {
    if (conversation.ends.pair == pair) leave(conversation);
  });
}

bool LineWriter::is_left(const Ends& ends) const { return !left_pairs_.empty() && left_pairs_.contains(ends.pair); }

void LineWriter::leave(Conversation& conversation) {
  if (conversation.elsewhere) return;
  conversation.elsewhere = true;
  if (!history_.collect(conversation.last_packet, past_)) is_lost_ = true;
  clear(conversation);
}

void LineWriter::clear(Conversation& conversation) {
  for (Unit& unit : conversation.units) {
    kept_ -= unit.kept.size();
    unit.clear();
  }
}

void LineWriter::hand_over() {
  is_over_ = true;
  conversations_.each([this](Conversation& conversation) { leave(conversation); });
}

}  // namespace lines
