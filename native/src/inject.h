// Sending raw frames out of an interface (AF_PACKET): demo traffic and ground truth for tests.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "netns.h"

namespace xdpeek {

struct Injection {
  std::string ifname;
  NetnsName netns;
  std::vector<std::vector<uint8_t>> frames;
  uint32_t interval_us = 0;  ///< between frames; 0 = as fast as the device takes them
  uint32_t repeat = 1;       ///< how often the whole list goes out
};

/// Sends and returns how many frames the device took: all of them, or a Failure says at which frame it stopped. Blocking.
/// Frames pass the tc egress hook like any other (the queueing discipline is not bypassed).
uint64_t send_frames(const Injection& injection);

}  // namespace xdpeek
