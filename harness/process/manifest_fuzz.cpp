// A libFuzzer target: the reader of manifests of outside engines refuses or accepts any bytes. The
// first line is the name of the manifest's folder. See workloads/http/server_fuzz.cpp for how to
// run it.
#include <algorithm>
#include <cctype>

#include "harness/base/json.hpp"
#include "harness/process/manifest.hpp"
#include "harness/testing/fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const std::string_view text = fuzzing::text_of(data, size);
  const std::string_view name = text.substr(0, text.find('\n'));
  const std::string_view manifest = text.substr(std::min(name.size() + 1, text.size()));
  const auto engine = fuzzing::accepted([&] {
    return parse_manifest(parse_json(manifest, "manifest.json"),
                          std::filesystem::path("nowhere") / name);
  });
  if (!engine) return 0;
  fuzzing::require(!engine->name.empty() && std::ranges::all_of(engine->name,
                                                                [](unsigned char c) {
                                                                  return std::islower(c) != 0 ||
                                                                         std::isdigit(c) != 0 ||
                                                                         c == '-' || c == '_';
                                                                }),
                   "the name of an engine is not of a-z, 0-9, - and _");
  fuzzing::require(!engine->roles.empty() && !engine->played.empty(), "an engine plays nothing");
  fuzzing::require(
      std::ranges::none_of(engine->command,
                           [](const std::string& word) { return word.find('\0') != word.npos; }) &&
          !engine->command.empty(),
      "a command can't be executed");
  return 0;
}
