// The known servers do what they are known for: rules against a clock that is made up, sessions
// against bytes, and the program against the load generator.
#include "harness/baselines/known_answers.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/process/child.hpp"
#include "harness/stats/histogram.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

using testing::patience;
constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: there\r\n\r\n";

TimePoint at(Duration since_begin) {
  return TimePoint(1000s) + since_begin;
}

TEST(AnswerRule, ExactDelaysEach) {
  const auto rule = exact_rule(5ms);
  EXPECT_EQ(rule->due(at(0ms)), at(5ms));
  EXPECT_EQ(rule->due(at(1ms)), at(6ms));
}

TEST(AnswerRule, FrozenAnswersWhatComesInTheFreezeAtItsEnd) {
  const auto rule = frozen_rule(10s, 1s);
  for (const Duration period : {0s, 10s, 20s}) {
    for (const Duration prompt : {0ms, 4499ms, 5500ms, 9999ms})
      EXPECT_EQ(rule->due(at(period + prompt)), at(period + prompt));
    for (const Duration late : {4500ms, 5000ms, 5499ms})
      EXPECT_EQ(rule->due(at(period + late)), at(period + 5500ms));
  }
  EXPECT_THROW(frozen_rule(1s, 1s), std::invalid_argument);
}

TEST(AnswerRule, HundredthDelaysOneInAHundred) {
  const auto rule = hundredth_rule(100ms);
  std::vector<int> late;
  for (int number = 1; number <= 300; ++number)
    if (rule->due(at(0s)) != at(0s)) late.push_back(number);
  EXPECT_EQ(late, (std::vector<int>{100, 200, 300}));
}

TEST(AnswerRule, CapacitySpacesAnswersAndSavesNothingUp) {
  const auto rule = capacity_rule(1000);
  EXPECT_EQ(rule->due(at(0ms)), at(0ms));
  EXPECT_EQ(rule->due(at(0ms)), at(1ms));
  EXPECT_EQ(rule->due(at(0ms)), at(2ms));
  EXPECT_EQ(rule->due(at(2500us)), at(3ms));
  EXPECT_EQ(rule->due(at(10ms)), at(10ms)) << "it has been idle";
  EXPECT_EQ(rule->due(at(10ms)), at(11ms)) << "and has not saved that up";
}

/// How many answers the session gives to this chunk, and in how many sends.
std::pair<std::size_t, std::size_t> answers_to(Session& session, std::string_view chunk) {
  std::size_t bytes = 0, sends = 0;
  Step step = session.on_bytes(std::as_bytes(std::span(chunk)));
  for (;; step = session.on_sent()) {
    bytes += step.send.size();
    sends += step.send.empty() ? 0 : 1;
    if (step.then != Step::Then::more) break;
  }
  EXPECT_EQ(step.then, Step::Then::await_bytes);
  const std::size_t answer =
      std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").size();
  EXPECT_EQ(bytes % answer, 0U);
  return {bytes / answer, sends};
}

TEST(KnownService, AnswersEachRequestWhereverItIsCut) {
  for (const auto& service : {prompt_service(), known_service(exact_rule(0s))}) {
    const auto session = service->open();
    EXPECT_EQ(answers_to(*session, request).first, 1U);
    std::string several;
    for (int i = 0; i < 3; ++i) several += request;
    for (std::size_t cut = 0; cut <= several.size(); ++cut) {
      std::size_t answers = 0;
      for (const std::string& part : {several.substr(0, cut), several.substr(cut)})
        if (!part.empty()) answers += answers_to(*session, part).first;
      EXPECT_EQ(answers, 3U) << "cut at " << cut;
    }
    std::size_t answers = 0;
    for (const char byte : several) answers += answers_to(*session, {&byte, 1}).first;
    EXPECT_EQ(answers, 3U);
    EXPECT_EQ(answers_to(*session, "A: \r\n\r\r\n").first, 0U);
    EXPECT_EQ(answers_to(*session, "\r\n").first, 1U);
  }
}

