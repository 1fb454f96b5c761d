// class ProgramAttachment, detachFrom, linkDetach and programRun of native/index.d.ts.
#include "program_attachment.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>

#include "errors.h"
#include "js_values.h"
#include "kernel_objects.h"
#include "user_object_js.h"

namespace xdpeek {
namespace {

template <size_t N>
size_t choice(Napi::Env env, const char* what, const std::string& word, const char* const (&words)[N]) {
  for (size_t i = 0; i < N; i++)
    if (word == words[i]) return i;
  throw Napi::RangeError::New(env, std::string(what) + " cannot be " + word);
}

constexpr const char* kKinds[] = {"interface", "tracepoint", "kprobe", "socket", "object", "udp"};
constexpr const char* kModes[] = {"auto", "native", "generic", "offload"};
constexpr const char* kOrders[] = {"", "first", "last"};

void read_target(Napi::Env env, Napi::Object from, AttachWish& wish) {
  wish.kind = static_cast<AttachWish::Kind>(choice(env, "kind", js::text(from, "kind"), kKinds));
  if (wish.kind == AttachWish::Kind::kInterface || wish.kind == AttachWish::Kind::kSocket) {
    wish.target.ifname = js::text(from, "ifname");
    if (from.Get("netns").IsString()) wish.target.netns = js::text(from, "netns");
  }
  if (wish.kind == AttachWish::Kind::kInterface) {
    wish.target.hook = static_cast<Hook>(choice(env, "hook", js::text(from, "hook"), kHookNames));
    if (from.Get("mode").IsString()) wish.target.mode = static_cast<XdpMode>(choice(env, "mode", js::text(from, "mode"), kModes));
    wish.target.order = static_cast<TcxOrder>(choice(env, "order", js::optional_text(from, "order"), kOrders));
  }
  if (wish.kind == AttachWish::Kind::kUdp) {
    wish.port = static_cast<uint16_t>(js::u32(from, "port"));
    if (from.Get("netns").IsString()) wish.target.netns = js::text(from, "netns");
  }
  if (wish.kind == AttachWish::Kind::kTracepoint) wish.name = js::text(from, "name");
  if (wish.kind == AttachWish::Kind::kKprobe) wish.name = js::text(from, "function");
  wish.raw = from.Get("raw").ToBoolean();
  wish.at_return = from.Get("atReturn").ToBoolean();
}

AttachWish read_wish(Napi::Env env, Napi::Value value) {
  const Napi::Object from = js::object(env, value, "request");
  AttachWish wish;
  wish.program_id = js::u32(from, "programId");
  read_target(env, js::object(env, from.Get("target"), "target"), wish);
  if (from.Get("replace").IsObject()) {
    wish.replace = true;
    wish.expected_id = js::u32(from.Get("replace").As<Napi::Object>(), "expectedId");
  }
  wish.pin = js::optional_text(from, "pin");
  return wish;
}

class ProgramAttachmentJs : public Napi::ObjectWrap<ProgramAttachmentJs> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "ProgramAttachment",
                       {InstanceAccessor<&ProgramAttachmentJs::info>("info"), InstanceMethod("lostBecause", &ProgramAttachmentJs::lost_because), InstanceMethod("close", &ProgramAttachmentJs::close)});
  }

  explicit ProgramAttachmentJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Napi::Env env = info.Env();
    AttachWish wish = read_wish(env, info[0]);
    target_ = Napi::Persistent(info[0].As<Napi::Object>().Get("target").As<Napi::Object>());
    std::vector<std::shared_ptr<UserObject>> objects;
    if (info[1].IsArray())
      for (uint32_t i = 0; i < info[1].As<Napi::Array>().Length(); i++) objects.push_back(unwrap_user_object(env, info[1].As<Napi::Array>().Get(i)));
    guarded(env, [&] { attachment_ = std::make_unique<ProgramAttachment>(std::move(wish), objects); });
  }

 private:
  const ProgramAttachment& open(Napi::Env env) const {
    if (!attachment_) throw to_js_error(env, Failure("CLOSED", "use the attachment", "it is closed"));
    return *attachment_;
  }

  Napi::Value info(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const ProgramAttachment& each = open(env);
    Napi::Object out = Napi::Object::New(env);
    out["programId"] = each.wish().program_id;
    out["target"] = target_.Value();
    out["linkId"] = each.link_id();
    out["via"] = each.via();
    if (!each.actual_mode().empty()) out["actualMode"] = each.actual_mode();
    if (!each.note().empty()) out["note"] = each.note();
    if (each.replaced_id() != 0) out["replacedId"] = each.replaced_id();
    if (!each.pin_path_used().empty()) out["pin"] = each.pin_path_used();
    return out;
  }

  Napi::Value lost_because(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), attachment_ ? attachment_->lost_because() : ""); }
  void close(const Napi::CallbackInfo&) { attachment_.reset(); }

  std::unique_ptr<ProgramAttachment> attachment_;
  Napi::ObjectReference target_;
};

