#include "tls_payload.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "bytes.h"

namespace lines {
namespace {

constexpr size_t kHeader = 5, kMessageHeader = 4;
constexpr size_t kMostRecord = 16'384 + 2048, kMostMessage = 1 << 18;
constexpr int kTls13 = 0x0304;
enum Content : uint8_t { kChange = 20, kAlert, kHandshake, kData, kHeartbeat };
enum Message : uint8_t { kClientHello = 1, kServerHello = 2 };
enum Extension : uint16_t { kEarlyData = 42, kSupportedVersions = 43 };
/// The random number that makes a server hello a hello retry request (RFC 8446 §4.1.3).
constexpr uint8_t kRetry[] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
                              0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// Handshake messages by type, worded as electron/packets/dissect/names/tls.ts has them.
constexpr std::string_view message_name(uint8_t type) {
  switch (type) {
    case 0: return "Hello Request";
    case kClientHello: return "Client Hello";
    case kServerHello: return "Server Hello";
    case 3: return "Hello Verify Request";
    case 4: return "New Session Ticket";
    case 5: return "End of Early Data";
    case 6: return "Hello Retry Request";
    case 8: return "Encrypted Extensions";
    case 11: return "Certificate";
    case 12: return "Server Key Exchange";
    case 13: return "Certificate Request";
    case 14: return "Server Hello Done";
    case 15: return "Certificate Verify";
    case 16: return "Client Key Exchange";
    case 20: return "Finished";
    case 21: return "Certificate URL";
    case 22: return "Certificate Status";
    case 23: return "Supplemental Data";
    case 24: return "Key Update";
    case 25: return "Compressed Certificate";
    case 67: return "Encrypted Extensions";
    case 254: return "Message Hash";
    default: return {};
  }
}

struct Bytes {
  const uint8_t* at;
  const uint8_t* end;
  size_t size() const { return static_cast<size_t>(end - at); }
};

/// One payload's records, one after the other.
class Records {
 public:
  Records(TlsSession& session, int side, std::string& info) : session_(session), side_(side), info_(info) {}

  /// @return false where it says more than is known here
  bool take(Bytes record) {
    const uint8_t type = record.at[0];
    const int version = u16(record.at + 1);
    bool encrypted = type != kChange && (session_.encrypted[side_] || (type == kData && session_.version == kTls13));
    if (session_.offered < 0 || type == kAlert || type == kData) session_.offered = version;
    const Bytes content{record.at + kHeader, record.end};
    switch (type) {
      case kChange:
        // In TLS 1.3 it means nothing and is sent for the sake of old boxes between.
        if (session_.version != kTls13) session_.encrypted[side_] = true;
        say("Change Cipher Spec");
        return true;
      case kHandshake: return encrypted ? say("Encrypted Handshake Message") : messages(content);
      case kAlert: return (encrypted || content.size() != 2) && say("Encrypted Alert");
      case kData: return say("Application Data");
      default: return say("Heartbeat");
    }
  }

  bool say(std::string_view words) {
    if (!info_.empty()) info_ += ", ";
    info_ += words;
    return true;
  }

 private:
  bool messages(Bytes content) {
    int found = 0;
    for (const uint8_t* at = content.at; content.end - at >= static_cast<std::ptrdiff_t>(kMessageHeader); found++) {
      const size_t size = kMessageHeader + u24(at + 1);
      const std::string_view name = message_name(at[0]);
      if (name.empty() || size > kMostMessage) break;
      if (size > static_cast<size_t>(content.end - at)) return false;  // goes on in the next record
      if (!message({at, at + size}, name)) return false;
      at += size;
    }
    return found > 0 || say("Encrypted Handshake Message");
  }

  bool message(Bytes message, std::string_view name) {
    const Bytes body{message.at + kMessageHeader, message.end};
    if (message.at[0] == kClientHello) return say(name) && client_hello(body);
    if (message.at[0] != kServerHello) return say(name);
    const bool retry = body.size() >= 2 + sizeof kRetry && std::memcmp(body.at + 2, kRetry, sizeof kRetry) == 0;
    return say(retry && body.size() >= kLeastHello ? "Hello Retry Request" : name) && server_hello(body);
  }

  bool client_hello(Bytes hello) {
    if (hello.size() < kLeastHello) return true;
    const uint8_t* at = hello.at + 35 + hello.at[34];
    if (hello.end - at < 2) return false;
    const uint16_t suites = u16(at);
    if (suites > hello.end - at - 2) return true;  // makes no sense, and is not read there either
    at += 2 + suites;
    if (at >= hello.end || hello.end - at < 1 + at[0]) return false;
    session_.encrypted[side_] = false;
    return extensions({at + 1 + at[0], hello.end}, [](uint16_t type, Bytes) { return type != kEarlyData; });
  }

