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
#include <cstring>

#include "attached.h"
#include "map_reader.h"
#include "probe.h"

namespace xdpeek {
namespace {

constexpr uint32_t kBatch = 4096;
constexpr uint32_t kIdleUs = 10'000, kStarvedUs = 500;
/// Above that the kernel would soon lose packets without telling why: the reader is too slow, and it is counted as that.
constexpr double kFullEnough = 0.75;
constexpr useconds_t kLongestRunUs = 50'000;
constexpr uint64_t kCheckNs = 250'000'000, kWatchNs = 1'000'000'000;

/// Returns when no CPU runs a program that was detached before the call (the kernel waits one RCU grace period). Kernels with nohz_full CPUs have no
/// such call: no packet takes a program that long.
void wait_for_programs() {
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0) ::usleep(kLongestRunUs);
}

}  // namespace

Capture::Capture(CaptureConfig config) : config_(std::move(config)) {
  choose_way();
  clock_ = std::make_unique<WallClock>(tai_);
  stream_ = std::make_unique<PacketStream>(*config_.writer, *clock_, config_.capture_id, config_.snaplen, config_.credit_bytes);
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);  // before Linux 5.11 maps are locked memory
  try {
    plan_units();
    for (Unit& unit : units_) load(unit);
    std::vector<UniqueFd> filters = load_filters(config_.filter ? &*config_.filter : nullptr);
    for (size_t i = 0; i < filters.size(); i++) units_[i].pipeline->use_filter(std::move(filters[i]));
    if (config_.packets) open_sources();
    begin_stream();
    for (Unit& unit : units_) attach(unit);
  } catch (...) {
    stop();
    throw;
  }
}

Capture::~Capture() { stop(); }

std::vector<UniqueFd> Capture::load_filters(const CaptureFilter* filter) {
  std::vector<UniqueFd> filters;
  if (!filter) return filters;
  for (const Unit& unit : units_) {
    const Target& target = config_.targets[unit.target];
    const auto program = std::find_if(filter->programs.begin(), filter->programs.end(), [&](const auto& each) { return each.link_type == target.link_type; });
    if (program == filter->programs.end())
      throw Failure("FILTER", "filter packets of " + target.ifname, "'" + filter->text + "' does not fit this interface's link type (" + std::to_string(target.link_type) + ")",
                    "Leave out what its packets do not have, such as Ethernet addresses on a raw-IP interface.");
    filters.push_back(unit.pipeline->load_filter(program->code));
  }
  return filters;
}

void Capture::set_filter(const CaptureFilter* filter) {
  std::vector<UniqueFd> filters = load_filters(filter);
  filters.resize(units_.size());
  for (size_t i = 0; i < units_.size(); i++) units_[i].pipeline->use_filter(std::move(filters[i]));
  std::lock_guard guard(listeners_mutex_);
  comment_ = filter && !filter->text.empty() ? "capture filter from here on: " + filter->text : "no capture filter from here on";
  has_comment_.store(true, std::memory_order_release);
}

void Capture::open_sources() {
  for (const Unit& unit : units_) {
    const Target& target = config_.targets[unit.target];
    if (target.hook != Hook::kAfXdp) continue;
    auto source = std::make_unique<XskSource>(target, unit.first_slot, unit.pipeline->object().map_fd("xsks"), buffer_bytes_, tai_);
    xsks_.push_back(source.get());
    sources_.push_back(std::move(source));
  }
  if (only(Hook::kAfXdp)) return;
  if (way_ == BufferKind::kMapped) areas_ = std::make_unique<AreaSource>(map_fd("areas"), area_shape_, *clock_);
  if (way_ == BufferKind::kRing) sources_.push_back(open_ring_source(map_fd("ring"), buffer_bytes_));
  if (way_ == BufferKind::kPerf || any(Hook::kObserve)) sources_.push_back(open_perf_source(map_fd("perf"), way_ == BufferKind::kPerf ? buffer_bytes_ : kPerfDefault));
}

