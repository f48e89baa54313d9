// Who draws, and what is said where nobody can. The figures themselves are
// scripts/test_plot_load.py's.
#include "harness/load/plot.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/testing.hpp"

namespace contend::load {
namespace {

namespace fs = std::filesystem;

/// In a folder of its own, whose script is found before contend's.
class PlotTest : public ::testing::Test {
 protected:
  PlotTest() { fs::current_path(folder_.path()); }
  ~PlotTest() override { fs::current_path(before_); }

  void script(const std::string& commands) const {
    fs::create_directory("scripts");
    folder_.file("scripts/plot_load.py", "#!/bin/sh\n" + commands + "\n");
    fs::permissions("scripts/plot_load.py", fs::perms::owner_all);
  }

  const fs::path before_ = fs::current_path();
  const testing::TemporaryFolder folder_;
};

TEST_F(PlotTest, WritesTheJsonAndHasItDrawn) {
  script(R"([ "$1" = --help ] || cp "$1" drawn)");
  Plot("one").draw({{"answered", 1}});
  EXPECT_TRUE(fs::exists("one.json"));
  EXPECT_GT(fs::file_size("drawn"), 0U);
  fs::create_directory("folder");
  Plot("folder").draw({{"answered", 1}});
  EXPECT_TRUE(fs::exists("folder/load.json"));
}

TEST_F(PlotTest, SaysBeforeTheRunThatItCanNotDraw) {
  script("echo first >&2; echo there is no paint >&2; exit 1");
  EXPECT_TRUE(testing::complains([] { Plot("one"); }, "can't draw here: there is no paint"));
  EXPECT_TRUE(testing::complains([] { Plot("one"); }, "install python3-matplotlib"));
  script("exit 0");
  EXPECT_TRUE(testing::complains([] { Plot("nowhere/one"); }, "can't write nowhere/one.json"));
  EXPECT_FALSE(fs::exists("one.json"));
}

TEST_F(PlotTest, SaysWhatIsWrittenWhereDrawingFails) {
  script(R"([ "$1" = --help ] || { echo out of paint >&2; exit 2; })");
  EXPECT_TRUE(testing::complains([] { Plot("one").draw({}); },
                                 "one.json is written, its figure is not: out of paint"));
}

}  // namespace
}  // namespace contend::load
