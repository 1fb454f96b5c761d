// Reading our own maps: per-CPU values summed where that is asked, in batches where the kernel has them (Linux 5.6).
#pragma once
#include <cstdint>
#include <vector>

#include "events.h"
#include "wall_clock.h"

namespace xdpeek {

/// One entry a possible CPU; zeros where the map cannot be read.
std::vector<xdpeek_counters> counters_per_cpu(int map_fd, uint32_t slot);
std::vector<uint8_t> read_stats_per_cpu(int map_fd);
/// At most `max_flows` records, in no order.
std::vector<uint8_t> read_flow_records(int map_fd, uint32_t max_flows, const WallClock& clock);

}  // namespace xdpeek
