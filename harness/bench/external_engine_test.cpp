// Outside engines from their folder to a sample: the one of docs/engines.md as it stands there, and
// those that are wrong or can't run here.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engines/exit_codes.hpp"
#include "harness/base/files.hpp"
#include "harness/base/json.hpp"
#include "harness/bench/result.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
namespace fs = std::filesystem;

using testing::patience;

/// The first block of that language in docs/engines.md.
std::string documented(const std::string& language) {
  const std::string text = content_of(CONTEND_SOURCE_DIR "/docs/engines.md");
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

class ExternalEngineTest : public ::testing::Test {
 protected:
  /// An engine's folder: its manifest, and a program in Python unless that is empty.
  void write(const std::string& name, const std::string& manifest, const std::string& program) {
    fs::create_directories(folder_.path() / "engines" / name);
    folder_.file("engines/" + name + "/manifest.json", manifest);
    if (!program.empty()) folder_.file("engines/" + name + "/engine.py", program);
  }
  void write_documented() { write("my-echo", documented("json"), documented("python")); }
  std::unique_ptr<Child> contend(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CONTEND_BINARY);
    arguments.insert(arguments.end(), {"--external", folder_.path() / "engines"});
    return std::make_unique<Child>(guard_, Command{.arguments = std::move(arguments)});
  }
  json first_line_of(Child& child) { return child.read(Clock::now() + patience, {}, {}); }
  /// `contend run` of a short window, and its exit code.
  std::pair<json, int> run(const std::string& engine, const std::string& workload) {
    const auto child = contend({"run", engine, workload, "--json", "--window-ms", "200",
                                "--warmup-ms", "20", "--connections", "4"});
    json result = first_line_of(*child);
    const int exit = child->wait(Clock::now() + patience).number;
    EXPECT_EQ(guard_.kill_orphans(), 0U);
    return {result, exit};
  }
  /// `contend list` ends with exit code 2 and one line that has these words in it.
  void expect_refused(const std::string& words) {
    const auto child = contend({"list"});
    EXPECT_EQ(child->wait(Clock::now() + patience).number, 2);
    EXPECT_TRUE(child->stderr_text().starts_with("contend: ")) << child->stderr_text();
    EXPECT_NE(child->stderr_text().find(words), std::string::npos) << child->stderr_text();
  }

  Guard guard_;
  testing::TemporaryFolder folder_;
};

TEST_F(ExternalEngineTest, OfTheDocumentationIsTwentyLinesAndWorks) {
  const std::string program = documented("python");
  EXPECT_LE(std::ranges::count(program, '\n'), 20);
  write_documented();
  const auto [result, exit] = run("my-echo", "echo");
  EXPECT_EQ(exit, 0) << result;
  const json& sample = result.at("samples").at(0);
  EXPECT_EQ(sample.at("status"), "ok") << sample.at("reason");
  EXPECT_GT(sample.at("operations"), 0);
  EXPECT_TRUE(sample.at("errors").empty()) << sample.at("errors");
  for (const char* metric : {"cpu_ns_per_operation", "memory_bytes", "fairness_jain"})
    EXPECT_GT(sample.at("metrics").at(metric), 0) << metric;
}

TEST_F(ExternalEngineTest, IsMeasuredBesideOthersAndMarkedInTheResult) {
  write_documented();
  const std::string suite = folder_.file("suite.json", R"({"name": "beside", "rounds": 2, "cells": [
    {"workload": "echo", "connections": [2], "window_ms": 200, "warmup_ms": 10}]})");
  const std::string out = folder_.path() / "out";
  const auto bench =
      contend({"bench", "--suite", suite, "--engines", "my-echo,epoll", "--out", out});
  EXPECT_TRUE(bench->wait(Clock::now() + patience).clean()) << bench->stderr_text();
  const fs::path file = fs::path(out) / "latest" / "result.json";
  const Result result = parse_result(parse_json(content_of(file), "result.json"), "result.json");
  ASSERT_EQ(result.cells.size(), 2U);
  for (const CellResult& cell : result.cells)
    EXPECT_EQ(cell.samples, 2U) << cell.cell.id() << ": " << cell.reason.value_or("");
  for (const EngineRecord& engine : result.engines)
    EXPECT_EQ(engine.outside, engine.name == "my-echo") << engine.name;
  Child validator(guard_,
                  {.arguments = {"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py",
                                 file.parent_path()}});
  EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.stderr_text();

  // Without the engine the run can't be gone on with.
  fs::remove_all(folder_.path() / "engines" / "my-echo");
  const auto resumed = contend({"bench", "--resume", file.parent_path()});
  EXPECT_EQ(resumed->wait(Clock::now() + patience).number, 2);
  EXPECT_NE(resumed->stderr_text().find("no engine 'my-echo'"), std::string::npos);
}

