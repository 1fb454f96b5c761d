// See xsk_socket.h.
#include "xsk_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "errors.h"

#ifndef SO_PREFER_BUSY_POLL  // Linux 5.11
#define SO_PREFER_BUSY_POLL 69
#define SO_BUSY_POLL_BUDGET 70
#endif

namespace xdpeek {
namespace {

constexpr const char* kTried = "open an AF_XDP socket";
constexpr int kBusyPollUs = 20, kBusyPollBudget = 64;

void set(int fd, int option, const void* value, socklen_t size) {
  if (::setsockopt(fd, SOL_XDP, option, value, size) < 0) throw Failure(errno, kTried);
}

/// No wake-up of ours is needed for each packet: the driver is run from our own calls (Documentation/networking/napi.rst).
bool prefer_busy_poll(int fd) {
  const int on = 1;
  return ::setsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &on, sizeof on) == 0 && ::setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &kBusyPollUs, sizeof kBusyPollUs) == 0 &&
         ::setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, &kBusyPollBudget, sizeof kBusyPollBudget) == 0;
}

}  // namespace

bool xsk_takes_several() {
  static const bool takes = [] {
    const UniqueFd fd(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
    sockaddr_xdp address{};
    address.sxdp_family = AF_XDP;
    address.sxdp_flags = XDP_USE_SG;
    // Flags are looked at before the interface, which there is none of: EINVAL means that the flag is not known.
    return fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 && errno == ENODEV;
  }();
  return takes;
}

XskSocket::XskSocket(int ifindex, uint32_t queue, const XskOptions& options) : fd_(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)), queue_(queue), frames_(options.frames) {
  if (!fd_) throw Failure(errno, kTried, errno == EAFNOSUPPORT ? "This kernel was built without AF_XDP: capture with --hook xdp." : "AF_XDP sockets need root, or CAP_NET_RAW.");
  const size_t bytes = size_t{frames_} * kXskFrameBytes;
  umem_ = Mapping(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), bytes);
  if (!umem_) throw Failure(errno, "get " + std::to_string(bytes >> 20) + " MiB for an AF_XDP socket", "Ask for less with --buffer-size.");
  xdp_umem_reg area{};
  area.addr = reinterpret_cast<uintptr_t>(umem_.bytes());
  area.len = bytes;
  area.chunk_size = kXskFrameBytes;
  set(fd_.get(), XDP_UMEM_REG, &area, sizeof area);
  // Every frame fits into each ring: none is full before the memory is used up. The ABI wants a completion ring of everybody.
  const uint32_t completions = options.transmit ? frames_ : 64;
  set(fd_.get(), XDP_UMEM_FILL_RING, &frames_, sizeof frames_);
  set(fd_.get(), XDP_UMEM_COMPLETION_RING, &completions, sizeof completions);
  set(fd_.get(), XDP_RX_RING, &frames_, sizeof frames_);
  if (options.transmit) set(fd_.get(), XDP_TX_RING, &frames_, sizeof frames_);
  xdp_mmap_offsets offsets{};
  socklen_t length = sizeof offsets;
  if (::getsockopt(fd_.get(), SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) < 0) throw Failure(errno, kTried);
  rx_.mask = tx_.mask = fill_.mask = frames_ - 1;
  completion_.mask = completions - 1;
  map(rx_, offsets.rx, XDP_PGOFF_RX_RING, sizeof(xdp_desc));
  if (options.transmit) map(tx_, offsets.tx, XDP_PGOFF_TX_RING, sizeof(xdp_desc));
  map(fill_, offsets.fr, XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t));
  map(completion_, offsets.cr, XDP_UMEM_PGOFF_COMPLETION_RING, sizeof(uint64_t));
  for (uint32_t i = 0; i < frames_; i++) fill(uint64_t{i} * kXskFrameBytes);
  fill_.producer->store(filled_, std::memory_order_release);
  busy_poll_ = options.busy_poll && prefer_busy_poll(fd_.get());
  bind(ifindex, options.zero_copy);
}

