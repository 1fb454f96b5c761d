// Order matters: maps and rings first, then the drain thread, then the attachments, so that the first packet already has a reader.
#include "capture.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "attached.h"
#include "errors.h"
#include "map_reader.h"
#include "probe.h"

namespace xdpeek {
namespace {

constexpr uint32_t kRingDefault = 64u << 20, kPerfDefault = 8u << 20;
constexpr uint32_t kMinBuffer = 64u << 10, kMaxBuffer = 1u << 30;
constexpr uint32_t kBatch = 4096;
constexpr uint32_t kIdleUs = 10'000;

/// A perf sample's size is 16 bits wide: header and packet must fit.
constexpr uint32_t kPerfSnaplen = 65'000;

uint32_t power_of_two(uint32_t bytes) { return std::bit_ceil(std::clamp(bytes, kMinBuffer, kMaxBuffer)); }

/// Returns when no CPU runs a program that was detached before the call (the kernel waits one RCU grace period).
void wait_for_programs() { ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0); }

}  // namespace

Capture::Capture(CaptureConfig config) : config_(std::move(config)) {
  const Capabilities& machine = capabilities();
  ring_ = config_.buffer == BufferKind::kRing || (config_.buffer == BufferKind::kAuto && machine.ring_buffer);
  tai_ = machine.tai_clock;
  if (!ring_) config_.snaplen = std::min(config_.snaplen, kPerfSnaplen);
  buffer_bytes_ = power_of_two(config_.buffer_bytes ? config_.buffer_bytes : ring_ ? kRingDefault : kPerfDefault);
  clock_ = std::make_unique<WallClock>(tai_);
  stream_ = std::make_unique<PacketStream>(*config_.writer, *clock_, config_.capture_id, config_.snaplen, config_.credit_bytes);
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);  // before Linux 5.11 maps are locked memory
  try {
    load_and_attach();
  } catch (...) {
    stop();
    throw;
  }
}

Capture::~Capture() { stop(); }

void Capture::load_and_attach() {
  for (Target& target : config_.targets) resolve(target);
  load_program(config_.targets[0], 0, config_.targets[0].hook == Hook::kXdp ? "xdpeek_xdp" : "xdpeek_tcx");
  if (config_.packets) source_ = ring_ ? open_ring_source(objects_[0]->map_fd("ring"), buffer_bytes_) : open_perf_source(objects_[0]->map_fd("perf"), buffer_bytes_);

  std::vector<InterfaceBlock> interfaces;
  for (const Target& target : config_.targets) {
    static const char* hooks[] = {"XDP", "tc ingress", "tc egress"};
    const std::string where = target.netns ? " in network namespace " + *target.netns : "";
    interfaces.push_back({target.ifname, std::string("seen at ") + hooks[static_cast<int>(target.hook)] + where, "Linux", target.link_type, config_.snaplen, target.speed_bps});
  }
  stream_->begin(config_.application, interfaces);
  started_ns_ = clock_->now_epoch_ns();
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "xdpeek-drain");
    run();
  });
  for (size_t i = 0; i < config_.targets.size(); i++) attach(config_.targets[i], i);
}

/// objects_[index] with `program` loaded; the first object's maps serve all.
BpfObject& Capture::load_program(const Target& target, size_t index, const char* program) {
  const bool xdp = target.hook == Hook::kXdp;
  auto object = std::make_unique<BpfObject>(config_.bpf_dir + (xdp ? "/capture_xdp.bpf.o" : "/capture_tc.bpf.o"));
  object->set_constants({
      {"cfg_target", static_cast<uint32_t>(index)},
      {"cfg_hook", static_cast<uint32_t>(target.hook)},
      {"cfg_direction", target.hook == Hook::kTcEgress ? XDPEEK_DIRECTION_OUT : XDPEEK_DIRECTION_IN},
      {"cfg_snaplen", config_.snaplen},
      {"cfg_raw_ip", target.link_type != 1},
      {"cfg_ring", ring_},
      {"cfg_tai", tai_},
      {"cfg_packets", config_.packets},
      {"cfg_flows", config_.flows},
      {"cfg_stats", config_.stats},
  });
  if (index == 0) {
    object->resize("ring", ring_ && config_.packets ? buffer_bytes_ : static_cast<uint32_t>(::sysconf(_SC_PAGESIZE)));
    object->resize("flows", config_.flows ? config_.max_flows : 1);
  } else {
    for (const char* map : {"ring", "perf", "counters", "flows", "stats"}) object->reuse(map, objects_[0]->map_fd(map));
  }
  object->load(program, "load the capture program for " + describe(target));
  if (objects_.size() <= index) objects_.resize(index + 1);
  objects_[index] = std::move(object);
  return *objects_[index];
}

