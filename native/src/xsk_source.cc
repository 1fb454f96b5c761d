// See xsk_source.h.
#include "xsk_source.h"

#include <bpf/bpf.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "errors.h"
#include "events.h"
#include "interfaces.h"
#include "packet_stream.h"

namespace xdpeek {
namespace {

constexpr uint32_t kMinFrames = 256, kMaxFrames = 1 << 18;
constexpr uint64_t kLookAtLossesNs = 10'000'000;
constexpr long kPauseNs = 200'000;
constexpr uint8_t kRedirect = 4;  // XDP_REDIRECT

const Interface* find(const std::vector<Interface>& all, const Target& target) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Interface& each) { return each.ifindex == target.ifindex; });
  return found == all.end() ? nullptr : &*found;
}

uint64_t now_ns(bool tai) {
  timespec time{};
  ::clock_gettime(tai ? CLOCK_TAI : CLOCK_BOOTTIME, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

uint32_t XskSource::queues(const Target& target) {
  const std::vector<Interface> all = list_interfaces_in(target.netns);
  const Interface* found = find(all, target);
  return found ? std::max(1u, found->rx_queues) : 1;
}

XskSource::XskSource(const Target& target, uint32_t slot, int xsks_fd, uint32_t bytes, bool tai) : slot_(slot), ifindex_(target.ifindex), tai_(tai) {
  const std::vector<Interface> all = list_interfaces_in(target.netns);
  const Interface* interface = find(all, target);
  const uint32_t most = interface ? std::max(1u, interface->rx_queues) : 1;
  big_mtu_ = interface && interface->mtu + 18 > kXskOneFrame;
  XskOptions options;
  options.frames = std::bit_floor(std::clamp(bytes / most / kXskFrameBytes, kMinFrames, kMaxFrames));
  options.busy_poll = target.busy_poll;
  run_in_netns(target.netns, [&] {
    for (uint32_t queue = 0; queue < most; queue++) {
      try {
        sockets_.push_back(std::make_unique<XskSocket>(target.ifindex, queue, options));
      } catch (const Failure& failure) {
        // More queues can be had than are in use: the first one that is not ends the search.
        if (failure.code() == "EINVAL" && queue > 0) break;
        throw;
      }
      const int fd = sockets_.back()->fd();
      if (bpf_map_update_elem(xsks_fd, &queue, &fd, BPF_ANY) < 0) throw Failure(errno, "give the companion program the AF_XDP socket of queue " + std::to_string(queue));
    }
  });
  lost_seen_.resize(sockets_.size());
}

std::string XskSource::note() const {
  std::string text;
  if (std::none_of(sockets_.begin(), sockets_.end(), [](const auto& socket) { return socket->zero_copy(); }))
    text = "AF_XDP copies each packet: the driver has no zero-copy, or not as the interface is set up now";
  if (big_mtu_ && !xsk_takes_several())
    text += (text.empty() ? "" : "; ") + std::string("frames over ") + std::to_string(kXskOneFrame) + " bytes go to the stack and are counted as lost: this kernel's AF_XDP takes none in several buffers";
  return text;
}

uint32_t XskSource::drain(RecordSink& sink, uint32_t budget) {
  uint32_t count = 0;
  for (const auto& socket : sockets_) count += drain(*socket, sink, budget / static_cast<uint32_t>(sockets_.size()) + 1);
  busy_ = count > 0;
  return count;
}

uint32_t XskSource::drain(XskSocket& socket, RecordSink& sink, uint32_t budget) {
  const uint32_t there = socket.available();
  uint32_t at = 0, count = 0;
  while (at < there && count < budget) {
    uint32_t pieces = 1;
    while (at + pieces <= there && (socket.descriptor(at + pieces - 1).options & XDP_PKT_CONTD)) pieces++;
    if (at + pieces > there) break;  // the rest of it is still to come
    take(socket, at, pieces, sink);
    at += pieces;
    count++;
  }
  if (at > 0) socket.release(at);
  socket.kick();
  return count;
}

void XskSource::take(XskSocket& socket, uint32_t first, uint32_t pieces, RecordSink& sink) {
  uint32_t length = 0;
  for (uint32_t i = 0; i < pieces; i++) length += socket.descriptor(first + i).len;
  const uint8_t* packet = socket.bytes(socket.descriptor(first));
  xdpeek_packet header{};
  auto* stamp = reinterpret_cast<xdpeek_stamp*>(socket.bytes(socket.descriptor(first)) - sizeof(xdpeek_stamp));
  const bool stamped = (socket.descriptor(first).addr & (kXskFrameBytes - 1)) >= sizeof *stamp && stamp->magic == XDPEEK_STAMP_MAGIC;
  header.time_ns = stamped ? stamp->time_ns : now_ns(tai_);
  header.cpu = static_cast<uint16_t>(stamped ? stamp->cpu : 0);
  if (stamped) stamp->magic = 0;  // the memory is used again
  if (pieces > 1) {
    whole_.clear();
    for (uint32_t i = 0; i < pieces; i++) {
      const xdp_desc& piece = socket.descriptor(first + i);
      whole_.insert(whole_.end(), socket.bytes(piece), socket.bytes(piece) + piece.len);
    }
    packet = whole_.data();
  }
  header.wire_length = header.captured_length = length;
  header.ifindex = static_cast<uint32_t>(ifindex_);
  header.rx_queue = socket.queue();
  header.target = static_cast<uint8_t>(slot_);
  header.hook = XDPEEK_HOOK_AFXDP;
  header.direction = XDPEEK_DIRECTION_IN;
  header.verdict = kRedirect;
  header.flags = XDPEEK_PACKET_QUEUE;
  const uint64_t now = monotonic_ns();
  if (now - looked_ns_ > kLookAtLossesNs) {
    looked_ns_ = now;
    uint64_t& seen = lost_seen_[static_cast<size_t>(socket.queue())];
    const uint64_t lost = socket.lost();
    header.lost_before = static_cast<uint32_t>(lost - seen);
    seen = lost;
  }
  sink.record(header, packet);
}

void XskSource::wait(uint32_t timeout_us) {
  const bool busy_polling = std::any_of(sockets_.begin(), sockets_.end(), [](const auto& socket) { return socket->busy_poll(); });
  if (busy_polling) return;  // drain() runs the driver
  if (busy_) {
    // One wake-up for the packets of a moment, not one for each.
    const timespec pause{0, kPauseNs};
    ::nanosleep(&pause, nullptr);
    return;
  }
  std::vector<pollfd> waiting;
  for (const auto& socket : sockets_) waiting.push_back({socket->fd(), POLLIN, 0});
  ::poll(waiting.data(), waiting.size(), static_cast<int>(timeout_us / 1000));
}

double XskSource::fill() const {
  double most = 0;
  for (const auto& socket : sockets_) most = std::max(most, static_cast<double>(socket->available()) / socket->frames());
  return most;
}

uint64_t XskSource::lost() const {
  uint64_t sum = 0;
  for (const auto& socket : sockets_) sum += socket->lost();
  return sum;
}

}  // namespace xdpeek
