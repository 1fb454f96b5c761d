// indexBlocks of native/index.d.ts: one pass over enhanced packet blocks, filling the column arrays that JavaScript owns. Pure: reads
// `bytes`, writes the columns, touches nothing else; a block that does not fit its own lengths ends the walk.
#include <napi.h>

#include <algorithm>
#include <cstring>

namespace xdpeek {
namespace {

constexpr uint32_t kEnhancedPacket = 6;
constexpr uint8_t kNoVerdict = 255;

template <class T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class Array>
Array column(Napi::Object columns, const char* name, napi_typedarray_type type) {
  Napi::Value value = columns.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) throw Napi::TypeError::New(columns.Env(), std::string("columns.") + name + " has the wrong type");
  return value.As<Array>();
}

/// tc answers that mean the same as an XDP action share its number (electron/packets/pcap/verdict.ts).
uint8_t verdict_of(uint8_t kind, int64_t value) {
  if (kind == 2) return value >= 0 && value < 5 ? static_cast<uint8_t>(value) : kNoVerdict;
  if (kind != 1) return kNoVerdict;
  switch (value) {
    case 2: return 1;
    case 7: return 4;
    case 4: case 5: case 8: return kNoVerdict;
    default: return 2;
  }
}

struct Options {
  uint8_t verdict = kNoVerdict, direction = 0;
};

Options read_options(const uint8_t* at, const uint8_t* end) {
  Options found;
  while (end - at >= 4) {
    const uint16_t code = load<uint16_t>(at), length = load<uint16_t>(at + 2);
    const uint8_t* value = at + 4;
    if (code == 0 || end - value < length) break;
    if (code == 2 && length == 4) found.direction = load<uint32_t>(value) & 3;
    else if (code == 7 && length >= 9) found.verdict = verdict_of(value[0], load<int64_t>(value + 1));
    at = value + ((length + 3) & ~3);
  }
  return found;
}

Napi::Value index_blocks(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || !info[1].IsBigInt() || !info[2].IsObject()) throw Napi::TypeError::New(env, "indexBlocks needs (bytes, baseNs, columns)");
  Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
  bool lossless = false;
  const uint64_t base = info[1].As<Napi::BigInt>().Uint64Value(&lossless);
  Napi::Object columns = info[2].As<Napi::Object>();
  auto offset = column<Napi::Float64Array>(columns, "offset", napi_float64_array);
  auto cap_len = column<Napi::Uint32Array>(columns, "capLen", napi_uint32_array);
  auto wire_len = column<Napi::Uint32Array>(columns, "wireLen", napi_uint32_array);
  auto interface_id = column<Napi::Uint8Array>(columns, "interfaceId", napi_uint8_array);
  auto time_ns = column<Napi::Float64Array>(columns, "timeNs", napi_float64_array);
  auto verdict = column<Napi::Uint8Array>(columns, "verdict", napi_uint8_array);
  auto direction = column<Napi::Uint8Array>(columns, "direction", napi_uint8_array);
  const size_t capacity = std::min({offset.ElementLength(), cap_len.ElementLength(), wire_len.ElementLength(), interface_id.ElementLength(), time_ns.ElementLength(), verdict.ElementLength(), direction.ElementLength()});

  const uint8_t* data = bytes.Data();
  const size_t size = bytes.ByteLength();
  size_t at = 0, n = 0;
  while (n < capacity && size - at >= 12) {
    const uint32_t type = load<uint32_t>(data + at), length = load<uint32_t>(data + at + 4);
    if (length < 12 || length % 4 != 0 || length > size - at) break;
    if (type == kEnhancedPacket && length >= 32) {
      const uint8_t* block = data + at;
      const uint32_t captured = load<uint32_t>(block + 20);
      const size_t options_at = 28 + ((size_t{captured} + 3) & ~size_t{3});
      if (options_at > length - 4) break;
      const uint64_t ns = uint64_t{load<uint32_t>(block + 12)} << 32 | load<uint32_t>(block + 16);
      const Options found = read_options(block + options_at, block + length - 4);
      offset[n] = static_cast<double>(at);
      cap_len[n] = captured;
      wire_len[n] = load<uint32_t>(block + 24);
      interface_id[n] = static_cast<uint8_t>(load<uint32_t>(block + 8));
      time_ns[n] = static_cast<double>(static_cast<int64_t>(ns - base));
      verdict[n] = found.verdict;
      direction[n] = found.direction;
      n++;
    }
    at += length;
  }
  return Napi::Number::New(env, static_cast<double>(n));
}

}  // namespace

void register_index_blocks(Napi::Env env, Napi::Object exports) { exports["indexBlocks"] = Napi::Function::New(env, index_blocks, "indexBlocks"); }

}  // namespace xdpeek