void Capture::begin_stream() {
  std::vector<InterfaceBlock> interfaces;
  for (const Unit& unit : units_) {
    const Target& target = config_.targets[unit.target];
    static const char* hooks[] = {"seen at XDP", "seen at tc ingress", "seen at tc egress", "", "seen by a packet socket", "taken by AF_XDP"};
    for (uint32_t i = 0; i < unit.slots; i++) {
      InterfaceBlock block;
      block.name = target.ifname;
      block.description = unit.observed ? std::string(i == 0 ? "before" : "after") + " XDP program " + unit.observed->function + " (id " + std::to_string(unit.observed->id) + ")"
                                        : hooks[static_cast<int>(target.hook)];
      block.description += in_netns(target.netns);
      block.observed = unit.observed.has_value();
      block.filter = config_.filter ? config_.filter->text : "";
      block.os = "Linux";
      block.hardware = target.driver;
      block.link_type = target.link_type;
      block.snaplen = config_.snaplen;
      block.speed_bps = target.speed_bps;
      if (target.ethernet() && !target.loopback) block.mac = target.mac;
      interfaces.push_back(std::move(block));
    }
  }
  stream_->begin(config_.application, interfaces);
  started_ns_ = clock_->now_epoch_ns();
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "xdpeek-drain");
    try {
      run();
    } catch (const std::exception& error) {  // a dead capture must not look like a quiet network
      fail(Failure("INTERNAL", "go on capturing", error.what(), "Start again."));
    }
  });
}

void Capture::attach(Unit& unit) {
  const Target& target = config_.targets[unit.target];
  BpfObject& object = unit.pipeline->object();
  const uint32_t entry_id = unit.pipeline->entry_id();
  const int entry = unit.pipeline->entry_fd();
  // Known as ours before it can be seen.
  remember_own_program(entry_id);
  if (unit.observed) {
    const uint32_t after_id = object.program_id(kObserveAfter);
    remember_own_program(after_id);
    // After first: what is seen before is then always seen after.
    auto after = attach_tracing(target, object.program_fd(kObserveAfter), false, unit.observed->name);
    hold(unit, unit.first_slot, attach_tracing(target, entry, true, unit.observed->name), entry_id);
    hold(unit, unit.first_slot + 1, std::move(after), after_id, true);
    return;
  }
  std::unique_ptr<Attachment> attachment;
  if (target.hook == Hook::kXdp || target.hook == Hook::kAfXdp) attachment = attach_xdp(target, entry);
  else if (target.hook == Hook::kSocket) attachment = attach_socket(target, entry);
  else if (!config_.force_clsact) attachment = attach_tcx(target, entry);
  // TCX_NEXT and TC_ACT_UNSPEC are one value: the same program serves clsact.
  if (!attachment) attachment = attach_clsact(target, entry, entry_id, config_.journal_dir);
  hold(unit, unit.first_slot, std::move(attachment), entry_id);
}

void Capture::hold(const Unit& unit, uint32_t slot, std::unique_ptr<Attachment> attachment, uint32_t program_id, bool after) {
  AttachmentReport report;
  report.target = unit.target;
  report.slot = slot;
  report.via = attachment->via();
  report.mode = attachment->actual_mode() ? attachment->actual_mode() : "";
  report.note = attachment->note();
  for (const XskSource* xsk : xsks_)
    if (xsk->slot() == slot && !xsk->note().empty()) report.note += (report.note.empty() ? "" : "; ") + xsk->note();
  report.program_id = program_id;
  if (unit.observed) {
    report.observed_id = unit.observed->id;
    report.observed_name = unit.observed->function;
    report.after = after;
  }
  reports_.push_back(std::move(report));
  std::lock_guard lock(attachments_mutex_);
  held_.push_back({unit.target, std::move(attachment)});
}

