// Loads at several rates against servers that are not ours: what is measured, how it ends, and what
// is said of it. How good the search is, is find_max_test.cpp's.
#include "harness/load/search/search.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engines/test_server.hpp"
#include "harness/load/search/search_command.hpp"
#include "harness/load/search/search_report.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::TestServer;

class SearchTest : public ::testing::Test {
 protected:
  SearchTest()
      : server_([](Client& peer) {
          std::string got;
          for (std::string more; !(more = peer.receive(1)).empty();) {
            got += more;
            if (!got.ends_with("\r\n\r\n")) continue;
            peer.send("HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n");
            got.clear();
          }
        }) {}

  Search search(Duration budget) const {
    return {.spec = {.target = Target::parse("http://" + server_.address() + "/"),
                     .connections = 4,
                     .duration = budget,
                     .schedule = Schedule{}},
            .budget = budget};
  }

  TestServer server_;
};

TEST_F(SearchTest, SweepsOverTheRatesInTheirOrder) {
  Search sweep = search(1500ms);
  sweep.rates_per_s = {200, 50, 100};
  std::vector<double> seen;
  const SearchReport report =
      run_command(sweep, {}, [&](const Point& point) { seen.push_back(point.rate_per_s); });
  EXPECT_EQ(seen, sweep.rates_per_s);
  ASSERT_EQ(report.points.size(), 3U);
  EXPECT_EQ(report.points[0].report.signals.offered, 80U) << "of 400 ms after 100 ms of warm-up";
  EXPECT_EQ(report.points[1].report.signals.offered, 20U);
  EXPECT_FALSE(report.max);
  EXPECT_FALSE(report.interrupted);
  EXPECT_GE(report.took, 1s);
  const std::string words = text(sweep, report);
  EXPECT_LT(words.find("50.0/s"), words.find("100/s")) << "by rate, not by time\n" << words;
  EXPECT_TRUE(to_json(sweep, report)["result"].is_null());
}

TEST_F(SearchTest, SaysThatItNeverHeld) {
  Search never = search(2s);
  never.objective = Objective::parse("p50<1us");
  const SearchReport report = run_command(never, {}, [](const Point&) {});
  ASSERT_TRUE(report.max);
  EXPECT_FALSE(report.max->held_per_s);
  EXPECT_GT(report.estimate_per_s.value(), 0);
  EXPECT_LT(report.points.back().rate_per_s, report.points.front().rate_per_s);
  for (const Point& point : report.points) EXPECT_NE(point.kind, Measured::Kind::held);
  EXPECT_NE(text(never, report).find("p50<1us broken: "), std::string::npos);
}

TEST(SearchExitCode, IsZeroOnlyWhereTheAnswerIsSure) {
  using Finding = MaxRate::Finding;
  const auto code = [](Finding finding, bool confirmed, bool interrupted = false) {
    return exit_code_of(
        {.max = MaxRate{.finding = finding, .confirmed = confirmed}, .interrupted = interrupted});
  };
  EXPECT_EQ(code(Finding::found, true), 0);
  EXPECT_EQ(code(Finding::found, false), 3);
  EXPECT_EQ(code(Finding::client_was_limit, true), 3) << "sure of it, but not of the server";
  EXPECT_EQ(code(Finding::never_held, false), 1);
  EXPECT_EQ(code(Finding::interrupted, false, true), 130);
}

TEST_F(SearchTest, EndsWhereItIsInterrupted) {
  StopSource stop;
  Search endless = search(1h);
  endless.objective = Objective::parse("p99<1h");
  endless.spec.duration = 1h;
  stop.request();
  const SearchReport report = run_command(endless, stop.token(), [](const Point&) {});
  EXPECT_TRUE(report.interrupted);
  EXPECT_TRUE(report.points.empty());
  EXPECT_EQ(report.max.value().finding, MaxRate::Finding::interrupted);
  EXPECT_NE(text(endless, report).find("interrupted"), std::string::npos);
}

}  // namespace
}  // namespace contend::load
