// For tests of the formats: sources without files, and names with anything in them.
#pragma once

#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "harness/ab/ab_testing.hpp"
#include "harness/base/random.hpp"
#include "harness/export/format.hpp"

namespace contend::testing {

inline exports::Source source_of(Result result) {
  return {.where = "result.json", .content = std::move(result)};
}
inline exports::Source source_of(ab::AbResult result) {
  return {.where = "ab.json", .content = std::move(result)};
}

/// What the format makes of it.
inline std::string exported(std::string_view format, const exports::Source& source,
                            const exports::Choices& choices = {}) {
  return exports::find_format(format).write({&source, 1}, choices).front();
}

/// A result whose cell `echo/one/4` has four good samples.
inline Result measured() {
  Result result = some_result();
  const Cell cell = some_cells().front();
  result.samples.clear();
  for (unsigned round = 0; round < 4; ++round) {
    Sample sample = some_sample(cell, 3 - round);
    sample.operations = 100 + round;
    sample.metrics = {{"throughput_per_s", 1000.0 * (round + 1)},
                      {"cpu_ns_per_operation", 50.0 + round},
                      {"latency_p50_ns", 4000.0},
                      {"engine_cpu_share", 0.5}};
    result.samples.push_back(sample);
  }
  result.cells = aggregate({cell}, result.samples);
  return result;
}

/// UTF-8 that is markup in one format or another; up to some hundred characters, never empty.
inline std::string hostile_text(std::mt19937_64& generator) {
  static const std::vector<std::string> parts{"<",
                                              ">",
                                              "&",
                                              "&amp;",
                                              "\"",
                                              "'",
                                              "`",
                                              "|",
                                              "\\",
                                              "\\|",
                                              "\n",
                                              "\r\n",
                                              "\r",
                                              "\t",
                                              " ",
                                              "  ",
                                              ",",
                                              ";",
                                              "=",
                                              "{",
                                              "}",
                                              "[x](y)",
                                              "![i](j)",
                                              "*bold*",
                                              "**",
                                              "__init__",
                                              "~~gone~~",
                                              "# one",
                                              "- two",
                                              "1. three",
                                              "http://a.example/",
                                              "www.a.example",
                                              "a@b.example",
                                              "@someone",
                                              "#12",
                                              "<script>alert(1)</script>",
                                              "]]>",
                                              "<!--",
                                              "--",
                                              "%",
                                              "$x$",
                                              ":+1:",
                                              "---",
                                              "...",
                                              ": ",
                                              "? ",
                                              "\x01",
                                              "\x1f",
                                              "\x7f",
                                              std::string(1, '\0'),
                                              "\u0085",
                                              "\u00a0",
                                              "\u2028",
                                              "\ufeff",
                                              "\ufffe",
                                              "\uffff",
                                              "\u00fc",
                                              "\u4e2d\u6587",
                                              "\U0001f600",
                                              "\U0001fffe",
                                              "e\u0301",
                                              "word",
                                              "0x1",
                                              "null",
                                              "True",
                                              "1e5",
                                              "%{NAME}",
                                              "{{x}}",
                                              "=1+1"};
  std::string text;
  const std::uint64_t longest = uniform_below(generator, 10) == 0 ? 80 : 6;
  for (std::uint64_t left = 1 + uniform_below(generator, longest); left > 0; --left)
    text += parts[uniform_below(generator, parts.size())];
  return text;
}

/// A comparison in which all that comes from outside is hostile.
inline ab::AbResult hostile_comparison(std::uint64_t seed, std::size_t cells = 12) {
  std::mt19937_64 generator(seed);
  const auto text = [&] { return hostile_text(generator); };
  ab::AbResult result = some_ab_result();
  const ab::ComparedCell cell = result.cells.front();
  const ab::Comparison comparison = result.comparisons.front();
  result.base.name = text();
  result.head.name = text();
  result.cells.clear();
  result.comparisons.clear();
  for (std::size_t i = 0; i < cells; ++i) {
    result.cells.push_back(cell);
    ab::ComparedCell& named = result.cells.back();
    named.id = std::to_string(i) + text();  // no two of them are the same
    named.engine = text();
    named.workload = text();
    named.variant = text();
    named.reason = text();
    for (std::size_t j = 0; j < 3; ++j) {
      result.comparisons.push_back(comparison);
      ab::Comparison& one = result.comparisons.back();
      one.cell = named.id;
      one.metric = std::to_string(j) + text();
      one.verdict = ab::all_verdicts[uniform_below(generator, std::size(ab::all_verdicts))];
      if (uniform_below(generator, 2) == 0) one.reason = text();
      if (uniform_below(generator, 8) == 0) one.ratio.reset();
    }
  }
  return result;
}

}  // namespace contend::testing
