// Where packet records come out of the kernel: a BPF ring buffer or one perf ring a CPU, behind one interface. Used by the
// drain thread only.
#pragma once
#include <cstdint>
#include <memory>

#include "events.h"

namespace xdpeek {

/// Takes records one by one. `packet` has header.captured_length bytes and is valid during the call only.
class RecordSink {
 public:
  virtual void record(const xdpeek_packet& header, const uint8_t* packet) = 0;

 protected:
  ~RecordSink() = default;
};

class RecordSource {
 public:
  virtual ~RecordSource() = default;
  /// Hands over what is there now, at most about `budget` records; returns how many.
  virtual uint32_t drain(RecordSink& sink, uint32_t budget) = 0;
  /// How full the kernel's side is, 0 to 1: what may wait there while nobody can take it.
  virtual double fill() const = 0;
  /// Sleeps until records may be there, at most `timeout_us`.
  virtual void wait(uint32_t timeout_us) = 0;
};

/// `map_fd`: the BPF_MAP_TYPE_RINGBUF of `bytes` bytes.
std::unique_ptr<RecordSource> open_ring_source(int map_fd, uint32_t bytes);
/// `map_fd`: the perf event array; `bytes` a CPU (power of two). One ring per possible CPU; offline CPUs are left out.
std::unique_ptr<RecordSource> open_perf_source(int map_fd, uint32_t bytes);

}  // namespace xdpeek