Napi::Value detach_from_js(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  AttachWish wish;
  read_target(env, js::object(env, info[0], "target"), wish);
  const uint32_t expected = js::id_argument(info, 1);
  guarded(env, [&] { detach_from(std::move(wish), expected); });
  return env.Undefined();
}

Napi::Value link_detach_js(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t link = js::id_argument(info, 0), expected = js::id_argument(info, 1);
  guarded(env, [&] { detach_link(link, expected); });
  return env.Undefined();
}

/// Test runs of many repeats take long: on a thread of the pool.
class RunWorker : public Napi::AsyncWorker {
 public:
  RunWorker(Napi::Env env, Napi::Object from)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        id_(js::u32(from, "id")),
        data_(js::bytes(env, from.Get("data"), "data")),
        repeat_(static_cast<int>(js::number(from, "repeat", 1, INT32_MAX))) {
    if (from.Get("ifindex").IsNumber()) ifindex_ = js::u32(from, "ifindex");
    if (from.Get("queue").IsNumber()) queue_ = js::u32(from, "queue");
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      run();
    } catch (const Failure& failure) {
      failure_ = std::make_unique<Failure>(failure);
    }
  }

  void OnOK() override {
    Napi::Env env = Env();
    if (failure_) return deferred_.Reject(to_js_error(env, *failure_).Value());
    Napi::Object out = Napi::Object::New(env);
    out["verdict"] = js::number(env, retval_);
    out["durationNs"] = js::number(env, duration_ns_);
    out["data"] = js::bytes(env, out_);
    out["thread"] = thread_;
    deferred_.Resolve(out);
  }

 private:
  void run() {
    const UniqueFd program = open_by_id(KernelKind::kProgram, id_);
    bpf_prog_info info{};
    uint32_t length = sizeof info;
    bpf_prog_get_info_by_fd(program.get(), &info, &length);
    const bool xdp = info.type == BPF_PROG_TYPE_XDP;
    // Room for what a program may put in front (XDP headroom) or behind.
    out_.resize(data_.size() + 4096);
    xdp_md context{};
    context.data_end = static_cast<uint32_t>(data_.size());
    context.ingress_ifindex = ifindex_;
    context.rx_queue_index = queue_;
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.data_in = data_.data();
    options.data_size_in = static_cast<uint32_t>(data_.size());
    options.data_out = out_.data();
    options.data_size_out = static_cast<uint32_t>(out_.size());
    options.repeat = repeat_;
    if (xdp && ifindex_ != 0) {
      options.ctx_in = &context;
      options.ctx_size_in = sizeof context;
    }
    const std::string tried = "run program " + std::to_string(id_) + " on a packet of " + std::to_string(data_.size()) + " bytes";
    if (bpf_prog_test_run_opts(program.get(), &options) < 0) {
      const int error = errno;
      if (error == EINVAL && data_.size() < 14) throw Failure("EINVAL", tried, "the kernel takes no packet under 14 bytes", "Give it at least an Ethernet header.");
      if (error == EINVAL && data_.size() > 3520) throw Failure("EINVAL", tried, "the packet is too long for a test run of this program", "Programs for several buffers (xdp.frags) take longer ones.");
      if (error == 524 || error == EOPNOTSUPP) throw Failure("EOPNOTSUPP", tried, "programs of this type cannot be run on bytes", "XDP, tc and socket filter programs can.");
      throw Failure(error, tried, error == ENODEV ? "There is no interface with this index here." : "");
    }
    thread_ = static_cast<uint32_t>(gettid());
    retval_ = options.retval;
    duration_ns_ = options.duration;
    out_.resize(options.data_size_out);
  }

  Napi::Promise::Deferred deferred_;
  uint32_t id_;
  std::vector<uint8_t> data_, out_;
  int repeat_;
  uint32_t ifindex_ = 0, queue_ = 0, retval_ = 0, duration_ns_ = 0, thread_ = 0;
  std::unique_ptr<Failure> failure_;
};

Napi::Value program_run(const Napi::CallbackInfo& info) {
  auto* worker = new RunWorker(info.Env(), js::object(info.Env(), info[0], "options"));
  Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

}  // namespace

void register_program_attachment(Napi::Env env, Napi::Object exports) {
  exports["ProgramAttachment"] = ProgramAttachmentJs::define(env);
  exports["detachFrom"] = Napi::Function::New(env, detach_from_js, "detachFrom");
  exports["linkDetach"] = Napi::Function::New(env, link_detach_js, "linkDetach");
  exports["programRun"] = Napi::Function::New(env, program_run, "programRun");
}

}  // namespace xdpeek
