// Failures as people and programs need them: errno, what was tried, a hint in words. Thrown as C++ exceptions on any
// thread, turned into JavaScript errors (electron/shared/errors.ts) at the edge only.
#pragma once
#include <napi.h>

#include <cerrno>
#include <stdexcept>
#include <string>

namespace xdpeek {

class Failure : public std::runtime_error {
 public:
  /// The system refused: message "cannot <tried>: <strerror>", code = errno's name ("EBUSY").
  Failure(int error_number, std::string tried, std::string hint = {});
  /// We refused: `reason` in words, code one of ours or an errno name that fits.
  Failure(std::string code, std::string tried, const std::string& reason, std::string hint = {});

  const std::string& code() const { return code_; }
  int error_number() const { return error_number_; }
  const std::string& tried() const { return tried_; }
  const std::string& hint() const { return hint_; }
  /// Everything that the verifier and libbpf said, where that is what people need.
  const std::string& log() const { return log_; }
  void set_log(std::string log) { log_ = std::move(log); }

 private:
  std::string code_;
  int error_number_ = 0;
  std::string tried_;
  std::string hint_;
  std::string log_;
};

/// "EBUSY" for EBUSY; "E123" for numbers without a name.
std::string errno_name(int error_number);

/// Error with { code, errno, tried, hint, log }; values that are empty are left out.
Napi::Error to_js_error(Napi::Env env, const Failure& failure);

/// Runs `body` on the JavaScript thread; anything C++ that it throws leaves as a JavaScript error.
template <class Body>
auto guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Failure& failure) {
    throw to_js_error(env, failure);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace xdpeek
