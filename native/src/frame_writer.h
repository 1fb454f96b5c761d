// The only writer of the privileged process's stdout: a bounded queue in native memory and one thread that drains it. Nobody ever
// blocks on the pipe but that thread; packet frames that do not fit are refused, so that the caller can count them.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "byte_vector.h"
#include "unique_fd.h"

namespace xdpeek {

/// Frame layout: electron/shared/wire.ts.
constexpr size_t kFrameHeaderBytes = 8;
constexpr uint16_t kFrameMagic = 0x5844;
constexpr uint8_t kFrameControl = 1, kFramePackets = 2, kFrameFlows = 3, kFrameStats = 4;

/// Bytes of one frame with room for its header in front; `seal` fills that in.
using FrameBytes = ByteVector;
void seal_frame(FrameBytes& frame, uint8_t type);

class FrameWriter {
 public:
  /// Does not own `fd`, but makes it non-blocking. `queue_bytes` bounds what waits.
  FrameWriter(int fd, size_t queue_bytes);
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;

  /// Queues a sealed frame; false when it does not fit or the fd has failed.
  bool push(FrameBytes&& frame);
  /// Memory of a frame that was written, emptied, or a new one: fresh pages cost more than what is written into them.
  FrameBytes spare();
  /// Whether `bytes` more would be taken now.
  bool has_room(size_t bytes) const;
  /// errno of the fd, 0 while it works.
  int failure() const { return failure_.load(std::memory_order_relaxed); }
  /// Called once, on the writer thread, with errno. Set before the first push.
  void on_failure(std::function<void(int)> listener) { failure_listener_ = std::move(listener); }
  /// Calls `done` (on the writer thread) when everything queued up to now is written or the fd failed.
  void when_flushed(std::function<void()> done);
  /// Ends the thread; what is still queued is given up after `grace_ms`.
  void close(int grace_ms = 200);

 private:
  void run();
  bool write_all(const FrameBytes& frame);
  void fail(int error_number);
  bool wait_writable();

  struct Item {
    FrameBytes frame;
    std::function<void()> flushed;
  };
  int fd_;
  size_t queue_bytes_;
  UniqueFd stop_event_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::vector<FrameBytes> spares_;
  size_t queued_bytes_ = 0;
  bool closing_ = false;
  std::atomic<int> failure_{0};
  std::function<void(int)> failure_listener_;
  std::thread thread_;
};

}  // namespace xdpeek
