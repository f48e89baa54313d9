// How the io_uring engine lets answers gather: the wait, and the trials that choose it.
#include <sys/socket.h>

#include <array>
#include <optional>
#include <thread>
#include <vector>

#include "engines/io_uring_testing.hpp"
#include "engines/uring/gather.hpp"

namespace contend::test {
namespace {

/// A ring with two receives, for only those gather: a timeout's completion wakes whoever waits.
class GatheringRing : public ::testing::Test {
 protected:
  void SetUp() override {
    if (uring::unavailable() != nullptr || !uring::probe().minimal_wait ||
        !uring::probe().defer_taskrun)
      GTEST_SKIP() << "this kernel lets nothing gather";
    ring_.emplace(uring::Setup{}, false);
    for (Pair& pair : pairs_) {
      int ends[2];
      ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
      pair.here = Fd(ends[0]);
      pair.there = Fd(ends[1]);
      io_uring_prep_recv(ring_->entry(), pair.here.get(), &pair.received, 1, 0);
    }
    ring_->submit();
  }
  void arrive(std::size_t at) { ASSERT_EQ(send(pairs_[at].there.get(), "x", 1, 0), 1); }
  int completed_after_waiting(uring::Ring::Gathering gathering, Duration timeout) {
    ring_->submit_and_gather(gathering, timeout);
    int count = 0;
    ring_->for_each_completion([&](std::uint64_t, int, unsigned) { ++count; });
    return count;
  }

  struct Pair {
    Fd here, there;
    char received = 0;
  };
  std::array<Pair, 2> pairs_;
  std::optional<uring::Ring> ring_;
};

TEST_F(GatheringRing, WaitsForAsManyAsItIsTold) {
  const std::jthread sender([&] {
    arrive(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    arrive(1);
  });
  EXPECT_EQ(
      completed_after_waiting({.count = 2, .longest = std::chrono::seconds(20)}, Duration::max()),
      2);
}

TEST_F(GatheringRing, IsContentWithOneOnceTheTimeHasPassed) {
  const TimePoint began = Clock::now();
  const std::jthread sender([&] { arrive(0); });
  EXPECT_EQ(completed_after_waiting({.count = 2, .longest = std::chrono::milliseconds(50)},
                                    std::chrono::seconds(20)),
            1);
  EXPECT_GE(Clock::now() - began, std::chrono::milliseconds(50));
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(20));
}

TEST_F(GatheringRing, EndsWhereNothingComes) {
  EXPECT_EQ(completed_after_waiting({.count = 2, .longest = std::chrono::milliseconds(5)},
                                    std::chrono::milliseconds(20)),
            0);
}

/// Plays windows of 20 ms, in which a request costs what it is told to.
class Gathering : public ::testing::Test {
 protected:
  static constexpr unsigned tried = 8, followed = 56;
  static constexpr std::size_t usual = 2000;  // requests a window without gathering, of 5 us each

  Gathering() { gather_.learn(0, 64, now_); }

  /// Whether the next window gathers.
  bool after_window(std::size_t sent, Duration each) {
    now_ += std::chrono::milliseconds(20);
    used_ += static_cast<Duration::rep>(sent) * each;
    gather_.learn(sent, 64, now_);
    return gather_.next(64).count > 1;
  }
  /// The same, where one that gathers costs and sends so much.
  bool after_window_of(bool gathering, std::size_t sent, Duration each) {
    return gathering ? after_window(sent, each) : after_window(usual, std::chrono::microseconds(5));
  }
  /// How many windows gather of the `between` between this trial and the next one, where it costs
  /// and sends so much.
  unsigned gathering_windows(std::size_t sent, Duration each, unsigned between = followed) {
    bool gathers = false;
    for (unsigned i = 0; i < tried; ++i) gathers = after_window_of(gathers, sent, each);
    unsigned gathering = 0;
    for (unsigned i = 0; i < between; ++i) {
      gathering += gathers ? 1 : 0;
      gathers = after_window_of(gathers, sent, each);
    }
    EXPECT_FALSE(gathers) << "a trial begins without";
    return gathering;
  }

  static inline Duration used_{};
  uring::Gather gather_{0.03, [] { return used_; }};
  TimePoint now_ = Clock::now();
};

TEST_F(Gathering, IsDoneWhereItPays) {
  using std::chrono::microseconds;
  constexpr unsigned longer = 2 * followed;  // once it has not paid
  EXPECT_EQ(gathering_windows(usual, microseconds(4)), followed);
  EXPECT_EQ(gathering_windows(1980, microseconds(4)), followed) << "what was before counts too";
  EXPECT_EQ(gathering_windows(1900, microseconds(4), longer), 0U)
      << "latency would be higher by 5 %";
  EXPECT_EQ(gathering_windows(2300, microseconds(4)), followed);
  EXPECT_EQ(gathering_windows(usual, microseconds(9), longer), 0U) << "it costs more";
}

TEST_F(Gathering, IsLeftAloneForLongerEachTimeThatItDoesNotPay) {
  std::vector<unsigned> begun;  // windows that gather after one that did not: two in a trial
  bool gathers = false;
  for (unsigned i = 1; begun.size() < 11; ++i) {
    const bool next = after_window_of(gathers, usual, std::chrono::microseconds(9));
    if (next && !gathers) begun.push_back(i);
    gathers = next;
  }
  std::vector<unsigned> between;  // the last beginning of a trial and the first of the next one
  for (std::size_t i = 1; i + 1 < begun.size(); i += 2) between.push_back(begun[i + 1] - begun[i]);
  constexpr unsigned within = 4;  // of them, windows that are the trials'
  EXPECT_EQ(between, (std::vector{followed + within, 2 * followed + within, 4 * followed + within,
                                  8 * followed + within, 8 * followed + within}));
}

TEST_F(Gathering, IsJudgedByWholeRounds) {
  EXPECT_FALSE(after_window(63, std::chrono::microseconds(500))) << "one has not sent yet";
  EXPECT_TRUE(after_window(1, std::chrono::microseconds(500)));
}

TEST_F(Gathering, IsNotJudgedWhileConnectionsAreMade) {
  gather_.disturbed();
  EXPECT_FALSE(after_window(usual, std::chrono::microseconds(5))) << "the window begins here";
  EXPECT_TRUE(after_window(usual, std::chrono::microseconds(5)));
}

TEST_F(Gathering, IsNotTriedWhereThereIsNothingToSave) {
  for (unsigned i = 0; i < 3 * tried; ++i)
    EXPECT_FALSE(after_window(2000, std::chrono::microseconds(3))) << "30 % of the time";
}

TEST_F(Gathering, GoesOnForAShareOfTheTimeBetweenRequests) {
  using std::chrono::microseconds;
  const auto longest = [&](std::size_t sent, std::size_t connections) {
    for (bool gathers = false; !gathers;) gathers = after_window(2000, microseconds(5));
    after_window(sent, microseconds(5));
    const auto next = gather_.next(connections);
    return next.count > 1 ? next.longest : Duration{};
  };
  EXPECT_EQ(gather_.next(64).count, 1U) << "nothing is known yet";
  EXPECT_NEAR(static_cast<double>(longest(1000, 64).count()), 0.03 * 1280e3, 500);
  EXPECT_EQ(longest(64, 64), microseconds(100)) << "whatever the share is";
  EXPECT_EQ(longest(20'000, 64), Duration{}) << "less than a timer is worth";
  EXPECT_EQ(longest(1000, 3), Duration{}) << "too few";
}

}  // namespace
}  // namespace contend::test
