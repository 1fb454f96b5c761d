// Holding a capture program on its hook: bpf_link wherever the kernel has it (gone with the process, whatever kills it), a
// journalled clsact filter otherwise. Destroying an Attachment detaches it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "target.h"

namespace xdpeek {

class BpfObject;

class Attachment {
 public:
  virtual ~Attachment() = default;
  /// "xdp-link", "tcx-link", "tracing-link", "socket" or "clsact".
  virtual const char* via() const = 0;
  /// For XDP: "native", "generic" or "offload".
  virtual const char* actual_mode() const { return nullptr; }
  /// Why the first choice was not taken, in words; may be empty.
  virtual std::string note() const { return {}; }
  /// False once the kernel let go of it: the interface was deleted, or somebody forced a detach.
  virtual bool alive() const = 0;
  /// Its bpf_link, or -1.
  virtual int link_fd() const { return -1; }
  /// Asked when it is not alive and the interface is still there.
  virtual std::string lost_because() const { return "another program forced ours off it"; }
};

std::unique_ptr<Attachment> attach_xdp(const Target& target, int program_fd);
/// Null when the kernel has no TCX.
std::unique_ptr<Attachment> attach_tcx(const Target& target, int program_fd);
/// fentry (`before`) or fexit on the program that `program_fd` was loaded for; `observed` is its name.
std::unique_ptr<Attachment> attach_tracing(const Target& target, int program_fd, bool before, const std::string& observed);
std::unique_ptr<Attachment> attach_socket(const Target& target, int program_fd);
/// A socket of its own that listens on every address, with this filter.
std::unique_ptr<Attachment> attach_udp(const NetnsName& netns, uint16_t port, int program_fd);
/// `journal_dir` may be empty: then nothing is journalled.
std::unique_ptr<Attachment> attach_clsact(const Target& target, int program_fd, uint32_t program_id, const std::string& journal_dir);

/// native/index.d.ts: cleanStale.
std::vector<std::string> clean_stale_clsact(const std::string& journal_dir);

}  // namespace xdpeek
