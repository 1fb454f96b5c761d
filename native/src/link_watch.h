// What happens to an interface while it is captured on: renamed, moved, brought down, resized, gone; and the packets that it dropped
// itself. Reads by netlink, each time from inside the namespace, so that no socket of ours keeps a namespace alive.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "target.h"

namespace xdpeek {

struct LinkState {
  std::string name;
  bool up = false;
  uint32_t mtu = 0;
  uint64_t dropped = 0;  ///< rx_dropped + rx_missed_errors since the interface was made
};

class LinkWatch {
 public:
  explicit LinkWatch(const Target& target);
  /// Looks again. What is new and worth telling, one sentence each; nothing when the interface cannot be read.
  std::vector<std::string> refresh();
  /// Not found any more at the last look: deleted, or moved to another namespace.
  bool gone() const { return !now_; }
  /// Packets that the interface dropped since construction.
  uint64_t dropped() const { return dropped_; }

 private:
  std::optional<LinkState> read() const;
  Target target_;
  std::optional<LinkState> now_;
  uint64_t dropped_ = 0;
};

}  // namespace xdpeek
