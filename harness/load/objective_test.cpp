// Objectives as they are written, and what they say of runs.
#include "harness/load/objective.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// Of an open loop, answered so fast, one request each.
RunReport answered_in(const std::vector<Duration>& times) {
  RunReport report{.duration = 1s, .answered = times.size()};
  report.signals.open_loop = true;
  for (const Duration time : times) report.response_time.record(time);
  return report;
}

bool held(const char* objective, const RunReport& report) {
  return judge(Objective::parse(objective), report).held();
}

TEST(Objective, IsReadAndWrittenAsTheSame) {
  for (const char* text :
       {"p50<1us", "p99.9<=5ms", "p99<1500us", "p0.001<1.5us", "p99.999<3600s", "max<1s,mean<2ms",
        "errors=0", "errors<10", "errors<=3", "errors<0.1%", "errors<=100%", "errors=0%",
        "rate>1000", "rate>=0.5", "p99<5ms,errors<0.1%,rate>100"})
    EXPECT_EQ(Objective::parse(text).text(), text);
  EXPECT_EQ(Objective::parse(" p99 < 5ms , errors = 0 ").text(), "p99<5ms,errors=0");
  EXPECT_EQ(Objective::parse("p99<1m").text(), "p99<60s");
}

TEST(Objective, SaysWhichTermIsWrongAndHowToWriteIt) {
  const auto refused = [](const std::string& text, const std::string& why) {
    EXPECT_TRUE(testing::complains([&] { Objective::parse(text); }, why)) << text;
    EXPECT_TRUE(testing::complains([&] { Objective::parse(text); }, "write terms such as"));
  };
  refused("", "it has no <");
  refused("p99<5ms,", "it has no <");
  refused("errors=0,p99", "'p99' is no objective");
  refused("latency<5ms", "pNN between p0 and p100");
  refused("p100<5ms", "pNN between p0 and p100");
  refused("p0<5ms", "pNN between p0 and p100");
  refused("pnan<5ms", "pNN between p0 and p100");
  refused("p1e1<5ms", "pNN between p0 and p100");
  refused("p99.9999<5ms", "up to three decimals");
  refused("p99<5", "needs a unit");
  refused("p99<5 parsecs", "is no time");
  refused("p99=5ms", "write < or <=");
  refused("p99>5ms", "write < or <=");
  refused("errors>1", "write < or <=");
  refused("errors==0", "write = once");
  refused("errors<0", "write errors=0");
  refused("errors<-1", "a whole number");
  refused("errors<1.5", "a whole number");
  refused("errors<101%", "0% to 100%");
  refused("errors<inf%", "0% to 100%");
  refused("rate<5", "a rate is to be > or >=");
  refused("rate>0", "a number above 0");
}

