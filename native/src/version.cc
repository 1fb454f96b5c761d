// version(): which addon, libbpf and Node-API this is.
#include <bpf/libbpf.h>
#include <napi.h>

namespace xdpeek {

static Napi::Value version(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Napi::Object result = Napi::Object::New(env);
  result["addon"] = Napi::String::New(env, "0.1.0");
  result["libbpf"] = Napi::String::New(env, libbpf_version_string() + 1);  // "v1.5" → "1.5"
  result["napi"] = Napi::Number::New(env, Napi::VersionManagement::GetNapiVersion(env));
  return result;
}

void register_version(Napi::Env env, Napi::Object exports) {
  exports["version"] = Napi::Function::New(env, version, "version");
}

}  // namespace xdpeek
