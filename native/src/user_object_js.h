#pragma once
#include <napi.h>

#include <memory>

#include "user_object.h"

namespace xdpeek {

/// The object behind a WorkbenchObject of JavaScript; shared, so that it outlives a close() during a call.
std::shared_ptr<UserObject> unwrap_user_object(Napi::Env env, Napi::Value value);

}  // namespace xdpeek
