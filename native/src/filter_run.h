// A stand-alone filter on packets, in the kernel but on no interface.
#pragma once
#include <cstdint>
#include <vector>

#include "unique_fd.h"

namespace xdpeek {

/// The kernel takes no such packet for a test run: shorter than an Ethernet header, or too long.
constexpr uint8_t kFilterCannotRun = 255;

/// `program`: load_filter() with no stages. 1 match, 0 none, kFilterCannotRun.
uint8_t run_filter(const UniqueFd& program, const std::vector<uint8_t>& packet);

}  // namespace xdpeek
