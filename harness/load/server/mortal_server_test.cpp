// A server that stops answering in the middle of a load, against every way to judge it: no such run
// may pass, however it is asked and however long it takes.
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/load/load_testing.hpp"
#include "harness/stats/histogram.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::patience;
using Words = std::vector<std::string>;

class OnMortalServer : public ::testing::Test {
 protected:
  struct Said {
    int exit_code = -1;
    json answer;
  };

  struct Load {
    std::unique_ptr<Child> server, child;
  };

  /// Starts to load a server that fails in this way after `requests` answers. A silence is told
  /// from a slow server by the longest answer, so that each load goes on for long enough for a
  /// machine that stalls.
  Load start(const std::string& way, int requests, const Words& words) {
    const Words script{"/usr/bin/python3", "-B",
                       CONTEND_SOURCE_DIR "/harness/load/server/mortal_server.py", way,
                       std::to_string(requests)};
    Load load{.server = std::make_unique<Child>(guard_, Command{.arguments = script}), .child = {}};
    Words all{CONTEND_BINARY, "load", "http://" + testing::address_of(*load.server) + "/",
              "-c",           "4",    "--json"};
    all.insert(all.end(), words.begin(), words.end());
    load.child = std::make_unique<Child>(guard_, Command{.arguments = all});
    return load;
  }

  static Said finish(const Load& load) {
    const json answer = json::parse(load_testing::output_of(*load.child, patience), nullptr,
                                    /*allow_exceptions=*/false);
    return {.exit_code = load.child->wait(Clock::now() + patience).number, .answer = answer};
  }

  Said load(const std::string& way, int requests, const Words& words) {
    return finish(start(way, requests, words));
  }

  /// All loads at once, since they wait more than they compute.
  void expect_failure_of(const std::string& way) {
    const std::vector<Words> loops{{"-d", "2s"},
                                   {"-d", "1500ms", "--rate", "200"},
                                   {"-d", "1200ms", "--timeout", "100ms"},
                                   {"-d", "800ms", "--rate", "200", "--timeout", "100ms"}};
    std::vector<Load> loads;
    for (Words words : loops) {
      words.insert(words.end(), {"--expect-slo", "p50<10s,p99<10s,errors<100%"});
      loads.push_back(start(way, 50, words));
    }
    const Load plain = start(way, 50, {"-d", "1500ms"});
    const Load sweep = start(way, 200, {"--sweep", "100,200", "-d", "3s"});
    const Load search = start(way, 100, {"--find-max", "p99<10s,errors<100%", "-d", "4s"});
    for (std::size_t i = 0; i < loops.size(); ++i) {
      const Said said = finish(loads[i]);
      SCOPED_TRACE(way + ::testing::PrintToString(loops[i]) + said.answer.dump());
      EXPECT_EQ(said.exit_code, 1);
      EXPECT_EQ(said.answer["answered"], 50);
      EXPECT_EQ(said.answer["objective"]["held"], false);
      EXPECT_EQ(said.answer["verdict"]["trusted"], false);
      ASSERT_FALSE(said.answer["gaps"].empty());
      EXPECT_GT(said.answer["signals"]["silent_for_ns"], 0);
    }
    EXPECT_EQ(finish(plain).exit_code, 1) << "without any objective";
    EXPECT_EQ(finish(sweep).exit_code, 1);
    const Said found = finish(search);
    EXPECT_EQ(found.exit_code, 1);
    EXPECT_EQ(found.answer["result"]["finding"], "server_gone") << found.answer.dump();
  }

  Guard guard_;
};

TEST_F(OnMortalServer, FailsIfTheServerIsKilled) {
  expect_failure_of("kill");
}

TEST_F(OnMortalServer, FailsIfTheServerStandsStill) {
  expect_failure_of("stop");
}

TEST_F(OnMortalServer, FailsIfTheServerRefusesEverybody) {
  expect_failure_of("refuse");
}

/// What waited at the end is in the percentiles, as long as it has waited.
TEST_F(OnMortalServer, CountsWhatWaitsAtTheEnd) {
  const Said said = load("stop", 100, {"-d", "1s", "--rate", "200", "--expect-slo", "p99<100ms"});
  const json& arrivals = said.answer["arrivals"];
  EXPECT_EQ(said.answer["answered"].get<int>() + said.answer["unanswered"].get<int>() +
                arrivals["unsent"].get<int>(),
            200);
  EXPECT_GE(arrivals["overdue"], arrivals["unsent"].get<int>() - 10) << "due for less than 50 ms";
  EXPECT_GE(said.answer["objective"]["terms"][0]["measured_ns"], 400'000'000);
}

/// The outage lasts as long as the server was away, and what waited meanwhile has queued: neither
/// the load nor the host was late.
TEST_F(OnMortalServer, MeasuresTheOutageOfAServerThatReturns) {
  const Said said = load("return", 100, {"-d", "2s", "--rate", "200", "--expect-slo", "errors=0"});
  SCOPED_TRACE(said.answer.dump());
  EXPECT_NE(said.exit_code, 0);
  ASSERT_EQ(said.answer["gaps"].size(), 1U);
  EXPECT_GE(said.answer["gaps"][0]["length_ns"], 250'000'000);
  EXPECT_GE(said.answer["arrivals"]["queued"], 40) << "of the 60 that were due while it was away";
  EXPECT_EQ(said.answer["signals"]["silent_for_ns"], 0);
  EXPECT_LT(Histogram::from_json(said.answer["send_lag"]).max(), 250ms);
}

}  // namespace
}  // namespace contend::load
