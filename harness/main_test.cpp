// The standard streams of contend and contend-engine, whatever the command is: closed ones, full
// disks, and pipes that nobody reads.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/files.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using testing::patience;

class MainTest : public ::testing::Test {
 protected:
  /// What bash prints that is given this script, in which $contend and $engine are the programs.
  std::string shell(const std::string& script) {
    const std::string names = "contend=" CONTEND_BINARY "; engine=" CONTEND_ENGINE_BINARY "; ";
    Child child(guard_, {.arguments = {"bash", "-c", names + script}});
    return child.read_all(Clock::now() + patience, {});
  }

  Guard guard_;
  testing::TemporaryFolder folder_;
};

TEST_F(MainTest, SaysThatTheDiskIsFull) {
  const std::string result = folder_.file("no-result.json", "{}");
  for (const std::string command :
       {"$contend list", "$contend list --json", "$contend --help", "$contend --version",
        "$contend doctor --json", "$contend run threads fib --set n=5", "$engine list",
        "$engine --help", "$engine run threads fib --set n=5"})
    EXPECT_EQ(shell(command + " 2>&1 >/dev/full | sed 's/.*write.*: //'; echo ${PIPESTATUS[0]}"),
              "No space left on device\n1\n")
        << command;
}

TEST_F(MainTest, EndsQuietlyBySigpipeWhenNobodyReads) {
  // The shell waits until the reader has ended, so that every write fails.
  for (const std::string command :
       {"$contend list", "$contend --help", "$contend run threads fib --set n=5 --json",
        "$engine list", "$engine run threads fib --set n=5"})
    EXPECT_EQ(shell("exec 3> >(:); wait $!; " + command + " 2>&1 >&3; echo $?"), "141\n")
        << command << ": 128 and SIGPIPE";
}

TEST_F(MainTest, TakesNothingFromTheCurrentFolderUnlessItIsNamed) {
  for (const char* folder : {"scripts", "engines/external/evil", "workloads/suites"})
    std::filesystem::create_directories(folder_.path() / folder);
  folder_.file("scripts/plot_load.py", "#!/bin/sh\ntouch drawn\n");
  folder_.file("engines/external/evil/manifest.json",
               R"({"summary": "evil", "command": ["sh"], "plays": {"serve": ["echo"]}})");
  folder_.file("workloads/suites/evil.json", R"({"name": "evil", "rounds": 1, "cells": []})");
  folder_.file("workloads/course.json", "evil");
  const std::string here = "cd " + folder_.path().string() + "; chmod +x scripts/plot_load.py; ";
  const std::string lists = shell(here + "$contend list; $contend list --json");
  EXPECT_EQ(lists.find("evil"), std::string::npos) << lists;
  EXPECT_NE(shell(here + "$contend list --external engines/external").find("evil (outside)"),
            std::string::npos);
  EXPECT_NE(shell(here + "$contend bench --suite evil 2>&1; echo $?").find("no suite 'evil'"),
            std::string::npos);
  EXPECT_NE(
      shell(here + "$contend course --items none 2>&1; true").find("no item 'none'; there are "),
      std::string::npos);
  shell(here + "$contend load tcp://127.0.0.1:9 --duration 50ms --plot figure 2>&1; true");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "drawn"));
}

TEST_F(MainTest, TakesNothingFromAFolderThatEverybodyWritesTo) {
  const std::string here = "cd " + folder_.path().string() + "; ";
  folder_.file("manifest.json",
               R"({"summary": "evil", "command": ["sh"], "plays": {"serve": ["echo"]}})");
  shell(here +
        "mkdir -p bin engines/external/evil; mv manifest.json engines/external/evil; "
        "cp $contend bin; chmod 755 .");
  EXPECT_NE(shell(here + "bin/contend list --host $engine").find("evil"), std::string::npos);
  EXPECT_EQ(shell(here + "chmod 1777 .; bin/contend list --host $engine").find("evil"),
            std::string::npos);
}

TEST_F(MainTest, RefusesToReadWhatMightNeverEnd) {
  std::filesystem::create_directories(folder_.path() / "engines/one");
  const std::string here = "cd " + folder_.path().string() + "; ";
  shell(here + "mkfifo fifo fifo.json engines/one/manifest.json");
  for (const std::string command :
       {"list --external engines", "bench --suite fifo.json", "ab --base x --suite fifo.json",
        "compare fifo fifo", "export fifo --format csv", "history add fifo",
        "load tcp://127.0.0.1:9 --stages fifo", "load http://127.0.0.1:9 --requests-file fifo",
        "load http://127.0.0.1:9 --body-file fifo"})
    EXPECT_EQ(shell(here + "timeout 30 $contend " + command +
                    " 2>&1 | sed 's/.*: //'; echo ${PIPESTATUS[0]}"),
              "it is no regular file\n2\n")
        << command;
}

TEST_F(MainTest, GivesNoOrdersOfOthersToTheTerminal) {
  std::filesystem::create_directories(folder_.path() / "engines/mine");
  folder_.file("engines/mine/manifest.json",
               R"({"summary": "one\u001b[2J\u009b31m\ntwo", "command": ["sh"],
                   "plays": {"serve": ["echo"]}})");
  const std::string said = shell("$contend list --external " + folder_.path().string() +
                                 "/engines; $contend compare $'\\e[2J' $'\\e[2J' 2>&1; true");
  EXPECT_NE(said.find(R"(one\x1b[2J\x9b31m\x0atwo (outside))"), std::string::npos) << said;
  EXPECT_NE(said.find(R"(there is no result \x1b[2J)"), std::string::npos) << said;
  EXPECT_TRUE(std::ranges::all_of(
      said, [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= ' '; }));
}

TEST_F(MainTest, MeasuresThoughStandardStreamsAreClosed) {
  const std::string suite = folder_.file("tiny.json", R"({"name": "tiny", "rounds": 2, "cells": [
    {"workload": "echo", "connections": [2], "window_ms": 300, "warmup_ms": 5,
     "engines": ["epoll"]},
    {"workload": "sleep", "parameters": {"jobs": 3, "wait_ms": 20}, "engines": ["fork"]}]})");
  const std::string out = folder_.path() / "out";
  for (const std::string closed : {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"}) {
    EXPECT_EQ(shell("$contend bench --suite " + suite + " --out " + out + " >" +
                    (folder_.path() / "said").string() + " " + closed + "; echo $?"),
              "0\n")
        << closed;
    const nlohmann::json result =
        nlohmann::json::parse(content_of(folder_.path() / "out/latest/result.json"));
    EXPECT_TRUE(result.at("run").at("complete"));
    for (const nlohmann::json& cell : result.at("cells"))
      EXPECT_EQ(cell.at("samples"), 2) << closed << ": " << cell;
  }
}

}  // namespace
}  // namespace contend
