#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "frame.h"
#include "recognise.h"
#include "tcp_analysis.h"
#include "tls_payload.h"
#include "unit.h"

namespace lines {

/// An address as it lies in memory, in two words; of IPv4 half of the first.
using Address = std::array<uint64_t, 2>;

/// Two addresses, the smaller first.
struct Pair {
  Address smaller{}, larger{};
  uint64_t address_size = 0;
  // By words: this is asked for every packet.
  bool operator==(const Pair& other) const {
    return smaller[0] == other.smaller[0] && larger[0] == other.larger[0] && smaller[1] == other.smaller[1] && larger[1] == other.larger[1] && address_size == other.address_size;
  }
};

/// Both ends of a conversation.
struct Ends {
  Pair pair;
  uint16_t smaller_port = 0, larger_port = 0;
  uint32_t protocol = 0;
  bool operator==(const Ends& other) const {
    return smaller_port == other.smaller_port && larger_port == other.larger_port && protocol == other.protocol && pair == other.pair;
  }
};

struct HashOf {
  size_t operator()(const Pair& pair) const;
  size_t operator()(const Ends& ends) const;
};

struct PacketEnds {
  Ends ends;
  int side;  ///< 0: the smaller end sends
};
/// @param frame whose protocol has both ports first
PacketEnds ends_of(const Frame& frame);
Pair pair_of(const Frame& frame);

/// Both addresses as a line has them, with the arrow: at least 12 characters each.
struct AddressText {
  uint8_t length = 0;
  std::array<char, 96> text;  // copied as a whole, whatever is behind the length
};
void write_addresses(const Frame& frame, AddressText& into);

/// A TCP conversation.
struct Conversation {
  Ends ends;
  uint32_t next_in_bucket = 0;  ///< kNone at the end
  PortClass port_class = kUnclaimed;
  uint8_t shard = 0;       ///< whose it is if it is dissected
  bool elsewhere = false;  ///< it is dissected
  uint64_t last_packet = 0;  ///< in the History
  Connection connection;
  TlsSession tls;
  Unit units[2];
  AddressText addresses[2];
};

/// TCP conversations by their ends. More than kMost, and the one that began first is forgotten, as electron/packets/state/conversations.ts does.
class Conversations {
 public:
  static constexpr uint32_t kMost = 100'000;

  Conversations();
  Conversation* find(const Ends& ends);
  /// Of ends that are not known. Valid until it is forgotten.
  Conversation& begin(const Ends& ends);
  /// Whose place the next one takes; none while there is room.
  Conversation* outgoing() { return count_ < kMost ? nullptr : &at(oldest_); }
  /// All that are known.
  void each(const std::function<void(Conversation&)>& look);
  size_t size() const { return count_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kBlock = 256;
  Conversation& at(uint32_t index) { return blocks_[index / kBlock][index % kBlock]; }
  uint32_t& bucket_of(const Ends& ends) { return buckets_[HashOf()(ends) & (buckets_.size() - 1)]; }
  void forget(Conversation& conversation);
  void grow();

  std::vector<uint32_t> buckets_;
  /// By index, in blocks that stay where they are; when there are kMost, the oldest one's place is taken.
  std::vector<std::unique_ptr<Conversation[]>> blocks_;
  uint32_t count_ = 0, oldest_ = 0;
};

}  // namespace lines
