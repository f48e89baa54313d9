// Who was the limit of a window; windows themselves are measured in cell_test.cpp.
#include "harness/bench/window.hpp"

#include <gtest/gtest.h>

namespace contend {
namespace {

TEST(IsClientLimited, WhereTheLoadIsAtItsLimitAndTheEngineIsNot) {
  EXPECT_TRUE(is_client_limited(0.97, 0.80, 1, 1));
  EXPECT_FALSE(is_client_limited(0.97, 0.99, 1, 1)) << "both are";
  EXPECT_FALSE(is_client_limited(0.90, 0.80, 1, 1)) << "neither is";
}

TEST(IsClientLimited, ByTheCpusThatTheEngineCanBeOn) {
  EXPECT_FALSE(is_client_limited(0.97, 0.99, 1, 3)) << "one thread is never on three";
  EXPECT_TRUE(is_client_limited(0.97, 0.99, 64, 3));
  EXPECT_FALSE(is_client_limited(0.97, 2.97, 64, 3));
  EXPECT_FALSE(is_client_limited(0.97, 0.99, 0, 3)) << "whose threads are gone had one";
}

}  // namespace
}  // namespace contend
