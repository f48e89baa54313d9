// A libFuzzer target: the command line is parsed whatever its words are, one a line, and nothing of
// what it asks for is done. The words are also read as the texts that options take. See
// workloads/http/server_fuzz.cpp for how to run it.
#include <string>
#include <vector>

#include "engines/net.hpp"
#include "harness/base/time.hpp"
#include "harness/cli.hpp"
#include "harness/export/format.hpp"
#include "harness/load/request/target.hpp"
#include "harness/load/schedule/stages.hpp"
#include "harness/load/search/sweep.hpp"
#include "harness/testing/fuzzing.hpp"
#include "workloads/workload.hpp"

// The one thing that parsing calls and that is not linked (cmake/fuzzers.cmake): the help of
// `contend export` lists what there is.
std::span<const contend::exports::Format> contend::exports::formats() {
  return {};
}

namespace {

using namespace contend;

/// The readers of what options hold; each refuses by std::invalid_argument.
void read_as_values(const std::string& word) {
  fuzzing::accepted([&] { return load::Target::parse(word); });
  fuzzing::accepted([&] { return parse_time(word); });
  fuzzing::accepted([&] { return load::parse_ramp(word); });
  fuzzing::accepted([&] { return load::parse_sweep(word); });
  fuzzing::accepted([&] { return Endpoint::parse(word); });
  fuzzing::accepted([&] { return Parameters::parse(std::vector{word}); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> words{"contend"};
  std::string_view text = fuzzing::text_of(data, size);
  while (!text.empty()) {
    words.emplace_back(text.substr(0, text.find_first_of(std::string_view("\n\0", 2))));
    text.remove_prefix(std::min(words.back().size() + 1, text.size()));
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  parse(static_cast<int>(words.size()), argv.data());
  for (const std::string& word : words) read_as_values(word);
  return 0;
}
