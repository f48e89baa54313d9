// How busy an engine was in a window; windows themselves are measured in cell_test.cpp.
#include "harness/bench/window.hpp"

#include <gtest/gtest.h>

namespace contend {
namespace {

TEST(ShareOfUsable, IsOfTheCpusThatTheEngineCanBeOn) {
  EXPECT_DOUBLE_EQ(share_of_usable(0.99, 1, 3), 0.99) << "one thread is never on three";
  EXPECT_DOUBLE_EQ(share_of_usable(1.5, 64, 3), 0.5);
  EXPECT_DOUBLE_EQ(share_of_usable(1.5, 2, 3), 0.75);
  EXPECT_DOUBLE_EQ(share_of_usable(0.99, 0, 3), 0.99) << "its threads have ended";
}

}  // namespace
}  // namespace contend
