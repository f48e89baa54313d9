// contend-cases: work whose instructions can be counted, one case a process. Under callgrind only
// what the case does counts, neither its preparations nor the program's start. Without it, it tells
// nothing but that the results are right. For `contend ab --instructions`. Try it:
//   build/release/contend-cases list
//   valgrind --tool=callgrind --instr-atstart=no build/release/contend-cases fib
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "engines/exit_codes.hpp"
#include "harness/baselines/cases.hpp"
#include "workloads/json_text.hpp"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION static_cast<void>(0)
#define CALLGRIND_STOP_INSTRUMENTATION static_cast<void>(0)
#define CONTEND_LACKS_CALLGRIND
#endif

namespace contend {
namespace {

using nlohmann::json;

#ifdef CONTEND_LACKS_CALLGRIND
constexpr bool can_be_counted = false;
#else
constexpr bool can_be_counted = true;
#endif

void list() {
  json cases = json::array();
  for (const CountedCase& one : counted_cases())
    cases.push_back({{"name", one.name}, {"summary", one.summary}});
  std::cout << json_text(json{{"cases", cases}, {"can_be_counted", can_be_counted}}) << std::endl;
}

void run(std::string_view name) {
  const std::function<void()> work = find_case(name).prepare();
  // Once before it counts, so that what is done at the first call only, such as finding a library's
  // function, does not count.
  work();
  CALLGRIND_START_INSTRUMENTATION;
  work();
  CALLGRIND_STOP_INSTRUMENTATION;
  std::cout << json_text(json{{"done", name}}) << std::endl;
}

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::invalid_argument("usage: contend-cases list, or contend-cases NAME");
    const std::string_view word = argv[1];
    if (word == "list")
      contend::list();
    else
      contend::run(word);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::cerr << "contend-cases: " << error.what() << '\n';
    return contend::exit_wrong_use;
  } catch (const std::exception& error) {
    std::cerr << "contend-cases: " << error.what() << '\n';
    return contend::exit_failed;
  }
}
