// A frame is sent whole or counted whole: lost_packets is exact.
#include "packet_stream.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

namespace xdpeek {

uint64_t monotonic_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

PacketStream::PacketStream(FrameWriter& writer, const WallClock& clock, uint32_t capture_id, uint32_t snaplen, int64_t credit_bytes)
    : writer_(writer), clock_(clock), capture_id_(capture_id), snaplen_(snaplen), credit_(credit_bytes) {
  start_frame();
}

/// Frame header, captureId, packet count (filled in when sent), then blocks.
void PacketStream::start_frame() {
  if (frame_.capacity() == 0) frame_ = writer_.spare();
  frame_.clear();
  frame_.reserve(kFrameTarget + (8 << 10));
  frame_.resize(kFrameHeaderBytes + 8);
  frame_packets_ = 0;
  frame_slots_.fill(0);
  frame_wire_bytes_ = 0;
}

void PacketStream::begin(const std::string& application, const std::vector<InterfaceBlock>& interfaces) {
  utsname system{};
  ::uname(&system);
  append_section_header(frame_, application, std::string(system.sysname) + " " + system.release, system.machine);
  for (const InterfaceBlock& each : interfaces) {
    append_interface(frame_, each);
    macs_.push_back(each.mac);
    // Ids of the kernel side have 16 bits of CPU and 32 of sequence: those given here stay clear of them.
    if (each.observed) last_id_ = uint64_t{1} << 48;
  }
  send(true);
}

bool PacketStream::starved() const {
  return credit_.load(std::memory_order_relaxed) < static_cast<int64_t>(kFrameTarget) || !writer_.has_room(kFrameTarget);
}

/// Both images of an observed packet have the id that the kernel side gave them. Others are numbered as they come.
uint64_t PacketStream::id_of(const xdpeek_packet& header) {
  if (header.flags & XDPEEK_PACKET_ID) return uint64_t{header.cpu} << 32 | header.sequence;
  return ++last_id_;
}

void PacketStream::record(const xdpeek_packet& header, const uint8_t* packet) {
  if (frame_packets_ == 0) {
    if (patient_) wait_for_room();
    if (starved()) {
      lost_packets_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    frame_started_ns_ = monotonic_ns();
  }
  if (header.target >= macs_.size()) return;
  const auto& mac = macs_[header.target];
  append_packet(frame_, header, packet, clock_.to_epoch_ns(header.time_ns), snaplen_, mac ? mac->data() : nullptr, id_of(header));
  frame_slots_[header.target]++;
  frame_packets_++;
  frame_wire_bytes_ += header.wire_length + (header.flags & XDPEEK_PACKET_VLAN ? 4 : 0);
  if (frame_.size() >= kFrameTarget) send(false);
}

bool PacketStream::copy(const BlockRun& run) {
  if (frame_packets_ == 0) {
    if (patient_) wait_for_room();
    if (starved()) return false;
    frame_started_ns_ = monotonic_ns();
  }
  const size_t size = frame_.size();
  frame_.resize(size + run.bytes);
  std::memcpy(frame_.data() + size, run.at, run.bytes);
  frame_packets_ += run.packets;
  frame_wire_bytes_ += run.wire_bytes;
  if (frame_.size() >= kFrameTarget) send(false);
  return true;
}

bool PacketStream::lend(const BlockRun& run, std::function<void()> consumed) {
  flush();
  if (patient_) wait_for_room();
  const int64_t size = kFrameHeaderBytes + 8 + run.bytes;
  if (starved() || credit_.load(std::memory_order_relaxed) < size) return false;
  FrameBytes head(kFrameHeaderBytes + 8);
  address(head, run.packets);
  if (!writer_.push_lent(std::move(head), kFramePackets, run.at, run.bytes, std::move(consumed))) return false;
  credit_.fetch_sub(size, std::memory_order_relaxed);
  captured_packets_.fetch_add(run.packets, std::memory_order_relaxed);
  captured_bytes_.fetch_add(run.wire_bytes, std::memory_order_relaxed);
  return true;
}

void PacketStream::wait_for_room() {
  const uint64_t until = monotonic_ns() + kPatienceNs;
  while (!writer_.has_room(kFrameTarget) && writer_.failure() == 0 && monotonic_ns() < until) ::usleep(1000);
  patient_ = writer_.has_room(kFrameTarget);
}

void PacketStream::tick(uint64_t now_ns) {
  if (frame_packets_ > 0 && now_ns - frame_started_ns_ >= kFlushNs) send(false);
}

void PacketStream::flush() {
  if (frame_packets_ > 0) send(false);
}

void PacketStream::report(const std::vector<InterfaceStatistics>& statistics) {
  flush();
  for (const InterfaceStatistics& each : statistics) append_statistics(frame_, each);
  send(true);
}

/// What stands between the frame's header and the blocks.
void PacketStream::address(FrameBytes& frame, uint32_t packets) const {
  std::memcpy(frame.data() + kFrameHeaderBytes, &capture_id_, 4);
  std::memcpy(frame.data() + kFrameHeaderBytes + 4, &packets, 4);
}

void PacketStream::send(bool always) {
  address(frame_, frame_packets_);
  seal_frame(frame_, kFramePackets);
  const int64_t size = static_cast<int64_t>(frame_.size());
  const uint32_t packets = frame_packets_;
  const uint64_t bytes = frame_wire_bytes_;
  if (!always && credit_.load(std::memory_order_relaxed) < size) {
    lost_packets_.fetch_add(packets, std::memory_order_relaxed);
  } else if (writer_.push(std::move(frame_))) {
    credit_.fetch_sub(size, std::memory_order_relaxed);
    captured_packets_.fetch_add(packets, std::memory_order_relaxed);
    captured_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    for (size_t slot = 0; slot < macs_.size(); slot++) delivered_[slot] += frame_slots_[slot];
  } else {
    lost_packets_.fetch_add(packets, std::memory_order_relaxed);
  }
  start_frame();
}

}  // namespace xdpeek
