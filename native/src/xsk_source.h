// The packets that AF_XDP sockets take, one socket a receive queue, as records like those of the kernel's rings.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "record_source.h"
#include "target.h"
#include "wall_clock.h"
#include "xsk_socket.h"

namespace xdpeek {

class XskSource final : public RecordSource {
 public:
  /// Opens a socket for each queue of the interface and puts it into `xsks_fd` (BPF_MAP_TYPE_XSKMAP) under the queue's number.
  /// `bytes`: packet memory of all queues together. `tai`: the clock of the companion program's stamps.
  XskSource(const Target& target, uint32_t slot, int xsks_fd, uint32_t bytes, bool tai);

  uint32_t drain(RecordSink& sink, uint32_t budget) override;
  void wait(uint32_t timeout_us) override;
  double fill() const override;

  uint32_t slot() const { return slot_; }
  /// Packets that the companion program sent to a socket which had no room, by the sockets' own counters. Any thread.
  uint64_t lost() const;
  /// What differs from the best there could be, in words; may be empty.
  std::string note() const;

  /// How many queues can have a socket: what the map's size must be.
  static uint32_t queues(const Target& target);

 private:
  uint32_t drain(XskSocket& socket, RecordSink& sink, uint32_t budget);
  void take(XskSocket& socket, uint32_t first, uint32_t pieces, RecordSink& sink);

  uint32_t slot_;
  int ifindex_;
  bool tai_, big_mtu_ = false;
  std::vector<std::unique_ptr<XskSocket>> sockets_;
  std::vector<uint64_t> lost_seen_;   ///< by socket, when its last record was made
  std::vector<uint8_t> whole_;        ///< a packet that came in several buffers
  uint64_t looked_ns_ = 0;
  bool busy_ = false;
};

}  // namespace xdpeek
