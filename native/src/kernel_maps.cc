// Batches where the map has them (BPF_MAP_LOOKUP_BATCH, Linux 5.6), key by key elsewhere. A cursor is: how it was read (1 byte), entries so far
// (8 bytes), then the kernel's batch token or the last key.
#include "kernel_maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "errors.h"

namespace xdpeek {
namespace {

constexpr uint8_t kByBatch = 1, kByKey = 2;
constexpr size_t kCursorHead = 9;
/// Of one answer, raw: as base64 it fits a frame (MAX_FRAME_BYTES of electron/shared/wire.ts).
constexpr size_t kMostBytes = 8 << 20;
/// The kernel's own, which user space does not name.
constexpr int kNotSupported = 524;

bool is_per_cpu(uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

size_t round_up(size_t bytes) { return (bytes + 7) / 8 * 8; }

Bytes8 cursor_of(uint8_t how, uint64_t so_far, const uint8_t* data, size_t length) {
  Bytes8 cursor(kCursorHead + length);
  cursor[0] = how;
  std::memcpy(&cursor[1], &so_far, sizeof so_far);
  if (length > 0) std::memcpy(&cursor[kCursorHead], data, length);
  return cursor;
}

}  // namespace

KernelMap::KernelMap(uint32_t id) : fd_(open_by_id(KernelKind::kMap, id)) {
  uint32_t length = sizeof info_;
  if (bpf_map_get_info_by_fd(fd_.get(), &info_, &length) < 0) throw Failure(errno, "look at map " + std::to_string(id));
  value_bytes_ = is_per_cpu(info_.type) ? round_up(info_.value_size) * static_cast<size_t>(libbpf_num_possible_cpus()) : info_.value_size;
}

bool KernelMap::is_queue() const { return info_.type == BPF_MAP_TYPE_QUEUE || info_.type == BPF_MAP_TYPE_STACK || info_.type == BPF_MAP_TYPE_BLOOM_FILTER; }

std::string KernelMap::what() const {
  const char* type = libbpf_bpf_map_type_str(static_cast<bpf_map_type>(info_.type));
  return std::string("map ") + std::to_string(info_.id) + " (" + info_.name + (info_.name[0] ? ", " : "") + (type ? type : "of an unknown type") + ")";
}

void KernelMap::check_key(const Bytes8& key, const std::string& tried) const {
  if (is_queue() ? !key.empty() : key.size() != info_.key_size)
    throw Failure("EINVAL", tried, is_queue() ? "entries of such a map have no key" : "the key must have " + std::to_string(info_.key_size) + " bytes, not " + std::to_string(key.size()));
}

void KernelMap::check_size(const std::string& tried) const {
  if (value_bytes_ + info_.key_size <= kMostBytes) return;
  throw Failure("E2BIG", tried, "one entry has " + std::to_string(value_bytes_ >> 20) + " MiB; those of at most " + std::to_string(kMostBytes >> 20) + " MiB are shown",
                is_per_cpu(info_.type) ? "Each CPU has a value of its own." : "");
}

void KernelMap::refuse(int error, const std::string& tried) const {
  switch (error) {
    case kNotSupported:
    case EOPNOTSUPP:
      throw Failure("EOPNOTSUPP", tried, "the kernel does not let user space do this with such a map");
    case ENOENT:
      throw Failure("ENOENT", tried, "there is no such key", "Read the map again: it may have been deleted just now.");
    case EEXIST:
      throw Failure("EEXIST", tried, "there is an entry with this key already", "Change that one, or choose another key.");
    case E2BIG:
      throw Failure("E2BIG", tried, info_.type == BPF_MAP_TYPE_ARRAY || info_.type == BPF_MAP_TYPE_PERCPU_ARRAY || info_.type == BPF_MAP_TYPE_PROG_ARRAY
                                        ? "the index is not below " + std::to_string(info_.max_entries)
                                        : "the map is full (" + std::to_string(info_.max_entries) + " entries)");
    case EPERM:
      if (fdinfo_number(fd_.get(), "frozen:"))
        throw Failure("EPERM", tried, "the map is frozen: nobody may change it any more", "Constants (.rodata) are set before a program is loaded, with --set.");
      throw Failure("EPERM", tried, "no permission",
                    (info_.map_flags & BPF_F_RDONLY) ? "It was made read-only for user space." : "Changing maps needs root, or CAP_BPF and CAP_NET_ADMIN.");
    default:
      throw Failure(error, tried);
  }
}

KernelMap::Piece KernelMap::read(const Bytes8& cursor, uint32_t count) const {
  const std::string tried = "read " + what();
  if (is_queue() || info_.key_size == 0) throw Failure("EOPNOTSUPP", tried, "such a map has no keys to walk along", is_queue() ? "Look at its next entry (peek) or take it out (pop)." : "");
  check_size(tried);
  count = static_cast<uint32_t>(std::min<size_t>(count, kMostBytes / (value_bytes_ + info_.key_size)));
  uint64_t so_far = 0;
  if (!cursor.empty()) {
    const size_t rest = cursor.size() < kCursorHead ? 0 : cursor.size() - kCursorHead;
    const size_t wanted = cursor[0] == kByBatch ? std::max<size_t>(info_.key_size, 4) : info_.key_size;
    if ((cursor[0] != kByBatch && cursor[0] != kByKey) || rest != wanted) throw Failure("EINVAL", tried, "the cursor is not one of this map");
    std::memcpy(&so_far, &cursor[1], sizeof so_far);
  }
  const Bytes8 token(cursor.begin() + static_cast<ptrdiff_t>(std::min(cursor.size(), kCursorHead)), cursor.end());
  if (cursor.empty() || cursor[0] == kByBatch)
    if (std::optional<Piece> piece = read_batch(token, so_far, count)) return std::move(*piece);
  return read_by_keys(cursor.empty() || cursor[0] == kByBatch ? Bytes8() : token, so_far, count);
}

std::optional<KernelMap::Piece> KernelMap::read_batch(const Bytes8& token, uint64_t so_far, uint32_t count) const {
  const size_t token_bytes = std::max<size_t>(info_.key_size, 4);
  Bytes8 next(token_bytes);
  for (;;) {
    Piece piece;
    piece.keys.resize(size_t{count} * info_.key_size);
    piece.values.resize(size_t{count} * value_bytes_);
    uint32_t found = count;
    Bytes8 from = token;
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    const int result = bpf_map_lookup_batch(fd_.get(), token.empty() ? nullptr : from.data(), next.data(), piece.keys.data(), piece.values.data(), &found, &options);
    const int error = result < 0 ? errno : 0;
    // One hash bucket must fit whole.
    if (error == ENOSPC && count < info_.max_entries && size_t{count} * 2 * (value_bytes_ + info_.key_size) <= kMostBytes) {
      count *= 2;
      continue;
    }
    if (error != 0 && error != ENOENT) {
      if (token.empty()) return std::nullopt;
      refuse(error, "read " + what());
    }
    piece.count = found;
    piece.keys.resize(size_t{found} * info_.key_size);
    piece.values.resize(size_t{found} * value_bytes_);
    if (error == 0) piece.cursor = cursor_of(kByBatch, so_far + found, next.data(), token_bytes);
    return piece;
  }
}

KernelMap::Piece KernelMap::read_by_keys(const Bytes8& last_key, uint64_t so_far, uint32_t count) const {
  Piece piece;
  Bytes8 key(info_.key_size), next(info_.key_size), value(value_bytes_);
  bool first = last_key.empty();
  if (!first) key = last_key;
  // A deleted key sends the kernel back to the first one: the bound ends what would be an endless walk.
  while (piece.count < count && so_far < info_.max_entries) {
    if (bpf_map_get_next_key(fd_.get(), first ? nullptr : key.data(), next.data()) < 0) {
      if (errno == ENOENT) return piece;
      refuse(errno, "read " + what());
    }
    key.swap(next);
    first = false;
    so_far++;
    if (bpf_map_lookup_elem(fd_.get(), key.data(), value.data()) < 0) {
      if (errno == ENOENT) continue;  // deleted meanwhile, or an empty slot
      refuse(errno, "read the values of " + what());
    }
    piece.keys.insert(piece.keys.end(), key.begin(), key.end());
    piece.values.insert(piece.values.end(), value.begin(), value.end());
    piece.count++;
  }
  if (so_far < info_.max_entries) piece.cursor = cursor_of(kByKey, so_far, key.data(), key.size());
  return piece;
}

std::optional<Bytes8> KernelMap::lookup(const Bytes8& key) const {
  const std::string tried = (is_queue() ? "look at the next entry of " : "look up a key of ") + what();
  // A Bloom filter has no keys: it is asked whether a value is in it.
  const bool asked_by_value = info_.type == BPF_MAP_TYPE_BLOOM_FILTER;
  if (asked_by_value && key.size() != value_bytes_)
    throw Failure("EINVAL", tried, "the value must have " + std::to_string(value_bytes_) + " bytes, not " + std::to_string(key.size()));
  if (!asked_by_value) check_key(key, tried);
  check_size(tried);
  Bytes8 value = asked_by_value ? key : Bytes8(value_bytes_);
  if (bpf_map_lookup_elem(fd_.get(), asked_by_value || key.empty() ? nullptr : key.data(), value.data()) == 0) return value;
  if (errno == ENOENT) return std::nullopt;
  refuse(errno, tried);
}

Bytes8 KernelMap::value_to_write(const Bytes8& value, UniqueFd& held, const std::string& tried) const {
  const bool replicate = is_per_cpu(info_.type) && value.size() == info_.value_size && value.size() != value_bytes_;
  if (value.size() != value_bytes_ && !replicate)
    throw Failure("EINVAL", tried, "the value must have " + std::to_string(info_.value_size) + " bytes, not " + std::to_string(value.size()));
  Bytes8 out = value;
  if (replicate) {
    out.assign(value_bytes_, 0);
    for (size_t at = 0; at < value_bytes_; at += round_up(info_.value_size)) std::memcpy(&out[at], value.data(), value.size());
  }
  // Where the kernel wants an fd, people give an id.
  const auto open_at = [&](size_t at, KernelKind kind) {
    uint32_t id = 0;
    std::memcpy(&id, &out[at], sizeof id);
    if (id == 0 && at > 0) return;  // no program on the device or CPU
    held = open_by_id(kind, id);
    const int fd = held.get();
    std::memcpy(&out[at], &fd, sizeof fd);
  };
  switch (info_.type) {
    case BPF_MAP_TYPE_PROG_ARRAY: open_at(0, KernelKind::kProgram); break;
    case BPF_MAP_TYPE_ARRAY_OF_MAPS:
    case BPF_MAP_TYPE_HASH_OF_MAPS: open_at(0, KernelKind::kMap); break;
    case BPF_MAP_TYPE_DEVMAP:
    case BPF_MAP_TYPE_DEVMAP_HASH:
    case BPF_MAP_TYPE_CPUMAP:
      if (out.size() >= 8) open_at(4, KernelKind::kProgram);
      break;
    default: break;
  }
  return out;
}

void KernelMap::update(const Bytes8& key, const Bytes8& value, uint64_t flags) const {
  const std::string tried = (is_queue() ? "push onto " : "write to ") + what();
  check_key(key, tried);
  UniqueFd held;
  const Bytes8 bytes = value_to_write(value, held, tried);
  if (bpf_map_update_elem(fd_.get(), key.empty() ? nullptr : key.data(), bytes.data(), flags) < 0) refuse(errno, tried);
}

void KernelMap::remove(const Bytes8& key) const {
  const std::string tried = "delete from " + what();
  check_key(key, tried);
  if (bpf_map_delete_elem(fd_.get(), key.data()) < 0) {
    if (errno == EINVAL) throw Failure("EINVAL", tried, "entries of such a map cannot be deleted", "Write zeros to it instead.");
    refuse(errno, tried);
  }
}

std::optional<Bytes8> KernelMap::pop() const {
  const std::string tried = "take an entry out of " + what();
  if (!is_queue()) throw Failure("EOPNOTSUPP", tried, "only queues and stacks give their entries one after another");
  check_size(tried);
  Bytes8 value(value_bytes_);
  if (bpf_map_lookup_and_delete_elem(fd_.get(), nullptr, value.data()) == 0) return value;
  if (errno == ENOENT) return std::nullopt;
  refuse(errno, tried);
}

KernelMap::Fill KernelMap::fill() const {
  const std::string tried = "see how full " + what() + " is";
  if (info_.type != BPF_MAP_TYPE_RINGBUF && info_.type != BPF_MAP_TYPE_USER_RINGBUF)
    throw Failure("EOPNOTSUPP", tried, "only its reader knows", "Ring buffers can be looked at; perf buffers belong to the process that reads them.");
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const auto position = [&](off_t offset) {
    void* mapped = mmap(nullptr, page, PROT_READ, MAP_SHARED, fd_.get(), offset);
    if (mapped == MAP_FAILED) throw Failure(errno, tried);
    const uint64_t value = __atomic_load_n(static_cast<const uint64_t*>(mapped), __ATOMIC_ACQUIRE);
    munmap(mapped, page);
    return value;
  };
  const uint64_t consumer = position(0);
  const uint64_t producer = position(static_cast<off_t>(page));
  return {producer - std::min(producer, consumer), info_.max_entries};
}

}  // namespace xdpeek
