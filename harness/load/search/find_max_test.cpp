// The search against servers that are computed: of known capacity, with waiting, with stalls, with
// a client that can do less, and such as never keep what is asked.
#include "harness/load/search/find_max.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "harness/load/schedule/schedule.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using Kind = Measured::Kind;
using Finding = MaxRate::Finding;

constexpr Duration budget = 60s;

/// One queue, and so much time for each request: what comes too fast waits.
struct Simulated {
  double capacity_per_s = 2000;
  double latency_s = 0;             // each answer takes so much longer
  double limit_s = 0.020;           // that 99 of 100 response times are to be below
  double client_per_s = 1e9;        // the load can't do more
  double stall_chance = 0;          // of a window, that nothing goes on for 200 ms in it
  bool is_poisson = false;          // the arrivals
  int interrupted_after = 1 << 30;  // so many windows
  std::mt19937_64 random{1};
  int windows = 0;
  Duration took{};

  double between(double rate_per_s) {
    return is_poisson ? std::exponential_distribution(rate_per_s)(random) : 1 / rate_per_s;
  }

  /// The 99th percentile of the response times, and whether the queue stayed as it was.
  struct Seen {
    double p99_s = 0;
    bool kept_up = true;
  };
  Seen simulate(double rate_per_s, double warm_up_s, double duration_s, double stall_at_s) {
    const double end_s = warm_up_s + duration_s;
    std::vector<double> times_s;
    std::uint64_t offered = 0, ended = 0;
    double free_s = 0;
    for (double at_s = between(rate_per_s); at_s < end_s; at_s += between(rate_per_s)) {
      free_s = std::max(free_s, at_s) + 1 / capacity_per_s;
      if (free_s > stall_at_s) {
        free_s += 0.2;
        stall_at_s = 1e9;
      }
      const double answered_s = free_s + latency_s;
      offered += at_s >= warm_up_s ? 1 : 0;
      if (answered_s < warm_up_s || answered_s > end_s) continue;
      ++ended;
      times_s.push_back(answered_s - at_s);
    }
    if (times_s.empty()) return {.p99_s = 1e9, .kept_up = false};
    const auto rank = static_cast<std::size_t>(std::ceil(0.99 * double(times_s.size()))) - 1;
    std::ranges::nth_element(times_s, times_s.begin() + std::ptrdiff_t(rank));
    return {.p99_s = times_s[rank], .kept_up = keeps_up(offered, ended)};
  }

  Measured measure(const Window& window) {
    const Duration all = window.warm_up + window.duration;
    took += all;
    Measured measured{.took = all};
    if (++windows > interrupted_after) return {.kind = Kind::interrupted, .took = all};
    if (!window.rate_per_s) {
      measured.answered_per_s = std::min({capacity_per_s, client_per_s, 64 / (latency_s + 1e-5)});
      const std::chrono::duration<double> each(64 / measured.answered_per_s);
      if (each < window.duration)  // else nothing was answered
        measured.typical = std::chrono::duration_cast<Duration>(each);
      return measured;
    }
    const bool stalls = std::uniform_real_distribution(0., 1.)(random) < stall_chance;
    const Seen seen =
        simulate(*window.rate_per_s, seconds_of(window.warm_up), seconds_of(window.duration),
                 stalls ? seconds_of(window.warm_up) + 0.1 : 1e9);
    measured.kind = seen.kept_up && seen.p99_s < limit_s ? Kind::held : Kind::broken;
    if (*window.rate_per_s > client_per_s) measured.kind = Kind::disturbed;
    return measured;
  }

  MaxRate find(double min_requests = 500) {
    const MaxRate max = find_max({.budget = budget, .min_requests = min_requests},
                                 [this](const Window& window) { return measure(window); });
    EXPECT_LE(took, budget);
    return max;
  }

