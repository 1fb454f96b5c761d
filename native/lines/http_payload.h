#pragma once
#include <string>

#include "tcp_analysis.h"
#include "unit.h"

namespace lines {

/// Takes a segment's payload, not empty, not sent before. `info`, which is empty, gets the words for a whole message, or for one that begins.
Payload take_http(Unit& unit, const uint8_t* at, const uint8_t* end, const Segment& segment, std::string& info);

/// Whether bytes begin like a message of HTTP/1.
bool starts_http(const uint8_t* at, const uint8_t* end);
bool starts_http2(const uint8_t* at, const uint8_t* end);

}  // namespace lines
