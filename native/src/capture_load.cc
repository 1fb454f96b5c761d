// What a capture loads: the way its packets leave the kernel by, which slots there are, and for each target an object with its settings.
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "capture.h"
#include "probe.h"

namespace xdpeek {
namespace {

constexpr uint32_t kRingDefault = 64u << 20;
/// Of the areas, for all CPUs; more where that leaves a CPU too little, but not beyond what a desktop has CPUs for.
constexpr uint32_t kAreaDefault = 64u << 20, kAreaCpu = 4u << 20, kAreaMost = 128u << 20;
constexpr uint32_t kMinBuffer = 64u << 10, kMaxBuffer = 1u << 30;

/// A perf sample's size is 16 bits wide: header and packet must fit.
constexpr uint32_t kPerfSnaplen = 65'000;

uint32_t power_of_two(uint32_t bytes) { return std::bit_ceil(std::clamp(bytes, kMinBuffer, kMaxBuffer)); }

const char* object_file(Hook hook) {
  switch (hook) {
    case Hook::kXdp: return "/capture_xdp.bpf.o";
    case Hook::kObserve: return "/capture_observe.bpf.o";
    case Hook::kSocket: return "/capture_socket.bpf.o";
    case Hook::kAfXdp: return "/capture_afxdp.bpf.o";
    default: return "/capture_tc.bpf.o";
  }
}

PipelinePrograms programs_of(Hook hook) {
  switch (hook) {
    case Hook::kXdp:
      if (!capabilities().xdp_multi_buffer) return {"xdpeek_linear", "xdpeek_linear_take", FilterContext::kXdp};
      return {"xdpeek_xdp", "xdpeek_xdp_take", FilterContext::kXdp};
    case Hook::kObserve: return {"xdpeek_before", "xdpeek_before_take", FilterContext::kTracing};
    case Hook::kSocket: return {"xdpeek_socket", "xdpeek_socket_take", FilterContext::kSocket};
    case Hook::kAfXdp: return {"xdpeek_afxdp", "xdpeek_afxdp_take", FilterContext::kXdp};
    default: return {"xdpeek_tc", "xdpeek_tc_take", FilterContext::kTc};
  }
}

}  // namespace

/// The cheapest way that the kernel has, unless one was named; and how much memory it gets.
void Capture::choose_way() {
  const Capabilities& machine = capabilities();
  tai_ = machine.tai_clock;
  way_ = config_.buffer;
  const uint32_t cpus = area_cpus();
  const uint32_t area_bytes = config_.buffer_bytes ? config_.buffer_bytes : std::clamp(cpus * kAreaCpu, kAreaDefault, kAreaMost);
  if (way_ == BufferKind::kAuto) {
    const bool copies = machine.ring_buffer && machine.xdp_multi_buffer;
    way_ = !copies ? BufferKind::kPerf : machine.large_values && areas_fit(cpus, area_bytes) ? BufferKind::kMapped : BufferKind::kRing;
  }
  if (only(Hook::kObserve)) way_ = BufferKind::kPerf;
  if (way_ == BufferKind::kPerf || any(Hook::kObserve)) config_.snaplen = std::min(config_.snaplen, kPerfSnaplen);
  const uint32_t fallback = way_ == BufferKind::kMapped ? area_bytes : way_ == BufferKind::kRing ? kRingDefault : kPerfDefault;
  buffer_bytes_ = power_of_two(config_.buffer_bytes ? config_.buffer_bytes : fallback);
  if (way_ == BufferKind::kMapped) area_shape_ = shape_areas(cpus, buffer_bytes_);
}

/// Which slots there are: one a target, two for each program that is observed.
void Capture::plan_units() {
  uint32_t slot = 0;
  for (uint32_t i = 0; i < config_.targets.size(); i++) {
    Target& target = config_.targets[i];
    resolve(target);
    watches_.emplace_back(target);
    if (target.hook == Hook::kObserve) {
      for (ObservedProgram& program : find_observed(target)) {
        units_.push_back({i, slot, 2, std::move(program), nullptr});
        slot += 2;
      }
    } else {
      units_.push_back({i, slot++, 1, std::nullopt, nullptr});
    }
  }
  if (slot > XDPEEK_MAX_SLOTS) throw Failure("E2BIG", "capture", "that is more programs and interfaces than one capture takes", "Name fewer interfaces, or one program with --program.");
}

std::map<std::string, uint32_t> Capture::constants_of(const Unit& unit) const {
  const Target& target = config_.targets[unit.target];
  std::map<std::string, uint32_t> constants{
      {"cfg_slot", unit.first_slot},
      {"cfg_hook", static_cast<uint32_t>(target.hook)},
      {"cfg_snaplen", config_.snaplen},
      {"cfg_sample", config_.sample},
      {"cfg_raw_ip", !target.ethernet()},
      {"cfg_way", static_cast<uint32_t>(!takes_way(target.hook) || way_ == BufferKind::kPerf ? XDPEEK_WAY_PERF : way_ == BufferKind::kRing ? XDPEEK_WAY_RING : XDPEEK_WAY_AREA)},
      {"cfg_tai", tai_},
      {"cfg_packets", config_.packets},
      {"cfg_flows", config_.flows},
      {"cfg_stats", config_.stats},
  };
  if (target.hook == Hook::kSocket) constants.emplace("cfg_loopback", target.loopback);
  if (target.hook == Hook::kAfXdp && !xsk_takes_several()) constants.emplace("cfg_longest", kXskOneFrame);
  if (way_ != BufferKind::kMapped || !takes_way(target.hook)) return constants;
  constants.insert({{"cfg_area_mask", area_shape_.chunks - 1}, {"cfg_chunk_bytes", area_shape_.chunk_bytes}});
  // Ids of observed packets have 48 bits (packet_stream.cc).
  if (any(Hook::kObserve)) constants.emplace("cfg_id_high", 1u << 24);
  if (target.ethernet() && !target.loopback) {
    uint32_t start = 0, end = 0;
    std::memcpy(&start, target.mac.data(), 4);
    std::memcpy(&end, target.mac.data() + 4, 2);
    constants.insert({{"cfg_mac_known", 1}, {"cfg_mac_start", start}, {"cfg_mac_end", end}});
  }
  return constants;
}

/// Of the first object, which all share: what is not used is as small as it can be.
void Capture::size_maps(BpfObject& object) const {
  const bool packets = config_.packets && !only(Hook::kAfXdp);
  object.resize("ring", packets && way_ == BufferKind::kRing ? buffer_bytes_ : static_cast<uint32_t>(::sysconf(_SC_PAGESIZE)));
  if (packets && way_ == BufferKind::kMapped) {
    object.resize("areas", area_shape_.cpus);
    object.resize_value("areas", area_shape_.value_bytes());
  }
  object.resize("flows", config_.flows ? config_.max_flows : 1);
}

void Capture::load(Unit& unit) {
  const Target& target = config_.targets[unit.target];
  const PipelinePrograms programs = programs_of(target.hook);
  const bool first = &unit == &units_[0];
  auto object = std::make_unique<BpfObject>(config_.bpf_dir + object_file(target.hook));
  object->set_constants(constants_of(unit));
  if (first) {
    size_maps(*object);
  } else {
    for (const char* map : {"ring", "perf", "areas", "counters", "flows", "stats"}) object->reuse(map, map_fd(map));
  }
  if (target.hook == Hook::kAfXdp) object->resize("xsks", XskSource::queues(target));
  const std::string tried = "load the capture program for " + describe(target);
  if (unit.observed) {
    for (const char* name : {programs.entry, programs.take, kObserveAfter}) object->set_attach_target(name, unit.observed->fd.get(), unit.observed->function);
    object->load({programs.entry, programs.take, kObserveAfter}, tried);
  } else {
    object->load({programs.entry, programs.take}, tried);
  }
  unit.pipeline = std::make_unique<Pipeline>(std::move(object), programs, unit.first_slot, target.ethernet());
  if (unit.observed) unit.pipeline->observe(unit.observed->fd.get(), unit.observed->function_id);
}

}  // namespace xdpeek
