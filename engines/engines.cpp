// The list of engines: a new one is a file of its own and a line here.
#include <algorithm>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engines/engine.hpp"

namespace contend {

// One line an engine, in the order in which they are listed and charted.
// clang-format off
#define CONTEND_ENGINES(engine) \
  engine(blocking_engine)       \
  engine(threads_engine)        \
  engine(fork_engine)           \
  engine(poll_engine)           \
  engine(epoll_engine)          \
  engine(io_uring_engine)       \
  engine(asio_engine)           \
  engine(delay_engine)
// clang-format on

#define DECLARE(engine) extern const Engine engine;
CONTEND_ENGINES(DECLARE)
#undef DECLARE

std::span<const Engine> engines() {
#define LIST(engine) engine,
  static const std::vector<Engine> all{CONTEND_ENGINES(LIST)};
#undef LIST
  return all;
}

const Engine& find_engine(std::string_view name) {
  const auto found = std::ranges::find(engines(), name, &Engine::name);
  if (found != engines().end()) return *found;
  std::vector<std::string_view> known;
  for (const Engine& engine : engines()) known.push_back(engine.name);
  throw std::invalid_argument(
      fmt::format("no engine '{}'; there are {}", name, fmt::join(known, ", ")));
}

const Engine& load_engine() {
  for (const std::string_view name : {"io_uring", "epoll"}) {
    const Engine& engine = find_engine(name);
    if (engine.unavailable == nullptr || engine.unavailable() == nullptr) return engine;
  }
  throw std::runtime_error("no engine that could drive the load runs on this machine");
}

}  // namespace contend
