// A command that the harness started.
#include "harness/process/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "engines/exit_codes.hpp"
#include "harness/base/json.hpp"

namespace contend {
namespace {

using nlohmann::json;

/// A child that has closed its output, or that was killed, has this long to be gone.
constexpr Duration end_is_near = std::chrono::milliseconds(500);

[[noreturn]] void refuse(const std::string& what, int error_number) {
  throw std::system_error(error_number, std::generic_category(), what);
}

struct Pipe {
  Fd reading, writing;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) refuse("a pipe to a child", errno);
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }
};

int milliseconds_until(TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

/// Who speaks faster than we read is left after so many chunks, so that deadlines hold.
constexpr int max_chunks = 64;

/// Appends what is there to `text`, as long as that is shorter than `longest`; the rest is thrown
/// away, and true returned. Closes `fd` at its end.
bool take(Fd& fd, std::string& text, std::size_t longest) {
  std::array<char, 65536> chunk;
  bool overflowed = false;
  for (int i = 0; fd && i < max_chunks; ++i) {
    const ssize_t size = read(fd.get(), chunk.data(), chunk.size());
    if (size > 0 && text.size() < longest)
      text.append(chunk.data(), static_cast<std::size_t>(size));
    else if (size > 0)
      overflowed = true;
    else if (size == 0)
      fd.reset();
    else if (errno == EAGAIN)
      break;
    else if (errno != EINTR)
      fd.reset();
  }
  return overflowed;
}

/// "contend-engine serve"
std::string name_of(const Command& command) {
  const std::string& program = command.arguments.at(0);
  std::string name = program.substr(program.rfind('/') + 1);
  if (command.arguments.size() > 1) name += " " + command.arguments[1];
  return name;
}

}  // namespace

std::string Ending::text() const {
  switch (kind) {
    case Kind::exited: return fmt::format("exit code {}", number);
    case Kind::signalled: return fmt::format("signal {} ({})", number, strsignal(number));
    case Kind::killed: return "not ending when told to";
  }
  return "unknown";
}

struct Child::Pipes {
  Pipe input, output, error, exec_error;
};

Child::Child(const Guard& guard, const Command& command)
    : guard_(guard), program_(command.arguments.at(0)), name_(name_of(command)) {
  Pipes pipes;
  start(guard, command, pipes);
  pipes.exec_error.writing.reset();
  int error_number = 0;
  ssize_t size = 0;
  do size = ::read(pipes.exec_error.reading.get(), &error_number, sizeof error_number);
  while (size < 0 && errno == EINTR);
  if (size == sizeof error_number) {
    wait(Clock::now() + end_is_near);
    refuse("starting " + program_, error_number);
  }
}

/// Forks and execs; from fork to exec nothing is called that is not safe after a signal.
void Child::start(const Guard& guard, const Command& command, Pipes& pipes) {
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const unsigned cpu : command.cpus) CPU_SET(cpu, &cpus);

  const pid_t harness = getpid();
  pid_ = fork();
  if (pid_ < 0) refuse("fork of " + program_, errno);
  if (pid_ == 0) {
    const auto give_up = [&] {
      const int error_number = errno;
      [[maybe_unused]] const ssize_t told =
          write(pipes.exec_error.writing.get(), &error_number, sizeof error_number);
      _exit(1);
    };
    setpgid(0, 0);
    guard.watch(getpid());
    signal(SIGPIPE, SIG_DFL);  // the guard's being ignored is not for others
    // The harness may have died before the kernel knew that it matters (prctl(2)).
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up();
    if (getppid() != harness) _exit(1);
    if (!command.cpus.empty() && sched_setaffinity(0, sizeof cpus, &cpus) != 0) give_up();
    dup2(pipes.input.reading.get(), STDIN_FILENO);
    const bool piped = command.output < 0;
    dup2(piped ? pipes.output.writing.get() : command.output, STDOUT_FILENO);
    dup2(piped ? pipes.error.writing.get() : command.output, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    give_up();
  }
  setpgid(pid_, pid_);  // in both, so that neither has to wait for the other
  input_ = std::move(pipes.input.writing);
  output_ = std::move(pipes.output.reading);
  error_ = std::move(pipes.error.reading);
  set_nonblocking(output_.get(), true);
  set_nonblocking(error_.get(), true);
  process_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!process_) {
    const int error_number = errno;
    reap(true);
    refuse("pidfd_open of " + program_, error_number);
  }
}

Child::~Child() {
  if (!ended_) reap(true);
}

json Child::read(TimePoint deadline, std::span<Child* const> others, const StopToken& stop) {
  const std::string line = read_line(deadline, others, stop);
  std::string why = "it is no object";
  try {
    json said = parse_json(line, "the line");
    if (said.is_object()) return said;
  } catch (const std::invalid_argument& error) {
    why = error.what();
  }
  fail(fmt::format("said what is no JSON object: {}: {}", quote_for_display(line), why));
}