void XskSocket::map(XskRing& ring, const xdp_ring_offset& offsets, uint64_t page, size_t entry) {
  const size_t size = offsets.desc + (size_t{ring.mask} + 1) * entry;
  ring.memory = Mapping(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_.get(), static_cast<off_t>(page)), size);
  if (!ring.memory) throw Failure(errno, "map a ring of an AF_XDP socket");
  ring.producer = reinterpret_cast<std::atomic<uint32_t>*>(ring.memory.bytes() + offsets.producer);
  ring.consumer = reinterpret_cast<std::atomic<uint32_t>*>(ring.memory.bytes() + offsets.consumer);
  ring.flags = reinterpret_cast<const std::atomic<uint32_t>*>(ring.memory.bytes() + offsets.flags);
  ring.entries = ring.memory.bytes() + offsets.desc;
}

/// The best that works: zero-copy before copying, several buffers a packet before one.
void XskSocket::bind(int ifindex, ZeroCopy wanted) {
  int error = 0;
  for (const uint16_t copying : {XDP_ZEROCOPY, XDP_COPY}) {
    if (wanted != ZeroCopy::kAuto && (copying == XDP_ZEROCOPY) != (wanted == ZeroCopy::kYes)) continue;
    for (const uint16_t several : {XDP_USE_SG, 0}) {
      sockaddr_xdp address{};
      address.sxdp_family = AF_XDP;
      address.sxdp_flags = static_cast<uint16_t>(copying | several | XDP_USE_NEED_WAKEUP);
      address.sxdp_ifindex = static_cast<uint32_t>(ifindex);
      address.sxdp_queue_id = queue_;
      if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        zero_copy_ = copying == XDP_ZEROCOPY;
        return;
      }
      error = errno;
    }
  }
  if (wanted == ZeroCopy::kYes && (error == EOPNOTSUPP || error == EINVAL)) throw Failure(error, "bind an AF_XDP socket to queue " + std::to_string(queue_) + " without copies", "The driver has no zero-copy, or not as the interface is set up now: leave the choice to xdpeek (auto).");
  throw Failure(error, "bind an AF_XDP socket to queue " + std::to_string(queue_), error == EBUSY ? "Another AF_XDP program has this queue: end it, or capture with --hook xdp." : "");
}

void XskSocket::release(uint32_t count) {
  for (uint32_t i = 0; i < count; i++) fill(descriptor(i).addr & ~uint64_t{kXskFrameBytes - 1});
  received_ += count;
  fill_.producer->store(filled_, std::memory_order_release);
  rx_.consumer->store(received_, std::memory_order_release);
}

bool XskSocket::send(const xdp_desc& descriptor) {
  if (sent_ - tx_.consumer->load(std::memory_order_acquire) > tx_.mask) return false;
  reinterpret_cast<xdp_desc*>(tx_.entries)[sent_++ & tx_.mask] = {descriptor.addr, descriptor.len, 0};
  return true;
}

void XskSocket::reclaim() {
  const uint32_t done = completion_.producer->load(std::memory_order_acquire);
  while (completed_ != done) fill(reinterpret_cast<const uint64_t*>(completion_.entries)[completed_++ & completion_.mask] & ~uint64_t{kXskFrameBytes - 1});
  completion_.consumer->store(completed_, std::memory_order_release);
}

void XskSocket::publish() {
  fill_.producer->store(filled_, std::memory_order_release);
  rx_.consumer->store(received_, std::memory_order_release);
  tx_.producer->store(sent_, std::memory_order_release);
  // In copy mode nothing leaves without a call, and a call takes a batch (32 frames): EAGAIN means that there is more, or that the device is busy, which
  // no progress tells. A driver with zero-copy takes all at once.
  for (uint32_t taken = tx_.consumer->load(std::memory_order_acquire); sent_ != taken;) {
    ::sendto(fd_.get(), nullptr, 0, MSG_DONTWAIT, nullptr, 0);
    const uint32_t now = tx_.consumer->load(std::memory_order_acquire);
    if (now == taken) return;
    taken = now;
  }
}

void XskSocket::kick() {
  if (busy_poll_ || (fill_.flags->load(std::memory_order_relaxed) & XDP_RING_NEED_WAKEUP)) ::recvfrom(fd_.get(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
}

xdp_statistics XskSocket::statistics() const {
  xdp_statistics statistics{};
  socklen_t length = sizeof statistics;
  if (::getsockopt(fd_.get(), SOL_XDP, XDP_STATISTICS, &statistics, &length) < 0) return {};
  return statistics;
}

uint64_t XskSocket::lost() const {
  const xdp_statistics now = statistics();
  return now.rx_dropped + now.rx_ring_full;
}

}  // namespace xdpeek
