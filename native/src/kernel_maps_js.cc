// mapRead, mapLookup, mapUpdate, mapDelete, mapPop, bufferFill, pin and unpin of native/index.d.ts.
#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>

#include "errors.h"
#include "js_values.h"
#include "kernel_maps.h"
#include "netns.h"
#include "pin_folder.h"

namespace xdpeek {
namespace {

Napi::Value map_read(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0), count = js::id_argument(info, 2);
  const std::vector<uint8_t> cursor = js::bytes(env, info[1], "cursor");
  return guarded(env, [&]() -> Napi::Value {
    const KernelMap map(id);
    const KernelMap::Piece piece = map.read(cursor, count);
    Napi::Object out = Napi::Object::New(env);
    out["keys"] = js::bytes(env, piece.keys);
    out["values"] = js::bytes(env, piece.values);
    out["count"] = piece.count;
    out["valueBytes"] = js::number(env, map.value_bytes());
    out["cursor"] = js::bytes(env, piece.cursor);
    return out;
  });
}

Napi::Value found(Napi::Env env, const std::optional<std::vector<uint8_t>>& value) {
  if (!value) return env.Null();
  return js::bytes(env, *value);
}

Napi::Value map_lookup(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  const std::vector<uint8_t> key = js::bytes(env, info[1], "key");
  return guarded(env, [&]() -> Napi::Value { return found(env, KernelMap(id).lookup(key)); });
}

uint64_t update_flags(Napi::Env env, Napi::Value mode) {
  const std::string word = mode.ToString();
  if (word == "any") return BPF_ANY;
  if (word == "new") return BPF_NOEXIST;
  if (word == "existing") return BPF_EXIST;
  throw Napi::RangeError::New(env, "mode must be any, new or existing");
}

Napi::Value map_update(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  const std::vector<uint8_t> key = js::bytes(env, info[1], "key"), value = js::bytes(env, info[2], "value");
  const uint64_t flags = update_flags(env, info[3]);
  NetnsName netns;
  if (info[4].IsString()) netns = info[4].As<Napi::String>().Utf8Value();
  guarded(env, [&] {
    if (netns) check_netns_name(*netns);
    run_in_netns(netns, [&] { KernelMap(id).update(key, value, flags); });
  });
  return env.Undefined();
}

Napi::Value map_delete(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  const std::vector<uint8_t> key = js::bytes(env, info[1], "key");
  guarded(env, [&] { KernelMap(id).remove(key); });
  return env.Undefined();
}

Napi::Value map_pop(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  return guarded(env, [&]() -> Napi::Value { return found(env, KernelMap(id).pop()); });
}

Napi::Value buffer_fill(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  return guarded(env, [&]() -> Napi::Value {
    const KernelMap::Fill fill = KernelMap(id).fill();
    Napi::Object out = Napi::Object::New(env);
    out["waitingBytes"] = js::number(env, fill.waiting_bytes);
    out["sizeBytes"] = js::number(env, fill.size_bytes);
    return out;
  });
}

KernelKind read_kind(Napi::Env env, Napi::Value value) {
  const std::string word = value.ToString();
  if (word == "program") return KernelKind::kProgram;
  if (word == "map") return KernelKind::kMap;
  if (word == "link") return KernelKind::kLink;
  throw Napi::RangeError::New(env, "kind must be program, map or link");
}

Napi::Value pin(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const KernelKind kind = read_kind(env, info[0]);
  const uint32_t id = js::id_argument(info, 1);
  const std::string name = info[2].ToString();
  return guarded(env, [&]() -> Napi::Value {
    const std::string path = pin_path(name);
    const UniqueFd fd = open_by_id(kind, id);
    if (name.find('/') != std::string::npos) make_pin_folder(name.substr(0, name.find('/')));
    else make_pin_folder("");
    if (bpf_obj_pin(fd.get(), path.c_str()) < 0) throw Failure(errno, "pin as " + path, errno == EEXIST ? "Choose another name, or unpin what has this one." : "");
    return Napi::String::New(env, path);
  });
}

Napi::Value unpin(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::string name = info[0].ToString();
  guarded(env, [&] {
    const std::string path = pin_path(name);
    if (unlink(path.c_str()) < 0) throw Failure(errno, "unpin " + path, errno == ENOENT ? "xdpeek unpins what is in its own folder only: 'xdpeek map pins' lists that." : "");
    tidy_pin_folder(name);
  });
  return env.Undefined();
}

}  // namespace

void register_kernel_maps(Napi::Env env, Napi::Object exports) {
  exports["mapRead"] = Napi::Function::New(env, map_read, "mapRead");
  exports["mapLookup"] = Napi::Function::New(env, map_lookup, "mapLookup");
  exports["mapUpdate"] = Napi::Function::New(env, map_update, "mapUpdate");
  exports["mapDelete"] = Napi::Function::New(env, map_delete, "mapDelete");
  exports["mapPop"] = Napi::Function::New(env, map_pop, "mapPop");
  exports["bufferFill"] = Napi::Function::New(env, buffer_fill, "bufferFill");
  exports["pin"] = Napi::Function::New(env, pin, "pin");
  exports["unpin"] = Napi::Function::New(env, unpin, "unpin");
}

}  // namespace xdpeek
