// Worker processes, each at the end of a socket that keeps messages apart (SOCK_SEQPACKET).
#include "engines/coro/process_pool.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace contend::coro {
namespace {

/// A request is the trampoline's address, then the argument: a child that was forked has the same
/// code at the same place. A reply is whether it went well, then the result or the message.
constexpr std::size_t head_bytes = sizeof(ProcessPool::Trampoline);
using Buffer = std::array<std::byte, ProcessPool::max_bytes>;

ssize_t receive(int fd, Buffer& into) {
  ssize_t got = 0;
  do {
    got = recv(fd, into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  return got;
}

std::size_t answer(std::span<const std::byte> request, Buffer& reply) {
  try {
    ProcessPool::Trampoline trampoline = nullptr;
    std::memcpy(&trampoline, request.data(), head_bytes);
    reply[0] = std::byte{1};
    return 1 + trampoline(request.subspan(head_bytes), std::span(reply).subspan(1));
  } catch (const std::exception& error) {
    const std::size_t length = std::min(std::strlen(error.what()), reply.size() - 1);
    reply[0] = std::byte{0};
    std::memcpy(reply.data() + 1, error.what(), length);
    return 1 + length;
  }
}

/// A process of the pool, until the other end is closed.
[[noreturn]] void work(int inherited) {
  constexpr int own = 3;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Nothing else that was inherited: an end of another's socket would hide that it was closed.
  dup2(inherited, own);
  close_range(own + 1, ~0U, 0);
  signal(SIGINT, SIG_IGN);  // Ctrl-C is the parent's business, which closes the socket
  Buffer request, reply;
  for (ssize_t got = 0; (got = receive(own, request)) > 0;) {
    const std::size_t length =
        answer(std::span(request).first(static_cast<std::size_t>(got)), reply);
    send(own, reply.data(), length, MSG_NOSIGNAL);
  }
  _exit(0);
}

}  // namespace

ProcessPool::ProcessPool(unsigned processes) : processes_(processes) {
  for (Process& process : processes_) free_.push_back(&process);
  threads_ = std::make_unique<ThreadPool>(processes);
}

ProcessPool::Process::Process() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw_errno("socketpair");
  socket_.reset(ends[0]);
  const Fd theirs(ends[1]);
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) work(theirs.get());
}

ProcessPool::Process::~Process() {
  if (pid_ < 0) return;
  socket_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

void ProcessPool::call(Trampoline trampoline, std::span<const std::byte> argument,
                       std::span<std::byte> result) {
  Buffer buffer;
  std::memcpy(buffer.data(), &trampoline, head_bytes);
  std::memcpy(buffer.data() + head_bytes, argument.data(), argument.size());
  Process* process = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) throw BrokenProcessPool();  // as many threads as processes: some are gone
    process = free_.back();
    free_.pop_back();
  }
  const int fd = process->fd();
  ssize_t got = send(fd, buffer.data(), head_bytes + argument.size(), MSG_NOSIGNAL);
  if (got > 0) got = receive(fd, buffer);
  if (got <= 0) throw BrokenProcessPool();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(process);
  }
  const auto length = static_cast<std::size_t>(got) - 1;
  if (buffer[0] == std::byte{0})
    throw std::runtime_error(std::string(reinterpret_cast<const char*>(buffer.data()) + 1, length));
  std::memcpy(result.data(), buffer.data() + 1, std::min(length, result.size()));
}

}  // namespace contend::coro
