// Suites: strict parsing, expansion to cells, and whatever bytes a file may hold.
#include "harness/bench/suite.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/json.hpp"
#include "harness/base/random.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using nlohmann::json;
using testing::complains;

Host some_host() {
  HostEngine one{.name = "one",
                 .summary = "",
                 .roles = {Role::serve, Role::drive, Role::run},
                 .unavailable = {}};
  HostEngine two = one, hidden = one;
  two.name = "two";
  two.scales = two.spins = true;
  hidden.name = "hidden";
  hidden.charted = false;
  hidden.delays = true;
  HostEngine client{.name = "client", .summary = "", .roles = {Role::drive}, .unavailable = {}};
  const HostEngine foreign{.name = "foreign",
                           .summary = "",
                           .roles = {Role::serve, Role::drive},
                           .unavailable = {},
                           .manifest = "foreign/manifest.json",
                           .played = {{Role::serve, "talk"}, {Role::drive, "ask"}}};
  return {.engines = {one, two, hidden, client, foreign},
          .workloads = {
              {.name = "talk",
               .summary = "",
               .role = Role::serve,
               .kinds = {},
               .parameters = {{"size", "", 64, 1, 100}}},
              {.name = "ask", .summary = "", .role = Role::drive, .kinds = {}, .parameters = {}},
              {.name = "work",
               .summary = "",
               .role = Role::run,
               .kinds = {},
               .parameters = {{"n", "", 30, 1, 40}}}}};
}

json some_suite() {
  return json::parse(R"({"name": "mine", "summary": "of mine", "rounds": 3, "cells": [
    {"workload": "talk", "connections": [1, 8], "parameters": {"size": 10}, "variant": "small",
     "window_ms": 20, "warmup_ms": 5},
    {"workload": "talk", "connections": [1], "workers": 2, "spin_us": 50},
    {"workload": "talk", "connections": [1], "engines": ["hidden"], "delay_us": 5000},
    {"workload": "ask", "connections": [5]},
    {"workload": "work"}]})");
}

std::vector<std::string> ids_of(const json& suite, const Selection& selection = {}) {
  std::vector<std::string> ids;
  for (const Cell& cell : expand(parse_suite(suite, "mine.json"), some_host(), selection))
    ids.push_back(cell.id());
  return ids;
}

using Ids = std::vector<std::string>;

TEST(Suite, MakesACellOfEachEngineThatCanPlayIt) {
  EXPECT_EQ(ids_of(some_suite()),
            (Ids{"talk/one/1/small", "talk/two/1/small", "talk/one/8/small", "talk/two/8/small",
                 "talk/two/1", "talk/hidden/1", "ask/one/5", "ask/two/5", "ask/client/5",
                 "work/one", "work/two"}));
}

TEST(Suite, GivesCellsTheirOptionsAndAllParameters) {
  const auto cells = expand(parse_suite(some_suite(), "mine.json"), some_host(), {});
  EXPECT_EQ(cells[0].options.parameters, (std::map<std::string, std::int64_t>{{"size", 10}}));
  EXPECT_EQ(cells[0].options.window, std::chrono::milliseconds(20));
  EXPECT_EQ(cells[0].options.warmup, std::chrono::milliseconds(5));
  EXPECT_EQ(cells[4].options.parameters.at("size"), 64);
  EXPECT_EQ(cells[4].options.workers, 2U);
  EXPECT_EQ(cells[4].options.spin, std::chrono::microseconds(50));
  EXPECT_EQ(cells[5].options.delay, std::chrono::milliseconds(5));
}

TEST(Suite, IsNarrowedToSelectedEnginesAndWorkloads) {
  EXPECT_EQ(ids_of(some_suite(), {{"one"}, {}}),
            (Ids{"talk/one/1/small", "talk/one/8/small", "ask/one/5", "work/one"}));
  EXPECT_EQ(ids_of(some_suite(), {{}, {"work"}}), (Ids{"work/one", "work/two"}));
  // An engine that is not charted has to be asked for.
  EXPECT_EQ(ids_of(some_suite(), {{"hidden"}, {"work"}}), (Ids{"work/hidden"}));
}

// An outside engine gets neither what it does not play nor what has workers, spin or delay.
TEST(Suite, TakesOutsideEnginesWhereItSaysSo) {
  const auto foreign_in = [](const json& suite) {
    Ids ids = ids_of(suite);
    std::erase_if(ids, [](const std::string& id) { return id.find("foreign") == id.npos; });
    return ids;
  };
  json suite = some_suite();
  EXPECT_EQ(foreign_in(suite), Ids{});
  suite["outside"] = true;
  EXPECT_EQ(foreign_in(suite),
            (Ids{"talk/foreign/1/small", "talk/foreign/8/small", "ask/foreign/5"}));
  suite["cells"][0]["outside"] = false;
  EXPECT_EQ(foreign_in(suite), (Ids{"ask/foreign/5"}));
  suite["outside"] = false;
  suite["cells"][0]["outside"] = true;
  EXPECT_EQ(foreign_in(suite), (Ids{"talk/foreign/1/small", "talk/foreign/8/small"}));
}

TEST(Suite, TakesOutsideEnginesThatAreAskedFor) {
  json suite = some_suite();
  EXPECT_EQ(ids_of(suite, {{"foreign"}, {}}),
            (Ids{"talk/foreign/1/small", "talk/foreign/8/small", "ask/foreign/5"}));
  suite["cells"][3]["engines"] = {"foreign", "one"};
  EXPECT_EQ(ids_of(suite, {{}, {"ask"}}), (Ids{"ask/foreign/5", "ask/one/5"}));
  suite["cells"][4]["engines"] = {"foreign"};
  EXPECT_TRUE(complains([&] { ids_of(suite); }, "engine 'foreign' can't play work with these"));
}

