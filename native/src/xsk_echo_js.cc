// class XskEcho of native/index.d.ts.
#include "xsk_echo.h"

#include "errors.h"
#include "js_values.h"

namespace xdpeek {
namespace {

constexpr const char* kModes[] = {"auto", "native", "generic", "offload"};

XskEchoOptions read_options(Napi::Env env, Napi::Value value) {
  const Napi::Object from = js::object(env, value, "options");
  XskEchoOptions options;
  options.target.ifname = js::text(from, "ifname");
  if (from.Get("netns").IsString()) options.target.netns = js::text(from, "netns");
  const std::string mode = js::text(from, "mode"), zero_copy = js::text(from, "zeroCopy");
  for (size_t i = 0; i < 4; i++)
    if (mode == kModes[i]) options.target.mode = static_cast<XdpMode>(i);
  options.zero_copy = zero_copy == "yes" ? ZeroCopy::kYes : zero_copy == "no" ? ZeroCopy::kNo : ZeroCopy::kAuto;
  options.thread_each = js::text(from, "threads") == "each";
  options.every_second = js::optional_text(from, "takes") == "every-second";
  options.bpf_dir = js::text(from, "bpfDir");
  return options;
}

class XskEchoJs : public Napi::ObjectWrap<XskEchoJs> {
 public:
  static Napi::Function define(Napi::Env env) { return DefineClass(env, "XskEcho", {InstanceMethod("counts", &XskEchoJs::counts), InstanceMethod("close", &XskEchoJs::close)}); }

  explicit XskEchoJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    XskEchoOptions options = read_options(info.Env(), info[0]);
    guarded(info.Env(), [&] { echo_ = std::make_unique<XskEcho>(std::move(options)); });
  }

 private:
  Napi::Value counts(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    if (!echo_) throw to_js_error(env, Failure("CLOSED", "use the echo responder", "it is closed"));
    Napi::Object out = Napi::Object::New(env);
    out["queues"] = js::array(env, echo_->counts(), [&](const XskEcho::Queue& queue) {
      Napi::Object each = Napi::Object::New(env);
      each["queue"] = queue.queue;
      each["mode"] = queue.zero_copy ? "zero-copy" : "copy";
      each["received"] = js::number(env, queue.received);
      each["answered"] = js::number(env, queue.answered);
      each["ignored"] = js::number(env, queue.ignored);
      each["txFull"] = js::number(env, queue.tx_full);
      each["fillEmpty"] = js::number(env, queue.fill_empty);
      each["rxDropped"] = js::number(env, queue.rx_dropped);
      return each;
    });
    return out;
  }

  void close(const Napi::CallbackInfo&) { echo_.reset(); }

  std::unique_ptr<XskEcho> echo_;
};

}  // namespace

void register_xsk_echo(Napi::Env env, Napi::Object exports) { exports["XskEcho"] = XskEchoJs::define(env); }

}  // namespace xdpeek
