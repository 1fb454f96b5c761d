// Who holds a hook of an interface now, and how; taking it off.
#pragma once
#include <cstdint>
#include <string>

#include "target.h"
#include "unique_fd.h"

namespace xdpeek {

struct Present {
  uint32_t program_id = 0;  ///< 0 = nobody
  std::string mode;         ///< XDP: "native", "generic", "offload"
  UniqueFd link;            ///< absent = by netlink (ip link, tc)
};

/// The program of a resolved target. Where tc has several: `wanted`, or the first.
Present present_at(const Target& target, uint32_t wanted = 0);

/// Throws ESTALE, saying what is there, unless it is `expected` (0 = whatever is there).
void check_expected(const Present& present, uint32_t expected, const std::string& tried);

/// Takes it off, only while it is still that program.
void take_off(const Target& target, const Present& present, const std::string& tried);

/// An XDP program back on by netlink, as it was: for undoing.
void put_back(const Target& target, const Present& present);

}  // namespace xdpeek
