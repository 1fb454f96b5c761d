#pragma once
#include <cstdint>

namespace lines {

/// Network byte order, at any address.
inline uint16_t u16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
inline uint32_t u24(const uint8_t* at) { return static_cast<uint32_t>(at[0]) << 16 | u16(at + 1); }
inline uint32_t u32(const uint8_t* at) { return static_cast<uint32_t>(u16(at)) << 16 | u16(at + 2); }

}  // namespace lines
