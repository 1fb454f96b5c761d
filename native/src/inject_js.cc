// sendFrames(options): validates on the JavaScript thread, sends on a worker, settles a promise.
#include <net/if.h>
#include <napi.h>

#include <optional>

#include "errors.h"
#include "inject.h"

namespace xdpeek {

namespace {

constexpr size_t kFrameMax = 65'575;  // 64 KiB of IPv6 payload, its header and an Ethernet header with a tag
constexpr uint32_t kIntervalMaxUs = 60'000'000;

class SendWorker : public Napi::AsyncWorker {
 public:
  SendWorker(Napi::Env env, Injection injection)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), injection_(std::move(injection)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      sent_ = send_frames(injection_);
    } catch (const Failure& failure) {
      failure_ = failure;
    } catch (const std::exception& error) {
      failure_ = Failure("INTERNAL", "send frames", error.what());
    }
  }
  void OnOK() override {
    if (failure_)
      deferred_.Reject(to_js_error(Env(), *failure_).Value());
    else
      deferred_.Resolve(Napi::Number::New(Env(), static_cast<double>(sent_)));
  }

 private:
  Napi::Promise::Deferred deferred_;
  Injection injection_;
  uint64_t sent_ = 0;
  std::optional<Failure> failure_;
};

[[noreturn]] void refuse(Napi::Env env, const char* what) { throw Napi::TypeError::New(env, std::string("sendFrames: ") + what); }

uint32_t count_option(Napi::Env env, Napi::Object options, const char* key, uint32_t fallback, uint32_t max) {
  const Napi::Value value = options.Get(key);
  if (value.IsUndefined()) return fallback;
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= max && number == static_cast<uint32_t>(number)))
    refuse(env, "intervalUs and repeat must be whole numbers in range");
  return static_cast<uint32_t>(number);
}

Injection read_options(Napi::Env env, const Napi::Value& argument) {
  if (!argument.IsObject()) refuse(env, "options must be an object");
  const auto options = argument.As<Napi::Object>();
  Injection injection;
  const Napi::Value ifname = options.Get("ifname"), netns = options.Get("netns"), frames = options.Get("frames");
  if (!ifname.IsString()) refuse(env, "ifname must be a string");
  injection.ifname = ifname.As<Napi::String>().Utf8Value();
  if (injection.ifname.empty() || injection.ifname.size() >= IFNAMSIZ) refuse(env, "ifname must have 1 to 15 bytes");
  if (netns.IsString()) {
    injection.netns = netns.As<Napi::String>().Utf8Value();
    check_netns_name(*injection.netns);
  } else if (!netns.IsUndefined()) {
    refuse(env, "netns must be a string");
  }
  if (!frames.IsArray() || frames.As<Napi::Array>().Length() == 0) refuse(env, "frames must be a list of Uint8Array");
  const auto list = frames.As<Napi::Array>();
  injection.frames.reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Value frame = list[i];
    if (!frame.IsTypedArray() || frame.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
      refuse(env, "frames must be a list of Uint8Array");
    const auto bytes = frame.As<Napi::Uint8Array>();
    if (bytes.ByteLength() == 0 || bytes.ByteLength() > kFrameMax) refuse(env, "a frame must have 1 to 65575 bytes");
    injection.frames.emplace_back(bytes.Data(), bytes.Data() + bytes.ByteLength());
  }
  injection.interval_us = count_option(env, options, "intervalUs", 0, kIntervalMaxUs);
  injection.repeat = count_option(env, options, "repeat", 1, UINT32_MAX);
  return injection;
}

Napi::Value send_frames_js(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    auto* worker = new SendWorker(env, read_options(env, info[0]));  // deletes itself when done
    worker->Queue();
    return worker->promise();
  });
}

}  // namespace

void register_inject(Napi::Env env, Napi::Object exports) {
  exports["sendFrames"] = Napi::Function::New(env, send_frames_js, "sendFrames");
}

}  // namespace xdpeek
