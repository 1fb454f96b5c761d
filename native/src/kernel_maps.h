// Entries of any map by its id: read in pieces, looked up, written, deleted (include/uapi/linux/bpf.h, BPF_MAP_*).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel_objects.h"

namespace xdpeek {

using Bytes8 = std::vector<uint8_t>;

class KernelMap {
 public:
  /// Throws ENOENT.
  explicit KernelMap(uint32_t id);

  struct Piece {
    Bytes8 keys, values;
    uint32_t count = 0;
    Bytes8 cursor;  ///< empty = that was the end
  };
  /// As mapRead of native/index.d.ts.
  /// At most `count` entries; fewer where they are large.
  Piece read(const Bytes8& cursor, uint32_t count) const;
  std::optional<Bytes8> lookup(const Bytes8& key) const;
  /// `flags`: BPF_ANY, BPF_NOEXIST, BPF_EXIST.
  void update(const Bytes8& key, const Bytes8& value, uint64_t flags) const;
  void remove(const Bytes8& key) const;
  std::optional<Bytes8> pop() const;

  struct Fill {
    uint64_t waiting_bytes, size_bytes;
  };
  Fill fill() const;

  /// Bytes of one entry's value as user space reads it: per-CPU maps have one of 8-byte multiple length a possible CPU.
  size_t value_bytes() const { return value_bytes_; }

 private:
  bool is_queue() const;
  std::string what() const;
  void check_key(const Bytes8& key, const std::string& tried) const;
  /// Throws E2BIG when one entry alone is more than an answer takes.
  void check_size(const std::string& tried) const;
  Bytes8 value_to_write(const Bytes8& value, UniqueFd& held, const std::string& tried) const;
  std::optional<Piece> read_batch(const Bytes8& token, uint64_t so_far, uint32_t count) const;
  Piece read_by_keys(const Bytes8& last_key, uint64_t so_far, uint32_t count) const;
  [[noreturn]] void refuse(int error, const std::string& tried) const;

  UniqueFd fd_;
  bpf_map_info info_{};
  size_t value_bytes_ = 0;
};

}  // namespace xdpeek
