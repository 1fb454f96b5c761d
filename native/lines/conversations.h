#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_set>
#include <vector>

#include "frame.h"
#include "recognise.h"
#include "tcp_analysis.h"
#include "tls_payload.h"
#include "unit.h"

namespace lines {

/// Two addresses, the smaller first.
struct Pair {
  std::array<uint8_t, 16> smaller{}, larger{};
  uint8_t address_size = 0;
  bool operator==(const Pair&) const = default;
};

/// Both ends of a conversation.
struct Ends {
  Pair pair;
  uint16_t smaller_port = 0, larger_port = 0;
  uint8_t protocol = 0;
  bool operator==(const Ends&) const = default;
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
  std::array<char, 96> text;
};
void write_addresses(const Frame& frame, AddressText& into);

/// A TCP conversation.
struct Conversation {
  Ends ends;
  uint32_t next_in_bucket;  ///< kNone at the end
  PortClass port_class;
  uint8_t shard;          ///< whose it is if it is dissected
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
  /// All that are known.
  void each(const std::function<void(Conversation&)>& look);
  size_t size() const { return all_.size(); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t& bucket_of(const Ends& ends) { return buckets_[HashOf()(ends) & (buckets_.size() - 1)]; }
  void forget(Conversation& conversation);
  void grow();

  std::vector<uint32_t> buckets_;
  std::deque<Conversation> all_;  // by index; when there are kMost, the oldest one's place is taken
  uint32_t oldest_ = 0;
};

}  // namespace lines
