// Readings of texts as the kernel writes them, and of this machine.
#include "harness/machine/self_check.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;

TEST(SelfCheck, FindsACounterOfNetstat) {
  const std::string text =
      "TcpExt: SyncookiesSent ListenOverflows ListenDrops\n"
      "TcpExt: 1 22 333\n"
      "IpExt: InNoRoutes InOctets\n"
      "IpExt: 4 55555\n";
  EXPECT_EQ(netstat_counter(text, "TcpExt:", "ListenOverflows"), 22U);
  EXPECT_EQ(netstat_counter(text, "IpExt:", "InOctets"), 55555U);
  EXPECT_EQ(netstat_counter(text, "IpExt:", "ListenDrops"), std::nullopt);
  EXPECT_EQ(netstat_counter(text, "MPTcpExt:", "InOctets"), std::nullopt);
  EXPECT_EQ(netstat_counter("", "TcpExt:", "ListenOverflows"), std::nullopt);
  EXPECT_EQ(netstat_counter("TcpExt: A", "TcpExt:", "A"), std::nullopt);
}

TEST(SelfCheck, FindsTheThrottlingInEitherVersionOfControlGroups) {
  EXPECT_EQ(throttled_time("usage_usec 9\nnr_throttled 2\nthrottled_usec 1500\n"), 1500us);
  EXPECT_EQ(throttled_time("nr_periods 4\nnr_throttled 2\nthrottled_time 77\n"), 77ns);
  EXPECT_EQ(throttled_time("usage_usec 9\n"), std::nullopt);
}

/// Whatever these files hold, reading them is no failure of a run.
TEST(SelfCheck, ReadsAnyText) {
  std::mt19937 random(1);
  const std::string_view words[] = {
      "TcpExt:", " ", "\n", "ListenOverflows", "throttled_usec ", "9", "-1", "99999999999999999999",
      "x"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto left = random() % 20; left > 0; --left) text += words[random() % std::size(words)];
    netstat_counter(text, "TcpExt:", "ListenOverflows");
    throttled_time(text);
  }
}

TEST(SelfCheck, ReadsAnyThread) {
  if (!ThreadReading::of(gettid())) GTEST_SKIP() << "the kernel does not count it";
  // What a thread ran is counted at the kernel's next tick, or where it gives way: 0 until then.
  EXPECT_TRUE(testing::eventually([] { return ThreadReading::of(gettid())->ran > 0ns; }));
  EXPECT_EQ(ThreadReading::of(0), std::nullopt);
  EXPECT_EQ(share(1s, 4s), 0.25);
  EXPECT_EQ(share(1s, 0s), 0);
}

TEST(SelfCheck, ReadsThisThreadAndThisMachine) {
  const ThreadReading before = ThreadReading::now();
  std::uint64_t work = 1;
  ASSERT_TRUE(testing::eventually([&] {
    for (int i = 0; i < 100'000; ++i) work = work * 3 + 1;
    return work != 0 && (ThreadReading::now() - before).ran >= 5ms;
  }));
  EXPECT_GE((ThreadReading::now() - before).waited, 0ns);
  const HostReading host = HostReading::now(Endpoint::loopback(1));
  EXPECT_TRUE(host.cpu.known);
  EXPECT_GT(ephemeral_ports().value_or(0), 1000U);
}

}  // namespace
}  // namespace contend