  bool server_hello(Bytes hello) {
    if (hello.size() < kLeastHello) return true;
    const uint8_t* at = hello.at + 35 + hello.at[34] + 3;
    if (at > hello.end) return false;
    bool seen = false;
    session_.version = u16(hello.at);
    return extensions({at, hello.end}, [&](uint16_t type, Bytes data) {
      if (type != kSupportedVersions || seen) return true;
      seen = true;
      if (data.size() == 2) session_.version = u16(data.at);
      return true;
    });
  }

  /// Each extension whose data is there, until `take` returns false. Returns what it returned, or whether nothing leads outside.
  template <class Take>
  static bool extensions(Bytes list, Take take) {
    if (list.size() < 2) return true;
    const uint8_t* const end = list.at + std::min(list.size(), size_t{2} + u16(list.at));
    for (const uint8_t* at = list.at + 2; end - at >= 4;) {
      const size_t length = u16(at + 2);
      if (length > static_cast<size_t>(list.end - at - 4)) return false;
      if (!take(u16(at), {at + 4, at + 4 + length})) return false;
      at += 4 + length;
    }
    return true;
  }

  static constexpr size_t kLeastHello = 38;
  TlsSession& session_;
  int side_;
  std::string& info_;
};

size_t record_size(const uint8_t* header) { return kHeader + u16(header + 3); }
const uint8_t* bytes_of(const std::string& text) { return reinterpret_cast<const uint8_t*>(text.data()); }
void keep(Unit& unit, const uint8_t* at, size_t length) { unit.kept.append(reinterpret_cast<const char*>(at), length); }

/// Goes on with the record that earlier segments began. Moves `at` behind what belongs to it.
Payload go_on(Unit& unit, const uint8_t*& at, const uint8_t* end, bool fin) {
  if (unit.size == 0) {
    const size_t missing = std::min(kHeader - static_cast<size_t>(unit.length), static_cast<size_t>(end - at));
    keep(unit, at, missing);
    at += missing;
    unit.length += missing;
    if (unit.length < kHeader) return fin ? Payload::kElsewhere : Payload::kPart;
    if (!looks_like_tls_record(bytes_of(unit.kept), bytes_of(unit.kept) + kHeader)) return Payload::kElsewhere;
    unit.size = record_size(bytes_of(unit.kept));
  }
  const size_t taken = std::min(static_cast<size_t>(unit.size - unit.length), static_cast<size_t>(end - at));
  if (static_cast<uint8_t>(unit.kept[0]) != kData) keep(unit, at, taken);
  at += taken;
  unit.length += taken;
  if (unit.length == unit.size) return Payload::kUnits;
  return fin ? Payload::kElsewhere : Payload::kPart;
}

void begin(Unit& unit, const uint8_t* at, const uint8_t* end) {
  unit.length = static_cast<uint64_t>(end - at);
  unit.size = unit.length < kHeader ? 0 : record_size(at);
  keep(unit, at, at[0] == kData && unit.size > 0 ? kHeader : unit.length);
}

}  // namespace

bool looks_like_tls_record(const uint8_t* at, const uint8_t* end) {
  if (end - at < static_cast<std::ptrdiff_t>(kHeader)) return false;
  const uint16_t version = u16(at + 1), length = u16(at + 3);
  return at[0] >= kChange && at[0] <= kHeartbeat && version >= 0x0300 && version <= kTls13 && length > 0 && length <= kMostRecord;
}

Payload take_tls(TlsSession& session, int side, Unit& unit, const uint8_t* at, const uint8_t* end, const Segment& segment, std::string& info) {
  Records records(session, side, info);
  if (unit.waits() && unit.expected != segment.seq) unit.clear();
  unit.expected = segment.next();
  // Whether whole records are before `at` in one run with it: what is no record behind them is passed over.
  bool in_run = false;
  if (unit.waits()) {
    in_run = unit.size == 0;
    const Payload said = go_on(unit, at, end, segment.flags & kFin);
    if (said != Payload::kUnits) return said;
    // Of data only the header was kept, and only it is looked at.
    if (!records.take({bytes_of(unit.kept), bytes_of(unit.kept) + unit.kept.size()})) return Payload::kElsewhere;
    unit.clear();
  }
  while (at < end) {
    if (end - at >= static_cast<std::ptrdiff_t>(kHeader) && !looks_like_tls_record(at, end)) {
      if (!in_run) records.say("Continuation Data");
      break;
    }
    if (end - at < static_cast<std::ptrdiff_t>(kHeader) || record_size(at) > static_cast<size_t>(end - at)) {
      begin(unit, at, end);
      break;
    }
    if (!records.take({at, at + record_size(at)})) return Payload::kElsewhere;
    at += record_size(at);
    in_run = true;
  }
  return info.empty() ? Payload::kPart : Payload::kUnits;
}

std::string_view tls_column(const TlsSession& session) {
  switch (session.version >= 0 ? session.version : session.offered) {
    case 0x0300: return "SSLv3";
    case 0x0301: return "TLSv1";
    case 0x0302: return "TLSv1.1";
    case 0x0303: return "TLSv1.2";
    case kTls13: return "TLSv1.3";
    default: return "TLS";
  }
}

}  // namespace lines
