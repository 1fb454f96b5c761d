// What libbpf would print, caught per thread: it goes into the error of the call that failed.
#pragma once
#include <string>

namespace xdpeek {

/// Forgets what was said so far. The first call takes libbpf's printing over.
void begin_libbpf_log();
/// What was said since, its end when it was long.
const std::string& libbpf_log();
/// The last lines that are neither libbpf's own frame nor counts.
std::string last_words(const std::string& log, size_t lines);

}  // namespace xdpeek
