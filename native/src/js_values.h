// Values across the edge: what a JavaScript argument must be, and C++ values as JavaScript has them. Wrong types throw TypeError, naming the member.
#pragma once
#include <napi.h>

#include <cstring>
#include <string>
#include <vector>

namespace xdpeek::js {

inline Napi::Object object(Napi::Env env, Napi::Value value, const char* what) {
  if (!value.IsObject()) throw Napi::TypeError::New(env, std::string(what) + " must be an object");
  return value.As<Napi::Object>();
}

inline std::string text(Napi::Object from, const char* name) {
  Napi::Value value = from.Get(name);
  if (!value.IsString()) throw Napi::TypeError::New(from.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>();
}

inline std::string optional_text(Napi::Object from, const char* name) { return from.Get(name).IsString() ? text(from, name) : std::string(); }

inline double number(Napi::Object from, const char* name, double least, double most) {
  Napi::Value value = from.Get(name);
  const double n = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : least - 1;
  if (!(n >= least && n <= most)) throw Napi::RangeError::New(from.Env(), std::string(name) + " is out of range");
  return n;
}

inline uint32_t u32(Napi::Object from, const char* name) { return static_cast<uint32_t>(number(from, name, 0, UINT32_MAX)); }

inline uint32_t id_argument(const Napi::CallbackInfo& info, size_t at) {
  const double n = info[at].IsNumber() ? info[at].As<Napi::Number>().DoubleValue() : 0;
  if (!(n >= 1 && n <= UINT32_MAX)) throw Napi::RangeError::New(info.Env(), "an id is a number from 1");
  return static_cast<uint32_t>(n);
}

inline std::vector<uint8_t> bytes(Napi::Env env, Napi::Value value, const char* what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) throw Napi::TypeError::New(env, std::string(what) + " must be a Uint8Array");
  const Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.Data() + array.ByteLength()};
}

inline Napi::Uint8Array bytes(Napi::Env env, const void* data, size_t length) {
  Napi::Uint8Array out = Napi::Uint8Array::New(env, length);
  if (length > 0) std::memcpy(out.Data(), data, length);
  return out;
}

inline Napi::Uint8Array bytes(Napi::Env env, const std::vector<uint8_t>& data) { return bytes(env, data.data(), data.size()); }

/// Exact up to 2^53, as JSON carries it.
inline Napi::Number number(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

template <class List, class Convert>
Napi::Array array(Napi::Env env, const List& list, Convert&& convert) {
  Napi::Array out = Napi::Array::New(env, list.size());
  uint32_t i = 0;
  for (const auto& each : list) out[i++] = convert(each);
  return out;
}

/// Strings of an array member.
inline std::vector<std::string> texts(Napi::Object from, const char* name) {
  if (!from.Get(name).IsArray()) throw Napi::TypeError::New(from.Env(), std::string(name) + " must be an array");
  Napi::Array list = from.Get(name).As<Napi::Array>();
  std::vector<std::string> out;
  for (uint32_t i = 0; i < list.Length(); i++) out.push_back(list.Get(i).ToString());
  return out;
}

/// Objects of an array member.
inline std::vector<Napi::Object> objects(Napi::Object from, const char* name) {
  if (!from.Get(name).IsArray()) throw Napi::TypeError::New(from.Env(), std::string(name) + " must be an array");
  Napi::Array list = from.Get(name).As<Napi::Array>();
  std::vector<Napi::Object> out;
  for (uint32_t i = 0; i < list.Length(); i++) out.push_back(object(from.Env(), list.Get(i), name));
  return out;
}

}  // namespace xdpeek::js
