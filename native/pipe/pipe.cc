// The unprivileged addon (xdpeek-pipe.node): the pipe between privileged and the session, and the way of its bytes into a file inside the kernel. Packets
// are in the pipe by their pages (native/src/frame_writer.cc), so the copy into the file is their only one in user space's account.
#include <fcntl.h>
#include <napi.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace {

/// So long the thread waits for more before it asks its caller.
constexpr int kPatienceMs = 100;
/// So long it looks out for another frame: waking JavaScript for each costs more than moving it.
constexpr int kLingerMs = 20;

Napi::Value make_pipe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "makePipe needs a size");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) {
    Napi::Error error = Napi::Error::New(env, std::string("make a pipe: ") + std::strerror(errno));
    error.Set("code", ::strerrorname_np(errno));
    throw error;
  }
  ::fcntl(ends[0], F_SETPIPE_SZ, info[0].As<Napi::Number>().Int32Value());  // as large as it gets
  Napi::Array both = Napi::Array::New(env, 2);
  both[0u] = ends[0];
  both[1u] = ends[1];
  return both;
}

/// A frame's header and a PACKETS payload's own (electron/shared/wire.ts): u32 length, u8 type, u8 0, u16 magic; u32 captureId, u32 packets.
constexpr size_t kHeaderBytes = 8;
constexpr uint8_t kPackets = 2;
constexpr uint16_t kMagic = 0x5844;

class Move final : public Napi::AsyncWorker {
 public:
  Move(Napi::Env env, int from, int to, int64_t offset, int64_t bytes, uint32_t capture_id, int64_t enough)
      : AsyncWorker(env, "xdpeek-move"), deferred_(Napi::Promise::Deferred::New(env)), from_(from), to_(to), offset_(offset), rest_(bytes), capture_id_(capture_id), enough_(enough) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    do {
      if (!move_rest()) return;
    } while (moved_ < enough_ && next_frame());
  }

  void OnOK() override {
    Napi::Object result = Napi::Object::New(Env());
    result["bytes"] = static_cast<double>(moved_);
    result["rest"] = static_cast<double>(rest_);
    result["frames"] = frames_;
    result["packets"] = packets_;
    result["read"] = Napi::Buffer<uint8_t>::Copy(Env(), header_, header_bytes_);
    result["why"] = why_;
    deferred_.Resolve(result);
  }

 private:
  bool move_rest() {
    while (rest_ > 0) {
      loff_t at = offset_ + moved_;
      const ssize_t n = ::splice(from_, nullptr, to_, &at, static_cast<size_t>(rest_), SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (n > 0) {
        moved_ += n;
        rest_ -= n;
      } else if (n == 0) {
        why_ = "EOF";
        return false;
      } else if (errno == EAGAIN) {
        pollfd waiting{from_, POLLIN, 0};
        if (::poll(&waiting, 1, kPatienceMs) == 0) {
          why_ = "EAGAIN";
          return false;
        }
      } else if (errno != EINTR) {
        why_ = ::strerrorname_np(errno);
        return false;
      }
    }
    return true;
  }

  /// Whether a frame of the same kind is next already; what else is there is for the caller to read, with the bytes that were read here.
  bool next_frame() {
    if (!read_header(kHeaderBytes) || header_[4] != kPackets || header_[5] != 0 || field<uint16_t>(6) != kMagic || field<uint32_t>(0) <= kHeaderBytes) return false;
    if (!read_header(2 * kHeaderBytes) || field<uint32_t>(kHeaderBytes) != capture_id_) return false;
    rest_ = field<uint32_t>(0) - kHeaderBytes;
    packets_ += field<uint32_t>(kHeaderBytes + 4);
    frames_++;
    header_bytes_ = 0;
    return true;
  }

  bool read_header(size_t bytes) {
    pollfd waiting{from_, POLLIN, 0};
    if (::poll(&waiting, 1, kLingerMs) <= 0) return false;
    const ssize_t n = ::read(from_, header_ + header_bytes_, bytes - header_bytes_);
    if (n > 0) header_bytes_ += static_cast<size_t>(n);
    return header_bytes_ == bytes;
  }

  template <class T>
  T field(size_t at) const {
    T value;
    std::memcpy(&value, header_ + at, sizeof value);
    return value;
  }

  Napi::Promise::Deferred deferred_;
  int from_, to_;
  int64_t offset_, rest_, moved_ = 0;
  uint32_t capture_id_;
  int64_t enough_;
  uint32_t frames_ = 0, packets_ = 0;
  uint8_t header_[2 * kHeaderBytes];
  size_t header_bytes_ = 0;
  const char* why_ = "";
};

Napi::Value move_into(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  for (size_t i = 0; i < 6; i++)
    if (!info[i].IsNumber()) throw Napi::TypeError::New(env, "moveInto needs (from, to, offset, bytes, captureId, enough)");
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Int64Value(); };
  auto* work = new Move(env, static_cast<int>(number(0)), static_cast<int>(number(1)), number(2), number(3), static_cast<uint32_t>(number(4)), number(5));
  Napi::Promise promise = work->promise();
  work->Queue();
  return promise;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports["makePipe"] = Napi::Function::New(env, make_pipe, "makePipe");
  exports["moveInto"] = Napi::Function::New(env, move_into, "moveInto");
  return exports;
}

}  // namespace

NODE_API_MODULE(xdpeek_pipe, init)
