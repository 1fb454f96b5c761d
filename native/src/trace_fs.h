// Files of tracefs, wherever it is mounted, or from a mount of our own that nobody else sees.
#pragma once
#include <string>

#include "unique_fd.h"

namespace xdpeek {

/// `path` below tracefs ("events/xdp/xdp_exception/id"). An invalid fd with errno set where there is no such file.
UniqueFd open_tracefs(const std::string& path, int flags);
/// A small file's text, without the newline; empty where there is none.
std::string read_tracefs(const std::string& path);

}  // namespace xdpeek
