// One thread, poll + non-blocking writes, so that a stalled reader can never hold the process's exit up.
#include "frame_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "errors.h"

namespace xdpeek {
namespace {

/// Frames of packets are worth keeping; so many are under way when the reader keeps up.
constexpr size_t kSpareBytes = 256 << 10, kSpares = 32;
/// A page costs as much to be lent as to be copied when little of it is in use.
constexpr size_t kByPages = 64 << 10;
static_assert(kByPages >= kOwnPages, "what is lent has pages of its own");
constexpr auto kLookAgain = std::chrono::milliseconds(1);

}  // namespace

void seal_frame(FrameBytes& frame, uint8_t type, size_t more) {
  const uint32_t length = static_cast<uint32_t>(frame.size() - kFrameHeaderBytes + more);
  std::memcpy(frame.data(), &length, 4);
  frame[4] = type;
  frame[5] = 0;
  std::memcpy(frame.data() + 6, &kFrameMagic, 2);
}

FrameWriter::FrameWriter(int fd, size_t queue_bytes) : fd_(fd), queue_bytes_(queue_bytes), stop_event_(::eventfd(0, EFD_CLOEXEC)) {
  if (!stop_event_) throw Failure(errno, "make a writer of frames");
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) throw Failure(errno, "write frames to file descriptor " + std::to_string(fd));
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  // Bigger buffers mean fewer switches between the two processes; whichever of the two applies works, failure is harmless.
  if (::fcntl(fd, F_SETPIPE_SZ, 4 << 20) < 0) ::fcntl(fd, F_SETPIPE_SZ, 1 << 20);  // root may have more than fs.pipe-max-size
  struct stat about{};
  pipe_ = ::fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode);
  const int size = 4 << 20;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "xdpeek-writer");
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    run();
  });
}

FrameWriter::~FrameWriter() { close(0); }

bool FrameWriter::push(FrameBytes&& frame) {
  Item item;
  item.frame = std::move(frame);
  return queue(std::move(item));
}

bool FrameWriter::push_lent(FrameBytes&& head, uint8_t type, const uint8_t* at, size_t bytes, std::function<void()> consumed) {
  seal_frame(head, type, bytes);
  Item item;
  item.frame = std::move(head);
  item.lent = at;
  item.lent_bytes = bytes;
  item.consumed = std::move(consumed);
  return queue(std::move(item));
}

bool FrameWriter::queue(Item&& item) {
  {
    std::lock_guard lock(mutex_);
    if (closing_ || failure() != 0 || queued_bytes_ + item.bytes() > queue_bytes_) return false;
    queued_bytes_ += item.bytes();
    queue_.push_back(std::move(item));
  }
  wake_.notify_one();
  return true;
}

bool FrameWriter::has_room(size_t bytes) const {
  std::lock_guard lock(mutex_);
  return !closing_ && failure() == 0 && queued_bytes_ + bytes <= queue_bytes_;
}

FrameBytes FrameWriter::spare() {
  std::lock_guard lock(mutex_);
  if (spares_.empty()) return {};
  FrameBytes frame = std::move(spares_.back());
  spares_.pop_back();
  return frame;
}

void FrameWriter::when_flushed(std::function<void()> done) {
  {
    std::lock_guard lock(mutex_);
    if (!closing_) {
      Item item;
      item.flushed = std::exchange(done, nullptr);
      queue_.push_back(std::move(item));
    }
  }
  if (done) done();
  wake_.notify_one();
}

void FrameWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto due = [this] { return closing_ || !queue_.empty(); };
    // While something is lent the reader is watched: its progress makes room in the kernel's buffer.
    if (lent_.empty()) wake_.wait(lock, due);
    else wake_.wait_for(lock, kLookAgain, due);
    if (queue_.empty() && closing_) break;  // and all is written
    if (queue_.empty()) {
      lock.unlock();
      take_back(false);
      lock.lock();
      continue;
    }
    Item item = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    if (item.flushed) item.flushed();
    else if (failure() == 0 && !write_item(item)) fail(errno);
    const size_t bytes = item.bytes();
    if (item.consumed || goes_by_pages(item)) {
      lent_.push_back({written_, std::move(item.frame), std::move(item.consumed)});
      // Nobody reads a pipe that failed; one that was given up may still be read.
      take_back(!pipe_ || (failure() != 0 && failure() != ECANCELED));
    } else {
      keep_spare(std::move(item.frame));
    }
    lock.lock();
    queued_bytes_ -= bytes;
  }
  lock.unlock();
  take_back(false);  // the pipe keeps the pages of what is still in it; nobody writes to them any more
}

void FrameWriter::keep_spare(FrameBytes&& frame) {
  if (frame.capacity() < kSpareBytes) return;
  std::lock_guard lock(mutex_);
  if (spares_.size() >= kSpares) return;
  frame.clear();
  spares_.push_back(std::move(frame));
}

/// What the reader has consumed goes back to its owner. What it has not is still in the pipe.
void FrameWriter::take_back(bool everything) {
  if (lent_.empty()) return;
  int waiting = 0;
  if (!everything && ::ioctl(fd_, FIONREAD, &waiting) < 0) return;
  const uint64_t consumed = written_ - static_cast<uint64_t>(waiting);
  while (!lent_.empty() && (everything || lent_.front().until <= consumed)) {
    if (lent_.front().consumed) lent_.front().consumed();
    keep_spare(std::move(lent_.front().frame));
    lent_.pop_front();
  }
}

bool FrameWriter::goes_by_pages(const Item& item) const { return pipe_ && item.frame.size() >= kByPages; }

bool FrameWriter::write_item(const Item& item) {
  const bool written = goes_by_pages(item) ? lend_all(item.frame.data(), item.frame.size()) : write_all(item.frame.data(), item.frame.size());
  if (!written) return false;
  if (item.lent_bytes == 0) return true;
  return pipe_ ? lend_all(item.lent, item.lent_bytes) : write_all(item.lent, item.lent_bytes);
}

bool FrameWriter::write_all(const uint8_t* at, size_t bytes) {
  while (bytes > 0) {
    const ssize_t n = ::write(fd_, at, bytes);
    if (n >= 0) {
      at += n;
      bytes -= static_cast<size_t>(n);
      written_ += static_cast<uint64_t>(n);
    } else if (errno == EAGAIN) {
      if (!wait_writable()) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// The pipe refers to the pages themselves.
bool FrameWriter::lend_all(const uint8_t* at, size_t bytes) {
  while (bytes > 0) {
    const iovec piece{const_cast<uint8_t*>(at), bytes};
    const ssize_t n = ::vmsplice(fd_, &piece, 1, SPLICE_F_NONBLOCK);
    if (n >= 0) {
      at += n;
      bytes -= static_cast<size_t>(n);
      written_ += static_cast<uint64_t>(n);
    } else if (errno == EAGAIN) {
      take_back(false);
      if (!wait_writable()) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// False (errno = ECANCELED) when close() lost its patience.
bool FrameWriter::wait_writable() {
  pollfd fds[2] = {{fd_, POLLOUT, 0}, {stop_event_.get(), POLLIN, 0}};
  while (::poll(fds, 2, -1) < 0)
    if (errno != EINTR) return false;
  if (fds[1].revents) {
    errno = ECANCELED;
    return false;
  }
  return true;
}

void FrameWriter::fail(int error_number) {
  int none = 0;
  if (failure_.compare_exchange_strong(none, error_number) && failure_listener_ && error_number != ECANCELED) failure_listener_(error_number);
}

void FrameWriter::close(int grace_ms) {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(grace_ms);
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (queued_bytes_ == 0) break;
    }
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const uint64_t one = 1;
  if (::write(stop_event_.get(), &one, sizeof one) < 0) std::abort();  // an eventfd of ours takes it
  thread_.join();
}

}  // namespace xdpeek
