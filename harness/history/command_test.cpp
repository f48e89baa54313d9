// `contend history` as a program: what it prints, what it exits with, and what it refuses.
#include "harness/history/command.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engines/exit_codes.hpp"
#include "harness/base/json.hpp"
#include "harness/history/history_testing.hpp"
#include "harness/history/report.hpp"
#include "harness/machine/machine.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::history {
namespace {

using namespace std::chrono_literals;
using contend::testing::some_commit;
using contend::testing::watched_cell;
using contend::testing::watched_metric;
using nlohmann::json;

using testing::patience;

struct Said {
  int exit = -1;
  std::string out, stderr_text;
};

class HistoryTest : public ::testing::Test {
 protected:
  std::string file() const { return folder_.path() / "kept" / "history.sqlite"; }
  Said contend(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {CONTEND_BINARY, "history"});
    return run(arguments);
  }
  /// With --file.
  Said history(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--file", file()});
    return contend(arguments);
  }
  Said run(const std::vector<std::string>& arguments) {
    const std::string path = folder_.file("said", "");
    const Fd output(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    Child child(guard_, {.arguments = arguments, .output = output.get()});
    Said said;
    said.exit = child.wait(Clock::now() + patience).number;
    std::ifstream text(path);
    said.out.assign(std::istreambuf_iterator<char>(text), {});
    return said;
  }
  std::string result(const ab::AbResult& result) {
    return folder_.file("ab.json", to_json(result).dump());
  }
  /// Commits of the watched metric with these ratios, as if of this machine.
  void fill(const std::vector<double>& ratios, const std::string& machine = this_machine()) {
    std::filesystem::create_directories(folder_.path() / "kept");
    Store store(file(), Database::Mode::create);
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      ab::AbResult commit = some_commit(static_cast<unsigned>(i), ratios[i]);
      commit.machine.fingerprint = machine;
      store.add(entry_of(commit, "x"));
    }
  }
  static std::string this_machine() { return read_machine().fingerprint; }
  json valid(const std::string& text) {
    const std::string path = folder_.file("valid.json", text);
    const Said validator =
        run({"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py", path});
    EXPECT_EQ(validator.exit, 0) << validator.out << text;
    return json::parse(text);
  }

  Guard guard_;
  contend::testing::TemporaryFolder folder_;
};

/// Steady, then from `at` on at another level; nearly without noise.
std::vector<double> step(std::size_t count, std::size_t at, double level) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < count; ++i)
    ratios.push_back((i < at ? 1 : level) + 0.001 * static_cast<double>(i % 3));
  return ratios;
}

TEST_F(HistoryTest, AddsAResultOnceAndSaysSo) {
  const std::string path = result(some_commit(1, 1.25));
  Said said = history({"add", path});
  EXPECT_EQ(said.exit, 0) << said.out;
  EXPECT_EQ(said.out, "added run 'run-1': commit 'c1' by reference 'v1', 5 comparisons\n");
  said = history({"add", folder_.path()});
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.out, "run 'run-1' is there already; nothing was changed\n");
  EXPECT_FALSE(valid(history({"add", path, "--json"}).out).at("added").get<bool>());
  result(some_commit(2, 1.5));
  const json added = valid(
      history({"add", path, "--json", "--commit", "abc", "--time", "2026-11-27T01:00:00+01:00"})
          .out);
  EXPECT_TRUE(added.at("added").get<bool>());
  EXPECT_EQ(added.at("commit"), "abc");
  EXPECT_EQ(added.at("at"), "2026-11-27T00:00:00Z");
}

TEST_F(HistoryTest, RefusesWhatItCanNotStore) {
  const auto refused = [&](const ab::AbResult& wrong, const std::string& why) {
    const Said said = history({"add", result(wrong)});
    EXPECT_EQ(said.exit, 2);
    EXPECT_NE(said.out.find(why), std::string::npos) << said.out;
    EXPECT_EQ(std::ranges::count(said.out, '\n'), 1) << said.out;
  };
  ab::AbResult wrong = some_commit(1, 1);
  wrong.run.interleaved = false;
  refused(wrong, "not measured in turns");
  wrong = some_commit(1, 1);
  wrong.run.complete = false;
  refused(wrong, "it is not complete");
  EXPECT_FALSE(std::filesystem::exists(file())) << "nothing was stored";
  const auto exit_of = [&](const std::vector<std::string>& words) { return history(words).exit; };
  EXPECT_EQ(exit_of({"add", folder_.path() / "nothing"}), 2);
  EXPECT_EQ(exit_of({"add", folder_.file("x.json", "{")}), 2);
  EXPECT_EQ(exit_of({"add", folder_.file("x.json", "{\"cells\": []}")}), 2);
  EXPECT_EQ(exit_of({"add", result(some_commit(1, 1)), "--commit", "a\x1b[2J"}), 2);
  EXPECT_EQ(exit_of({"add", result(some_commit(1, 1)), "--time", "today"}), 2);
  EXPECT_EQ(exit_of({"add"}), 2);
  EXPECT_EQ(exit_of({"show"}), 2) << "there is no such file";
  EXPECT_EQ(exit_of({"check"}), 2);
  EXPECT_EQ(exit_of({"export"}), 2);
  EXPECT_EQ(contend({}).exit, 2);
}

