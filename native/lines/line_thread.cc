#include "line_thread.h"

#include <exception>
#include <utility>

namespace lines {
namespace {

/// Numbers that tell a past packet.
constexpr size_t kPastStride = 6;

Napi::Value copied(Napi::Env env, const TextBuffer& text) {
  Napi::Uint8Array copy = Napi::Uint8Array::New(env, text.length());
  std::copy(text.data(), text.data() + text.length(), copy.Data());
  return copy;
}

}  // namespace

Napi::Float64Array past_packets(Napi::Env env, const std::vector<PastPacket>& past) {
  Napi::Float64Array told = Napi::Float64Array::New(env, kPastStride * past.size());
  double* at = told.Data();
  for (const PastPacket& packet : past) {
    const double numbers[kPastStride] = {static_cast<double>(packet.shard),    static_cast<double>(packet.number),  static_cast<double>(packet.offset),
                                         static_cast<double>(packet.captured), static_cast<double>(packet.on_wire), packet.time_ns};
    at = std::copy(std::begin(numbers), std::end(numbers), at);
  }
  return told;
}

LineThread::LineThread(Napi::Env env, Options options)
    : writer_(std::move(options)), env_(env), settled_(Napi::ThreadSafeFunction::New(env, Napi::Function(), "xdpeek-lines", 0, 1)), thread_([this] { run(); }) {
  settled_.Unref(env);
  // Hooks run backwards: this one before `settled_` is taken away.
  napi_add_env_cleanup_hook(env, end_with_environment, this);
}

LineThread::~LineThread() {
  if (!thread_.joinable()) return;
  join();
  settled_.Abort();
}

void LineThread::end_with_environment(void* self) {
  auto* const thread = static_cast<LineThread*>(self);
  thread->join();
  thread->waiting_.clear();
  thread->settled_.Release();
}

void LineThread::add(std::unique_ptr<Job> job) {
  // The process waits for what is under way, and for nothing else.
  if (pending_++ == 0) settled_.Ref(job->deferred.Env());
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(job));
  }
  more_.notify_one();
}

void LineThread::close(Napi::Env env) {
  if (!thread_.joinable()) return;
  join();
  for (const std::unique_ptr<Job>& job : waiting_) {
    job->is_lost = true;
    settle(env, *job);
  }
  waiting_.clear();
  settled_.Release();
}

void LineThread::join() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  more_.notify_one();
  thread_.join();
  napi_remove_env_cleanup_hook(env_, end_with_environment, this);
}

void LineThread::run() {
  for (;;) {
    std::unique_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
      if (is_closed_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    print(*job);
    settled_.NonBlockingCall(job.release(), [this](Napi::Env env, Napi::Function, Job* done) {
      const std::unique_ptr<Job> owned(done);
      if (env) settle(env, *owned);
    });
  }
}

void LineThread::print(Job& job) {
  job.is_lost = is_broken_;
  if (is_broken_) return;
  try {
    job.printed = writer_.write(job.piece, job.text, job.ends);
    job.past = std::exchange(writer_.past(), {});
    job.is_over = writer_.is_over();
    job.is_lost = writer_.is_lost();
  } catch (const std::exception&) {  // no memory: what the writer knows is no whole any more
    job.is_lost = is_broken_ = true;
  }
}

void LineThread::settle(Napi::Env env, Job& job) {
  if (--pending_ == 0) settled_.Unref(env);
  Napi::Object result = Napi::Object::New(env);
  result["printed"] = job.printed;
  result["over"] = job.is_over;
  result["lost"] = job.is_lost;
  if (job.text.is_moved()) result["text"] = copied(env, job.text);
  if (!job.past.empty()) result["past"] = past_packets(env, job.past);
  job.deferred.Resolve(result);
}

}  // namespace lines
