// class Capture and cleanStale of native/index.d.ts: options in, plain values out; the work is in capture.cc.
#include <napi.h>

#include <cstring>

#include "capture.h"
#include "errors.h"
#include "filter_js.h"
#include "frame_writer_js.h"
#include "once_callback.h"
#include "text_callback.h"

namespace xdpeek {
namespace {

double as_double(uint64_t value) { return static_cast<double>(value); }

std::string text(Napi::Object object, const char* name) {
  Napi::Value value = object.Get(name);
  if (!value.IsString()) throw Napi::TypeError::New(object.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>();
}

std::string optional_text(Napi::Object object, const char* name) { return object.Get(name).IsString() ? text(object, name) : std::string(); }

double number(Napi::Object object, const char* name, double least, double most) {
  Napi::Value value = object.Get(name);
  const double n = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : least - 1;
  if (!(n >= least && n <= most)) throw Napi::RangeError::New(object.Env(), std::string(name) + " is out of range");
  return n;
}

bool flag(Napi::Object object, const char* name) { return object.Get(name).ToBoolean(); }

/// Index of `word` in `words`; `fallback` for an absent one.
template <size_t N>
size_t choice(Napi::Env env, const char* name, const std::string& word, const char* const (&words)[N], size_t fallback = N) {
  if (word.empty() && fallback < N) return fallback;
  for (size_t i = 0; i < N; i++)
    if (word == words[i]) return i;
  throw Napi::RangeError::New(env, std::string(name) + " cannot be " + word);
}

constexpr const char* kBuffers[] = {"auto", "perf", "ring", "mapped"};  ///< as BufferKind
constexpr const char* kModes[] = {"auto", "native", "generic", "offload"};
constexpr const char* kOrders[] = {"", "first", "last"};

Target read_target(Napi::Object object) {
  Napi::Env env = object.Env();
  Target target;
  target.ifname = text(object, "ifname");
  if (target.ifname.empty() || target.ifname.size() > 15) throw Napi::RangeError::New(env, "ifname must have 1 to 15 bytes");
  if (object.Get("netns").IsString()) target.netns = text(object, "netns");
  target.hook = static_cast<Hook>(choice(env, "hook", text(object, "hook"), kHookNames));
  target.mode = static_cast<XdpMode>(choice(env, "mode", optional_text(object, "mode"), kModes, 0));
  target.order = static_cast<TcxOrder>(choice(env, "order", optional_text(object, "order"), kOrders, 0));
  target.program = optional_text(object, "program");
  target.busy_poll = object.Get("busyPoll").ToBoolean();
  return target;
}

CaptureConfig read_config(Napi::Env env, Napi::Value value) {
  if (!value.IsObject()) throw Napi::TypeError::New(env, "Capture needs a configuration");
  Napi::Object object = value.As<Napi::Object>();
  CaptureConfig config;
  config.capture_id = static_cast<uint32_t>(number(object, "captureId", 1, UINT32_MAX));
  if (!object.Get("targets").IsArray()) throw Napi::TypeError::New(env, "targets must be an array");
  Napi::Array targets = object.Get("targets").As<Napi::Array>();
  if (targets.Length() < 1 || targets.Length() > 8) throw Napi::RangeError::New(env, "a capture has 1 to 8 targets");
  for (uint32_t i = 0; i < targets.Length(); i++) config.targets.push_back(read_target(targets.Get(i).As<Napi::Object>()));
  config.snaplen = static_cast<uint32_t>(number(object, "snaplen", 1, 262144));
  const std::string buffer = text(object, "buffer");
  config.buffer = static_cast<BufferKind>(choice(env, "buffer", buffer, kBuffers));
  config.buffer_bytes = static_cast<uint32_t>(number(object, "bufferBytes", 0, 1 << 30));
  config.packets = flag(object, "packets");
  config.flows = flag(object, "flows");
  config.stats = flag(object, "stats");
  config.sample = static_cast<uint32_t>(number(object, "sample", 1, 1'000'000));
  config.filter = read_filter(env, object.Get("filter"));
  config.max_flows = static_cast<uint32_t>(number(object, "maxFlows", 1, 1 << 22));
  config.bpf_dir = text(object, "bpfDir");
  config.application = text(object, "application");
  config.journal_dir = optional_text(object, "journalDir");
  config.force_clsact = flag(object, "forceClsact");
  config.credit_bytes = static_cast<int64_t>(number(object, "creditBytes", 0, 9e15));
  config.writer = FrameWriterJs::unwrap(env, object.Get("writer"));
  return config;
}

Napi::Value slots_value(Napi::Env env, const std::vector<SlotCounters>& slots) {
  Napi::Array out = Napi::Array::New(env, slots.size());
  for (uint32_t i = 0; i < slots.size(); i++) {
    Napi::Object each = Napi::Object::New(env);
    each["interfaceId"] = i;
    each["matchedPackets"] = as_double(slots[i].matched_packets);
    each["matchedBytes"] = as_double(slots[i].matched_bytes);
    each["filteredPackets"] = as_double(slots[i].filtered_packets);
    each["skippedPackets"] = as_double(slots[i].skipped_packets);
    each["lostKernel"] = as_double(slots[i].lost_kernel);
    out[i] = each;
  }
  return out;
}

Napi::Value cpus_value(Napi::Env env, const std::vector<CpuCounters>& cpus) {
  Napi::Array out = Napi::Array::New(env);
  for (uint32_t cpu = 0; cpu < cpus.size(); cpu++) {
    if (cpus[cpu].matched_packets == 0) continue;
    Napi::Object each = Napi::Object::New(env);
    each["cpu"] = cpu;
    each["matchedPackets"] = as_double(cpus[cpu].matched_packets);
    each["lostKernel"] = as_double(cpus[cpu].lost_kernel);
    out[out.Length()] = each;
  }
  return out;
}

Napi::Value counters_value(Napi::Env env, const Counters& c) {
  Napi::Object out = Napi::Object::New(env);
  out["matchedPackets"] = as_double(c.matched_packets);
  out["matchedBytes"] = as_double(c.matched_bytes);
  out["capturedPackets"] = as_double(c.captured_packets);
  out["capturedBytes"] = as_double(c.captured_bytes);
  out["lostKernel"] = as_double(c.lost_kernel);
  out["lostPipe"] = as_double(c.lost_pipe);
  out["lostStore"] = 0;
  out["filteredPackets"] = as_double(c.filtered_packets);
  out["skippedPackets"] = as_double(c.skipped_packets);
  out["lostInterface"] = as_double(c.lost_interface);
  out["interfaces"] = slots_value(env, c.slots);
  out["cpus"] = cpus_value(env, c.cpus);
  return out;
}

Napi::Value bytes_value(Napi::Env env, const std::vector<uint8_t>& bytes) {
  Napi::Uint8Array out = Napi::Uint8Array::New(env, bytes.size());
  if (!bytes.empty()) std::memcpy(out.Data(), bytes.data(), bytes.size());
  return out;
}

class CaptureJs : public Napi::ObjectWrap<CaptureJs> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Capture",
                       {InstanceAccessor<&CaptureJs::attachments>("attachments"), InstanceAccessor<&CaptureJs::started>("startedNs"),
                        InstanceAccessor<&CaptureJs::buffer_used>("bufferUsed"), InstanceMethod("counters", &CaptureJs::counters),
                        InstanceMethod("grantCredit", &CaptureJs::grant_credit), InstanceMethod("setFilter", &CaptureJs::set_filter),
                        InstanceMethod("onNotice", &CaptureJs::on_notice), InstanceMethod("readFlows", &CaptureJs::read_flows),
                        InstanceMethod("readStats", &CaptureJs::read_stats), InstanceMethod("clockNs", &CaptureJs::clock_ns),
                        InstanceMethod("onFailure", &CaptureJs::on_failure), InstanceMethod("stop", &CaptureJs::stop),
                        InstanceMethod("close", &CaptureJs::close)});
  }

