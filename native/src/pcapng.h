// pcapng blocks (draft-ietf-opsawg-pcapng), little-endian, appended to a byte vector. The enhanced packet block is the hot path:
// one size computation, one resize, plain stores.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "byte_vector.h"

struct xdpeek_packet;

namespace xdpeek {

struct InterfaceBlock {
  std::string name, description, filter, os, hardware;  ///< empty = left out
  int link_type = 1;
  uint32_t snaplen = 0;
  uint64_t speed_bps = 0;  ///< 0 = left out
  std::optional<std::array<uint8_t, 6>> mac;
  bool observed = false;  ///< its packets have an id of the kernel side's, which both images share
};

void append_section_header(ByteVector& out, const std::string& application, const std::string& os, const std::string& hardware);
void append_interface(ByteVector& out, const InterfaceBlock& block);

struct InterfaceStatistics {
  uint32_t interface_id;
  uint64_t start_ns, end_ns;
  uint64_t received;   ///< isb_ifrecv: reached our program, filtered ones too
  uint64_t dropped;    ///< isb_ifdrop: by the interface itself
  uint64_t accepted;   ///< isb_filteraccept
  uint64_t lost;       ///< isb_osdrop: the kernel buffer was full
  uint64_t delivered;  ///< isb_usrdeliv: written behind the interface block
  std::string comment;
};
void append_statistics(ByteVector& out, const InterfaceStatistics& s);

/// One enhanced packet block. `packet` is captured_length bytes in up to two pieces (the sample may wrap around in its buffer).
/// `epoch_ns` is wall-clock time; a tag that the kernel keeps in metadata is put back behind the MAC addresses, then `snaplen` cuts.
/// `mac` (or null) is the interface's own address: it tells frames for us from those that were only overheard. `id` goes into epb_packetid.
void append_packet(ByteVector& out, const xdpeek_packet& header, const uint8_t* packet, uint64_t epoch_ns, uint32_t snaplen, const uint8_t* mac, uint64_t id);

}  // namespace xdpeek
