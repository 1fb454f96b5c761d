// Consumer side of perf rings (perf_event_open(2)): one a CPU, woken by a watermark of bytes and never by each event, plus a timed look.
// PERF_RECORD_LOST is not counted: it reports fewer losses than there were; the programs count by the helper's answer.
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <atomic>
#include <cerrno>
#include <algorithm>
#include <cstring>
#include <vector>

#include "errors.h"
#include "mapping.h"
#include "record_source.h"
#include "unique_fd.h"

namespace xdpeek {
namespace {

/// A wake-up costs the CPU that makes the samples; below this wait() looks every few milliseconds anyway.
constexpr uint32_t kWatermark = 1 << 20;

struct CpuRing {
  UniqueFd fd;
  Mapping mapping;
};

class PerfSource final : public RecordSource {
 public:
  PerfSource(int map_fd, uint32_t bytes) : bytes_(bytes), page_(static_cast<size_t>(::sysconf(_SC_PAGESIZE))), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    const int cpus = libbpf_num_possible_cpus();
    for (int cpu = 0; cpu < cpus; cpu++) open_cpu(map_fd, cpu);
    if (rings_.empty()) throw Failure(ENODEV, "open a perf ring on any CPU");
    scratch_.resize(1 << 16);
  }

  uint32_t drain(RecordSink& sink, uint32_t budget) override {
    uint32_t count = 0;
    // Each ring gets a fair share, so that a busy CPU does not starve another's.
    const uint32_t share = std::max<uint32_t>(1, budget / static_cast<uint32_t>(rings_.size()));
    for (const CpuRing& ring : rings_) count += drain_ring(ring, sink, share);
    return count;
  }

  double fill() const override {
    uint64_t most = 0;
    for (const CpuRing& ring : rings_) {
      auto* page = reinterpret_cast<perf_event_mmap_page*>(ring.mapping.bytes());
      most = std::max<uint64_t>(most, std::atomic_ref(page->data_head).load(std::memory_order_relaxed) - page->data_tail);
    }
    return static_cast<double>(most) / bytes_;
  }

  void wait(uint32_t timeout_us) override {
    epoll_event event;
    ::epoll_wait(epoll_.get(), &event, 1, static_cast<int>(std::max(1u, timeout_us / 1000)));
  }

 private:
  void open_cpu(int map_fd, int cpu) {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_BPF_OUTPUT;
    attr.sample_type = PERF_SAMPLE_RAW;
    attr.sample_period = 1;
    attr.watermark = 1;
    attr.wakeup_watermark = std::min(kWatermark, bytes_ / 4);
    UniqueFd fd(static_cast<int>(::syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
    if (!fd) {
      if (errno == ENODEV) return;  // possible but offline
      throw Failure(errno, "open a perf event on CPU " + std::to_string(cpu));
    }
    const size_t size = page_ + bytes_;
    Mapping mapping(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0), size);
    if (!mapping) throw Failure(errno, "map a perf ring of " + std::to_string(bytes_ >> 10) + " KiB", "Choose a smaller buffer, or raise kernel.perf_event_mlock_kb.");
    const int value = fd.get();
    if (bpf_map_update_elem(map_fd, &cpu, &value, BPF_ANY) < 0) throw Failure(errno, "give the programs a perf ring for CPU " + std::to_string(cpu));
    ::ioctl(fd.get(), PERF_EVENT_IOC_ENABLE, 0);
    epoll_event event{.events = EPOLLIN, .data = {}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
    rings_.push_back({std::move(fd), std::move(mapping)});
  }

  uint32_t drain_ring(const CpuRing& ring, RecordSink& sink, uint32_t budget) {
    auto* page = reinterpret_cast<perf_event_mmap_page*>(ring.mapping.bytes());
    const uint8_t* data = ring.mapping.bytes() + page_;
    const uint64_t head = std::atomic_ref(page->data_head).load(std::memory_order_acquire);
    uint64_t tail = page->data_tail;
    uint32_t count = 0;
    while (tail < head && count < budget) {
      perf_event_header header;
      copy(data, tail, reinterpret_cast<uint8_t*>(&header), sizeof header);
      if (header.type == PERF_RECORD_SAMPLE) count += take_sample(data, tail, header.size, sink);
      tail += header.size;
    }
    std::atomic_ref(page->data_tail).store(tail, std::memory_order_release);
    return count;
  }

  /// Sample: perf_event_header, u32 size, xdpeek_packet, packet bytes, 0–7 bytes of padding that captured_length leaves out.
  uint32_t take_sample(const uint8_t* data, uint64_t tail, uint32_t size, RecordSink& sink) {
    constexpr size_t prefix = sizeof(perf_event_header) + 4;
    if (size < prefix + sizeof(xdpeek_packet)) return 0;
    const uint64_t at = (tail + prefix) & (bytes_ - 1);
    const uint8_t* record = data + at;
    if (at + size - prefix > bytes_) {
      copy(data, tail + prefix, scratch_.data(), size - prefix);
      record = scratch_.data();
    }
    xdpeek_packet header;  // samples are 4 bytes off 8-byte alignment: copy
    std::memcpy(&header, record, sizeof header);
    if (header.captured_length > size - prefix - sizeof header) return 0;
    sink.record(header, record + sizeof header);
    return 1;
  }

  void copy(const uint8_t* data, uint64_t position, uint8_t* to, size_t length) const {
    const size_t at = position & (bytes_ - 1), first = std::min<size_t>(length, bytes_ - at);
    std::memcpy(to, data + at, first);
    std::memcpy(to + first, data, length - first);
  }

  uint32_t bytes_;
  size_t page_;
  UniqueFd epoll_;
  std::vector<CpuRing> rings_;
  std::vector<uint8_t> scratch_;
};

}  // namespace

std::unique_ptr<RecordSource> open_perf_source(int map_fd, uint32_t bytes) { return std::make_unique<PerfSource>(map_fd, bytes); }

}  // namespace xdpeek
