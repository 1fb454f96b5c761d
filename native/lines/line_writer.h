#pragma once
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "conversations.h"
#include "history.h"
#include "tcp_text.h"
#include "text.h"

namespace lines {

/// Packets of one interface, one behind the other, all bytes in memory. The numbers of a packet are those of electron/cli/read-threads/messages.ts.
struct Piece {
  static constexpr size_t kStride = 7;

  const uint8_t* bytes;
  size_t size;
  uint64_t offset;  ///< of the first byte in the file
  const double* rows;
  uint8_t* shards;  ///< of each packet: the thread that dissects it, or kHere
  uint32_t packets;
  uint32_t before;  ///< packets of the file in front of them
  LinkType link;
};

/// Room for the text of a piece: that of its owner, or larger memory when it does not do.
class TextBuffer {
 public:
  TextBuffer(uint8_t* at, size_t room) : at_(at), room_(room) {}
  /// Where `bytes` more can be written.
  uint8_t* end(size_t bytes);
  void advance_to(const uint8_t* end) { length_ = static_cast<size_t>(end - at_); }
  const uint8_t* data() const { return at_; }
  size_t length() const { return length_; }
  bool is_moved() const { return !larger_.empty(); }

 private:
  uint8_t* at_;
  size_t room_, length_ = 0;
  std::vector<uint8_t> larger_;
};

struct Options {
  /// PortClass by port.
  std::vector<uint8_t> tcp_ports, udp_ports;
  /// What a line says of a verdict, by its number.
  std::vector<std::string> marks;
};

/**
 * The lines of packets that need no dissection: TCP with its analysis, TLS and HTTP as far as a line tells them, UDP that nobody claims. They are byte for byte
 * what JavaScript prints (LinePrinter). A conversation is either printed here, or, from the first packet on that says more, dissected in JavaScript: then the
 * packets that it had before are told (`past`), to be dissected first.
 */
class LineWriter {
 public:
  /// Shard of what was printed here.
  static constexpr uint8_t kHere = 255;

  explicit LineWriter(Options options) : options_(std::move(options)) {}

  /// Prints what it can of a piece: pieces must come in order. The shards of those packets become kHere.
  /// @param ends takes where the text of each of them ends
  /// @return how many there are
  uint32_t write(const Piece& piece, TextBuffer& text, uint32_t* ends);

  /// From now on nothing is printed here: all conversations are told.
  void hand_over();
  /// Whether that was done.
  bool is_over() const { return is_over_; }
  /// Packets that must be dissected before the ones that were left out, in no order; whoever takes them empties it.
  std::vector<PastPacket>& past() { return past_; }
  /// Packets were forgotten that should be there: all must be read again.
  bool is_lost() const { return is_lost_; }

 private:
  struct Packet {
    const uint8_t *begin, *end;
    uint32_t number, on_wire;
    double time_ns;
    uint8_t verdict, shard;
    uint64_t offset;
  };

  bool packet(LinkType link, const Packet& packet, Text& text);
  bool tcp(const Packet& packet, const Frame& frame, Text& text);
  bool udp(const Packet& packet, const Frame& frame, Text& text);
  void odd(const Frame& frame);
  void head(const Packet& packet, Text& text) const;
  /// A conversation whose first packet is at hand.
  Conversation& begin(const Ends& ends, uint8_t shard);
  Payload payload(Conversation& conversation, int side, const uint8_t* at, const uint8_t* end, const Segment& segment);
  void leave(Conversation& conversation);
  void clear(Conversation& conversation);
  bool is_left(const Ends& ends) const;

  Options options_;
  Conversations conversations_;
  History history_;
  std::vector<PastPacket> past_;
  /// What is dissected besides TCP conversations: all between two addresses, and single UDP conversations.
  std::unordered_set<Pair, HashOf> left_pairs_;
  std::unordered_set<Ends, HashOf> left_datagrams_;
  uint64_t looked_through_ = 0;
  /// Bytes in the units of all conversations.
  size_t kept_ = 0;
  bool is_over_ = false, is_lost_ = false;
  /// Of the packet at hand.
  std::string info_;
};

}  // namespace lines
