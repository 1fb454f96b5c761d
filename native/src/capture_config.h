// What a capture is asked to do and what it counts: CaptureConfig and CaptureCounters of native/index.d.ts, in C++.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "filter_program.h"
#include "frame_writer.h"
#include "target.h"

namespace xdpeek {

/// kMapped: areas that programs fill with finished blocks (area_source.h).
enum class BufferKind { kAuto, kPerf, kRing, kMapped };

/// CompiledFilter: one classic program a link type.
struct CaptureFilter {
  std::string text;
  struct Program {
    int link_type;
    std::vector<ClassicInstruction> code;
  };
  std::vector<Program> programs;
};

struct CaptureConfig {
  uint32_t capture_id = 0;
  std::vector<Target> targets;
  uint32_t snaplen = 262144;
  uint32_t sample = 1;
  BufferKind buffer = BufferKind::kAuto;
  uint32_t buffer_bytes = 0;
  bool packets = true, flows = true, stats = true;
  uint32_t max_flows = 65536;
  std::optional<CaptureFilter> filter;
  std::string bpf_dir, application, journal_dir;
  bool force_clsact = false;
  int64_t credit_bytes = 0;
  std::shared_ptr<FrameWriter> writer;
};

struct SlotCounters {
  uint64_t matched_packets = 0, matched_bytes = 0, filtered_packets = 0, skipped_packets = 0, lost_kernel = 0;
  uint64_t refused = 0;  ///< in lost_pipe of all
};

struct CpuCounters {
  uint64_t matched_packets = 0, lost_kernel = 0;
};

/// CaptureCounters of electron/shared/capture.ts, without lostStore.
struct Counters {
  uint64_t matched_packets = 0, matched_bytes = 0, captured_packets = 0, captured_bytes = 0, lost_kernel = 0, lost_pipe = 0;
  uint64_t filtered_packets = 0, skipped_packets = 0, lost_interface = 0;
  std::vector<SlotCounters> slots;
  std::vector<CpuCounters> cpus;  ///< by CPU number
};

}  // namespace xdpeek
