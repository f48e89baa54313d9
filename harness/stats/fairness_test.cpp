// Jain's index, against its definition.
#include "harness/stats/fairness.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace contend {
namespace {

using Shares = std::vector<std::uint64_t>;

TEST(Fairness, IsJainsIndex) {
  EXPECT_DOUBLE_EQ(jain_index(Shares{5, 5, 5, 5}).value(), 1);
  EXPECT_DOUBLE_EQ(jain_index(Shares{20, 0, 0, 0}).value(), 0.25);
  EXPECT_DOUBLE_EQ(jain_index(Shares{1, 2, 3}).value(), 36.0 / 42);
  EXPECT_EQ(jain_index(Shares{0, 0}), std::nullopt);
  EXPECT_EQ(jain_index(Shares{}), std::nullopt);
}

}  // namespace
}  // namespace contend