std::string Child::read_line(TimePoint deadline, std::span<Child* const> others,
                             const StopToken& stop) {
  std::string line;
  for (;;) {
    drain();
    for (Child* other : others) other->drain();
    if (take_line(line)) return line;
    if (overflowed_)
      fail(fmt::format("said a line of more than {} MiB: {}", max_line_bytes >> 20,
                       quote_for_display(buffer_)));
    if (!output_ || exited_now(0)) {
      // It may have spoken between the look at its output and its end.
      wait(Clock::now() + end_is_near);
      if (take_line(line)) return line;
      throw_ended("said what it should");
    }
    std::vector<pollfd> polled{{process_.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const auto add = [&](const Child& child) {
      polled.push_back({child.output_.get(), POLLIN, 0});
      polled.push_back({child.error_.get(), POLLIN, 0});
    };
    add(*this);
    for (const Child* other : others) add(*other);
    if (stop.requested()) throw Interrupted();
    // By the clock, since whoever talks all the time leaves poll nothing to wait for.
    if (Clock::now() >= deadline) fail("hung: said nothing in time");
    poll(polled.data(), polled.size(), milliseconds_until(deadline));
  }
}

std::string Child::read_all(TimePoint deadline, const StopToken& stop) {
  while (!has_ended()) {
    drain();
    if (stop.requested()) throw Interrupted();
    if (Clock::now() >= deadline) fail("hung: did not end in time");
    std::array<pollfd, 4> polled{{{process_.get(), POLLIN, 0},
                                  {stop.fd(), POLLIN, 0},
                                  {output_.get(), POLLIN, 0},
                                  {error_.get(), POLLIN, 0}}};
    poll(polled.data(), polled.size(), milliseconds_until(deadline));
  }
  if (!wait(Clock::now() + end_is_near).clean()) throw_ended("was done");
  if (overflowed_) fail(fmt::format("said more than {} MiB", max_line_bytes >> 20));
  searched_ = 0;
  return std::exchange(buffer_, {});
}

bool Child::has_ended() {
  return ended_ || exited_now(0);
}

Ending Child::wait(TimePoint deadline) {
  while (!ended_) {
    drain();
    std::array<pollfd, 3> polled{
        {{process_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {error_.get(), POLLIN, 0}}};
    const bool late = Clock::now() >= deadline;
    poll(polled.data(), polled.size(), late ? 0 : milliseconds_until(deadline));
    if (polled[0].revents != 0)
      reap(false);
    else if (late)
      reap(true);
  }
  drain();
  return ending_;
}

Ending Child::stop(Duration patience) {
  told_to_end_ = true;
  if (!ended_) kill(pid_, SIGTERM);  // not yet reaped, so the number is still its own
  return wait(Clock::now() + patience);
}

std::string Child::stderr_text() {
  drain();
  std::string_view text = complaint_;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (const auto end = text.rfind('\n'); end != std::string_view::npos) text.remove_prefix(end + 1);
  if (text.empty()) return {};
  const std::string safe = quote_for_display(text, 300);
  return safe.substr(1, safe.size() - 2);
}

void Child::throw_ended(const std::string& before_what) {
  const Ending ending = wait(Clock::now() + end_is_near);
  const std::string stderr_tail = stderr_text();
  if (ending.kind == Ending::Kind::exited && ending.number == exit_unavailable)
    throw ChildUnavailable(stderr_tail.empty() ? "not available here" : stderr_tail);
  if (ending.kind == Ending::Kind::killed)
    fail(told_to_end_ ? "did not end when told to" : "closed its output and went on");
  fail(fmt::format("ended with {} before it {}", ending.text(), before_what));
}

/// Throws what is wrong with this child, and its last words.
void Child::fail(const std::string& what) {
  const std::string stderr_tail = stderr_text();
  throw ChildFailure(name_ + " " + what + (stderr_tail.empty() ? "" : ": " + stderr_tail));
}

bool Child::take_line(std::string& line) {
  const std::size_t end = buffer_.find('\n', searched_);
  searched_ = end == std::string::npos ? buffer_.size() : 0;
  if (end == std::string::npos) return false;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return true;
}

void Child::drain() {
  overflowed_ |= take(output_, buffer_, max_line_bytes);
  take(error_, complaint_, SIZE_MAX);
  if (complaint_.size() > kept_complaint) complaint_.erase(0, complaint_.size() - kept_complaint);
}

bool Child::exited_now(int timeout_ms) {
  pollfd polled{process_.get(), POLLIN, 0};
  return poll(&polled, 1, timeout_ms) == 1;
}

/// Kills what is left of the group, then reaps: until then the group's number can't be another's.
void Child::reap(bool killed_by_us) {
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);  // it may not have got as far as having a group
  guard_.forget(pid_);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  ended_ = true;
  if (killed_by_us)
    ending_ = {Ending::Kind::killed, 0};
  else if (WIFSIGNALED(status))
    ending_ = {Ending::Kind::signalled, WTERMSIG(status)};
  else
    ending_ = {Ending::Kind::exited, WEXITSTATUS(status)};
}

}  // namespace contend
