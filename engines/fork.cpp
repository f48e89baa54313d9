// fork: a process a connection, a session, a job. The code of `blocking`, unchanged, in a child
// that shares nothing but what was mapped shared, so that a crash is one connection's; the oldest
// of the models, and the dearest to start. Not a set of workers forked ahead. Try it:
//   contend-engine serve fork echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_set>

#include "engines/converse.hpp"
#include "engines/net.hpp"

namespace contend {
namespace {

using ReceiveBuffer = std::array<std::byte, 64 << 10>;

/// How long children may take to end by themselves once they were told to.
constexpr Duration child_grace = std::chrono::milliseconds(400);

extern "C" void on_interrupt(int) {}

/// Child processes that each do one thing; they are reaped as they end, and none is left when this
/// is gone. It reaps every child of this process, so there can be only one of these at a time, and
/// it must live on the only thread: a child has no other threads, and what they held stays locked.
class Children {
 public:
  Children(unsigned max, const Limits& limits) : max_(max), limits_(limits) {
    // A signal that is ignored, which may have been inherited through exec, would reap for us.
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &by_default, &action_before_);
    sigset_t child_signal;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_signal, &mask_before_);
    child_ended_ = Fd{signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!child_ended_) throw_errno("signalfd");
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() {
    end();
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    sigaction(SIGCHLD, &action_before_, nullptr);
  }

  /// Waits until one more child may be started. False: a limit was reached first.
  bool has_room() {
    reap();
    while (running_.size() >= max_ && !limits_.reached()) wait(limits_.until);
    return !limits_.reached();
  }

  /// Performs `work` in a child. While the system has no process to give, it waits; it returns how
  /// often it had to. `work` is dropped when a limit is reached first.
  template <typename Work>
  std::uint64_t start(Work work) {
    const pid_t parent = getpid();
    std::uint64_t pauses = 0;
    pid_t child;
    while ((child = fork()) < 0) {
      if (errno != EAGAIN && errno != ENOMEM) throw_errno("fork");
      pauses += 1;
      wait(std::min(limits_.until, Clock::now() + accept_pause));
      if (limits_.reached()) return pauses;
    }
    if (child == 0) {
      become_child(parent);
      [&]() noexcept { work(); }();  // what it throws must not unwind into what is the parent's
      _exit(0);                      // likewise: no destructors, no flushing
    }
    running_.insert(child);
    return pauses;
  }

  /// Waits until all have ended or a stop is requested.
  void wait_for_all() {
    while (!running_.empty() && !limits_.stop.requested()) wait(TimePoint::max());
  }

 private:
  void become_child(pid_t parent) {
    // Whatever kills the parent kills the child; a parent that died before we asked is noticed by
    // its no longer being ours (prctl(2), PR_SET_PDEATHSIG).
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    child_ended_.reset();
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    // The parent decides when to stop. To the child a signal only means to look up: without
    // SA_RESTART it makes a blocked call return.
    struct sigaction interrupt {};
    interrupt.sa_handler = on_interrupt;
    sigaction(SIGTERM, &interrupt, nullptr);
    sigaction(SIGINT, &interrupt, nullptr);
  }

  void reap() {
    signalfd_siginfo ignored;
    while (read(child_ended_.get(), &ignored, sizeof ignored) > 0) {
    }
    for (pid_t child; (child = waitpid(-1, nullptr, WNOHANG)) > 0;) running_.erase(child);
  }

  /// Until a child ends, a stop is requested or that time has come; reaps.
  void wait(TimePoint deadline) {
    // Once stopped, the stop would end each wait at once.
    const int stop = limits_.stop.requested() ? -1 : limits_.stop.fd();
    std::array<pollfd, 2> events{{{.fd = child_ended_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = stop, .events = POLLIN, .revents = 0}}};
    const Duration left = std::clamp<Duration>(deadline - Clock::now(), {}, stop_tick);
    poll(events.data(), events.size(),
         static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    reap();
  }

  void end() {
    for (const pid_t child : running_) kill(child, SIGTERM);
    for (const TimePoint deadline = Clock::now() + child_grace;
         !running_.empty() && Clock::now() < deadline;)
      wait(deadline);
    for (const pid_t child : running_) kill(child, SIGKILL);
    for (const pid_t child : running_)
      while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    running_.clear();
  }

  const std::size_t max_;
  const Limits limits_;
  std::unordered_set<pid_t> running_;  // started and not reaped
  Fd child_ended_;                     // a signalfd for SIGCHLD
  struct sigaction action_before_ {};
  sigset_t mask_before_{};
};

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
  ServeReport report;
  const Limits limits{.stop = stop};
  Children children(options.max_connections, limits);
  set_stop_ticks(listener.get());
  while (children.has_room()) {
    Fd connection = accept_one(listener, report, stop);
    if (!connection) continue;
    report.accept_pauses += children.start([&] {
      listener.reset();
      ReceiveBuffer buffer;
      answer(std::move(connection), service, buffer, limits);
    });
  }
  listener.reset();
  return report;
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  const Limits limits{options.stop, options.until, options.connect_within};
  Children children(options.max_parallel, limits);
  for (Session* const session : sessions) {
    if (!children.has_room()) return;
    children.start([&] {
      ReceiveBuffer buffer;
      converse(endpoint, *session, buffer, limits);
    });
  }
  children.wait_for_all();
}

void run(std::span<Job> jobs, const RunOptions& options) {
  Children children(options.max_parallel, {.stop = options.stop});
  for (Job& job : jobs) {
    if (!children.has_room()) return;
    children.start([&] { play(job, options.stop); });
  }
  children.wait_for_all();
}

}  // namespace

extern const Engine fork_engine{.name = "fork",
                                .summary = "a process a connection",
                                .serve = serve,
                                .drive = drive,
                                .run = run};

}  // namespace contend
