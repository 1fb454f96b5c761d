// The addon's table of contents: each part registers its own exports.
#include <napi.h>

namespace xdpeek {
void register_version(Napi::Env env, Napi::Object exports);
void register_interfaces(Napi::Env env, Napi::Object exports);
void register_probe(Napi::Env env, Napi::Object exports);
void register_inject(Napi::Env env, Napi::Object exports);
void register_capture(Napi::Env env, Napi::Object exports);
void register_filter(Napi::Env env, Napi::Object exports);
void register_kernel_objects(Napi::Env env, Napi::Object exports);
void register_kernel_maps(Napi::Env env, Napi::Object exports);
void register_xsk_echo(Napi::Env env, Napi::Object exports);
void register_monitor(Napi::Env env, Napi::Object exports);
void register_trace_pipe(Napi::Env env, Napi::Object exports);
void register_program_attachment(Napi::Env env, Napi::Object exports);
void register_user_object(Napi::Env env, Napi::Object exports);
void register_confinement(Napi::Env env, Napi::Object exports);
}

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  xdpeek::register_version(env, exports);
  xdpeek::register_interfaces(env, exports);
  xdpeek::register_probe(env, exports);
  xdpeek::register_inject(env, exports);
  xdpeek::register_capture(env, exports);
  xdpeek::register_filter(env, exports);
  xdpeek::register_kernel_objects(env, exports);
  xdpeek::register_kernel_maps(env, exports);
  xdpeek::register_xsk_echo(env, exports);
  xdpeek::register_monitor(env, exports);
  xdpeek::register_trace_pipe(env, exports);
  xdpeek::register_program_attachment(env, exports);
  xdpeek::register_user_object(env, exports);
  xdpeek::register_confinement(env, exports);
  return exports;
}

NODE_API_MODULE(xdpeek, init)
