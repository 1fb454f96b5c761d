#include "recognise.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "bytes.h"
#include "http_payload.h"
#include "tls_payload.h"

namespace lines {
namespace {

constexpr std::ptrdiff_t kMostSipLine = 512, kLeastSip = 12;

bool is_letter(uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }

bool starts_with(const uint8_t* at, const uint8_t* end, std::string_view text) {
  return static_cast<size_t>(end - at) >= text.size() && std::memcmp(at, text.data(), text.size()) == 0;
}

/// The version stands at one end of the first line.
bool may_be_sip(const uint8_t* at, const uint8_t* end) {
  constexpr std::string_view kVersion = "SIP/2.0";
  if (end - at < kLeastSip || !is_letter(*at)) return false;
  const size_t looked = static_cast<size_t>(std::min(end - at, kMostSipLine));
  return std::string_view(reinterpret_cast<const char*>(at), looked).find(kVersion) != std::string_view::npos;
}

/// A long header of a version that is known, or the offer of versions (RFC 9000 §17.2).
bool may_be_quic(const uint8_t* at, const uint8_t* end) {
  constexpr uint32_t kVersion2 = 0x6b3343cf;
  if (end - at < 21 || !(at[0] & 0x80)) return false;
  const uint32_t version = u32(at + 1);
  return version <= 1 || version == kVersion2 || (version >= 0xff00001d && version <= 0xff000022);
}

bool may_be_stun(const uint8_t* at, const uint8_t* end) { return end - at >= 20 && !(at[0] & 0xc0) && u32(at + 4) == 0x2112a442; }

bool may_be_wireguard(const uint8_t* at, const uint8_t* end) {
  return end - at >= 32 && at[0] >= 1 && at[0] <= 4 && !at[1] && !at[2] && !at[3];
}

/// A compound whose lengths add up (RFC 3550 §6.1).
bool may_be_rtcp(const uint8_t* at, const uint8_t* end) {
  if (end - at < 8 || (end - at) % 4 != 0 || at[1] < 200 || at[1] > 207) return false;
  while (end - at >= 4 && at[0] >> 6 == 2) {
    const std::ptrdiff_t size = 4 + 4 * u16(at + 2);
    if (size > end - at) return false;
    at += size;
  }
  return at == end;
}

}  // namespace

bool may_be_recognised_over_tcp(const uint8_t* at, const uint8_t* end) {
  constexpr uint8_t kHandshake = 22;
  if (at[0] == kHandshake) return looks_like_tls_record(at, end);
  if (!is_letter(at[0])) return false;
  return starts_http(at, end) || starts_http2(at, end) || starts_with(at, end, "SSH-") || may_be_sip(at, end);
}

bool may_be_recognised_over_udp(const uint8_t* at, const uint8_t* end) {
  return may_be_quic(at, end) || may_be_stun(at, end) || may_be_wireguard(at, end) || may_be_rtcp(at, end) || may_be_sip(at, end);
}

}  // namespace lines
