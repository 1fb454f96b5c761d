// Loading a translated filter, and running one alone on packets (BPF_PROG_TEST_RUN, Documentation/bpf/bpf_prog_run.rst).
#include "filter_program.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>

#include "errors.h"
#include "filter_run.h"
#include "probe.h"

namespace xdpeek {
namespace {

bpf_prog_type type_of(FilterContext context) {
  switch (context) {
    case FilterContext::kXdp: return BPF_PROG_TYPE_XDP;
    case FilterContext::kTc: return BPF_PROG_TYPE_SCHED_CLS;
    case FilterContext::kSocket: return BPF_PROG_TYPE_SOCKET_FILTER;
    default: return BPF_PROG_TYPE_TRACING;
  }
}

/// The last line of the verifier's log that says something.
std::string last_words(const std::vector<char>& log) {
  std::string text(log.data()), last;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (!line.empty() && !line.starts_with("processed ") && !line.starts_with("verification time")) last = line;
    at = end + 1;
  }
  return last;
}

}  // namespace

UniqueFd load_filter(const std::vector<ClassicInstruction>& code, FilterContext context, const FilterStage& stage, int observed_fd, uint32_t observed_function) {
  const std::vector<bpf_insn> program = translate_filter(code, context, stage);
  std::vector<char> log(64 << 10, 0);
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  if (context == FilterContext::kXdp) {
    // As libbpf loads SEC("xdp.frags"): programs that call each other must agree.
    options.expected_attach_type = BPF_XDP;
    options.prog_flags = stage.fragments ? BPF_F_XDP_HAS_FRAGS : 0;
  }
  if (context == FilterContext::kTracing) {
    options.expected_attach_type = BPF_TRACE_FENTRY;
    options.attach_prog_fd = static_cast<uint32_t>(observed_fd);
    options.attach_btf_id = observed_function;
  }
  UniqueFd fd(bpf_prog_load(type_of(context), "xdpeek_filter", "Dual BSD/GPL", program.data(), program.size(), &options));
  if (fd) return fd;
  const int error = errno;
  // Once more for the verifier's words: the log makes loading slower.
  options.log_buf = log.data();
  options.log_size = static_cast<uint32_t>(log.size());
  options.log_level = 1;
  UniqueFd again(bpf_prog_load(type_of(context), "xdpeek_filter", "Dual BSD/GPL", program.data(), program.size(), &options));
  if (again) return again;
  throw Failure(error, "load the capture filter (" + std::to_string(program.size()) + " eBPF instructions)",
                error == EPERM ? "Loading eBPF programs needs root, or CAP_BPF and CAP_NET_ADMIN." : "The kernel's verifier said: " + last_words(log));
}

uint8_t run_filter(const UniqueFd& program, const std::vector<uint8_t>& packet) {
  std::vector<uint8_t> out(packet.size() + 256);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<uint32_t>(packet.size());
  options.data_out = out.data();
  options.data_size_out = static_cast<uint32_t>(out.size());
  options.repeat = 1;
  if (bpf_prog_test_run_opts(program.get(), &options) < 0) return kFilterCannotRun;
  return options.retval == 1 ? 1 : 0;
}

}  // namespace xdpeek
