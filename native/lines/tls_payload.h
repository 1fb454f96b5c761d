#pragma once
#include <string>
#include <string_view>

#include "tcp_analysis.h"
#include "unit.h"

namespace lines {

/// A TLS session as its records show it to whoever has no secrets.
struct TlsSession {
  int offered = -1, version = -1;  ///< -1 = not known
  bool encrypted[2] = {};          ///< after Change Cipher Spec
};

/// Takes a segment's payload, not empty, not sent before. `info`, which is empty, gets the words for whole records.
Payload take_tls(TlsSession& session, int side, Unit& unit, const uint8_t* at, const uint8_t* end, const Segment& segment, std::string& info);

/// What the Protocol column says.
std::string_view tls_column(const TlsSession& session);

bool looks_like_tls_record(const uint8_t* at, const uint8_t* end);

}  // namespace lines
