// A JavaScript function that some other thread calls with a text, any number of times. Does not keep the process alive.
#pragma once
#include <napi.h>

#include <memory>
#include <string>

namespace xdpeek {

class TextCallback {
 public:
  TextCallback(Napi::Env env, Napi::Function function, const char* name) : function_(Napi::ThreadSafeFunction::New(env, function, name, 64, 1)) { function_.Unref(env); }
  TextCallback(const TextCallback&) = delete;
  ~TextCallback() { function_.Release(); }

  /// What does not fit the queue of 64 is left out.
  void call(const std::string& text) {
    auto kept = std::make_unique<std::string>(text);
    const napi_status status = function_.NonBlockingCall(kept.get(), [](Napi::Env env, Napi::Function callback, std::string* text) {
      const std::unique_ptr<std::string> owned(text);
      if (env != nullptr) callback.Call({Napi::String::New(env, *owned)});
    });
    if (status == napi_ok) kept.release();
  }

 private:
  Napi::ThreadSafeFunction function_;
};

}  // namespace xdpeek
