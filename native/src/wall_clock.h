// Kernel packet clock → nanoseconds since the epoch. TAI runs at a constant distance from wall-clock time; boot time (before
// Linux 6.1) does not, so its offset is measured again and again and only ever slewed: times never run backwards.
#pragma once
#include <atomic>
#include <cstdint>

namespace xdpeek {

class WallClock {
 public:
  explicit WallClock(bool tai);
  /// Cheap; call about once a second.
  void refresh();
  uint64_t to_epoch_ns(uint64_t kernel_ns) const { return kernel_ns + static_cast<uint64_t>(offset_ns_.load(std::memory_order_relaxed)); }
  uint64_t now_epoch_ns() const;
  /// What to_epoch_ns adds, modulo 2⁶⁴.
  uint64_t offset_ns() const { return static_cast<uint64_t>(offset_ns_.load(std::memory_order_relaxed)); }

 private:
  int64_t measure() const;
  int clock_id_;
  std::atomic<int64_t> offset_ns_;
};

}  // namespace xdpeek
