// isLimited, limitCapabilities and filterSystemCalls of native/index.d.ts.
#include "confinement.h"
#include "errors.h"
#include "js_values.h"

namespace xdpeek {
namespace {

Napi::Value limit(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsArray()) throw to_js_error(env, Failure("EINVAL", "give up capabilities", "those to keep must be a list of numbers"));
  const auto list = info[0].As<Napi::Array>();
  std::vector<uint32_t> keep;
  for (uint32_t i = 0; i < list.Length(); i++) keep.push_back(list.Get(i).ToNumber().Uint32Value());
  return guarded(env, [&]() -> Napi::Value {
    limit_capabilities(keep);
    return env.Undefined();
  });
}

Napi::Value filter(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    filter_system_calls();
    return env.Undefined();
  });
}

}  // namespace

void register_confinement(Napi::Env env, Napi::Object exports) {
  exports["isLimited"] = Napi::Function::New(env, [](const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), is_limited()); }, "isLimited");
  exports["limitCapabilities"] = Napi::Function::New(env, limit, "limitCapabilities");
  exports["filterSystemCalls"] = Napi::Function::New(env, filter, "filterSystemCalls");
}

}  // namespace xdpeek
