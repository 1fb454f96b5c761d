// Words for failures, and their JavaScript shape.
#include "errors.h"

#include <cstring>

namespace xdpeek {

std::string errno_name(int error_number) {
  const char* name = strerrorname_np(error_number);
  return name ? std::string(name) : std::string("E").append(std::to_string(error_number));
}

Failure::Failure(int error_number, std::string tried, std::string hint)
    : std::runtime_error("cannot " + tried + ": " + std::strerror(error_number)),
      code_(errno_name(error_number)),
      error_number_(error_number),
      tried_(std::move(tried)),
      hint_(std::move(hint)) {}

Failure::Failure(std::string code, std::string tried, const std::string& reason, std::string hint)
    : std::runtime_error("cannot " + tried + ": " + reason),
      code_(std::move(code)),
      tried_(std::move(tried)),
      hint_(std::move(hint)) {}

Napi::Error to_js_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.what());
  Napi::Object value = error.Value();
  value.Set("code", failure.code());
  if (failure.error_number() != 0) value.Set("errno", failure.error_number());
  if (!failure.tried().empty()) value.Set("tried", failure.tried());
  if (!failure.hint().empty()) value.Set("hint", failure.hint());
  if (!failure.log().empty()) value.Set("log", failure.log());
  return error;
}

}  // namespace xdpeek
