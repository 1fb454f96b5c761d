// The unprivileged addon (xdpeek-pcap.node): pcap-filter(7) text → classic BPF, by libpcap. The session loads it; the root process never does, so
// that no parser of anybody's text runs there. Declared in index.d.ts beside this file.
#include <napi.h>
#include <pcap/pcap.h>

#include <memory>
#include <string>

namespace {

struct ClosePcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};

/// libpcap's handles want its own DLT_ numbers, files and xdpeek have LINKTYPE_ numbers. They differ for few (pcap-linktype(7)).
int dlt_of(int link_type) {
  constexpr int kLinkTypeRaw = 101;
  return link_type == kLinkTypeRaw ? DLT_RAW : link_type;
}

/// compile(text, linkType, snaplen) → code, jt, jf, k of each instruction. Throws Error with libpcap's own message.
Napi::Value compile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsNumber() || !info[2].IsNumber()) throw Napi::TypeError::New(env, "compile needs a text, a link type and a snaplen");
  const std::string text = info[0].As<Napi::String>();
  if (text.find('\0') != std::string::npos) throw Napi::Error::New(env, "a filter cannot have a NUL character in it");
  const std::unique_ptr<pcap_t, ClosePcap> handle(
      pcap_open_dead_with_tstamp_precision(dlt_of(info[1].As<Napi::Number>().Int32Value()), info[2].As<Napi::Number>().Int32Value(), PCAP_TSTAMP_PRECISION_NANO));
  if (!handle) throw Napi::Error::New(env, "libpcap cannot make a handle");
  bpf_program program{};
  constexpr int kOptimize = 1;
  if (pcap_compile(handle.get(), &program, text.c_str(), kOptimize, PCAP_NETMASK_UNKNOWN) < 0) throw Napi::Error::New(env, pcap_geterr(handle.get()));
  Napi::Array code = Napi::Array::New(env, size_t{program.bf_len} * 4);
  for (uint32_t i = 0; i < program.bf_len; i++) {
    const bpf_insn& each = program.bf_insns[i];
    code[i * 4] = each.code;
    code[i * 4 + 1] = each.jt;
    code[i * 4 + 2] = each.jf;
    code[i * 4 + 3] = each.k;
  }
  pcap_freecode(&program);
  return code;
}

Napi::Value version(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), pcap_lib_version()); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports["compile"] = Napi::Function::New(env, compile, "compile");
  exports["version"] = Napi::Function::New(env, version, "version");
  return exports;
}

}  // namespace

NODE_API_MODULE(xdpeek_pcap, init)
