// Order of reading: the number of the chunk first, then what is in it: a chunk before the current one is finished. A chunk is given back when
// all that was lent of it is consumed; pieces are consumed in the order in which they were lent.
#include "area_source.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

#include "errors.h"

namespace xdpeek {
namespace {

/// A chunk holds the longest block. Each costs the session a few switches between threads: large ones are best.
constexpr uint32_t kLeastChunk = 128 << 10, kMostChunk = 1 << 20;
constexpr uint32_t kLeastChunks = 8, kWorthChunks = 16;
/// The verifier takes offsets below 512 MiB (BPF_MAX_VAR_OFF).
constexpr uint32_t kMostShare = 256u << 20;
constexpr uint32_t kShortestUs = 500, kLongestUs = 4000;
constexpr uint32_t kLeastBlock = 32;
/// Half of what 4 million small packets a second write.
constexpr uint32_t kFillBytesPerUs = 900;

template <class T>
T acquire(const T& value) {
  return std::atomic_ref(const_cast<T&>(value)).load(std::memory_order_acquire);
}

/// Of the block at `at` (draft-ietf-opsawg-pcapng §4.3).
uint32_t word(const uint8_t* at, size_t offset) {
  uint32_t value;
  std::memcpy(&value, at + offset, sizeof value);
  return value;
}
/// Never 0 and never beyond the `left` bytes that were filled: whoever walks blocks comes to an end, whatever was written.
uint32_t block_bytes(const uint8_t* at, size_t left) { return std::clamp<size_t>(word(at, 4), std::min<size_t>(kLeastBlock, left), left); }
uint32_t block_slot(const uint8_t* at) { return word(at, 8); }
uint64_t block_time(const uint8_t* at) { return uint64_t{word(at, 12)} << 32 | word(at, 16); }
uint32_t block_wire(const uint8_t* at) { return word(at, 24); }

}  // namespace

bool areas_fit(uint32_t cpus, uint32_t bytes) { return bytes / cpus >= kLeastChunk * kWorthChunks; }

AreaShape shape_areas(uint32_t cpus, uint32_t bytes) {
  const uint32_t share = std::clamp(std::bit_floor(bytes / cpus), kLeastChunk * kLeastChunks, kMostShare);
  const uint32_t chunk = std::max(std::clamp(share / kWorthChunks, kLeastChunk, kMostChunk), share / XDPEEK_AREA_CHUNKS);
  return {cpus, chunk, share / chunk};
}

uint32_t area_cpus() {
  // "0-3,6": the number behind the last separator.
  std::string online;
  std::getline(std::ifstream("/sys/devices/system/cpu/online"), online);
  const size_t last = online.find_last_of("-,");
  const uint32_t highest = static_cast<uint32_t>(std::strtoul(online.c_str() + (last == std::string::npos ? 0 : last + 1), nullptr, 10));
  return std::max(highest + 1, static_cast<uint32_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

AreaSource::AreaSource(int map_fd, const AreaShape& shape, const WallClock& clock)
    : shape_(shape), clock_(clock), memory_(std::make_shared<Memory>()), cpus_(shape.cpus) {
  // Values of an array map lie in a row, each at a multiple of 8 bytes; ours are whole pages.
  memory_->stride = shape.value_bytes();
  memory_->lent = std::vector<std::atomic<uint32_t>>(shape.cpus);
  const size_t size = memory_->stride * shape.cpus;
  memory_->mapping = Mapping(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0), size);
  if (!memory_->mapping) throw Failure(errno, "map the packet areas of " + std::to_string(size >> 20) + " MiB", "Choose a smaller buffer.");
  longest_us_ = std::clamp(shape.chunks * shape.chunk_bytes / 4 / kFillBytesPerUs, kShortestUs, kLongestUs);
  pause_us_ = kShortestUs;
  tell(clock);
}

void AreaSource::tell(const WallClock& clock) {
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++) std::atomic_ref(memory_->area(cpu).clock_offset_ns).store(clock.offset_ns(), std::memory_order_relaxed);
}

void AreaSource::tell_behind(bool starved) {
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++) {
    xdpeek_area& area = memory_->area(cpu);
    // What was lent and does not come back is as good as not taken.
    const bool behind = starved || cpus_[cpu].chunk - acquire(area.released) > shape_.chunks / 2;
    std::atomic_ref(area.behind).store(behind, std::memory_order_relaxed);
  }
}

/// What `cpu` has that was not handed on; goes on to the next chunk where one is finished.
BlockRun AreaSource::look(uint32_t cpu) {
  Cpu& mine = cpus_[cpu];
  xdpeek_area& area = memory_->area(cpu);
  for (;;) {
    const uint64_t current = acquire(area.current);
    const uint64_t place = mine.chunk & (shape_.chunks - 1);
    const xdpeek_chunk& chunk = area.chunks[place];
    const uint64_t filled = acquire(chunk.filled);
    const uint32_t bytes = static_cast<uint32_t>(filled) - mine.sent;
    if (bytes > 0) {
      const uint8_t* data = memory_->mapping.bytes() + cpu * memory_->stride + XDPEEK_AREA_DATA + place * shape_.chunk_bytes;
      return {data + mine.sent, bytes, static_cast<uint32_t>(filled >> 32) - mine.packets, acquire(chunk.wire_bytes) - mine.wire_bytes};
    }
    if (current == mine.chunk) return {};
    mine.chunk++;
    mine.sent = mine.packets = 0;
    mine.wire_bytes = 0;
    release(cpu);
  }
}

