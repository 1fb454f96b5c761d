// Consumer side of the BPF ring buffer (Documentation/bpf/ringbuf.rst): our own reading of the mapped pages, one acquire load and
// one release store a batch. The programs never wake us (BPF_RB_NO_WAKEUP): wait() is a plain short sleep.
#include <linux/bpf.h>
#include <unistd.h>

#include <atomic>
#include <algorithm>
#include <cerrno>
#include <ctime>

#include "errors.h"
#include "mapping.h"
#include "record_source.h"

namespace xdpeek {
namespace {

class RingSource final : public RecordSource {
 public:
  RingSource(int map_fd, uint32_t bytes) : mask_(bytes - 1), longest_us_(std::clamp(bytes / kFillBytesPerUs, kShortestUs, kLongestUs)), shortest_us_(std::clamp(longest_us_ / 4, kShortestUs, kLongestUs)) {
    const size_t page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    consumer_ = Mapping(::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0), page);
    // The data pages are mapped twice in a row by the kernel: a record never wraps around.
    const size_t size = page + 2 * size_t{bytes};
    producer_ = Mapping(::mmap(nullptr, size, PROT_READ, MAP_SHARED, map_fd, static_cast<off_t>(page)), size);
    if (!consumer_ || !producer_) throw Failure(errno, "map the ring buffer of " + std::to_string(bytes >> 20) + " MiB");
    data_ = producer_.bytes() + page;
  }

  uint32_t drain(RecordSink& sink, uint32_t budget) override {
    auto* consumer = reinterpret_cast<std::atomic<uint64_t>*>(consumer_.bytes());
    auto* producer = reinterpret_cast<const std::atomic<uint64_t>*>(producer_.bytes());
    uint64_t at = consumer->load(std::memory_order_relaxed);
    const uint64_t end = producer->load(std::memory_order_acquire);
    uint32_t count = 0;
    uint64_t released = at;
    while (at < end && count < budget) {
      const uint8_t* slot = data_ + (at & mask_);
      const uint32_t length = reinterpret_cast<const std::atomic<uint32_t>*>(slot)->load(std::memory_order_acquire);
      if (length & BPF_RINGBUF_BUSY_BIT) break;  // reserved on another CPU, not yet submitted
      const uint32_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
      if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
        const auto* header = reinterpret_cast<const xdpeek_packet*>(slot + BPF_RINGBUF_HDR_SZ);
        sink.record(*header, slot + BPF_RINGBUF_HDR_SZ + sizeof(xdpeek_packet));
        count++;
      }
      const uint64_t step = (size + BPF_RINGBUF_HDR_SZ + 7) & ~uint64_t{7};
      // Another CPU wrote it: what lies a few records ahead, if they are alike, can be on its way meanwhile.
      __builtin_prefetch(data_ + ((at + kAhead * step) & mask_));
      __builtin_prefetch(data_ + ((at + kAhead * step + 64) & mask_));
      at += step;
      if (at - released >= kReleaseEvery) consumer->store(released = at, std::memory_order_release);
    }
    consumer->store(at, std::memory_order_release);
    if (count > 0) pause_us_ = shortest_us_;
    return count;
  }

  double fill() const override {
    const auto* consumer = reinterpret_cast<const std::atomic<uint64_t>*>(consumer_.bytes());
    const auto* producer = reinterpret_cast<const std::atomic<uint64_t>*>(producer_.bytes());
    return static_cast<double>(producer->load(std::memory_order_relaxed) - consumer->load(std::memory_order_relaxed)) / static_cast<double>(mask_ + 1);
  }

  /// Short while packets come; longer and longer on a quiet interface, but never as long as the ring takes to fill.
  void wait(uint32_t timeout_us) override {
    const timespec pause{0, static_cast<long>(std::min(timeout_us, pause_us_)) * 1000};
    pause_us_ = std::min(pause_us_ * 2, longest_us_);
    ::nanosleep(&pause, nullptr);
  }

 private:
  /// Space goes back to the producers in steps, so that the cache line of the position is not fought over.
  static constexpr uint64_t kReleaseEvery = 256 << 10;
  static constexpr uint64_t kAhead = 4;
  static constexpr uint32_t kShortestUs = 200, kLongestUs = 4000;
  /// Half of what 4 million small packets a second write.
  static constexpr uint32_t kFillBytesPerUs = 900;
  uint64_t mask_;
  uint32_t longest_us_, shortest_us_, pause_us_ = kShortestUs;
  Mapping consumer_, producer_;
  const uint8_t* data_ = nullptr;
};

}  // namespace

std::unique_ptr<RecordSource> open_ring_source(int map_fd, uint32_t bytes) { return std::make_unique<RingSource>(map_fd, bytes); }

}  // namespace xdpeek
