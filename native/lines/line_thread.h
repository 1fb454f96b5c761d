#pragma once
#include <napi.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "line_writer.h"

namespace lines {

/// A piece on its way to the thread and back.
struct Job {
  Job(Napi::Env env, Piece piece, TextBuffer text, uint32_t* ends) : deferred(Napi::Promise::Deferred::New(env)), piece(piece), text(std::move(text)), ends(ends) {}

  Napi::Promise::Deferred deferred;
  Piece piece;
  TextBuffer text;
  uint32_t* ends;
  /// What it reads and writes stays where it is meanwhile.
  std::vector<Napi::ObjectReference> memory;

  /// Results.
  uint32_t printed = 0;
  std::vector<PastPacket> past;
  bool is_over = false, is_lost = false;
};

/// Six numbers each, see index.d.ts.
Napi::Float64Array past_packets(Napi::Env env, const std::vector<PastPacket>& past);

/// A thread that prints pieces one after the other, without anybody's help between them.
class LineThread {
 public:
  LineThread(Napi::Env env, Options options);
  ~LineThread();

  bool is_closed() const { return !thread_.joinable(); }
  /// As Written of index.d.ts tells it. It must not be closed.
  void add(std::unique_ptr<Job> job);
  bool is_busy() const { return !is_closed() && pending_ > 0; }
  /// Only while it is not busy.
  LineWriter& writer() { return writer_; }
  /// Ends it. Jobs that it did not begin come back as lost.
  void close(Napi::Env env);

 private:
  /// Whoever ends the process, or a worker, need not have closed it.
  static void end_with_environment(void* self);
  void join();
  void run();
  void print(Job& job);
  void settle(Napi::Env env, Job& job);

  LineWriter writer_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::unique_ptr<Job>> waiting_;
  bool is_closed_ = false;
  bool is_broken_ = false;  // of its own thread
  uint32_t pending_ = 0;  // of JavaScript's thread
  napi_env env_;
  Napi::ThreadSafeFunction settled_;
  std::thread thread_;
};

}  // namespace lines
