// One AF_XDP socket with its own packet memory (Documentation/networking/af_xdp.rst); it sends only if asked to. No libxdp: the socket options and
// the four mapped rings of the kernel's ABI (linux/if_xdp.h) are all there is to it.
#pragma once
#include <linux/if_xdp.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "mapping.h"
#include "unique_fd.h"

namespace xdpeek {

enum class ZeroCopy { kAuto, kYes, kNo };

struct XskOptions {
  uint32_t frames = 16384;  ///< of kXskFrameBytes each, a power of two
  bool busy_poll = false;
  bool transmit = false;
  ZeroCopy zero_copy = ZeroCopy::kAuto;
};

constexpr uint32_t kXskFrameBytes = 4096;

/// A single-producer, single-consumer ring that the kernel shares with us. Positions run on; `mask` makes them indexes.
struct XskRing {
  Mapping memory;
  std::atomic<uint32_t>* producer = nullptr;
  std::atomic<uint32_t>* consumer = nullptr;
  const std::atomic<uint32_t>* flags = nullptr;
  uint8_t* entries = nullptr;
  uint32_t mask = 0;
};

/// The longest packet that fits one frame: the kernel keeps room in front of it.
constexpr uint32_t kXskOneFrame = kXskFrameBytes - 256;

/// Whether this kernel's sockets take a packet in several frames (Linux 6.6).
bool xsk_takes_several();

class XskSocket {
 public:
  /// Binds to one queue, with zero-copy where the driver has it. Call inside the interface's namespace. Throws Failure; code EINVAL when
  /// there is no such queue.
  XskSocket(int ifindex, uint32_t queue, const XskOptions& options);
  XskSocket(const XskSocket&) = delete;

  int fd() const { return fd_.get(); }
  uint32_t queue() const { return queue_; }
  uint32_t frames() const { return frames_; }
  bool zero_copy() const { return zero_copy_; }
  bool busy_poll() const { return busy_poll_; }

  /// Descriptors that wait, from position `received()` on.
  uint32_t available() const { return rx_.producer->load(std::memory_order_acquire) - received_; }
  const xdp_desc& descriptor(uint32_t index) const { return reinterpret_cast<const xdp_desc*>(rx_.entries)[(received_ + index) & rx_.mask]; }
  uint8_t* bytes(const xdp_desc& descriptor) const { return umem_.bytes() + descriptor.addr; }
  /// Gives the first `count` descriptors back: their memory is filled anew.
  void release(uint32_t count);
  /// Takes the first `count` descriptors off the ring without giving their memory back: each is then leased to the caller, who ends that by
  /// `give_back` or by `send`. `publish` makes all of it seen.
  void lease(uint32_t count) { received_ += count; }
  void give_back(const xdp_desc& descriptor) { fill(descriptor.addr & ~uint64_t{kXskFrameBytes - 1}); }
  /// The frame goes out as it lies there, without a copy. False when the ring is full: the frame is still the caller's.
  bool send(const xdp_desc& descriptor);
  /// Frames that the kernel has not taken yet.
  bool sending() const { return tx_.consumer != nullptr && sent_ != tx_.consumer->load(std::memory_order_relaxed); }
  /// Frames that were sent are filled anew.
  void reclaim();
  void publish();
  /// Lets the driver run where it asks for it, or always when busy-polling. Never blocks.
  void kick();
  /// Packets that were meant for this socket and did not get into it.
  uint64_t lost() const;
  xdp_statistics statistics() const;

 private:
  void bind(int ifindex, ZeroCopy wanted);
  void map(XskRing& ring, const xdp_ring_offset& offsets, uint64_t page, size_t entry);
  void fill(uint64_t address) { reinterpret_cast<uint64_t*>(fill_.entries)[filled_++ & fill_.mask] = address; }

  UniqueFd fd_;
  uint32_t queue_, frames_;
  bool zero_copy_ = false, busy_poll_ = false;
  Mapping umem_;
  XskRing rx_, tx_, fill_, completion_;
  uint32_t received_ = 0, filled_ = 0, sent_ = 0, completed_ = 0;
};

}  // namespace xdpeek
