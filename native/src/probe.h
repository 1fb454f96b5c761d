// What this kernel can do, found by trying it: tiny test programs and maps, and links in a throw-away network namespace.
#pragma once
#include <string>

namespace xdpeek {

/// Capabilities of electron/shared/capture.ts, and what only the addon wants to know.
struct Capabilities {
  std::string kernel;
  bool btf = false;
  bool ring_buffer = false;
  bool xdp_link = false;
  bool tcx = false;
  bool tai_clock = false;
  bool xdp_multi_buffer = false;
  bool large_values = false;  ///< of arrays that user space maps: beyond what kmalloc gives (4 MiB), since Linux 6.0
  bool fentry = false;
  bool af_xdp = false;
  int cpus_possible = 1;
  int cpus_online = 1;
  bool privileged = false;
};

/// Probes at the first call, then answers from memory. Never throws for what a kernel lacks; leaves nothing loaded or attached.
const Capabilities& capabilities();

}  // namespace xdpeek
