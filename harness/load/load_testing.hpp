// For the tests of load: what a server that is not ours says and hears.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "engines/test_client.hpp"
#include "harness/process/child.hpp"

namespace contend::load_testing {

/// Of a run whose time is made up.
inline constexpr TimePoint begin{std::chrono::hours(1)};

inline const std::string right = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The next request, which has no body; null where the peer closed before it was whole.
inline std::optional<std::string> receive_request(test::Client& peer) {
  std::string got;
  while (!got.ends_with("\r\n\r\n")) {
    const std::string more = peer.receive(1);
    if (more.empty()) return std::nullopt;
    got += more;
  }
  return got;
}

/// All lines of its output, when it has ended.
inline std::string output_of(Child& child, Duration patience) {
  std::string all;
  try {
    for (;;) all += child.read_line(Clock::now() + patience, {}, {}) + '\n';
  } catch (const ChildFailure&) {  // it has ended
  }
  return all;
}

}  // namespace contend::load_testing
