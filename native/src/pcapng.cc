// Block layouts: draft-ietf-opsawg-pcapng §4.1 SHB, §4.2 IDB, §4.3 EPB, §4.6 ISB. Lengths are multiples of 4, repeated at the end.
#include "pcapng.h"

#include <algorithm>
#include <cstring>

#include "events.h"

namespace xdpeek {
namespace {

constexpr uint32_t kSectionHeader = 0x0a0d0d0a, kInterface = 1, kStatistics = 5, kEnhancedPacket = 6;
constexpr uint32_t pad4(size_t n) { return static_cast<uint32_t>((n + 3) & ~size_t{3}); }

template <class T>
void put(ByteVector& out, T value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

void put_option(ByteVector& out, uint16_t code, const void* data, size_t length) {
  put<uint16_t>(out, code);
  put<uint16_t>(out, static_cast<uint16_t>(length));
  const size_t at = out.size();
  out.resize(at + pad4(length), 0);
  std::memcpy(out.data() + at, data, length);
}

void put_text(ByteVector& out, uint16_t code, const std::string& text) {
  if (!text.empty()) put_option(out, code, text.data(), std::min<size_t>(text.size(), 1024));
}

/// Writes type and a length to be known later; returns where the block starts.
size_t open_block(ByteVector& out, uint32_t type) {
  const size_t start = out.size();
  put<uint32_t>(out, type);
  put<uint32_t>(out, 0);
  return start;
}

void close_block(ByteVector& out, size_t start) {
  put<uint32_t>(out, 0);  // opt_endofopt
  const uint32_t length = static_cast<uint32_t>(out.size() - start + 4);
  put<uint32_t>(out, length);
  std::memcpy(out.data() + start + 4, &length, 4);
}

/// pcapng splits times into high and low halves, in that order.
void put_time(ByteVector& out, uint64_t ns) {
  put<uint32_t>(out, static_cast<uint32_t>(ns >> 32));
  put<uint32_t>(out, static_cast<uint32_t>(ns));
}

void put_time_option(ByteVector& out, uint16_t code, uint64_t ns) {
  const uint32_t halves[2] = {static_cast<uint32_t>(ns >> 32), static_cast<uint32_t>(ns)};
  put_option(out, code, halves, sizeof halves);
}

template <class T>
uint8_t* store(uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

uint8_t* store_option_u32(uint8_t* at, uint16_t code, uint32_t value) {
  at = store<uint16_t>(at, code);
  at = store<uint16_t>(at, 4);
  return store<uint32_t>(at, value);
}

}  // namespace

void append_section_header(ByteVector& out, const std::string& application, const std::string& os, const std::string& hardware) {
  const size_t start = open_block(out, kSectionHeader);
  put<uint32_t>(out, 0x1a2b3c4d);
  put<uint16_t>(out, 1);
  put<uint16_t>(out, 0);
  put<uint64_t>(out, ~uint64_t{0});  // section length: not said
  put_text(out, 2, hardware);
  put_text(out, 3, os);
  put_text(out, 4, application);
  close_block(out, start);
}

void append_interface(ByteVector& out, const InterfaceBlock& block) {
  const size_t start = open_block(out, kInterface);
  put<uint16_t>(out, static_cast<uint16_t>(block.link_type));
  put<uint16_t>(out, 0);
  put<uint32_t>(out, block.snaplen);
  put_text(out, 2, block.name);
  put_text(out, 3, block.description);
  if (block.mac) put_option(out, 6, block.mac->data(), block.mac->size());
  if (block.speed_bps > 0) put_option(out, 8, &block.speed_bps, 8);
  const uint8_t nanoseconds = 9;
  put_option(out, 9, &nanoseconds, 1);
  if (!block.filter.empty()) put_text(out, 11, std::string(1, '\0') + block.filter);  // octet 0: a libpcap filter string follows
  put_text(out, 12, block.os);
  put_text(out, 15, block.hardware);
  close_block(out, start);
}

void append_statistics(ByteVector& out, const InterfaceStatistics& s) {
  const size_t start = open_block(out, kStatistics);
  put<uint32_t>(out, s.interface_id);
  put_time(out, s.end_ns);
  put_text(out, 1, s.comment);
  put_time_option(out, 2, s.start_ns);
  put_time_option(out, 3, s.end_ns);
  put_option(out, 4, &s.received, 8);
  put_option(out, 5, &s.dropped, 8);
  put_option(out, 6, &s.accepted, 8);
  put_option(out, 7, &s.lost, 8);
  put_option(out, 8, &s.delivered, 8);
  close_block(out, start);
}

namespace {

/// Bits 2-4 of epb_flags, of frames that arrive: 1 unicast, 2 multicast, 3 broadcast, 4 for somebody else (promiscuous).
uint32_t reception(const xdpeek_packet& header, const uint8_t* packet, const uint8_t* mac) {
  if (header.direction != XDPEEK_DIRECTION_IN || !mac || header.captured_length < 6 || (header.flags & XDPEEK_PACKET_RAW_IP)) return 0;
  static constexpr uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
  if (packet[0] & 1) return std::memcmp(packet, broadcast, 6) == 0 ? 3 : 2;
  return std::memcmp(packet, mac, 6) == 0 ? 1 : 4;
}

uint8_t* store_bytes(uint8_t* at, const uint8_t* packet, const xdpeek_packet& header, uint32_t kept, bool tag) {
  if (!tag) {
    std::memcpy(at, packet, kept);
  } else {
    uint8_t fields[4];
    std::memcpy(fields, &header.vlan_proto_be, 2);
    fields[2] = static_cast<uint8_t>(header.vlan_tci >> 8);
    fields[3] = static_cast<uint8_t>(header.vlan_tci);
    std::memcpy(at, packet, std::min(12u, kept));
    if (kept > 12) std::memcpy(at + 12, fields, std::min(4u, kept - 12));
    if (kept > 16) std::memcpy(at + 16, packet + 12, kept - 16);
  }
  at += kept;
  for (uint32_t i = kept; i < pad4(kept); i++) *at++ = 0;
  return at;
}

}  // namespace

void append_packet(ByteVector& out, const xdpeek_packet& header, const uint8_t* packet, uint64_t epoch_ns, uint32_t snaplen, const uint8_t* mac, uint64_t id) {
  const uint32_t captured = header.captured_length;
  const bool tag = (header.flags & XDPEEK_PACKET_VLAN) && captured >= 12;
  const uint32_t wire = header.wire_length + (header.flags & XDPEEK_PACKET_VLAN ? 4 : 0);
  const uint32_t kept = std::min(captured + (tag ? 4u : 0u), snaplen);
  const bool queue = header.flags & XDPEEK_PACKET_QUEUE, hash = header.flags & XDPEEK_PACKET_HASH;
  const bool verdict = !(header.flags & XDPEEK_PACKET_NO_VERDICT);
  const bool drops = header.lost_before > 0;
  const uint32_t length = 28 + pad4(kept) + 8 + (hash ? 12 : 0) + (drops ? 12 : 0) + 12 + (queue ? 8 : 0) + (verdict ? 16 : 0) + 4 + 4;

  const size_t start = out.size();
  out.resize(start + length);
  uint8_t* at = out.data() + start;
  at = store<uint32_t>(at, kEnhancedPacket);
  at = store<uint32_t>(at, length);
  at = store<uint32_t>(at, header.target);
  at = store<uint32_t>(at, static_cast<uint32_t>(epoch_ns >> 32));
  at = store<uint32_t>(at, static_cast<uint32_t>(epoch_ns));
  at = store<uint32_t>(at, kept);
  at = store<uint32_t>(at, wire);
  at = store_bytes(at, packet, header, kept, tag);

  at = store_option_u32(at, 2, header.direction | reception(header, packet, mac) << 2);
  if (hash) {  // epb_hash: algorithm octet, value, padding; the kernel's receive hash is a Toeplitz hash where the card made it
    at = store<uint16_t>(at, 3);
    at = store<uint16_t>(at, 5);
    *at++ = 5;
    at = store<uint32_t>(at, header.hash);
    for (int i = 0; i < 3; i++) *at++ = 0;
  }
  if (drops) {
    at = store<uint16_t>(at, 4);
    at = store<uint16_t>(at, 8);
    at = store<uint64_t>(at, header.lost_before);
  }
  at = store<uint16_t>(at, 5);  // epb_packetid
  at = store<uint16_t>(at, 8);
  at = store<uint64_t>(at, id);
  if (queue) at = store_option_u32(at, 6, header.rx_queue);
  if (verdict) {  // epb_verdict: kind octet (1 = tc, 2 = XDP), the answer as 64 bits, padding. Our tc programs answer TC_ACT_UNSPEC.
    const bool tc = header.hook == XDPEEK_HOOK_TC_INGRESS || header.hook == XDPEEK_HOOK_TC_EGRESS;
    at = store<uint16_t>(at, 7);
    at = store<uint16_t>(at, 9);
    *at++ = tc ? 1 : 2;
    at = store<uint64_t>(at, tc ? ~uint64_t{0} : uint64_t{header.verdict});
    for (int i = 0; i < 3; i++) *at++ = 0;
  }
  at = store<uint32_t>(at, 0);
  store<uint32_t>(at, length);
}

}  // namespace xdpeek
