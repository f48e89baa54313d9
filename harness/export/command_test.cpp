// `contend export` as a program: where its text goes, and what it refuses.
#include "harness/export/command.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/files.hpp"
#include "harness/export/export_testing.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::exports {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class ExportCommandTest : public ::testing::Test {
 protected:
  ExportCommandTest() {
    fs::create_directories(folder_.path() / "pair" / "head");
    fs::create_directories(folder_.path() / "run");
    folder_.file("pair/ab.json", to_json(testing::some_ab_result()).dump());
    Result result = testing::some_result();
    for (Sample& sample : result.samples) sample.metrics["cpu_ns_per_operation"] = 5;
    folder_.file("pair/head/result.json", to_json(result).dump());
    folder_.file("run/result.json", to_json(result).dump());
  }

  /// Its exit code. What it printed, and complained of, is in `printed_`. `summary` is the file of
  /// GITHUB_STEP_SUMMARY; empty: none.
  int exported(const std::vector<std::string>& arguments, const std::string& summary = "") {
    std::vector<std::string> all{"/usr/bin/env", "GITHUB_STEP_SUMMARY=" + summary, CONTEND_BINARY,
                                 "export"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const std::string printed = folder_.file("printed", "");
    const Fd out(open(printed.c_str(), O_WRONLY | O_CLOEXEC));
    Command command{.arguments = all};
    command.output = out.get();
    Child child(guard_, command);
    const Ending ending = child.wait(Clock::now() + 30s);
    printed_ = content_of(printed);
    return ending.kind == Ending::Kind::exited ? ending.number : -1;
  }
  std::string path(const std::string& name) const { return folder_.path() / name; }

  testing::TemporaryFolder folder_;
  Guard guard_;
  std::string printed_;
};

TEST_F(ExportCommandTest, PrintsEachFormatOrWritesItToAFile) {
  for (const std::string result : {"pair", "pair/ab.json", "run", "run/result.json", "pair/head"})
    for (const Format& format : formats()) {
      SCOPED_TRACE(result + " " + std::string(format.name));
      const std::string out = path("out.file");
      ASSERT_EQ(exported({path(result), "--format", std::string(format.name), "--out", out}), 0)
          << printed_;
      EXPECT_EQ(printed_, "");
      const std::string text = content_of(out);
      EXPECT_GT(text.size(), 50U);
      EXPECT_EQ(fs::exists(path("out.yaml")), !format.beside.empty());
      fs::remove(path("out.yaml"));
      if (!format.beside.empty()) continue;
      EXPECT_EQ(exported({path(result), "--format", std::string(format.name)}), 0);
      EXPECT_EQ(printed_, text);
    }
}

TEST_F(ExportCommandTest, ReplacesAFileAndLeavesNothingBesideIt) {
  const std::string out = folder_.file("out.md", "old");
  fs::create_symlink("out.md", path("link.md"));
  EXPECT_EQ(exported({path("pair"), "--format", "markdown", "--out", path("link.md")}), 0);
  EXPECT_TRUE(content_of(out).starts_with("## Regressed"));
  EXPECT_TRUE(fs::is_symlink(path("link.md")));
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    files += entry.path().filename().string().find(".new") != std::string::npos ? 1 : 0;
  EXPECT_EQ(files, 0U);
}

TEST_F(ExportCommandTest, LeavesTheOldFileWhereTheResultIsRefused) {
  const std::string out = folder_.file("out.md", "old");
  const std::string broken = folder_.file("broken.json", R"({"samples": []})");
  EXPECT_EQ(exported({broken, "--format", "markdown", "--out", out}), 2);
  EXPECT_NE(printed_.find("broken.json: schema_version: is missing"), std::string::npos)
      << printed_;
  EXPECT_EQ(content_of(out), "old");
}

TEST_F(ExportCommandTest, AppendsTheSummaryOfACiStep) {
  const std::string summary = folder_.file("summary.md", "before\n");
  EXPECT_EQ(exported({path("pair"), "--format", "markdown"}, summary), 0);
  EXPECT_EQ(printed_, "");
  EXPECT_TRUE(content_of(summary).starts_with("before\n## Regressed"));
  EXPECT_EQ(exported({path("run"), "--format", "csv"}, summary), 0);
  EXPECT_TRUE(printed_.starts_with("run,suite,")) << "only a summary goes there";
  const std::string before = content_of(summary);
  EXPECT_EQ(exported({path("pair"), "--format", "markdown", "--out", path("x.md")}, summary), 0);
  EXPECT_EQ(content_of(summary), before) << "--out is what counts";
}

TEST_F(ExportCommandTest, TakesSeveralResultsWhereTheFormatHasRoom) {
  EXPECT_EQ(exported({path("run"), path("pair/head"), "--format", "csv"}), 0);
  EXPECT_EQ(std::ranges::count(printed_, '\n'), 1 + 2 * 4);
}

TEST_F(ExportCommandTest, RefusesWrongUseByName) {
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& what) {
    EXPECT_EQ(exported(arguments), 2) << what;
    EXPECT_NE(printed_.find(what), std::string::npos) << printed_;
  };
  refused({path("pair")}, "--format is required");
  refused({path("pair"), "--format", "xml"}, "no format 'xml'; there are markdown");
  refused({path("none"), "--format", "csv"}, "can't read");
  refused({folder_.path(), "--format", "csv"}, "there is neither ab.json nor result.json in it");
  refused({path("run"), path("run"), "--format", "junit"},
          "junit holds one RESULT, and there are 2");
  refused({path("run"), path("pair"), "--format", "csv"}, "export each kind apart");
  refused({path("run"), "--format", "csv", "--side", "head"},
          "--side means nothing to csv; it is for google-benchmark");
  refused({path("run"), "--format", "otava"}, "otava makes two files");
  refused({path("run"), "--format", "otava", "--out", path("x.yaml")}, "the second file");
  refused({path("pair"), "--format", "google-benchmark", "--side", "base"}, "base/result.json");
  refused({path("pair"), "--format", "junit", "--inconclusive", "ignored"}, "--inconclusive");
}

TEST_F(ExportCommandTest, FailsWhereItCantWrite) {
  EXPECT_EQ(exported({path("pair"), "--format", "markdown", "--out", path("none/x.md")}), 1);
  EXPECT_NE(printed_.find("none/x.md"), std::string::npos) << printed_;
  EXPECT_EQ(exported({path("pair"), "--format", "markdown", "--out", "/dev/full"}), 1);
  EXPECT_NE(printed_.find("/dev/full"), std::string::npos) << printed_;
}

TEST_F(ExportCommandTest, ListsTheFormats) {
  EXPECT_EQ(exported({"--help"}), 0);
  for (const Format& format : formats())
    EXPECT_NE(printed_.find("\n  " + std::string(format.name) + " "), std::string::npos);
}

}  // namespace
}  // namespace contend::exports
