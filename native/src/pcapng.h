// pcapng blocks (draft-ietf-opsawg-pcapng), little-endian, appended to a byte vector. The enhanced packet block is the hot path:
// one size computation, one resize, plain stores.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

struct xdpeek_packet;

namespace xdpeek {

using ByteVector = std::vector<uint8_t>;

struct InterfaceBlock {
  std::string name, description, os;
  int link_type = 1;
  uint32_t snaplen = 0;
  uint64_t speed_bps = 0;  ///< 0 = left out
};

void append_section_header(ByteVector& out, const std::string& application, const std::string& os, const std::string& hardware);
void append_interface(ByteVector& out, const InterfaceBlock& block);

struct InterfaceStatistics {
  uint32_t interface_id;
  uint64_t start_ns, end_ns, received, dropped;
};
void append_statistics(ByteVector& out, const InterfaceStatistics& s);

/// One enhanced packet block. `packet` is captured_length bytes in up to two pieces (the sample may wrap around in its buffer).
/// `epoch_ns` is wall-clock time; a tag that the kernel keeps in metadata is put back behind the MAC addresses, then `snaplen` cuts.
void append_packet(ByteVector& out, const xdpeek_packet& header, const uint8_t* packet, uint64_t epoch_ns, uint32_t snaplen);

}  // namespace xdpeek
