// How long a client lets answers gather before it takes them up. A server that has much to answer
// wakes a sleeping client with each answer, which costs both of them; answers that may wait for the
// next ones come many at a time. Where answers come one by one because there is nothing to do, to
// wait for more only costs timers: so it is tried, again and again, and done where it pays.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "engines/uring/ring.hpp"
#include "workloads/thread_cpu.hpp"

namespace contend::uring {

class Gather {
 public:
  /// The kernel is told to wait no longer than for `share` of the mean time from a connection's
  /// request (where it pipelines, its requests) to its next one, nor than 100 us; the thread runs
  /// when it is woken, which is later (docs/load.md). 0: answers are not let gather at all.
  explicit Gather(double share, Duration (*cpu)() = thread_cpu);

  /// For the next turn, where so many connections wait for an answer.
  Ring::Gathering next(std::size_t connections) const;
  /// How often these connections sent in a turn that ended `now`.
  void learn(std::size_t sent, std::size_t connections, TimePoint now);
  /// What has been seen since the last window counts for nothing: connections are being made.
  void disturbed() { since_.reset(); }

 private:
  struct Tally {
    double sent = 0, cpu_ns = 0, passed_ns = 0;
    double cost() const { return cpu_ns / sent; }
    double rate() const { return sent / passed_ns; }
  };
  void take(const Tally& seen, std::size_t connections);
  bool gathers() const;
  bool pays() const;

  double share_;
  Duration (*cpu_)();
  std::array<Tally, 2> tallies_;  // of windows without and with it
  unsigned window_ = 0;           // from the beginning of the trial
  unsigned followed_;             // windows between a trial and the next one
  bool found_to_pay_ = false;
  Duration hold_{};  // by the last window
  std::size_t sent_ = 0;
  std::optional<TimePoint> since_;
  Duration cpu_since_{};
};

}  // namespace contend::uring
