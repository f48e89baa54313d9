// At which times an open loop's requests are due: rates that may change, and the laws by which
// requests come at them. It has no clock and no queue, which is arrivals.hpp's.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "workloads/session.hpp"

namespace contend::load {

/// As a number of seconds.
inline double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Requests a second; whoever reads a rate refuses more.
inline constexpr double max_rate_per_s = 1e7;

enum class Law : std::uint8_t {
  uniform,  ///< Evenly: the k-th is due when so many were to be expected.
  poisson,  ///< At random, independently of each other, as of many users.
};
std::string_view to_string(Law law);

/// The rate goes along a line from one to the other, or stays where they are the same.
struct Stage {
  Duration duration{};                  ///< Above 0.
  double from_per_s = 0, to_per_s = 0;  ///< From 0 on.

  friend bool operator==(const Stage&, const Stage&) = default;
};

struct Schedule {
  std::vector<Stage> stages{};  ///< At least one, and one with a rate above 0.
  Law law = Law::uniform;
  std::uint64_t seed = 1;  ///< Of `poisson`.
  /// Of `parts` processes that share it this is the one that takes the requests `part`,
  /// `part` + `parts` and so on of `uniform`; of `poisson`, a process of its own with so much of
  /// the rate, and each needs another seed. The functions below are of the whole.
  std::uint32_t part = 0, parts = 1;
  std::size_t queue_limit =
      1'000'000;  ///< Due and not claimed, at most; above it they are dropped.

  static Schedule constant(double rate_per_s, Duration duration);

  Duration duration() const;
  double expected() const;  ///< How many requests.
  double mean_rate_per_s() const;
};

/// The times of a schedule, in their order.
class DueTimes {
 public:
  DueTimes(const Schedule& schedule, TimePoint begin);

  /// The first that has not been taken; TimePoint::max() where all have been.
  TimePoint next() const { return next_; }
  void take();

 private:
  TimePoint when(double expected);

  std::vector<Stage> stages_;
  Law law_;
  std::uint32_t parts_;
  std::mt19937_64 random_;
  TimePoint begin_, next_;
  std::size_t stage_ = 0;      // that `next_` lies in
  TimePoint stage_begin_;      // of it
  double stage_expected_ = 0;  // how many are expected before it
  double stage_end_expected_ = 0;
  double expected_ = 0;  // how many are expected before `next_`
  std::uint64_t number_;
};

/// How many are due by a time, asked for times that never go back.
class DueCount {
 public:
  DueCount(const Schedule& schedule, TimePoint begin) : times_(schedule, begin) {}
  std::uint64_t by(TimePoint now) {
    for (; times_.next() <= now; times_.take()) ++count_;
    return count_;
  }

 private:
  DueTimes times_;
  std::uint64_t count_ = 0;
};

}  // namespace contend::load
