// JavaScript's side of the frame writer: validation and promises; no policy.
#include "frame_writer_js.h"

#include <cstring>

#include "errors.h"

namespace xdpeek {
namespace {

constexpr napi_type_tag kTag = {0x9d1c36f2a7b84e01, 0x5e2f7a90c4d31b66};

Failure write_failure(int error) {
  return Failure(error, "write to the session", error == EPIPE ? "The session has gone." : "");
}

}  // namespace

Napi::Function FrameWriterJs::define(Napi::Env env) {
  return DefineClass(env, "FrameWriter",
                     {InstanceMethod("write", &FrameWriterJs::write), InstanceMethod("onError", &FrameWriterJs::on_error),
                      InstanceMethod("flush", &FrameWriterJs::flush), InstanceMethod("close", &FrameWriterJs::close)});
}

FrameWriterJs::FrameWriterJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  Napi::Env env = info.Env();
  info.This().As<Napi::Object>().TypeTag(&kTag);
  if (!info[0].IsObject()) throw Napi::TypeError::New(env, "FrameWriter needs { fd, queueBytes }");
  Napi::Object options = info[0].As<Napi::Object>();
  if (!options.Get("fd").IsNumber() || !options.Get("queueBytes").IsNumber()) throw Napi::TypeError::New(env, "FrameWriter needs numbers fd and queueBytes");
  const int fd = options.Get("fd").As<Napi::Number>().Int32Value();
  const int64_t queue = options.Get("queueBytes").As<Napi::Number>().Int64Value();
  if (fd < 0 || queue < 4096) throw Napi::RangeError::New(env, "FrameWriter: fd must be >= 0 and queueBytes >= 4096");
  guarded(env, [&] { writer_ = std::make_shared<FrameWriter>(fd, static_cast<size_t>(queue)); });
}

FrameWriterJs::~FrameWriterJs() {
  if (writer_) writer_->close(0);
}

FrameWriter& FrameWriterJs::writer(Napi::Env env) {
  if (!writer_) throw to_js_error(env, Failure("CLOSED", "use the frame writer", "it is closed"));
  return *writer_;
}

std::shared_ptr<FrameWriter> FrameWriterJs::unwrap(Napi::Env env, Napi::Value value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) throw Napi::TypeError::New(env, "writer must be a FrameWriter");
  FrameWriterJs* self = Unwrap(value.As<Napi::Object>());
  self->writer(env);
  return self->writer_;
}

Napi::Value FrameWriterJs::write(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  FrameWriter& out = writer(env);
  if (!info[0].IsNumber() || !info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(env, "write needs (type: number, payload: Uint8Array)");
  const uint32_t type = info[0].As<Napi::Number>().Uint32Value();
  if (type < kFrameControl || type > kFrameStats) throw Napi::RangeError::New(env, "unknown frame type");
  Napi::Uint8Array payload = info[1].As<Napi::Uint8Array>();
  FrameBytes frame(kFrameHeaderBytes + payload.ByteLength());
  if (payload.ByteLength() > 0) std::memcpy(frame.data() + kFrameHeaderBytes, payload.Data(), payload.ByteLength());
  seal_frame(frame, static_cast<uint8_t>(type));
  if (!out.push(std::move(frame))) throw to_js_error(env, out.failure() ? write_failure(out.failure()) : Failure(ENOBUFS, "queue a frame for the session"));
  return env.Undefined();
}

Napi::Value FrameWriterJs::on_error(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  FrameWriter& out = writer(env);
  if (!info[0].IsFunction()) throw Napi::TypeError::New(env, "onError needs a function");
  error_callback_ = std::make_shared<OnceCallback>(env, info[0].As<Napi::Function>(), "xdpeek-writer-error");
  auto report = [callback = error_callback_](int error) {
    callback->call([error](Napi::Env env) -> Napi::Value { return to_js_error(env, write_failure(error)).Value(); });
  };
  out.on_failure(report);
  if (out.failure()) report(out.failure());
  return env.Undefined();
}

Napi::Value FrameWriterJs::flush(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto deferred = std::make_shared<Napi::Promise::Deferred>(Napi::Promise::Deferred::New(env));
  Napi::Promise promise = deferred->Promise();
  auto resolve = Napi::Function::New(env, [deferred](const Napi::CallbackInfo& call) {
    deferred->Resolve(call.Env().Undefined());
  });
  auto callback = std::make_shared<OnceCallback>(env, resolve, "xdpeek-writer-flush", true);
  writer(env).when_flushed([callback] { callback->call([](Napi::Env env) -> Napi::Value { return env.Undefined(); }); });
  return promise;
}

Napi::Value FrameWriterJs::close(const Napi::CallbackInfo& info) {
  if (writer_) writer_->close();
  writer_.reset();
  return info.Env().Undefined();
}

}  // namespace xdpeek