void Capture::run() {
  uint64_t next_check = 0, next_watch = monotonic_ns() + kWatchNs;
  while (!stopping_.load(std::memory_order_acquire)) {
    uint32_t got = 0;
    // While nothing can leave, packets are best kept where they are: the kernel's buffer is there to bridge that.
    const bool starved = stream_->starved();
    for (const auto& source : sources_)
      if (!starved || source->fill() > kFullEnough) got += source->drain(*stream_, kBatch);
    if (areas_) {
      areas_->tell_behind(starved);
      if (!starved) areas_->drain(*stream_, false);
    }
    const uint64_t now = monotonic_ns();
    stream_->tick(now);
    if (has_comment_.load(std::memory_order_acquire)) write_comment();
    if (now >= next_check) {
      clock_->refresh();
      if (areas_) areas_->tell(*clock_);
      check_attachments();
      next_check = now + kCheckNs;
    }
    if (now >= next_watch) {
      watch_links();
      next_watch = now + kWatchNs;
    }
    if (starved) ::usleep(kStarvedUs);
    else if (got < kBatch / 4) wait();
  }
  stream_->be_patient();
  for (const auto& source : sources_)
    while (source->drain(*stream_, kBatch) > 0) {
    }
  if (!areas_) return;
  while (areas_->drain(*stream_, true)) {
  }
  areas_->give_up(*stream_);
}

/// One source knows best how to sleep; several are looked at in turn.
void Capture::wait() {
  if (areas_ && sources_.empty()) areas_->wait(kIdleUs);
  else if (!areas_ && sources_.size() == 1) sources_[0]->wait(kIdleUs);
  else ::usleep(sources_.empty() ? kIdleUs : 200);
}

void Capture::write_comment() {
  std::string comment;
  {
    std::lock_guard guard(listeners_mutex_);
    comment = std::exchange(comment_, {});
    has_comment_.store(false, std::memory_order_release);
  }
  stream_->report(interface_statistics(comment));
}

void Capture::check_attachments() {
  std::lock_guard lock(attachments_mutex_);
  for (const Held& each : held_) {
    if (each.attachment->alive()) continue;
    const Target& target = config_.targets[each.target];
    LinkWatch& watch = watches_[each.target];
    watch.refresh();
    fail(Failure("DETACHED", "go on capturing on " + describe(target),
                 watch.gone() ? "the interface was removed" : each.attachment->lost_because(),
                 watch.gone() ? "`xdpeek ifaces` lists what there is now." : "`xdpeek ifaces` shows what is attached now; start again when it is free."));
    return;
  }
}

void Capture::fail(const Failure& failure) {
  std::lock_guard guard(listeners_mutex_);
  if (pending_failure_) return;
  pending_failure_ = failure;
  if (failure_listener_) failure_listener_(failure);
}

void Capture::watch_links() {
  uint64_t dropped = 0;
  for (size_t i = 0; i < watches_.size(); i++) {
    const std::vector<std::string> news = watches_[i].refresh();
    // An interface under two hooks drops a packet once.
    const auto same = [&](const Target& other) { return other.ifindex == config_.targets[i].ifindex && other.netns == config_.targets[i].netns; };
    if (std::any_of(config_.targets.begin(), config_.targets.begin() + static_cast<long>(i), same)) continue;
    dropped += watches_[i].dropped();
    std::lock_guard guard(listeners_mutex_);
    if (notice_listener_)
      for (const std::string& each : news) notice_listener_(each);
  }
  // Drivers count what an AF_XDP socket had no room for as drops of their own too: those are in lost_kernel already.
  uint64_t known = 0;
  for (const XskSource* xsk : xsks_) known += xsk->lost();
  lost_interface_.store(dropped - std::min(dropped, known), std::memory_order_relaxed);
}

void Capture::on_failure(std::function<void(const Failure&)> listener) {
  std::lock_guard guard(listeners_mutex_);
  failure_listener_ = std::move(listener);
  if (pending_failure_ && failure_listener_) failure_listener_(*pending_failure_);
}

void Capture::on_notice(std::function<void(const std::string&)> listener) {
  std::lock_guard guard(listeners_mutex_);
  notice_listener_ = std::move(listener);
}

Counters Capture::stop() {
  if (final_) return *final_;
  {
    std::lock_guard guard(listeners_mutex_);
    failure_listener_ = nullptr;
    notice_listener_ = nullptr;
  }
  {
    // In the order in which they were attached: what looks before a program goes before what looks after it.
    std::lock_guard lock(attachments_mutex_);
    for (Held& each : held_) each.attachment.reset();
    held_.clear();
  }
  wait_for_programs();
  stopping_.store(true, std::memory_order_release);
  if (thread_.joinable()) {
    thread_.join();
    watch_links();
    stream_->flush();
    stream_->report(interface_statistics({}));
  }
  for (const AttachmentReport& each : reports_) forget_own_program(each.program_id);
  final_ = read_counters();
  return *final_;
}

