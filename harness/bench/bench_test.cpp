// `contend bench` as a program: the files it writes, Ctrl-C, kill -9 at any moment, going on.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engines/exit_codes.hpp"
#include "harness/base/files.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/json.hpp"
#include "harness/base/random.hpp"
#include "harness/bench/result.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::eventually;
using testing::patience;

// Engines with grandchildren, with threads and with a loop; all roles that are there.
constexpr const char* suite = R"({"name": "tiny", "rounds": 4, "cells": [
  {"workload": "echo", "connections": [1, 6], "window_ms": 30, "warmup_ms": 5,
   "engines": ["threads", "fork", "epoll"]},
  {"workload": "sleep", "parameters": {"jobs": 3, "wait_ms": 20}, "engines": ["threads", "fork"]}]})";
constexpr std::size_t all_samples = 4 * (2 * 3 + 2);
const std::string too_busy = "no correct reply in the window";

class BenchTest : public ::testing::Test {
 protected:
  std::unique_ptr<Child> contend(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CONTEND_BINARY);
    return std::make_unique<Child>(guard_, Command{.arguments = std::move(arguments)});
  }
  std::unique_ptr<Child> start() {
    return contend(
        {"bench", "--suite", folder_.file("tiny.json", suite), "--out", out(), "--seed", "5"});
  }
  std::string out() const { return folder_.path() / "out"; }
  fs::path run() const { return folder_.path() / "out" / "latest"; }
  Result result() const {
    return parse_result(parse_json(content_of(run() / "result.json"), "result.json"),
                        "result.json");
  }
  /// Whole lines of samples.jsonl, which may not be there yet.
  std::size_t samples() const {
    if (!fs::exists(run() / "samples.jsonl")) return 0;
    const std::string text = content_of(run() / "samples.jsonl");
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }
  void expect_valid(bool torn = false) {
    std::vector<std::string> arguments{"/usr/bin/python3",
                                       CONTEND_SOURCE_DIR "/scripts/validate.py", run()};
    if (torn) arguments.emplace_back("--torn");
    Child validator(guard_, {.arguments = arguments});
    EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.stderr_text();
  }
  /// Every cell once a round, and all in result.json.
  void expect_complete() {
    const Result whole = result();
    EXPECT_TRUE(whole.run.complete);
    EXPECT_EQ(whole.run.rounds_finished, 4U);
    std::set<std::pair<unsigned, std::string>> measured;
    for (const Sample& sample : whole.samples) {
      EXPECT_TRUE(measured.emplace(sample.round, sample.cell).second) << sample.cell;
      // A machine that is busy with other things may give a short window no time at all.
      EXPECT_EQ(sample.reason.value_or(too_busy), too_busy) << sample.cell;
    }
    EXPECT_EQ(measured.size(), all_samples);
    EXPECT_EQ(samples(), all_samples);
    for (const auto& entry : fs::recursive_directory_iterator(out()))
      EXPECT_EQ(entry.path().filename().string().find(".new"), std::string::npos) << entry.path();
    expect_valid();
  }
  /// Nothing is left of a harness that was killed, without our doing.
  void expect_nobody_left() {
    const auto nobody = [] {
      while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
      return !adopted();
    };
    EXPECT_TRUE(eventually(nobody));
  }

  Guard guard_;
  testing::TemporaryFolder folder_;

 private:
  /// Whether this process has children besides its guard.
  static bool adopted() {
    std::size_t children = 0;
    for (const auto& thread : fs::directory_iterator("/proc/self/task")) {
      std::ifstream file(thread.path() / "children");
      for (pid_t child = 0; file >> child;) ++children;
    }
    return children > 1;
  }
};

TEST_F(BenchTest, WritesWhatTheSchemaSays) {
  const auto bench = start();
  const Ending ending = bench->wait(Clock::now() + patience);
  EXPECT_TRUE(ending.clean()) << ending.text() << bench->stderr_text();
  expect_complete();
  EXPECT_EQ(result().run.seed, 5U);
  EXPECT_EQ(guard_.kill_orphans(), 0U);
}

