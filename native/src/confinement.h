// What the root process gives up before it listens to anyone: capabilities it does not need, new privileges by exec, and system calls it never makes.
#pragma once
#include <cstdint>
#include <vector>

namespace xdpeek {

/// Whether this process was started with its capabilities limited: no new privileges can be had in it.
bool is_limited();

/**
 * Capabilities beyond `keep` leave this thread and its bounding set, and no exec gains any. Threads that run already keep theirs: the caller execs itself
 * afterwards. What the process may not give up (no CAP_SETPCAP) it never had.
 */
void limit_capabilities(const std::vector<uint32_t>& keep);

/// From here on, in every thread: no programs started, no other process touched, no modules, mounts of devices, clocks, owners. Such calls fail with EPERM.
void filter_system_calls();

}  // namespace xdpeek
