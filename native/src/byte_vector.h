// A byte vector that grows without writing zeros first: what is appended is written at once. Large ones have pages of their own, which go back to the
// kernel and never to other data of this process: somebody may still hold pages that were lent to a pipe, and would see what comes to lie there.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace xdpeek {

/// From this many bytes on.
constexpr size_t kOwnPages = 64 << 10;

template <class T>
struct Uninitialized {
  using value_type = T;
  Uninitialized() = default;
  template <class U>
  Uninitialized(const Uninitialized<U>&) noexcept {}

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    if (bytes < kOwnPages) return static_cast<T*>(::operator new(bytes));
    void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(at);
  }
  void deallocate(T* at, size_t count) noexcept {
    if (count * sizeof(T) < kOwnPages) ::operator delete(at);
    else ::munmap(at, count * sizeof(T));
  }
  template <class U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
  bool operator==(const Uninitialized&) const = default;
};

using ByteVector = std::vector<uint8_t, Uninitialized<uint8_t>>;

}  // namespace xdpeek
