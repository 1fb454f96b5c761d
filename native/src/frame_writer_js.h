// class FrameWriter of native/index.d.ts.
#pragma once
#include <napi.h>

#include <memory>

#include "frame_writer.h"
#include "once_callback.h"

namespace xdpeek {

class FrameWriterJs : public Napi::ObjectWrap<FrameWriterJs> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit FrameWriterJs(const Napi::CallbackInfo& info);
  ~FrameWriterJs() override;

  /// For a Capture: shares ownership of the native writer. Throws if `value` is no open FrameWriter.
  static std::shared_ptr<FrameWriter> unwrap(Napi::Env env, Napi::Value value);

 private:
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value on_error(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  FrameWriter& writer(Napi::Env env);

  std::shared_ptr<FrameWriter> writer_;
  std::shared_ptr<OnceCallback> error_callback_;
};

}  // namespace xdpeek
