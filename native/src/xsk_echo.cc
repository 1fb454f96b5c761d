#include "xsk_echo.h"

#include <bpf/bpf.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "echo_reply.h"
#include "errors.h"
#include "xsk_source.h"

namespace xdpeek {
namespace {

const char* program_of(const XskEchoOptions& options) { return options.every_second ? "xsk_alternate" : "xsk_echo_reply"; }
constexpr uint32_t kFrames = 2048;  // 8 MiB a queue
constexpr uint32_t kMostQueues = 64;
constexpr int kAgainMs = 2, kIdleMs = 1000;

}  // namespace

XskEcho::XskEcho(XskEchoOptions options) : object_(options.bpf_dir + "/library/" + program_of(options) + ".bpf.o") {
  options.target.hook = Hook::kXdp;
  resolve(options.target);
  if (!options.target.ethernet()) throw Failure("EOPNOTSUPP", "answer echo requests on " + options.target.ifname, "it has no Ethernet frames, which AF_XDP sockets are for");
  const char* program = program_of(options);
  object_.load({program}, std::string("load ") + program);
  open_sockets(options);
  wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC));
  if (!wake_) throw Failure(errno, "answer echo requests");
  attachment_ = attach_xdp(options.target, object_.program_fd(program));
  if (options.thread_each)
    for (size_t i = 0; i < lanes_.size(); i++) threads_.emplace_back([this, i] { serve(i, i + 1); });
  else threads_.emplace_back([this] { serve(0, lanes_.size()); });
}

XskEcho::~XskEcho() {
  attachment_.reset();
  stop_.store(true, std::memory_order_relaxed);
  const uint64_t one = 1;
  if (wake_ && write(wake_.get(), &one, sizeof one) < 0) std::abort();  // an eventfd of ours takes it
  for (std::thread& thread : threads_) thread.join();
}

void XskEcho::open_sockets(const XskEchoOptions& options) {
  const uint32_t most = std::min(XskSource::queues(options.target), kMostQueues);
  XskOptions socket;
  socket.frames = kFrames;
  socket.transmit = true;
  socket.zero_copy = options.zero_copy;
  run_in_netns(options.target.netns, [&] {
    for (uint32_t queue = 0; queue < most; queue++) {
      auto lane = std::make_unique<Lane>();
      try {
        lane->socket = std::make_unique<XskSocket>(options.target.ifindex, queue, socket);
      } catch (const Failure& failure) {
        if (failure.code() == "EINVAL" && queue > 0) break;  // more queues can be had than are in use
        throw;
      }
      const int fd = lane->socket->fd();
      if (bpf_map_update_elem(object_.map_fd("sockets"), &queue, &fd, BPF_ANY) < 0) throw Failure(errno, "give the program the AF_XDP socket of queue " + std::to_string(queue));
      lanes_.push_back(std::move(lane));
    }
  });
}

/// True if something came.
bool XskEcho::answer(Lane& lane) {
  XskSocket& socket = *lane.socket;
  socket.reclaim();
  const uint32_t count = socket.available();
  uint64_t received = 0, answered = 0, ignored = 0, full = 0;
  for (uint32_t i = 0; i < count; i++) {
    const xdp_desc frame = socket.descriptor(i);
    // A packet in several buffers is longer than any that is answered here; what its later ones hold only looks like packets.
    const bool first = !lane.within, last = !(frame.options & XDP_PKT_CONTD);
    lane.within = !last;
    const bool reply = first && last && make_echo_reply(socket.bytes(frame), frame.len);
    if (last) received++;
    if (reply && socket.send(frame)) {
      answered++;
      continue;
    }
    if (last) reply ? full++ : ignored++;
    socket.give_back(frame);
  }
  socket.lease(count);
  socket.publish();
  const auto add = [](std::atomic<uint64_t>& counter, uint64_t more) { counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); };
  add(lane.received, received);
  add(lane.answered, answered);
  add(lane.ignored, ignored);
  add(lane.tx_full, full);
  return count > 0;
}

void XskEcho::serve(size_t first, size_t end) {
  std::vector<pollfd> waiting{{wake_.get(), POLLIN, 0}};
  for (size_t i = first; i < end; i++) waiting.push_back({lanes_[i]->socket->fd(), POLLIN, 0});
  while (!stop_.load(std::memory_order_relaxed)) {
    bool busy = false, sending = false;
    for (size_t i = first; i < end; i++) busy |= answer(*lanes_[i]);
    for (size_t i = first; i < end; i++) {
      lanes_[i]->socket->kick();
      sending |= lanes_[i]->socket->sending();
    }
    // What a device would not take yet is tried again soon, and not without a pause: it may be down.
    if (!busy && poll(waiting.data(), waiting.size(), sending ? kAgainMs : kIdleMs) < 0 && errno != EINTR) return;
  }
}

std::vector<XskEcho::Queue> XskEcho::counts() const {
  std::vector<Queue> all;
  for (const auto& lane : lanes_) {
    const xdp_statistics kernel = lane->socket->statistics();
    all.push_back({lane->socket->queue(), lane->socket->zero_copy(), lane->received.load(), lane->answered.load(), lane->ignored.load(), lane->tx_full.load(), kernel.rx_fill_ring_empty_descs,
                   kernel.rx_dropped + kernel.rx_ring_full});
  }
  return all;
}

}  // namespace xdpeek
