#pragma once
#include <cstdint>
#include <string>

namespace lines {

/// A data unit that goes on in later segments of its direction, as the TCP reassembly of electron/packets/dissect/tcp-payload.ts has it.
struct Unit {
  uint32_t expected = 0;  ///< sequence number that must come next
  uint64_t length = 0;    ///< bytes that are there; 0 = nothing is waited for
  uint64_t size = 0;      ///< bytes that it has in all; 0 = not known yet
  std::string kept;       ///< TLS: those bytes of it that will be looked at; HTTP: what its line says

  bool waits() const { return length > 0; }
  void clear() {
    length = size = 0;
    kept.clear();
    if (kept.capacity() > kMostKept) kept.shrink_to_fit();
  }

 private:
  static constexpr size_t kMostKept = 256;
};

/// What a segment's payload is to its line.
enum class Payload {
  kNoUnit,     ///< TCP's own line
  kPart,       ///< … which says that it is part of something
  kUnits,      ///< the protocol's line: `info` holds it
  kBegins,     ///< TCP's column, with what the unit that begins says of itself
  kElsewhere,  ///< more than is known here: the conversation must be dissected
};

}  // namespace lines