TEST(KnownService, PromptlySendsAllAnswersAtOnce) {
  const auto service = prompt_service();
  const auto session = service->open();
  std::string many;
  for (int i = 0; i < 1000; ++i) many += request;
  EXPECT_EQ(answers_to(*session, many.substr(0, 16 * request.size())), (std::pair{16UL, 1UL}));
  EXPECT_EQ(answers_to(*session, many), (std::pair{1000UL, 4UL}));
}

TEST(KnownService, HoldsAnswersByTheRule) {
  const auto service = known_service(capacity_rule(1));
  const auto session = service->open();
  const std::string two = std::string(request) + std::string(request);
  EXPECT_FALSE(session->on_bytes(std::as_bytes(std::span(two))).not_before);
  const Step second = session->on_sent();
  ASSERT_TRUE(second.not_before);
  EXPECT_GT(*second.not_before, Clock::now());
  EXPECT_FALSE(second.send.empty());
}

class KnownServerTest : public ::testing::Test {
 protected:
  /// What `contend load` says, in JSON, of a server that is started and ended for it.
  json load(std::vector<std::string> server, std::vector<std::string> options) {
    server.insert(server.begin(), CONTEND_KNOWN_SERVER_BINARY);
    Child child(guard_, {.arguments = std::move(server)});
    options.insert(options.begin(), {CONTEND_BINARY, "load",
                                     "http://" + testing::address_of(child) + "/", "--json"});
    Child generator(guard_, {.arguments = std::move(options)});
    const json report = generator.read(Clock::now() + patience, {}, {});
    generator.wait(Clock::now() + patience);
    EXPECT_EQ(report.at("errors"), json::object()) << report;
    EXPECT_TRUE(child.stop(patience).clean()) << child.stderr_text();
    return report;
  }
  void expect_refused(std::vector<std::string> arguments, const std::string& why) {
    arguments.insert(arguments.begin(), CONTEND_KNOWN_SERVER_BINARY);
    Child child(guard_, {.arguments = std::move(arguments)});
    EXPECT_EQ(child.wait(Clock::now() + patience).number, 2);
    EXPECT_NE(child.stderr_text().find(why), std::string::npos) << child.stderr_text();
  }
  static Histogram times(const json& report) {
    return Histogram::from_json(report.at("service_time"));
  }

  Guard guard_;
};

TEST_F(KnownServerTest, IsNeverEarlier) {
  const json report = load({"exact", "--delay-us", "5000"}, {"-n", "20", "-c", "4"});
  EXPECT_EQ(report["answered"], 20);
  EXPECT_GE(times(report).min(), 5ms);
}

TEST_F(KnownServerTest, HoldsUpEveryHundredthAndNoOther) {
  const json report = load({"hundredth", "--delay-us", "200000"}, {"-n", "400", "-c", "8"});
  EXPECT_EQ(report["answered"], 400);
  EXPECT_GE(times(report).value_at(99.5), 200ms) << "4 of 400";
  EXPECT_LT(times(report).min(), 200ms);
}

TEST_F(KnownServerTest, FreezesOnceAPeriod) {
  const json report = load({"frozen", "--period-ms", "400", "--freeze-ms", "200"},
                           {"--rate", "500", "-n", "200", "-d", "50s", "-c", "4"});
  EXPECT_GE(Histogram::from_json(report["response_time"]).max(), 100ms);
}

TEST_F(KnownServerTest, NeverAnswersMoreThanItsCapacity) {
  const json report = load({"capacity", "--rate", "500"}, {"-d", "500ms", "-c", "16"});
  EXPECT_GT(report["answered"], 0);
  EXPECT_LE(report["answered"].get<double>(), 1 + 500 * report["duration_ns"].get<double>() / 1e9);
}

TEST_F(KnownServerTest, AnswersWhatIsPipelined) {
  const json report = load({"answers"}, {"-n", "5000", "-c", "4", "-p", "16"});
  EXPECT_EQ(report["answered"], 5000);
}

TEST_F(KnownServerTest, SaysWhatIsWrong) {
  expect_refused({"exact"}, "--delay-us is required");
  expect_refused({"capacity", "--rate", "0"}, "--rate");
  expect_refused({"frozen", "--period-ms", "5", "--freeze-ms", "5"}, "shorter than the period");
}

}  // namespace
}  // namespace contend