  explicit CaptureJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    CaptureConfig config = read_config(info.Env(), info[0]);
    guarded(info.Env(), [&] { capture_ = std::make_unique<Capture>(std::move(config)); });
  }

 private:
  Capture& open(Napi::Env env) {
    if (!capture_) throw to_js_error(env, Failure("CLOSED", "use the capture", "it is closed"));
    return *capture_;
  }

  Napi::Value attachments(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    Capture& capture = open(env);
    const auto& reports = capture.attachments();
    Napi::Array out = Napi::Array::New(env, reports.size());
    for (uint32_t i = 0; i < reports.size(); i++) out[i] = report_value(env, reports[i], capture.targets()[reports[i].target]);
    return out;
  }

  static Napi::Object report_value(Napi::Env env, const AttachmentReport& report, const Target& target) {
    Napi::Object each = Napi::Object::New(env);
    each["target"] = report.target;
    each["interfaceId"] = report.slot;
    each["ifname"] = target.ifname;
    if (target.netns) each["netns"] = *target.netns;
    each["hook"] = kHookNames[static_cast<int>(target.hook)];
    each["ifindex"] = target.ifindex;
    each["linkType"] = target.link_type;
    each["via"] = report.via;
    if (!report.mode.empty()) each["actualMode"] = report.mode;
    each["programId"] = report.program_id;
    if (!report.note.empty()) each["note"] = report.note;
    if (report.observed_id != 0) {
      Napi::Object observed = Napi::Object::New(env);
      observed["programId"] = report.observed_id;
      observed["name"] = report.observed_name;
      observed["side"] = report.after ? "after" : "before";
      each["observed"] = observed;
    }
    return each;
  }

  Napi::Value started(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), std::to_string(open(info.Env()).started_ns())); }
  Napi::Value buffer_used(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), kBuffers[static_cast<size_t>(open(info.Env()).way())]); }
  Napi::Value counters(const Napi::CallbackInfo& info) { return counters_value(info.Env(), open(info.Env()).counters()); }
  Napi::Value clock_ns(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), std::to_string(open(info.Env()).clock_ns())); }

  Napi::Value grant_credit(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    const double bytes = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (!(bytes >= 0 && bytes <= 9e15)) throw Napi::RangeError::New(info.Env(), "grantCredit needs a number of bytes");
    capture.grant(static_cast<int64_t>(bytes));
    return info.Env().Undefined();
  }

  Napi::Value set_filter(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    const std::optional<CaptureFilter> filter = read_filter(info.Env(), info[0]);
    return guarded(info.Env(), [&] {
      capture.set_filter(filter ? &*filter : nullptr);
      return info.Env().Undefined();
    });
  }

  Napi::Value on_notice(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    if (!info[0].IsFunction()) throw Napi::TypeError::New(info.Env(), "onNotice needs a function");
    auto callback = std::make_shared<TextCallback>(info.Env(), info[0].As<Napi::Function>(), "xdpeek-capture-notice");
    capture.on_notice([callback](const std::string& text) { callback->call(text); });
    return info.Env().Undefined();
  }

  Napi::Value read_flows(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    return guarded(info.Env(), [&] { return bytes_value(info.Env(), capture.read_flows()); });
  }
  Napi::Value read_stats(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    return guarded(info.Env(), [&] { return bytes_value(info.Env(), capture.read_stats()); });
  }

  Napi::Value on_failure(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    if (!info[0].IsFunction()) throw Napi::TypeError::New(info.Env(), "onFailure needs a function");
    auto callback = std::make_shared<OnceCallback>(info.Env(), info[0].As<Napi::Function>(), "xdpeek-capture-failure");
    capture.on_failure([callback](const Failure& failure) {
      callback->call([failure](Napi::Env env) -> Napi::Value { return to_js_error(env, failure).Value(); });
    });
    return info.Env().Undefined();
  }

  Napi::Value stop(const Napi::CallbackInfo& info) {
    Capture& capture = open(info.Env());
    return guarded(info.Env(), [&] { return counters_value(info.Env(), capture.stop()); });
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    capture_.reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<Capture> capture_;
};

Napi::Value clean_stale(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) throw Napi::TypeError::New(env, "cleanStale needs a folder");
  return guarded(env, [&] {
    const std::vector<std::string> lines = clean_stale_clsact(info[0].As<Napi::String>());
    Napi::Array out = Napi::Array::New(env, lines.size());
    for (uint32_t i = 0; i < lines.size(); i++) out[i] = lines[i];
    return out;
  });
}

}  // namespace

void register_capture(Napi::Env env, Napi::Object exports) {
  exports["FrameWriter"] = FrameWriterJs::define(env);
  exports["Capture"] = CaptureJs::define(env);
  exports["cleanStale"] = Napi::Function::New(env, clean_stale, "cleanStale");
}

}  // namespace xdpeek
