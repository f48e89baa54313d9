// The judgement on readings whose cause is known. That a real run gives such readings is what
// `make bench-load` shows.
#include "harness/load/verdict.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// An open loop that was kept, and a closed one with time to spare.
Signals kept() {
  return {.duration = 10s,
          .open_loop = true,
          .cpu_share = 0.3,
          .offered = 10'000,
          .answered = 10'000,
          .lag_p99 = 80us,
          .lag_max = 4ms};
}
Signals closed() {
  return {.duration = 10s, .cpu_share = 0.6, .answered = 100'000};
}

void expect(const Signals& signals, Limit limit, std::optional<bool> trusted,
            const std::string& reason) {
  const Verdict verdict = judge(signals);
  EXPECT_EQ(to_string(verdict.limit), to_string(limit)) << verdict.reasons.at(0);
  EXPECT_EQ(verdict.trusted, trusted) << verdict.reasons.at(0);
  EXPECT_NE(verdict.reasons.at(0).find(reason), std::string::npos) << verdict.reasons.at(0);
}

TEST(Verdict, OfAKeptScheduleIsThatNobodyWasTheLimit) {
  expect(kept(), Limit::none, true, "within 80 us");
  Signals signals = kept();
  signals.steal_share = 0.2;  // it did not matter
  signals.spins = true;
  signals.cpu_share = 1;
  signals.queued = 90;
  signals.server_cpu_share = 0.95;  // it did what was asked
  signals.server_waited_share = 0.3;
  expect(signals, Limit::none, true, "the schedule was kept");
}

TEST(Verdict, NamesTheServerWhereTheLoadHadTimeForMore) {
  expect(closed(), Limit::server, true, "used 60 % of a core");
  Signals signals = kept();
  signals.queued = 3000;
  expect(signals, Limit::server, true, "no connection was free for 30 % of the requests");
  signals.server_cpu_share = 0.99;
  expect(signals, Limit::server, true, "the server used 99 %");
  signals = closed();
  signals.cpu_share = 0.95;  // both were, and it is the server that is measured
  signals.server_cpu_share = 0.97;
  expect(signals, Limit::server, true, "the server used 97 %");
  signals.server_waited_share = 0.8;  // for its own threads
  expect(signals, Limit::server, true, "the server used 97 %");
}

TEST(Verdict, NamesTheClientWhereItHadNoTimeLeft) {
  Signals signals = closed();
  signals.cpu_share = 0.97;
  expect(signals, Limit::client, false, "used 97 % of a core; give it more --threads");
  signals.server_cpu_share = 0.5;
  signals.server_waited_share = 0.02;
  expect(signals, Limit::client, false, "used 97 % of a core");
  signals = closed();
  signals.throttled_share = 0.5;
  signals.waited_share = 0.5;
  expect(signals, Limit::client, false, "a CPU quota");
  signals = closed();
  signals.held_up_share = 0.8;
  expect(signals, Limit::client, false, "stopped, or limited to a part of a CPU");
  signals = kept();
  signals.queued = 9000;
  signals.held_up_share = 0.8;
  expect(signals, Limit::client, false, "for 80 % of the time");
  signals = closed();
  signals.answered = 0;
  signals.ports_ran_out = true;
  expect(signals, Limit::client, false, "ephemeral ports ran out");
}

TEST(Verdict, IsOfTheClientOnlyIfTheServerHadCpuToSpare) {
  EXPECT_TRUE(is_client_limited(0.97, 0.80));
  EXPECT_TRUE(is_client_limited(0.97, std::nullopt)) << "nothing is known of the server";
  EXPECT_FALSE(is_client_limited(0.97, 0.99)) << "both are";
  EXPECT_FALSE(is_client_limited(0.85, 0.80)) << "neither is";
}

TEST(Verdict, NamesTheHostWhereOthersHadTheCpu) {
  Signals signals = closed();
  signals.waited_share = 0.4;
  signals.held_up_share = 0.3;  // which follows from it
  expect(signals, Limit::host, false, "waited for 40 %");
  signals = closed();
  signals.steal_share = 0.2;
  signals.held_up_share = 0.3;
  expect(signals, Limit::host, false, "the hypervisor gave 20 %");
  signals = closed();
  signals.server_waited_share = 0.3;
  expect(signals, Limit::host, false, "the server waited for 30 %");
  signals.server_cpu_share = 0.65;  // which is what the waiting left it
  expect(signals, Limit::host, false, "the server waited for 30 %");
  signals = kept();
  signals.lag_p99 = 3ms;
  expect(signals, Limit::host, false, "the schedule was missed");
}

TEST(Verdict, IsNotGivenWhereThereIsTooLittleToTellBy) {
  Signals signals = kept();
  signals.duration = 100ms;
  expect(signals, Limit::unknown, std::nullopt, "too short");
  signals = closed();
  signals.answered = 0;
  expect(signals, Limit::unknown, std::nullopt, "nothing was answered");
  signals = closed();
  signals.spins = true;
  signals.cpu_share = 1;
  expect(signals, Limit::unknown, std::nullopt, "spins");
}

TEST(Verdict, SaysWhatElseHasToBeKnown) {
  Signals signals = kept();
  signals.accept_overflows = 7;
  EXPECT_EQ(judge(signals).trusted, true);
  EXPECT_NE(judge(signals).reasons.at(1).find("overflowed 7 times"), std::string::npos);
  signals.dropped = 5;
  signals.queued = 5000;
  const Verdict verdict = judge(signals);
  EXPECT_EQ(verdict.trusted, false) << "what was dropped has no latency";
  EXPECT_EQ(verdict.limit, Limit::server);
  EXPECT_EQ(verdict.reasons.size(), 3U);
}

TEST(Verdict, IsJson) {
  const nlohmann::json json = to_json(judge(kept()));
  EXPECT_EQ(json["limit"], "none");
  EXPECT_EQ(json["trusted"], true);
  EXPECT_EQ(json["reasons"].size(), 1U);
  EXPECT_TRUE(to_json(judge({})).at("trusted").is_null());
}

}  // namespace
}  // namespace contend::load
