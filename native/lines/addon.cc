// The unprivileged addon of `xdpeek read` (xdpeek-lines.node): lines of packets that need no dissection, written on a thread of its own. Declared in index.d.ts
// beside this file.
#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "line_thread.h"

namespace {

using lines::Job;
using lines::LineThread;
using lines::Piece;

constexpr size_t kPorts = 1 << 16;

template <class Array>
Array array(Napi::Value value, napi_typedarray_type type) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) throw Napi::TypeError::New(value.Env(), "typed arrays of other kinds are needed");
  return value.As<Array>();
}

std::vector<uint8_t> ports(Napi::Value value) {
  const auto table = array<Napi::Uint8Array>(value, napi_uint8_array);
  if (table.ElementLength() != kPorts) throw Napi::RangeError::New(value.Env(), "a table of ports has 65536 bytes");
  return {table.Data(), table.Data() + kPorts};
}

class Lines final : public Napi::ObjectWrap<Lines> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "LineWriter",
                       {InstanceMethod<&Lines::write>("write"), InstanceMethod<&Lines::hand_over>("handOver"), InstanceMethod<&Lines::close>("close")});
  }

  explicit Lines(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Napi::Env env = info.Env();
    if (!info[2].IsArray()) throw Napi::TypeError::New(env, "LineWriter needs (tcpPorts, udpPorts, marks)");
    lines::Options options{ports(info[0]), ports(info[1]), {}};
    const Napi::Array marks = info[2].As<Napi::Array>();
    for (uint32_t i = 0; i < marks.Length(); i++) options.marks.push_back(marks.Get(i).ToString());
    thread_ = std::make_unique<LineThread>(env, std::move(options));
  }

 private:
  Napi::Value write(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    if (!info[0].IsObject()) throw Napi::TypeError::New(env, "write needs (piece, text, ends)");
    if (thread_->is_closed()) throw Napi::Error::New(env, "it is closed");
    const Napi::Object piece = info[0].As<Napi::Object>();
    const auto bytes = array<Napi::Uint8Array>(piece.Get("bytes"), napi_uint8_array);
    const auto rows = array<Napi::Float64Array>(piece.Get("rows"), napi_float64_array);
    auto shards = array<Napi::Uint8Array>(piece.Get("shards"), napi_uint8_array);
    auto text = array<Napi::Uint8Array>(info[1], napi_uint8_array);
    auto ends = array<Napi::Uint32Array>(info[2], napi_uint32_array);
    const auto number = [&](const char* name) { return static_cast<uint64_t>(piece.Get(name).ToNumber().Int64Value()); };
    const uint64_t packets = number("packets");
    if (rows.ElementLength() / Piece::kStride < packets || shards.ElementLength() < packets || ends.ElementLength() < packets)
      throw Napi::RangeError::New(env, "there are fewer rows than packets");
    const Piece told{bytes.Data(), bytes.ElementLength(), number("offset"), rows.Data(), shards.Data(), static_cast<uint32_t>(packets), static_cast<uint32_t>(number("before")),
                     static_cast<lines::LinkType>(number("linkType"))};
    auto job = std::make_unique<Job>(env, told, lines::TextBuffer(text.Data(), text.ElementLength()), ends.Data());
    for (const Napi::Object& each : std::initializer_list<Napi::Object>{bytes, rows, shards, text, ends}) job->memory.push_back(Napi::Persistent(each));
    const Napi::Promise promise = job->deferred.Promise();
    thread_->add(std::move(job));
    return promise;
  }

  Napi::Value hand_over(const Napi::CallbackInfo& info) {
    if (thread_->is_busy()) throw Napi::Error::New(info.Env(), "pieces are under way");
    lines::LineWriter& writer = thread_->writer();
    writer.hand_over();
    const Napi::Value told = writer.is_lost() ? info.Env().Undefined() : lines::past_packets(info.Env(), writer.past());
    writer.past().clear();
    return told;
  }

  void close(const Napi::CallbackInfo& info) { thread_->close(info.Env()); }

  std::unique_ptr<LineThread> thread_;
};

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports["LineWriter"] = Lines::define(env);
  return exports;
}

}  // namespace

NODE_API_MODULE(xdpeek_lines, init)
