// For the harness's tests: folders that go away, waiting for a condition, suites as text.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "harness/process/child.hpp"
#include "workloads/session.hpp"

namespace contend::testing {

/// A folder of its own under the system's, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "contend-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder " << pattern;
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file, and returns its path.
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// What a program that is started may take at most, on a machine that does much else.
inline constexpr Duration patience = std::chrono::seconds(60);

/// Whether this is a build with the address or the thread sanitizer, where all takes longer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

/// The number of random inputs to try: `cases`, or a fifth of them under a sanitizer.
constexpr int random_cases(int cases) {
  return is_sanitized ? std::max(cases / 5, 1) : cases;
}

/// HOST:PORT of a server of 127.0.0.1 that was started just now, by its first line. Throws as
/// Child::read.
inline std::string address_of(Child& server) {
  const nlohmann::json said = server.read(Clock::now() + patience, {}, {});
  return "127.0.0.1:" + std::to_string(said.at("listening").get<int>());
}

/// Whether the condition came true within so long.
inline bool eventually(const std::function<bool()>& condition,
                       Duration limit = std::chrono::seconds(20)) {
  const TimePoint deadline = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// What the call throws says this; what it threw is shown where it does not.
template <typename Call>
::testing::AssertionResult complains(Call call, const std::string& of) {
  try {
    call();
  } catch (const std::exception& error) {
    if (std::string(error.what()).find(of) != std::string::npos)
      return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "said '" << error.what() << "', not '" << of << "'";
  }
  return ::testing::AssertionFailure() << "did not complain of '" << of << "'";
}

}  // namespace contend::testing
