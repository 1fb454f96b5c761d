// XDP programs that others attached, as hook observe finds them: the one on the interface, or, where that is a dispatcher (libxdp), the
// programs which it runs.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "target.h"
#include "unique_fd.h"

namespace xdpeek {

struct ObservedProgram {
  uint32_t id = 0;
  std::string name;      ///< as the kernel shows it, 15 characters at most
  std::string function;  ///< its whole name, from its BTF
  uint32_t function_id = 0;  ///< BTF type id of that function
  UniqueFd fd;
};

/// In the order the dispatcher was given them. Throws Failure with what to do: no program, no BTF, no program of that name.
std::vector<ObservedProgram> find_observed(const Target& target);

/// Id of the XDP program that the interface runs now, 0 for none.
uint32_t attached_xdp_id(const Target& target);

}  // namespace xdpeek
