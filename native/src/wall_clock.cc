// The offset is read between two readings of the kernel clock; the tightest of several pairs wins (error below a microsecond).
#include "wall_clock.h"

#include <ctime>

#include <algorithm>

namespace xdpeek {
namespace {

int64_t read_clock(int id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Largest change of the offset at one refresh: 500 µs keeps us within 1 ms and below any packet spacing that matters.
constexpr int64_t kMaxSlew = 500'000;
/// Smaller differences are errors of measuring: following them would make neighbouring times run backwards.
constexpr int64_t kMinSlew = 50'000;
constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

WallClock::WallClock(bool tai) : clock_id_(tai ? CLOCK_TAI : CLOCK_BOOTTIME), offset_ns_(measure()) {}

int64_t WallClock::measure() const {
  int64_t best = INT64_MAX, offset = 0;
  for (int i = 0; i < 5; i++) {
    const int64_t before = read_clock(clock_id_), wall = read_clock(CLOCK_REALTIME), after = read_clock(clock_id_);
    if (after - before < best) {
      best = after - before;
      offset = wall - (before + (after - before) / 2);
    }
  }
  // TAI is a whole number of seconds away: rounding removes the error of measuring.
  if (clock_id_ == CLOCK_TAI) offset = (offset + (offset < 0 ? -kSecond / 2 : kSecond / 2)) / kSecond * kSecond;
  return offset;
}

void WallClock::refresh() {
  const int64_t change = measure() - offset_ns_;
  if (clock_id_ == CLOCK_TAI) offset_ns_ += change;  // leap second or a kernel told its TAI offset: a real step
  else if (change > kMinSlew || change < -kMinSlew) offset_ns_ += std::clamp(change, -kMaxSlew, kMaxSlew);
}

uint64_t WallClock::now_epoch_ns() const { return to_epoch_ns(static_cast<uint64_t>(read_clock(clock_id_))); }

}  // namespace xdpeek
