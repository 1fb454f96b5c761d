// A JavaScript function that some other thread calls, at most once.
#pragma once
#include <napi.h>

#include <atomic>
#include <functional>
#include <memory>

namespace xdpeek {

class OnceCallback {
 public:
  /// `keep_alive`: somebody awaits the call, so the process must not end before it.
  OnceCallback(Napi::Env env, Napi::Function function, const char* name, bool keep_alive = false)
      : function_(Napi::ThreadSafeFunction::New(env, function, name, 0, 1)) {
    if (!keep_alive) function_.Unref(env);
  }
  OnceCallback(const OnceCallback&) = delete;
  ~OnceCallback() {
    if (!used_.exchange(true)) function_.Release();
  }
  /// `make` runs on the JavaScript thread and gives the arguments' only value.
  void call(std::function<Napi::Value(Napi::Env)> make) {
    if (used_.exchange(true)) return;
    auto* kept = new std::function<Napi::Value(Napi::Env)>(std::move(make));
    const napi_status status = function_.NonBlockingCall(kept, [](Napi::Env env, Napi::Function callback, std::function<Napi::Value(Napi::Env)>* make) {
      std::unique_ptr<std::function<Napi::Value(Napi::Env)>> owned(make);
      if (env != nullptr) callback.Call({(*owned)(env)});
    });
    if (status != napi_ok) delete kept;
    function_.Release();
  }

 private:
  Napi::ThreadSafeFunction function_;
  std::atomic<bool> used_{false};
};

}  // namespace xdpeek
