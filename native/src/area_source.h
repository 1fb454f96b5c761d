// User space's side of the areas (struct xdpeek_area, bpf/area.h): finished pcapng blocks in memory that each CPU's programs fill. While one CPU
// alone has packets, what it has filled is lent to the writer as it lies, without a look at it; when several have, their blocks are put
// in order of time. Used by the drain thread, but for what the writer gives back.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "events.h"
#include "mapping.h"
#include "packet_stream.h"
#include "wall_clock.h"

namespace xdpeek {

/// How the memory of one CPU is cut: powers of two.
struct AreaShape {
  uint32_t cpus = 1;
  uint32_t chunk_bytes = 0;
  uint32_t chunks = 0;
  /// Of the map's value.
  uint32_t value_bytes() const { return XDPEEK_AREA_DATA + chunks * chunk_bytes + XDPEEK_AREA_SPARE; }
};

/// For all CPUs together at most about `bytes`; a CPU's share is never smaller than what a few chunks take.
AreaShape shape_areas(uint32_t cpus, uint32_t bytes);
/// Whether `bytes` for all CPUs give each enough to be worth it.
bool areas_fit(uint32_t cpus, uint32_t bytes);
/// CPUs that can have an area: up to the highest that is online.
uint32_t area_cpus();

class AreaSource {
 public:
  /// `map_fd`: the mapped array of shape.cpus values of shape.value_bytes().
  AreaSource(int map_fd, const AreaShape& shape, const WallClock& clock);

  /// Hands on what is due; all there is when `last`. False when nothing was left to hand on.
  bool drain(PacketStream& stream, bool last);
  /// Tells the programs the clock's offset, and whose fault a full area would be. Call a few times a second.
  void tell(const WallClock& clock);
  void tell_behind(bool starved);
  /// Counts what is left as lost in the pipe: nobody takes it any more.
  void give_up(PacketStream& stream);
  /// Packets of `slot` that were not handed on, or are not going to be.
  uint64_t waiting(uint32_t slot) const;
  /// Sleeps as long as the areas cannot fill up meanwhile.
  void wait(uint32_t timeout_us);

 private:
  /// What one CPU has filled is handed on by whole chunks, or when it is that old.
  static constexpr uint64_t kFlushNs = 20'000'000;
  /// Runs of blocks of one CPU this long are lent; shorter ones are copied together.
  static constexpr uint32_t kWorthLending = 64 << 10;
  /// A CPU that had packets within that time may have older ones than others at any moment.
  static constexpr uint64_t kLivelyNs = 100'000'000;
  /// A program stamps a packet, then writes it: so much later everything with an older stamp can be seen.
  static constexpr uint64_t kSettleNs = 50'000;

  /// Shared by the source and by what is on its way.
  struct Memory {
    Mapping mapping;
    size_t stride = 0;
    /// Pieces lent to the writer, by CPU.
    std::vector<std::atomic<uint32_t>> lent;
    xdpeek_area& area(uint32_t cpu) const { return *reinterpret_cast<xdpeek_area*>(mapping.bytes() + cpu * stride); }
  };
  struct Cpu {
    uint64_t chunk = 0;       ///< number of the chunk that is being handed on
    uint32_t sent = 0;        ///< bytes of it that were
    uint32_t packets = 0;     ///< and packets
    uint64_t wire_bytes = 0;
    uint64_t active_ns = 0;   ///< when it had something last; 0 = never
    uint64_t waiting_ns = 0;  ///< since when it has something; 0 = it has nothing
  };
  BlockRun look(uint32_t cpu);
  bool hand_on(PacketStream& stream, uint32_t cpu, const BlockRun& run, bool lend);
  bool merge(PacketStream& stream, uint64_t horizon_ns);
  void release(uint32_t cpu);

  AreaShape shape_;
  const WallClock& clock_;
  std::shared_ptr<Memory> memory_;
  std::vector<Cpu> cpus_;
  std::array<uint64_t, XDPEEK_MAX_SLOTS> given_up_{};
  uint32_t longest_us_, pause_us_;
};

}  // namespace xdpeek