/// Chunks before the present one, if nothing of them is on its way.
void AreaSource::release(uint32_t cpu) {
  if (memory_->lent[cpu].load(std::memory_order_acquire) > 0) return;
  std::atomic_ref(memory_->area(cpu).released).store(cpus_[cpu].chunk, std::memory_order_release);
}

bool AreaSource::hand_on(PacketStream& stream, uint32_t cpu, const BlockRun& run, bool lend) {
  Cpu& mine = cpus_[cpu];
  if (lend) {
    // Whoever consumes this has consumed the chunks before.
    auto consumed = [memory = memory_, cpu, chunk = mine.chunk] {
      std::atomic_ref(memory->area(cpu).released).store(chunk, std::memory_order_release);
      memory->lent[cpu].fetch_sub(1, std::memory_order_release);
    };
    memory_->lent[cpu].fetch_add(1, std::memory_order_relaxed);
    if (!stream.lend(run, consumed)) {
      memory_->lent[cpu].fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
  } else if (!stream.copy(run)) {
    return false;
  }
  mine.sent += run.bytes;
  mine.packets += run.packets;
  mine.wire_bytes += run.wire_bytes;
  mine.waiting_ns = 0;
  return true;
}

bool AreaSource::drain(PacketStream& stream, bool last) {
  const uint64_t now = monotonic_ns(), horizon = last ? UINT64_MAX : clock_.now_epoch_ns() - kSettleNs;
  uint32_t lively = 0, alone = 0;
  bool some = false;
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++) {
    Cpu& each = cpus_[cpu];
    release(cpu);
    if (look(cpu).bytes > 0) {
      each.active_ns = now;
      if (each.waiting_ns == 0) each.waiting_ns = now;
      some = true;
    }
    if (each.active_ns != 0 && now - each.active_ns < kLivelyNs) {
      lively++;
      alone = cpu;
    }
  }
  if (!some) return false;
  pause_us_ = kShortestUs;
  if (lively > 1) return merge(stream, horizon);
  bool handed = false;
  for (;;) {
    const BlockRun run = look(alone);
    if (run.bytes == 0) return handed;
    const bool finished = acquire(memory_->area(alone).current) != cpus_[alone].chunk;
    if (!last && !finished && now - cpus_[alone].waiting_ns < kFlushNs) return handed;
    if (!hand_on(stream, alone, run, run.bytes >= kWorthLending)) return handed;
    handed = true;
  }
}

/// Blocks of all CPUs up to `horizon_ns`, by time: those of one go on until another has an older one.
bool AreaSource::merge(PacketStream& stream, uint64_t horizon_ns) {
  bool handed = false;
  std::vector<BlockRun> runs(shape_.cpus);
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++) runs[cpu] = look(cpu);
  for (;;) {
    uint32_t first = 0;
    uint64_t first_ns = UINT64_MAX, limit_ns = horizon_ns;
    for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++) {
      if (runs[cpu].bytes == 0) continue;
      const uint64_t time = block_time(runs[cpu].at);
      if (time < first_ns) {
        limit_ns = std::min(limit_ns, first_ns);
        first_ns = time;
        first = cpu;
      } else {
        limit_ns = std::min(limit_ns, time);
      }
    }
    if (first_ns == UINT64_MAX || first_ns > horizon_ns) return handed;
    const BlockRun& all = runs[first];
    BlockRun run{all.at};
    do {
      const uint8_t* at = all.at + run.bytes;
      run.bytes += block_bytes(at, all.bytes - run.bytes);
      run.packets++;
      run.wire_bytes += block_wire(at);
    } while (run.bytes < all.bytes && block_time(all.at + run.bytes) <= limit_ns);
    if (!hand_on(stream, first, run, run.bytes >= kWorthLending)) return handed;
    handed = true;
    runs[first] = look(first);
  }
}

void AreaSource::give_up(PacketStream& stream) {
  for (uint32_t slot = 0; slot < XDPEEK_MAX_SLOTS; slot++) given_up_[slot] = waiting(slot);
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++)
    for (BlockRun run = look(cpu); run.bytes > 0; run = look(cpu)) {
      stream.lose(run.packets);
      cpus_[cpu].sent += run.bytes;
      cpus_[cpu].packets += run.packets;
      cpus_[cpu].wire_bytes += run.wire_bytes;
    }
}

uint64_t AreaSource::waiting(uint32_t slot) const {
  uint64_t count = given_up_[slot];
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++) {
    const xdpeek_area& area = memory_->area(cpu);
    const uint64_t current = acquire(area.current);
    for (uint64_t chunk = cpus_[cpu].chunk; chunk <= current; chunk++) {
      const uint64_t place = chunk & (shape_.chunks - 1);
      const uint8_t* at = memory_->mapping.bytes() + cpu * memory_->stride + XDPEEK_AREA_DATA + place * shape_.chunk_bytes;
      const uint8_t* end = at + static_cast<uint32_t>(acquire(area.chunks[place].filled));
      if (chunk == cpus_[cpu].chunk) at += cpus_[cpu].sent;
      for (; at < end; at += block_bytes(at, end - at)) count += block_slot(at) == slot;
    }
  }
  return count;
}

void AreaSource::wait(uint32_t timeout_us) {
  // Who takes the blocks has enough to do: each look at the areas would only keep it from that.
  for (uint32_t cpu = 0; cpu < shape_.cpus; cpu++)
    if (cpus_[cpu].chunk - acquire(memory_->area(cpu).released) > shape_.chunks / 4) pause_us_ = longest_us_;
  const timespec pause{0, static_cast<long>(std::min(timeout_us, pause_us_)) * 1000};
  pause_us_ = std::min(pause_us_ * 2, longest_us_);
  ::nanosleep(&pause, nullptr);
}

}  // namespace xdpeek
