// Emptying a pipe in time.
#include "harness/load/server/output_tail.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace contend::load {
namespace {

/// The pipe holds this much, if the system allows it (pipe(7), pipe-max-size), so that a program
/// that prints a line a request does not wait for the reader.
constexpr int pipe_bytes = 1 << 20;
/// The reader wakes up once in this time at most, and so costs the load little CPU time. A program
/// that prints more than `pipe_bytes` in this time has to wait.
constexpr int between_looks_ms = 10;
/// One look reads at most this many chunks, so that a program that prints faster than we read holds
/// up nobody.
constexpr int max_chunks = 32;

}  // namespace

OutputTail::OutputTail() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("a pipe for the server's output");
  reading_.reset(ends[0]);
  writing_.reset(ends[1]);
  set_nonblocking(reading_.get(), true);
  fcntl(writing_.get(), F_SETPIPE_SZ, pipe_bytes);
}

void OutputTail::collect() {
  writing_.reset();
  thread_ = std::thread([this] { empty_again_and_again(); });
}

void OutputTail::finish() {
  stop_.request();
  if (thread_.joinable()) thread_.join();
}

std::string OutputTail::text() {
  drain();
  const std::lock_guard lock(mutex_);
  return tail_;
}

void OutputTail::empty_again_and_again() {
  std::array<pollfd, 2> polled{{{.fd = stop_.token().fd(), .events = POLLIN, .revents = 0},
                                {.fd = reading_.get(), .events = POLLIN, .revents = 0}}};
  while (drain() && !stop_.token().requested()) {
    poll(polled.data(), 2, -1);
    poll(polled.data(), 1, between_looks_ms);
  }
}

/// Reads what there is. Returns false at the end of the output.
bool OutputTail::drain() {
  std::array<char, 65536> chunk;
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < max_chunks; ++i) {
    const ssize_t size = read(reading_.get(), chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size < 0 && errno == EAGAIN;
    tail_.append(chunk.data(), static_cast<std::size_t>(size));
    if (tail_.size() > kept_bytes) tail_.erase(0, tail_.size() - kept_bytes);
  }
  return true;
}

}  // namespace contend::load