/// Whatever is written is read as itself or refused in words.
TEST(Objective, IsNeverMisread) {
  std::mt19937_64 random(1);
  const std::vector<std::string> parts{
      "p", "99", ".", "9",  "0",  "5", "max", "mean", "errors", "rate", "<", "<=",   "=",
      ">", ",",  "%", "ms", "us", "s", "1e3", "-",    "nan",    " ",    "h", "\xff", "p99<5ms"};
  int read = 0;
  for (int i = 0; i < testing::random_cases(50'000); ++i) {
    std::string text;
    for (auto left = 1 + random() % 8; left > 0; --left) text += parts[random() % parts.size()];
    try {
      const Objective objective = Objective::parse(text);
      ++read;
      ASSERT_EQ(Objective::parse(objective.text()), objective)
          << text << " is " << objective.text();
    } catch (const std::invalid_argument& error) {
      ASSERT_NE(std::string(error.what()).find("is no objective"), std::string::npos) << text;
    }
  }
  EXPECT_GT(read, testing::random_cases(100)) << "the strings are too wild to tell";
}

TEST(Objective, JudgesTheTimesOfTheLoop) {
  const RunReport report = answered_in({1ms, 2ms, 3ms, 10ms});
  EXPECT_TRUE(held("p50<2.1ms,p99<=11ms,max<=10ms,mean<5ms", report));
  EXPECT_FALSE(held("p50<2ms", report));
  EXPECT_FALSE(held("p50<2.1ms,max<10ms", report)) << "each term counts";
  EXPECT_FALSE(held("mean<4ms", report));
  RunReport closed = answered_in({1ms});
  closed.signals.open_loop = false;
  closed.service_time.record(7ms);
  EXPECT_FALSE(held("max<5ms", closed)) << "a closed loop has service times only";
}

TEST(Objective, CountsAsErrorsWhatWasNotAnsweredRightly) {
  RunReport report = answered_in(std::vector<Duration>(999, 1ms));
  report.unanswered = 5;
  report.unsent = 5;
  EXPECT_TRUE(held("errors=0", report)) << "these have not failed";
  report.errors = {{"refused", 1}};
  EXPECT_TRUE(held("errors<=1,errors<0.2%,errors<=0.1%", report));
  EXPECT_FALSE(held("errors=0", report));
  EXPECT_FALSE(held("errors<0.1%", report));
  report.overdue = 2;
  report.dropped = 3;
  EXPECT_TRUE(held("errors=6", report));
}

TEST(Objective, IsBrokenIfTheServerHasStoppedAnswering) {
  RunReport report = answered_in(std::vector<Duration>(999, 1ms));
  report.unanswered = 4;
  EXPECT_TRUE(held("p99<2ms,max<2ms,errors<99%,rate>1", report));
  report.silent_for = 300ms;
  EXPECT_EQ(errors_of(report), 4U) << "nobody will answer what is in flight";
  for (const char* objective : {"p99<2ms", "max<2ms", "mean<2ms", "errors<99%", "rate>1"})
    EXPECT_FALSE(held(objective, report)) << objective;
  EXPECT_EQ(judge(Objective::parse("max<2ms"), report).terms[0].words,
            "max<2ms broken: 1 ms, and nothing was answered in the last 300 ms");
}

TEST(Objective, SaysWhatWasMeasured) {
  RunReport report = answered_in({1ms, 3ms});
  const Judgement judgement = judge(Objective::parse("max<2ms,errors=0,errors<1%,rate>1"), report);
  std::vector<std::string> words;
  for (const EvaluatedTerm& judged : judgement.terms) words.push_back(judged.words);
  EXPECT_EQ(words, (std::vector<std::string>{"max<2ms broken: 3 ms", "errors=0 held: 0",
                                             "errors<1% held: 0 %", "rate>1 held: 2.00/s"}));
  EXPECT_EQ(to_json(judgement)["terms"][0], (nlohmann::json{{"text", "max<2ms"},
                                                            {"held", false},
                                                            {"limit_ns", 2'000'000},
                                                            {"measured_ns", 3'000'000}}));
  EXPECT_EQ(to_json(judgement)["held"], false);
}

TEST(Objective, IsBrokenWhereNothingWasAnswered) {
  const Judgement judgement = judge(Objective::parse("errors<1%"), {.duration = 1s});
  EXPECT_FALSE(judgement.held());
  EXPECT_EQ(judgement.terms[0].words, "errors<1% broken: nothing was answered");
  EXPECT_TRUE(to_json(judgement)["terms"][0]["measured_share"].is_null());
}

TEST(Objective, NeedsMoreRequestsTheRarerWhatItIsAbout) {
  EXPECT_NEAR(Objective::parse("p99<1s").min_requests(), 500, 1);
  EXPECT_NEAR(Objective::parse("p50<1s,p99.9<1s").min_requests(), 5000, 1);
  EXPECT_NEAR(Objective::parse("errors<0.1%").min_requests(), 5000, 1);
  EXPECT_NEAR(Objective::parse("errors=0").min_requests(), 5, 1);
}

}  // namespace
}  // namespace contend::load
