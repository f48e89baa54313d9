// For tests: the same test for every engine that is listed. One that can't run here, or doesn't
// have the role, or a workload that isn't there, is skipped with the reason.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engines/engine.hpp"
#include "engines/test_client.hpp"
#include "engines/test_host.hpp"
#include "workloads/workload.hpp"

namespace contend::test {

class EngineTest : public ::testing::TestWithParam<const Engine*> {
 protected:
  void SetUp() override {
    if (engine().unavailable != nullptr)
      if (const char* reason = engine().unavailable()) GTEST_SKIP() << reason;
  }

  const Engine& engine() const { return *GetParam(); }
  static bool is_listed(std::string_view workload) {
    return std::ranges::find(workloads(), workload, &Workload::name) != workloads().end();
  }
  /// The command line of a role of this engine.
  std::vector<std::string> command(std::string role, std::string workload,
                                   std::vector<std::string> more = {}) const {
    std::vector<std::string> all{std::move(role), std::string(engine().name), std::move(workload)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

/// For tests of one role: `using Serve = RoleTest<&Engine::serve>`.
template <auto role>
class RoleTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (engine().*role == nullptr) GTEST_SKIP() << engine().name << " has no such role";
  }
};

inline std::vector<const Engine*> every_engine() {
  std::vector<const Engine*> all;
  for (const Engine& engine : engines()) all.push_back(&engine);
  return all;
}

inline std::string engine_name(const ::testing::TestParamInfo<const Engine*>& info) {
  return std::string(info.param->name);
}

#define CONTEND_FOR_EVERY_ENGINE(fixture)                                                          \
  INSTANTIATE_TEST_SUITE_P(Engines, fixture, ::testing::ValuesIn(::contend::test::every_engine()), \
                           ::contend::test::engine_name)

}  // namespace contend::test
