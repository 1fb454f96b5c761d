// An echo request made its own answer, in place (RFC 792, RFC 4443 §4).
#pragma once
#include <cstddef>
#include <cstdint>

namespace xdpeek {

/// Swaps MAC and IP addresses, turns the type and mends its checksum (RFC 1624). False, and nothing changed, for what is no whole echo request.
bool make_echo_reply(uint8_t* frame, size_t length);

}  // namespace xdpeek