/// The command line is in the result, whatever bytes are in it.
TEST_F(BenchTest, KeepsAResultWhosePathIsNotUtf8) {
  const std::string file = folder_.file("one.json", R"({"name": "one", "rounds": 1, "cells": [
    {"workload": "sleep", "parameters": {"jobs": 1, "wait_ms": 1}, "engines": ["threads"]}]})");
  const auto bench = contend({"bench", "--suite", file, "--out", out() + "/\xff", "--json"});
  const nlohmann::json said = bench->read(Clock::now() + patience, {}, {});
  EXPECT_TRUE(bench->wait(Clock::now() + patience).clean()) << bench->stderr_text();
  EXPECT_EQ(said["run"]["command"][5], out() + "/\uFFFD");
  fs::rename(out() + "/\xff", out() + "/named");
  const fs::path latest = out() + "/named/latest";
  EXPECT_EQ(parse_json(content_of(latest / "result.json"), "result.json"), said);
}

TEST_F(BenchTest, KeepsWhatWasMeasuredOnCtrlCAndGoesOn) {
  auto bench = start();
  ASSERT_TRUE(eventually([&] { return samples() >= 3; }));
  kill(bench->pid(), SIGINT);
  const Ending ending = bench->wait(Clock::now() + patience);
  EXPECT_EQ(ending.kind, Ending::Kind::exited);
  EXPECT_EQ(ending.number, exit_interrupted);
  EXPECT_NE(bench->stderr_text().find("contend bench --resume"), std::string::npos);
  EXPECT_EQ(guard_.kill_orphans(), 0U);
  EXPECT_FALSE(result().run.complete);
  EXPECT_EQ(result().samples.size(), samples());
  expect_valid();

  bench = contend({"bench", "--resume", run()});
  EXPECT_TRUE(bench->wait(Clock::now() + patience).clean()) << bench->stderr_text();
  expect_complete();
}

TEST_F(BenchTest, IsKilledAgainAndAgainAndLosesNothing) {
  auto bench = start();
  std::mt19937_64 generator(std::random_device{}());
  std::size_t kept = 0;
  for (int kills = 0; kills < 6; ++kills) {
    // The folder is made when there is something to go on with.
    ASSERT_TRUE(eventually([&] { return fs::exists(run() / "result.json"); }));
    const auto wait = std::chrono::microseconds(uniform_below(generator, 400'000));
    const TimePoint moment = Clock::now() + wait;
    eventually([&] { return Clock::now() >= moment || bench->has_ended(); });
    kill(bench->pid(), SIGKILL);
    bench->wait(Clock::now() + patience);
    expect_nobody_left();
    EXPECT_GE(samples(), kept);
    EXPECT_GE(samples(), result().samples.size());
    kept = samples();
    expect_valid(true);
    bench = contend({"bench", "--resume", run()});
  }
  EXPECT_TRUE(bench->wait(Clock::now() + patience).clean()) << bench->stderr_text();
  expect_complete();
}

TEST_F(BenchTest, DoesNotGoOnWithAnotherProgramsResult) {
  auto bench = start();
  ASSERT_TRUE(eventually([&] { return samples() >= 1; }));
  kill(bench->pid(), SIGINT);
  bench->wait(Clock::now() + patience);
  bench = contend({"bench", "--resume", run(), "--host",
                   CONTEND_SOURCE_DIR "/harness/bench/misbehaving_host.py"});
  EXPECT_EQ(bench->wait(Clock::now() + patience).number, 2);
  EXPECT_NE(bench->stderr_text().find("its host program (sha256) was"), std::string::npos)
      << bench->stderr_text();
}

TEST_F(BenchTest, GoesOnPastMisbehavingEngines) {
  const std::string misbehaving = R"({"name": "bad", "rounds": 1, "cells": [
    {"workload": "echo", "connections": [2], "window_ms": 200, "warmup_ms": 5, "engines":
     ["crashes", "talks_rubbish", "answers_wrongly", "unavailable", "dies_under_load", "good"]},
    {"workload": "sleep", "engines": ["exits", "does_half", "good"]}]})";
  const auto bench =
      contend({"bench", "--suite", folder_.file("bad.json", misbehaving), "--out", out(), "--host",
               CONTEND_SOURCE_DIR "/harness/bench/misbehaving_host.py"});
  EXPECT_TRUE(bench->wait(Clock::now() + patience).clean()) << bench->stderr_text();
  expect_valid();
  EXPECT_EQ(guard_.kill_orphans(), 0U);
  for (const CellResult& cell : result().cells) {
    const auto expected = cell.cell.engine == "good"          ? CellResult::Status::ok
                          : cell.cell.engine == "unavailable" ? CellResult::Status::skipped
                                                              : CellResult::Status::failed;
    EXPECT_EQ(cell.status, expected) << cell.cell.id() << ": " << cell.reason.value_or("");
  }
}

