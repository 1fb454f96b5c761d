// translateFilter and runFilter of native/index.d.ts, and reading filters for captures.
#include "filter_js.h"

#include <linux/bpf.h>

#include <cstring>

#include "errors.h"
#include "filter_run.h"
#include "probe.h"

namespace xdpeek {

std::vector<ClassicInstruction> read_classic(Napi::Env env, Napi::Value value) {
  if (!value.IsArray()) throw Napi::TypeError::New(env, "code must be an array");
  Napi::Array numbers = value.As<Napi::Array>();
  if (numbers.Length() % 4 != 0) throw Napi::RangeError::New(env, "code must have four numbers an instruction");
  std::vector<ClassicInstruction> code;
  for (uint32_t i = 0; i < numbers.Length(); i += 4) {
    const auto at = [&](uint32_t part) { return numbers.Get(i + part).ToNumber().Uint32Value(); };
    code.push_back({static_cast<uint16_t>(at(0)), static_cast<uint8_t>(at(1)), static_cast<uint8_t>(at(2)), at(3)});
  }
  return code;
}

std::optional<CaptureFilter> read_filter(Napi::Env env, Napi::Value value) {
  if (value.IsUndefined()) return std::nullopt;
  if (!value.IsObject()) throw Napi::TypeError::New(env, "a filter must be an object");
  Napi::Object object = value.As<Napi::Object>();
  CaptureFilter filter;
  filter.text = object.Get("text").ToString();
  if (!object.Get("programs").IsArray()) throw Napi::TypeError::New(env, "filter.programs must be an array");
  Napi::Array programs = object.Get("programs").As<Napi::Array>();
  for (uint32_t i = 0; i < programs.Length(); i++) {
    Napi::Object program = programs.Get(i).As<Napi::Object>();
    filter.programs.push_back({program.Get("linkType").ToNumber().Int32Value(), read_classic(env, program.Get("code"))});
  }
  return filter;
}

namespace {

FilterContext read_context(Napi::Env env, Napi::Value value) {
  const std::string name = value.IsString() ? std::string(value.As<Napi::String>()) : "";
  if (name == "xdp") return FilterContext::kXdp;
  if (name == "tc") return FilterContext::kTc;
  if (name == "socket") return FilterContext::kSocket;
  if (name == "tracing") return FilterContext::kTracing;
  throw Napi::RangeError::New(env, "the context must be xdp, tc, socket or tracing");
}

Napi::Value translate(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::vector<ClassicInstruction> code = read_classic(env, info[0]);
  const FilterContext context = read_context(env, info[1]);
  return guarded(env, [&] {
    const std::vector<bpf_insn> program = translate_filter(code, context, {});
    const size_t bytes = program.size() * sizeof(bpf_insn);
    Napi::Uint8Array out = Napi::Uint8Array::New(env, bytes);
    std::memcpy(out.Data(), program.data(), bytes);
    return out;
  });
}

Napi::Value run(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::vector<ClassicInstruction> code = read_classic(env, info[0]);
  const FilterContext context = read_context(env, info[1]);
  if (context != FilterContext::kXdp && context != FilterContext::kTc) throw Napi::RangeError::New(env, "only xdp and tc programs can be run alone");
  if (!info[2].IsArray()) throw Napi::TypeError::New(env, "runFilter needs packets");
  Napi::Array packets = info[2].As<Napi::Array>();
  return guarded(env, [&] {
    FilterStage alone;
    alone.fragments = capabilities().xdp_multi_buffer;
    const UniqueFd program = load_filter(code, context, alone);
    Napi::Uint8Array verdicts = Napi::Uint8Array::New(env, packets.Length());
    for (uint32_t i = 0; i < packets.Length(); i++) {
      Napi::Uint8Array packet = packets.Get(i).As<Napi::Uint8Array>();
      verdicts[i] = run_filter(program, std::vector<uint8_t>(packet.Data(), packet.Data() + packet.ByteLength()));
    }
    return verdicts;
  });
}

}  // namespace

void register_filter(Napi::Env env, Napi::Object exports) {
  exports["translateFilter"] = Napi::Function::New(env, translate, "translateFilter");
  exports["runFilter"] = Napi::Function::New(env, run, "runFilter");
}

}  // namespace xdpeek
