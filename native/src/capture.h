// One running capture: programs loaded and attached, the drain thread, counters and snapshots. Construction attaches or throws with
// everything undone; stop() is exact: detach, wait until no CPU runs the program any more, drain to the last record.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "area_source.h"
#include "attachment.h"
#include "capture_config.h"
#include "errors.h"
#include "link_watch.h"
#include "observed_programs.h"
#include "packet_stream.h"
#include "pipeline.h"
#include "record_source.h"
#include "target.h"
#include "xsk_source.h"

namespace xdpeek {

/// The program behind an observed one.
constexpr const char* kObserveAfter = "xdpeek_after";
/// A CPU's perf ring, bytes, unless another size is asked for.
constexpr uint32_t kPerfDefault = 8u << 20;

/// What one slot (pcapng interface) shows, and how it is attached.
struct AttachmentReport {
  uint32_t target = 0, slot = 0;
  std::string via, mode, note;
  uint32_t program_id = 0;
  uint32_t observed_id = 0;  ///< observe only
  std::string observed_name;
  bool after = false;
};

class Capture {
 public:
  explicit Capture(CaptureConfig config);
  ~Capture();
  Capture(const Capture&) = delete;

  const std::vector<Target>& targets() const { return config_.targets; }
  const std::vector<AttachmentReport>& attachments() const { return reports_; }
  uint64_t started_ns() const { return started_ns_; }
  /// What packets leave the kernel by; never kAuto.
  BufferKind way() const { return way_; }
  Counters counters() const;
  void grant(int64_t bytes);
  /// All slots change or none. Null = no filter.
  void set_filter(const CaptureFilter* filter);
  /// xdpeek_flow_record × n, times in epoch ns.
  std::vector<uint8_t> read_flows() const;
  /// xdpeek_stats × possible CPUs.
  std::vector<uint8_t> read_stats() const;
  uint64_t clock_ns() const { return clock_->now_epoch_ns(); }
  /// Called once, on the drain thread, with words. Set it before anything can fail: right after construction.
  void on_failure(std::function<void(const Failure&)> listener);
  /// Called on the drain thread, any number of times.
  void on_notice(std::function<void(const std::string&)> listener);
  Counters stop();

 private:
  /// What is loaded for one target, or for one program that it observes. Owns slots first_slot … first_slot + slots - 1.
  struct Unit {
    uint32_t target = 0, first_slot = 0, slots = 1;
    std::optional<ObservedProgram> observed;
    std::unique_ptr<Pipeline> pipeline;
  };
  struct Held {
    uint32_t target;
    std::unique_ptr<Attachment> attachment;
  };

  void choose_way();
  void plan_units();
  std::map<std::string, uint32_t> constants_of(const Unit& unit) const;
  void size_maps(BpfObject& object) const;
  void load(Unit& unit);
  void open_sources();
  void begin_stream();
  void attach(Unit& unit);
  void hold(const Unit& unit, uint32_t slot, std::unique_ptr<Attachment> attachment, uint32_t program_id, bool after = false);
  std::vector<UniqueFd> load_filters(const CaptureFilter* filter);
  void run();
  void wait();
  void check_attachments();
  void watch_links();
  void fail(const Failure& failure);
  void write_comment();
  uint32_t slots() const;
  bool only(Hook hook) const;
  bool any(Hook hook) const;
  /// Its packets leave by way_; observed programs' and AF_XDP's have ways of their own.
  static bool takes_way(Hook hook) { return hook != Hook::kObserve && hook != Hook::kAfXdp; }
  uint64_t delivered(uint32_t slot, Hook hook, const SlotCounters& counters) const;
  int map_fd(const char* map) const { return units_[0].pipeline->object().map_fd(map); }
  Counters read_counters() const;
  std::vector<InterfaceStatistics> interface_statistics(const std::string& comment) const;

  CaptureConfig config_;
  BufferKind way_ = BufferKind::kRing;
  bool tai_ = true;
  uint32_t buffer_bytes_ = 0;
  AreaShape area_shape_;
  std::unique_ptr<WallClock> clock_;
  std::vector<Unit> units_;  ///< [0]'s maps serve all
  std::vector<Held> held_;
  std::vector<AttachmentReport> reports_;
  std::vector<LinkWatch> watches_;  ///< one a target; drain thread
  std::vector<std::unique_ptr<RecordSource>> sources_;
  std::unique_ptr<AreaSource> areas_;
  std::vector<const XskSource*> xsks_;  ///< those of sources_ that count their own losses
  std::unique_ptr<PacketStream> stream_;
  std::atomic<bool> stopping_{false};
  std::mutex listeners_mutex_;
  std::function<void(const Failure&)> failure_listener_;
  std::function<void(const std::string&)> notice_listener_;
  std::optional<Failure> pending_failure_;
  std::string comment_;  ///< to be written by the drain thread; under listeners_mutex_
  std::atomic<bool> has_comment_{false};
  std::atomic<uint64_t> lost_interface_{0};
  std::mutex attachments_mutex_;
  std::optional<Counters> final_;
  uint64_t started_ns_ = 0;
  std::thread thread_;
};

}  // namespace xdpeek
