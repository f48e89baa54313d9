// Who draws, and what is said where nobody can. The figures themselves are
// scripts/test_plot_load.py's.
#include "harness/load/plot.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

namespace fs = std::filesystem;

/// In a folder of its own, with a script of its own.
class PlotTest : public ::testing::Test {
 protected:
  PlotTest() { fs::current_path(folder_.path()); }
  ~PlotTest() override { fs::current_path(before_); }

  void script(const std::string& commands) const {
    folder_.file("draw", "#!/bin/sh\n" + commands + "\n");
    fs::permissions("draw", fs::perms::owner_all);
  }

  const fs::path before_ = fs::current_path();
  const testing::TemporaryFolder folder_;
};

TEST_F(PlotTest, WritesTheJsonAndHasItDrawn) {
  script(R"([ "$1" = --help ] || cp "$1" drawn)");
  Plot("one", fs::absolute("draw")).draw({{"answered", 1}});
  EXPECT_TRUE(fs::exists("one.json"));
  EXPECT_GT(fs::file_size("drawn"), 0U);
  fs::create_directory("folder");
  Plot("folder", fs::absolute("draw")).draw({{"answered", 1}});
  EXPECT_TRUE(fs::exists("folder/load.json"));
}

TEST_F(PlotTest, SaysBeforeTheRunThatItCanNotDraw) {
  script("echo first >&2; echo there is no paint >&2; exit 1");
  EXPECT_TRUE(testing::complains([] { Plot("one", fs::absolute("draw")); },
                                 "can't draw here: there is no paint"));
  EXPECT_TRUE(
      testing::complains([] { Plot("one", fs::absolute("draw")); }, "install python3-matplotlib"));
  script("exit 0");
  EXPECT_TRUE(testing::complains([] { Plot("nowhere/one", fs::absolute("draw")); },
                                 "can't write nowhere/one.json"));
  EXPECT_FALSE(fs::exists("one.json"));
}

TEST_F(PlotTest, SaysWhatIsWrittenWhereDrawingFails) {
  script(R"([ "$1" = --help ] || { echo out of paint >&2; exit 2; })");
  EXPECT_TRUE(testing::complains([] { Plot("one", fs::absolute("draw")).draw({}); },
                                 "one.json is written, its figure is not: out of paint"));
}

TEST(PlotScript, IsTheOneThatCameAlong) {
  EXPECT_EQ(plot_script(), fs::path(CONTEND_SOURCE_DIR) / "scripts/plot_load.py");
}

}  // namespace
}  // namespace contend::load
