#include "tcp_analysis.h"

#include <algorithm>

namespace lines {
namespace {

constexpr double kFastNs = 20'000'000, kReorderNs = 3'000'000;
constexpr int kMostShift = 14;  // RFC 7323 §2.3

/// Distance from b to a over the wrap; negative when a is before b.
int32_t after(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b); }

/// What a segment says by its numbers alone. See `analyze` there for the order of the rules.
void judge(const Segment& s, Direction& fwd, const Direction& rev, Analysis& found) {
  const bool plain = !(s.flags & (kSyn | kFin | kRst));
  const bool at_expected = fwd.has_next && s.seq == fwd.next_seq;
  if (s.length == 1 && at_expected && rev.window == 0) {
    found.flags |= kZeroWindowProbe;
    return;
  }
  if (s.window == 0 && plain) found.flags |= kZeroWindow;
  if (fwd.has_next && after(s.seq, fwd.next_seq) > 0 && !(s.flags & kRst)) found.flags |= kLostSegment;
  if (s.length <= 1 && fwd.has_next && s.seq == fwd.next_seq - 1 && plain) found.flags |= kKeepAlive;
  const bool silent = s.length == 0 && plain && at_expected && s.ack == fwd.last_ack;
  const bool same = s.window == fwd.window;
  if (silent && s.window != 0 && !same) found.flags |= kWindowUpdate;
  if (s.length > 0 && plain && rev.scale != kScaleUnknown && rev.window >= 0 &&
      s.seq + s.length == rev.last_ack + (static_cast<uint32_t>(rev.window) << rev.window_shift))
    found.flags |= kWindowFull;
  if (silent && s.window != 0 && same && rev.last_flags & kKeepAlive)
    found.flags |= kKeepAliveAck;
  else if (s.length == 0 && plain && s.window == 0 && same && at_expected && (s.ack == fwd.last_ack || s.ack == fwd.last_ack + 1) && rev.last_flags & kZeroWindowProbe)
    found.flags |= kZeroWindowProbeAck;
  else if (silent && s.window != 0 && same) {
    found.flags |= kDuplicateAck;
    found.dup_ack_number = ++fwd.dup_acks;
    found.dup_ack_frame = fwd.last_non_dup_ack;
  }
}

void advance(const Segment& s, Direction& fwd, const Analysis& found) {
  if (found.flags & kZeroWindowProbe) return;
  // As there: SYN and FIN take one number, both together too.
  const uint32_t next = s.seq + s.length + !!(s.flags & (kSyn | kFin));
  if (!fwd.has_next || after(next, fwd.next_seq) > 0) {
    fwd.has_next = true;
    fwd.next_seq = next;
    fwd.next_seq_ns = s.time_ns;
  }
  if (!fwd.has_max_to_be_acked || s.seq == fwd.max_to_be_acked) {
    fwd.has_max_to_be_acked = true;
    fwd.max_to_be_acked = fwd.next_seq;
  }
}

}  // namespace

void Connection::bases(const Segment& s, Direction& fwd, Direction& rev) {
  // A capture that begins in the middle shows 1 first.
  if (!fwd.has_base) {
    fwd.has_base = true;
    fwd.base = s.flags & kSyn ? s.seq : s.seq - 1;
  }
  if (s.flags & kAck && !rev.has_base) {
    rev.has_base = true;
    rev.base = s.ack - 1;
  }
}

void Connection::scales(const Segment& s, Direction& fwd, Direction& rev) {
  if (!(s.flags & kSyn)) return;
  if (s.scale_option >= 0) fwd.scale = std::min(s.scale_option, kMostShift);
  if (s.scale_option < 0 || (s.flags & kAck && rev.scale < 0)) fwd.scale = rev.scale = kScaleNone;
}

void Connection::handshake(const Segment& s) {
  const int kind = s.flags & (kSyn | kAck);
  if (kind == kSyn) {
    has_syn_ = true;
    syn_ns_ = s.time_ns;
  } else if (kind == kAck && has_syn_ && !has_rtt_) {
    has_rtt_ = true;
    initial_rtt_ns_ = s.time_ns - syn_ns_;
  }
}

/// A segment that does not go on where the last one ended: sent again, or overtaken on its way.
void Connection::classify(const Segment& s, const Direction& fwd, const Direction& rev, Analysis& found) const {
  const bool back = fwd.has_next && after(s.seq, fwd.next_seq) < 0;
  if (back && found.flags & kKeepAlive) return;
  const uint32_t end = s.seq + s.length;
  if (back && rev.dup_acks >= 2 && rev.last_ack == s.seq && s.time_ns - rev.last_ack_ns < kFastNs) {
    found.flags |= kFastRetransmission | kRetransmission;
  } else if (s.length > 0 && rev.last_ack != 0 && after(end, rev.last_ack) <= 0) {
    found.flags |= kSpuriousRetransmission | kRetransmission;
  } else if (back) {
    const double threshold = has_rtt_ && initial_rtt_ns_ != 0 ? initial_rtt_ns_ : kReorderNs;
    const bool overtaken = s.time_ns - fwd.next_seq_ns < threshold && fwd.next_seq != end;
    found.flags |= overtaken ? kOutOfOrder : kRetransmission;
  }
}

Analysis Connection::see(const Segment& s, int side) {
  Direction& fwd = sides[side];
  Direction& rev = sides[1 - side];
  bases(s, fwd, rev);
  scales(s, fwd, rev);
  handshake(s);
  Analysis found;
  judge(s, fwd, rev, found);
  if (s.ack != fwd.last_ack || !(s.flags & kAck) || fwd.last_non_dup_ack == 0) {
    fwd.last_non_dup_ack = s.number;
    if (!(found.flags & kDuplicateAck)) fwd.dup_acks = 0;
  }
  if (rev.has_max_to_be_acked && s.flags & kAck && after(s.ack, rev.max_to_be_acked) > 0) {
    found.flags |= kAckLostSegment;
    rev.has_max_to_be_acked = false;
  }
  if (s.length > 0 || s.flags & (kSyn | kFin)) classify(s, fwd, rev, found);
  advance(s, fwd, found);
  fwd.window = s.window;
  fwd.window_shift = s.flags & kSyn ? 0 : std::max(0, fwd.scale);
  fwd.last_ack = s.ack;
  fwd.last_ack_ns = s.time_ns;
  fwd.last_flags = found.flags;
  return found;
}

}  // namespace lines
