#include "libbpf_log.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <sstream>
#include <vector>

namespace xdpeek {
namespace {

thread_local std::string said;

constexpr size_t kLogKept = 256 << 10;

/// The verifier's whole log comes as one message: its end is what says why.
int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return length;
  std::string message(static_cast<size_t>(length) + 1, '\0');
  std::vsnprintf(message.data(), message.size(), format, arguments);
  message.pop_back();
  said += message;
  if (said.size() > kLogKept) said.erase(0, said.size() - kLogKept);
  return length;
}

}  // namespace

void begin_libbpf_log() {
  static const bool once = (libbpf_set_print(keep_message), true);
  (void)once;
  said.clear();
}

const std::string& libbpf_log() { return said; }

std::string last_words(const std::string& log, size_t lines) {
  std::vector<std::string> kept;
  std::istringstream in(log);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && !line.starts_with("libbpf: ") && !line.starts_with("processed ") && !line.starts_with("-- ")) kept.push_back(line);
  std::string text;
  for (size_t i = kept.size() - std::min(kept.size(), lines); i < kept.size(); i++) text += (text.empty() ? "" : "\n") + kept[i];
  return text;
}

}  // namespace xdpeek
