#pragma once
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lines {

/// Where the next byte of text goes. Whoever makes one knows that there is room.
class Text {
 public:
  explicit Text(uint8_t* at) : at_(at) {}
  uint8_t* at() const { return at_; }

  void byte(char value) { *at_++ = static_cast<uint8_t>(value); }
  void put(std::string_view text) { put(text.data(), text.size()); }
  void put(const void* bytes, size_t length) {
    std::memcpy(at_, bytes, length);
    at_ += length;
  }
  /// `length` bytes of an array; what is behind them is written over by whatever comes next.
  template <size_t kSize>
  void put_from(const std::array<char, kSize>& array, size_t length) {
    std::memcpy(at_, array.data(), kSize);
    at_ += length;
  }
  void spaces(size_t count) {
    std::memset(at_, ' ', count);
    at_ += count;
  }
  void number(uint64_t value) {
    char* const begin = reinterpret_cast<char*>(at_);
    at_ += std::to_chars(begin, begin + 20, value).ptr - begin;
  }
  /// With spaces or zeros in front, up to `width` characters in all.
  void padded(uint64_t value, size_t width, char with) {
    char digits[20];
    const size_t length = static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, value).ptr - digits);
    for (size_t i = length; i < width; i++) byte(with);
    put(digits, length);
  }

 private:
  uint8_t* at_;
};

}  // namespace lines