TEST_F(BenchTest, SaysByItsExitThatNothingIsAvailable) {
  const std::string host = CONTEND_SOURCE_DIR "/harness/bench/misbehaving_host.py";
  const std::string only_sleep =
      folder_.file("sleep.json", R"({"name": "s", "rounds": 1, "cells": [{"workload": "sleep"}]})");
  const auto exit_of = [&](const std::string& engine) {
    const auto bench = contend(
        {"bench", "--suite", only_sleep, "--engines", engine, "--out", out(), "--host", host});
    return bench->wait(Clock::now() + patience).number;
  };
  EXPECT_EQ(exit_of("unavailable"), exit_unavailable);
  EXPECT_EQ(exit_of("exits"), 1);
}

TEST_F(BenchTest, PrintsAllLatencyAsPercentileText) {
  const auto run = contend({"run", "epoll", "sleep", "--set", "jobs=3", "--set", "wait_ms=2",
                            "--rounds", "2", "--percentiles"});
  std::string last;
  for (std::string line; line.find("#[Buckets") == std::string::npos; last = line)
    line = run->read_line(Clock::now() + patience, {}, {});
  EXPECT_TRUE(run->wait(Clock::now() + patience).clean());
}

TEST_F(BenchTest, SaysWhatIsWrongWithTheCommandLine) {
  const auto expect = [&](std::vector<std::string> arguments, const std::string& stderr_text) {
    const auto child = contend(std::move(arguments));
    EXPECT_EQ(child->wait(Clock::now() + patience).number, 2);
    EXPECT_NE(child->stderr_text().find(stderr_text), std::string::npos) << child->stderr_text();
  };
  expect({"bench", "--engines", "nix"}, "no engine 'nix'; there are");
  expect({"bench", "--workloads", "nix"}, "no workload 'nix'; there are");
  expect({"bench", "--suite", "nix"}, "no suite 'nix'; there are");
  expect({"bench", "--suite", folder_.file("x.json", "{\"name\": 3}")}, "x.json: name: must be");
  expect({"bench", "--resume", folder_.path()}, "there is no result.json");
  expect({"bench", "--host", "/no/such/host"}, "no host program");
  expect({"run", "nix", "echo"}, "no engine 'nix'; there are");
  expect({"run", "epoll", "nix"}, "no workload 'nix'; there are");
  expect({"run", "epoll", "fib", "--workers", "2"}, "engine 'epoll' can't play fib with these");
  expect({"run", "epoll", "sleep", "--spin-us", "2"}, "engine 'epoll' can't play sleep with these");
  expect({"run", "epoll", "fetch", "--workers", "2"}, "engine 'epoll' can't play fetch with these");
  expect({"run", "epoll", "echo", "--set", "size_bytes=99999999999999999999"}, "64 bits at most");
  expect({"run", "epoll", "echo", "--json", "--percentiles"}, "");
  expect({"run", "epoll", "echo", "--set", "nix=1"}, "echo has no parameter 'nix'; there are");
}

}  // namespace
}  // namespace contend
