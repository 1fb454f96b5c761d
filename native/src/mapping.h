// Owner of one mmap; unmaps exactly once, moves, never copies.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace xdpeek {

class Mapping {
 public:
  Mapping() = default;
  Mapping(void* at, size_t size) : at_(at == MAP_FAILED ? nullptr : at), size_(size) {}
  Mapping(Mapping&& other) noexcept : at_(std::exchange(other.at_, nullptr)), size_(other.size_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  ~Mapping() {
    if (at_) ::munmap(at_, size_);
  }
  uint8_t* bytes() const { return static_cast<uint8_t*>(at_); }
  explicit operator bool() const { return at_ != nullptr; }

 private:
  void* at_ = nullptr;
  size_t size_ = 0;
};

}  // namespace xdpeek
