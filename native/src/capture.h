// One running capture: programs loaded and attached, the drain thread, counters and snapshots. Construction attaches or throws with
// everything undone; stop() is exact: detach, wait until no CPU runs the program any more, drain to the last record.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "attachment.h"
#include "bpf_object.h"
#include "errors.h"
#include "packet_stream.h"
#include "record_source.h"
#include "target.h"

namespace xdpeek {

enum class BufferKind { kAuto, kPerf, kRing };

struct CaptureConfig {
  uint32_t capture_id = 0;
  std::vector<Target> targets;
  uint32_t snaplen = 262144;
  BufferKind buffer = BufferKind::kAuto;
  uint32_t buffer_bytes = 0;
  bool packets = true, flows = true, stats = true;
  uint32_t max_flows = 65536;
  std::string bpf_dir, application, journal_dir;
  bool force_clsact = false;
  int64_t credit_bytes = 0;
  std::shared_ptr<FrameWriter> writer;
};

/// CaptureCounters of electron/shared/capture.ts, without lostStore.
struct Counters {
  uint64_t matched_packets = 0, matched_bytes = 0, captured_packets = 0, captured_bytes = 0, lost_kernel = 0, lost_pipe = 0;
};

struct AttachmentReport {
  Target target;
  std::string via, mode, note;
  uint32_t program_id = 0;
};

class Capture {
 public:
  explicit Capture(CaptureConfig config);
  ~Capture();
  Capture(const Capture&) = delete;

  const std::vector<AttachmentReport>& attachments() const { return reports_; }
  uint64_t started_ns() const { return started_ns_; }
  bool uses_ring() const { return ring_; }
  Counters counters() const;
  void grant(int64_t bytes);
  /// xdpeek_flow_record × n, times in epoch ns.
  std::vector<uint8_t> read_flows() const;
  /// xdpeek_stats × possible CPUs.
  std::vector<uint8_t> read_stats() const;
  uint64_t clock_ns() const { return clock_->now_epoch_ns(); }
  /// Called once, on the drain thread, with words. Set it before anything can fail: right after construction.
  void on_failure(std::function<void(const Failure&)> listener);
  Counters stop();

 private:
  void load_and_attach();
  BpfObject& load_program(const Target& target, size_t index, const char* program);
  void attach(Target& target, size_t index);
  void run();
  void check_attachments();
  Counters read_counters() const;
  std::vector<InterfaceStatistics> interface_statistics() const;

  CaptureConfig config_;
  bool ring_ = true, tai_ = true;
  uint32_t buffer_bytes_ = 0;
  std::unique_ptr<WallClock> clock_;
  std::vector<std::unique_ptr<BpfObject>> objects_;  ///< [0] owns the maps
  std::vector<std::unique_ptr<Attachment>> attachments_;
  std::vector<AttachmentReport> reports_;
  std::unique_ptr<RecordSource> source_;
  std::unique_ptr<PacketStream> stream_;
  std::atomic<bool> stopping_{false};
  std::mutex failure_mutex_;
  std::function<void(const Failure&)> failure_listener_;
  std::optional<Failure> pending_failure_;
  std::mutex attachments_mutex_;
  std::optional<Counters> final_;
  uint64_t started_ns_ = 0;
  std::thread thread_;
};

}  // namespace xdpeek
