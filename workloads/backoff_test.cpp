// How long clients wait before they connect again.
#include "workloads/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace contend {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsToAFewMillisecondsAndNoFurther) {
  Backoff backoff(0, 64);
  Duration limit = shortest_backoff;
  for (int i = 0; i < 1000; ++i) {
    const Duration wait = backoff.next();
    EXPECT_GE(wait, limit / 2);
    EXPECT_LE(wait, limit);
    limit = std::min(limit * 2, max_backoff);
  }
  EXPECT_LE(max_backoff, 10ms);
  backoff.reset();
  EXPECT_LE(backoff.next(), shortest_backoff);
}

TEST(Backoff, DiffersFromClientToClientAndFromTimeToTime) {
  std::set<Duration> waits;
  for (std::uint32_t client = 0; client < 10; ++client) {
    Backoff backoff(client, 64);
    for (int i = 0; i < 10; ++i) waits.insert(backoff.next());
  }
  EXPECT_EQ(waits.size(), 100U);
}

/// All of them together try about as often as a few do.
TEST(Backoff, IsLongerForManyClients) {
  Backoff backoff(0, 10'000);
  for (int i = 0; i < 20; ++i) backoff.next();
  EXPECT_GE(backoff.next(), 500ms);
  EXPECT_LE(backoff.next(), 1s);
}

}  // namespace
}  // namespace contend