  /// What a very long window says.
  double knee_per_s() {
    double low = capacity_per_s / 100, high = capacity_per_s;
    while (high / low > 1.002) {
      const double middle = std::sqrt(low * high);
      const double p99_s = simulate(middle, 1, 100'000 / capacity_per_s, 1e9).p99_s;
      (p99_s < limit_s ? low : high) = middle;
    }
    return low;
  }
};

void expect_found(const MaxRate& max, double knee_per_s, double tolerance = 0.05) {
  EXPECT_EQ(max.finding, Finding::found);
  ASSERT_TRUE(max.held_per_s);
  EXPECT_NEAR(*max.held_per_s / knee_per_s, 1, tolerance) << knee_per_s;
}

TEST(FindMax, FindsTheCapacityOfAServerThatTakesSoMuchTimeForEach) {
  for (const double capacity_per_s : {50., 200., 2000., 30'000.}) {
    Simulated server{.capacity_per_s = capacity_per_s, .limit_s = 0.1};
    const MaxRate max = server.find();
    expect_found(max, capacity_per_s);
    EXPECT_LE(*max.broke_per_s / *max.held_per_s, 1 + resolution);
    if (capacity_per_s < 100) continue;  // there is no time for so many windows of so few requests
    EXPECT_TRUE(max.confirmed);
    EXPECT_LT(server.took, budget * 3 / 4) << "it stops when it is sure";
  }
}

TEST(FindMax, FindsWhereThereIsABacklogThoughTheLimitIsFar) {
  Simulated server{.limit_s = 30};
  expect_found(server.find(), 2000);
}

TEST(FindMax, DoesNotMistakeALongAnswerForABacklog) {
  Simulated server{.capacity_per_s = 100, .latency_s = 0.5, .limit_s = 0.6};
  expect_found(server.find(), 100);
}

TEST(FindMax, FindsWhereRandomArrivalsWaitTooLong) {
  for (const double limit_s : {0.003, 0.006, 0.020}) {
    Simulated server{.limit_s = limit_s, .is_poisson = true};
    const double knee_per_s = server.knee_per_s();
    EXPECT_LT(knee_per_s, 0.99 * server.capacity_per_s);
    expect_found(server.find(), knee_per_s);
  }
}

TEST(FindMax, IsNotDeceivedByStalls) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Simulated server{.stall_chance = 0.1, .random = std::mt19937_64(seed)};
    expect_found(server.find(), 2000);
  }
}

TEST(FindMax, SaysThatTheClientWasTheLimit) {
  Simulated server{.capacity_per_s = 20'000, .client_per_s = 5000};
  const MaxRate max = server.find();
  EXPECT_EQ(max.finding, Finding::client_was_limit);
  EXPECT_NEAR(max.held_per_s.value() / 5000, 1, 0.05);
  EXPECT_GT(max.broke_per_s.value(), 5000);
}

TEST(FindMax, SaysThatItNeverHeld) {
  Simulated slow{.latency_s = 0.03};
  const MaxRate max = slow.find();
  EXPECT_EQ(max.finding, Finding::never_held);
  EXPECT_FALSE(max.held_per_s);
  EXPECT_LE(max.broke_per_s.value(), 4) << "the lowest rate that there is time for";
  EXPECT_LT(slow.windows, 20);
  Simulated dead{.capacity_per_s = 1e-9};
  EXPECT_EQ(dead.find().finding, Finding::never_held);
}

TEST(FindMax, SaysWhatThereIsWhenItIsInterrupted) {
  for (const int windows : {0, 1, 5}) {
    Simulated server{.interrupted_after = windows};
    const MaxRate max = server.find();
    EXPECT_EQ(max.finding, Finding::interrupted);
    EXPECT_FALSE(max.confirmed);
    EXPECT_EQ(max.held_per_s.has_value(), windows > 1);
  }
}

TEST(FindMax, TakesNoMoreTimeThanThereIs) {
  Simulated server{.stall_chance = 1};
  const MaxRate max = server.find(1e6);
  EXPECT_FALSE(max.confirmed);
}

TEST(FindMax, AllowsForWhatIsOnItsWay) {
  EXPECT_TRUE(keeps_up(1000, 1000));
  EXPECT_TRUE(keeps_up(1000, 980));
  EXPECT_FALSE(keeps_up(1000, 979));
  EXPECT_TRUE(keeps_up(20, 10));
  EXPECT_FALSE(keeps_up(20, 9));
}

}  // namespace
}  // namespace contend::load
