// Turns packet records into PACKETS frames of finished pcapng blocks and hands them to the writer, within the credit that the
// session granted. Lives on the drain thread; counters are read from others.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "frame_writer.h"
#include "pcapng.h"
#include "record_source.h"
#include "wall_clock.h"

namespace xdpeek {

/// Finished enhanced packet blocks that lie in a row.
struct BlockRun {
  const uint8_t* at = nullptr;
  uint32_t bytes = 0, packets = 0;
  uint64_t wire_bytes = 0;
};

class PacketStream final : public RecordSink {
 public:
  PacketStream(FrameWriter& writer, const WallClock& clock, uint32_t capture_id, uint32_t snaplen, int64_t credit_bytes);

  /// Section header and interfaces: the first frame, never dropped.
  void begin(const std::string& application, const std::vector<InterfaceBlock>& interfaces);
  void record(const xdpeek_packet& header, const uint8_t* packet) override;
  /// Blocks for the present frame. False, with nothing taken, when none can leave now.
  bool copy(const BlockRun& run);
  /// Blocks as a frame of their own, read where they lie until `consumed` is called, on another thread. False, with nothing taken and `consumed`
  /// never called, when none can leave now.
  bool lend(const BlockRun& run, std::function<void()> consumed);
  /// Packets that nobody takes any more.
  void lose(uint32_t packets) { lost_packets_.fetch_add(packets, std::memory_order_relaxed); }
  /// Sends what has been waiting for kFlushNs; call often.
  void tick(uint64_t now_ns);
  void flush();
  /// Interface statistics: a frame that is never dropped. At the end, and with a comment when something changed.
  void report(const std::vector<InterfaceStatistics>& statistics);

  /// Nothing that comes now can leave: no credit, or the reader is behind. Packets that come all the same are counted as lost, without a
  /// copy; let them wait in the kernel instead while there is room.
  bool starved() const;
  /// Before the last packets are taken: waits (a while) for a reader that is behind, as long as it moves.
  void be_patient() { patient_ = true; }
  void grant(int64_t bytes) { credit_.fetch_add(bytes, std::memory_order_relaxed); }
  uint64_t captured_packets() const { return captured_packets_.load(std::memory_order_relaxed); }
  uint64_t captured_bytes() const { return captured_bytes_.load(std::memory_order_relaxed); }
  /// Packets that left in frames, by slot. On the drain thread, or after it ended.
  uint64_t delivered(uint32_t slot) const { return delivered_[slot]; }
  uint64_t lost_packets() const { return lost_packets_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kFrameTarget = 512 << 10;
  static constexpr uint64_t kFlushNs = 20'000'000;
  static constexpr uint64_t kPatienceNs = 2'000'000'000;
  uint64_t id_of(const xdpeek_packet& header);
  void start_frame();
  void send(bool always);
  void wait_for_room();
  void address(FrameBytes& frame, uint32_t packets) const;

  FrameWriter& writer_;
  const WallClock& clock_;
  uint32_t capture_id_, snaplen_;
  std::atomic<int64_t> credit_;
  FrameBytes frame_;
  std::vector<std::optional<std::array<uint8_t, 6>>> macs_;  ///< by slot
  uint64_t last_id_ = 0;
  uint32_t frame_packets_ = 0;
  bool patient_ = false;
  std::array<uint32_t, XDPEEK_MAX_SLOTS> frame_slots_{};
  std::array<uint64_t, XDPEEK_MAX_SLOTS> delivered_{};
  uint64_t frame_wire_bytes_ = 0, frame_started_ns_ = 0;
  std::atomic<uint64_t> captured_packets_{0}, captured_bytes_{0}, lost_packets_{0};
};

/// CLOCK_MONOTONIC in ns.
uint64_t monotonic_ns();

}  // namespace xdpeek
