// Capability probes. Attachment is tried for real, on the loopback device of a namespace that only the probing thread is
// in and that ends with it: no interface that anybody uses is touched, and no version number is trusted.
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <net/if.h>
#include <napi.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <thread>

#include "errors.h"
#include "unique_fd.h"

namespace xdpeek {

namespace {

/// `return result;` as a program: the least that loads.
UniqueFd load_trivial(bpf_prog_type type, int result, uint32_t flags = 0, bpf_attach_type attach = bpf_attach_type{}) {
  const std::array<bpf_insn, 2> program{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = result},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.prog_flags = flags;
  options.expected_attach_type = attach;
  return UniqueFd(bpf_prog_load(type, "xdpeek_probe", "Dual BSD/GPL", program.data(), program.size(), &options));
}

/// bpf_link_create on `ifindex`; the link goes with its fd.
bool can_link(const UniqueFd& program, int ifindex, bpf_attach_type attach, uint32_t flags) {
  if (!program) return false;
  LIBBPF_OPTS(bpf_link_create_opts, options);
  options.flags = flags;
  return static_cast<bool>(UniqueFd(bpf_link_create(program.get(), ifindex, attach, &options)));
}

bool takes_large_values() {
  constexpr uint32_t kBeyond = (4 << 20) + 8;
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
  return static_cast<bool>(UniqueFd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpeek_probe", sizeof(uint32_t), kBeyond, 1, &options)));
}

void probe_links(Capabilities& found) {
  std::thread([&found] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    const int loopback = static_cast<int>(::if_nametoindex("lo"));
    constexpr uint32_t kGenericMode = 1U << 1;  // XDP_FLAGS_SKB_MODE
    found.xdp_link = can_link(load_trivial(BPF_PROG_TYPE_XDP, XDP_PASS), loopback, BPF_XDP, kGenericMode);
    found.tcx = can_link(load_trivial(BPF_PROG_TYPE_SCHED_CLS, -1, 0, BPF_TCX_INGRESS), loopback, BPF_TCX_INGRESS, 0);
  }).join();
}

/// BTF of `int xdpeek_probe(void *)`, for a program that others can look at. Returns the function's type id.
int describe_probe(btf* types) {
  const int number = btf__add_int(types, "int", 4, BTF_INT_SIGNED);
  const int context = btf__add_struct(types, "xdp_md", 24);
  const int pointer = btf__add_ptr(types, context);
  const int prototype = btf__add_func_proto(types, number);
  btf__add_func_param(types, "ctx", pointer);
  return btf__add_func(types, "xdpeek_probe", BTF_FUNC_GLOBAL, prototype);
}

/// fentry on another eBPF program, tried on one of our own that nothing runs.
bool can_trace_programs() {
  const std::unique_ptr<btf, decltype(&btf__free)> types(btf__new_empty(), btf__free);
  if (!types) return false;
  const int function_id = describe_probe(types.get());
  if (function_id < 0 || btf__load_into_kernel(types.get()) < 0) return false;

  const std::array<bpf_insn, 2> program{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  const bpf_func_info function{.insn_off = 0, .type_id = static_cast<uint32_t>(function_id)};
  LIBBPF_OPTS(bpf_prog_load_opts, observed);
  observed.prog_btf_fd = static_cast<uint32_t>(btf__fd(types.get()));
  observed.func_info = &function;
  observed.func_info_cnt = 1;
  observed.func_info_rec_size = sizeof function;
  const UniqueFd target(bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpeek_probe", "Dual BSD/GPL", program.data(), program.size(), &observed));
  if (!target) return false;
  LIBBPF_OPTS(bpf_prog_load_opts, tracing);
  tracing.expected_attach_type = BPF_TRACE_FENTRY;
  tracing.attach_prog_fd = target.get();
  tracing.attach_btf_id = static_cast<uint32_t>(function_id);
  const UniqueFd fentry(bpf_prog_load(BPF_PROG_TYPE_TRACING, "xdpeek_probe", "Dual BSD/GPL", program.data(), program.size(), &tracing));
  if (!fentry) return false;
  return static_cast<bool>(UniqueFd(bpf_raw_tracepoint_open(nullptr, fentry.get())));
}

bool has_capture_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  const auto effective = [&sets](int capability) { return (sets[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0; };
  return effective(CAP_SYS_ADMIN) || (effective(CAP_BPF) && effective(CAP_NET_ADMIN) && effective(CAP_PERFMON));
}

Capabilities probe_kernel() {
  Capabilities found;
  utsname name{};
  if (::uname(&name) == 0) found.kernel = name.release;
  found.btf = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  const int possible = libbpf_num_possible_cpus();
  found.cpus_possible = possible > 0 ? possible : 1;
  found.cpus_online = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  found.privileged = has_capture_capabilities();
  if (!found.privileged) return found;

  // libbpf prints what failed to load, and failing is what probes do.
  const libbpf_print_fn_t printer = libbpf_set_print(nullptr);
  found.ring_buffer = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1;
  found.tai_clock = libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ktime_get_tai_ns, nullptr) == 1;
  found.xdp_multi_buffer = static_cast<bool>(load_trivial(BPF_PROG_TYPE_XDP, XDP_PASS, BPF_F_XDP_HAS_FRAGS));
  found.large_values = takes_large_values();
  found.fentry = can_trace_programs();
  found.af_xdp = static_cast<bool>(UniqueFd(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)));
  probe_links(found);
  libbpf_set_print(printer);
  return found;
}

Napi::Value probe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const Capabilities& found = capabilities();
    Napi::Object object = Napi::Object::New(env);
    const auto flag = [&](const char* key, bool value) { object[key] = Napi::Boolean::New(env, value); };
    object["kernel"] = Napi::String::New(env, found.kernel);
    flag("btf", found.btf);
    flag("ringBuffer", found.ring_buffer);
    flag("xdpLink", found.xdp_link);
    flag("tcx", found.tcx);
    flag("taiClock", found.tai_clock);
    flag("xdpMultiBuffer", found.xdp_multi_buffer);
    flag("fentry", found.fentry);
    flag("afXdp", found.af_xdp);
    object["cpusPossible"] = Napi::Number::New(env, found.cpus_possible);
    object["cpusOnline"] = Napi::Number::New(env, found.cpus_online);
    flag("privileged", found.privileged);
    return object;
  });
}

}  // namespace

const Capabilities& capabilities() {
  static const Capabilities probed = probe_kernel();
  return probed;
}

void register_probe(Napi::Env env, Napi::Object exports) { exports["probe"] = Napi::Function::New(env, probe, "probe"); }

}  // namespace xdpeek
