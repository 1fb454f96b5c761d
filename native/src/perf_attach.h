// Links of tracepoint and kprobe programs: a perf event, and the program on it (perf_event_open(2), BPF_LINK_TYPE_PERF_EVENT, Linux 5.15).
#pragma once
#include <string>

#include "unique_fd.h"

namespace xdpeek {

/// `name` is GROUP:NAME. Throws ENOENT with what to look at.
UniqueFd link_tracepoint(int program_fd, const std::string& name);
UniqueFd link_raw_tracepoint(int program_fd, const std::string& name);
UniqueFd link_kprobe(int program_fd, const std::string& function, bool at_return);

}  // namespace xdpeek
