// Who is found to have been started together with others.
#include "harness/load/ranks/carrier.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

using testing::patience;

TEST(Carrier, IsNoneWhereNobodyElseWasStarted) {
  EXPECT_EQ(find_carrier(), nullptr);
}

/// A copy of contend that has no library for MPI beside it, which is what a build without MPI is.
TEST(Carrier, IsMissedWhereMpirunStartedSomethingThatHasNone) {
  const testing::TemporaryFolder folder;
  const std::string copy = folder.path() / "contend";
  std::filesystem::copy_file(CONTEND_BINARY, copy);
  Guard guard;
  for (const std::string sign : {"OMPI_COMM_WORLD_SIZE=2", "PMI_SIZE=2"}) {
    Child child(guard, {.arguments = {"env", sign, copy, "load", "http://127.0.0.1:1/"}});
    EXPECT_EQ(child.wait(Clock::now() + patience).number, 2);
    EXPECT_NE(child.stderr_text().find("it was built without MPI"), std::string::npos)
        << child.stderr_text();
  }
  Child alone(guard, {.arguments = {"env", "OMPI_COMM_WORLD_SIZE=1", copy, "load",
                                    "http://127.0.0.1:1/", "-d", "10ms"}});
  EXPECT_EQ(alone.wait(Clock::now() + patience).number, 1) << alone.stderr_text();
}

}  // namespace
}  // namespace contend::load
