// The only writer of the privileged process's stdout: a bounded queue in native memory and one thread that drains it. Nobody ever
// blocks on the pipe but that thread; packet frames that do not fit are refused, so that the caller can count them. Large frames, and
// memory that is lent, go into a pipe by their pages (vmsplice(2)), which come back when the pipe's reader has consumed them.
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
/// `more`: bytes that follow it.
void seal_frame(FrameBytes& frame, uint8_t type, size_t more = 0);

class FrameWriter {
 public:
  /// Does not own `fd`, but makes it non-blocking. `queue_bytes` bounds what waits.
  FrameWriter(int fd, size_t queue_bytes);
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;

  /// Queues a sealed frame; false when it does not fit or the fd has failed.
  bool push(FrameBytes&& frame);
  /// As push, of a frame that goes on behind `head` (its own header unsealed) with bytes that stay where they are until `consumed` is called, on the
  /// writer's thread, in order; also when they could not be written, but not for what is still in the pipe when the writer is closed.
  bool push_lent(FrameBytes&& head, uint8_t type, const uint8_t* at, size_t bytes, std::function<void()> consumed);
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
  struct Item {
    FrameBytes frame;
    std::function<void()> flushed;
    const uint8_t* lent = nullptr;
    size_t lent_bytes = 0;
    std::function<void()> consumed;
    size_t bytes() const { return frame.size() + lent_bytes; }
  };
  /// In the pipe: to be given back when so many bytes were read from it.
  struct Lent {
    uint64_t until;
    FrameBytes frame;
    std::function<void()> consumed;
  };

  void run();
  bool queue(Item&& item);
  bool write_item(const Item& item);
  /// Whether the frame itself goes by its pages.
  bool goes_by_pages(const Item& item) const;
  void keep_spare(FrameBytes&& frame);
  bool write_all(const uint8_t* at, size_t bytes);
  bool lend_all(const uint8_t* at, size_t bytes);
  void take_back(bool everything);
  void fail(int error_number);
  bool wait_writable();

  int fd_;
  size_t queue_bytes_;
  UniqueFd stop_event_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::vector<FrameBytes> spares_;
  size_t queued_bytes_ = 0;
  bool pipe_ = false;
  uint64_t written_ = 0;     ///< bytes; writer's thread
  std::deque<Lent> lent_;    ///< writer's thread
  bool closing_ = false;
  std::atomic<int> failure_{0};
  std::function<void(int)> failure_listener_;
  std::thread thread_;
};

}  // namespace xdpeek
