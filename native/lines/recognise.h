#pragma once
#include <cstdint>

namespace lines {

/// What ports say of a payload: values of the tables that JavaScript makes of its own (electron/cli/read-threads/native-lines.ts).
enum PortClass : uint8_t {
  kUnclaimed,  ///< bytes decide
  kTls,
  kHttp,
  kClaimed,  ///< by a protocol that is not known here
};

/// Whether bytes that no port claims may be of one of the protocols that are recognised by them. Where this says no, none of them says yes.
bool may_be_recognised_over_tcp(const uint8_t* at, const uint8_t* end);
bool may_be_recognised_over_udp(const uint8_t* at, const uint8_t* end);

}  // namespace lines
