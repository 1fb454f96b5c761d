#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace lines {

/// A packet that was printed and may have to be dissected later.
struct PastPacket {
  double time_ns;
  uint64_t offset;    ///< of its bytes in the file
  uint64_t previous;  ///< of the same conversation; 0 = none
  uint32_t number, captured, on_wire;
  uint32_t shard;
};

/// The packets of all conversations, those of one linked: what is needed to dissect a conversation from its beginning. Of more than kMost the oldest are
/// forgotten.
class History {
 public:
  static constexpr uint64_t kMost = 1 << 22;

  /// Returns what leads to it; never 0.
  uint64_t add(const PastPacket& packet) {
    const uint64_t which = count_++;
    const size_t block = which % kMost / kBlock;
    if (block == blocks_.size()) blocks_.push_back(std::make_unique_for_overwrite<PastPacket[]>(kBlock));
    blocks_[block][which % kBlock] = packet;
    return which + 1;
  }

  /// Adds the packets that `last` leads to, the last one first. Returns false where one of them is forgotten.
  bool collect(uint64_t last, std::vector<PastPacket>& into) const {
    for (uint64_t at = last; at != 0;) {
      if (count_ - (at - 1) > kMost) return false;
      const PastPacket& packet = blocks_[(at - 1) % kMost / kBlock][(at - 1) % kBlock];
      into.push_back(packet);
      at = packet.previous;
    }
    return true;
  }

 private:
  static constexpr uint64_t kBlock = 1 << 16;
  std::vector<std::unique_ptr<PastPacket[]>> blocks_;
  uint64_t count_ = 0;
};

}  // namespace lines