TEST_F(ExternalEngineTest, ServesWhoeverAsks) {
  write_documented();
  const auto server = contend({"serve", "my-echo", "echo", "--json"});
  EXPECT_GT(first_line_of(*server).at("listening"), 0);
  EXPECT_TRUE(server->stop(patience).clean()) << server->stderr_text();
  EXPECT_TRUE(first_line_of(*server).contains("report"));
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"http"}, {"echo", "--workers", "2"}, {"echo", "--set", "nix=1"}}) {
    std::vector<std::string> arguments{"serve", "my-echo"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(contend(arguments)->wait(Clock::now() + patience).number, 2) << more.back();
  }
}

TEST_F(ExternalEngineTest, IsListedAsOutsideWithWhatItPlays) {
  write_documented();
  const auto child = contend({"list", "--json"});
  const json listing = first_line_of(*child);
  EXPECT_TRUE(child->wait(Clock::now() + patience).clean());
  for (const json& engine : listing.at("engines"))
    EXPECT_EQ(engine.at("outside"), engine.at("name") == "my-echo") << engine;
  const json& last = listing.at("engines").back();
  EXPECT_EQ(last.at("plays"), json({{"serve", {"echo"}}}));
  EXPECT_EQ(last.at("roles"), json({"serve"}));
  EXPECT_TRUE(last.at("unavailable").is_null());
}

TEST_F(ExternalEngineTest, IsSkippedWithTheReasonWhereItsProgramIsMissing) {
  json manifest = json::parse(documented("json"));
  manifest["command"][0] = "no-such-interpreter";
  write("mine", manifest.dump(), "");
  const auto [result, exit] = run("mine", "echo");
  EXPECT_EQ(exit, exit_unavailable);
  EXPECT_EQ(result.at("samples").at(0).at("status"), "skipped");
  EXPECT_EQ(result.at("samples").at(0).at("reason"),
            "no no-such-interpreter in PATH; install the package python3");
}

TEST_F(ExternalEngineTest, IsSkippedWithItsOwnReason) {
  write("mine", documented("json"),
        "import sys; sys.exit(print('no moon', file=sys.stderr) or 77)");
  const auto [result, exit] = run("mine", "echo");
  EXPECT_EQ(exit, exit_unavailable);
  EXPECT_EQ(result.at("samples").at(0).at("status"), "skipped");
  EXPECT_EQ(result.at("samples").at(0).at("reason"), "no moon");
}

// A master with workers, one of which goes out of the harness's sight: all have to be gone.
TEST_F(ExternalEngineTest, MayBeATreeAndLeavesNothingBehind) {
  const std::string program = documented("python");
  const std::size_t at = program.find("signal.signal(");
  ASSERT_NE(at, std::string::npos);
  const std::string forking = "if os.fork() == 0: os.setsid() or signal.pause()\n";
  write("mine", documented("json"), program.substr(0, at) + forking + program.substr(at));
  const auto [result, exit] = run("mine", "echo");
  EXPECT_EQ(exit, 1);
  EXPECT_EQ(result.at("samples").at(0).at("reason"), "the engine left 1 process behind");
}

TEST_F(ExternalEngineTest, IsRefusedWithFileAndFieldWhereItsManifestIsWrong) {
  json manifest = json::parse(documented("json"));
  manifest["plays"]["serve"] = {"ecko"};
  write("mine", manifest.dump(), "");
  expect_refused("mine/manifest.json: plays.serve: no workload 'ecko' of this role; there are");
}

TEST_F(ExternalEngineTest, IsRefusedWhereItTakesTheNameOfAnother) {
  write("epoll", documented("json"), documented("python"));
  expect_refused("epoll/manifest.json: the host has an engine 'epoll' already");
}

TEST_F(ExternalEngineTest, FolderMustBeThere) {
  expect_refused("no folder '");
}

}  // namespace
}  // namespace contend
