// Filters as JavaScript hands them over: CompiledFilter of electron/shared/capture.ts.
#pragma once
#include <napi.h>

#include <optional>
#include <vector>

#include "capture_config.h"

namespace xdpeek {

/// Four numbers an instruction: code, jt, jf, k. What they mean is checked by validate_filter.
std::vector<ClassicInstruction> read_classic(Napi::Env env, Napi::Value value);
/// undefined = no filter.
std::optional<CaptureFilter> read_filter(Napi::Env env, Napi::Value value);

}  // namespace xdpeek
