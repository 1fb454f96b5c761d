// class TracePipe of native/index.d.ts: bpf_printk and tracepoint lines of the whole machine (Documentation/trace/ftrace.rst, trace_pipe). Reading consumes:
// another reader of the pipe does not see what we take.
#include <fcntl.h>
#include <napi.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "errors.h"
#include "js_values.h"
#include "trace_fs.h"

namespace xdpeek {
namespace {

constexpr size_t kPiece = 64 << 10;
/// Lines that wait for JavaScript; beyond it they are counted as lost.
constexpr size_t kMostWaiting = 20'000;
constexpr size_t kLongestLine = 8 << 10;

/// Between the thread and JavaScript; shared, since a call may be on its way when the pipe is closed.
struct Waiting {
  std::mutex mutex;
  std::vector<std::string> lines;
  uint64_t lost = 0;
};

void deliver(Napi::Env env, Napi::Function call, Waiting& waiting) {
  std::vector<std::string> lines;
  uint64_t lost;
  {
    const std::lock_guard lock(waiting.mutex);
    lines.swap(waiting.lines);
    lost = waiting.lost;
    waiting.lost = 0;
  }
  call.Call({js::array(env, lines, [&](const std::string& line) { return Napi::String::New(env, line); }), js::number(env, lost)});
}

class TracePipeJs : public Napi::ObjectWrap<TracePipeJs> {
 public:
  static Napi::Function define(Napi::Env env) { return DefineClass(env, "TracePipe", {InstanceMethod("close", &TracePipeJs::close)}); }

  explicit TracePipeJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Napi::Env env = info.Env();
    if (!info[0].IsFunction()) throw Napi::TypeError::New(env, "TracePipe needs a listener");
    guarded(env, [&] {
      pipe_ = open_tracefs("trace_pipe", O_RDONLY | O_NONBLOCK);
      const int error = errno;
      if (!pipe_) throw Failure(error, "follow the kernel's trace log", error == EACCES || error == EPERM ? "It needs root, or CAP_SYS_ADMIN."
                               : error == EBUSY                  ? "Another program reads it, and this kernel lets one at a time: end that first (xdpeek, cat trace_pipe, trace-cmd)."
                                                                 : "The kernel must have tracefs (CONFIG_TRACING).");
      stop_ = UniqueFd(eventfd(0, EFD_CLOEXEC));
      if (!stop_) throw Failure(errno, "follow the kernel's trace log");
    });
    listener_ = Napi::ThreadSafeFunction::New(env, info[0].As<Napi::Function>(), "trace lines", 0, 1);
    listener_.Unref(env);
    thread_ = std::thread([this] { read_lines(); });
  }
  ~TracePipeJs() override { end(); }

 private:
  void close(const Napi::CallbackInfo&) { end(); }

  void end() {
    if (!thread_.joinable()) return;
    const uint64_t one = 1;
    if (write(stop_.get(), &one, sizeof one) < 0) std::abort();  // an eventfd of ours takes it
    thread_.join();
    listener_.Release();
    pipe_.reset();
  }

  void read_lines() {
    std::string partial;
    std::vector<char> piece(kPiece);
    for (;;) {
      pollfd waiting[] = {{pipe_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
      if (waiting[1].revents) return;
      const ssize_t length = read(pipe_.get(), piece.data(), piece.size());
      if (length <= 0) {
        if (length < 0 && errno != EAGAIN && errno != EINTR) return;
        continue;
      }
      partial.append(piece.data(), static_cast<size_t>(length));
      take_lines(partial);
    }
  }

  void take_lines(std::string& partial) {
    bool first;
    {
      const std::lock_guard lock(waiting_->mutex);
      first = waiting_->lines.empty() && waiting_->lost == 0;
      size_t begin = 0;
      for (size_t end; (end = partial.find('\n', begin)) != std::string::npos; begin = end + 1) add(partial.substr(begin, end - begin));
      partial.erase(0, begin);
      if (partial.size() > kLongestLine) partial.clear();
      if (waiting_->lines.empty() && waiting_->lost == 0) return;
    }
    // One call is on its way as long as something waits.
    if (!first) return;
    listener_.NonBlockingCall([waiting = waiting_](Napi::Env env, Napi::Function call) {
      if (env != nullptr) deliver(env, call, *waiting);
    });
  }

  void add(std::string line) {
    // "CPU:1 [LOST 12 EVENTS]": what the ring of the kernel could not keep.
    const size_t mark = line.find(" [LOST ");
    if (line.starts_with("CPU:") && mark != std::string::npos) waiting_->lost += std::strtoull(line.c_str() + mark + 7, nullptr, 10);
    else if (waiting_->lines.size() >= kMostWaiting) waiting_->lost++;
    else waiting_->lines.push_back(std::move(line));
  }

  UniqueFd pipe_, stop_;
  std::thread thread_;
  Napi::ThreadSafeFunction listener_;
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace

void register_trace_pipe(Napi::Env env, Napi::Object exports) { exports["TracePipe"] = TracePipeJs::define(env); }

}  // namespace xdpeek