TEST(Suite, NamesTheKnownOnesForAnUnknownName) {
  EXPECT_TRUE(complains(
      [] {
        ids_of(some_suite(), {{"three"}, {}});
      },
      "no engine 'three'; there are one, two, hidden, client"));
  EXPECT_TRUE(complains(
      [] {
        ids_of(some_suite(), {{}, {"play"}});
      },
      "no workload 'play'; there are talk, ask, work"));
  EXPECT_TRUE(
      complains([] { load_suite("no-such-suite"); }, "no suite 'no-such-suite'; there are"));
}

TEST(Suite, NamesFileAndFieldOfWhatIsWrong) {
  const auto with = [](const json::json_pointer& at, const json& value) {
    return [=] {
      json suite = some_suite();
      suite[at] = value;
      ids_of(suite);
    };
  };
  EXPECT_TRUE(complains(with("/rounds"_json_pointer, 0), "mine.json: rounds: must be from 1"));
  EXPECT_TRUE(
      complains(with("/rounds"_json_pointer, "3"), "mine.json: rounds: must be an integer"));
  EXPECT_TRUE(complains(with("/name"_json_pointer, "a/b"), "mine.json: name: must be a name"));
  EXPECT_TRUE(complains(with("/outside"_json_pointer, 1), "mine.json: outside: must be true or"));
  EXPECT_TRUE(complains(with("/roudns"_json_pointer, 3), "mine.json: no field 'roudns'"));
  EXPECT_TRUE(complains(with("/cells/0/connections"_json_pointer, {0}), "cells[0].connections[0]"));
  EXPECT_TRUE(complains(with("/cells/0/connections"_json_pointer, {1.5}), "must be an integer"));
  EXPECT_TRUE(
      complains(with("/cells/0/connections"_json_pointer, 8), "cells[0].connections: must"));
  EXPECT_TRUE(complains(with("/cells/0/connection"_json_pointer, {1}), "no field 'connection'"));
  EXPECT_TRUE(complains(with("/cells/0/window_ms"_json_pointer, 0), "cells[0].window_ms: must be"));
  EXPECT_TRUE(complains(with("/cells/0/variant"_json_pointer, "A b"), "cells[0].variant: must be"));
  EXPECT_TRUE(complains(with("/cells/0/workload"_json_pointer, "play"),
                        "cells[0].workload: no workload 'play'; there are talk"));
  EXPECT_TRUE(complains(with("/cells/0/parameters/sise"_json_pointer, 1),
                        "cells[0].parameters: talk has no parameter 'sise'; there are size"));
  EXPECT_TRUE(complains(with("/cells/0/parameters/size"_json_pointer, 101),
                        "cells[0].parameters.size: must be from 1 to 100, not 101"));
  EXPECT_TRUE(complains(with("/cells/0/parameters/size"_json_pointer, "1"), "must be an integer"));
  EXPECT_TRUE(complains(with("/cells/2/engines"_json_pointer, {"three"}),
                        "cells[2].engines: no engine 'three'"));
  EXPECT_TRUE(complains(with("/cells/2/engines"_json_pointer, {"one"}),
                        "cells[2].engines: engine 'one' can't play talk with these options"));
  EXPECT_TRUE(complains(with("/cells/4/connections"_json_pointer, {1}),
                        "cells[4].connections: work has no connections"));
}

TEST(Suite, RefusesTwoCellsOfOneName) {
  json suite = some_suite();
  suite["cells"][0].erase("variant");
  EXPECT_TRUE(complains([&] { ids_of(suite); }, "there is a cell talk/two/1 already"));
}

/// A value that may stand anywhere in JSON.
json any_value(std::mt19937_64& generator) {
  switch (uniform_below(generator, 9)) {
    case 0: return nullptr;
    case 1: return -1;
    case 2: return UINT64_MAX;
    case 3: return 1e300;
    case 4: return "epoll\n\xc3\xa4";
    case 5: return json::array({1, "x"});
    case 6: return json::object({{"x", 1}});
    case 7: return false;
    default: return uniform_below(generator, 100);
  }
}

// Whatever a file holds, it becomes cells or an error that names it.
TEST(Suite, SurvivesAnyChangeOfAnyField) {
  JsonChanger changer(some_suite(), 5);
  int refused = 0;
  for (int i = 0; i < testing::random_cases(5'000); ++i) {
    const json suite = changer.changed(any_value, 3);
    try {
      ids_of(suite);
    } catch (const std::invalid_argument& error) {
      ++refused;
      EXPECT_NE(std::string(error.what()), "");
    }
  }
  EXPECT_GT(refused, testing::random_cases(3'000));
}

TEST(Suite, SurvivesAnyBytes) {
  std::mt19937_64 generator(6);
  const std::string text = some_suite().dump();
  for (int i = 0; i < testing::random_cases(5'000); ++i) {
    std::string bytes = text;
    for (int changes = 0; changes < 3; ++changes)
      bytes[uniform_below(generator, bytes.size())] = static_cast<char>(generator());
    bytes.resize(uniform_below(generator, bytes.size() + 1));
    try {
      ids_of(parse_json(bytes, "mine.json"));
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()), "");
    }
  }
}

TEST(Suites, ThatAreShippedCanBeParsedAndHaveTheirFilesNames) {
  for (const char* name : {"smoke", "bench", "full"}) {
    const Suite suite =
        load_suite(std::string(CONTEND_SOURCE_DIR) + "/workloads/suites/" + name + ".json");
    EXPECT_EQ(suite.name, name);
    EXPECT_FALSE(suite.entries.empty());
  }
}

}  // namespace
}  // namespace contend