TEST_F(HistoryTest, ChecksWhatIsNew) {
  fill(step(20, 15, 1.08));
  Said said = history({"check"});
  EXPECT_EQ(said.exit, exit_failed) << said.out;
  EXPECT_NE(said.out.find("echo/one/64 latency_p50_ns"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("c15"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("1.001 -> 1.081"), std::string::npos) << said.out;
  const json check = valid(history({"check", "--json"}).out);
  EXPECT_EQ(check.at("verdict"), "worse");
  ASSERT_EQ(check.at("changes").size(), 1U);
  EXPECT_EQ(check.at("changes")[0].at("commit"), "c15");
  EXPECT_EQ(check.at("changes")[0].at("index"), 15);
  // It is the sixth of the newest.
  EXPECT_EQ(history({"check", "--last", "5"}).exit, exit_failed);
  EXPECT_EQ(history({"check", "--last", "4"}).exit, 0);
  EXPECT_NE(history({"check", "--last", "4"}).out.find("; 1 change before"), std::string::npos);
  EXPECT_EQ(history({"check", "--magnitude", "0.2"}).exit, 0);
  EXPECT_EQ(history({"check", "--metric", "throughput_per_s"}).exit, 0);
  EXPECT_EQ(history({"check", "--cell", "echo/*"}).exit, exit_failed);
}

TEST_F(HistoryTest, ChecksForTheWorseOnly) {
  fill(step(20, 15, 0.9));
  const Said said = history({"check"});
  EXPECT_EQ(said.exit, 0) << said.out;
  EXPECT_NE(said.out.find("better"), std::string::npos) << said.out;
}

TEST_F(HistoryTest, SaysWhereThereAreTooFewCommits) {
  fill(step(9, 9, 1));
  const Said said = history({"check"});
  EXPECT_EQ(said.exit, exit_no_verdict);
  EXPECT_EQ(said.out, "not enough commits: the longest of 4 series has 9, and 10 are needed\n");
  EXPECT_EQ(valid(history({"check", "--json"}).out).at("verdict"), "too_few");
  fill(step(10, 10, 1));
  EXPECT_EQ(history({"check"}).exit, 0);
}

TEST_F(HistoryTest, IsOfThisMachineUnlessToldOtherwise) {
  fill(step(20, 15, 1.08), "elsewhere");
  EXPECT_EQ(history({"check"}).exit, exit_no_verdict);
  EXPECT_NE(history({"check"}).out.find("4 series of others: --machine all"), std::string::npos);
  EXPECT_EQ(history({"check", "--machine", "elsewhere"}).exit, exit_failed);
  EXPECT_EQ(history({"check", "--machine", "all"}).exit, exit_failed);
  EXPECT_EQ(history({"show"}).exit, 0);
  EXPECT_NE(history({"show", "--machine", "all"}).out.find("machine elsewhere"), std::string::npos);
  EXPECT_EQ(valid(history({"show", "--json"}).out).at("series").size(), 0U);
}

TEST_F(HistoryTest, ShowsSeriesAndCommits) {
  fill(step(20, 15, 1.08));
  Said said = history({"show"});
  EXPECT_EQ(said.exit, 0);
  EXPECT_NE(said.out.find("reference v1 (bbbbbbbbbbbb)"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("1.001 -> 1.081 at c15"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("_______________#####"), std::string::npos) << said.out;
  EXPECT_TRUE(std::ranges::all_of(said.out, [](char c) { return c == '\n' || c >= ' '; }));
  said = history({"show", "--last", "3"});
  EXPECT_EQ(said.out.find("_#"), std::string::npos) << said.out;
  said = history({"show", "--cell", watched_cell, "--metric", watched_metric, "--last", "7"});
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.out.find("c12 "), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("c13 "), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("regressed  1.001 -> 1.081 (+8.0 %)"), std::string::npos) << said.out;
  EXPECT_EQ(history({"show", "--cell", "nix"}).exit, 2);
}

TEST_F(HistoryTest, ExportsAllPoints) {
  fill(step(20, 15, 1.08));
  fill({1}, "elsewhere");
  const json whole = valid(history({"export"}).out);
  ASSERT_EQ(whole.at("series").size(), 8U);
  for (const json& series : whole.at("series")) {
    const bool watched =
        series.at("metric") == watched_metric && series.at("machine") != "elsewhere";
    EXPECT_EQ(series.at("changes").size(), watched ? 1U : 0U);
    if (!watched) continue;
    EXPECT_EQ(series.at("points").size(), 20U);
    EXPECT_EQ(series.at("points")[15].at("ratio"), 1.08);
    EXPECT_EQ(series.at("changes")[0].at("index"), 15);
  }
  std::istringstream lines(history({"export", "--format", "csv"}).out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, "machine,reference,suite,cell,metric,commit,at,ratio,low,high,verdict,pairs");
  std::size_t count = 0;
  while (std::getline(lines, line)) ++count;
  EXPECT_EQ(count, 4U * 21U);
  EXPECT_EQ(history({"export", "--format", "xml"}).exit, 2);
}

TEST_F(HistoryTest, KeepsANoisyCommitOutOfTheJudgement) {
  fill(step(20, 20, 1));
  {
    Store store(file(), Database::Mode::create);
    for (unsigned number = 20; number < 24; ++number) {
      ab::AbResult noisy = some_commit(number, 1.5);
      noisy.machine.fingerprint = this_machine();
      for (ab::Comparison& comparison : noisy.comparisons)
        comparison.verdict = ab::Verdict::invalid;
      store.add(entry_of(noisy, "x"));
    }
  }
  EXPECT_EQ(history({"check"}).exit, 0);
  const json whole = valid(history({"export"}).out);
  EXPECT_EQ(whole.at("series")[0].at("points").size(), 24U) << "it is shown";
}

/// What it says to a terminal.
std::string said_to_terminal(const std::vector<std::string>& arguments, const char* locale) {
  int controller = -1;
  const pid_t pid = forkpty(&controller, nullptr, nullptr, nullptr);
  if (pid == 0) {
    setenv("LC_ALL", locale, 1);
    std::vector<char*> words;
    for (const std::string& argument : arguments)
      words.push_back(const_cast<char*>(argument.data()));
    words.push_back(nullptr);
    execv(words[0], words.data());
    _exit(127);
  }
  std::string text;
  char piece[4096];
  for (ssize_t length = 0; (length = read(controller, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(length));
  close(controller);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0) << text;
  return text;
}

TEST_F(HistoryTest, DrawsWithBlocksOnlyOnATerminalThatHasThem) {
  fill(step(20, 15, 1.08));
  const std::vector<std::string> show{CONTEND_BINARY, "history", "show", "--file", file()};
  EXPECT_NE(said_to_terminal(show, "C.UTF-8").find("▁▁█"), std::string::npos)
      << said_to_terminal(show, "C.UTF-8");
  EXPECT_NE(said_to_terminal(show, "C").find("__#"), std::string::npos);
  EXPECT_EQ(said_to_terminal(show, "C").find("▁"), std::string::npos);
}

TEST(Sparkline, KeepsNoiseFlatAndShowsSteps) {
  const auto line = [](const std::vector<double>& ratios, std::size_t last = 20) {
    std::vector<Point> points;
    for (const double ratio : ratios) points.push_back({.commit = "c", .at = "", .ratio = ratio});
    return sparkline(points, last, false);
  };
  EXPECT_EQ(line({}), "");
  EXPECT_EQ(line({1}), "+");
  EXPECT_EQ(line({1, 1.01, 0.995}), "~=-") << "7 levels are 5 %";
  EXPECT_EQ(line({1, 2}), "_#");
  EXPECT_EQ(line({5, 1, 2}, 2), "_#");
}

TEST(HistoryReport, HasNoFormulasInItsCsv) {
  const contend::testing::TemporaryFolder folder;
  Store store(folder.path() / "x.sqlite", Database::Mode::create);
  Entry entry = contend::testing::some_entry(1);
  entry.commit = "=HYPERLINK(\"x\",1)";
  entry.suite = "-1\x1b[2J";
  store.add(entry);
  const std::string csv = history_csv(store.series());
  EXPECT_NE(csv.find(R"csv(,"'=HYPERLINK(""x"",1)",)csv"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",'-1\ufffd[2J,"), std::string::npos) << csv;
}

TEST(HistoryReport, HoldsWhateverTheResultSays) {
  const contend::testing::TemporaryFolder folder;
  Store store(folder.path() / "x.sqlite", Database::Mode::create);
  JsonChanger changer(to_json(some_commit(1, 1)), 20261126);
  const auto anything = [](std::mt19937_64& generator) -> json {
    switch (uniform_below(generator, 6)) {
      case 0: return "a,\"b\"\n\x1b[2J";
      case 1: return 1e300;
      case 2: return 1e-300;
      case 3: return std::string("\0x\u009b", 4);
      case 4: return json();
      default: return "2026-11-26T08:15:00+23:59";
    }
  };
  int stored = 0;
  for (int i = 0; i < testing::random_cases(4000); ++i) {
    try {
      Entry entry = entry_of(ab::parse_ab_result(changer.changed(anything, 2), "x"), "x");
      entry.seed = static_cast<std::uint64_t>(i);  // else most are the same run
      if (i % 10 == 0) stored += store.add(entry) ? 1 : 0;
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(stored, testing::random_cases(10));
  const std::vector<Series> all = store.series();
  const std::string text =
      series_table(all, 20, false) + points_table(all, 20) + check_text(check_series(all, {}, 10));
  EXPECT_TRUE(
      std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
  EXPECT_NO_THROW(history_json(all).dump());
  EXPECT_NO_THROW(check_json(check_series(all, {}, 10)).dump());
}

}  // namespace
}  // namespace contend::history