bool Capture::any(Hook hook) const {
  return std::any_of(config_.targets.begin(), config_.targets.end(), [&](const Target& target) { return target.hook == hook; });
}

bool Capture::only(Hook hook) const {
  return std::all_of(config_.targets.begin(), config_.targets.end(), [&](const Target& target) { return target.hook == hook; });
}

uint32_t Capture::slots() const { return units_.empty() ? 0 : units_.back().first_slot + units_.back().slots; }

Counters Capture::read_counters() const {
  Counters c;
  c.captured_packets = stream_->captured_packets();
  c.captured_bytes = stream_->captured_bytes();
  c.lost_pipe = stream_->lost_packets();
  c.lost_interface = lost_interface_.load(std::memory_order_relaxed);
  if (units_.empty() || !units_[0].pipeline) return c;
  for (uint32_t slot = 0; slot < slots(); slot++) {
    const std::vector<xdpeek_counters> per_cpu = counters_per_cpu(map_fd("counters"), slot);
    c.cpus.resize(per_cpu.size());
    SlotCounters sum;
    for (size_t cpu = 0; cpu < per_cpu.size(); cpu++) {
      const xdpeek_counters& v = per_cpu[cpu];
      sum.matched_packets += v.matched_packets;
      sum.matched_bytes += v.matched_bytes;
      sum.filtered_packets += v.filtered_packets;
      sum.skipped_packets += v.skipped_packets;
      sum.lost_kernel += v.lost_packets;
      sum.refused += v.refused_packets;
      c.cpus[cpu].matched_packets += v.matched_packets;
      c.cpus[cpu].lost_kernel += v.lost_packets;
    }
    for (const XskSource* xsk : xsks_)
      if (xsk->slot() == slot) sum.lost_kernel += xsk->lost();
    c.matched_packets += sum.matched_packets;
    c.matched_bytes += sum.matched_bytes;
    c.filtered_packets += sum.filtered_packets;
    c.skipped_packets += sum.skipped_packets;
    c.lost_kernel += sum.lost_kernel;
    c.lost_pipe += sum.refused;
    c.slots.push_back(sum);
  }
  return c;
}

Counters Capture::counters() const { return final_ ? *final_ : read_counters(); }

void Capture::grant(int64_t bytes) { stream_->grant(bytes); }

std::vector<InterfaceStatistics> Capture::interface_statistics(const std::string& comment) const {
  std::vector<InterfaceStatistics> all;
  const Counters c = read_counters();
  for (const Unit& unit : units_)
    for (uint32_t slot = unit.first_slot; slot < unit.first_slot + unit.slots && slot < c.slots.size(); slot++) {
      const SlotCounters& sum = c.slots[slot];
      all.push_back({slot, started_ns_, clock_->now_epoch_ns(), sum.matched_packets + sum.filtered_packets, watches_[unit.target].dropped(), sum.matched_packets, sum.lost_kernel,
                     delivered(slot, config_.targets[unit.target].hook, sum), comment});
    }
  return all;
}

/// Blocks in the areas are not looked at on their way: what the programs wrote and what is still there tells what went.
uint64_t Capture::delivered(uint32_t slot, Hook hook, const SlotCounters& c) const {
  if (!areas_ || !takes_way(hook)) return stream_->delivered(slot);
  const uint64_t gone = c.skipped_packets + c.lost_kernel + c.refused + areas_->waiting(slot);
  return c.matched_packets - std::min(c.matched_packets, gone);
}

std::vector<uint8_t> Capture::read_flows() const {
  return config_.flows ? read_flow_records(map_fd("flows"), config_.max_flows, *clock_) : std::vector<uint8_t>();
}

std::vector<uint8_t> Capture::read_stats() const { return read_stats_per_cpu(map_fd("stats")); }

}  // namespace xdpeek
