// The listening sockets of this machine, as the kernel tells of them (sock_diag(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engines/net.hpp"

namespace contend {

struct ListenerReading {
  std::uint64_t cookie = 0;  ///< Identifies the socket while the system runs.
  std::uint32_t drops = 0;   ///< Attempts to connect, among others, that it has turned away.
};

/// Returns the TCP listeners of this network namespace that accept connections to `endpoint`. Null
/// if there are none, as for a unix socket or another machine, or the kernel does not tell.
std::optional<std::vector<ListenerReading>> listeners_at(const Endpoint& endpoint);

/// Returns the sum of what each of `after` has turned away since `before`, or since it began.
std::uint64_t drops_between(const std::vector<ListenerReading>& before,
                            const std::vector<ListenerReading>& after);

}  // namespace contend