void Capture::attach(Target& target, size_t index) {
  BpfObject* object = index == 0 ? objects_[0].get() : &load_program(target, index, target.hook == Hook::kXdp ? "xdpeek_xdp" : "xdpeek_tcx");
  // Known as ours before it can be seen.
  remember_own_program(object->program_id());
  std::unique_ptr<Attachment> attachment;
  if (target.hook == Hook::kXdp) attachment = attach_xdp(target, object->program_fd());
  else if (!config_.force_clsact) attachment = attach_tcx(target, object->program_fd());
  // TCX_NEXT and TC_ACT_UNSPEC are one value: the same program serves clsact.
  if (!attachment) attachment = attach_clsact(target, object->program_fd(), object->program_id(), config_.journal_dir);
  const char* mode = attachment->actual_mode();
  reports_.push_back({target, attachment->via(), mode ? mode : "", attachment->note(), object->program_id()});
  std::lock_guard lock(attachments_mutex_);
  attachments_.push_back(std::move(attachment));
}

void Capture::run() {
  uint64_t next_check = 0;
  while (!stopping_.load(std::memory_order_acquire)) {
    const uint32_t got = source_ ? source_->drain(*stream_, kBatch) : 0;
    const uint64_t now = monotonic_ns();
    stream_->tick(now);
    if (now >= next_check) {
      clock_->refresh();
      check_attachments();
      next_check = now + 250'000'000;
    }
    if (got < kBatch / 4) {
      if (source_) source_->wait(kIdleUs);
      else ::usleep(kIdleUs);
    }
  }
  while (source_ && source_->drain(*stream_, kBatch) > 0) {
  }
}

void Capture::check_attachments() {
  std::lock_guard lock(attachments_mutex_);
  for (size_t i = 0; i < attachments_.size(); i++) {
    if (attachments_[i]->alive()) continue;
    Failure failure("DETACHED", "go on capturing on " + describe(reports_[i].target), "the interface was removed, or another program forced ours off it",
                    "Check the interface with `xdpeek ifaces`, then start again.");
    std::lock_guard guard(failure_mutex_);
    if (pending_failure_) return;
    pending_failure_ = failure;
    if (failure_listener_) failure_listener_(failure);
    return;
  }
}

void Capture::on_failure(std::function<void(const Failure&)> listener) {
  std::lock_guard guard(failure_mutex_);
  failure_listener_ = std::move(listener);
  if (pending_failure_ && failure_listener_) failure_listener_(*pending_failure_);
}

Counters Capture::stop() {
  if (final_) return *final_;
  {
    std::lock_guard guard(failure_mutex_);
    failure_listener_ = nullptr;
  }
  {
    std::lock_guard lock(attachments_mutex_);
    attachments_.clear();
  }
  wait_for_programs();
  stopping_.store(true, std::memory_order_release);
  if (thread_.joinable()) {
    thread_.join();
    stream_->end(interface_statistics());
  }
  for (const AttachmentReport& each : reports_) forget_own_program(each.program_id);
  final_ = read_counters();
  return *final_;
}

Counters Capture::read_counters() const {
  Counters c;
  c.captured_packets = stream_->captured_packets();
  c.captured_bytes = stream_->captured_bytes();
  c.lost_pipe = stream_->lost_packets();
  if (objects_.empty() || !objects_[0]) return c;
  for (uint32_t target = 0; target < config_.targets.size(); target++) {
    const xdpeek_counters sum = sum_counters(objects_[0]->map_fd("counters"), target);
    c.matched_packets += sum.matched_packets;
    c.matched_bytes += sum.matched_bytes;
    c.lost_kernel += sum.lost_packets;
  }
  return c;
}

Counters Capture::counters() const { return final_ ? *final_ : read_counters(); }

void Capture::grant(int64_t bytes) { stream_->grant(bytes); }

std::vector<InterfaceStatistics> Capture::interface_statistics() const {
  std::vector<InterfaceStatistics> all;
  for (uint32_t target = 0; target < config_.targets.size(); target++) {
    const xdpeek_counters sum = sum_counters(objects_[0]->map_fd("counters"), target);
    all.push_back({target, started_ns_, clock_->now_epoch_ns(), sum.matched_packets, sum.lost_packets});
  }
  return all;
}

std::vector<uint8_t> Capture::read_flows() const {
  return config_.flows ? read_flow_records(objects_[0]->map_fd("flows"), config_.max_flows, *clock_) : std::vector<uint8_t>();
}

std::vector<uint8_t> Capture::read_stats() const { return read_stats_per_cpu(objects_[0]->map_fd("stats")); }

}  // namespace xdpeek
