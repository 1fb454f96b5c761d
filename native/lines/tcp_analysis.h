#pragma once
#include <cstdint>

namespace lines {

/// Flags of a segment's analysis: those of electron/packets/state/tcp-analysis.ts, whose rules these are.
enum AnalysisFlag : uint32_t {
  kRetransmission = 1 << 0,
  kFastRetransmission = 1 << 1,
  kSpuriousRetransmission = 1 << 2,
  kOutOfOrder = 1 << 3,
  kLostSegment = 1 << 4,
  kAckLostSegment = 1 << 5,
  kDuplicateAck = 1 << 6,
  kKeepAlive = 1 << 7,
  kKeepAliveAck = 1 << 8,
  kZeroWindow = 1 << 9,
  kZeroWindowProbe = 1 << 10,
  kZeroWindowProbeAck = 1 << 11,
  kWindowUpdate = 1 << 12,
  kWindowFull = 1 << 13,
};
/// Of segments whose payload is not looked into.
constexpr uint32_t kRepeated = kRetransmission | kFastRetransmission | kSpuriousRetransmission | kOutOfOrder;

enum TcpFlag : uint8_t { kFin = 1, kSyn = 2, kRst = 4, kAck = 16, kUrg = 32 };

/// What a connection knows before the option that scales windows was seen, and when it was not there.
constexpr int kScaleUnknown = -1, kScaleNone = -2;

struct Segment {
  uint32_t number;  ///< of the frame
  double time_ns;
  uint32_t seq, ack;
  uint32_t length;  ///< bytes of payload
  uint8_t flags;
  uint16_t window;    ///< not scaled
  int scale_option;   ///< of a SYN; -1 without the option
  uint32_t next() const { return seq + length + !!(flags & kSyn) + !!(flags & kFin); }
};

/// One direction; of what the other implementation keeps, what the flags need.
struct Direction {
  bool has_base = false, has_next = false, has_max_to_be_acked = false;
  uint32_t base = 0;      ///< numbers are shown relative to it
  uint32_t next_seq = 0;
  double next_seq_ns = 0;
  uint32_t max_to_be_acked = 0;  ///< end of what was seen without a hole
  uint32_t last_ack = 0;
  double last_ack_ns = 0;
  uint32_t last_non_dup_ack = 0, dup_acks = 0;
  int32_t window = -1;           ///< -1 = none yet
  int window_shift = 0;
  int scale = kScaleUnknown;
  uint32_t last_flags = 0;
};

struct Analysis {
  uint32_t flags = 0, dup_ack_frame = 0, dup_ack_number = 0;
};

class Connection {
 public:
  Direction sides[2];

  /// @param side 0: the smaller end sends
  Analysis see(const Segment& segment, int side);

 private:
  void bases(const Segment& s, Direction& fwd, Direction& rev);
  void scales(const Segment& s, Direction& fwd, Direction& rev);
  void handshake(const Segment& s);
  void classify(const Segment& s, const Direction& fwd, const Direction& rev, Analysis& found) const;

  double syn_ns_ = 0, initial_rtt_ns_ = 0;
  bool has_syn_ = false, has_rtt_ = false;
};

}  // namespace lines
