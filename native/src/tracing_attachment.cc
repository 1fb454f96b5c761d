// fentry and fexit on another XDP program. The link goes with the process; the observed program is never touched.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "attachment.h"
#include "errors.h"
#include "observed_programs.h"

namespace xdpeek {
namespace {

class TracingAttachment final : public Attachment {
 public:
  TracingAttachment(const Target& target, uint32_t main_id, UniqueFd link) : target_(target), main_id_(main_id), link_(std::move(link)) {}
  const char* via() const override { return "tracing-link"; }
  /// Ours stays on the program whatever happens; what counts is whether the interface still runs it.
  bool alive() const override {
    try {
      return attached_xdp_id(target_) == main_id_;
    } catch (const Failure&) {
      return false;
    }
  }
  std::string lost_because() const override {
    uint32_t now = 0;
    try {
      now = attached_xdp_id(target_);
    } catch (const Failure&) {  // as in alive()
    }
    if (now == 0) return "the XDP program that was observed is no longer attached, or the interface is gone";
    return "another XDP program (id " + std::to_string(now) + ") replaced the one that was observed";
  }

 private:
  Target target_;
  uint32_t main_id_;
  UniqueFd link_;
};

}  // namespace

std::unique_ptr<Attachment> attach_tracing(const Target& target, int program_fd, bool before, const std::string& observed) {
  UniqueFd link(bpf_link_create(program_fd, 0, before ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT, nullptr));
  if (!link) link = UniqueFd(bpf_raw_tracepoint_open(nullptr, program_fd));  // before Linux 5.15 links are made this way
  if (!link) {
    const int error = errno;
    throw Failure(error, std::string("look at packets ") + (before ? "before" : "after") + " the XDP program '" + observed + "' of " + target.ifname,
                  error == EBUSY ? "The kernel allows no more programs on it." : "This kernel allows no fentry and fexit on eBPF programs: it needs BTF, a JIT and, on x86, Linux 5.5.");
  }
  return std::make_unique<TracingAttachment>(target, attached_xdp_id(target), std::move(link));
}

}  // namespace xdpeek
