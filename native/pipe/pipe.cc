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

class Move final : public Napi::AsyncWorker {
 public:
  Move(Napi::Env env, int from, int to, int64_t offset, int64_t bytes)
      : AsyncWorker(env, "xdpeek-move"), deferred_(Napi::Promise::Deferred::New(env)), from_(from), to_(to), offset_(offset), bytes_(bytes) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    while (moved_ < bytes_) {
      loff_t at = offset_ + moved_;
      const ssize_t n = ::splice(from_, nullptr, to_, &at, static_cast<size_t>(bytes_ - moved_), SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (n > 0) {
        moved_ += n;
      } else if (n == 0) {
        why_ = "EOF";
        return;
      } else if (errno == EAGAIN) {
        pollfd waiting{from_, POLLIN, 0};
        if (::poll(&waiting, 1, kPatienceMs) == 0) {
          why_ = "EAGAIN";
          return;
        }
      } else if (errno != EINTR) {
        why_ = ::strerrorname_np(errno);
        return;
      }
    }
  }

  void OnOK() override {
    Napi::Array result = Napi::Array::New(Env(), 2);
    result[0u] = static_cast<double>(moved_);
    result[1u] = why_;
    deferred_.Resolve(result);
  }

 private:
  Napi::Promise::Deferred deferred_;
  int from_, to_;
  int64_t offset_, bytes_, moved_ = 0;
  const char* why_ = "";
};

Napi::Value move_into(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  for (size_t i = 0; i < 4; i++)
    if (!info[i].IsNumber()) throw Napi::TypeError::New(env, "moveInto needs (from, to, offset, bytes)");
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Int64Value(); };
  auto* work = new Move(env, static_cast<int>(number(0)), static_cast<int>(number(1)), number(2), number(3));
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
