// Cases that are not as those of cases.cpp are, for the tests of `contend ab --instructions`: one
// costs twice as much, one is another each time, one fails, one is new. Linked in place of
// cases.cpp. Not part of contend.
#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

#include "harness/baselines/cases.hpp"
#include "workloads/count.hpp"
#include "workloads/fib.hpp"

namespace contend {
namespace {

std::function<void()> as_it_was() {
  return [] {
    if (fib(26) != fib_by_adding(26)) throw std::runtime_error("fib: wrong");
  };
}

std::function<void()> twice_as_much() {
  return [] { count(2'000'000); };
}

/// No two processes that live one after the other have the same number.
std::function<void()> other_each_time() {
  return [] { count(1'000'000 + static_cast<std::uint64_t>(getpid())); };
}

std::function<void()> fails() {
  return [] { throw std::runtime_error("histogram: 3 in place of 4"); };
}

constexpr CountedCase all_cases[] = {
    {"fib", "as it was", as_it_was},
    {"counter", "twice as much", twice_as_much},
    {"http_parser", "another each time", other_each_time},
    {"histogram", "fails", fails},
    {"only_here", "new", twice_as_much},
};

}  // namespace

std::span<const CountedCase> counted_cases() {
  return all_cases;
}

const CountedCase& find_case(std::string_view name) {
  for (const CountedCase& one : all_cases)
    if (one.name == name) return one;
  throw std::invalid_argument(fmt::format("no case '{}'", name));
}

}  // namespace contend
